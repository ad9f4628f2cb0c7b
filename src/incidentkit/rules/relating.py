"""What commands and events between incidents make of each of them: rows for the tables.

Whether two incidents may be merged is for `merge`, which sees both; a row here only says in which
states of its subject a command makes sense.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.errors import InvalidValue, TransitionNotAllowed
from incidentkit.model import incident_commands as c
from incidentkit.model import relation_changes as r
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Course, Hold, Incident
from incidentkit.model.journal import Event
from incidentkit.model.people import People
from incidentkit.model.scope import Scope
from incidentkit.model.words import CancelReason, Moment, State
from incidentkit.rules import waits
from incidentkit.rules.evolve_life import living, same
from incidentkit.rules.evolve_parts import counted, part
from incidentkit.rules.merge import HOME
from incidentkit.rules.moves import need
from incidentkit.rules.react import refired, reporters
from incidentkit.rules.table import EVERYWHERE, Elsewhere, Move, Part
from incidentkit.rules.terms import LifecycleTerms


def _merge(
    incident: Incident, command: r.Merge, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    need(incident, command, target=command.target, reason=command.reason)
    return ()


def _unmerge(
    incident: Incident, command: r.Unmerge, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    need(incident, command, reason=command.reason)
    if incident.course.ending.cancelled is not CancelReason.MERGED:
        ended = f"cancelled ({incident.course.ending.cancelled})"
        raise TransitionNotAllowed(incident.ref, ended, command.action, ("reopen",))
    return ()


def _split(
    incident: Incident, command: r.Split, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    need(incident, command, title=command.title.strip())
    need(incident, command, **{"alerts or reports": command.alerts or command.reports})
    _once("alerts", command.alerts)
    _once("reports", command.reports)
    return ()


def _move_alerts(
    incident: Incident, command: r.MoveAlerts, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    need(incident, command, target=command.target, alerts=command.alerts)
    _once("alerts", command.alerts)
    return ()


def _move_reports(
    incident: Incident, command: r.MoveReports, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    need(incident, command, target=command.target, reports=command.reports)
    _once("reports", command.reports)
    return ()


def _once(field: str, given: tuple[str, ...]) -> None:
    if len(set(given)) != len(given):
        raise InvalidValue(field, "names one of them twice")


def _successor(
    incident: Incident, command: r.OpenSuccessor, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    need(incident, command, reason=command.reason)
    return ()


# --- events ---------------------------------------------------------------------------------------


def _absorbed(i: Incident, v: r.Absorbed, _at: datetime) -> Incident:
    i = counted(_one_back(i), len(v.alerts), v.firing, len(v.reports))
    people = attrs.evolve(i.people, watchers=(*i.people.watchers, *v.watchers))
    moments = FrozenMap({**i.course.moments, **v.moments})
    return _with_scope(_reached(i, moments, people=people), v.scope)


def _released(i: Incident, v: r.Released, _at: datetime) -> Incident:
    i = counted(_one_back(i), -len(v.alerts), -v.firing, -len(v.reports))
    gone = frozenset(v.watchers)
    left = tuple(x for x in i.people.watchers if x not in gone)
    known = {k: then for k, then in i.course.moments.items() if k not in v.unknown}
    moments = FrozenMap({**known, **v.moments})
    return _with_scope(_reached(i, moments, people=attrs.evolve(i.people, watchers=left)), v.scope)


def _one_back(i: Incident) -> Incident:
    """Several parts change by one event; each step counts a version, and only one may."""
    return attrs.evolve(i, version=i.version - 1)


def _reached(i: Incident, moments: FrozenMap[Moment, datetime], people: People) -> Incident:
    return attrs.evolve(i, people=people, course=attrs.evolve(i.course, moments=moments))


def _with_scope(i: Incident, scope: Scope) -> Incident:
    same_as_before = i.dossier.scope == scope
    return part(i, dossier=None if same_as_before else attrs.evolve(i.dossier, scope=scope))


def _taken(i: Incident, v: r.ContentsMovedIn, _at: datetime) -> Incident:
    return counted(i, len(v.alerts), v.firing, len(v.reports))


def _given(i: Incident, v: r.ContentsMovedOut | r.GivenUp, _at: datetime) -> Incident:
    return counted(i, -len(v.alerts), -v.firing, -len(v.reports))


def _child_turned(i: Incident, v: r.ChildTurned, _at: datetime) -> Incident:
    others = tuple(x for x in i.dossier.ended if x != v.child)
    ended = (*others, v.child) if v.over else others
    return part(i, dossier=attrs.evolve(i.dossier, ended=ended))


def _reminded(i: Incident, v: r.HoldReminded, _at: datetime) -> Incident:
    *before, last = i.course.holds
    now = Hold(last.reason, last.court, last.interval, v.number, v.next_at)
    was = i.course
    course = Course(was.moments, (*before, now), was.ending, was.outcome)
    return living(i, i.life, course, i.attention)


# --- what follows ---------------------------------------------------------------------------------


def _fires_on(
    incident: Incident, event: r.Absorbed | r.ContentsMovedIn, terms: LifecycleTerms
) -> tuple[c.Command, ...]:
    """Alerts that fire came in: as if they had joined just now."""
    if not event.firing:
        return ()
    return refired(incident, f"{event.firing} came over from {event.ref}", terms)


def _answered(
    incident: Incident, _event: r.ReporterAnswered, terms: LifecycleTerms
) -> tuple[c.Command, ...]:
    return waits.resumed_by(incident, "reporter", terms)


def _told(incident: Incident, event: Event) -> tuple[Elsewhere, ...]:
    return reporters(incident, event)


PART = Part(
    moves=(
        Move(r.Merge, HOME, None, ("target", "reason"), _merge),
        Move(r.Unmerge, frozenset((State.CANCELLED,)), None, ("reason",), _unmerge),
        Move(r.Split, HOME, None, ("title", "alerts or reports"), _split),
        Move(r.MoveAlerts, EVERYWHERE, None, ("target", "alerts"), _move_alerts),
        Move(r.MoveReports, EVERYWHERE, None, ("target", "reports"), _move_reports),
        Move(
            r.OpenSuccessor,
            frozenset((State.RESOLVED, State.CLOSED, State.CANCELLED)),
            None,
            ("reason",),
            _successor,
        ),
    ),
    evolve={
        r.Absorbed: _absorbed,
        r.GivenUp: _given,
        r.Released: _released,
        r.ContentsMovedIn: _taken,
        r.ContentsMovedOut: _given,
        r.ChildTurned: _child_turned,
        r.ReporterAnswered: same,
        r.HoldReminded: _reminded,
    },
    reacts={
        r.Absorbed: _fires_on,
        r.ContentsMovedIn: _fires_on,
        r.ReporterAnswered: _answered,
    },
    elsewhere={r.Absorbed: _told, r.ContentsMovedIn: _told},
)
