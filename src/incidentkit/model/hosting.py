"""Tickets of a host's own system, and what ties an incident to one of them.

A host hands over some of its tickets, lets the library look on, advise or act, and takes them back.
`Ticket` is what was decided about one, also while it has no incident; `Hosted` stands on the
incident. How far the library acts is a property of the incident from its adoption on.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.reason import Reason
from incidentkit.model.words import Mode

FIELDS = (
    "title",
    "summary",
    "service",
    "category",
    "state",
    "priority",
    "impact",
    "urgency",
    "assignee",
    "owner",
    "team",
)
"""What a ticket and its incident both have, and one of the two must have the last word on."""
HOST = "host"
"""What a host's ticket system is called where nobody says otherwise."""

Fields = FrozenMap[str, str]
NO_FIELDS: Fields = FrozenMap()
NO_MOVES: FrozenMap[str, int] = FrozenMap()


@attrs.frozen
class Hosted:
    """The ticket behind an incident, and what passed between the two.

    `turn` counts changes of the mode: a message of an earlier turn is not wanted any more. `stated`
    is each field as the ticket last said it, `told` as it was last sent there. `ticket_version` is
    the ticket's own at the last exchange. `outside` counts moves that the life-cycle does not have.
    Without a system it is no ticket's, and only has a mode.
    """

    system: str = ""
    key: str = ""
    mode: Mode = Mode.ENFORCE
    turn: int = 0
    stated: Fields = NO_FIELDS
    told: Fields = NO_FIELDS
    ticket_version: int = 0
    outside: FrozenMap[str, int] = NO_MOVES
    detached_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)


@attrs.frozen
class Ticket:
    """What was decided about one ticket of a host, for good.

    `mode` is what it was enrolled with. `decided` is the number of the journal entry that says why;
    `incident` the id of its incident once it has one; `detached`: it was let go of, and comes back
    only when it is enrolled by name.
    """

    id: str
    version: int
    system: str
    key: str
    mode: Mode
    decided: int
    incident: str = ""
    detached: bool = False


@attrs.frozen
class Enrolment:
    """The answer to a host that asks about one of its tickets: how far to act on it, and why.

    `reason` decides the same again (`rerun`). `incident` is the id of its incident, if it has one.
    """

    system: str
    key: str
    mode: Mode
    reason: Reason
    incident: str = ""
    detached: bool = False

    @property
    def enrolled(self) -> bool:
        """Whether the library has anything to do with the ticket."""
        return self.mode is not Mode.NONE


@attrs.frozen
class TicketMove:
    """A state that a ticket was in from an instant on, in our words.

    `reason` and `court` belong to a hold: what it waits for, and whose turn it is; `code` to an
    end; `word` is the ticket system's own word for the state.
    """

    at: datetime = attrs.field(converter=checks.to_utc)
    state: str = attrs.field(validator=checks.name)
    by: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    reason: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    court: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    code: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    word: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))


@attrs.frozen
class TicketNote:
    """A note on a ticket; it stays inside, whatever the ticket's own system shows of it."""

    text: str = attrs.field(validator=checks.text())
    by: str = attrs.field(validator=checks.name)
    at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)


@attrs.frozen
class Dispute:
    """One field that both sides had changed, or that is not its writer's: who kept it."""

    field: str
    ours: str
    theirs: str
    winner: str


@attrs.frozen
class Exchange:
    """What became of a change that the host told of.

    `incident` is the id of the ticket's incident, empty where the library has nothing to do with
    the ticket; `news`: something was written; `applied` are the fields that the ticket changed
    here; `outside` is the move that the life-cycle does not have, if it was one.
    """

    incident: str = ""
    news: bool = False
    applied: tuple[str, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    outside: str = ""


@attrs.frozen
class LetGo:
    """What a call to detach did: the references of the incidents, and whether more are left."""

    refs: tuple[str, ...]
    more: bool = False
