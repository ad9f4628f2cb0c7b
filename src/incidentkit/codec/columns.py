"""The index columns of each kind: what `find` may filter and order by, and how a value fills them.

Columns are never null: missing text is empty, a missing instant is 0. Changing the columns of a
kind is a migration of every store, so they are few, and declared in one place.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from incidentkit.model.words import ClockState, Moment, State
from incidentkit.ports.rows import Column, ColumnType, Scalar
from incidentkit.rules.wake import wakes_at
from incidentkit.timing.instants import to_micros

if TYPE_CHECKING:
    from incidentkit.model.admission import Admission, Readings
    from incidentkit.model.adoption import Adoption, Seal
    from incidentkit.model.alert import AlertRecord, Capture, ChangeRecord, Heartbeat
    from incidentkit.model.delivery import Delivery
    from incidentkit.model.dossier import Dossier
    from incidentkit.model.hosting import Ticket
    from incidentkit.model.incident import Incident
    from incidentkit.model.labels import Label
    from incidentkit.model.last_good import LastGood
    from incidentkit.model.maintenance import Maintenance
    from incidentkit.model.problem import Problem
    from incidentkit.model.report import Report
    from incidentkit.model.review import Review
    from incidentkit.model.silence import Silence
    from incidentkit.model.suppressions import Suppressions

_MICROSECOND = timedelta(microseconds=1)
_SHORT = {
    "BOOL": ColumnType.BOOL,
    "INSTANT": ColumnType.INSTANT,
    "INT": ColumnType.INT64,
    "TEXT": ColumnType.TEXT,
}

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
    "team category major outcome court due_at:INSTANT resolved_at:INSTANT "
    "declared_at:INSTANT wakes_at:INSTANT private:BOOL level:INT compartments changed_at:INSTANT"
)
_TICKING = frozenset((ClockState.RUNNING, ClockState.PAUSED))


def _due(value: Incident) -> int:
    """The earliest instant at which a clock that still ticks is due; 0 where none does."""
    due = [x.due_at for x in value.clocks if x.state in _TICKING and x.due_at is not None]
    return to_micros(min(due)) if due else 0


INCIDENT_SHORTLIST = (
    "active",
    "candidate",
    "response",
    "priority",
    "state",
    "court",
    "major",
    "assignee",
    "owner",
    "team",
    "due_at",
    "declared_at",
)
"""What an overview asks of the incidents that are not over."""


def _court(value: Incident) -> str:
    """In whose court the ball is while it is on hold."""
    holds = value.course.holds
    return holds[-1].court if holds and value.life.state is State.ON_HOLD else ""


def incident(value: Incident, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of an incident.

    It counts as declared when it was, else when it was reported, else, as a candidate that nobody
    reported, since it stands where it stands. `wakes_at` is when it must be looked at again by
    itself; an imported case is asleep and has none.
    """
    life, people, moments = value.life, value.people, value.course.moments
    return (
        value.ref,
        _word(life.state),
        value.active,
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
        _court(value),
        _due(value) if value.clocks else 0,
        _instant(moments.get(Moment.RESOLVED)),
        to_micros(moments.get(Moment.DECLARED) or moments.get(Moment.REPORTED) or life.since),
        0 if value.more is not None and value.more.replayed else _instant(wakes_at(value)),
        *((False, 0, "") if value.more is None else _access(value.more)),
        changed_at,
    )


def _access(more: Dossier) -> tuple[Scalar, ...]:
    """Whether it is private, the rank of its level, and its compartments in their order."""
    label = more.scope.label
    closed = more.overlays.privacy is not None
    return (closed, 0, "") if label is None else (closed, label.level.rank, inside(label))


def inside(label: Label) -> str:
    """The compartments of a label as one text."""
    return ",".join(label.compartments)


PROBLEM = declared(
    "ref state service owner category origin team priority known_error:BOOL "
    "wakes_at:INSTANT changed_at:INSTANT"
)


def problem(value: Problem, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of a problem; `known_error` while one is published."""
    from incidentkit.rules import problem_lifecycle

    return (
        value.ref,
        _word(value.state),
        value.service or "",
        value.owner or "",
        value.category,
        value.origin,
        value.team or "",
        _word(value.rating.priority),
        value.published,
        _instant(problem_lifecycle.wakes_at(value)),
        changed_at,
    )


ALERT = declared("source status severity service incident held changed_at:INSTANT")


def alert(value: AlertRecord, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of an alert."""
    sent = value.alert
    return (
        sent.source,
        _word(sent.status),
        _word(sent.severity),
        sent.service or "",
        value.incident or "",
        value.held_by,
        changed_at,
    )


DELIVERY = declared("subject party channel state changed_at:INSTANT")


def delivery(value: Delivery, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of a delivery."""
    return value.subject, value.party, value.channel, _word(value.state), changed_at


REPORT = declared("ref incident reporter state changed_at:INSTANT")


def report(value: Report, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of a report; its reporter is whoever is told."""
    return value.ref, value.incident, value.hears, _word(value.state), changed_at


CAPTURE = declared("source changed_at:INSTANT")


def capture(value: Capture, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of a capture."""
    return value.source, changed_at


CHANGE = declared("service changed_at:INSTANT")


def change(value: ChangeRecord, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of a change."""
    return value.change.service or "", changed_at


HEARTBEAT = declared("silent:BOOL wakes_at:INSTANT changed_at:INSTANT")


def heartbeat(value: Heartbeat, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of a heartbeat; a sign of life moves its timer, not this."""
    wakes = 0 if value.silent else to_micros(value.last_at) + value.beat.every // _MICROSECOND
    return value.silent, wakes, changed_at


REVIEW = declared(
    "ref state incident owner open_items:BOOL due_at:INSTANT wakes_at:INSTANT changed_at:INSTANT"
)


def review(value: Review, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of a review; `open_items` says whether a follow-up is still to be done."""
    from incidentkit.rules import review_evolve

    clock = value.clock
    ticking = clock is not None and clock.state in _TICKING
    return (
        value.ref,
        _word(value.state),
        value.incident,
        value.owner or "",
        any(each.state == "open" for each in value.follow_ups),
        _instant(clock.due_at) if ticking and clock is not None else 0,
        _instant(review_evolve.wakes_at(value)),
        changed_at,
    )


ALONE = declared("changed_at:INSTANT")


def alone(_: Adoption | LastGood | Seal | Suppressions, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of a record that is only ever met by its id."""
    return (changed_at,)


MAINTENANCE = declared(
    "ref state over:BOOL priority owner team starts_at:INSTANT ends_at:INSTANT wakes_at:INSTANT "
    "changed_at:INSTANT"
)
_OVER = frozenset(("completed", "rolled_back", "cancelled"))


def maintenance(value: Maintenance, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of planned work; its window is the one in force."""
    from incidentkit.rules import maintain_evolve

    card = value.card
    return (
        value.ref,
        _word(value.state),
        value.state in _OVER,
        card.priority,
        card.owner or "",
        card.team or "",
        to_micros(value.start),
        to_micros(value.end),
        _instant(maintain_evolve.wakes_at(value)),
        changed_at,
    )


SILENCE = declared("ref state owner until:INSTANT wakes_at:INSTANT changed_at:INSTANT")


def silence(value: Silence, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of a silence."""
    from incidentkit.rules.silence import wakes_at as ends_at

    wakes = _instant(ends_at(value))
    return value.ref, _word(value.state), value.owner, to_micros(value.until), wakes, changed_at


ADMISSION = declared("party incident changed_at:INSTANT")


def admission(value: Admission, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of an admission."""
    return value.party, value.incident, changed_at


READINGS = declared("subject changed_at:INSTANT")


def readings(value: Readings, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of the journal of who read a record."""
    return value.subject, changed_at


TICKET = declared("system key mode incident detached:BOOL changed_at:INSTANT")


def ticket(value: Ticket, changed_at: int) -> tuple[Scalar, ...]:
    """The columns of a host's ticket."""
    mode = _word(value.mode)
    return value.system, value.key, mode, value.incident, value.detached, changed_at
