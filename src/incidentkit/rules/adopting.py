"""A ticket in mid-life becomes an incident: its past is told as it was, and wakes nobody.

Its instants and waits are its own, so clocks run as if they had been running all along. What became
due in the past was due then and is written down; only what lies ahead will ring. A ticket that was
opened a moment ago has no past: it is declared like any other incident.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.model import incident_events as e
from incidentkit.model.checks import member
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.history import End, HistoryRow, Opening, Standing
from incidentkit.model.hosting import NO_FIELDS, Fields, TicketMove, TicketNote
from incidentkit.model.hosting_changes import TicketAdopted
from incidentkit.model.incident import Card, Incident
from incidentkit.model.journal import Recorded
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.signals import NO_TEXTS, Texts
from incidentkit.model.words import ACTIVE, Mode, Moment, Priority, Response, State
from incidentkit.rules.evolve import birth, evolve
from incidentkit.rules.importing import SYSTEM, Importing, Told, conclude, handed, moved, rated
from incidentkit.timing.instants import parse_instant

RULE = "hosting.past"
VERSION = 1
_ENDED = frozenset((State.RESOLVED, State.CLOSED))
_TITLE = 1_000


@attrs.frozen
class Taken:
    """A ticket as its host hands it over.

    `fields` are ours, by name; `moves` the states it has been in, in order; `by` whoever acts for
    the host. `drawn`: the priority is the library's to draw, whatever the ticket says. Instants
    that are None are not known.
    """

    system: str
    key: str
    ref: str
    by: str
    opened_at: datetime
    fields: Fields = NO_FIELDS
    labels: Texts = NO_TEXTS
    reporter: str | None = None
    moves: tuple[TicketMove, ...] = ()
    notes: tuple[TicketNote, ...] = ()
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    responded_at: datetime | None = None
    version: int = 0
    drawn: bool = False


def past(taken: Taken, at: datetime, fresh_for: timedelta, policy: str = "") -> Reason:
    """Whether the ticket has a past that must wake nobody; the outcome says `live` or `silent`."""
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "opened_at": taken.opened_at.isoformat(),
            "at": at.isoformat(),
            "fresh_for": fresh_for // timedelta(microseconds=1),
            "acknowledged": taken.acknowledged_at is not None,
            "moves": len(taken.moves),
        }
    )
    return Reason(RULE, VERSION, inputs, judge(inputs), policy)


def judge(inputs: Mapping[str, Plain]) -> str:
    """`live` or `silent`, drawn from plain inputs."""
    age = parse_instant(str(inputs["at"])) - parse_instant(str(inputs["opened_at"]))
    limit = inputs["fresh_for"]
    fresh = isinstance(limit, int) and age <= timedelta(microseconds=limit)
    return "live" if fresh and not inputs["acknowledged"] and not inputs["moves"] else "silent"


def begun(
    id_: str, taken: Taken, importing: Importing, at: datetime, lease: timedelta, *, live: bool
) -> tuple[Incident, list[Recorded]]:
    """The incident of a ticket as it stands now, and the entries that made it so.

    The clocks of one that is `live` are left to whoever concludes what follows from it.
    """
    fields = taken.fields
    card = Card(
        fields.get("title") or taken.key,
        fields.get("summary", ""),
        fields.get("service") or None,
        taken.labels,
        taken.system,
        taken.reporter,
        fields.get("category", ""),
    )
    born = e.Declared(id_, taken.ref, card, False)
    opener = taken.reporter or taken.by
    recorded = [Recorded(taken.opened_at, opener, born)]
    told = Told(birth(born, taken.opened_at), row_of(taken, taken.opened_at, opener), recorded)
    stated = {x: y for x, y in fields.items() if not (taken.drawn and x == "priority")}
    row = row_of(taken, taken.opened_at, opener, stated)
    rated(told, row, importing, True)
    handed(told, row)
    if live:
        return told.incident, recorded
    _concluded(told, taken.opened_at, importing)
    for when, what in _told_in_order(taken):
        told.at = when
        _concluded(told, when, importing)
        _step(told, what, taken, importing, at, lease)
        _concluded(told, when, importing)
    _concluded(told, at, importing)
    return told.incident, recorded


def joined(
    incident: Incident,
    taken: Taken,
    mode: Mode,
    reason: Reason,
    at: datetime,
    *,
    again: bool = False,
) -> tuple[Incident, list[Recorded]]:
    """The incident as the ticket's, and quiet about its past; the entries that say so."""
    live = reason.outcome == "live"
    recorded: list[Recorded] = []
    stated = FrozenMap({x: y for x, y in taken.fields.items() if y})
    said = TicketAdopted(taken.system, taken.key, mode, stated, taken.version, live, again)
    incident = evolve(incident, said, at, taken.by)
    recorded.append(Recorded(at, taken.by, said, reason))
    waits = incident.life.response in (Response.UNACKNOWLEDGED, Response.LAPSED)
    if not live and waits and incident.life.state in ACTIVE:
        # The ladder of a past that nobody here answered is at its end; a new one may begin.
        quiet = e.PagingPlanned(1, None)
        incident = evolve(incident, quiet, at, SYSTEM)
        recorded.append(Recorded(at, SYSTEM, quiet, reason))
    return incident, recorded


def row_of(
    taken: Taken, at: datetime, by: str, fields: Mapping[str, str] = NO_FIELDS
) -> HistoryRow:
    """The ticket at an instant as an import would have read it."""
    opening = Opening(taken.opened_at, by)
    said = {x: y for x, y in fields.items() if y and x not in ("title", "service", "category")}
    return HistoryRow(taken.system, taken.key, 1, at, by, opening, None, said)


def standing_of(move: TicketMove) -> Standing:
    """The state of a move in our words. Raises InvalidValue for a word that is none of ours."""
    state = member(State, "state", move.state)
    if state is State.ON_HOLD and not move.reason:
        raise InvalidValue("state", "on_hold needs the reason that is waited for")
    return Standing(move.word or state.value, state, move.reason, move.court or move.reason)


def move_to(told: Told, move: TicketMove, importing: Importing, taken: Taken) -> None:
    """Let the incident stand where the ticket does, by the table or as a move outside of it."""
    standing = standing_of(move)
    row = row_of(taken, told.at, told.by)
    if standing.state in _ENDED:
        row = attrs.evolve(row, end=End(move.code))
    moved(told, standing, row, importing)


class _Acknowledged:
    """Somebody took it on."""


class _Responded:
    """Somebody answered first."""


def _told_in_order(taken: Taken) -> list[tuple[datetime, object]]:
    """All that happened to the ticket, each at its instant; what came together as it was given."""
    steps: list[tuple[datetime, object]] = [(x.at, x) for x in taken.moves]
    steps += [(x.at or taken.opened_at, x) for x in taken.notes]
    if taken.responded_at is not None:
        steps.append((taken.responded_at, _Responded()))
    if taken.acknowledged_at is not None:
        steps.append((taken.acknowledged_at, _Acknowledged()))
    return sorted(steps, key=lambda each: each[0])


def _step(
    told: Told,
    what: object,
    taken: Taken,
    importing: Importing,
    at: datetime,
    lease: timedelta,
) -> None:
    if isinstance(what, TicketMove):
        told.by = what.by or taken.by
        move_to(told, what, importing, taken)
    elif isinstance(what, TicketNote):
        told.happened(e.Noted(what.text), what.by)
    elif isinstance(what, _Responded):
        said = e.MomentCorrected(Moment.RESPONDED, None, told.at, "as the ticket states it")
        told.happened(said, taken.by)
    elif told.incident.life.state in ACTIVE:
        holder = taken.acknowledged_by or told.incident.people.assignee or taken.by
        told.happened(e.Acknowledged(holder, at + lease), holder)


def _concluded(told: Told, at: datetime, importing: Importing) -> None:
    told.incident, said = conclude(told.incident, at, importing)
    told.recorded += said


def checked(fields: Mapping[str, str]) -> None:
    """Refuse a priority or a state that is none. Raises InvalidValue."""
    if fields.get("priority"):
        _ = member(Priority, "priority", fields["priority"])
    if fields.get("state"):
        _ = member(State, "state", fields["state"])
