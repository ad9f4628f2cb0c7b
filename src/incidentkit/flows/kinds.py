"""The kinds of record, each name typed by what it decodes to.

A flow names a kind, never a row or a class of the codec; the names are stored and kept for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from incidentkit.flows.effects import Kind

if TYPE_CHECKING:
    from incidentkit.model.admission import Admission, Readings
    from incidentkit.model.adoption import Adoption, Seal
    from incidentkit.model.alert import AlertRecord, Capture, ChangeRecord, Heartbeat
    from incidentkit.model.delivery import Delivery
    from incidentkit.model.hosting import Ticket
    from incidentkit.model.incident import Incident
    from incidentkit.model.last_good import LastGood
    from incidentkit.model.maintenance import Maintenance
    from incidentkit.model.problem import Problem
    from incidentkit.model.report import Report
    from incidentkit.model.review import Review
    from incidentkit.model.silence import Silence
    from incidentkit.model.suppressions import Suppressions

Record: TypeAlias = "Incident | Problem | Maintenance | Silence | Review | Report"
"""What has a reference of its own and is read by it."""

INCIDENT: Final[Kind[Incident]] = Kind("incident")
PROBLEM: Final[Kind[Problem]] = Kind("problem")
ALERT: Final[Kind[AlertRecord]] = Kind("alert")
CAPTURE: Final[Kind[Capture]] = Kind("capture")
CHANGE: Final[Kind[ChangeRecord]] = Kind("change")
HEARTBEAT: Final[Kind[Heartbeat]] = Kind("heartbeat")
DELIVERY: Final[Kind[Delivery]] = Kind("delivery")
ADOPTION: Final[Kind[Adoption]] = Kind("adoption")
SEAL: Final[Kind[Seal]] = Kind("seal")
MAINTENANCE: Final[Kind[Maintenance]] = Kind("maintenance")
SILENCE: Final[Kind[Silence]] = Kind("silence")
SUPPRESSIONS: Final[Kind[Suppressions]] = Kind("suppressions")
REVIEW: Final[Kind[Review]] = Kind("review")
REPORT: Final[Kind[Report]] = Kind("report")
ADMISSION: Final[Kind[Admission]] = Kind("admission")
READINGS: Final[Kind[Readings]] = Kind("readings")
TICKET: Final[Kind[Ticket]] = Kind("ticket")
LAST_GOOD: Final[Kind[LastGood]] = Kind("last_good")

BY_NAME: Final[dict[str, Kind[Any]]] = {
    "incident": INCIDENT,
    "problem": PROBLEM,
    "maintenance": MAINTENANCE,
    "silence": SILENCE,
    "review": REVIEW,
    "report": REPORT,
}
"""The kinds that have a reference of their own and are read by it."""


SUPPRESSIONS_KEY: Final = ("alert", "\x1fsuppressions", "suppressions")
"""The space, key and owner that exist while anything may hold alerts back in a tenant."""


def kind_of(record: object) -> str:
    """The kind of a record that has a reference of its own: its class in lower case."""
    return type(record).__name__.lower()
