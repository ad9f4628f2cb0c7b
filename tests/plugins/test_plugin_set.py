from __future__ import annotations

import itertools
from typing import Any

import pytest

from incidentkit.channels.function import FunctionChannel
from incidentkit.channels.memory import MemoryChannel
from incidentkit.errors import AsyncPluginError, InvalidValue, PluginConflict, PluginLoadError
from incidentkit.model.signals import SourceRequest
from incidentkit.plugins.builtin import BUILT_IN
from incidentkit.plugins.hookspecs import hookimpl
from incidentkit.plugins.plugin_set import PluginSet
from incidentkit.plugins.store_factory import StoreFactory
from incidentkit.sources.generic import GenericJson
from incidentkit.stores.memory import MemoryStore
from incidentkit.stores.sqlite.store import SqliteStore
from tests.plugins.objects import (
    Anchor,
    AsyncChannel,
    Authoriser,
    Both,
    Channel,
    Directory,
    Source,
    bringing,
    build,
    factory,
    observing,
    plugin,
)


def test_what_is_brought_by_hooks_and_as_objects() -> None:
    anchors, staff, both = [Anchor("b"), Anchor("a")], Directory(), Both()
    given = build(
        plugins=[
            bringing("incidentkit_register_stores", factory("z"), anchors[0], factory("a")),
            bringing("incidentkit_register_sources", Source("one")),
            bringing("incidentkit_register_channels", Channel("tell")),
            bringing("incidentkit_register_access", both),
        ],
        sources=[Source("two"), Source("more")],
        channels={"sms": print, "mail": Channel("mail")},
        directory=staff,
        authoriser=Authoriser(),
        anchors=[anchors[1]],
    )
    assert list(given.stores) == ["a", "z"]
    assert [each.name for each in given.anchors] == ["a", "b"]
    assert list(given.sources) == ["more", "one", "two"]
    assert list(given.channels) == ["mail", "sms", "tell"]
    assert isinstance(given.channels["sms"], FunctionChannel)
    assert set(given.directories) == {staff, both}
    assert len(given.authorisers) == 2
    assert both in given.authorisers
    assert len(given.plugins) == 4
    assert not given.faults.faults()


def test_the_set_is_frozen() -> None:
    given: Any = build(channels={"sms": print})
    with pytest.raises(AttributeError):
        given.channels = {}
    for mapping in (given.stores, given.sources, given.channels, given.observers):
        with pytest.raises(TypeError, match="does not support item assignment"):
            mapping["x"] = 1


def test_a_plugin_may_be_a_module_or_several_objects_of_a_class() -> None:
    class Plugin:
        def __init__(self, name: str) -> None:
            self.name = name

        @hookimpl
        def incidentkit_register_sources(self) -> Any:
            yield Source(self.name)

    given = build(plugins=[Plugin("a"), Plugin("b")])
    assert list(given.sources) == ["a", "b"]
    first, second = given.plugins
    assert second.plugin == f"{first.plugin}#2"
    assert given.plugin_of(given.sources["b"]) == second.plugin
    assert given.plugin_of(42) == "int"


def test_order_has_no_meaning() -> None:
    def make(name: str) -> Any:
        kind = type(name, (), {})
        made = kind()
        made.incidentkit_register_channels = hookimpl(lambda: [Channel(name)])
        made.incidentkit_register_access = hookimpl(lambda: [directories[name]])
        made.incidentkit_on_beat = hookimpl(lambda beat: name)
        return made

    directories = {name: Directory() for name in "abcd"}
    plugins = [make(name) for name in "abcd"]
    shapes = set()
    for order in itertools.permutations(plugins):
        given = build(plugins=order)
        beats = tuple(observer(None) for _, observer in given.observers["incidentkit_on_beat"])
        shapes.add((tuple(given.channels), given.directories, beats, given.plugins))
    [shape] = shapes
    assert shape[2] == tuple("abcd")


# --- the same name twice --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hook", "one", "other"),
    [
        ("incidentkit_register_stores", factory("x"), factory("x")),
        ("incidentkit_register_stores", Anchor("x"), Anchor("x")),
        ("incidentkit_register_sources", Source("x"), Source("x")),
        ("incidentkit_register_channels", Channel("x"), Channel("x")),
    ],
)
def test_a_name_twice_is_refused(hook: str, one: object, other: object) -> None:
    class Rival:
        """Another plugin."""

    rival: Any = Rival()
    setattr(rival, hook, hookimpl(lambda: [other]))
    with pytest.raises(PluginConflict, match=r"'x' comes twice.*Made.*Rival"):
        build(plugins=[bringing(hook, one), rival])
    with pytest.raises(PluginConflict, match="'x' comes twice"):
        build(plugins=[bringing(hook, one, other)])


@pytest.mark.parametrize(
    ("hook", "value", "arguments"),
    [
        ("incidentkit_register_sources", Source("x"), {"sources": [Source("x")]}),
        ("incidentkit_register_channels", Channel("x"), {"channels": {"x": print}}),
        ("incidentkit_register_stores", Anchor("x"), {"anchors": [Anchor("x")]}),
    ],
)
def test_an_object_overrides_no_plugin(hook: str, value: object, arguments: dict[str, Any]) -> None:
    with pytest.raises(PluginConflict, match=r"'x' comes twice.*Made.*the argument"):
        build(plugins=[bringing(hook, value)], **arguments)


@pytest.mark.parametrize("argument", ["directory", "authoriser"])
def test_the_same_object_twice_is_refused(argument: str) -> None:
    both = Both()
    with pytest.raises(PluginConflict, match="comes twice"):
        build(
            plugins=[bringing("incidentkit_register_access", both)],
            **{argument: both},
        )


def test_what_is_built_in_may_be_replaced_by_the_host() -> None:
    own = GenericJson("generic", {"fields": {"title": "$.name"}})
    assert build(builtins=[BUILT_IN], sources=[own]).sources["generic"] is own
    by_plugin = build(builtins=[BUILT_IN], plugins=[bringing("incidentkit_register_sources", own)])
    assert by_plugin.sources["generic"] is own
    with pytest.raises(PluginConflict):
        build(builtins=[BUILT_IN], sources=[own, GenericJson()])
    with pytest.raises(PluginConflict):
        build(builtins=[BUILT_IN, bringing("incidentkit_register_sources", own)])


# --- channels as functions ------------------------------------------------------------------------


def test_a_bare_function_is_a_channel() -> None:
    class Callable:
        def __call__(self, message: object) -> None: ...

    given = build(channels={"a": print, "b": lambda message: None, "c": Callable()})
    assert all(isinstance(each, FunctionChannel) for each in given.channels.values())
    assert given.plugin_of(given.channels["a"]) == "host"


@pytest.mark.parametrize(
    ("name", "channel", "match"),
    [
        ("sms", 42, "has no name"),
        ("sms", Channel, "is a class; hand over an object"),
        ("sms", dict, "is a class; hand over an object"),
        ("sms", Channel("mail"), "calls itself 'mail'"),
        ("", print, "is no name"),
        ("two\nlines", print, "is no name"),
    ],
)
def test_a_channel_that_cannot_work(name: str, channel: Any, match: str) -> None:
    with pytest.raises(PluginLoadError, match=match) as caught:
        build(channels={name: channel})
    assert f"channels[{name!r}]" in str(caught.value)


def test_a_coroutine_function_as_a_channel() -> None:
    async def page(message: object) -> None: ...

    with pytest.raises(AsyncPluginError, match="channel 'sms' is asynchronous; use AsyncDesk"):
        build(channels={"sms": page})
    assert build(channels={"sms": page}, asynchronous=True).asynchronous


# --- stores ---------------------------------------------------------------------------------------


def test_the_built_in_stores(tmp_path: Any) -> None:
    given = build(builtins=[BUILT_IN])
    with_memory = given.open_store("memory:")
    assert isinstance(with_memory, MemoryStore)
    with_memory.close()
    store = given.open_async_store(f"sqlite:///{tmp_path}/x.db?synchronous=off")
    assert isinstance(store, SqliteStore)
    store.close()
    with pytest.raises(InvalidValue, match="a memory store has no path"):
        given.open_store("memory://somewhere")


def test_the_built_in_sources() -> None:
    given = build(builtins=[BUILT_IN])
    request = SourceRequest(b'[{"labels": {"alertname": "DiskFull"}}]')
    source: Any = given.sources["alertmanager"]
    [alert] = source.parse(request)
    [item] = source.items(request)
    assert source.build(item) == alert
    [alert] = given.sources["generic"].parse(SourceRequest(b'{"title": "Disk full"}'))
    assert repr(source) == "LazyItemSource('alertmanager')"
    assert not given.channels


def test_an_unknown_scheme_names_the_nearest_and_no_secret() -> None:
    given = build(builtins=[BUILT_IN])
    with pytest.raises(InvalidValue, match="did you mean 'sqlite'") as caught:
        given.open_store("sqlit://me:secret@host/db")
    assert "secret" not in str(caught.value)
    with pytest.raises(InvalidValue, match=r"no plugin opens 'x'$"):
        build().open_store("x:")


def test_a_store_is_checked_when_it_is_opened() -> None:
    class AsyncStore(MemoryStore):
        async def load(self, *arguments: Any) -> Any: ...  # type: ignore[override]

    class HalfStore:
        def load(self, *arguments: Any) -> Any: ...

    class Refusing:
        def __getattr__(self, name: str) -> Any:
            raise OSError(name)

    made: dict[str, Any] = {
        "async": AsyncStore,
        "half": HalfStore,
        "refusing": Refusing,
        "class": lambda: HalfStore,
    }

    def opened(url: str) -> Any:
        return made[url.partition(":")[2]]()

    hook = bringing("incidentkit_register_stores", StoreFactory("x", opened))
    given = build(plugins=[hook])
    with pytest.raises(AsyncPluginError, match="store AsyncStore is asynchronous; use AsyncDesk"):
        given.open_store("x:async")
    with pytest.raises(PluginLoadError, match="store HalfStore has no declare and no now"):
        given.open_store("x:half")
    with pytest.raises(PluginLoadError, match="store Refusing cannot be read: declare"):
        given.open_store("x:refusing")
    with pytest.raises(PluginLoadError, match="is a class"):
        given.open_store("x:class")
    build(plugins=[hook], asynchronous=True).open_async_store("x:async")


def test_what_opening_raises_is_passed_on() -> None:
    def opened(url: str) -> Any:
        raise ConnectionError(url)

    hook = bringing("incidentkit_register_stores", StoreFactory("x", opened))
    with pytest.raises(ConnectionError):
        build(plugins=[hook]).open_store("x:")


@pytest.mark.parametrize("scheme", ["", "X", "1a", "a b", "a:", 3, None])
def test_a_scheme_that_is_none(scheme: Any) -> None:
    with pytest.raises(InvalidValue, match="is no scheme"):
        factory(scheme)


def test_a_factory_that_opens_nothing() -> None:
    wrong: Any = "MemoryStore"
    with pytest.raises(InvalidValue, match="cannot be called with a URL"):
        StoreFactory("x", wrong)


# --- the rest -------------------------------------------------------------------------------------


def test_an_observer_leaves_out_what_it_does_not_need() -> None:
    seen: list[str] = []
    given = build(
        plugins=[
            plugin(incidentkit_on_beat=lambda: seen.append("none")),
            observing("incidentkit_on_beat", seen.append),
        ]
    )
    for _, observer in given.observers["incidentkit_on_beat"]:
        observer("beat")
    assert seen == ["none", "beat"]


def test_an_observer_of_faults_learns_of_those_while_building() -> None:
    told: list[Any] = []
    build(
        plugins=[
            observing("incidentkit_on_fault", told.append),
            bringing("incidentkit_register_sources", 42),
        ]
    )
    assert [each.hook for each in told] == ["incidentkit_register_sources"]


def test_async_objects_in_an_async_desk() -> None:
    given = PluginSet.build(
        entry_points=False,
        asynchronous=True,
        channels={"sms": AsyncChannel("sms"), "mail": MemoryChannel("mail")},
    )
    assert list(given.channels) == ["mail", "sms"]
