from __future__ import annotations

import asyncio
import gc
import logging
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from incidentkit.plugins.faults import KEPT, PROBLEM_LIMIT, FaultLog, PluginFault, described
from incidentkit.plugins.guard import Failed, Guard

LOGGER = "incidentkit.plugins"


def test_a_fault_reads_as_a_sentence() -> None:
    fault = FaultLog().record("acme", "send", "no route", "OSError")
    assert fault == PluginFault("acme", "send", "no route", "OSError", 1)
    assert str(fault) == "plugin 'acme', send: OSError: no route"


def test_the_log_is_bounded_and_counts_on() -> None:
    log = FaultLog()
    for number in range(KEPT + 50):
        log.record("acme", "send", str(number))
    kept = log.faults()
    assert len(kept) == KEPT
    assert [kept[0].problem, kept[-1].problem] == ["50", "149"]
    assert kept[-1].at_count == KEPT + 50


def test_faults_are_counted_for_each_plugin() -> None:
    log = FaultLog()
    for _ in range(4):
        log.record("a", "send", "x")
        log.record("b", "send", "x")
    assert not log.degraded("a")
    log.succeeded("b")
    log.record("a", "send", "x")
    log.record("b", "send", "x")
    assert log.degraded("a")
    assert not log.degraded("b")
    assert log.faults()[-1].at_count == 1


def test_problems_are_short_and_clean() -> None:
    problem = described(ValueError("a\n\0\ud800" + "x" * 10_000))
    assert len(problem) <= PROBLEM_LIMIT
    assert problem.startswith("a   x")
    assert problem.endswith("...")
    problem.encode()


def test_nothing_of_the_plugin_is_kept_alive() -> None:
    class Secret:
        """Something that a frame of the plugin holds."""

    held: list[weakref.ref[Secret]] = []

    def plugin() -> None:
        secret = Secret()
        held.append(weakref.ref(secret))
        raise ValueError("broken")

    async def coroutine() -> None:
        plugin()

    guard = Guard()
    guard.call("acme", "send", plugin)
    asyncio.run(guard.acall("acme", "send", plugin))
    asyncio.run(guard.acall("acme", "send", coroutine))
    gc.collect()
    assert [each() for each in held] == [None, None, None]


def test_a_fault_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, LOGGER):
        FaultLog().record("acme", "send", "no route", "OSError")
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage() == "plugin 'acme', send: OSError: no route (1 in a row)"
    assert record.exc_info is None


def test_observers_are_told_also_what_came_before_them() -> None:
    log = FaultLog()
    before = log.record("acme", "load", "broken")
    told: list[PluginFault] = []
    log.watch([("one", told.append), ("two", told.append)])
    after = log.record("acme", "send", "broken")
    assert told == [before, before, after, after]
    log.watch([("three", told.append)])
    assert len(told) == 4


async def awaited() -> None:
    return None


def fails(_: object) -> object:
    raise OSError("the pager is down")


def leaves(_: object) -> object:
    raise SystemExit(1)


@pytest.mark.parametrize("bad", [fails, leaves, lambda fault: awaited()])
def test_a_fault_of_an_observer_is_logged_only(
    bad: Callable[[Any], object], caplog: pytest.LogCaptureFixture
) -> None:
    log = FaultLog()
    told: list[PluginFault] = []
    log.watch([("bad", bad), ("good", told.append)])
    with caplog.at_level(logging.WARNING, LOGGER):
        fault = log.record("acme", "send", "broken")
    assert told == [fault]
    assert log.faults() == (fault,)
    assert len(caplog.records) == 2
    assert not log.degraded("bad")


def test_a_fault_while_one_is_told_is_kept_but_not_told() -> None:
    log = FaultLog()
    guard = Guard(log)
    told: list[PluginFault] = []

    def observer(fault: PluginFault) -> None:
        told.append(fault)
        guard.call("other", "send", lambda: 1 // 0)

    log.watch([("curious", observer)])
    fault = log.record("acme", "send", "broken")
    assert told == [fault]
    assert [each.plugin for each in log.faults()] == ["acme", "other"]


def test_coroutine_observers_are_told_at_the_next_awaited_call() -> None:
    log = FaultLog()
    guard = Guard(log)
    told: list[PluginFault] = []

    async def good(fault: PluginFault) -> None:
        await asyncio.sleep(0)
        told.append(fault)
        guard.call("other", "send", lambda: 1 // 0)

    async def bad(fault: PluginFault) -> None:
        raise OSError

    before = log.record("acme", "load", "broken")
    log.watch([("bad", bad), ("good", good)])
    guard.call("acme", "send", lambda: 1 // 0)
    assert not told
    assert log.waiting
    assert asyncio.run(guard.acall("acme", "send", lambda: 42)) == 42
    assert [each.hook for each in told] == ["load", "send"]
    assert told[0] is before
    failed = asyncio.run(guard.acall("acme", "parse", lambda: 1 // 0))
    assert isinstance(failed, Failed)
    assert told[-1] is failed.fault
    assert not log.waiting
    asyncio.run(log.flush())
    assert len(told) == 3


def test_many_threads() -> None:
    log = FaultLog()
    told: list[PluginFault] = []
    log.watch([("one", told.append)])
    with ThreadPoolExecutor(8) as pool:
        for _ in range(400):
            pool.submit(log.record, "acme", "send", "x")
    assert sorted(each.at_count for each in told) == list(range(1, 401))
    assert len(log.faults()) == KEPT
