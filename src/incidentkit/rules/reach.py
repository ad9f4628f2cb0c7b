"""What an incident reaches: aspects, things affected, organisations, references, and its label."""

from __future__ import annotations

from datetime import datetime

from incidentkit.errors import InvalidValue, NotFound
from incidentkit.lang.names import nearest
from incidentkit.model import scope_changes as s
from incidentkit.model.affected import Affected, Thing
from incidentkit.model.aspects import Aspect
from incidentkit.model.checks import check_count, check_texts
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.labels import Label
from incidentkit.model.organisations import Organisation
from incidentkit.model.references import Reference
from incidentkit.rules.dossier_parts import existing, with_scope
from incidentkit.rules.moves import need
from incidentkit.rules.table import EVERYWHERE, Move, Part
from incidentkit.rules.terms import LifecycleTerms

# --- aspects --------------------------------------------------------------------------------------


def state_aspect(
    incident: Incident, command: s.StateAspect, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """One aspect more, or other fields of one there is; the first one is the primary."""
    scope = incident.dossier.scope
    was = scope.aspect(command.aspect)
    given = check_texts(command.fields, "fields")
    known = {} if was is None else dict(was.fields)
    known.update(given)
    fields = check_texts({key: text for key, text in known.items() if text}, "fields")
    primary = command.primary or not scope.aspects or scope.primary == command.aspect
    if was is None:
        check_count(len(scope.aspects) + 1, "aspects")
    elif fields == was.fields and primary is (scope.primary == command.aspect):
        return ()
    return (s.AspectStated(command.aspect, fields, primary),)


def aspect_stated(i: Incident, v: s.AspectStated, _at: datetime) -> Incident:
    """The aspect in its place: the primary one stands first."""
    aspects, aspect = i.dossier.scope.aspects, Aspect(v.aspect, v.fields)
    others = tuple(x for x in aspects if x.name != v.aspect)
    if v.primary:
        return with_scope(i, aspects=(aspect, *others))
    if len(others) == len(aspects):
        return with_scope(i, aspects=(*others, aspect))
    return with_scope(i, aspects=tuple(aspect if x.name == v.aspect else x for x in aspects))


def drop_aspect(
    incident: Incident, command: s.DropAspect, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Only an aspect that it has can be dropped."""
    scope = incident.dossier.scope
    if scope.aspect(command.aspect) is None:
        raise NotFound("aspect", command.aspect, tuple(x.name for x in scope.aspects))
    left = [x.name for x in scope.aspects if x.name != command.aspect]
    return (s.AspectDropped(command.aspect, left[0] if left else "", command.reason),)


def aspect_dropped(i: Incident, v: s.AspectDropped, _at: datetime) -> Incident:
    """Without the aspect; of what is left the first is the primary one."""
    aspects = i.dossier.scope.aspects
    return with_scope(i, aspects=tuple(x for x in aspects if x.name != v.aspect))


# --- things ---------------------------------------------------------------------------------------


def mark_affected(
    incident: Incident, command: s.MarkAffected, _at: datetime, _by: str, terms: LifecycleTerms
) -> tuple[Event, ...]:
    """A thing is affected or could be; said again otherwise, it is replaced."""
    known = terms.dossier
    if command.kind is Thing.SERVICE and known.closed and command.name not in known.services:
        hint = nearest(command.name, known.services)
        problem = f"{command.name!r} is not listed, and the policy is closed; {hint}"
        raise InvalidValue("service", problem)
    thing = Affected(command.kind, command.name, command.certain, command.note)
    scope = incident.dossier.scope
    was = scope.thing(thing.kind, thing.name)
    if was is None:
        check_count(len(scope.affected) + 1, "affected")
    return () if was == thing else (s.AffectedMarked(thing),)


def affected_marked(i: Incident, v: s.AffectedMarked, _at: datetime) -> Incident:
    """The thing in the place of what was said of it before."""
    things, new = i.dossier.scope.affected, v.thing
    key = (new.kind, new.name)
    if any((x.kind, x.name) == key for x in things):
        return with_scope(i, affected=tuple(new if (x.kind, x.name) == key else x for x in things))
    return with_scope(i, affected=(*things, new))


def clear_affected(
    incident: Incident, command: s.ClearAffected, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Only what was said to be affected can be cleared."""
    thing = incident.dossier.scope.thing(command.kind, command.name)
    found = existing(thing, f"affected {command.kind}", command.name)
    return (s.AffectedCleared(found.kind, found.name, command.reason),)


def affected_cleared(i: Incident, v: s.AffectedCleared, _at: datetime) -> Incident:
    """Without the thing."""
    things = i.dossier.scope.affected
    left = tuple(x for x in things if (x.kind, x.name) != (v.kind, v.name))
    return with_scope(i, affected=left)


# --- organisations --------------------------------------------------------------------------------


def involve(
    incident: Incident,
    command: s.InvolveOrganisation,
    _at: datetime,
    _by: str,
    _terms: LifecycleTerms,
) -> tuple[Event, ...]:
    """An organisation in a role; said again otherwise, it is replaced."""
    new = Organisation(command.name, command.kind, command.role, command.note)
    scope = incident.dossier.scope
    was = scope.organisation(new.name, new.role)
    if was is None:
        check_count(len(scope.organisations) + 1, "organisations")
    return () if was == new else (s.OrganisationInvolved(new),)


def involved(i: Incident, v: s.OrganisationInvolved, _at: datetime) -> Incident:
    """The organisation in the place of what was said of it in that role before."""
    known, new = i.dossier.scope.organisations, v.organisation
    others = tuple(x for x in known if (x.name, x.role) != (new.name, new.role))
    return with_scope(i, organisations=(*others, new))


def release(
    incident: Incident,
    command: s.ReleaseOrganisation,
    _at: datetime,
    _by: str,
    _terms: LifecycleTerms,
) -> tuple[Event, ...]:
    """Only an organisation that is involved in that role can be released."""
    found = existing(
        incident.dossier.scope.organisation(command.name, command.role),
        "organisation",
        f"{command.name} ({command.role})" if command.role else command.name,
    )
    return (s.OrganisationReleased(found.name, found.role, command.reason),)


def released(i: Incident, v: s.OrganisationReleased, _at: datetime) -> Incident:
    """Without the organisation in that role."""
    known = i.dossier.scope.organisations
    left = tuple(x for x in known if (x.name, x.role) != (v.name, v.role))
    return with_scope(i, organisations=left)


# --- references -----------------------------------------------------------------------------------


def add_reference(
    incident: Incident, command: s.AddReference, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """One reference a key of a system; said again otherwise, it is replaced."""
    new = Reference(command.system, command.key, command.url, command.title)
    scope = incident.dossier.scope
    was = scope.reference(new.system, new.key)
    if was is None:
        check_count(len(scope.references) + 1, "references")
    return () if was == new else (s.ReferenceAdded(new),)


def reference_added(i: Incident, v: s.ReferenceAdded, _at: datetime) -> Incident:
    """The reference in the place of the one with the same key."""
    known, new = i.dossier.scope.references, v.reference
    others = tuple(x for x in known if (x.system, x.key) != (new.system, new.key))
    return with_scope(i, references=(*others, new))


def remove_reference(
    incident: Incident, command: s.RemoveReference, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Only a reference that there is can be removed."""
    reference = incident.dossier.scope.reference(command.system, command.key)
    found = existing(reference, f"reference to {command.system}", command.key)
    return (s.ReferenceRemoved(found.system, found.key, command.reason),)


def reference_removed(i: Incident, v: s.ReferenceRemoved, _at: datetime) -> Incident:
    """Without the reference."""
    known = i.dossier.scope.references
    left = tuple(x for x in known if (x.system, x.key) != (v.system, v.key))
    return with_scope(i, references=left)


# --- the label ------------------------------------------------------------------------------------


def set_label(
    incident: Incident, command: s.SetLabel, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Raising is free; a lower level, or a compartment less, needs a reason."""
    label, was = Label(command.level, command.compartments), incident.dossier.scope.label
    if label == was:
        return ()
    if not label.covers(was):
        need(incident, command, **{"reason (the label is lowered)": command.reason})
    return (s.LabelSet(label, was, command.reason),)


def label_set(i: Incident, v: s.LabelSet, _at: datetime) -> Incident:
    """The label from now on."""
    return with_scope(i, label=v.label)


PART = Part(
    moves=(
        Move(s.StateAspect, EVERYWHERE, None, (), state_aspect),
        Move(s.DropAspect, EVERYWHERE, None, (), drop_aspect),
        Move(s.MarkAffected, EVERYWHERE, None, (), mark_affected),
        Move(s.ClearAffected, EVERYWHERE, None, (), clear_affected),
        Move(s.InvolveOrganisation, EVERYWHERE, None, (), involve),
        Move(s.ReleaseOrganisation, EVERYWHERE, None, (), release),
        Move(s.AddReference, EVERYWHERE, None, (), add_reference),
        Move(s.RemoveReference, EVERYWHERE, None, (), remove_reference),
        Move(s.SetLabel, EVERYWHERE, None, ("reason (to lower it)",), set_label),
    ),
    evolve=FrozenMap(
        {
            s.AspectStated: aspect_stated,
            s.AspectDropped: aspect_dropped,
            s.AffectedMarked: affected_marked,
            s.AffectedCleared: affected_cleared,
            s.OrganisationInvolved: involved,
            s.OrganisationReleased: released,
            s.ReferenceAdded: reference_added,
            s.ReferenceRemoved: reference_removed,
            s.LabelSet: label_set,
        }
    ),
)
"""What the reach of an incident brings to its tables."""
