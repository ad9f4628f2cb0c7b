"""What is asked of a ticket's incident, and what happens to tickets: commands and events."""

from __future__ import annotations

import attrs

from incidentkit.model import checks
from incidentkit.model.hosting import NO_FIELDS, Fields
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.words import MessageKind, Mode


def _mode(value: Mode | str) -> Mode:
    return checks.member(Mode, "mode", value)


@attrs.frozen(repr=False)
class SetMode(Command):
    """How far the library acts on this incident from now on; nothing of before is sent."""

    action = "set_mode"
    mode: Mode = attrs.field(converter=_mode)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class TicketAdopted(Event):
    """The incident stands for a ticket of the host from now on.

    `live`: it was just opened, so that everything follows from it as from a declaration; otherwise
    nothing of its past was sent. `again`: it had been let go before.
    """

    system: str
    key: str
    mode: Mode
    stated: Fields
    ticket_version: int = 0
    live: bool = False
    again: bool = False


@attrs.frozen(repr=False)
class ModeSet(Event):
    """How far the library acts from now on."""

    mode: Mode
    was: Mode
    reason: str


@attrs.frozen(repr=False)
class TicketHeard(Event):
    """The host told of a change of its ticket: its version, and the fields that it stated."""

    ticket_version: int
    stated: Fields


@attrs.frozen(repr=False)
class FieldDisputed(Event):
    """Both sides had a word for a field; `winner` (host or library) kept it."""

    field: str
    ours: str
    theirs: str
    winner: str


@attrs.frozen(repr=False)
class FieldsSent(Event):
    """The ticket is told these fields."""

    fields: Fields
    delivery: str = ""


@attrs.frozen(repr=False)
class TicketDetached(Event):
    """The library let go of it: its clocks were cancelled, nothing is paged, told or synced."""

    reason: str
    clocks: tuple[str, ...] = ()


@attrs.frozen(repr=False)
class TicketEnrolled(Event):
    """How far to act on this ticket was decided, for good."""

    system: str
    key: str
    mode: Mode
    facts: Fields = NO_FIELDS


@attrs.frozen(repr=False)
class TicketTaken(Event):
    """The ticket has an incident."""

    incident: str
    mode: Mode


@attrs.frozen(repr=False)
class TicketLetGo(Event):
    """The ticket has nothing to do with the library any more."""

    reason: str


@attrs.frozen(repr=False)
class DeliveryKept(Event):
    """The message was decided as always, and is not sent: it stands here for whoever looks."""

    kind: MessageKind
    party: str
    channel: str
    state: str


@attrs.frozen(repr=False)
class DraftSent(Event):
    """A person let a draft go out."""

    by: str
