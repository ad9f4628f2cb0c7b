"""The index columns of each kind: what `find` may filter and order by, and how a value fills them.

Columns are never null: missing text is empty, a missing instant is 0. Changing the columns of a
kind is a migration of every store, so they are few, and declared in one place.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from incidentkit.model.words import ACTIVE, ClockState, Moment
from incidentkit.ports.rows import Column, ColumnType, Scalar
from incidentkit.timing.instants import to_micros

if TYPE_CHECKING:
    from incidentkit.model.adoption import Adoption, Seal
    from incidentkit.model.alert import AlertRecord, Capture, ChangeRecord, Heartbeat
    from incidentkit.model.delivery import Delivery
    from incidentkit.model.incident import Incident
    from incidentkit.model.problem import Problem
    from incidentkit.model.review import Review

_SHORT = {"BOOL": ColumnType.BOOL, "INSTANT": ColumnType.INSTANT, "TEXT": ColumnType.TEXT}

# Members of a StrEnum are text to Python but not to every database driver. `str.__str__` gives the
# word itself, without the detour through the enum's `value`.
_word = str.__str__


def declared(text: str) -> tuple[Column, ...]:
    """Columns from a line of names; `name:TYPE` where it is not text."""
    found: list[Column] = []
    for each in text.split():
        name, _, type_ = each.partition(":")
        found.append(Column(name, _SHORT[type_ or "TEXT"]))
    return tuple(found)


def _instant(value: datetime | None) -> int:
    return 0 if value is None else to_micros(value)


INCIDENT = declared(
    "ref state active:BOOL priority service assignee owner response candidate:BOOL "
    "team category major outcome due_at:INSTANT resolved_at:INSTANT "
    "declared_at:INSTANT changed_at:INSTANT"
)
_TICKING = frozenset((ClockState.RUNNING, ClockState.PAUSED))


def _due(value: Incident) -> int:
    """The earliest instant at which a clock that still ticks is due; 0 where none does."""
    due = [x.due_at for x in value.clocks if x.state in _TICKING and x.due_at is not None]
    return to_micros(min(due)) if due else 0


def incident(value: Incident, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of an incident. It counts as declared when it was, else when it was reported."""
    life, people, moments = value.life, value.people, value.course.moments
    return (
        value.ref,
        _word(life.state),
        life.state in ACTIVE,
        _word(value.rating.priority),
        value.card.service or "",
        people.assignee or "",
        people.owner or "",
        _word(life.response),
        life.candidate,
        people.team or "",
        value.card.category,
        _word(value.dossier.overlays.major),
        _word(value.course.outcome),
        _due(value) if value.clocks else 0,
        _instant(moments.get(Moment.RESOLVED)),
        _instant(moments.get(Moment.DECLARED) or moments.get(Moment.REPORTED)),
        changed_at,
    )


PROBLEM = declared("ref state service owner changed_at:INSTANT")


def problem(value: Problem, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of a problem."""
    return value.ref, _word(value.state), value.service or "", value.owner or "", changed_at


ALERT = declared("source status severity service incident changed_at:INSTANT")


def alert(value: AlertRecord, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of an alert."""
    sent = value.alert
    return (
        sent.source,
        _word(sent.status),
        _word(sent.severity),
        sent.service or "",
        value.incident or "",
        changed_at,
    )


DELIVERY = declared("subject party channel state changed_at:INSTANT")


def delivery(value: Delivery, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of a delivery."""
    return value.subject, value.party, value.channel, _word(value.state), changed_at


CAPTURE = declared("source changed_at:INSTANT")


def capture(value: Capture, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of a capture."""
    return value.source, changed_at


CHANGE = declared("service changed_at:INSTANT")


def change(value: ChangeRecord, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of a change."""
    return value.change.service or "", changed_at


HEARTBEAT = declared("silent:BOOL changed_at:INSTANT")


def heartbeat(value: Heartbeat, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of a heartbeat."""
    return value.silent, changed_at


REVIEW = declared("ref state incident owner open_items:BOOL due_at:INSTANT changed_at:INSTANT")


def review(value: Review, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of a review; `open_items` says whether a follow-up is still to be done."""
    clock = value.clock
    ticking = clock is not None and clock.state in _TICKING
    return (
        value.ref,
        _word(value.state),
        value.incident,
        value.owner or "",
        any(each.state == "open" for each in value.follow_ups),
        _instant(clock.due_at) if ticking and clock is not None else 0,
        changed_at,
    )


ALONE = declared("changed_at:INSTANT")


def alone(_: Adoption | Seal, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of a record that a tenant has one of."""
    return (changed_at,)
