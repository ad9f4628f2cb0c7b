"""How an incident ends, and how it comes back: resolve, close, cancel, reopen.

Resolving needs a code and a remedy, never a cause: the service is what is owed, and a cause may
never be known (it is a problem's business).
"""

from __future__ import annotations

from datetime import datetime

from incidentkit.errors import InvalidValue, MissingFields, TransitionNotAllowed
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.words import CancelReason, LinkKind, Moment, Outcome, State
from incidentkit.rules.moves import need, restored
from incidentkit.rules.open_ends import open_ends
from incidentkit.rules.terms import LifecycleTerms

_CLOSED = e.Closed()
_AFTER_RESOLVING = frozenset((CancelReason.DUPLICATE, CancelReason.FALSE_ALARM))
_NEEDS_TARGET = frozenset((CancelReason.DUPLICATE, CancelReason.REDIRECTED))
_NO_FAULT = "no_fault_found"


def resolve(
    incident: Incident,
    command: c.Resolve | c.Close,
    at: datetime,
    _by: str,
    terms: LifecycleTerms,
) -> tuple[Event, ...]:
    """A code of the host's list and a remedy; a reason to override while something is open.

    It counts as restored when it was mitigated, or now, unless `restored_at` says otherwise.
    """
    if not command.code or not command.remedy:
        need(incident, command, code=command.code, remedy=command.remedy)
    if command.code not in terms.codes:
        raise InvalidValue("code", f"{command.code!r} is none of {', '.join(terms.codes)}")
    open_ = () if command.override else open_ends(incident)
    if open_:
        raise MissingFields(
            incident.ref, command.action, (f"override (a reason, since {' and '.join(open_)})",)
        )
    if command.restored_at is None:
        since = incident.course.moments.get(Moment.MITIGATED, at)
    else:
        since = restored(incident, command.restored_at, at)
    outcome = command.outcome if isinstance(command, c.Resolve) else None
    if outcome is None:
        outcome = Outcome.NO_FAULT_FOUND if command.code == _NO_FAULT else incident.course.outcome
    return (e.Resolved(command.code, command.remedy, since, command.override, outcome),)


def close(
    incident: Incident, command: c.Close, at: datetime, by: str, terms: LifecycleTerms
) -> tuple[Event, ...]:
    """From resolved nothing more is needed; from an active state all that resolving needs."""
    if incident.life.state is State.RESOLVED:
        return (_CLOSED,)
    return (*resolve(incident, command, at, by, terms), _CLOSED)


def reopen(
    incident: Incident, command: c.Reopen, _at: datetime, _by: str, terms: LifecycleTerms
) -> tuple[Event, ...]:
    """It came back: into work, or on hold with what a hold needs.

    A duplicate is reopened by undoing its link, in the same commit.
    """
    need(incident, command, reason=command.reason)
    state = incident.life.state
    if state is State.CLOSED and not terms.reopen_closed:
        raise TransitionNotAllowed(
            incident.ref, "closed", command.action, ("declare a successor (successor_of=)",)
        )
    events: list[Event] = []
    if incident.course.ending.cancelled is CancelReason.DUPLICATE:
        events += [
            e.Unlinked(x.kind, x.target, x.ref)
            for x in incident.ties.links
            if x.kind is LinkKind.DUPLICATE_OF
        ]
    if command.hold_reason or command.court:
        need(incident, command, hold_reason=command.hold_reason, court=command.court)
        events.append(e.Reopened(State.ON_HOLD, command.reason))
        events.append(e.Held(command.hold_reason, command.court))
    else:
        events.append(e.Reopened(State.IN_PROGRESS, command.reason))
    return tuple(events)


def cancel(
    incident: Incident, command: c.Cancel, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """It ends without being resolved; what is resolved can only turn out to be none, or double."""
    if incident.life.state is State.RESOLVED and command.reason not in _AFTER_RESOLVING:
        raise TransitionNotAllowed(
            incident.ref,
            "resolved",
            f"cancel ({command.reason})",
            tuple(f"cancel ({each})" for each in sorted(_AFTER_RESOLVING)),
        )
    if command.reason in _NEEDS_TARGET:
        need(incident, command, target=command.target)
    target, _, ref = command.target.partition("|")
    events: list[Event] = []
    if command.reason is CancelReason.DUPLICATE:
        if target == f"incident/{incident.id}":
            raise InvalidValue("target", "an incident cannot duplicate itself")
        tie = (LinkKind.DUPLICATE_OF, target)
        if all((x.kind, x.target) != tie for x in incident.ties.links):
            events.append(e.Linked(*tie, ref or target))
    events.append(e.Cancelled(command.reason, command.why, ref or target))
    return tuple(events)
