"""What each event makes of planned work, when it looks again by itself, and what it holds back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from incidentkit.ids import MaintenanceId
from incidentkit.model import maintenance_changes as m
from incidentkit.model import record_events as r
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.maintenance import STARTED, Maintenance
from incidentkit.model.reaction_commands import Mirror
from incidentkit.model.suppressions import Holder
from incidentkit.model.words import MaintenanceState as S
from incidentkit.rules.table import Elsewhere
from incidentkit.timing.intervals import Interval

Change: TypeAlias = Callable[[Maintenance, Any, datetime], dict[str, Any]]


def birth(planned: m.MaintenancePlanned, at: datetime) -> Maintenance:
    """The work that was planned, at version 1."""
    id_ = MaintenanceId(planned.id)
    reached = FrozenMap({S.PLANNED: at})
    return Maintenance(
        id_, planned.ref, 1, planned.card, S.PLANNED, at, planned.start, planned.end, (), reached
    )


def _to(work: Maintenance, state: S, at: datetime, as_of: datetime | None = None) -> dict[str, Any]:
    return {"state": state, "since": at, "reached": work.reached.with_(state, as_of or at)}


def _back(work: Maintenance, at: datetime) -> dict[str, Any]:
    """Planned again: nobody has approved it, though audiences may have heard of it."""
    kept: dict[S, datetime] = {S.PLANNED: at}
    if S.ANNOUNCED in work.reached:
        kept[S.ANNOUNCED] = work.reached[S.ANNOUNCED]
    reached = FrozenMap(kept)
    return {"state": S.PLANNED, "since": at, "approvals": (), "reached": reached}


def _approved(work: Maintenance, event: m.MaintenanceApproved, at: datetime) -> dict[str, Any]:
    more = _to(work, S.APPROVED, at) if event.complete else {}
    return {"approvals": (*work.approvals, event.approver), **more}


def _announced(work: Maintenance, _: m.MaintenanceAnnounced, at: datetime) -> dict[str, Any]:
    return _to(work, S.ANNOUNCED, at)


def _started(work: Maintenance, event: m.MaintenanceStarted, at: datetime) -> dict[str, Any]:
    watch = {"ask_at": event.ask_at, "watch_until": work.end}
    return {**_to(work, S.IN_PROGRESS, at, event.started_at), **watch}


def _verifying(work: Maintenance, _: m.MaintenanceVerifying, at: datetime) -> dict[str, Any]:
    return _to(work, S.VERIFYING, at)


def _rescheduled(_w: Maintenance, event: m.MaintenanceRescheduled, at: datetime) -> dict[str, Any]:
    return {**_back(_w, at), "start": event.start, "end": event.end}


def _extended(work: Maintenance, event: m.MaintenanceExtended, at: datetime) -> dict[str, Any]:
    return {
        "end": event.end,
        "ask_at": event.ask_at,
        "watch_until": event.end,
        "overruns": _closed(work.overruns, at),
    }


def _closed(overruns: tuple[Interval, ...], at: datetime) -> tuple[Interval, ...]:
    """The overruns, the last of them ended; one that had not begun by then was none."""
    if not overruns or overruns[-1].end is not None:
        return overruns
    last = overruns[-1].start
    return (*overruns[:-1], Interval(last, at)) if last < at else overruns[:-1]


def _asked(_w: Maintenance, _: m.MaintenanceAsked, _at: datetime) -> dict[str, Any]:
    return {"ask_at": None}


def _overran(work: Maintenance, event: m.MaintenanceOverran, at: datetime) -> dict[str, Any]:
    return {
        "ask_at": None,
        "watch_until": None,
        "release_at": at,
        "overruns": (*work.overruns, Interval(event.end)),
    }


def _ended(
    work: Maintenance, event: m.MaintenanceCompleted | m.MaintenanceRolledBack, at: datetime
) -> dict[str, Any]:
    completed = isinstance(event, m.MaintenanceCompleted)
    return {
        **_to(work, S.COMPLETED if completed else S.ROLLED_BACK, at, event.ended_at),
        "ask_at": None,
        "watch_until": None,
        # What was let go when it overran is not let go once more.
        "release_at": work.release_at if work.watch_until is None else at,
        "overruns": _closed(work.overruns, event.ended_at),
    }


def _cancelled(work: Maintenance, _: m.MaintenanceCancelled, at: datetime) -> dict[str, Any]:
    return _to(work, S.CANCELLED, at)


def _edited(work: Maintenance, event: m.MaintenanceEdited, at: datetime) -> dict[str, Any]:
    return {"card": event.card, **(_back(work, at) if event.again else {})}


def _released(work: Maintenance, event: r.AlertsReleased, at: datetime) -> dict[str, Any]:
    released = work.released + event.decided
    again = at if event.more else None
    return {"released": released, "cleared": event.cleared, "release_at": again}


def _linked(work: Maintenance, event: r.RecordLinked, _at: datetime) -> dict[str, Any]:
    return {"links": (*work.links, event.link)}


def _proposed(work: Maintenance, event: m.IncidentProposed, _at: datetime) -> dict[str, Any]:
    return {"links": (*work.links, event.link), "proposed": event.link.target}


def _unlinked(work: Maintenance, event: r.RecordUnlinked, _at: datetime) -> dict[str, Any]:
    gone = event.link
    left = tuple(x for x in work.links if (x.kind, x.target) != (gone.kind, gone.target))
    return {"links": left}


_CHANGES: dict[type[Event], Change] = {
    m.MaintenanceApproved: _approved,
    m.MaintenanceAnnounced: _announced,
    m.MaintenanceStarted: _started,
    m.MaintenanceVerifying: _verifying,
    m.MaintenanceRescheduled: _rescheduled,
    m.MaintenanceExtended: _extended,
    m.MaintenanceAsked: _asked,
    m.MaintenanceOverran: _overran,
    m.MaintenanceCompleted: _ended,
    m.MaintenanceRolledBack: _ended,
    m.MaintenanceCancelled: _cancelled,
    m.MaintenanceEdited: _edited,
    m.IncidentProposed: _proposed,
    r.AlertsReleased: _released,
    r.RecordLinked: _linked,
    r.RecordUnlinked: _unlinked,
}


def evolve(work: Maintenance, event: Event, at: datetime) -> Maintenance:
    """The maintenance after the event, one version on; messages and notes change nothing else."""
    change = _CHANGES.get(type(event))
    more = {} if change is None else change(work, event, at)
    return attrs.evolve(work, version=work.version + 1, **more)


def wakes_at(work: Maintenance) -> datetime | None:
    """When it must be looked at again by itself: alerts to let go, somebody to ask, its end."""
    due = [x for x in (work.release_at, work.ask_at, work.watch_until) if x is not None]
    return min(due, default=None)


def wake(work: Maintenance, at: datetime) -> tuple[Event, ...]:
    """What time alone has made true: it is time to ask, or the end in force has passed."""
    if work.watch_until is not None and work.watch_until <= at:
        return (m.MaintenanceOverran(work.watch_until),)
    if work.ask_at is not None and work.ask_at <= at:
        return (m.MaintenanceAsked(),)
    return ()


def holder(work: Maintenance, at: datetime) -> Holder | None:
    """What it holds back from now on; None while it does not, or once its end has passed.

    An extension after the end holds back what fires from then on.
    """
    if work.state not in STARTED or work.watch_until is None:
        return None
    start = max(work.start, at) if work.overruns else work.start
    card = work.card
    return Holder(
        f"maintenance/{work.id}",
        work.ref,
        start,
        work.watch_until,
        card.expected,
        card.services,
        card.components,
    )


def elsewhere(_: Maintenance, event: Event) -> tuple[Elsewhere, ...]:
    """The other records that must hear of an event."""
    if isinstance(event, r.RecordLinked | r.RecordUnlinked):
        kind, _slash, id_ = event.link.target.partition("/")
        return (Elsewhere(kind, id_),)
    return ()


def decide(_work: Maintenance, command: Command, _at: datetime) -> tuple[Event, ...]:
    """The events of what a reaction asks of it: this end of a link, as the other end has it."""
    if not isinstance(command, Mirror):
        return ()
    made = r.RecordLinked if command.stands else r.RecordUnlinked
    return (made(command.link),)
