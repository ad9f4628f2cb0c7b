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
from incidentkit.model.words import CancelReason, LinkKind, MajorState, Moment, Outcome, State
from incidentkit.rules.moves import need, restored
from incidentkit.rules.open_ends import open_ends
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.rules.waits import first_reminder
from incidentkit.timing.terms import Term

_CLOSED = e.Closed()
_AFTER_RESOLVING = frozenset((CancelReason.DUPLICATE, CancelReason.FALSE_ALARM))
_SAME_AS = {
    CancelReason.DUPLICATE: LinkKind.DUPLICATE_OF,
    CancelReason.MERGED: LinkKind.MERGED_INTO,
}
_NEEDS_TARGET = frozenset((CancelReason.DUPLICATE, CancelReason.REDIRECTED))
_NO_FAULT = "no_fault_found"
SUCCESSOR = "open a successor (OpenSuccessor)"
"""What there is to do where nothing may be reopened."""


def resolve(
    incident: Incident,
    command: c.Resolve | c.Close,
    at: datetime,
    _by: str,
    terms: LifecycleTerms,
) -> tuple[Event, ...]:
    """A code of the host's list and a remedy; a reason to override while there are open ends.

    It counts as restored when it was mitigated, or now, unless `restored_at` says otherwise.
    """
    if not command.code or not command.remedy:
        need(incident, command, code=command.code, remedy=command.remedy)
    if command.code not in terms.codes:
        raise InvalidValue("code", f"{command.code!r} is none of {', '.join(terms.codes)}")
    ends = open_ends(incident, command.children)
    if ends and not command.override:
        missing = f"override (a reason, since {' and '.join(ends)})"
        raise MissingFields(incident.ref, command.action, (missing,))
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
    incident: Incident, command: c.Reopen, at: datetime, by: str, terms: LifecycleTerms
) -> tuple[Event, ...]:
    """It came back: into work, or on hold with what a hold needs.

    What was cancelled as a duplicate, or merged, is reopened by undoing its link, in the same
    commit. Reporters may be refused for a major incident, as ServiceNow's self-service is.
    """
    need(incident, command, reason=command.reason)
    _may_reopen(incident, command, at, by, terms)
    events: list[Event] = []
    undone = None
    if incident.course.ending.cancelled is not None:
        undone = _SAME_AS.get(incident.course.ending.cancelled)
    events += [e.Unlinked(x.kind, x.target, x.ref) for x in incident.ties.links if x.kind is undone]
    if command.hold_reason or command.court:
        need(incident, command, hold_reason=command.hold_reason, court=command.court)
        events.append(e.Reopened(State.ON_HOLD, command.reason))
        again = first_reminder(command.hold_reason, at, terms)
        events.append(e.Held(command.hold_reason, command.court, again))
    else:
        events.append(e.Reopened(State.IN_PROGRESS, command.reason))
    return tuple(events)


def stays_shut(
    incident: Incident, at: datetime, terms: LifecycleTerms, by_rule: bool = False
) -> str:
    """Its state, and for how long, where it may not be reopened any more; empty where it may be.

    What was cancelled can be undone at any time, what is active needs no reopening.
    """
    state = incident.life.state
    if state is State.CLOSED and not terms.reopen_closed:
        return state.value
    within = terms.reopen_within
    ended = incident.course.moments.get(Moment.RESOLVED, incident.life.since)
    over = state in (State.RESOLVED, State.CLOSED)
    if over and not by_rule and within is not None and at - ended > within:
        return f"{state.value} for longer than {Term(within)}"
    return ""


def _may_reopen(
    incident: Incident, command: c.Reopen, at: datetime, by: str, terms: LifecycleTerms
) -> None:
    """Raise TransitionNotAllowed where it stays shut, or a reporter may not.

    A re-fire has a window of its own.
    """
    shut, state = stays_shut(incident, at, terms, command.by_rule), incident.life.state.value
    if shut:
        raise TransitionNotAllowed(incident.ref, shut, command.action, (SUCCESSOR,))
    major = incident.dossier.overlays.major is MajorState.ACCEPTED
    if major and by == incident.card.reporter and not terms.reporter_reopens_major:
        raise TransitionNotAllowed(
            incident.ref, f"{state}, and major", f"{command.action} by its reporter", ("report",)
        )


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
    if command.reason is CancelReason.MERGED:
        raise InvalidValue("reason", "merge it: Merge(survivor, target=this one) moves what it has")
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
