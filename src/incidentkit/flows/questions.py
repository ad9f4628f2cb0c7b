"""The questions a flow asks of the outside, each answered by one port through the guard."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

import attrs

from incidentkit.flows.effects import Question
from incidentkit.lang.conditions import Condition
from incidentkit.model.people import Contact
from incidentkit.rules.authorise import Permission

if TYPE_CHECKING:
    from incidentkit.model.party import Party

    _Known: TypeAlias = Party | None
else:
    _Known = object  # only some policies ask; the class need not be there for it


@attrs.frozen
class Contacts:
    """How a party is reached: contacts, the directory's revision, and whether from memory.

    `members` are the parties that a team is made of, where the directory knows; `at` is when it
    said so.
    """

    contacts: tuple[Contact, ...]
    revision: str
    last_good: bool
    members: tuple[str, ...] = ()
    at: datetime | None = None


@attrs.frozen
class ContactsOf(Question[Contacts]):
    """How is this party reached? An unknown party has no contacts; it is never an error."""

    party: str


@attrs.frozen
class PartyOf(Question[_Known]):
    """What is known of this party? None where no directory knows it, or none can be asked."""

    party: str


@attrs.frozen
class MayAct(Question[Permission]):
    """May the actor do this to the subject (`kind/reference`)?

    `was_paged`: the actor is being paged for it, which matters while the authoriser fails.
    """

    actor: str
    action: str
    subject: str
    was_paged: bool


@attrs.frozen
class Scoped:
    """What may be seen of a kind; None: nothing. `failed`: because nobody could be asked."""

    condition: Condition | None
    failed: bool = False


@attrs.frozen
class ScopeOf(Question[Scoped]):
    """What may the actor see of a kind?"""

    actor: str
    kind: str


@attrs.frozen
class ReferenceOf(Question[str]):
    """The host's own reference of a record that begins; empty where it has none to give."""

    kind: str
    title: str

    @property
    def asked(self) -> tuple[str, str]:
        """What the host's numbers are asked."""
        return self.kind, self.title
