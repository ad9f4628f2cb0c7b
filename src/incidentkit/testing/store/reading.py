"""Reading: what comes back, and what is refused."""

from __future__ import annotations

from incidentkit.errors import (
    InvalidValue,
)
from incidentkit.ports.query import (
    Page,
    Query,
)
from incidentkit.ports.rows import (
    Batch,
    Claimed,
    Column,
    ColumnType,
    Committed,
    KeyChange,
    KindSpec,
    Purged,
    Put,
    Ref,
    Row,
    Tally,
    TaskQuery,
)
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, present, refused
from incidentkit.testing.records import (
    INT64_MAX,
    INT64_MIN,
    MAIN,
    MINUTE,
    OTHER,
    START,
    alert,
    entry,
    incident,
    put,
    task,
    touch,
    write,
)
from incidentkit.testing.store_trial import StoreTrial


def order_and_repeats(trial: StoreTrial) -> None:
    """Rows are loaded in the order asked, repeats and gaps included, each tenant its own."""
    store = trial.store
    write(store, puts=(put("b"), put("a"), alert("x")))
    refs = [Ref("incident", n) for n in ("b", "none", "a", "b")] + [Ref("alert", "x")]
    rows = store.load(MAIN, refs)
    equal([None if row is None else row.id for row in rows], ["b", None, "a", "b", "x"])
    equal(rows[0], incident("b"))
    equal(store.load(MAIN, []), ())
    equal(store.load(OTHER, refs), (None,) * 5)


def row_as_it_was(trial: StoreTrial) -> None:
    """A row comes back as it was written: body, text, the smallest and largest integers."""
    store = trial.store
    body = '{"é":  1e2,\n"☃": "\\u0041 \U0001f600"}'
    row = Row("incident", "r", 7, 3, "h", ("naïve", INT64_MIN, False, INT64_MAX), body)
    write(store, puts=(Put(row, 0),))
    (back,) = store.load(MAIN, [Ref("incident", "r")])
    equal(back, row)
    back = present(back)
    equal([type(value) for value in back.columns], [str, int, bool, int])


def kind_without_columns(trial: StoreTrial) -> None:
    """A kind without columns is kept and found like any other."""
    store = trial.store
    row = Row("bare", "r", 1, 1, "h", (), "[]")
    write(store, puts=(Put(row, 0),))
    equal(store.load(MAIN, [Ref("bare", "r")]), (row,))
    equal(store.find(MAIN, Query("bare")).rows, (row,))


def tally_shown(trial: StoreTrial) -> None:
    """A touchable row comes back with its tally, loaded or found."""
    store = trial.store
    write(store, puts=(alert("a", tally=Tally(INT64_MIN, 2, 5)),))
    (row,) = store.load(MAIN, [Ref("alert", "a")])
    row = present(row)
    equal(row.tally, Tally(INT64_MIN, 2, 5))
    equal(store.find(MAIN, Query("alert")).rows, (row,))


def undeclared_kind(trial: StoreTrial) -> None:
    """A kind that was never declared is the caller's mistake."""
    store = trial.store
    with refused(InvalidValue):
        store.load(MAIN, [Ref("nothing", "r")])
    with refused(InvalidValue):
        store.find(MAIN, Query("nothing"))
    with refused(InvalidValue):
        store.count(MAIN, Query("nothing"))


def declare_again(trial: StoreTrial) -> None:
    """Declaring the same again is free; names and columns no store could keep are refused."""
    store = trial.store
    store.declare([KindSpec("bare", ())])
    for name in ("Bad", "with space", "", "9", "a.b"):
        with refused(InvalidValue):
            store.declare([KindSpec(name, ())])
    with refused(InvalidValue):
        store.declare([KindSpec("odd", (Column("id", ColumnType.TEXT),))])
    twice = (Column("a", ColumnType.TEXT), Column("a", ColumnType.TEXT))
    with refused(InvalidValue):
        store.declare([KindSpec("odd", twice)])


def declare_later(trial: StoreTrial) -> None:
    """A kind declared after the first write works at once."""
    store = trial.store
    write(store, puts=(put("a"),))
    store.declare([KindSpec("later", (Column("version", ColumnType.INT64),))])
    equal(store.load(MAIN, [Ref("later", "x")]), (None,))
    equal(store.find(MAIN, Query("later")).rows, ())
    row = Row("later", "x", 1, 1, "h", (5,), "{}")
    write(store, puts=(Put(row, 0),))
    equal(store.load(MAIN, [Ref("later", "x"), Ref("incident", "a")])[0], row)


def owners(trial: StoreTrial) -> None:
    """Owners of keys come in the order asked, None for whoever is not there."""
    store = trial.store
    keys = tuple(KeyChange("ref", f"INC-{n}", None, f"i{n}") for n in range(3))
    write(store, keys=keys)
    equal(store.owners(MAIN, "ref", ["INC-2", "none", "INC-0", "INC-2"]), (
        "i2", None, "i0", "i2",
    ))  # fmt: skip
    equal(store.owners(MAIN, "ref", ["INC-1"]), ("i1",))
    equal(store.owners(MAIN, "other", ["INC-1"]), (None,))
    equal(store.owners(OTHER, "ref", ["INC-1"]), (None,))
    equal(store.owners(MAIN, "ref", []), ())


def empty(trial: StoreTrial) -> None:
    """A new store is empty, and every question about it has an answer."""
    store = trial.store
    equal(store.load(MAIN, [Ref("incident", "a")]), (None,))
    equal(store.find(MAIN, Query("incident")), Page((), None))
    equal(store.count(MAIN, Query("incident")), 0)
    equal(store.journal(MAIN, "incident/a"), ())
    equal(store.tasks(MAIN, TaskQuery()), ())
    equal(store.owners(MAIN, "ref", ["1"]), (None,))
    equal(store.claim(None, MINUTE, 5), Claimed(START, (), None))
    equal(store.settle(MAIN, []), ())
    equal(store.extend(MAIN, [], START), ())
    equal(store.redact(MAIN, "incident/a", [1]), 0)
    equal(store.purge(MAIN, START), Purged(0, 0))
    equal(write(store), Committed(START))


def unknown_fields(trial: StoreTrial) -> None:
    """A row of a later schema comes back whole, with fields this release knows nothing of."""
    store = trial.store
    row = Row(
        "incident", "a", 1, INT64_MAX, "h", ("new", 1, True, 1), '{"later": [1, {"x": null}]}'
    )
    write(store, puts=(Put(row, 0),))
    equal(store.load(MAIN, [Ref("incident", "a")]), (row,))
    equal(store.find(MAIN, Query("incident")).rows, (row,))


def answers_stand(trial: StoreTrial) -> None:
    """An answer stays as it was given, whatever is written afterwards."""
    store = trial.store
    write(store, puts=(put("a"), alert("x")), entries=(entry("a", 1),), tasks=(task("t"),))
    rows = store.load(MAIN, [Ref("incident", "a"), Ref("alert", "x")])
    page = store.find(MAIN, Query("alert"))
    lines = store.journal(MAIN, "incident/a")
    queued = store.tasks(MAIN, TaskQuery())
    was = repr((rows, page, lines, queued))
    write(store, puts=(put("a", 1, state="done"),), touches=(touch("x", seen=5),))
    store.redact(MAIN, "incident/a", [1])
    store.claim(None, MINUTE, 5)
    equal(repr((rows, page, lines, queued)), was)


def questions_stand(trial: StoreTrial) -> None:
    """A store keeps nothing of the lists it is handed: their owner may change them."""
    store = trial.store
    kinds = [KindSpec("later", (Column("site", ColumnType.TEXT),))]
    store.declare(kinds)
    kinds.clear()
    batches = [Batch(MAIN, puts=(put("a"),)), Batch(MAIN, puts=(put("b"),))]
    store.commit_group(batches)
    batches.clear()
    values = ["1", "2"]
    owners = store.owners(MAIN, "ref", values)
    values.clear()
    equal(owners, (None, None))
    equal(store.count(MAIN, Query("later")), 0)
    equal(store.count(MAIN, Query("incident")), 2)


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.read.order-and-repeats", order_and_repeats),
    Case("store.read.row-as-it-was", row_as_it_was),
    Case("store.read.kind-without-columns", kind_without_columns),
    Case("store.read.tally-shown", tally_shown),
    Case("store.read.undeclared-kind", undeclared_kind),
    Case("store.read.declare-again", declare_again),
    Case("store.read.declare-later", declare_later),
    Case("store.read.owners", owners),
    Case("store.read.empty", empty),
    Case("store.read.unknown-fields", unknown_fields),
    Case("store.read.answers-stand", answers_stand),
    Case("store.read.questions-stand", questions_stand),
)
"""The cases of this theme."""
