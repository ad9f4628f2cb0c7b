"""The asynchronous PostgreSQL store says what the plain one says, and serves an AsyncDesk."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from incidentkit import AsyncDesk
from incidentkit.errors import Conflict, KeyTaken, RequestReused, StaleToken, StoreClosed
from incidentkit.lang.words import needles
from incidentkit.ports.query import Query
from incidentkit.ports.rows import (
    Batch,
    Done,
    Expect,
    KeyChange,
    Put,
    Ref,
    Request,
    SearchText,
    Settle,
    TaskQuery,
)
from incidentkit.ports.search import Among, TextQuery
from incidentkit.stores.postgres.async_store import AsyncPostgresStore
from incidentkit.stores.postgres.store import PostgresStore
from tests.stores.factories import KINDS, START, Moving
from tests.stores.postgres_server import DATABASES
from tests.stores.shapes import (
    MAIN,
    MINUTE,
    alert,
    entry,
    expect,
    incident,
    put,
    settle,
    task,
    touch,
)


def test_every_public_call_is_there_with_the_same_arguments() -> None:
    for name, call in vars(PostgresStore).items():
        if name.startswith("_") or not callable(call) or name in (
            "transaction", "run", "check_open", "why", "together", "one_by_one", "from_url",
            "drop_months",
        ):  # fmt: skip
            continue
        twin = getattr(AsyncPostgresStore, name)
        assert list(inspect.signature(call).parameters) == list(inspect.signature(twin).parameters)
        assert inspect.iscoroutinefunction(twin) == (name not in ("declare", "keep_schema"))


def test_both_say_the_same() -> None:
    async def run() -> None:
        now = Moving()
        plain = PostgresStore(DATABASES.fresh(), now=now)
        other = AsyncPostgresStore(DATABASES.fresh(), now=now)
        for store in (plain, other):
            store.declare(KINDS)

        async def both(name: str, *args: Any) -> Any:
            answers: list[Any] = []
            for store in (plain, other):
                try:
                    answer = getattr(store, name)(*args)
                    answers.append(await answer if isinstance(answer, Awaitable) else answer)
                except (Conflict, KeyTaken, RequestReused, StaleToken) as error:
                    answers.append((type(error), str(error)))
            assert answers[0] == answers[1]
            return answers[0]

        full = Batch(
            MAIN, request=Request("r", "f", "x"), puts=(put("a"), alert("x")),
            entries=(entry("a", 1), entry("a", 2)), keys=(KeyChange("ref", "1", None, "a"),),
            tasks=(task("t"), task("u", due=START + 9)),
            texts=(SearchText("incident", "a", "Login is slow"),),
        )  # fmt: skip
        assert not (await both("commit", full)).replayed
        assert (await both("commit", full)).replayed
        await both("commit", Batch(MAIN, request=Request("r", "g", "x")))
        await both("commit", Batch(MAIN, puts=(put("a", 7),)))
        await both("commit", Batch(MAIN, keys=(KeyChange("ref", "1", None, "b"),)))
        await both("commit", Batch(MAIN, touches=(touch("x"),)))
        await both("commit", Batch(MAIN, settles=(Settle(task("t").id, "void", Done()),)))
        await both("commit", Batch(MAIN, puts=(put("a", 1),), expects=(expect("b", 0),)))
        await both("commit", Batch(MAIN, expects=(Expect("incident", "a", 9),)))
        await both("commit_group", [Batch(MAIN, puts=(put(name),)) for name in "bc"])
        await both("load", MAIN, [Ref("incident", "a"), Ref("alert", "x"), Ref("incident", "q")])
        await both("load", MAIN, [Ref("incident", "a")])
        await both("journal", MAIN, "incident/a")
        await both("find", MAIN, Query("incident", order="state", limit=2))
        await both("count", MAIN, Query("incident"))
        await both("tally", MAIN, Query("incident"), "state")
        await both("owners", MAIN, "ref", ["1", "2"])
        await both("tasks", MAIN, TaskQuery())
        await both("search", MAIN, TextQuery(needles("login"), (Among("incident"),)))
        await both("numbers", MAIN, "incident", 3)
        await both("redact", MAIN, "incident/a", [1])
        await both("purge", MAIN, START + 1, ["incident/a"])
        await both("now")
        await both("stale")
        assert len(await other.diagnose()) == len(plain.diagnose())
        (held,) = (await other.claim(None, MINUTE, 5)).tasks
        assert await other.extend(MAIN, [(held.task.id, held.token)], START + 9) == (True,)
        turned = await other.turn([(MAIN, settle(held))], START + 9, MINUTE, 5)
        assert turned.settled == (True,)
        (second,) = turned.claimed.tasks
        assert await other.settle(MAIN, [settle(second)]) == (True,)
        assert await other.wait(5)
        plain.close()
        await other.close()
        with pytest.raises(StoreClosed):
            await other.now()

    asyncio.run(run())


def test_many_coroutines_on_one_record() -> None:
    async def run() -> None:
        store = AsyncPostgresStore(DATABASES.fresh(), pool=4)
        store.declare(KINDS)
        await store.commit(Batch(MAIN, puts=(put("a", rank=0),)))

        async def work() -> None:
            for _ in range(5):
                while True:
                    (row,) = await store.load(MAIN, [Ref("incident", "a")])
                    assert row is not None
                    new = incident("a", row.version + 1, rank=int(row.columns[1]) + 1)
                    try:
                        await store.commit(Batch(MAIN, puts=(Put(new, row.version),)))
                    except Conflict:
                        continue
                    break

        await asyncio.gather(*(work() for _ in range(16)))
        (row,) = await store.load(MAIN, [Ref("incident", "a")])
        assert row is not None
        assert row.columns[1] == 80
        await store.close()

    asyncio.run(run())


def test_an_async_desk_opens_it_by_url() -> None:
    async def run(url: str) -> None:
        async with await AsyncDesk.open(url) as desk:
            declared = await desk.declare("No shop", service="web")
            await desk.acknowledge(declared, by="ana")
            assert (await desk.get(declared.ref)).version > 1
            assert (await desk.verify()).problems == ()
            store: Callable[..., Any] | Any = desk.ports.store
            assert isinstance(store, AsyncPostgresStore)

    asyncio.run(run(DATABASES.fresh()))
