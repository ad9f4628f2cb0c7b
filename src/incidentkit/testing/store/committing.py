"""Committing: all or nothing, each version once."""

from __future__ import annotations

from functools import partial
from typing import Any

import attrs

from incidentkit.errors import (
    Conflict,
    KeyTaken,
)
from incidentkit.ports.rows import (
    Batch,
    Committed,
    KeyChange,
    Put,
    Ref,
    Request,
    Row,
    Tally,
)
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, refused
from incidentkit.testing.records import (
    MAIN,
    OTHER,
    SEARCHED_KINDS,
    SECOND,
    START,
    alert,
    entry,
    expect,
    incident,
    put,
    task,
    text,
    touch,
    write,
)
from incidentkit.testing.store.asking import everything, tally, version
from incidentkit.testing.store_trial import StoreTrial

CONFLICTS: dict[str, tuple[dict[str, Any], tuple[tuple[str, str, int], ...]]] = {
    "put-stale": ({"puts": (put("a", 1),)}, (("incident", "a", 2),)),
    "put-of-what-is-there": ({"puts": (put("a"),)}, (("incident", "a", 2),)),
    "put-of-what-is-not": ({"puts": (put("none", 5),)}, (("incident", "none", 0),)),
    "expect-stale": ({"expects": (expect("a", 1),)}, (("incident", "a", 2),)),
    "expect-absent": ({"expects": (expect("a", 0),)}, (("incident", "a", 2),)),
    "expect-of-what-is-not": ({"expects": (expect("none", 1),)}, (("incident", "none", 0),)),
    "touch-stale": ({"touches": (touch("x", 8),)}, (("alert", "x", 1),)),
    "touch-of-what-is-not": ({"touches": (touch("none"),)}, (("alert", "none", 0),)),
    "entry-repeated": ({"entries": (entry("a", 2),)}, (("incident", "a", 2),)),
    "entry-beyond": ({"entries": (entry("a", 4),)}, (("incident", "a", 2),)),
    "entry-of-what-is-not": ({"entries": (entry("none", 2),)}, (("incident", "none", 0),)),
    "several": (
        {"puts": (put("b", 3), put("a", 2), put("c")), "expects": (expect("d", 4),)},
        (("incident", "b", 1), ("incident", "d", 0)),
    ),
    "touch-twice": (
        {
            "puts": (put("a", 2),),
            "entries": (entry("a", 3),),
            "touches": (touch("x"), touch("x", 6)),
        },
        (("alert", "x", 1),),
    ),
}
"""What is written with it, and what the conflict names."""


def tells_the_time(trial: StoreTrial) -> None:
    """The answer carries the store's time, or the caller's where one was given."""
    store = trial.store
    now = trial.now
    equal(write(store, puts=(put("a"),)), Committed(START))
    now.at += SECOND
    equal(write(store, puts=(put("b"),)), Committed(START + SECOND))
    equal(write(store, puts=(put("c"),), now=42), Committed(42))
    equal(store.now(), START + SECOND)


def versions_rise(trial: StoreTrial) -> None:
    """A record stands at the version that was written last."""
    store = trial.store
    write(store, puts=(put("a"), put("b")))
    write(store, puts=(put("a", 1, state="triaged"), put("c")))
    equal([version(store, name) for name in "abcd"], [2, 1, 1, 0])
    jump = Put(incident("a", 9), 2)
    write(store, puts=(jump,))
    equal(version(store, "a"), 9)


def every_part(trial: StoreTrial) -> None:
    """An update writes every part of a row."""
    store = trial.store
    write(store, puts=(put("a"),))
    row = Row("incident", "a", 2, 5, "other", ("x", -1, False, 0), '{"b": 1}')
    write(store, puts=(Put(row, 1),))
    equal(store.load(MAIN, [Ref("incident", "a")]), (row,))


def conflict_leaves_nothing(
    parts: dict[str, Any], found: tuple[tuple[str, str, int], ...], trial: StoreTrial
) -> None:
    """A conflict names every record that stands elsewhere, and leaves nothing at all."""
    store = trial.store
    write(store, puts=(put("a"), put("b"), alert("x")), entries=(entry("a", 1),))
    write(store, puts=(put("a", 1),), entries=(entry("a", 2),), tasks=(task("t"),))
    before = everything(store)
    rest: dict[str, Any] = {
        "puts": (put("new"),), "entries": (entry("h", 1),), "tasks": (task("u"),),
        "keys": (KeyChange("ref", "1", None, "a"),), "cancels": (task("t").id,),
        "request": Request("r", "f", "result"),
    }  # fmt: skip
    for name in ("puts", "entries"):
        rest[name] += parts.get(name, ())
    others = {name: part for name, part in parts.items() if name not in ("puts", "entries")}
    rest.update(others)
    with refused(Conflict) as caught:
        write(store, **rest)
    equal(caught.value.found, found)
    equal(everything(store), before)
    # The request was not kept either: the same id does its work now.
    answer = write(store, request=Request("r", "g", "other"))
    equal(answer.replayed, False, "whether the request of the refused batch was kept")


def conflict_in_front(trial: StoreTrial) -> None:
    """A conflict in the first part leaves nothing of the parts behind it."""
    store = trial.store
    before = everything(store)
    with refused(Conflict):
        write(store, puts=(put("a", 5), put("b")), tasks=(task("t"),))
    equal(everything(store), before)


def expected_and_written(trial: StoreTrial) -> None:
    """A record may be expected and written in one batch."""
    store = trial.store
    write(store, puts=(put("a"),))
    write(store, puts=(put("a", 1),), expects=(expect("a", 1), expect("none", 0)))
    equal(version(store, "a"), 2)


def write_skew(trial: StoreTrial) -> None:
    """What a batch read and did not write must still stand where it was."""
    store = trial.store
    write(store, puts=(put("a"), put("b")))
    write(store, puts=(put("a", 1),), expects=(expect("b", 1),))
    with refused(Conflict):
        write(store, puts=(put("b", 1),), expects=(expect("a", 1),))


def tenants_apart(trial: StoreTrial) -> None:
    """Rows, keys, requests, tallies and tasks of two tenants never meet under equal names."""
    store = trial.store
    for tenant in (MAIN, OTHER):
        write(
            store, tenant, puts=(put("a"), alert("x")), entries=(entry("a", 1),),
            keys=(KeyChange("ref", "1", None, str(tenant)),), tasks=(task("t"),),
            request=Request("r", "f", str(tenant)),
        )  # fmt: skip
    write(store, OTHER, puts=(put("a", 1),), touches=(touch("x"),))
    equal(version(store, "a"), 1)
    equal(store.owners(MAIN, "ref", ["1"]), ("main",))
    equal(tally(store, "x"), Tally(7, 1, START))
    equal(write(store, OTHER, request=Request("r", "f", "again")).result, "other")


def conflict_at_the_end(trial: StoreTrial) -> None:
    """A conflict in the last part leaves nothing of the parts in front of it."""
    store = trial.store
    write(store, puts=(put("a"), alert("x")))
    before = everything(store)
    parts: dict[str, Any] = {
        "puts": (put("b"), put("c")), "touches": (touch("x"),), "entries": (entry("b", 1),),
        "tasks": (task("t"),), "keys": (KeyChange("ref", "1", None, "b"),),
        "request": Request("r", "f", "result"),
    }  # fmt: skip
    with refused(Conflict) as caught:
        write(store, **parts, expects=(expect("b", 0), expect("a", 9)))
    equal(caught.value.found, (("incident", "a", 1),))
    equal(everything(store), before)
    equal(tally(store, "x"), Tally(7, 1, START))
    owned = KeyChange("ref", "1", "z", "b")
    with refused(KeyTaken):
        store.commit(attrs.evolve(Batch(MAIN, **parts), keys=(owned,)))
    equal(everything(store), before)
    equal(write(store, **parts).replayed, False)


def takes_texts(trial: StoreTrial) -> None:
    """Every store takes the texts of a batch; one that cannot search keeps the rest of it."""
    store = trial.another(SEARCHED_KINDS)
    write(store, puts=(put("a"),), texts=(text("a", "Login is slow"),))
    equal(version(store, "a"), 1)


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.commit.tells-the-time", tells_the_time),
    Case("store.commit.versions-rise", versions_rise),
    Case("store.commit.every-part", every_part),
    *(
        Case(
            f"store.commit.conflict-leaves-nothing.{name}",
            partial(conflict_leaves_nothing, parts, found),
        )
        for name, (parts, found) in CONFLICTS.items()
    ),
    Case("store.commit.conflict-in-front", conflict_in_front),
    Case("store.commit.expected-and-written", expected_and_written),
    Case("store.commit.write-skew", write_skew),
    Case("store.commit.tenants-apart", tenants_apart),
    Case("store.commit.conflict-at-the-end", conflict_at_the_end),
    Case("store.commit.takes-texts", takes_texts),
)
"""The cases of this theme."""
