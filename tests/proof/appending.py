"""E30's worker: transactions that read lists and append to them, by the store's own contract.

A list is a record whose body holds its values. What was read is expected at its version when the
transaction commits, so the store promises that the whole is as if it had run alone.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from incidentkit.errors import Conflict, Retryable
from incidentkit.ids import TenantName
from incidentkit.ports.rows import Batch, Expect, KindSpec, Put, Ref, Row
from incidentkit.ports.store import Store
from tests.proof.histories import Done

LISTS = KindSpec("list", ())
MAIN = TenantName("main")


def transaction(
    store: Store, chance: random.Random, number: int, keys: int
) -> tuple[Done, Exception | None]:
    """One try of one transaction."""
    names = [f"k{n}" for n in chance.sample(range(keys), chance.randint(1, min(4, keys)))]
    rows = store.load(MAIN, [Ref("list", name) for name in names])
    reads, appends, puts, expects = [], [], [], []
    for place, (name, row) in enumerate(zip(names, rows, strict=True)):
        values = () if row is None else tuple(json.loads(row.body))
        version = 0 if row is None else row.version
        reads.append((name, values))
        if place == 0 or chance.random() < 0.4:
            mine = [f"{number}.{n}" for n in range(chance.randint(1, 2))]
            appends += [(name, value) for value in mine]
            body = json.dumps([*values, *mine])
            puts.append(Put(Row("list", name, version + 1, 1, "h", (), body), version))
        else:
            expects.append(Expect("list", name, version))
    told: dict[str, Any] = {"reads": tuple(reads), "appends": tuple(appends)}
    try:
        store.commit(Batch(MAIN, puts=tuple(puts), expects=tuple(expects)))
    except Conflict as refusal:
        return Done(number, held=False, **told), refusal
    except Retryable as lost:
        return Done(number, held=None, **told), lost
    return Done(number, held=True, **told), None


def transactions(
    store: Store, first: int, count: int, keys: int, seed: int, done: Callable[[Done], None]
) -> int:
    """So many that held, numbered on from `first`; how many tries it took."""
    chance, number, held = random.Random(seed), first, 0
    while held < count:
        one, _ = transaction(store, chance, number, keys)
        done(one)
        number += 1
        held += bool(one.held)
    return number - first


def appending(*, url: str, log: str, first: int, count: int, keys: int, seed: int) -> None:
    """The same as a process, with the history in its log."""
    from tests.proof.jobs import Log, bare

    said = Log(log)
    store = bare(url)
    store.declare([LISTS])
    tries = transactions(store, first, count, keys, seed, lambda one: said.say(written(one)))
    said.say("tries", tries)


def written(one: Done) -> str:
    """A transaction as a word without spaces."""
    return json.dumps([one.number, one.reads, one.appends, one.held], separators=(",", ":"))


def read(word: str) -> Done:
    """The same read back."""
    number, reads, appends, held = json.loads(word)
    return Done(
        number,
        tuple((key, tuple(values)) for key, values in reads),
        tuple((key, value) for key, value in appends),
        held,
    )


def last_of(store: Store, keys: int) -> dict[str, tuple[str, ...]]:
    """How the lists stand."""
    names = [f"k{n}" for n in range(keys)]
    rows = store.load(MAIN, [Ref("list", name) for name in names])
    return {
        name: tuple(json.loads(row.body))
        for name, row in zip(names, rows, strict=True)
        if row is not None
    }
