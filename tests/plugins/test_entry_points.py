"""Plugins of installed packages: found by their entry points, each loaded by itself."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from incidentkit.errors import AsyncPluginError, PluginConflict, PluginLoadError
from incidentkit.plugins import presence
from incidentkit.plugins.hookspecs import hookimpl
from incidentkit.plugins.plugin_set import PluginSet
from tests.plugins.objects import AsyncChannel, Channel, Source, bringing, plugin


@attrs.frozen
class Distribution:
    name: str = "acme-incidents"
    version: str = "1.2"


@attrs.frozen(eq=False)
class Point:
    """As importlib.metadata gives them."""

    name: str
    load: Callable[[], object]
    dist: Any = attrs.field(factory=Distribution)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def install(*points: Point) -> None:
        def entry_points(*, group: str) -> tuple[Point, ...]:
            assert group == "incidentkit"
            return points

        monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
        monkeypatch.setattr(presence, "perhaps", lambda group: True)

    return install


def source_plugin(name: str) -> Any:
    return bringing("incidentkit_register_sources", Source(name))


def missing() -> object:
    raise ModuleNotFoundError("no module named 'acme'")


def leaving() -> object:
    raise SystemExit("wrong version")


def test_an_installed_plugin_is_found(installed: Any) -> None:
    one = source_plugin("one")
    installed(Point("acme", lambda: one))
    given = PluginSet.build()
    assert list(given.sources) == ["one"]
    assert str(given.origin_of(given.sources["one"])) == "plugin 'acme' of acme-incidents 1.2"
    assert not PluginSet.build(entry_points=False).sources


def test_a_module_as_a_plugin(installed: Any) -> None:
    module: Any = types.ModuleType("acme_plugin")

    def incidentkit_register_sources() -> Any:
        return [Source("one")]

    module.incidentkit_register_sources = hookimpl(incidentkit_register_sources)
    installed(Point("acme", lambda: module))
    assert list(PluginSet.build().sources) == ["one"]
    given = PluginSet.build(entry_points=False, plugins=[module])
    assert [each.plugin for each in given.plugins] == ["acme_plugin"]


async def coroutine() -> object:
    return source_plugin("late")


BROKEN: list[tuple[Callable[[], object], str]] = [
    (missing, "no module named 'acme'"),
    (leaving, "tried to end the process"),
    (coroutine, "coroutine"),
    (lambda: 42, "implements no hook"),
    (lambda: Source, "is the class Source"),
    (lambda: plugin(incidentkit_register_dreams=lambda: ()), "there is no hook"),
    (lambda: plugin(incidentkit_on_beat=lambda beat=None: None), "has a default"),
    (lambda: plugin(incidentkit_on_beat=lambda pulse: None), "pulse"),
    (lambda: plugin(incidentkit_register_sources=missing), "no module named 'acme'"),
    (lambda: bringing("incidentkit_register_sources", 42), "has no name"),
]


@pytest.mark.parametrize(("load", "problem"), BROKEN)
def test_a_broken_one_is_a_fault_and_the_others_go_on(
    installed: Any, load: Callable[[], object], problem: str
) -> None:
    good = [source_plugin("a"), source_plugin("z")]
    installed(Point("z", lambda: good[1]), Point("broken", load), Point("a", lambda: good[0]))
    given = PluginSet.build(channels={"sms": print})
    assert list(given.sources) == ["a", "z"]
    assert list(given.channels) == ["sms"]
    [fault] = given.faults.faults()
    assert fault.plugin == "broken"
    assert problem in fault.problem
    with pytest.raises(PluginLoadError, match="broken") as caught:
        PluginSet.build(strict=True)
    assert "acme-incidents 1.2" in str(caught.value)


def test_an_asynchronous_one_is_left_out(installed: Any) -> None:
    one = bringing("incidentkit_register_channels", AsyncChannel("pager"), Channel("sms"))
    installed(Point("acme", lambda: one))
    given = PluginSet.build()
    assert list(given.channels) == ["sms"]
    [fault] = given.faults.faults()
    assert fault.exception_type == "AsyncPluginError"
    assert len(PluginSet.build(asynchronous=True).channels) == 2
    with pytest.raises(AsyncPluginError, match=r"acme-incidents 1\.2: channel 'pager'"):
        PluginSet.build(strict=True)


def test_a_conflict_names_both_packages(installed: Any) -> None:
    installed(
        Point("acme", lambda: source_plugin("feed")),
        Point("rival", lambda: source_plugin("feed"), Distribution("rival", "3")),
    )
    with pytest.raises(PluginConflict, match=r"'acme' of acme-incidents 1\.2.*'rival' of rival 3"):
        PluginSet.build()


def test_an_installed_plugin_replaces_nothing_built_in(installed: Any) -> None:
    installed(Point("acme", lambda: source_plugin("feed")))
    with pytest.raises(PluginConflict, match="built in"):
        PluginSet.build(builtins=[source_plugin("feed")])


def test_an_installed_plugin_handed_over_again(installed: Any) -> None:
    one = source_plugin("feed")
    installed(Point("acme", lambda: one))
    with pytest.raises(PluginConflict, match="is the same object as plugin 'acme'"):
        PluginSet.build(plugins=[one])


def test_two_packages_may_use_one_name_for_their_plugins(installed: Any) -> None:
    points = (
        Point("plugin", lambda: source_plugin("b"), Distribution("b", "1")),
        Point("plugin", lambda: source_plugin("a"), Distribution("a", "1")),
        Point("bare", lambda: source_plugin("c"), None),
    )
    for order in (points, points[::-1]):
        installed(*order)
        given = PluginSet.build()
        origins = {name: str(given.origin_of(source)) for name, source in given.sources.items()}
        assert origins == {
            "a": "plugin 'plugin' of a 1",
            "b": "plugin 'plugin#2' of b 1",
            "c": "plugin 'bare' of an unknown distribution",
        }


def test_unreadable_metadata_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def entry_points(*, group: str) -> Any:
        raise OSError("a damaged package")

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    monkeypatch.setattr(presence, "perhaps", lambda group: True)
    given = PluginSet.build(sources=[Source("feed")])
    assert list(given.sources) == ["feed"]
    [fault] = given.faults.faults()
    assert (fault.plugin, fault.hook) == ("entry points", "load")
    with pytest.raises(PluginLoadError, match="a damaged package"):
        PluginSet.build(strict=True)


@pytest.mark.short
def test_importing_the_room_is_light() -> None:
    code = (
        "import sys, incidentkit.plugins.plugin_set, incidentkit.plugins.builtin, "
        "incidentkit.plugins.observe; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    heavy = {"logging", "asyncio", "importlib.metadata", "sqlite3", "json"}
    assert not heavy & set(done.stdout.split())


def test_a_look_at_the_files_finds_an_installed_plugin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "absent")])
    assert not presence.perhaps("incidentkit")
    folder = tmp_path / "acme-1.0.dist-info"
    folder.mkdir()
    assert not presence.perhaps("incidentkit")
    (folder / "entry_points.txt").write_text("[console_scripts]\nacme = acme:main\n")
    assert not presence.perhaps("incidentkit")
    (folder / "entry_points.txt").write_text("[incidentkit]\nacme = acme:plugin\n")
    assert presence.perhaps("incidentkit")


def test_what_cannot_be_looked_at_is_asked_the_slow_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "packed.zip"
    packed.write_bytes(b"PK")
    monkeypatch.setattr(sys, "path", [str(packed)])
    assert presence.perhaps("incidentkit")
    monkeypatch.setattr(sys, "path", [])

    class Finder:
        def find_distributions(self) -> tuple[()]:
            return ()

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])
    assert presence.perhaps("incidentkit")
