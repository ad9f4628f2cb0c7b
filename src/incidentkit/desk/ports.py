"""Everything a desk is connected to, and how it asks: through the guard, remembering good answers.

A failing directory is answered from memory and said to be so; a failing authoriser refuses, except
for what must go on; a failing channel means: try again. Nothing a plugin does ends a flow.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import attrs

from incidentkit.codec.choice import Codec
from incidentkit.desk.circuits import Circuits
from incidentkit.desk.clockwork import StoreTime, aware
from incidentkit.desk.identity import Ids
from incidentkit.desk.looking import alooked_up, amet, looked_up, met
from incidentkit.desk.looking import name_of as name_of
from incidentkit.desk.patience import Patience
from incidentkit.desk.watch import Watch
from incidentkit.errors import InvalidValue
from incidentkit.flows.questions import (
    Contacts,
    ContactsOf,
    MayAct,
    PartyOf,
    ReferenceOf,
    Scoped,
    ScopeOf,
)
from incidentkit.lang.conditions import And as AndNode
from incidentkit.lang.conditions import Condition
from incidentkit.model.checks import check_name
from incidentkit.model.delivery import Message, Refused, Retry, SendResult, Sent
from incidentkit.model.people import Contact
from incidentkit.plugins.guard import Failed, Guard
from incidentkit.plugins.plugin_set import PluginSet
from incidentkit.plugins.quiet import quiet
from incidentkit.ports.access import SupportsParties
from incidentkit.ports.time import TimeSource
from incidentkit.rules.authorise import Opinion, Permission, fold, without_authoriser
from incidentkit.timing.instants import to_micros

if TYPE_CHECKING:
    from incidentkit.desk.emergency import Pager
    from incidentkit.desk.spool import Spool
    from incidentkit.model.party import Party

NO_CONTACTS = Contacts((), "", last_good=False)
NO_CHANNEL: SendResult = Retry("no channel of that name is open here")


@attrs.define
class Found:
    """What directories said of a party so far; `old` once one says that it is not fresh."""

    contacts: list[Contact] = attrs.field(factory=list[Contact])
    members: list[str] = attrs.field(factory=list[str])
    revisions: list[str] = attrs.field(factory=list[str])
    old: bool = False

    def take(self, contacts: object, revision: object, members: object, complaint: object) -> bool:
        """Add what one directory said; false, and nothing taken, where it failed."""
        if any(isinstance(each, Failed) for each in (contacts, revision, members, complaint)):
            return False
        self.contacts += cast("tuple[Contact, ...]", contacts)
        self.members += cast("tuple[str, ...]", members)
        self.revisions.append(str(revision))
        self.old = self.old or bool(complaint)
        return True


class Ports(ABC):
    """The connections of one desk and of all desks made from it."""

    def __init__(
        self,
        store: Any,
        codec: Codec,
        ids: Ids,
        time: TimeSource | StoreTime,
        plugins: PluginSet,
        guard: Guard,
        blobs: Any = None,
        patience: Patience | None = None,
    ) -> None:
        self.store = store
        self.codec = codec
        self.ids = ids
        self.time = time
        self.plugins = plugins
        self.guard = guard
        self.blobs = blobs
        self.joined: bool = False
        self.prints: bool = False
        self.circuits: Circuits = Circuits(guard.faults, plugins.channels)
        self.spool: Spool | None = None
        self.emergency: Pager | None = None
        self.watch: Watch = Watch()
        self.patience: Patience = patience or Patience(None)
        self._good: dict[str, Contacts] = {}

    def now(self) -> datetime:
        """What time it is."""
        return aware(self.time.now())

    def micros(self) -> int | None:
        """The time to hand to the store: None where the store's own is the time."""
        return None if isinstance(self.time, StoreTime) else to_micros(self.now())

    @property
    def unheard(self) -> bool:
        """Whether the time is the store's, and the store has not said it yet."""
        return isinstance(self.time, StoreTime) and not self.time.known

    def heard(self, at: int) -> None:
        """The store has said what time it is."""
        if isinstance(self.time, StoreTime):
            self.time.heard(at)

    @abstractmethod
    def answer(self, question: object) -> object:
        """The answer to a question of a flow, or an awaitable of it."""

    @abstractmethod
    def send(self, message: Message) -> SendResult | Awaitable[SendResult]:
        """Hand a message to its channel; what goes wrong there means: try again."""

    def named(self, plugin: str, said: object) -> str:
        """A reference that a host's numbers gave; none where it is no name, which is a fault."""
        if not isinstance(said, str) or not said:
            return ""
        try:
            return check_name(said, "reference")
        except InvalidValue as error:
            _ = self.guard.faults.record(plugin, "reference", str(error), "InvalidValue")
            return ""

    def remember(self, party: str, found: Found) -> Contacts:
        """Keep a good answer for the night when the directory is down."""
        members = tuple(dict.fromkeys(found.members))
        revisions = ",".join(found.revisions)
        good = Contacts(tuple(found.contacts), revisions, found.old, members, self.now())
        self._good[party] = good
        return good

    def last_good(self, party: str) -> Contacts:
        """The last good answer, said to be one; nothing when there never was any."""
        known = self._good.get(party, NO_CONTACTS)
        return attrs.evolve(known, last_good=True)


class PlainPorts(Ports):
    """The same for Desk: every call is a plain one."""

    def answer(self, question: object) -> object:
        """The answer to a question of a flow."""
        if isinstance(question, ContactsOf):
            return self._contacts(question.party)
        if isinstance(question, PartyOf):
            return self._party(question.party)
        if isinstance(question, MayAct):
            return self._may(question)
        if isinstance(question, ScopeOf):
            return self._scope(question)
        if isinstance(question, ReferenceOf):
            for numbers in self.plugins.references:
                said = self.guard.call(
                    name_of(numbers), "reference", numbers.reference, *question.asked, returns=str
                )
                if ref := self.named(name_of(numbers), said):
                    return ref
            return ""
        raise TypeError(f"nobody answers {type(question).__name__}")

    def _contacts(self, party: str) -> Contacts:
        if not self.plugins.directories:
            return NO_CONTACTS
        found = Found()
        for directory in self.plugins.directories:
            if not found.take(*looked_up(self.guard, self.patience, directory, party)):
                return self.last_good(party)
        return self.remember(party, found)

    def _party(self, name: str) -> Party | None:
        from incidentkit.model.party import Party

        for directory in self.plugins.directories:
            if isinstance(directory, SupportsParties):
                known = met(self.guard, self.patience, directory, name)
                if isinstance(known, Party):
                    return known
        return None

    def _may(self, question: MayAct) -> Permission:
        opinions = [
            self.guard.call(
                name_of(x), "may", x.may, question.actor, question.action, question.subject
            )
            for x in self.plugins.authorisers
        ]
        return judged(question, opinions)

    def _scope(self, question: ScopeOf) -> Scoped:
        scopes = [
            self.guard.call(
                name_of(authoriser), "scope", authoriser.scope, question.actor, question.kind
            )
            for authoriser in self.plugins.authorisers
        ]
        return narrowed(scopes)

    def send(self, message: Message) -> SendResult:
        """Hand a message to its channel; what goes wrong there means: try again."""
        channel = self.plugins.channels.get(message.channel)
        said = NO_CHANNEL
        if channel is not None:
            answer = self.guard.call(message.channel, "send", channel.send, message)
            said = quiet(understood(answer), message)
        self.circuits.heard(message.channel, said, self.now())
        return said


class AsyncPorts(Ports):
    """The same for AsyncDesk: coroutines are awaited, plain functions run in a thread."""

    async def answer(self, question: object) -> object:
        """See `Ports.answer`."""
        if isinstance(question, ContactsOf):
            return await self._acontacts(question.party)
        if isinstance(question, PartyOf):
            return await self._aparty(question.party)
        if isinstance(question, MayAct):
            opinions = [
                await self.guard.acall(
                    name_of(x), "may", x.may, question.actor, question.action, question.subject
                )
                for x in self.plugins.authorisers
            ]
            return judged(question, opinions)
        if isinstance(question, ScopeOf):
            scopes = [
                await self.guard.acall(name_of(x), "scope", x.scope, question.actor, question.kind)
                for x in self.plugins.authorisers
            ]
            return narrowed(scopes)
        if isinstance(question, ReferenceOf):
            for numbers in self.plugins.references:
                said = await self.guard.acall(
                    name_of(numbers), "reference", numbers.reference, *question.asked, returns=str
                )
                if ref := self.named(name_of(numbers), said):
                    return ref
            return ""
        raise TypeError(f"nobody answers {type(question).__name__}")

    async def _acontacts(self, party: str) -> Contacts:
        if not self.plugins.directories:
            return NO_CONTACTS
        found = Found()
        for directory in self.plugins.directories:
            said = await alooked_up(self.guard, self.patience, directory, party)
            if not found.take(*said):
                return self.last_good(party)
        return self.remember(party, found)

    async def _aparty(self, name: str) -> Party | None:
        from incidentkit.model.party import Party

        for directory in self.plugins.directories:
            if isinstance(directory, SupportsParties):
                known = await amet(self.guard, self.patience, directory, name)
                if isinstance(known, Party):
                    return known
        return None

    async def send(self, message: Message) -> SendResult:
        """See `Ports.send`."""
        channel = self.plugins.channels.get(message.channel)
        if channel is None:
            self.circuits.heard(message.channel, NO_CHANNEL, self.now())
            return NO_CHANNEL
        send: Any = channel.send
        if getattr(channel, "is_async", False) is True:
            # A function that gives an awaitable needs no thread to give it.
            send = partial(_awaited, channel.send)
        answer = await self.guard.acall(message.channel, "send", send, message)
        said = quiet(understood(answer), message)
        self.circuits.heard(message.channel, said, self.now())
        return said


async def _awaited(send: Any, message: Message) -> object:
    return await send(message)


def judged(question: MayAct, opinions: list[object]) -> Permission:
    """The opinions folded; one that failed leaves only what must go on."""
    good = [x for x in opinions if isinstance(x, Permission)]
    if len(good) < len(opinions) and not any(x.opinion is Opinion.DENY for x in good):
        return without_authoriser(question.action, question.was_paged)
    return fold(good)


def narrowed(scopes: list[object]) -> Scoped:
    """What all authorisers let be seen; one that says nothing, or fails, lets nothing be seen."""
    conditions = [x for x in scopes if isinstance(x, Condition)]
    if len(conditions) < len(scopes) or not conditions:
        return Scoped(None, any(isinstance(x, Failed) for x in scopes))
    if len(conditions) == 1:
        return Scoped(conditions[0])
    return Scoped(Condition.of(AndNode(tuple(x.root for x in conditions))))


def understood(said: object) -> SendResult:
    """What a channel's answer means: anything but the three words is `sent`; a fault, `retry`."""
    if isinstance(said, Failed):
        return Retry(said.fault.problem[:1000] or "the channel failed")
    return said if isinstance(said, Sent | Retry | Refused) else Sent()
