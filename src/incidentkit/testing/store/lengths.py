"""How long names may be: every store keeps the longest exactly, and refuses one byte more."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any, cast

import attrs

from incidentkit.errors import LimitExceeded
from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.limits import ID_BYTES, NAME_BYTES, SPACE_BYTES, TENANT_BYTES
from incidentkit.ports.query import Query
from incidentkit.ports.rows import Entry, KeyChange, Put, Ref, Request, TaskQuery
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, refused
from incidentkit.testing.records import (
    MAIN,
    MINUTE,
    START,
    incident,
    put,
    settle,
    task,
    write,
)
from incidentkit.testing.store.asking import everything
from incidentkit.testing.store_trial import StoreTrial


def longest(size: int, last: str = "") -> str:
    """A text of so many bytes that no index can compress, and that ends as told."""
    chance = Random(size)
    wide = "".join(chr(chance.randrange(0x20000, 0x2A6D0)) for _ in range(size // 4))
    return wide[: (size - len(last)) // 4] + "x" * ((size - len(last)) % 4) + last


TENANT = TenantName(longest(TENANT_BYTES))


def longest_kept(trial: StoreTrial) -> None:
    """Names of the greatest length in every place come back whole, and are told apart."""
    store, wide = trial.store, partial(longest, NAME_BYTES)
    names = [longest(ID_BYTES, end) for end in ("a", "b")]
    series = longest(SPACE_BYTES)
    stream = wide("s")
    for number, name in enumerate(names):
        row = attrs.evolve(incident(name), columns=(wide(str(number)), 1, True, START))
        sent = attrs.evolve(task(name, subject=name, order=number), channel=wide("c"))
        done = write(
            store, TENANT, puts=(Put(row, 0),), request=Request(name, "f", name),
            entries=(Entry(stream, number + 1, START, "Noted", "{}", "salt", "d", "h"),),
            keys=(KeyChange(series, name, None, name),),
            tasks=(attrs.evolve(sent, queue=series),),
        )  # fmt: skip
        equal((done.replayed, done.result), (False, name))
        again = write(store, TENANT, request=Request(name, "f", "other"))
        equal((again.replayed, again.result), (True, name))
    rows = store.find(TENANT, Query("incident", order="state", descending=True)).rows
    equal([row.id for row in rows], names[::-1], "in the order of the longest column")
    equal(store.load(TENANT, [Ref("incident", names[1])]), (rows[0],))
    equal([x.seq for x in store.journal(TENANT, stream)], [1, 2])
    equal(store.owners(TENANT, series, names), tuple(names))
    equal([*store.numbers(TENANT, series, 2)], [1, 2])
    for (queued,) in [store.tasks(TENANT, TaskQuery(subject=name)) for name in names]:
        equal(queued.task.channel, wide("c"))
    claimed = store.claim(None, MINUTE, 5, TENANT).tasks
    equal(sorted(x.task.id for x in claimed), sorted(names))
    equal(store.settle(TENANT, [settle(each) for each in claimed]), (True, True))


def _column(text: str) -> dict[str, Any]:
    return {"puts": (Put(attrs.evolve(incident("bad"), columns=(text, 1, True, 1)), 0),)}


def _stream(text: str) -> dict[str, Any]:
    return {"entries": (Entry(text, 1, START, "Noted", "{}", "salt", "d", "h"),)}


def _task(field: str) -> Callable[[str], dict[str, Any]]:
    return lambda text: {"tasks": (attrs.evolve(task("bad"), **{field: cast("Any", text)}),)}


PLACES: dict[str, tuple[int, Callable[[str], dict[str, Any]]]] = {
    "tenant": (TENANT_BYTES, lambda text: {"tenant": TenantName(text), "puts": (put("bad"),)}),
    "record": (ID_BYTES, lambda text: {"puts": (put(text),)}),
    "column": (NAME_BYTES, _column),
    "stream": (NAME_BYTES, _stream),
    "key": (ID_BYTES, lambda text: {"keys": (KeyChange("ref", text, None, "a"),)}),
    "space": (SPACE_BYTES, lambda text: {"keys": (KeyChange(text, "9", None, "a"),)}),
    "owner": (ID_BYTES, lambda text: {"keys": (KeyChange("ref", "9", None, text),)}),
    "request": (ID_BYTES, lambda text: {"request": Request(text, "f", "r")}),
    "task": (ID_BYTES, lambda text: {"tasks": (attrs.evolve(task("bad"), id=TaskId(text)),)}),
    "subject": (ID_BYTES, _task("subject")),
    "queue": (SPACE_BYTES, _task("queue")),
    "channel": (NAME_BYTES, _task("channel")),
}
"""Where a name stands: the most bytes it may have, and a batch with the name there."""


def too_long(most: int, batch: Callable[[str], dict[str, Any]], trial: StoreTrial) -> None:
    """A name of one byte more is refused with LimitExceeded, and nothing is written."""
    store = trial.store
    write(store, puts=(put("a"),))
    before = everything(store)
    for text in ("x" * (most + 1), longest(most + 1)):
        parts = batch(text)
        with refused(LimitExceeded):
            write(store, parts.pop("tenant", MAIN), **{"puts": (put("b"),), **parts})
    equal(everything(store), before)


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.length.longest-kept", longest_kept),
    *(
        Case(f"store.length.too-long.{place}", partial(too_long, most, batch))
        for place, (most, batch) in PLACES.items()
    ),
)
"""The cases of this theme."""
