"""A plugin cannot hurt: each hook raised, exited, returned rubbish or a coroutine; others go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from incidentkit.errors import PluginLoadError
from incidentkit.plugins.faults import PluginFault
from incidentkit.plugins.guard import Guard
from incidentkit.plugins.hookspecs import OBSERVER_HOOKS, REGISTER_HOOKS
from incidentkit.plugins.observe import anotify, notify
from tests.plugins.objects import (
    HOOKS,
    OBSERVE,
    REGISTER,
    Authoriser,
    Channel,
    Source,
    bringing,
    build,
    factory,
    observing,
    plugin,
)

GOOD = dict(zip(REGISTER, (factory(), Source(), Channel(), Authoriser()), strict=True))


def raises(*_: object) -> object:
    raise OSError("broken")


def exits(*_: object) -> object:
    raise SystemExit(1)


def rubbish(*_: object) -> object:
    return 42


async def waits(*_: object) -> object:
    return ()


def gives_coroutine(*_: object) -> object:
    return waits()


def yields_and_raises(*_: object) -> Any:
    yield Source("half")
    raise OSError("broken")


def endless(*_: object) -> Any:
    while True:
        yield Source("again")


BAD = [raises, exits, rubbish, gives_coroutine]


def test_the_lists_of_hooks_are_whole() -> None:
    assert (*REGISTER_HOOKS, *OBSERVER_HOOKS) == HOOKS


@pytest.mark.parametrize("bad", [*BAD, yields_and_raises, endless, lambda: "text", lambda: None])
@pytest.mark.parametrize("hook", REGISTER)
def test_a_register_hook_that_fails(hook: str, bad: Callable[..., object]) -> None:
    def function() -> object:
        return bad()

    hooks: dict[str, Callable[..., object]] = {hook: function}
    wrong = plugin(**hooks, incidentkit_on_beat=lambda beat: None)
    given = build(plugins=[wrong, bringing(hook, GOOD[hook])])
    brought = (*given.stores.values(), *given.sources.values(), *given.channels.values())
    assert (*brought, *given.authorisers) == (GOOD[hook],)
    assert len(given.observers["incidentkit_on_beat"]) == 1, "its other hooks still count"
    [fault] = given.faults.faults()
    assert fault.hook == hook
    with pytest.raises(PluginLoadError, match=f"{hook} failed"):
        build(plugins=[wrong], strict=True)


@pytest.mark.parametrize("hook", REGISTER)
def test_a_register_hook_that_is_a_coroutine_function(hook: str) -> None:
    async def function() -> object:
        return ()

    for asynchronous in (False, True):
        given = build(plugins=[plugin(**{hook: function})], asynchronous=asynchronous)
        [fault] = given.faults.faults()
        assert "coroutine" in fault.problem


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("hook", [hook for hook in OBSERVE if hook != "incidentkit_on_fault"])
def test_an_observer_that_fails(hook: str, bad: Callable[..., object]) -> None:
    told: list[object] = []
    faults: list[PluginFault] = []
    plugins = [
        observing(hook, told.append),
        observing(hook, bad),
        observing(hook, told.append),
        observing("incidentkit_on_fault", faults.append),
    ]
    given = build(plugins=plugins)
    notify(given, Guard(given.faults), hook, "value")
    assert told == ["value", "value"]
    # What an observer returns is ignored, so rubbish does no harm.
    assert [each.hook for each in faults] == ([] if bad is rubbish else [hook])


@pytest.mark.parametrize("bad", [raises, exits, waits, gives_coroutine])
@pytest.mark.parametrize("hook", [hook for hook in OBSERVE if hook != "incidentkit_on_fault"])
def test_an_observer_that_fails_in_an_async_desk(hook: str, bad: Callable[..., object]) -> None:
    told: list[object] = []
    faults: list[PluginFault] = []

    async def good() -> None:
        await asyncio.sleep(0)
        told.append("later")

    async def on_fault(fault: Any) -> None:
        faults.append(fault)

    plugins = [
        observing(hook, told.append),
        observing(hook, bad),
        plugin(**{hook: good}),
        plugin(incidentkit_on_fault=on_fault),
    ]
    given = build(plugins=plugins, asynchronous=True)
    asyncio.run(anotify(given, Guard(given.faults), hook, "value"))
    assert sorted(map(str, told)) == ["later", "value"]
    assert [each.hook for each in faults] == ([hook] if bad in (raises, exits) else [])


@pytest.mark.parametrize("bad", BAD)
def test_an_observer_of_faults_that_fails(bad: Callable[..., object]) -> None:
    told: list[PluginFault] = []
    hook = "incidentkit_on_fault"
    given = build(plugins=[observing(hook, bad), observing(hook, told.append)])
    Guard(given.faults).call("acme", "send", raises)
    assert [each.plugin for each in told] == ["acme"]
    assert given.faults.faults() == tuple(told)


@pytest.mark.parametrize("error", [KeyboardInterrupt, asyncio.CancelledError])
@pytest.mark.parametrize("hook", REGISTER)
def test_an_interruption_passes(hook: str, error: type[BaseException]) -> None:
    def function() -> object:
        raise error

    with pytest.raises(error):
        build(plugins=[plugin(**{hook: function})])
