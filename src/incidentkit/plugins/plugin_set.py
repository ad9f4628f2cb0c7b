"""Everything a desk is given from outside, found once, checked and frozen.

What plugins do when they are asked (raise, exit, return rubbish) is a fault of theirs, and the
others go on. What the host hands over and cannot work is raised at once, as is every conflict:
choosing silently between two would be worse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias, cast

import attrs

from incidentkit.channels.function import FunctionChannel
from incidentkit.errors import InvalidValue, PluginConflict, PluginError, PluginLoadError
from incidentkit.plugins import loading, shapes
from incidentkit.plugins.faults import FaultLog, Observer
from incidentkit.plugins.guard import Failed, Guard
from incidentkit.plugins.hookspecs import OBSERVER_HOOKS, REGISTER_HOOKS
from incidentkit.plugins.loading import Implementation, Loader
from incidentkit.plugins.origin import Given, Origin, argument
from incidentkit.plugins.registry import Registry
from incidentkit.plugins.shapes import Role
from incidentkit.plugins.store_factory import BlobFactory, StoreFactory
from incidentkit.ports.access import Anchor, Authoriser, Directory, ReferenceNumbers
from incidentkit.ports.async_store import AsyncStore
from incidentkit.ports.blobs import BlobStore
from incidentkit.ports.channel import AsyncChannel, Channel, SendFunction
from incidentkit.ports.secret import is_dsn
from incidentkit.ports.source import Source
from incidentkit.ports.store import Store

AnyChannel: TypeAlias = Channel | AsyncChannel
MOST_PER_HOOK = 1_000


@attrs.frozen(eq=False)
class PluginSet:
    """The connections of a desk; every mapping is read-only and in the order of its names.

    `observers` has, for each observer hook, (plugin name, function) pairs; `plugins` lists every
    plugin that was taken in; `faults` is where those that were not stand.

    >>> plugins = PluginSet.build(channels={"sms": print}, entry_points=False)
    >>> list(plugins.channels), plugins.plugin_of(plugins.channels["sms"])
    (['sms'], 'host')
    """

    stores: Mapping[str, StoreFactory]
    blob_stores: Mapping[str, BlobFactory]
    anchors: tuple[Anchor, ...]
    sources: Mapping[str, Source]
    channels: Mapping[str, AnyChannel]
    directories: tuple[Directory, ...]
    authorisers: tuple[Authoriser, ...]
    observers: Mapping[str, tuple[tuple[str, Observer], ...]]
    plugins: tuple[Origin, ...]
    faults: FaultLog
    asynchronous: bool = False
    origins: Mapping[int, Origin] = attrs.field(factory=dict[int, Origin], repr=False)
    references: tuple[ReferenceNumbers, ...] = ()

    @classmethod
    def build(
        cls,
        *,
        builtins: Sequence[object] = (),
        plugins: Iterable[object] = (),
        entry_points: bool = True,
        sources: Iterable[Source] = (),
        channels: Mapping[str, AnyChannel | SendFunction] | None = None,
        directory: Directory | None = None,
        authoriser: Authoriser | None = None,
        references: ReferenceNumbers | None = None,
        anchors: Iterable[Anchor] = (),
        asynchronous: bool = False,
        strict: bool = False,
        faults: FaultLog | None = None,
    ) -> PluginSet:
        """Find, check and freeze: built-ins, installed packages, `plugins`, then single objects.

        Args:
            builtins: The library's own plugins; what they bring may be replaced by the host.
            plugins: Objects or modules with hooks, handed over by the host.
            entry_points: Whether to load what installed packages bring (group `incidentkit`).
            sources: Sources as objects.
            channels: Channels by name; a bare callable becomes one that takes every kind.
            directory: The host's directory.
            authoriser: The host's authoriser.
            references: The host's own numbers of incidents.
            anchors: Places that keep the heads of the seals.
            asynchronous: Whether coroutines are awaited, as AsyncDesk does.
            strict: Raise PluginLoadError where a plugin would be left out with a fault.
            faults: Where faults are kept; a new log by default.

        Raises PluginConflict, PluginLoadError or AsyncPluginError.
        """
        build = _Build(FaultLog() if faults is None else faults, asynchronous, strict)
        build.load(builtins, plugins, entry_points)
        build.ask()
        for source in sources:
            build.take(Role.SOURCE, source, argument("sources="))
        for name, channel in (channels or {}).items():
            build.take_channel(name, channel)
        if directory is not None:
            build.take(Role.DIRECTORY, directory, argument("directory="))
        if authoriser is not None:
            build.take(Role.AUTHORISER, authoriser, argument("authoriser="))
        if references is not None:
            build.take(Role.REFERENCES, references, argument("references="))
        for anchor in anchors:
            build.take(Role.ANCHOR, anchor, argument("anchors="))
        return build.frozen()

    def open_store(self, url: str) -> Store:
        """Open a store by URL for a Desk; what the factory raises is passed on."""
        return cast("Store", self._opened(url))

    def open_async_store(self, url: str) -> Store | AsyncStore:
        """The same for an AsyncDesk, which takes either kind of store."""
        return self._opened(url)

    def _opened(self, url: str) -> Store | AsyncStore:
        scheme = url.partition(":")[0].lower()
        factory = self.stores.get(scheme)
        if factory is None:
            raise InvalidValue("store", _no_scheme(url, self.stores))
        openers = (factory.open_async, factory.open) if self.asynchronous else (factory.open,)
        store = next(each for each in openers if each is not None)(url)
        shapes.check_store(store, asynchronous=self.asynchronous)
        return store

    def open_blobs(self, url: str) -> BlobStore:
        """Open a blob store by URL; what the factory raises is passed on."""
        factory = self.blob_stores.get(url.partition(":")[0].lower())
        if factory is None:
            raise InvalidValue("blobs", _no_scheme(url, self.blob_stores))
        blobs = factory.open(url)
        shapes.check_blobs(blobs, asynchronous=self.asynchronous)
        return blobs

    def origin_of(self, value: object) -> Origin | None:
        """Where an object of this set came from."""
        return self.origins.get(id(value))

    def plugin_of(self, value: object) -> str:
        """The name of the plugin that brought an object of this set."""
        origin = self.origin_of(value)
        return origin.plugin if origin is not None else type(value).__name__


class _Build:
    def __init__(self, faults: FaultLog, asynchronous: bool, strict: bool) -> None:
        self.faults = faults
        self.asynchronous = asynchronous
        self.strict = strict
        self.guard = Guard(faults)
        self.registry = Registry()
        self.implementations: list[Implementation] = []
        self.origins: list[Origin] = []

    def load(
        self, builtins: Sequence[object], plugins: Iterable[object], entry_points: bool
    ) -> None:
        loader = Loader(asynchronous=self.asynchronous)
        found: list[tuple[object, Origin]] = loading.handed(builtins, Given.BUILT_IN)
        if entry_points:
            found += loading.installed(self.guard)
        found += loading.handed(plugins, Given.HANDED)
        for plugin, origin in found:
            if isinstance(plugin, Failed):
                self.failed(plugin, origin)
                continue
            try:
                hooks = loader.load(plugin, origin)
            except PluginError as error:
                self.refuse(error, origin, "load")
                continue
            self.implementations += hooks
            self.origins.append(hooks[0].origin)

    def ask(self) -> None:
        for each in self.implementations:
            if each.hook not in REGISTER_HOOKS:
                continue
            values = self.guard.collect(
                each.origin.plugin, each.hook, each.function, most=MOST_PER_HOOK
            )
            if isinstance(values, Failed):
                self.failed(values, each.origin)
                continue
            for value in values:
                self.take_in(value, each)

    def take_in(self, value: object, by: Implementation) -> None:
        try:
            roles = shapes.role_of(by.hook, value)
            names = [shapes.check(role, value, asynchronous=self.asynchronous) for role in roles]
        except PluginLoadError as error:
            if self.strict:
                raise _in_context(error, by.origin) from error
            self.record(error, by.origin, by.hook)
            return
        except PluginError as error:
            self.refuse(error, by.origin, by.hook)
            return
        for role, name in zip(roles, names, strict=True):
            self.registry.add(role, name, value, by.origin)

    def take(self, role: Role, value: object, origin: Origin) -> str:
        try:
            name = shapes.check(role, value, asynchronous=self.asynchronous)
        except PluginError as error:
            raise _in_context(error, origin) from error
        self.registry.add(role, name, value, origin)
        return name

    def take_channel(self, name: str, channel: object) -> None:
        origin = argument(f"channels[{name!r}]")
        if shapes.is_bare_function(channel):
            try:
                channel = FunctionChannel(name, cast("SendFunction", channel))
            except InvalidValue as error:
                raise PluginLoadError(f"{origin}: {error}") from error
        own = self.take(Role.CHANNEL, channel, origin)
        if own != name:
            raise PluginLoadError(
                f"{origin} calls itself {own!r}; write channels={{{own!r}: ...}}, or rename it"
            )

    def refuse(self, error: PluginError, origin: Origin, hook: str) -> None:
        """Raise what the host can mend; what installed itself is left out with a fault."""
        handed = origin.given is not Given.INSTALLED
        if handed or self.strict or isinstance(error, PluginConflict):
            raise _in_context(error, origin) from error
        self.record(error, origin, hook)

    def record(self, error: PluginError, origin: Origin, hook: str) -> None:
        self.faults.record(origin.plugin, hook, str(error), type(error).__name__)

    def failed(self, failed: Failed, origin: Origin) -> None:
        if self.strict:
            fault = failed.fault
            raise PluginLoadError(
                f"{origin}: {fault.hook} failed: {fault.exception_type}: {fault.problem}"
            )

    def frozen(self) -> PluginSet:
        observers = {hook: self.observers(hook) for hook in OBSERVER_HOOKS}
        origins = {id(value): origin for value, origin in self.registry.origins()}
        found: Any = self.registry
        built = PluginSet(
            stores=MappingProxyType(found.named(Role.STORE)),
            blob_stores=MappingProxyType(found.named(Role.BLOBS)),
            anchors=tuple(found.named(Role.ANCHOR).values()),
            sources=MappingProxyType(found.named(Role.SOURCE)),
            channels=MappingProxyType(found.named(Role.CHANNEL)),
            directories=found.nameless(Role.DIRECTORY),
            authorisers=found.nameless(Role.AUTHORISER),
            observers=MappingProxyType(observers),
            plugins=tuple(sorted(self.origins, key=lambda each: each.plugin)),
            faults=self.faults,
            asynchronous=self.asynchronous,
            origins=MappingProxyType(origins),
            references=found.nameless(Role.REFERENCES),
        )
        self.faults.watch(observers["incidentkit_on_fault"])
        return built

    def observers(self, hook: str) -> tuple[tuple[str, Callable[[Any], object]], ...]:
        found = [(each.origin.plugin, each) for each in self.implementations if each.hook == hook]
        found.sort(key=lambda each: each[0])
        return tuple((plugin, each.function) for plugin, each in found)


def _in_context(error: PluginError, origin: Origin) -> PluginError:
    text = str(error)
    return error if str(origin) in text else type(error)(f"{origin}: {text}")


def _no_scheme(url: str, known: Collection[str]) -> str:
    from difflib import get_close_matches

    there = f"; there are: {', '.join(known)}" if known else ""
    scheme, colon, _ = url.partition(":")
    # Only a scheme is shown: anything else may hold a password.
    if not colon or re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]{0,39}", scheme) is None:
        if is_dsn(url):
            return f"is no URL; write postgresql://user:password@host/database{there}"
        return f"is no URL; a file is opened as sqlite:///name.db{there}"
    near = get_close_matches(scheme, list(known), n=1)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    return f"no plugin opens {scheme!r}{meant}{there}"
