from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable
from typing import Any

import pytest

from incidentkit.channels.function import FunctionChannel
from incidentkit.model.delivery import Message, Sent
from incidentkit.model.words import MessageKind
from incidentkit.plugins.faults import FaultLog
from incidentkit.plugins.guard import Failed, Guard, WrongAnswer, checked, gathered

MESSAGE = Message("k", MessageKind.PAGE, "sms", "ana", "+49", "Disk", "", "INC-1", "P1")


def raises(error: BaseException) -> Callable[[], object]:
    def function() -> object:
        raise error

    return function


async def coroutine() -> int:
    return 42


async def stream() -> Any:
    yield 1


class Awaitable:
    def __await__(self) -> Any:
        yield


class Unreadable(Exception):
    def __str__(self) -> str:
        raise SystemExit(3)


FAILURES: list[tuple[Callable[[], object], str, str]] = [
    (raises(ValueError("no such host")), "ValueError", "no such host"),
    (raises(ValueError()), "ValueError", "ValueError"),
    (raises(StopIteration()), "StopIteration", "StopIteration"),
    (raises(SystemExit(3)), "SystemExit", "tried to end the process with exit code 3"),
    (raises(SystemExit()), "SystemExit", "tried to end the process with exit code"),
    (raises(ExceptionGroup("two", [ValueError(), OSError()])), "ExceptionGroup", "two"),
    (raises(Unreadable()), "Unreadable", "its message cannot be read"),
    (raises(RecursionError("too deep")), "RecursionError", "too deep"),
    (stream, "WrongAnswer", "has to be awaited"),
]


@pytest.mark.parametrize(("function", "kind", "problem"), FAILURES)
def test_a_failure_is_a_fault(function: Callable[[], object], kind: str, problem: str) -> None:
    guard = Guard()
    failed = guard.call("acme", "send", function)
    assert isinstance(failed, Failed)
    assert failed.fault.exception_type == kind
    assert problem in failed.fault.problem
    assert (failed.fault.plugin, failed.fault.hook) == ("acme", "send")
    assert guard.faults.faults() == (failed.fault,)


@pytest.mark.parametrize(("function", "kind", "problem"), FAILURES)
def test_a_failure_is_a_fault_when_awaited(
    function: Callable[[], object], kind: str, problem: str
) -> None:
    failed = asyncio.run(Guard().acall("acme", "send", function))
    assert isinstance(failed, Failed)
    assert failed.fault.exception_type == kind
    assert problem in failed.fault.problem


@pytest.mark.parametrize("error", [KeyboardInterrupt, GeneratorExit, asyncio.CancelledError])
def test_what_belongs_to_the_process_passes(error: type[BaseException]) -> None:
    guard = Guard()
    with pytest.raises(error):
        guard.call("acme", "send", raises(error()))
    with pytest.raises(error):
        guard.collect("acme", "send", raises(error()))
    assert not guard.faults.faults()


def test_a_cancelled_task_is_cancelled() -> None:
    guard = Guard()

    async def main() -> None:
        task = asyncio.create_task(guard.acall("acme", "send", asyncio.sleep, 60))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert not guard.faults.faults()


@pytest.mark.parametrize("function", [coroutine, lambda: coroutine(), Awaitable])
def test_an_awaitable_where_nobody_awaits_is_a_fault(function: Callable[[], object]) -> None:
    # A coroutine that is not closed would warn, and warnings are errors here.
    assert isinstance(Guard().call("acme", "send", function), Failed)
    assert isinstance(Guard().collect("acme", "send", function), Failed)


@pytest.mark.parametrize(
    "function",
    [coroutine, lambda: coroutine(), functools.partial(coroutine), lambda: 42],
)
def test_acall_takes_coroutines_and_plain_functions(function: Callable[[], object]) -> None:
    assert asyncio.run(Guard().acall("acme", "send", function)) == 42


def test_acall_runs_plain_functions_in_a_thread() -> None:
    found: Any = asyncio.run(Guard().acall("acme", "send", threading.get_ident))
    assert found != threading.get_ident()


def test_acall_sends_by_a_function_channel_of_a_coroutine() -> None:
    async def send(message: Message) -> Sent:
        return Sent(message.to)

    channel = FunctionChannel("sms", send)
    sent = asyncio.run(Guard().acall("sms", "send", channel.send, MESSAGE))
    assert sent == Sent("+49")


def test_an_awaitable_inside_an_awaitable_is_a_fault() -> None:
    async def twice() -> object:
        return coroutine()

    assert isinstance(asyncio.run(Guard().acall("acme", "send", twice)), Failed)


@pytest.mark.parametrize(("value", "fine"), [(1, True), ("a", True), (1.5, False), (None, False)])
def test_wrong_types_are_faults(value: object, fine: bool) -> None:
    def function() -> object:
        return value

    async def later() -> object:
        return value

    answers = [
        Guard().call("acme", "may", function, returns=(int, str)),
        asyncio.run(Guard().acall("acme", "may", function, returns=(int, str))),
        asyncio.run(Guard().acall("acme", "may", later, returns=(int, str))),
    ]
    for answer in answers:
        if fine:
            assert answer == value
        else:
            assert isinstance(answer, Failed)
            assert "must return int or str, not" in answer.fault.problem


def test_checked_by_itself() -> None:
    assert checked("a", int, str) == "a"
    with pytest.raises(WrongAnswer, match="must return int, not str"):
        checked("a", int)
    failed = Guard().call("acme", "may", lambda: checked("a", int))
    assert isinstance(failed, Failed)


@pytest.mark.parametrize("value", ["text", b"bytes", {"a": 1}, 42, None, iter])
def test_what_is_no_iterable_of_things(value: object) -> None:
    failed = Guard().collect("acme", "parse", lambda: value)
    assert isinstance(failed, Failed)
    assert "must return an iterable" in failed.fault.problem
    assert isinstance(asyncio.run(Guard().acollect("acme", "parse", lambda: value)), Failed)


def test_a_generator_runs_in_the_guard() -> None:
    def values() -> Any:
        yield 1
        raise OSError("gone")

    guard = Guard()
    assert guard.collect("acme", "parse", lambda: iter([1, 2])) == (1, 2)
    assert isinstance(guard.collect("acme", "parse", values), Failed)
    assert isinstance(asyncio.run(guard.acollect("acme", "parse", values)), Failed)
    assert asyncio.run(guard.acollect("acme", "parse", lambda: [1, 2])) == (1, 2)


def test_an_endless_generator_is_cut_off() -> None:
    def endless() -> Any:
        while True:
            yield 1

    failed = Guard().collect("acme", "parse", endless, most=10)
    assert isinstance(failed, Failed)
    assert "more than 10" in failed.fault.problem


def test_gathered_checks_each() -> None:
    assert gathered([1, 2], int) == (1, 2)
    with pytest.raises(WrongAnswer, match="only int, not str"):
        gathered([1, "2"], int)


def test_a_success_ends_the_row() -> None:
    guard = Guard(FaultLog())
    for _ in range(5):
        guard.call("acme", "send", lambda: 1, returns=str)
    assert guard.faults.degraded("acme")
    assert not guard.faults.degraded("other")
    guard.call("acme", "send", lambda: "1", returns=str)
    assert not guard.faults.degraded("acme")


def test_the_problem_says_where() -> None:
    def broken() -> object:
        return [][1]

    failed = Guard().call("acme", "send", broken)
    assert isinstance(failed, Failed)
    line = broken.__code__.co_firstlineno + 1
    assert failed.fault.problem == f"list index out of range (test_guard.py:{line})"
