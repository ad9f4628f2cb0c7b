"""Plugins and objects that cannot be used as they are, each refused with what to do."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from incidentkit.errors import AsyncPluginError, PluginConflict, PluginError, PluginLoadError
from incidentkit.model.words import MessageKind
from incidentkit.plugins.hookspecs import ObserverHooks, hookimpl
from tests.plugins.objects import (
    Anchor,
    AsyncAnchor,
    AsyncAuthoriser,
    AsyncChannel,
    AsyncDirectory,
    AsyncScope,
    AsyncSource,
    Authoriser,
    Channel,
    Directory,
    Source,
    StreamingSource,
    bringing,
    build,
    plugin,
)

# --- plugins --------------------------------------------------------------------------------------


class Plugin:
    @hookimpl
    def incidentkit_register_sources(self) -> Any:
        return [Source()]


class Misspelt:
    @hookimpl
    def incidentkit_register_source(self) -> Any:
        return []


class MisspeltByName:
    @hookimpl(specname="incidentkit_on_comitted")
    def learn(self, change: Any) -> None: ...


class Unmarked:
    def incidentkit_register_channels(self) -> Any:
        return []


class UnmarkedStatic:
    @staticmethod
    def incidentkit_register_channels() -> Any:
        return []


class Empty:
    """Implements nothing."""


class WrongArgument:
    @hookimpl
    def incidentkit_on_beat(self, pulse: Any) -> None: ...


class WithDefault:
    @hookimpl
    def incidentkit_on_beat(self, beat: Any = None) -> None: ...


class OwnDefault:
    @hookimpl
    def incidentkit_register_sources(self, feed: str = "x") -> Any:
        return []


class KeywordOnly:
    @hookimpl
    def incidentkit_on_beat(self, *, beat: Any) -> None: ...


class Starred:
    @hookimpl
    def incidentkit_on_beat(self, *args: Any) -> None: ...


class DoubleStarred:
    @hookimpl
    def incidentkit_on_beat(self, **values: Any) -> None: ...


class Wrapper:
    @hookimpl(wrapper=True)
    def incidentkit_register_sources(self) -> Any:
        return (yield)


class OldWrapper:
    @hookimpl(hookwrapper=True)
    def incidentkit_on_beat(self, beat: Any) -> Any:
        yield


class NoWrapper:
    @hookimpl(wrapper=True)
    def incidentkit_on_beat(self, beat: Any) -> Any: ...


class Unreadable:
    def __dir__(self) -> Any:
        raise OSError("a broken plugin")


class Leaving:
    def __dir__(self) -> Any:
        raise SystemExit(2)


REFUSED: list[tuple[object, str]] = [
    (Plugin, r"is the class Plugin; hand over an object of it: Plugin\(\)"),
    (Misspelt(), "no hook 'incidentkit_register_source'.*'incidentkit_register_sources'"),
    (MisspeltByName(), "no hook 'incidentkit_on_comitted'.*'incidentkit_on_committed'"),
    (Unmarked(), "incidentkit_register_channels is not marked with @incidentkit.hookimpl"),
    (UnmarkedStatic(), "incidentkit_register_channels is not marked"),
    (Empty(), "implements no hook"),
    (None, "implements no hook"),
    ("acme.plugin", "implements no hook"),
    (WrongArgument(), "pulse"),
    (WithDefault(), "has a default for beat"),
    (OwnDefault(), "has a default for feed"),
    (KeywordOnly(), "keyword-only arguments"),
    (Starred(), r"takes \*args"),
    (DoubleStarred(), r"takes \*args"),
    (Wrapper(), "is a wrapper"),
    (OldWrapper(), "is a wrapper"),
    (NoWrapper(), "NoWrapper"),
    (Unreadable(), "cannot be read: a broken plugin"),
    (Leaving(), "cannot be read: tried to end the process"),
]


@pytest.mark.parametrize(("bad", "match"), REFUSED)
def test_a_plugin_is_refused(bad: object, match: str) -> None:
    with pytest.raises(PluginLoadError, match=match):
        build(plugins=[bad])
    with pytest.raises(PluginLoadError, match=match):
        build(plugins=[Plugin(), bad])


@attrs.define
class Equal:
    feed: str

    @hookimpl
    def incidentkit_register_sources(self) -> Any:
        return [Source(self.feed)]


@attrs.define(eq=False)
class Distinct:
    feed: str

    @hookimpl
    def incidentkit_register_sources(self) -> Any:
        return [Source(self.feed)]


def test_plugins_that_compare_equal_are_refused() -> None:
    with pytest.raises(PluginConflict, match=r"Equal with @attrs.define\(eq=False\)"):
        build(plugins=[Equal("a"), Equal("a")])
    with pytest.raises(PluginConflict, match="'a' comes twice"):
        build(plugins=[Distinct("a"), Distinct("a")])
    assert list(build(plugins=[Equal("a"), Equal("b")]).sources) == ["a", "b"]


def test_a_plugin_twice_is_refused() -> None:
    one = Plugin()
    with pytest.raises(PluginConflict, match="is the same object"):
        build(plugins=[one, one])


def test_an_optional_hook_of_another_version_is_left_alone() -> None:
    class Newer(Plugin):
        @hookimpl(optionalhook=True)
        def incidentkit_register_dreams(self) -> Any:
            return []

    assert list(build(plugins=[Newer()]).sources) == ["feed"]


def test_a_plugin_may_inherit_from_the_specifications() -> None:
    class Typed(ObserverHooks):
        @hookimpl
        def incidentkit_on_beat(self, beat: Any) -> None: ...

    given = build(plugins=[Typed()])  # type: ignore[abstract]
    assert [len(each) for each in given.observers.values()] == [0, 0, 0, 1]


def test_a_value_named_like_a_hook_is_left_alone() -> None:
    class Versioned(Plugin):
        incidentkit_version = "1"

    assert list(build(plugins=[Versioned()]).sources) == ["feed"]


def test_a_decorated_hook_is_read_through_its_decorator() -> None:
    def decorated(function: Callable[..., object]) -> Callable[..., object]:
        @functools.wraps(function)
        def wrapper(*args: Any) -> object:
            return function(*args)

        return wrapper

    class Decorated:
        @hookimpl
        @decorated
        def incidentkit_on_beat(self, beat: Any) -> object:
            return beat

    [(_, observer)] = build(plugins=[Decorated()]).observers["incidentkit_on_beat"]
    assert observer("beat") == "beat"


@pytest.mark.parametrize(
    "hook",
    [
        "incidentkit_on_committed",
        "incidentkit_on_delivery",
        "incidentkit_on_fault",
        "incidentkit_on_beat",
    ],
)
def test_async_observers_need_an_async_desk(hook: str) -> None:
    async def observer() -> None: ...

    bad = plugin(**{hook: observer})
    with pytest.raises(AsyncPluginError, match=f"{hook} is asynchronous; use AsyncDesk"):
        build(plugins=[bad])
    assert len(build(plugins=[bad], asynchronous=True).observers[hook]) == 1


# --- what plugins bring ---------------------------------------------------------------------------


def without(kind: type, attribute: str) -> Any:
    """An object of the kind that lacks something."""
    lacking: Any = type("Lacking", (kind,), {attribute: None})
    made = lacking.__new__(lacking)
    if attribute != "name":
        made.name = "x"
    return made


class Raising(Channel):
    @property
    def kinds(self) -> Any:  # type: ignore[override]
        raise OSError("the kinds are down")


class Named(Source):
    def __init__(self, name: Any) -> None:
        self.name = name


def kinds(value: Any) -> Channel:
    made = Channel("x")
    made.kinds = value
    return made


STORES, SOURCES, CHANNELS, ACCESS = (
    f"incidentkit_register_{what}" for what in ("stores", "sources", "channels", "access")
)
RUBBISH: list[tuple[str, object, str]] = [
    (STORES, 42, "int is neither a StoreFactory nor a BlobFactory nor an anchor"),
    (STORES, without(Anchor, "latest"), "Lacking is neither"),
    (STORES, without(Anchor, "name"), "must be text, not NoneType"),
    (STORES, Anchor, "is a class; hand over an object"),
    (SOURCES, 42, "source int has no name"),
    (SOURCES, None, "source NoneType has no name"),
    (SOURCES, Source, r"is a class; hand over an object: Source\(\)"),
    (SOURCES, without(Source, "parse"), "source 'x' has no parse"),
    (SOURCES, Named(""), "is no name"),
    (SOURCES, Named(" x"), "is no name"),
    (SOURCES, Named("a\0"), "NUL"),
    (SOURCES, Named("x" * 257), "at most 256"),
    (CHANNELS, without(Channel, "send"), "channel 'x' has no send"),
    (CHANNELS, print, "has no name"),
    (CHANNELS, kinds(frozenset()), "frozenset of MessageKind"),
    (CHANNELS, kinds(set(MessageKind)), "frozenset of MessageKind"),
    (CHANNELS, kinds(frozenset(["page"])), "frozenset of MessageKind"),
    (CHANNELS, kinds(None), "frozenset of MessageKind"),
    (CHANNELS, Raising(), "channel Raising cannot be read: the kinds are down"),
    (ACCESS, 42, "int is neither a directory .* nor an authoriser"),
    (ACCESS, without(Directory, "revision"), "is neither"),
    (ACCESS, Directory, "is a class; hand over an object"),
]


@pytest.mark.parametrize(("hook", "value", "match"), RUBBISH)
def test_rubbish_is_left_out_with_a_fault(hook: str, value: object, match: str) -> None:
    good = {
        STORES: Anchor("good"),
        SOURCES: Source("good"),
        CHANNELS: Channel("good"),
        ACCESS: Authoriser(),
    }[hook]
    given = build(plugins=[bringing(hook, value, good)])
    [fault] = given.faults.faults()
    assert fault.hook == hook
    with pytest.raises(PluginLoadError, match=match):
        build(plugins=[bringing(hook, value)], strict=True)
    brought = (*given.anchors, *given.sources.values(), *given.channels.values())
    assert (*brought, *given.authorisers, *given.directories) == (good,)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("sources", [42]),
        ("sources", [Source]),
        ("anchors", [Channel()]),
        ("directory", Authoriser()),
        ("directory", Directory),
        ("authoriser", Directory()),
    ],
)
def test_rubbish_from_the_host_is_raised(argument: str, value: object) -> None:
    with pytest.raises(PluginLoadError, match=f"the argument {argument}=: "):
        build(**{argument: value})


ASYNC: list[tuple[str, dict[str, Any], object, str]] = [
    (SOURCES, {"sources": [AsyncSource("x")]}, AsyncSource("x"), "source 'x'"),
    (CHANNELS, {"channels": {"x": AsyncChannel("x")}}, AsyncChannel("x"), "channel 'x'"),
    (ACCESS, {"directory": AsyncDirectory()}, AsyncDirectory(), "directory AsyncDirectory"),
    (ACCESS, {"authoriser": AsyncAuthoriser()}, AsyncAuthoriser(), "authoriser AsyncAuthoriser"),
    (ACCESS, {"authoriser": AsyncScope()}, AsyncScope(), "authoriser AsyncScope"),
    (STORES, {"anchors": [AsyncAnchor("x")]}, AsyncAnchor("x"), "anchor 'x'"),
]


@pytest.mark.parametrize(("hook", "arguments", "value", "title"), ASYNC)
def test_coroutines_need_an_async_desk(
    hook: str, arguments: dict[str, Any], value: object, title: str
) -> None:
    for given in (arguments, {"plugins": [bringing(hook, value)]}):
        with pytest.raises(AsyncPluginError, match=f"{title} is asynchronous"):
            build(**given)
        if hook == SOURCES:
            with pytest.raises(AsyncPluginError, match="a source parses at once"):
                build(**given, asynchronous=True)
        else:
            build(**given, asynchronous=True)


def test_an_asynchronous_generator_helps_nobody() -> None:
    for asynchronous in (False, True):
        with pytest.raises(AsyncPluginError, match="asynchronous generator; return"):
            build(sources=[StreamingSource()], asynchronous=asynchronous)


def test_errors_are_of_one_family() -> None:
    for kind in (PluginLoadError, PluginConflict, AsyncPluginError):
        assert issubclass(kind, PluginError)
