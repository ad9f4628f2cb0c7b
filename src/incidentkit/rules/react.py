"""What follows from what happened: a table from events to commands.

Every event has its consumers here or none at all. The same record reacts in the same commit, at
most `DEPTH` deep (`SAME_RECORD`). Another record hears of it (`HEARERS`) by a task that names the
causing entry, so that a doubled task does nothing; what it does then stands in `reactions`. What a
host may choose stands in `LifecycleTerms`.
"""

from __future__ import annotations

from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.words import LinkKind, State
from incidentkit.rules import beyond
from incidentkit.rules.table import Elsewhere, Hear, React
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.rules.waits import current, resumed_by

DEPTH = 8
BY_PROBLEM = "by_problem"
"""The code by which an incident resolves that waited for its problem."""
REPORTERS = "reporters"
"""Who hears of an incident as its reporters; the name of their audience and of their reactions."""
_ALONE = "change"
"""The kind of record that knows of no links: nobody tells it."""


def refired(incident: Incident, title: str, terms: LifecycleTerms) -> tuple[c.Command, ...]:
    """A re-fire, or an alert that joins, shows that the fix did not hold."""
    if not terms.refire_reopens:
        return ()
    why = f"alert fired: {title}"
    if incident.life.state in (State.MITIGATED, State.OBSERVING):
        return (c.Regress(incident.ref, reason=why),)
    closed = incident.life.state is State.CLOSED and terms.reopen_closed
    if closed or incident.life.state is State.RESOLVED:
        return (c.Reopen(incident.ref, reason=why, by_rule=True),)
    return ()


def _alert(
    incident: Incident, event: e.AlertRefired | e.AlertJoined, terms: LifecycleTerms
) -> tuple[c.Command, ...]:
    return refired(incident, event.title, terms)


def _reported(
    incident: Incident, event: e.ReportJoined, terms: LifecycleTerms
) -> tuple[c.Command, ...]:
    """Whoever is waited for wrote again; a report of somebody else is no answer."""
    hold = current(incident)
    waited_for = () if hold is None else (hold.court, incident.card.reporter)
    if event.reporter in waited_for or event.on_behalf_of in waited_for:
        return resumed_by(incident, "reporter", terms)
    return ()


SAME_RECORD: dict[type[Event], React] = {
    e.AlertRefired: _alert,
    e.AlertJoined: _alert,
    e.ReportJoined: _reported,
}
"""Event of every day -> commands on the record where it happened; `Part.reacts` has the others."""


def react(incident: Incident, event: Event, terms: LifecycleTerms) -> tuple[c.Command, ...]:
    """The commands that the record owes to one of its own events."""
    rule = SAME_RECORD.get(type(event))
    if rule is None and type(event).__module__ != _EVERY_DAY:
        found = beyond.part(type(event).__module__)
        rule = None if found is None else found.reacts.get(type(event))
    return () if rule is None else rule(incident, event, terms)


_EVERY_DAY = e.__name__


# --- who else hears of it -------------------------------------------------------------------------


def _far_end(_incident: Incident, event: e.Linked | e.Unlinked) -> tuple[Elsewhere, ...]:
    kind, _, id_ = event.target.partition("/")
    return () if kind == _ALONE else (Elsewhere(kind, id_),)


def _kin(incident: Incident, *kinds: LinkKind) -> tuple[Elsewhere, ...]:
    return tuple(
        Elsewhere("incident", x.target.partition("/")[2])
        for x in incident.ties.links
        if x.kind in kinds
    )


def _children(incident: Incident, _: Event) -> tuple[Elsewhere, ...]:
    return _kin(incident, LinkKind.PARENT_OF)


def _family(incident: Incident, _: Event) -> tuple[Elsewhere, ...]:
    return _kin(incident, LinkKind.PARENT_OF, LinkKind.CHILD_OF)


def reporters(incident: Incident, _: Event) -> tuple[Elsewhere, ...]:
    """The reporters of what is resolved, as far as there are any."""
    over = incident.life.state is State.RESOLVED and incident.ties.reports
    return (Elsewhere(REPORTERS, incident.id),) if over else ()


def _resolved(incident: Incident, event: Event) -> tuple[Elsewhere, ...]:
    return (*_family(incident, event), *reporters(incident, event))


def _replied(incident: Incident, event: e.Replied) -> tuple[Elsewhere, ...]:
    return (Elsewhere(REPORTERS, incident.id),) if event.to == REPORTERS else ()


HEARERS: dict[type[Event], Hear] = {
    e.Linked: _far_end,
    e.Unlinked: _far_end,
    e.Started: _children,
    e.Resumed: _children,
    e.Held: _children,
    e.Reopened: _family,
    e.Resolved: _resolved,
    e.Closed: _family,
    e.Cancelled: _family,
    e.ReportJoined: reporters,
    e.Replied: _replied,
}
"""Event of every day -> the records that must hear of it; `Part.elsewhere` has the others."""


def elsewhere(incident: Incident, event: Event) -> tuple[Elsewhere, ...]:
    """The other records that must hear of an event of an incident, as it stands after it."""
    rule = HEARERS.get(type(event))
    if rule is None and type(event).__module__ != _EVERY_DAY:
        found = beyond.part(type(event).__module__)
        rule = None if found is None else found.elsewhere.get(type(event))
    return () if rule is None else rule(incident, event)
