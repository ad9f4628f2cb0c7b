"""Things that plugins bring, as small as they may be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from incidentkit.lang.conditions import Condition
from incidentkit.model.delivery import Message, SendResult, Sent
from incidentkit.model.people import Contact
from incidentkit.model.signals import Signal, SourceRequest
from incidentkit.model.words import MessageKind
from incidentkit.plugins.hookspecs import hookimpl
from incidentkit.plugins.plugin_set import PluginSet
from incidentkit.plugins.store_factory import StoreFactory
from incidentkit.rules.authorise import Opinion, Permission
from incidentkit.stores.memory import MemoryStore

HOOKS = (
    "incidentkit_register_stores",
    "incidentkit_register_sources",
    "incidentkit_register_channels",
    "incidentkit_register_access",
    "incidentkit_on_committed",
    "incidentkit_on_delivery",
    "incidentkit_on_fault",
    "incidentkit_on_beat",
)
REGISTER, OBSERVE = HOOKS[:4], HOOKS[4:]
ARGUMENT = dict(zip(OBSERVE, ("change", "delivery", "fault", "beat"), strict=True))


class Source:
    def __init__(self, name: str = "feed") -> None:
        self.name = name

    def parse(self, request: SourceRequest) -> Iterable[Signal]:
        return ()


class Channel:
    kinds = frozenset(MessageKind)

    def __init__(self, name: str = "sms") -> None:
        self.name = name

    def send(self, message: Message) -> SendResult:
        return Sent()


class Directory:
    def contacts(self, party: str) -> tuple[Contact, ...]:
        return ()

    def revision(self) -> str:
        return "1"


class Authoriser:
    def may(self, actor: str, action: str, subject: str) -> Permission:
        return Permission(Opinion.ALLOW)

    def scope(self, actor: str, kind: str) -> Condition | None:
        return None


class Both(Directory, Authoriser):
    """A directory that is asked for leave as well."""


class Anchor:
    def __init__(self, name: str = "notary") -> None:
        self.name = name

    def keep(self, tenant: str, seq: int, head: str) -> None:
        return None

    def latest(self, tenant: str) -> tuple[int, str] | None:
        return None


class AsyncChannel(Channel):
    async def send(self, message: Message) -> SendResult:  # type: ignore[override]
        return Sent()


class AsyncSource(Source):
    async def parse(self, request: SourceRequest) -> Iterable[Signal]:  # type: ignore[override]
        return ()


class StreamingSource(Source):
    async def parse(self, request: SourceRequest) -> Any:
        yield 1


class AsyncDirectory(Directory):
    async def contacts(self, party: str) -> tuple[Contact, ...]:  # type: ignore[override]
        return ()


class AsyncAuthoriser(Authoriser):
    async def may(  # type: ignore[override]
        self, actor: str, action: str, subject: str
    ) -> Permission:
        return Permission(Opinion.ALLOW)


class AsyncScope(Authoriser):
    async def scope(self, actor: str, kind: str) -> Condition | None:  # type: ignore[override]
        return None


class AsyncAnchor(Anchor):
    async def latest(self, tenant: str) -> tuple[int, str] | None:  # type: ignore[override]
        return None


def factory(scheme: str = "scratch") -> StoreFactory:
    return StoreFactory(scheme, lambda url: MemoryStore())


def plugin(**hooks: Callable[..., object]) -> Any:
    """An object with these functions as its hooks, which are marked unless they are already."""

    class Made:
        """A plugin made for one test."""

    made = Made()
    for name, function in hooks.items():
        setattr(made, name, hookimpl(function))
    return made


def bringing(hook: str, *values: object) -> Any:
    """A plugin that brings these by the hook."""
    return plugin(**{hook: lambda: values})


def observing(hook: str, function: Callable[[Any], object]) -> Any:
    """A plugin that hands what it is told to the function."""
    return plugin(**{hook: OBSERVERS[hook](function)})


OBSERVERS: dict[str, Callable[[Callable[[Any], object]], Callable[..., object]]] = {
    "incidentkit_on_committed": lambda function: lambda change: function(change),
    "incidentkit_on_delivery": lambda function: lambda delivery: function(delivery),
    "incidentkit_on_fault": lambda function: lambda fault: function(fault),
    "incidentkit_on_beat": lambda function: lambda beat: function(beat),
}


def build(**arguments: Any) -> PluginSet:
    """A set without what happens to be installed."""
    return PluginSet.build(**{"entry_points": False, **arguments})
