"""Whether an audience hears of planned work early enough, and why.

A lead time is elapsed time: how long before the window an audience wants to know of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.maintenance_changes import LeadTimeShort
from incidentkit.model.reason import Plain, Reason
from incidentkit.rules.communicate import Audience
from incidentkit.timing.terms import Term, parse_span

RULE = "maintain.lead_time"
VERSION = 1
SHORT, IN_TIME = "short", "in time"


def short_notice(
    start: datetime, at: datetime, audiences: Iterable[Audience], policy: str = ""
) -> tuple[tuple[LeadTimeShort, Reason], ...]:
    """The audiences that would hear too late if they were told at `at` of a window at `start`.

    Ask it of a plan before it is made; a desk asks it of every plan and writes down what it finds.
    """
    found: list[tuple[LeadTimeShort, Reason]] = []
    for audience in audiences:
        inputs: FrozenMap[str, Plain] = FrozenMap(
            {
                "audience": audience.name,
                "lead_time": str(Term(audience.lead_time)),
                "at": at.isoformat(),
                "start": start.isoformat(),
            }
        )
        outcome = judge(inputs)
        if outcome == SHORT:
            left = max(start - at, timedelta())
            event = LeadTimeShort(audience.name, audience.lead_time, left)
            found.append((event, Reason(RULE, VERSION, inputs, outcome, policy)))
    return tuple(found)


def judge(inputs: Mapping[str, Plain]) -> str:
    """`short` or `in time`, drawn from plain inputs."""
    text = str(inputs["lead_time"])
    owed = parse_span(text) if text else timedelta()
    start, at = (datetime.fromisoformat(str(inputs[key])) for key in ("start", "at"))
    return SHORT if owed and start - at < owed else IN_TIME
