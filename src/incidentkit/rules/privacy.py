"""Private incidents, and breaking the glass: who is let in, and what it takes.

Who counts as a participant stands in `rules/access.py`; here is what the commands make of an
incident.
"""

from __future__ import annotations

from datetime import datetime

from incidentkit.errors import TransitionNotAllowed
from incidentkit.model import privacy_changes as p
from incidentkit.model.incident import Incident
from incidentkit.model.incident_task import REVIEW, IncidentTask
from incidentkit.model.incident_task_changes import TaskAdded
from incidentkit.model.journal import Event
from incidentkit.model.overlays import Glass, Privacy
from incidentkit.model.people import COMMANDER
from incidentkit.rules.evolve_parts import overlaid
from incidentkit.rules.moves import need
from incidentkit.rules.table import EVERYWHERE, Move, Part
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.timing.instants import show_instant


def is_private(incident: Incident) -> bool:
    """Whether only participants and those admitted may see it."""
    return incident.more is not None and incident.more.overlays.privacy is not None


def responsible(incident: Incident) -> str | None:
    """Who answers for an incident: its owner, else its commander, else its assignee."""
    people = incident.people
    return people.owner or people.holder(COMMANDER) or people.assignee


def make_private(
    incident: Incident, command: p.MakePrivate, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """It needs a reason; the same said again changes nothing."""
    need(incident, command, reason=command.reason)
    known = incident.dossier.overlays.privacy
    if known is not None and (known.reason, known.admits) == (command.reason, command.admits):
        return ()
    return (p.PrivacySet(command.reason, command.admits),)


def lift(
    incident: Incident, command: p.LiftPrivacy, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """A privacy that there is; lifting it needs a reason too."""
    if not is_private(incident):
        raise TransitionNotAllowed(
            f"{incident.ref} (privacy)", "not private", command.action, ("make_private",)
        )
    need(incident, command, reason=command.reason)
    return (p.PrivacyLifted(command.reason),)


def break_glass(
    incident: Incident, command: p.BreakGlass, at: datetime, by: str, terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Whoever gives it is let in for a while, and a task to look into it is left behind."""
    need(incident, command, reason=command.reason)
    until = at + terms.glass_for
    known = incident.dossier.tasks
    title = f"Review the access that {by} took until {show_instant(until)}"
    task = IncidentTask(
        f"T{len(known) + 1}", title[:200], assignee=responsible(incident), phase=REVIEW
    )
    return p.GlassBroken(by, until, command.reason), TaskAdded(task)


def _set(i: Incident, v: p.PrivacySet, at: datetime) -> Incident:
    return overlaid(i, privacy=Privacy(at, v.why, v.admits))


def _lifted(i: Incident, _event: p.PrivacyLifted, _at: datetime) -> Incident:
    return overlaid(i, privacy=None)


def _broken(i: Incident, v: p.GlassBroken, at: datetime) -> Incident:
    kept = tuple(x for x in i.dossier.overlays.glass if x.party != v.party and x.until > at)
    return overlaid(i, glass=(*kept, Glass(v.party, at, v.until, v.why)))


PART = Part(
    (
        Move(p.MakePrivate, EVERYWHERE, None, ("reason",), make_private, (), True),
        Move(p.LiftPrivacy, EVERYWHERE, None, ("reason",), lift, (), True),
        Move(p.BreakGlass, EVERYWHERE, None, ("reason",), break_glass, (), True),
    ),
    {p.PrivacySet: _set, p.PrivacyLifted: _lifted, p.GlassBroken: _broken},
)
