"""What each command of an incident leads to while it is active: events, or what is missing.

One small function a command, named after it and listed in `lifecycle.MOVES`. Each is handed the
incident, the command, the time, the actor and the host's terms; each builds events and changes
nothing.
"""

from __future__ import annotations

from datetime import datetime

from incidentkit.errors import InvalidValue, MissingFields, NotFound, TransitionNotAllowed
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.checks import check_text
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.words import UNKNOWN, CancelReason, Moment, State
from incidentkit.rules import waits
from incidentkit.rules.links import check_unlink
from incidentkit.rules.terms import LifecycleTerms

_STARTED = (e.Started(),)
_ACCEPTED = (e.Accepted(),)


def need(incident: Incident, command: c.Command, **given: object) -> None:
    """Raise MissingFields naming every field that is empty."""
    if not all(given.values()):
        missing = tuple(field for field, value in given.items() if not value)
        raise MissingFields(incident.ref, command.action, missing)


def not_after(field: str, value: datetime, at: datetime) -> None:
    """Raise InvalidValue for an instant that lies in the future."""
    if value > at:
        raise InvalidValue(field, f"{value.isoformat()} lies in the future")


def restored(incident: Incident, value: datetime, at: datetime) -> datetime:
    """When the service was restored: neither in the future nor before it was impaired."""
    not_after("restored_at", value, at)
    occurred = incident.course.moments.get(Moment.OCCURRED)
    if occurred is not None and value < occurred:
        raise InvalidValue(
            "restored_at", f"{value.isoformat()} lies before it occurred, {occurred.isoformat()}"
        )
    return value


def accept(
    incident: Incident, command: c.Accept, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """A candidate becomes an incident; what is none cannot be accepted."""
    if not incident.life.candidate:
        raise TransitionNotAllowed(
            incident.ref, "an incident already", command.action, ("start", "triage", "cancel")
        )
    return _ACCEPTED


def decline(
    incident: Incident, command: c.Decline, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """A candidate is cancelled as none."""
    if not incident.life.candidate:
        raise TransitionNotAllowed(
            incident.ref, "an incident already", command.action, ("cancel", "resolve")
        )
    need(incident, command, reason=command.reason)
    return (e.Cancelled(CancelReason.DECLINED, command.reason, ""),)


def triage(
    incident: Incident, command: c.Triage, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Impact and urgency must be known, from before or by this command."""
    rated = _rated(incident, command.impact, command.urgency, None)
    last = rated[0] if rated else incident.rating
    need(
        incident,
        command,
        impact=last.impact != UNKNOWN,
        urgency=last.urgency != UNKNOWN,
    )
    return (*rated, e.Triaged())


def start(
    _incident: Incident, _command: c.Start, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Work begins; a hold ends with it."""
    return _STARTED


def hold(
    incident: Incident, command: c.Hold, at: datetime, _by: str, terms: LifecycleTerms
) -> tuple[Event, ...]:
    """A wait needs a reason, and somebody in whose court the ball is."""
    whose = waits.court(incident, command, terms)
    need(incident, command, reason=command.reason, court=whose)
    return (e.Held(command.reason, whose, waits.first_reminder(command.reason, at, terms)),)


def resume(
    incident: Incident, _command: c.Resume, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Back to the last state that was not on_hold."""
    return (e.Resumed(incident.life.resume_to or State.IN_PROGRESS),)


def mitigate(
    incident: Incident, command: c.Mitigate, at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Restored now, unless said when."""
    if command.restored_at is None:
        return (e.Mitigated(at),)
    return (e.Mitigated(restored(incident, command.restored_at, at)),)


def observe(
    incident: Incident, command: c.Observe, at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Watching needs an end: an instant to come, or a condition in words."""
    need(incident, command, **{"until or condition": command.until or command.condition})
    if command.until is not None and command.until <= at:
        raise InvalidValue("until", f"{command.until.isoformat()} is already past")
    return (e.ObservationBegun(command.until, command.condition),)


def regress(
    incident: Incident, command: c.Regress, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """The fix did not hold."""
    need(incident, command, reason=command.reason)
    return (e.Regressed(command.reason),)


def acknowledge(
    _incident: Incident, _command: c.Acknowledge, at: datetime, by: str, terms: LifecycleTerms
) -> tuple[Event, ...]:
    """A lease of the host's length for whoever says it."""
    return (e.Acknowledged(by, at + terms.lease_for),)


def assign(
    incident: Incident, command: c.Assign, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Assignee and owner change apart; nothing given unassigns."""
    people = incident.people
    events: list[Event] = []
    named = command.owner is not None or command.team is not None
    if command.assignee != people.assignee and (command.assignee or not named):
        events.append(e.Assigned(command.assignee, people.assignee))
    if command.owner is not None and command.owner != people.owner:
        events.append(e.OwnerChanged(command.owner, people.owner))
    if command.team is not None and command.team != people.team:
        events.append(e.TeamChanged(command.team, people.team))
    return tuple(events)


def watch(
    incident: Incident, command: c.Watch, _at: datetime, by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """One watcher more or fewer; saying it twice changes nothing."""
    party, watchers = command.party or by, incident.people.watchers
    if command.stop:
        rest = tuple(x for x in watchers if x != party)
        return (e.WatchersChanged(rest, (), (party,)),) if rest != watchers else ()
    return () if party in watchers else (e.WatchersChanged((*watchers, party), (party,)),)


def prioritise(
    incident: Incident, command: c.Prioritise, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Impact, urgency and severity are stated; a priority set by hand needs a reason.

    So does giving it back to the rules; where nobody set it, it is theirs already.
    """
    if command.by_rules and command.priority is not None:
        raise InvalidValue("priority", "either set it, or leave it to the rules (by_rules)")
    events: list[Event] = list(_rated(incident, command.impact, command.urgency, command.severity))
    if command.priority is not None:
        need(incident, command, reason=command.reason)
        events.append(
            e.Prioritised(command.priority, incident.rating.priority, False, True, command.reason)
        )
    if command.by_rules and incident.rating.by_hand:
        need(incident, command, reason=command.reason)
        events.append(e.PriorityReturned(incident.rating.priority, command.reason))
    return tuple(events)


def _rated(
    incident: Incident, impact: str | None, urgency: str | None, severity: str | None
) -> tuple[e.Rated, ...]:
    was = incident.rating
    now = e.Rated(impact or was.impact, urgency or was.urgency, severity or was.severity)
    same = (now.impact, now.urgency, now.severity) == (was.impact, was.urgency, was.severity)
    return () if same else (now,)


def add_note(
    incident: Incident, command: c.AddNote, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """A note says something."""
    need(incident, command, text=command.text)
    return (e.Noted(command.text),)


def reply(
    incident: Incident, command: c.Reply, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """A reply says something, to the reporter; to all of several unless one is named."""
    several = incident.ties.reports > 1 or (incident.ties.reports and not incident.card.reporter)
    to = command.to or ("reporters" if several else incident.card.reporter)
    need(incident, command, text=command.text, reporter=to)
    return (e.Replied(to or "", command.text),)


def edit(
    incident: Incident, command: c.Edit, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Only what differs is recorded; the texts are checked here, before anything changes."""
    card = incident.card
    if command.title is not None and not check_text(command.title, "title").strip():
        raise InvalidValue("title", "must not be empty")
    title = command.title if command.title != card.title else None
    summary = command.summary if command.summary != card.summary else None
    service = command.service if command.service != card.service else None
    labels = command.labels if command.labels != card.labels else None
    category = command.category if command.category != card.category else None
    if (title, summary, service, labels, category) == (None, None, None, None, None):
        return ()
    return (e.Edited(title, summary, service, labels, category),)


_ENDS = (Moment.MITIGATED, Moment.RESOLVED, Moment.VERIFIED, Moment.CLOSED)
ORDER = (
    *((Moment.OCCURRED, later) for later in (Moment.DETECTED, Moment.AWARE, *_ENDS)),
    (Moment.DECLARED, Moment.ACKNOWLEDGED),
    (Moment.DECLARED, Moment.CLOSED),
    (Moment.ACKNOWLEDGED, Moment.CLOSED),
    *((first, later) for at, first in enumerate(_ENDS) for later in _ENDS[at + 1 :]),
)
"""Pairs of instants of which the first cannot come after the second.

Left out is what happens: a storm is reported, declared and classified before it occurs; work begins
before anybody declares; the service is back before the incident is detected or declared; a breach
is understood, and its cause found, long after the incident was closed.
"""
_FIRST = {
    Moment.MITIGATED: (Moment.MITIGATED, "mitigate"),
    Moment.RESOLVED: (Moment.RESOLVED, "resolve"),
    Moment.VERIFIED: (Moment.RESOLVED, "resolve"),
    Moment.CLOSED: (Moment.CLOSED, "close"),
}
"""Instants that need a move first: to state one is to say that the incident has got so far."""


def correct(
    incident: Incident, command: c.Correct, at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """An instant is put right; an order that cannot be true is refused."""
    need(incident, command, reason=command.reason)
    not_after("to", command.to, at)
    known = incident.course.moments
    was = known.get(command.moment)
    reached, move = _FIRST.get(command.moment, (None, ""))
    if was is None and reached is not None and reached not in known:
        raise InvalidValue("moment", f"it is not {reached} yet; {move} it first")
    moments = known.with_(command.moment, command.to)
    for first, second in ORDER:
        if first in moments and second in moments and moments[first] > moments[second]:
            raise InvalidValue("to", f"{first} would come after {second}")
    return (
        ()
        if was == command.to
        else (e.MomentCorrected(command.moment, was, command.to, command.reason),)
    )


def link(
    incident: Incident, command: c.LinkTo, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """A tie to `kind/id|ref`, which the flow has looked up; the same tie twice is one."""
    target, _, ref = command.target.partition("|")
    if target == f"incident/{incident.id}":
        raise InvalidValue("target", "a record cannot be linked to itself")
    same = any(x.kind == command.kind and x.target == target for x in incident.ties.links)
    return () if same else (e.Linked(command.kind, target, ref or target),)


def unlink(
    incident: Incident, command: c.Unlink, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Only a tie that there is can be taken away, and none that is the trace of a merge."""
    check_unlink(command.kind)
    wanted = command.target.partition("|")[0]
    for x in incident.ties.links:
        if x.kind == command.kind and wanted in (x.target, x.ref):
            return (e.Unlinked(x.kind, x.target, x.ref),)
    raise NotFound(f"{command.kind} link", command.target)


def notify(
    _incident: Incident, _command: c.Notify, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Who hears what is for `communicate`; the life-cycle has no objection."""
    return ()


def redecide(
    _incident: Incident, _command: c.Redecide, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """What is due is for clocks and escalation; the life-cycle itself owes nothing."""
    return ()
