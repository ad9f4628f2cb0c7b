"""What an event makes of the cold parts of an incident: rating, people, card, ties and clocks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from incidentkit.model import incident_events as e
from incidentkit.model.clock import Clock
from incidentkit.model.dossier import Dossier
from incidentkit.model.incident import (
    Attention,
    Card,
    Course,
    Incident,
    Link,
    Rating,
    Ties,
)
from incidentkit.model.journal import Event
from incidentkit.model.people import People, RoleAssignment
from incidentkit.model.replacing import replacing
from incidentkit.model.words import LinkKind
from incidentkit.rules.evolve_life import same

_FRESH = Attention()


def part(
    i: Incident,
    *,
    card: Card | None = None,
    rating: Rating | None = None,
    people: People | None = None,
    course: Course | None = None,
    attention: Attention | None = None,
    clocks: tuple[Clock, ...] | None = None,
    ties: Ties | None = None,
    dossier: Dossier | None = None,
) -> Incident:
    """The incident, one version on, with these parts replaced."""
    return Incident(
        i.id,
        i.ref,
        i.version + 1,
        i.card if card is None else card,
        i.rating if rating is None else rating,
        i.life,
        i.people if people is None else people,
        i.course if course is None else course,
        i.attention if attention is None else attention,
        i.clocks if clocks is None else clocks,
        i.ties if ties is None else ties,
        i.more if dossier is None else dossier,
    )


_assignee, _team = replacing(People, "assignee"), replacing(People, "team")


def _people(i: Incident, **changed: Any) -> People:
    return attrs.evolve(i.people, **changed)


def overlaid(i: Incident, **changed: Any) -> Incident:
    """The incident, one version on, with these overlays replaced."""
    overlays = attrs.evolve(i.dossier.overlays, **changed)
    return part(i, dossier=attrs.evolve(i.dossier, overlays=overlays))


def rated(i: Incident, v: e.Rated, _at: datetime) -> Incident:
    """Impact, urgency and severity as stated; the priority is drawn in an event of its own."""
    r = i.rating
    rating = Rating(v.impact, v.urgency, r.priority, r.provisional, r.by_hand, v.severity)
    return part(i, rating=rating)


def prioritised(i: Incident, v: e.Prioritised, _at: datetime) -> Incident:
    """The priority as drawn or set."""
    r = i.rating
    rating = Rating(r.impact, r.urgency, v.priority, v.provisional, v.by_hand, r.severity)
    return part(i, rating=rating)


def priority_returned(i: Incident, _event: e.PriorityReturned, _at: datetime) -> Incident:
    """The priority stands until the rules draw it, in an event of its own."""
    r = i.rating
    return part(i, rating=Rating(r.impact, r.urgency, r.priority, r.provisional, False, r.severity))


def assigned(i: Incident, v: e.Assigned, _at: datetime) -> Incident:
    """Another works on it; while nobody holds a lease the ladder begins again with them."""
    people = _assignee(i.people, v.assignee)
    return part(i, people=people, attention=None if i.attention.leases else _FRESH)


def team_changed(i: Incident, v: e.TeamChanged, _at: datetime) -> Incident:
    """Another group has the work."""
    return part(i, people=_team(i.people, v.team))


def watched(i: Incident, v: e.WatchersChanged, _at: datetime) -> Incident:
    """Who hears of it from now on."""
    return part(i, people=_people(i, watchers=v.watchers))


def status_stated(i: Incident, v: e.StatusStated, _at: datetime) -> Incident:
    """The host's own word for where it stands."""
    return overlaid(i, status=v.status)


def owner_changed(i: Incident, v: e.OwnerChanged, _at: datetime) -> Incident:
    """Another is accountable."""
    return part(i, people=_people(i, owner=v.owner))


def role_taken(i: Incident, v: e.RoleTaken, at: datetime) -> Incident:
    """The role has a holder from now on; who held it alone before held it until now."""
    was = i.people.roles if v.many else _left(i.people.roles, v.role, at)
    taken = RoleAssignment(v.role, v.holder, at, acting=v.acting)
    return part(i, people=_people(i, roles=(*was, taken)))


def role_left(i: Incident, v: e.RoleLeft, at: datetime) -> Incident:
    """The role was held until now."""
    roles = _left(i.people.roles, v.role, at, v.holder)
    return part(i, people=_people(i, roles=roles))


def _left(
    roles: tuple[RoleAssignment, ...], role: str, at: datetime, holder: str = ""
) -> tuple[RoleAssignment, ...]:
    return tuple(
        RoleAssignment(x.role, x.holder, x.since, at, x.acting)
        if x.role == role and x.until is None and holder in ("", x.holder)
        else x
        for x in roles
    )


def edited(i: Incident, v: e.Edited, _at: datetime) -> Incident:
    """What people read; None leaves a field as it was."""
    was = i.card
    card = Card(
        was.title if v.title is None else v.title,
        was.summary if v.summary is None else v.summary,
        was.service if v.service is None else v.service,
        was.labels if v.labels is None else v.labels,
        was.source,
        was.reporter,
        was.category if v.category is None else v.category,
    )
    return part(i, card=card)


def corrected(i: Incident, v: e.MomentCorrected, _at: datetime) -> Incident:
    """The instant as it should have been."""
    was = i.course
    moments = was.moments.with_(v.moment, v.now)
    return part(i, course=Course(moments, was.holds, was.ending, was.outcome))


def linked(i: Incident, v: e.Linked, _at: datetime) -> Incident:
    """One tie more."""
    links = (*i.ties.links, Link(v.kind, v.target, v.ref))
    return part(i, ties=Ties(links, i.ties.alerts, i.ties.firing, i.ties.reports))


def unlinked(i: Incident, v: e.Unlinked, _at: datetime) -> Incident:
    """Without that tie."""
    links = tuple(x for x in i.ties.links if (x.kind, x.target) != (v.kind, v.target))
    ties, more = Ties(links, i.ties.alerts, i.ties.firing, i.ties.reports), i.more
    if v.kind is LinkKind.PARENT_OF and more is not None and v.target in more.ended:
        left = tuple(x for x in more.ended if x != v.target)
        return part(i, ties=ties, dossier=attrs.evolve(more, ended=left))
    return part(i, ties=ties)


def counted(i: Incident, alerts: int = 0, firing: int = 0, reports: int = 0) -> Incident:
    """So many alerts, of them firing, and reports more; fewer where the number is below 0."""
    t = i.ties
    return part(i, ties=Ties(t.links, t.alerts + alerts, t.firing + firing, t.reports + reports))


def problem_proposed(i: Incident, _event: Event, _at: datetime) -> Incident:
    """A major proposes its problem once; other incidents keep nothing of it."""
    if i.more is None:
        return part(i)
    overlays = i.more.overlays
    run = attrs.evolve(overlays.run, problem_proposed=True)
    return part(i, dossier=attrs.evolve(i.more, overlays=attrs.evolve(overlays, run=run)))


def alert_joined(i: Incident, _event: Event, _at: datetime) -> Incident:
    """One alert more, and it fires."""
    return counted(i, 1, 1)


def alert_cleared(i: Incident, _event: Event, _at: datetime) -> Incident:
    """One alert fewer fires."""
    return counted(i, 0, -1)


def alert_refired(i: Incident, _event: Event, _at: datetime) -> Incident:
    """One alert more fires, of those there were."""
    return counted(i, 0, 1)


def report_joined(i: Incident, _event: Event, _at: datetime) -> Incident:
    """One person more reported it."""
    return counted(i, 0, 0, 1)


def clock_moved(i: Incident, v: e.ClockMoved, _at: datetime) -> Incident:
    """The clock of a target as it stands now."""
    return part(i, clocks=_with_clock(i.clocks, v.clock))


def clock_warned(i: Incident, v: e.ClockWarned, at: datetime) -> Incident:
    """The flag that stays once somebody was warned."""
    return _flagged(i, v, at, warned=True)


def clock_breached(i: Incident, v: e.ClockBreached, at: datetime) -> Incident:
    """The flag that stays once the target was missed."""
    return _flagged(i, v, at, warned=False)


def _with_clock(clocks: tuple[Clock, ...], clock: Clock) -> tuple[Clock, ...]:
    if any(x.target == clock.target for x in clocks):
        return tuple(clock if x.target == clock.target else x for x in clocks)
    return (*clocks, clock)


def _flagged(
    i: Incident, v: e.ClockWarned | e.ClockBreached, at: datetime, *, warned: bool
) -> Incident:
    clock = i.clock(v.target)
    if clock is None:
        return same(i, v, at)
    flagged = Clock(
        clock.target,
        clock.state,
        clock.started_at,
        clock.due_at,
        clock.warn_at,
        at if warned else clock.warned_at,
        clock.breached_at if warned else at,
        clock.stopped_at,
        clock.pauses,
        clock.history,
    )
    return part(i, clocks=_with_clock(i.clocks, flagged))
