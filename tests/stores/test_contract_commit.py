"""Committing: all or nothing, judged in one order, replayed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from incidentkit.errors import (
    CallerError,
    Conflict,
    InvalidValue,
    KeyTaken,
    RequestReused,
    StaleToken,
    StoreClosed,
    StoreError,
)
from incidentkit.ports.query import Query
from incidentkit.ports.rows import (
    Again,
    Batch,
    Committed,
    Done,
    Entry,
    Expect,
    KeyChange,
    KindSpec,
    Purged,
    Put,
    Ref,
    Request,
    Row,
    Settle,
    Tally,
    TaskQuery,
    Touch,
)
from incidentkit.ports.store import Store
from incidentkit.stores.sqlite.grouped import Grouped
from tests.stores.factories import KINDS, MAKERS, START, Moving
from tests.stores.shapes import (
    MAIN,
    MINUTE,
    OTHER,
    SECOND,
    add,
    alert,
    entry,
    expect,
    incident,
    put,
    settle,
    task,
    touch,
    write,
)


def version(store: Store, name: str, kind: str = "incident") -> int:
    (row,) = store.load(MAIN, [Ref(kind, name)])
    return 0 if row is None else row.version


def tally(store: Store, name: str) -> Tally | None:
    (row,) = store.load(MAIN, [Ref("alert", name)])
    assert row is not None
    return row.tally


def everything(store: Store) -> Any:
    """All that a refused batch must leave as it was."""
    kinds = ("incident", "alert", "bare")
    return (
        [store.find(MAIN, Query(kind, limit=1000)) for kind in kinds],
        [store.journal(MAIN, f"incident/{name}") for name in "abcdefgh"],
        store.tasks(MAIN, TaskQuery(limit=1000)),
        store.owners(MAIN, "ref", ["1", "2", "3", "4", "5"]),
    )


# --- versions -------------------------------------------------------------------------------------


def test_the_answer_tells_the_time(store: Store, now: Moving) -> None:
    assert write(store, puts=(put("a"),)) == Committed(START)
    now.at += SECOND
    assert write(store, puts=(put("b"),)) == Committed(START + SECOND)
    assert write(store, puts=(put("c"),), now=42) == Committed(42)
    assert store.now() == START + SECOND


def test_versions_rise(store: Store) -> None:
    write(store, puts=(put("a"), put("b")))
    write(store, puts=(put("a", 1, state="triaged"), put("c")))
    assert [version(store, name) for name in "abcd"] == [2, 1, 1, 0]
    jump = Put(incident("a", 9), 2)
    write(store, puts=(jump,))
    assert version(store, "a") == 9


def test_an_update_writes_every_part(store: Store) -> None:
    write(store, puts=(put("a"),))
    row = Row("incident", "a", 2, 5, "other", ("x", -1, False, 0), '{"b": 1}')
    write(store, puts=(Put(row, 1),))
    assert store.load(MAIN, [Ref("incident", "a")]) == (row,)


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"puts": (put("a", 1),)}, (("incident", "a", 2),)),
        ({"puts": (put("a"),)}, (("incident", "a", 2),)),
        ({"puts": (put("none", 5),)}, (("incident", "none", 0),)),
        ({"expects": (expect("a", 1),)}, (("incident", "a", 2),)),
        ({"expects": (expect("a", 0),)}, (("incident", "a", 2),)),
        ({"expects": (expect("none", 1),)}, (("incident", "none", 0),)),
        ({"touches": (touch("x", 8),)}, (("alert", "x", 1),)),
        ({"touches": (touch("none"),)}, (("alert", "none", 0),)),
        ({"entries": (entry("a", 2),)}, (("incident", "a", 2),)),
        ({"entries": (entry("a", 4),)}, (("incident", "a", 2),)),
        ({"entries": (entry("none", 2),)}, (("incident", "none", 0),)),
        (
            {"puts": (put("b", 3), put("a", 2), put("c")), "expects": (expect("d", 4),)},
            (("incident", "b", 1), ("incident", "d", 0)),
        ),
        (
            {
                "puts": (put("a", 2),), "entries": (entry("a", 3),),
                "touches": (touch("x"), touch("x", 6)),
            },
            (("alert", "x", 1),),
        ),
    ],
)  # fmt: skip
def test_a_conflict_names_all_and_leaves_nothing(
    store: Store, parts: dict[str, Any], found: tuple[tuple[str, str, int], ...]
) -> None:
    write(store, puts=(put("a"), put("b"), alert("x")), entries=(entry("a", 1),))
    write(store, puts=(put("a", 1),), entries=(entry("a", 2),), tasks=(task("t"),))
    before = everything(store)
    rest: dict[str, Any] = {
        "puts": (put("new"),), "entries": (entry("h", 1),), "tasks": (task("u"),),
        "keys": (KeyChange("ref", "1", None, "a"),), "cancels": (task("t").id,),
        "request": Request("r", "f", "result"),
    }  # fmt: skip
    whole = {name: (*rest[name], *parts.get(name, ())) for name in ("puts", "entries")}
    with pytest.raises(Conflict) as caught:
        write(store, **{**rest, **parts, **whole})
    assert caught.value.found == found
    assert everything(store) == before
    # The request was not kept either: the same id does its work now.
    assert not write(store, request=Request("r", "g", "other")).replayed


def test_a_first_conflict_spoils_what_comes_after(store: Store) -> None:
    before = everything(store)
    with pytest.raises(Conflict):
        write(store, puts=(put("a", 5), put("b")), tasks=(task("t"),))
    assert everything(store) == before


def test_an_expected_record_may_be_written_too(store: Store) -> None:
    write(store, puts=(put("a"),))
    write(store, puts=(put("a", 1),), expects=(expect("a", 1), expect("none", 0)))
    assert version(store, "a") == 2


def test_write_skew_is_prevented(store: Store) -> None:
    write(store, puts=(put("a"), put("b")))
    write(store, puts=(put("a", 1),), expects=(expect("b", 1),))
    with pytest.raises(Conflict):
        write(store, puts=(put("b", 1),), expects=(expect("a", 1),))


def test_tenants_do_not_meet(store: Store) -> None:
    for tenant in (MAIN, OTHER):
        write(
            store, tenant, puts=(put("a"), alert("x")), entries=(entry("a", 1),),
            keys=(KeyChange("ref", "1", None, str(tenant)),), tasks=(task("t"),),
            request=Request("r", "f", str(tenant)),
        )  # fmt: skip
    write(store, OTHER, puts=(put("a", 1),), touches=(touch("x"),))
    assert version(store, "a") == 1
    assert store.owners(MAIN, "ref", ["1"]) == ("main",)
    assert tally(store, "x") == Tally(7, 1, START)
    assert write(store, OTHER, request=Request("r", "f", "again")).result == "other"


# --- requests -------------------------------------------------------------------------------------


def test_a_replay_gives_the_first_result(store: Store, now: Moving) -> None:
    batch = Batch(
        MAIN, request=Request("r", "f", "first"), puts=(put("a"),), entries=(entry("a", 1),),
        keys=(KeyChange("ref", "1", None, "a"),), tasks=(task("t"),),
    )  # fmt: skip
    assert store.commit(batch) == Committed(START, "first")
    write(store, puts=(put("a", 1),), keys=(KeyChange("ref", "1", "a", "b"),))
    now.at += SECOND
    # Stale and taken by now, and a replay all the same; the time is the present one.
    assert store.commit(batch) == Committed(START + SECOND, "first", True)
    later = Batch(MAIN, request=Request("r", "f", "second"), puts=(put("z"),))
    assert store.commit(later) == Committed(START + SECOND, "first", True)
    assert version(store, "z") == 0


def test_a_request_with_other_content_is_refused(store: Store) -> None:
    write(store, request=Request("r", "f", "first"), puts=(put("a"),))
    with pytest.raises(RequestReused) as caught:
        write(store, request=Request("r", "g", "first"), puts=(put("b"),))
    assert caught.value.request == "r"
    assert version(store, "b") == 0


def test_the_order_of_judgement(store: Store) -> None:
    write(store, puts=(put("a"),), keys=(KeyChange("ref", "1", None, "a"),), tasks=(task("t"),))
    write(store, request=Request("r", "f", "x"))
    wrong: dict[str, Any] = {
        "settles": (Settle(task("t").id, "void", Done()),),
        "puts": (put("a"),),
        "keys": (KeyChange("ref", "1", None, "b"),),
    }
    assert write(store, request=Request("r", "f", "y"), **wrong).replayed
    with pytest.raises(RequestReused):
        write(store, request=Request("r", "g", "y"), **wrong)
    with pytest.raises(StaleToken) as caught:
        write(store, request=Request("s", "g", "y"), **wrong)
    assert caught.value.tasks == ("t",)
    with pytest.raises(Conflict):
        write(store, puts=wrong["puts"], keys=wrong["keys"])
    with pytest.raises(KeyTaken):
        write(store, keys=wrong["keys"])


# --- keys -----------------------------------------------------------------------------------------


def test_keys_are_compared_and_set(store: Store) -> None:
    write(store, keys=(KeyChange("ref", "1", None, "a"), KeyChange("ref", "2", None, "b")))
    swap = (KeyChange("ref", "1", "a", "b"), KeyChange("ref", "2", "b", "a"))
    write(store, keys=swap)
    assert store.owners(MAIN, "ref", ["1", "2"]) == ("b", "a")
    write(store, keys=(KeyChange("ref", "1", "b", None), KeyChange("ref", "3", None, "b")))
    assert store.owners(MAIN, "ref", ["1", "2", "3"]) == (None, "a", "b")
    # Nobody owned it and nobody will: a claim that it is free.
    write(store, keys=(KeyChange("ref", "1", None, None),))
    assert store.owners(MAIN, "ref", ["1"]) == (None,)


def test_taken_keys_are_all_named(store: Store) -> None:
    write(store, keys=(KeyChange("ref", "1", None, "a"), KeyChange("ref", "2", None, "b")))
    before = everything(store)
    with pytest.raises(KeyTaken) as caught:
        write(
            store, puts=(put("c"),),
            keys=(
                KeyChange("ref", "4", None, "c"), KeyChange("ref", "3", "x", "c"),
                KeyChange("ref", "2", "a", "c"), KeyChange("ref", "1", None, None),
            ),
        )  # fmt: skip
    assert caught.value.taken == (("ref", "1", "a"), ("ref", "2", "b"), ("ref", "3", None))
    assert everything(store) == before


# --- tallies --------------------------------------------------------------------------------------


def test_touches_count_exactly(store: Store) -> None:
    write(store, puts=(alert("a"), alert("b")))
    for at in (5, 3):
        write(store, touches=(touch("a", seen=2, last_seen=START + at), touch("b")))
    write(store, touches=(touch("a", last_seen=START + 4), touch("a", last_seen=START - 4)))
    assert tally(store, "a") == Tally(7, 7, START + 5)
    assert tally(store, "b") == Tally(7, 3, START)
    assert version(store, "a", "alert") == 1


def test_a_stale_touch_leaves_nothing(store: Store) -> None:
    write(store, puts=(alert("a"), alert("b")))
    with pytest.raises(Conflict) as caught:
        write(store, touches=(touch("a"), touch("b", 9), touch("b")))
    assert caught.value.found == (("alert", "b", 1),)
    assert tally(store, "a") == Tally(7, 1, START)


def test_touches_of_several_kinds(store: Store) -> None:
    store.declare([KindSpec("beat", (), touchable=True)])
    beat = Row("beat", "x", 1, 1, "head", (), "{}", Tally(1, 0, 0))
    write(store, puts=(alert("a"), Put(beat, 0)))
    beats = (Touch("beat", "x", 1, 3, START), Touch("beat", "x", 1, 1, START - 1))
    write(store, touches=(touch("a"), beats[0], touch("a"), beats[1]))
    assert tally(store, "a") == Tally(7, 3, START)
    (row,) = store.load(MAIN, [Ref("beat", "x")])
    assert row is not None
    assert row.tally == Tally(1, 4, START)
    with pytest.raises(Conflict):
        write(store, touches=(touch("a"), Touch("beat", "x", 2, 1, START)))
    with pytest.raises(InvalidValue):
        write(store, touches=(touch("a"), Touch("bare", "x", 2, 1, START)))
    assert tally(store, "a") == Tally(7, 3, START)


def test_a_put_adds_to_the_tally(store: Store) -> None:
    write(store, puts=(alert("a"),))
    write(store, touches=(touch("a", seen=5, last_seen=START + 9),))
    # The writer had seen one repeat; the touches that came between are not lost.
    write(store, puts=(alert("a", 1, Tally(8, 1, START + 2)),))
    assert tally(store, "a") == Tally(8, 7, START + 9)
    kept = Row("alert", "a", 3, 1, "head", ("cleared",), "{}")
    write(store, puts=(Put(kept, 2),))
    assert tally(store, "a") == Tally(8, 7, START + 9)


def test_touch_and_put_in_one_batch(store: Store) -> None:
    write(store, puts=(alert("a"), alert("b")))
    write(store, touches=(touch("a"),), puts=(alert("a", 1, Tally(8, 1, START)),))
    assert tally(store, "a") == Tally(8, 3, START)
    with pytest.raises(Conflict):
        write(store, touches=(touch("new"),), puts=(alert("new"),))


def test_a_tally_of_a_row_that_was_put_without(store: Store) -> None:
    write(store, puts=(Put(Row("alert", "a", 1, 1, "head", ("firing",), "{}"), 0),))
    assert tally(store, "a") is None
    with pytest.raises(Conflict):
        write(store, touches=(touch("a"),))
    write(store, puts=(alert("a", 1),))
    assert tally(store, "a") == Tally(7, 1, START)


# --- what no store could keep ---------------------------------------------------------------------


def changed(row: Row, **parts: Any) -> Row:
    values = {name: getattr(row, name) for name in Row.__match_args__}
    return Row(**{**values, **parts})


GOOD = incident("bad")
BIG = 2**63
INVALID: list[dict[str, Any]] = [
    {"puts": (put("a"), put("a"))},
    {"puts": (Put(incident("bad", 1), 1),)},
    {"puts": (Put(incident("bad", 1), -1),)},
    {"puts": (Put(incident("bad", BIG), 0),)},
    {"puts": (Put(changed(GOOD, columns=("new", 1, True)), 0),)},
    {"puts": (Put(changed(GOOD, columns=("new", "1", True, 1)), 0),)},
    {"puts": (Put(changed(GOOD, columns=(1, 1, True, 1)), 0),)},
    {"puts": (Put(changed(GOOD, columns=("new", True, True, 1)), 0),)},
    {"puts": (Put(changed(GOOD, columns=("new", 1, 1, 1)), 0),)},
    {"puts": (Put(changed(GOOD, columns=("new", BIG, True, 1)), 0),)},
    {"puts": (Put(changed(GOOD, columns=("new", 1, True, -BIG - 1)), 0),)},
    {"puts": (Put(changed(GOOD, kind="nothing"), 0),)},
    {"puts": (Put(changed(GOOD, tally=Tally(1, 1, 1)), 0),)},
    {"puts": (alert("bad", tally=Tally(BIG, 1, 1)),)},
    {"expects": (Expect("nothing", "a", 1),)},
    {"touches": (Touch("nothing", "a", 1, 1, 1),)},
    {"touches": (Touch("incident", "a", 1, 1, 1),)},
    {"touches": (touch("x", signature=BIG),)},
    {"entries": (entry("bad", 1), entry("bad", 3))},
    {"entries": (entry("bad", 1), entry("bad", 1))},
    {"entries": (entry("bad", 0),)},
    {"entries": (Entry("incident/bad", 1, BIG, "k", None, None, "d", "h"),)},
    {"tasks": (task("bad", order=BIG),)},
    {"tasks": (task("bad"), task("bad"))},
    {"keys": (KeyChange("ref", "9", None, "a"), KeyChange("ref", "9", "a", "b"))},
    {"settles": (Settle(task("t").id, "x", Done()), Settle(task("t").id, "x", Again(1, "")))},
    {"now": BIG, "request": Request("r", "f", "x")},
]


@pytest.mark.parametrize("number", range(len(INVALID)))
def test_what_no_store_could_keep_is_refused(store: Store, number: int) -> None:
    write(store, puts=(alert("x"),))
    before = everything(store)
    with pytest.raises(InvalidValue):
        write(store, **INVALID[number])
    assert everything(store) == before
    assert version(store, "bad") == 0


# --- groups ---------------------------------------------------------------------------------------


def test_a_group_of_batches(store: Store) -> None:
    answers = store.commit_group(
        [
            Batch(MAIN, puts=(put("a"),), request=Request("r", "f", "one")),
            Batch(OTHER, puts=(put("a"),)),
            Batch(MAIN, puts=(put("a", 1),)),
            Batch(MAIN, request=Request("r", "f", "two")),
        ]
    )
    assert answers == (
        Committed(START, "one"), Committed(START), Committed(START), Committed(START, "one", True)
    )  # fmt: skip
    assert version(store, "a") == 2
    assert store.commit_group([]) == ()


def test_a_refused_batch_leaves_the_others_standing(store: Store) -> None:
    write(store, keys=(KeyChange("ref", "1", None, "x"),))
    answers = store.commit_group(
        [
            Batch(MAIN, puts=(put("a"),), entries=(entry("a", 1),)),
            Batch(MAIN, puts=(put("b"), put("a")), tasks=(task("t"),)),
            Batch(MAIN, puts=(put("c"),), keys=(KeyChange("ref", "1", None, "c"),)),
            Batch(MAIN, puts=(Put(incident("d", 1), 4),)),
            Batch(MAIN, puts=(put("a", 1),), entries=(entry("a", 2),)),
        ]
    )
    kinds = [type(answer) for answer in answers]
    assert kinds == [Committed, Conflict, KeyTaken, InvalidValue, Committed]
    assert isinstance(answers[1], Conflict)
    assert answers[1].found == (("incident", "a", 1),)
    assert [version(store, name) for name in "abcd"] == [2, 0, 0, 0]
    assert [e.seq for e in store.journal(MAIN, "incident/a")] == [1, 2]
    assert store.tasks(MAIN, TaskQuery()) == ()


SURPRISES: dict[str, Batch] = {
    "nothing": Batch(MAIN, puts=(put("b"),), entries=(entry("b", 1), entry("b", 2))),
    "another tenant": Batch(OTHER, puts=(put("b"),)),
    "a request": Batch(MAIN, puts=(put("b"),), request=Request("r", "f", "b")),
    "a tally": Batch(MAIN, puts=(alert("b"),)),
    "a record put before": Batch(MAIN, puts=(put("a", 1),), entries=(entry("a", 3),)),
    "a record that is there": Batch(MAIN, puts=(put("old"),)),
    "a record that is not there": Batch(MAIN, puts=(put("b", 3),)),
    "no version": Batch(MAIN, puts=(Put(incident("b", 0), 0),)),
    "columns of other types": Batch(MAIN, puts=(put("b", rank="three"),)),
    "a gap": Batch(MAIN, entries=(entry("b", 1), entry("b", 3))),
    "a gap to what was there": Batch(MAIN, entries=(entry("old", 3),)),
    "a gap after another batch": Batch(MAIN, entries=(entry("a", 4),)),
    "a key that is owned": Batch(MAIN, keys=(KeyChange("ref", "1", None, "b"),)),
    "a key taken before": Batch(MAIN, keys=(KeyChange("ref", "2", None, "b"),)),
    "a key handed on": Batch(MAIN, keys=(KeyChange("ref", "1", "old", "b"),)),
    "a key of nobody": Batch(MAIN, keys=(KeyChange("ref", "3", None, None),)),
}


@pytest.mark.parametrize("odd", SURPRISES)
def test_a_group_is_worth_as_much_as_its_batches_one_by_one(
    store: Store, another: Store, odd: str
) -> None:
    group = [
        Batch(
            MAIN,
            puts=(put("a"),),
            entries=(entry("a", 1), entry("a", 2)),
            keys=(KeyChange("ref", "2", None, "a"),),
        ),
        SURPRISES[odd],
        Batch(MAIN, puts=(put("c"), put("old", 1)), entries=(entry("c", 1), entry("old", 2))),
    ]
    for each in (store, another):
        owned = KeyChange("ref", "1", None, "old")
        write(each, puts=(put("old"),), entries=(entry("old", 1),), keys=(owned,))
    answers = store.commit_group(group)
    for batch, answer in zip(group, answers, strict=True):
        try:
            alone: Any = another.commit(batch)
        except (CallerError, StoreError) as refusal:
            alone = refusal
        assert (type(answer), str(answer)) == (type(alone), str(alone))
    assert everything(store) == everything(another)
    assert (version(store, "a"), version(store, "c")) == (1 + (odd == "a record put before"), 1)


def test_a_plain_group_goes_table_by_table(
    tmp_path: Path, now: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the path is there for: without it an import takes half as long again."""
    ways: list[bool] = []
    commit = Grouped.commit

    def spied(self: Grouped, batches: Sequence[Batch]) -> bool:
        ways.append(commit(self, batches))
        return ways[-1]

    monkeypatch.setattr(Grouped, "commit", spied)
    with closing(MAKERS["sqlite"](tmp_path, now)) as store:
        store.declare(KINDS)
        store.commit_group([Batch(MAIN, puts=(put(x),), entries=(entry(x, 1),)) for x in "ab"])
        store.commit_group([Batch(MAIN, puts=(put(x, 1),), touches=(touch(x),)) for x in "ab"])
    assert ways == [True, False]


# --- numbers, purge, close ------------------------------------------------------------------------


def test_numbers_rise_from_one(store: Store) -> None:
    assert store.numbers(MAIN, "incident", 1) == range(1, 2)
    assert store.numbers(MAIN, "incident", 3) == range(2, 5)
    assert store.numbers(MAIN, "problem", 2) == range(1, 3)
    assert store.numbers(OTHER, "incident", 1) == range(1, 2)
    assert store.numbers(MAIN, "incident", 1) == range(5, 6)
    with pytest.raises(InvalidValue):
        store.numbers(MAIN, "incident", 0)


def test_purging_requests(store: Store) -> None:
    for number in range(5):
        write(store, now=number, request=Request(f"r{number}", "f", "x"))
    write(store, OTHER, now=0, request=Request("r0", "f", "x"))
    assert store.purge(MAIN, 3) == Purged(3, 0)
    assert store.purge(MAIN, 3) == Purged(0, 0)
    replayed = [write(store, request=Request(f"r{n}", "f", "y")).replayed for n in range(5)]
    assert replayed == [False, False, False, True, True]
    assert write(store, OTHER, request=Request("r0", "f", "y")).replayed


def test_a_purged_stream_goes_on(store: Store) -> None:
    write(store, entries=tuple(entry("a", seq, at=seq) for seq in range(1, 6)))
    write(store, entries=(entry("b", 1, at=1),))
    streams = ["incident/a", "incident/none"]
    assert store.purge(MAIN, 3, streams) == Purged(0, 2)
    assert [e.seq for e in store.journal(MAIN, "incident/a")] == [3, 4, 5]
    assert [e.seq for e in store.journal(MAIN, "incident/a", 3)] == [4, 5]
    assert store.purge(MAIN, 100, streams) == Purged(0, 3)
    assert store.purge(MAIN, 100, streams) == Purged(0, 0)
    assert store.journal(MAIN, "incident/a") == ()
    for wrong in (1, 5, 7):
        with pytest.raises(Conflict):
            write(store, entries=(entry("a", wrong),))
    write(store, entries=(entry("a", 6, at=9), entry("a", 7, at=9)))
    write(store, entries=(entry("a", 8, at=9),))
    assert [e.seq for e in store.journal(MAIN, "incident/a")] == [6, 7, 8]
    assert store.purge(MAIN, 100, streams) == Purged(0, 3)
    write(store, entries=(entry("a", 9),))
    assert len(store.journal(MAIN, "incident/b")) == 1


def test_streams_that_take_turns(store: Store) -> None:
    a, b = "ab"
    write(store, entries=(entry(a, 1), entry(b, 1), entry(a, 2), entry(a, 3), entry(b, 2)))
    write(store, entries=(entry(a, 4), entry(a, 5), entry(b, 3), entry(b, 4)))
    assert [e.seq for e in store.journal(MAIN, "incident/a")] == [1, 2, 3, 4, 5]
    assert [e.seq for e in store.journal(MAIN, "incident/b")] == [1, 2, 3, 4]
    with pytest.raises(Conflict) as caught:
        write(store, entries=(entry(a, 6), entry(a, 7), entry(b, 4), entry(b, 5)))
    assert caught.value.found == (("incident", "b", 0),)
    with pytest.raises(InvalidValue):
        write(store, entries=(entry(a, 6), entry(a, 8)))
    assert len(store.journal(MAIN, "incident/a")) == 5


def test_a_stream_without_a_record(store: Store) -> None:
    line = Entry("seal", 1, START, "Sealed", "{}", None, "d", "h")
    write(store, entries=(line,))
    assert store.journal(MAIN, "seal") == (line,)
    with pytest.raises(Conflict) as caught:
        write(store, entries=(line,))
    assert caught.value.found == (("seal", "", 1),)


def test_everything_is_refused_after_close(store: Store) -> None:
    add(store, task("t"))
    (claimed,) = store.claim(None, MINUTE, 1).tasks
    store.close()
    store.close()
    calls = [
        lambda: store.declare([]),
        lambda: store.now(),
        lambda: store.load(MAIN, [Ref("incident", "a")]),
        lambda: store.journal(MAIN, "incident/a"),
        lambda: store.find(MAIN, Query("incident")),
        lambda: store.count(MAIN, Query("incident")),
        lambda: store.owners(MAIN, "ref", ["1"]),
        lambda: write(store, puts=(put("a"),)),
        lambda: store.commit_group([Batch(MAIN)]),
        lambda: store.claim(None, 1, 1),
        lambda: store.settle(MAIN, [settle(claimed)]),
        lambda: store.extend(MAIN, [(claimed.task.id, claimed.token)], 1),
        lambda: store.tasks(MAIN, TaskQuery()),
        lambda: store.numbers(MAIN, "incident", 1),
        lambda: store.redact(MAIN, "incident/a", [1]),
        lambda: store.purge(MAIN, 1),
    ]
    for call in calls:
        with pytest.raises(StoreClosed):
            call()
