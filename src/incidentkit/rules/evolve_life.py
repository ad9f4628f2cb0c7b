"""What an event makes of the hot parts of an incident: its life, its course, who attends to it.

Each function builds every part it changes first and the incident once: this runs for every event,
and the incident is the dearest part. Words are bound to names of this module for the same reason.
"""

from __future__ import annotations

from datetime import datetime

from incidentkit.model import incident_events as e
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import (
    NO_ENDING,
    UNATTENDED,
    Attention,
    Course,
    Ending,
    Hold,
    Incident,
    Lease,
    Life,
)
from incidentkit.model.journal import Event
from incidentkit.model.words import CancelReason, Moment, Outcome, Response, State
from incidentkit.timing.intervals import Interval

_NEW, _TRIAGED, _IN_PROGRESS, _ON_HOLD, _MITIGATED, _OBSERVING, _RESOLVED, _CLOSED, _CANCELLED = (
    State
)
_UNACKNOWLEDGED, _ACKNOWLEDGED, _LAPSED, _CLEARED = Response
_CLASSIFIED, _RESPONDED = (Moment.CLASSIFIED,), (Moment.RESPONDED,)
_ACKNOWLEDGED_AT = (Moment.ACKNOWLEDGED, Moment.RESPONDED)
_MITIGATED_AT, _RESOLVED_AT, _CLOSED_AT = Moment.MITIGATED, Moment.RESOLVED, (Moment.CLOSED,)
_UNDONE = frozenset((Moment.MITIGATED, Moment.RESOLVED, Moment.VERIFIED, Moment.CLOSED))


def living(i: Incident, life: Life, course: Course, attention: Attention) -> Incident:
    """The incident, one version on, with these hot parts."""
    return Incident(
        i.id,
        i.ref,
        i.version + 1,
        i.card,
        i.rating,
        life,
        i.people,
        course,
        attention,
        i.clocks,
        i.ties,
        i.more,
    )


def same(i: Incident, _event: Event, _at: datetime) -> Incident:
    """Something was said or sent; nothing else is different."""
    return living(i, i.life, i.course, i.attention)


# --- the life-cycle -------------------------------------------------------------------------------


def _to(life: Life, state: State, at: datetime) -> Life:
    return Life(state, at, None, life.candidate, life.reopened, life.response)


def _holds(i: Incident, at: datetime) -> tuple[Hold, ...]:
    """The holds, the last one ended if it was on hold until now; never before it began."""
    holds = i.course.holds
    if i.life.state is not _ON_HOLD:
        return holds
    last = holds[-1]
    start = last.interval.start
    over = Interval(start, max(start, at))
    return (*holds[:-1], Hold(last.reason, last.court, over, last.reminded))


def _first(
    known: FrozenMap[Moment, datetime], at: datetime, moments: tuple[Moment, ...]
) -> FrozenMap[Moment, datetime]:
    """The instants, these set as well where they were not known."""
    for moment in moments:
        if moment not in known:
            return FrozenMap({**dict.fromkeys(moments, at), **known})
    return known


def _move(i: Incident, to: State, at: datetime, reached: tuple[Moment, ...] = ()) -> Incident:
    """Into another state; leaving a hold ends its interval at that instant."""
    course = i.course
    holds, moments = _holds(i, at), _first(course.moments, at, reached)
    if holds is not course.holds or moments is not course.moments:
        course = Course(moments, holds, course.ending, course.outcome)
    return living(i, _to(i.life, to, at), course, i.attention)


def accepted(i: Incident, _event: e.Accepted, at: datetime) -> Incident:
    """No candidate any more: declared from now on, and its targets run."""
    was, course = i.life, i.course
    life = Life(was.state, was.since, was.resume_to, False, was.reopened, was.response)
    moments = course.moments.with_(Moment.DECLARED, at)
    declared = Course(moments, course.holds, course.ending, course.outcome)
    return living(i, life, declared, i.attention)


def triaged(i: Incident, _event: e.Triaged, at: datetime) -> Incident:
    """Triaged, and classified from now on."""
    return _move(i, _TRIAGED, at, _CLASSIFIED)


def started(i: Incident, _event: e.Started, at: datetime) -> Incident:
    """In progress: the first response at the latest."""
    return _move(i, _IN_PROGRESS, at, _RESPONDED)


def held(i: Incident, v: e.Held, at: datetime) -> Incident:
    """On hold; a second hold ends the first and goes back to where that one would."""
    was, course = i.life, i.course
    back = was.resume_to if was.state is _ON_HOLD else was.state
    holds = (*_holds(i, at), Hold(v.reason, v.court, Interval(at), 0, v.remind_at))
    life = Life(_ON_HOLD, at, back, was.candidate, was.reopened, was.response)
    return living(
        i, life, Course(course.moments, holds, course.ending, course.outcome), i.attention
    )


def resumed(i: Incident, v: e.Resumed, at: datetime) -> Incident:
    """Back where it was before the hold."""
    return _move(i, v.to, at)


def mitigated(i: Incident, v: e.Mitigated, at: datetime) -> Incident:
    """The service is restored since then."""
    course = i.course
    moments = course.moments.with_(_MITIGATED_AT, v.restored_at)
    after = Course(moments, _holds(i, at), course.ending, course.outcome)
    return living(i, _to(i.life, _MITIGATED, at), after, i.attention)


def observing(i: Incident, _event: e.ObservationBegun, at: datetime) -> Incident:
    """Being watched."""
    return _move(i, _OBSERVING, at)


def _back_to_work(i: Incident, at: datetime, reopened: int) -> Incident:
    """Work again: what had been reached is open again, and somebody must have it."""
    was, course = i.life, i.course
    moments = FrozenMap({k: value for k, value in course.moments.items() if k not in _UNDONE})
    leases = i.attention.leases
    response = _ACKNOWLEDGED if leases else _UNACKNOWLEDGED
    life = Life(_IN_PROGRESS, at, None, False, reopened, response)
    outcome = Outcome.ACTUAL if reopened > was.reopened else course.outcome
    return living(i, life, Course(moments, course.holds, NO_ENDING, outcome), Attention(leases))


def regressed(i: Incident, _event: e.Regressed, at: datetime) -> Incident:
    """The fix did not hold."""
    return _back_to_work(i, at, i.life.reopened)


def reopened(i: Incident, _event: e.Reopened, at: datetime) -> Incident:
    """It came back; where it goes on hold, `Held` follows."""
    return _back_to_work(i, at, i.life.reopened + 1)


def resolved(i: Incident, v: e.Resolved, at: datetime) -> Incident:
    """It is over; nobody is to be paged or holds a lease any more."""
    course = i.course
    moments = FrozenMap({**course.moments, _MITIGATED_AT: v.restored_at, _RESOLVED_AT: at})
    after = Course(moments, _holds(i, at), Ending(v.code, v.remedy), v.outcome)
    return living(i, _to(i.life, _RESOLVED, at), after, UNATTENDED)


def closed(i: Incident, _event: e.Closed, at: datetime) -> Incident:
    """Nothing is left to do."""
    return _move(i, _CLOSED, at, _CLOSED_AT)


def cancelled(i: Incident, v: e.Cancelled, at: datetime) -> Incident:
    """It ended without being resolved; a false alarm is an outcome as well."""
    was, course = i.life, i.course
    outcome = Outcome.FALSE_ALARM if v.reason is CancelReason.FALSE_ALARM else course.outcome
    ending = Ending(cancelled=v.reason, target=v.target)
    life = Life(_CANCELLED, at, None, False, was.reopened, was.response)
    return living(i, life, Course(course.moments, _holds(i, at), ending, outcome), UNATTENDED)


# --- the response region, and paging --------------------------------------------------------------


def _respond(life: Life, response: Response) -> Life:
    return Life(life.state, life.since, life.resume_to, life.candidate, life.reopened, response)


def renewed(i: Incident, at: datetime, by: str) -> Incident:
    """The same version, the lease of whoever acts renewed for as long as it first ran."""
    attention = i.attention
    for lease in attention.leases:
        if lease.holder == by and lease.since < at:
            anew = Lease(by, at, at + (lease.until - lease.since))
            leases = tuple(anew if x is lease else x for x in attention.leases)
            return Incident(
                i.id,
                i.ref,
                i.version,
                i.card,
                i.rating,
                i.life,
                i.people,
                i.course,
                Attention(leases, attention.round, attention.next_page_at),
                i.clocks,
                i.ties,
                i.more,
            )
    return i


def acknowledged(i: Incident, v: e.Acknowledged, at: datetime) -> Incident:
    """The holder has a lease, beside those of others; no round of pages is due."""
    was, course = i.attention, i.course
    others = tuple(lease for lease in was.leases if lease.holder != v.holder)
    attention = Attention((*others, Lease(v.holder, at, v.until)), was.round)
    moments = _first(course.moments, at, _ACKNOWLEDGED_AT)
    if moments is not course.moments:
        course = Course(moments, course.holds, course.ending, course.outcome)
    return living(i, _respond(i.life, _ACKNOWLEDGED), course, attention)


def lapsed(i: Incident, v: e.LeaseLapsed, _at: datetime) -> Incident:
    """One holder is gone; with the last of them paging begins again."""
    left = tuple(lease for lease in i.attention.leases if lease.holder != v.holder)
    if left:
        return living(i, i.life, i.course, Attention(left, i.attention.round))
    return living(i, _respond(i.life, _LAPSED), i.course, UNATTENDED)


def response_cleared(i: Incident, _event: Event, _at: datetime) -> Incident:
    """Nobody need respond for now; the ladder stays where it is."""
    was = i.attention
    return living(
        i, _respond(i.life, _CLEARED), i.course, Attention((), was.round, was.next_page_at)
    )


def response_refired(i: Incident, _event: Event, _at: datetime) -> Incident:
    """Somebody must respond after all; the ladder goes on where it was."""
    was = i.attention
    return living(
        i, _respond(i.life, _UNACKNOWLEDGED), i.course, Attention((), was.round, was.next_page_at)
    )


def paging(i: Incident, v: e.PagingPlanned, _at: datetime) -> Incident:
    """A round of pages went out; when the next is due."""
    return living(i, i.life, i.course, Attention(i.attention.leases, v.round, v.next_page_at))


def withheld(i: Incident, _event: e.PageWithheld, _at: datetime) -> Incident:
    """Nobody is paged, and no further round is due."""
    was = i.attention
    return living(i, i.life, i.course, Attention(was.leases, was.round))
