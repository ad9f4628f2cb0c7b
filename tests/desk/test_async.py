"""AsyncDesk is Desk with `await`: the same names, the same arguments, and no threads of its own.

Guarded here: the two cannot drift apart, and with asynchronous ports the thread count stays.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import threading
from pathlib import Path
from typing import Any

import pytest

from incidentkit import AsyncDesk, Condition, Contact, Desk, ManualTime, Opinion, Permission
from incidentkit.errors import AsyncPluginError
from tests.desk.stores import AsyncMemory
from tests.flows.world import URGENT, alert, payload
from tests.meta.twins import written

PLAIN = {"as_", "tenant", "using", "at", "reader"}
"""What touches no port, and so needs no `await`."""


def public(desk: type[Any]) -> dict[str, Any]:
    return {name: getattr(desk, name) for name in dir(desk) if not name.startswith("_")}


def test_both_desks_have_the_same_names() -> None:
    assert set(public(Desk)) == set(public(AsyncDesk))


def arguments(function: Any) -> list[tuple[str, Any, Any, Any]]:
    found = inspect.signature(function).parameters.values()
    return [(each.name, each.kind, each.default, each.annotation) for each in found]


@pytest.mark.parametrize("name", sorted(set(public(Desk)) - {"run_due"}))
def test_both_desks_take_the_same_arguments(name: str) -> None:
    plain, other = public(Desk)[name], public(AsyncDesk)[name]
    if isinstance(plain, property):
        assert isinstance(other, property)
        return
    assert arguments(plain) == arguments(other)
    assert inspect.iscoroutinefunction(plain) is False
    assert inspect.iscoroutinefunction(other) is (name not in PLAIN)


def test_only_a_plain_desk_takes_an_executor() -> None:
    assert [x[0] for x in arguments(Desk.run_due)] == ["self", "executor"]
    assert [x[0] for x in arguments(AsyncDesk.run_due)] == ["self"]


def shape(text: str) -> str:
    """A module without what a formatter may change: imports' order, docstrings' ends."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = node.value.strip()
    imports = [each for each in tree.body if isinstance(each, ast.Import | ast.ImportFrom)]
    rest = [each for each in tree.body if each not in imports]
    listed = sorted(ast.dump(each) for each in imports)
    return "\n".join([*listed, *(ast.dump(each) for each in rest)])


@pytest.mark.parametrize(("path", "text"), written().items(), ids=lambda x: getattr(x, "name", ""))
def test_the_twins_are_written_from_the_plain_desk(path: Path, text: str) -> None:
    assert shape(path.read_text("utf-8")) == shape(text), "run python -m tests.meta.twins"


# --- threads --------------------------------------------------------------------------------------


class Directory:
    async def contacts(self, party: str) -> tuple[Contact, ...]:
        await asyncio.sleep(0)
        return (Contact("sms", f"+{party}"),)

    async def revision(self) -> str:
        return "r1"


class Authoriser:
    async def may(self, actor: str, action: str, subject: str) -> Permission:
        await asyncio.sleep(0)
        return Permission(Opinion.ALLOW)

    async def scope(self, actor: str, kind: str) -> Condition:
        return Condition.parse('service == "checkout"')


def test_with_asynchronous_ports_the_thread_count_stays() -> None:
    sent: list[Any] = []
    counts: set[int] = set()

    async def sms(message: Any) -> None:
        await asyncio.sleep(0)
        counts.add(threading.active_count())
        sent.append(message)

    async def story() -> None:
        before = threading.active_count()
        time = ManualTime()
        ports: dict[str, Any] = {"directory": Directory(), "authoriser": Authoriser()}
        desk = await AsyncDesk.open(store=AsyncMemory(), channels={"sms": sms}, time=time, **ports)
        await desk.declare("Down", service="checkout", assign="ana", **URGENT)
        await desk.declare("Hidden", service="mail", **URGENT)
        await desk.receive("alertmanager", payload(alert()))
        for _ in range(3):
            await desk.run_due()
            time.move(minutes=5)
        await desk.acknowledge("INC-1", by="ana")
        await asyncio.gather(*(desk.note("INC-1", f"note {n}") for n in range(20)))
        assert [each.ref for each in (await desk.find(order="ref")).items] == ["INC-3", "INC-1"]
        assert len(await desk.timeline("INC-1")) == len(await desk.journal("INC-1"))
        await desk.seal()
        assert (await desk.verify()).problems == ()
        await desk.disconnect()
        counts.add(threading.active_count())
        assert counts == {before}

    asyncio.run(story())
    assert {message.to for message in sent} == {"+ana", "+on-call"}


def test_a_plain_channel_runs_in_a_thread_and_holds_nobody_up() -> None:
    seen: list[threading.Thread] = []
    ticks: list[int] = []
    going = threading.Event()

    def sms(message: Any) -> None:
        seen.append(threading.current_thread())
        assert going.wait(10), "the loop stood still"

    async def story() -> None:
        async with await AsyncDesk.open(channels={"sms": sms}) as desk:
            await desk.declare("Down", assign="ana", **URGENT)
            working = asyncio.create_task(desk.run_due())
            while not seen:
                await asyncio.sleep(0.001)
            ticks.append(1)
            going.set()
            await working
            assert (await desk.deliveries("INC-1"))[0].state == "sent"

    asyncio.run(story())
    assert seen[0] is not threading.main_thread()
    assert ticks == [1]


@pytest.mark.parametrize(
    "given",
    [{"store": AsyncMemory()}, {"directory": Directory()}, {"authoriser": Authoriser()}],
    ids=lambda given: next(iter(given)),
)
def test_a_plain_desk_refuses_what_must_be_awaited(given: dict[str, Any]) -> None:
    with pytest.raises(AsyncPluginError, match="AsyncDesk"):
        Desk.open(**given)


def test_an_async_desk_is_left_as_it_was_entered() -> None:
    from incidentkit.errors import StoreClosed

    async def story() -> None:
        async with await AsyncDesk.open("memory:") as desk:
            await desk.declare("Down")
        with pytest.raises(StoreClosed):
            await desk.declare("Down")
        await desk.disconnect()

    asyncio.run(story())
