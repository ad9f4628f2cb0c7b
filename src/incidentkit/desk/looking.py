"""Asking one directory of a party, within its deadline: all it says, or what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from incidentkit.channels.function import is_coroutine_function
from incidentkit.desk.patience import Patience
from incidentkit.model.people import Contact
from incidentkit.plugins.guard import Failed, Guard
from incidentkit.ports.access import Directory, SupportsComplaint, SupportsMembers, SupportsParties

if TYPE_CHECKING:
    from incidentkit.model.party import Party

T = TypeVar("T")
Said: TypeAlias = tuple[object, object, object, object]
"""Contacts, revision, members and complaint, each as the directory said it or Failed."""
_METHODS = ("contacts", "revision", "members", "complaint", "party")


def name_of(plugin: object) -> str:
    """What to call a plugin in a fault."""
    return str(getattr(plugin, "name", "") or type(plugin).__name__)


def looked_up(guard: Guard, patience: Patience, directory: Directory, party: str) -> Said:
    """What a directory says of a party; all Failed where it does not answer in time."""
    said = bounded(guard, patience, directory, "contacts", lambda: _said(guard, directory, party))
    return (said, said, said, said) if isinstance(said, Failed) else said


def met(guard: Guard, patience: Patience, directory: SupportsParties, name: str) -> Party | object:
    """What more a directory knows of a party; Failed where it does not answer in time."""

    def ask() -> object:
        """What it knows of the name."""
        return guard.call(name_of(directory), "party", directory.party, name)

    return bounded(guard, patience, directory, "party", ask)


def bounded(
    guard: Guard, patience: Patience, directory: object, hook: str, ask: Callable[[], T]
) -> T | Failed:
    """What is asked within the deadline; a directory that hangs is a fault like any other."""
    found: list[T] = []

    def look() -> None:
        """Ask within the deadline."""
        found.append(patience.look(directory, ask))

    failed = guard.call(name_of(directory), hook, look)
    return failed if isinstance(failed, Failed) else found[0]


def _said(guard: Guard, directory: Directory, party: str) -> Said:
    name = name_of(directory)
    contacts = guard.collect(name, "contacts", directory.contacts, party, of=Contact)
    revision = guard.call(name, "revision", directory.revision)
    members: object = ()
    if isinstance(directory, SupportsMembers):
        members = guard.collect(name, "members", directory.members, party, of=str)
    complaint: object = ""
    if isinstance(directory, SupportsComplaint):
        complaint = guard.call(name, "complaint", directory.complaint)
    return contacts, revision, members, complaint


def _waits(directory: object) -> bool:
    """Whether it has to be awaited; one that has not is asked in a thread, like a plain desk's."""
    return any(is_coroutine_function(getattr(directory, each, None)) for each in _METHODS)


async def alooked_up(guard: Guard, patience: Patience, directory: Directory, party: str) -> Said:
    """The same for AsyncDesk."""
    if not _waits(directory):
        said = await asyncio.to_thread(looked_up, guard, patience, directory, party)
        await guard.faults.flush()
        return said

    async def ask() -> Said:
        """All that it says of the party."""
        return await _asaid(guard, directory, party)

    failed = await _abounded(guard, patience, directory, "contacts", ask)
    return (failed, failed, failed, failed) if isinstance(failed, Failed) else failed


async def amet(
    guard: Guard, patience: Patience, directory: SupportsParties, name: str
) -> Party | object:
    """The same for AsyncDesk."""
    if not _waits(directory):
        known = await asyncio.to_thread(met, guard, patience, directory, name)
        await guard.faults.flush()
        return known

    async def ask() -> object:
        """What it knows of the name."""
        return await guard.acall(name_of(directory), "party", directory.party, name)

    return await _abounded(guard, patience, directory, "party", ask)


async def _abounded(
    guard: Guard,
    patience: Patience,
    directory: object,
    hook: str,
    ask: Callable[[], Awaitable[T]],
) -> T | Failed:
    found: list[T] = []

    async def look() -> None:
        """Ask within the deadline."""
        deadline = patience.of(directory)
        if deadline is None:
            found.append(await ask())
            return
        patience.check(directory)
        try:
            found.append(await asyncio.wait_for(ask(), deadline))
        except TimeoutError:
            raise patience.slow(directory, deadline) from None

    failed = await guard.acall(name_of(directory), hook, look)
    return failed if isinstance(failed, Failed) else found[0]


async def _asaid(guard: Guard, directory: Directory, party: str) -> Said:
    name = name_of(directory)
    contacts = await guard.acollect(name, "contacts", directory.contacts, party, of=Contact)
    revision = await guard.acall(name, "revision", directory.revision)
    members: object = ()
    if isinstance(directory, SupportsMembers):
        members = await guard.acollect(name, "members", directory.members, party, of=str)
    complaint: object = ""
    if isinstance(directory, SupportsComplaint):
        complaint = await guard.acall(name, "complaint", directory.complaint)
    return contacts, revision, members, complaint
