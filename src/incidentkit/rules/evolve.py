"""What an event makes of an incident. Total and free of choice: every decision was made before.

Built by positional constructors: `attrs.evolve` costs twice as much, and this runs for every event.
A command of somebody who holds a lease renews it here, so that a hard-working commander is never
asked whether they are still there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

from incidentkit.model import incident_events as e
from incidentkit.model.clock import Clock
from incidentkit.model.incident import (
    NO_ENDING,
    UNATTENDED,
    Attention,
    Card,
    Course,
    Ending,
    Hold,
    Incident,
    Lease,
    Life,
    Link,
    Rating,
    Ties,
)
from incidentkit.model.journal import Event
from incidentkit.model.people import People, RoleAssignment
from incidentkit.model.words import CancelReason, Moment, Outcome, Response, State
from incidentkit.timing.intervals import Interval

Evolve: TypeAlias = Callable[[Incident, Any, datetime], Incident]


def evolve(incident: Incident, event: Event, at: datetime, by: str) -> Incident:
    """The incident after the event, one version on."""
    after = EVOLVE[type(event)](incident, event, at)
    if after.attention.leases:
        return _renewed(after, at, by)
    return after


def _renewed(i: Incident, at: datetime, by: str) -> Incident:
    for lease in i.attention.leases:
        if lease.holder == by and lease.since < at:
            renewed = Lease(by, at, at + (lease.until - lease.since))
            leases = tuple(renewed if x is lease else x for x in i.attention.leases)
            return _attend(i, i.life, leases, i.attention.round, i.attention.next_page_at, 0)
    return i


def _build(
    i: Incident,
    life: Life,
    course: Course,
    attention: Attention,
) -> Incident:
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
    )


def _move(i: Incident, to: State, at: datetime) -> Incident:
    """Into another state; leaving a hold ends its interval at that instant."""
    life = i.life
    course = i.course
    if life.state is State.ON_HOLD:
        course = Course(course.moments, _ended(course.holds, at), course.ending, course.outcome)
    moved = Life(to, at, None, life.candidate, life.reopened, life.response)
    return Incident(
        i.id,
        i.ref,
        i.version + 1,
        i.card,
        i.rating,
        moved,
        i.people,
        course,
        i.attention,
        i.clocks,
        i.ties,
    )


def _ended(holds: tuple[Hold, ...], at: datetime) -> tuple[Hold, ...]:
    last = holds[-1]
    return (*holds[:-1], Hold(last.reason, last.court, Interval(last.interval.start, at)))


def _first(i: Incident, at: datetime, *moments: Moment) -> Incident:
    """The incident with these instants set where they were not known."""
    known = i.course.moments
    if all(moment in known for moment in moments):
        return i
    course = i.course
    both = type(known)({**{moment: at for moment in moments}, **known})
    return Incident(
        i.id, i.ref, i.version, i.card, i.rating, i.life, i.people,
        Course(both, course.holds, course.ending, course.outcome),
        i.attention, i.clocks, i.ties,
    )  # fmt: skip


def _part(
    i: Incident,
    *,
    card: Card | None = None,
    rating: Rating | None = None,
    people: People | None = None,
    clocks: tuple[Clock, ...] | None = None,
    ties: Ties | None = None,
    course: Course | None = None,
) -> Incident:
    """The incident, one version on, with one cold part replaced."""
    return Incident(
        i.id,
        i.ref,
        i.version + 1,
        i.card if card is None else card,
        i.rating if rating is None else rating,
        i.life,
        i.people if people is None else people,
        i.course if course is None else course,
        i.attention,
        i.clocks if clocks is None else clocks,
        i.ties if ties is None else ties,
    )


def _same(i: Incident, _event: Event, _at: datetime) -> Incident:
    return _build(i, i.life, i.course, i.attention)


def _attend(
    i: Incident,
    life: Life,
    leases: tuple[Lease, ...],
    round_: int,
    next_page_at: datetime | None,
    step: int = 1,
) -> Incident:
    return Incident(
        i.id, i.ref, i.version + step, i.card, i.rating, life, i.people, i.course,
        Attention(leases, round_, next_page_at), i.clocks, i.ties,
    )  # fmt: skip


def _respond(life: Life, response: Response) -> Life:
    return Life(
        life.state, life.since, life.resume_to, life.candidate, life.reopened, response
    )


def _rated(i: Incident, v: e.Rated, _at: datetime) -> Incident:
    r = i.rating
    return _part(
        i, rating=Rating(v.impact, v.urgency, r.priority, r.provisional, r.by_hand, v.severity)
    )


def _prioritised(i: Incident, v: e.Prioritised, _at: datetime) -> Incident:
    r = i.rating
    return _part(
        i, rating=Rating(r.impact, r.urgency, v.priority, v.provisional, v.by_hand, r.severity)
    )


def _accepted(i: Incident, _event: e.Accepted, _at: datetime) -> Incident:
    was = i.life
    life = Life(was.state, was.since, was.resume_to, False, was.reopened, was.response)
    return _build(i, life, i.course, i.attention)


def _triaged(i: Incident, _event: e.Triaged, at: datetime) -> Incident:
    return _first(_move(i, State.TRIAGED, at), at, Moment.CLASSIFIED)


def _started(i: Incident, _event: e.Started, at: datetime) -> Incident:
    return _first(_move(i, State.IN_PROGRESS, at), at, Moment.RESPONDED)


def _held(i: Incident, v: e.Held, at: datetime) -> Incident:
    was, course = i.life, i.course
    holds, back = course.holds, was.state
    if was.state is State.ON_HOLD:
        back = was.resume_to or State.IN_PROGRESS
        if holds and holds[-1].interval.end is None:
            holds = _ended(holds, at)
    holds = (*holds, Hold(v.reason, v.court, Interval(at)))
    life = Life(State.ON_HOLD, at, back, was.candidate, was.reopened, was.response)
    return _build(i, life, Course(course.moments, holds, course.ending, course.outcome), i.attention)


def _resumed(i: Incident, v: e.Resumed, at: datetime) -> Incident:
    return _move(i, v.to, at)


def _mitigated(i: Incident, v: e.Mitigated, at: datetime) -> Incident:
    moved = _move(i, State.MITIGATED, at)
    course = moved.course
    moments = course.moments.with_(Moment.MITIGATED, v.restored_at)
    return Incident(
        i.id, i.ref, moved.version, i.card, i.rating, moved.life, i.people,
        Course(moments, course.holds, course.ending, course.outcome),
        i.attention, i.clocks, i.ties,
    )  # fmt: skip


def _observing(i: Incident, _event: e.ObservationBegun, at: datetime) -> Incident:
    return _move(i, State.OBSERVING, at)


def _back_to_work(i: Incident, to: State, at: datetime, reopened: int) -> Incident:
    """Work again: what had been reached is open again, and somebody must have it."""
    was, course = i.life, i.course
    gone = (Moment.MITIGATED, Moment.RESOLVED, Moment.VERIFIED, Moment.CLOSED)
    moments = type(course.moments)(
        {moment: value for moment, value in course.moments.items() if moment not in gone}
    )
    held = i.attention.leases
    response = Response.ACKNOWLEDGED if held else Response.UNACKNOWLEDGED
    life = Life(to, at, None, False, reopened, response)
    outcome = Outcome.ACTUAL if reopened > was.reopened else course.outcome
    ended = Course(moments, course.holds, NO_ENDING, outcome)
    return _build(i, life, ended, Attention(held))


def _regressed(i: Incident, _event: e.Regressed, at: datetime) -> Incident:
    return _back_to_work(i, State.IN_PROGRESS, at, i.life.reopened)


def _resolved(i: Incident, v: e.Resolved, at: datetime) -> Incident:
    moved = _move(i, State.RESOLVED, at)
    moments = type(i.course.moments)(
        {**moved.course.moments, Moment.MITIGATED: v.restored_at, Moment.RESOLVED: at}
    )
    course = Course(moments, moved.course.holds, Ending(v.code, v.remedy), v.outcome)
    return _build(i, moved.life, course, UNATTENDED)


def _closed(i: Incident, _event: e.Closed, at: datetime) -> Incident:
    return _first(_move(i, State.CLOSED, at), at, Moment.CLOSED)


def _reopened(i: Incident, v: e.Reopened, at: datetime) -> Incident:
    return _back_to_work(i, State.IN_PROGRESS, at, i.life.reopened + 1)


def _cancelled(i: Incident, v: e.Cancelled, at: datetime) -> Incident:
    moved = _move(i, State.CANCELLED, at)
    course = moved.course
    false = v.reason is CancelReason.FALSE_ALARM
    outcome = Outcome.FALSE_ALARM if false else course.outcome
    ending = Ending(cancelled=v.reason, target=v.target)
    life = moved.life
    ended = Life(life.state, life.since, None, False, life.reopened, life.response)
    return _build(i, ended, Course(course.moments, course.holds, ending, outcome), UNATTENDED)


def _acknowledged(i: Incident, v: e.Acknowledged, at: datetime) -> Incident:
    others = tuple(lease for lease in i.attention.leases if lease.holder != v.holder)
    after = _attend(
        i,
        _respond(i.life, Response.ACKNOWLEDGED),
        (*others, Lease(v.holder, at, v.until)),
        i.attention.round,
        None,
    )
    return _first(after, at, Moment.ACKNOWLEDGED, Moment.RESPONDED)


def _lapsed(i: Incident, v: e.LeaseLapsed, at: datetime) -> Incident:
    left = tuple(lease for lease in i.attention.leases if lease.holder != v.holder)
    life = i.life if left else _respond(i.life, Response.LAPSED)
    return _attend(i, life, left, 0 if not left else i.attention.round, None)


def _response_cleared(i: Incident, _event: Event, _at: datetime) -> Incident:
    return _attend(i, _respond(i.life, Response.CLEARED), (), i.attention.round, None)


def _response_refired(i: Incident, _event: Event, _at: datetime) -> Incident:
    return _attend(i, _respond(i.life, Response.UNACKNOWLEDGED), (), i.attention.round, None)


def _assigned(i: Incident, v: e.Assigned, _at: datetime) -> Incident:
    after = _part(i, people=People(i.people.owner, v.assignee, i.people.roles))
    if i.attention.leases:
        return after
    return _attend(after, after.life, (), 0, None, 0)


def _owner(i: Incident, v: e.OwnerChanged, _at: datetime) -> Incident:
    return _part(i, people=People(v.owner, i.people.assignee, i.people.roles))


def _role_taken(i: Incident, v: e.RoleTaken, at: datetime) -> Incident:
    roles = (*_left(i.people.roles, v.role, at), RoleAssignment(v.role, v.holder, at))
    return _part(i, people=People(i.people.owner, i.people.assignee, roles))


def _role_left(i: Incident, v: e.RoleLeft, at: datetime) -> Incident:
    roles = _left(i.people.roles, v.role, at)
    return _part(i, people=People(i.people.owner, i.people.assignee, roles))


def _left(
    roles: tuple[RoleAssignment, ...], role: str, at: datetime
) -> tuple[RoleAssignment, ...]:
    return tuple(
        RoleAssignment(x.role, x.holder, x.since, at)
        if x.role == role and x.until is None
        else x
        for x in roles
    )


def _edited(i: Incident, v: e.Edited, _at: datetime) -> Incident:
    was = i.card
    card = Card(
        was.title if v.title is None else v.title,
        was.summary if v.summary is None else v.summary,
        was.service if v.service is None else v.service,
        was.labels if v.labels is None else v.labels,
        was.source,
        was.reporter,
    )
    return _part(i, card=card)


def _corrected(i: Incident, v: e.MomentCorrected, _at: datetime) -> Incident:
    course = i.course
    moments = course.moments.with_(v.moment, v.now)
    return _part(
        i, course=Course(moments, course.holds, course.ending, course.outcome)
    )


def _linked(i: Incident, v: e.Linked, _at: datetime) -> Incident:
    links = (*i.ties.links, Link(v.kind, v.target, v.ref))
    return _part(i, ties=Ties(links, i.ties.alerts, i.ties.firing))


def _unlinked(i: Incident, v: e.Unlinked, _at: datetime) -> Incident:
    links = tuple(x for x in i.ties.links if (x.kind, x.target) != (v.kind, v.target))
    return _part(i, ties=Ties(links, i.ties.alerts, i.ties.firing))


def _alert_joined(i: Incident, _event: Event, _at: datetime) -> Incident:
    return _part(i, ties=Ties(i.ties.links, i.ties.alerts + 1, i.ties.firing + 1))


def _alert_cleared(i: Incident, _event: Event, _at: datetime) -> Incident:
    return _part(i, ties=Ties(i.ties.links, i.ties.alerts, i.ties.firing - 1))


def _alert_refired(i: Incident, _event: Event, _at: datetime) -> Incident:
    return _part(i, ties=Ties(i.ties.links, i.ties.alerts, i.ties.firing + 1))


def _paging(i: Incident, v: e.PagingPlanned, _at: datetime) -> Incident:
    return _attend(i, i.life, i.attention.leases, v.round, v.next_page_at)


def _clock(i: Incident, v: e.ClockMoved, _at: datetime) -> Incident:
    return _part(i, clocks=_with_clock(i.clocks, v.clock))


def _with_clock(clocks: tuple[Clock, ...], clock: Clock) -> tuple[Clock, ...]:
    if any(x.target == clock.target for x in clocks):
        return tuple(clock if x.target == clock.target else x for x in clocks)
    return (*clocks, clock)


def _flagged(i: Incident, target: str, warned: datetime | None, breached: datetime | None) -> Incident:
    clock = i.clock(target)
    if clock is None:
        return _build(i, i.life, i.course, i.attention)
    flagged = Clock(
        clock.target, clock.state, clock.started_at, clock.due_at, clock.warn_at,
        warned or clock.warned_at, breached or clock.breached_at, clock.stopped_at,
        clock.pauses, clock.history,
    )  # fmt: skip
    return _part(i, clocks=_with_clock(i.clocks, flagged))


def _clock_warned(i: Incident, v: e.ClockWarned, at: datetime) -> Incident:
    return _flagged(i, v.target, at, None)


def _clock_breached(i: Incident, v: e.ClockBreached, at: datetime) -> Incident:
    return _flagged(i, v.target, None, at)


EVOLVE: dict[type[Event], Evolve] = {
    e.Rated: _rated,
    e.Prioritised: _prioritised,
    e.Accepted: _accepted,
    e.Triaged: _triaged,
    e.Started: _started,
    e.Held: _held,
    e.Resumed: _resumed,
    e.Mitigated: _mitigated,
    e.ObservationBegun: _observing,
    e.Regressed: _regressed,
    e.Resolved: _resolved,
    e.Closed: _closed,
    e.Reopened: _reopened,
    e.Cancelled: _cancelled,
    e.Acknowledged: _acknowledged,
    e.LeaseLapsed: _lapsed,
    e.ResponseCleared: _response_cleared,
    e.ResponseRefired: _response_refired,
    e.Assigned: _assigned,
    e.OwnerChanged: _owner,
    e.RoleTaken: _role_taken,
    e.RoleLeft: _role_left,
    e.Noted: _same,
    e.Replied: _same,
    e.Edited: _edited,
    e.MomentCorrected: _corrected,
    e.Linked: _linked,
    e.Unlinked: _unlinked,
    e.AlertJoined: _alert_joined,
    e.AlertCleared: _alert_cleared,
    e.AlertRefired: _alert_refired,
    e.ReportJoined: _same,
    e.PageQueued: _same,
    e.PageWithheld: _same,
    e.PagingPlanned: _paging,
    e.NoticeQueued: _same,
    e.DeliverySettled: _same,
    e.ClockMoved: _clock,
    e.ClockWarned: _clock_warned,
    e.ClockBreached: _clock_breached,
}
"""What each event makes of an incident; `Declared` makes it in the first place (`birth`)."""


def birth(declared: e.Declared, at: datetime) -> Incident:
    """The incident that a declaration begins, at version 1."""
    moments: dict[Moment, datetime] = {}
    if declared.occurred_at is not None:
        moments[Moment.OCCURRED] = declared.occurred_at
    if declared.detected_at is not None:
        moments[Moment.DETECTED] = declared.detected_at
    moments[Moment.DECLARED] = at
    return Incident(
        declared.id,  # type: ignore[arg-type]  # ids are plain text in events
        declared.ref,
        1,
        declared.card,
        Rating(),
        Life(State.NEW, at, None, declared.candidate),
        course=Course(moments=_moments(moments)),
    )


def _moments(values: dict[Moment, datetime]) -> Any:
    from incidentkit.model.frozen import FrozenMap

    return FrozenMap(values)
