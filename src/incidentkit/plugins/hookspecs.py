"""The hooks: what a package can bring by itself, and what it can be told.

Five groups. Register hooks are called once, when a desk is opened, and never again; what they
return is checked and frozen. Observer hooks are called after the fact, best-effort: whatever must
happen is a message, not an observer. Names of arguments are part of the contract; an implementation
leaves out those that it does not need. Order never has a meaning.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import pluggy

from incidentkit.model.delivery import Delivery
from incidentkit.plugins.faults import PluginFault
from incidentkit.plugins.observations import CommittedChange, WorkerBeat
from incidentkit.plugins.store_factory import BlobFactory, StoreFactory
from incidentkit.ports.access import Anchor, Authoriser, Directory, ReferenceNumbers
from incidentkit.ports.channel import AsyncChannel, Channel
from incidentkit.ports.source import Source

PROJECT = "incidentkit"
"""The name of the markers, and of the group of entry points."""

hookspec: pluggy.HookspecMarker = pluggy.HookspecMarker(PROJECT)
"""Marks a specification; only this module has any."""

hookimpl: pluggy.HookimplMarker = pluggy.HookimplMarker(PROJECT)
"""Marks each hook that a plugin implements."""


class StoreHooks(Protocol):
    """Where records and contents are kept, and where the heads of their seals are."""

    @hookspec
    def incidentkit_register_stores(self) -> Iterable[StoreFactory | BlobFactory | Anchor]:
        """Bring stores and blob stores, each opened by the scheme of its URL, and anchors.

        Errors: one that raises, exits or returns rubbish brings nothing from this hook, which is a
        fault. A scheme or an anchor's name that is taken is a PluginConflict. What `open` raises
        later reaches whoever opens the desk.

        >>> from incidentkit.plugins.plugin_set import PluginSet
        >>> from incidentkit.stores.memory import MemoryStore
        >>> class Scratch:
        ...     @hookimpl
        ...     def incidentkit_register_stores(self):
        ...         return [StoreFactory("scratch", lambda url: MemoryStore())]
        >>> plugins = PluginSet.build(plugins=[Scratch()], entry_points=False)
        >>> store = plugins.open_store("scratch://anything")
        >>> store.close()
        """
        ...


class SourceHooks(Protocol):
    """What the outside sends."""

    @hookspec
    def incidentkit_register_sources(self) -> Iterable[Source]:
        """Bring sources, each called by `desk.receive(name, request)`.

        Errors: one that raises, exits or returns rubbish brings nothing from this hook, which is a
        fault; a single object that is no source is left out. A name that is taken is a
        PluginConflict. When `parse` raises later, the whole request is kept as rejected.

        >>> from incidentkit.plugins.plugin_set import PluginSet
        >>> from incidentkit.sources.generic import GenericJson
        >>> class Zabbix:
        ...     @hookimpl
        ...     def incidentkit_register_sources(self):
        ...         yield GenericJson("zabbix", {"fields": {"title": "$.event.name"}})
        >>> plugins = PluginSet.build(plugins=[Zabbix()], entry_points=False)
        >>> list(plugins.sources)
        ['zabbix']
        """
        ...


class ChannelHooks(Protocol):
    """How messages go out."""

    @hookspec
    def incidentkit_register_channels(self) -> Iterable[Channel | AsyncChannel]:
        """Bring channels; a pager is one whose `kinds` contain `page`.

        Errors: one that raises, exits or returns rubbish brings nothing from this hook, which is a
        fault; a single object that is no channel is left out. A name that is taken is a
        PluginConflict, a coroutine in a Desk an AsyncPluginError. When `send` raises later, the
        message is tried again.

        >>> from incidentkit.channels.function import FunctionChannel
        >>> from incidentkit.plugins.plugin_set import PluginSet
        >>> class Bell:
        ...     @hookimpl
        ...     def incidentkit_register_channels(self):
        ...         return [FunctionChannel("bell", lambda message: None, kinds=["page"])]
        >>> plugins = PluginSet.build(plugins=[Bell()], entry_points=False)
        >>> list(plugins.channels)
        ['bell']
        """
        ...


class AccessHooks(Protocol):
    """Who there is, and who may."""

    @hookspec
    def incidentkit_register_access(
        self,
    ) -> Iterable[Directory | Authoriser | ReferenceNumbers]:
        """Bring directories (`contacts`, `revision`), authorisers (`may`, `scope`) and numbers.

        Their methods tell them apart; one object may be all. All are asked, and any denial wins.
        An object with `reference` gives incidents the host's own numbers; the first that has one
        to give does.

        Errors: one that raises, exits or returns rubbish brings nothing from this hook, which is a
        fault. When a directory fails later, its last good answer is used and said to be so; when
        an authoriser fails, the answer is no, but for acknowledging one's own page and
        break-glass commands; when numbers fail, the library's own series goes on.

        >>> from incidentkit.model.people import Contact
        >>> from incidentkit.plugins.plugin_set import PluginSet
        >>> class Staff:
        ...     def contacts(self, party):
        ...         return (Contact("mail", f"{party}@example.org"),)
        ...
        ...     def revision(self):
        ...         return "2025-01"
        >>> class StaffPlugin:
        ...     @hookimpl
        ...     def incidentkit_register_access(self):
        ...         return [Staff()]
        >>> plugins = PluginSet.build(plugins=[StaffPlugin()], entry_points=False)
        >>> plugins.directories[0].revision()
        '2025-01'
        """
        ...


class ObserverHooks(Protocol):
    """Who is told afterwards; coroutine functions are welcome in AsyncDesk only."""

    @hookspec
    def incidentkit_on_committed(self, change: CommittedChange) -> None:
        """Learn of a commit that is durable.

        Errors: one that raises, exits or returns a coroutine is a fault; the others are told all
        the same and the commit stands. What it returns is ignored. Lost in a crash.

        >>> from datetime import UTC, datetime
        >>> from incidentkit.ids import MAIN_TENANT
        >>> from incidentkit.plugins.guard import Guard
        >>> from incidentkit.plugins.observe import notify
        >>> from incidentkit.plugins.plugin_set import PluginSet
        >>> class Ticker:
        ...     @hookimpl
        ...     def incidentkit_on_committed(self, change):
        ...         print(change.actor, [record.ref for record in change.records])
        >>> from incidentkit.plugins.observations import ChangedRecord
        >>> plugins = PluginSet.build(plugins=[Ticker()], entry_points=False)
        >>> record = ChangedRecord("incident", "i1", "INC-1", 1, ("declared",))
        >>> change = CommittedChange(
        ...     MAIN_TENANT, "ana", datetime(2025, 1, 1, tzinfo=UTC), (record,)
        ... )
        >>> notify(plugins, Guard(plugins.faults), "incidentkit_on_committed", change)
        ana ['INC-1']
        """
        ...

    @hookspec
    def incidentkit_on_delivery(self, delivery: Delivery) -> None:
        """Learn that a delivery changed: it was tried, refused, or came to its end.

        Errors: one that raises, exits or returns a coroutine is a fault; the others are told all
        the same and the delivery stands. What it returns is ignored. Lost in a crash.

        >>> from incidentkit.plugins.plugin_set import PluginSet
        >>> class Bill:
        ...     @hookimpl
        ...     def incidentkit_on_delivery(self, delivery):
        ...         print(delivery.channel, delivery.state)
        >>> plugins = PluginSet.build(plugins=[Bill()], entry_points=False)
        >>> len(plugins.observers["incidentkit_on_delivery"])
        1
        """
        ...

    @hookspec
    def incidentkit_on_fault(self, fault: PluginFault) -> None:
        """Learn that a plugin failed.

        Errors: one that fails here is logged and nothing more: a fault about a fault is told to
        nobody. It is called where the fault happened, possibly in another thread, so be quick.

        >>> from incidentkit.plugins.guard import Guard
        >>> from incidentkit.plugins.plugin_set import PluginSet
        >>> class Alarm:
        ...     @hookimpl
        ...     def incidentkit_on_fault(self, fault):
        ...         print(fault.plugin, fault.exception_type, fault.at_count)
        >>> plugins = PluginSet.build(plugins=[Alarm()], entry_points=False)
        >>> failed = Guard(plugins.faults).call("acme", "send", lambda: 1 / 0)
        acme ZeroDivisionError 1
        """
        ...

    @hookspec
    def incidentkit_on_beat(self, beat: WorkerBeat) -> None:
        """Learn that a worker went round, for a watchdog outside.

        Errors: one that raises, exits or returns a coroutine is a fault; the others are told all
        the same and the worker goes on. What it returns is ignored.

        >>> from datetime import UTC, datetime
        >>> from incidentkit.plugins.guard import Guard
        >>> from incidentkit.plugins.observe import notify
        >>> from incidentkit.plugins.plugin_set import PluginSet
        >>> class Watchdog:
        ...     @hookimpl
        ...     def incidentkit_on_beat(self, beat):
        ...         print("alive,", beat.done, "done")
        >>> plugins = PluginSet.build(plugins=[Watchdog()], entry_points=False)
        >>> beat = WorkerBeat(None, datetime(2025, 1, 1, tzinfo=UTC), 3, None)
        >>> notify(plugins, Guard(plugins.faults), "incidentkit_on_beat", beat)
        alive, 3 done
        """
        ...


SPECS = (StoreHooks, SourceHooks, ChannelHooks, AccessHooks, ObserverHooks)
"""The five groups."""

REGISTER_HOOKS = (
    "incidentkit_register_stores",
    "incidentkit_register_sources",
    "incidentkit_register_channels",
    "incidentkit_register_access",
)
"""Hooks that bring something, called once when a desk is opened."""

OBSERVER_HOOKS = (
    "incidentkit_on_committed",
    "incidentkit_on_delivery",
    "incidentkit_on_fault",
    "incidentkit_on_beat",
)
"""Hooks that are told something."""
