"""What is said of an incident's reach: commands, and the events that they lead to.

Aspects, things affected, organisations, references and the label; impacts have a file of their own.
"""

from __future__ import annotations

import attrs

from incidentkit.model import checks
from incidentkit.model.affected import Affected, Thing, thing
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.labels import Label, Tlp, tlp
from incidentkit.model.organisations import Organisation, OrganisationKind, organisation_kind
from incidentkit.model.references import Reference
from incidentkit.model.signals import NO_TEXTS, Texts

# --- commands -------------------------------------------------------------------------------------


@attrs.frozen(repr=False)
class StateAspect(Command):
    """It has this aspect, with these fields; an empty text takes a field away.

    The first aspect of an incident is its primary one, and so is one stated with `primary`.
    """

    action = "state_aspect"
    aspect: str = attrs.field(validator=checks.name)
    fields: Texts = attrs.field(default=NO_TEXTS, converter=checks.to_map)
    primary: bool = False


@attrs.frozen(repr=False)
class DropAspect(Command):
    """It has this aspect no longer; where that was the primary one, the next oldest becomes it."""

    action = "drop_aspect"
    aspect: str = attrs.field(validator=checks.name)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class MarkAffected(Command):
    """A service, component, location or asset is affected; not `certain`: it could be."""

    action = "mark_affected"
    kind: Thing = attrs.field(converter=thing)
    name: str = attrs.field(validator=checks.name)
    certain: bool = True
    note: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class ClearAffected(Command):
    """It is not affected, or no longer."""

    action = "clear_affected"
    kind: Thing = attrs.field(converter=thing)
    name: str = attrs.field(validator=checks.name)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class InvolveOrganisation(Command):
    """An organisation has to do with it, in a role in words such as `processor`."""

    action = "involve_organisation"
    name: str = attrs.field(validator=checks.name)
    kind: OrganisationKind = attrs.field(
        default=OrganisationKind.OTHER, converter=organisation_kind
    )
    role: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    note: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class ReleaseOrganisation(Command):
    """An organisation has nothing to do with it any more, in that role."""

    action = "release_organisation"
    name: str = attrs.field(validator=checks.name)
    role: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class AddReference(Command):
    """Another system knows it under this key; said again, URL and title are replaced."""

    action = "add_reference"
    system: str = attrs.field(validator=checks.name)
    key: str = attrs.field(validator=checks.name)
    url: str = ""
    title: str = attrs.field(default="", validator=checks.text(checks.TITLE_LIMIT))


@attrs.frozen(repr=False)
class RemoveReference(Command):
    """That key of that system does not mean it."""

    action = "remove_reference"
    system: str = attrs.field(validator=checks.name)
    key: str = attrs.field(validator=checks.name)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class SetLabel(Command):
    """How far it may travel: a TLP level, and all compartments. Lowering it needs a reason."""

    action = "set_label"
    level: Tlp = attrs.field(converter=tlp)
    compartments: tuple[str, ...] = attrs.field(default=(), converter=checks.to_tuple)
    reason: str = attrs.field(default="", validator=checks.text())


# --- events ---------------------------------------------------------------------------------------


@attrs.frozen(repr=False)
class AspectStated(Event):
    """It has this aspect, with all these fields."""

    aspect: str
    fields: Texts
    primary: bool


@attrs.frozen(repr=False)
class AspectDropped(Event):
    """It has this aspect no longer; `primary` is the primary one now, empty where none is left."""

    aspect: str
    primary: str
    reason: str


@attrs.frozen(repr=False)
class AffectedMarked(Event):
    """A thing is affected, or could be."""

    thing: Affected


@attrs.frozen(repr=False)
class AffectedCleared(Event):
    """A thing is not affected, or no longer."""

    kind: Thing
    name: str
    reason: str


@attrs.frozen(repr=False)
class OrganisationInvolved(Event):
    """An organisation has to do with it."""

    organisation: Organisation


@attrs.frozen(repr=False)
class OrganisationReleased(Event):
    """An organisation has nothing to do with it any more."""

    name: str
    role: str
    reason: str


@attrs.frozen(repr=False)
class ReferenceAdded(Event):
    """Another system knows it under a key."""

    reference: Reference


@attrs.frozen(repr=False)
class ReferenceRemoved(Event):
    """A key of another system does not mean it."""

    system: str
    key: str
    reason: str


@attrs.frozen(repr=False)
class LabelSet(Event):
    """How far it may travel from now on, and how far it could before."""

    label: Label
    was: Label | None
    reason: str
