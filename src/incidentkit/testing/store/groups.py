"""Groups: many batches in one durable commit."""

from __future__ import annotations

from functools import partial

from incidentkit.errors import (
    CallerError,
    Conflict,
    InvalidValue,
    KeyTaken,
    StoreError,
)
from incidentkit.ports.rows import (
    Batch,
    Committed,
    KeyChange,
    Put,
    Request,
    TaskQuery,
)
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, of_type
from incidentkit.testing.records import (
    MAIN,
    OTHER,
    START,
    alert,
    entry,
    incident,
    put,
    task,
    write,
)
from incidentkit.testing.store.asking import everything, states, version
from incidentkit.testing.store_trial import StoreTrial

SURPRISES: dict[str, Batch] = {
    "nothing": Batch(MAIN, puts=(put("b"),), entries=(entry("b", 1), entry("b", 2))),
    "another-tenant": Batch(OTHER, puts=(put("b"),)),
    "a-request": Batch(MAIN, puts=(put("b"),), request=Request("r", "f", "b")),
    "a-tally": Batch(MAIN, puts=(alert("b"),)),
    "a-record-put-before": Batch(MAIN, puts=(put("a", 1),), entries=(entry("a", 3),)),
    "a-record-that-is-there": Batch(MAIN, puts=(put("old"),)),
    "a-record-that-is-not-there": Batch(MAIN, puts=(put("b", 3),)),
    "no-version": Batch(MAIN, puts=(Put(incident("b", 0), 0),)),
    "columns-of-other-types": Batch(MAIN, puts=(put("b", rank="three"),)),
    "a-gap": Batch(MAIN, entries=(entry("b", 1), entry("b", 3))),
    "a-gap-to-what-was-there": Batch(MAIN, entries=(entry("old", 3),)),
    "a-gap-after-another-batch": Batch(MAIN, entries=(entry("a", 4),)),
    "a-key-that-is-owned": Batch(MAIN, keys=(KeyChange("ref", "1", None, "b"),)),
    "a-key-taken-before": Batch(MAIN, keys=(KeyChange("ref", "2", None, "b"),)),
    "a-key-handed-on": Batch(MAIN, keys=(KeyChange("ref", "1", "old", "b"),)),
    "a-key-of-nobody": Batch(MAIN, keys=(KeyChange("ref", "3", None, None),)),
}


def in_order(trial: StoreTrial) -> None:
    """The batches of a group are judged in order, and see what earlier ones wrote."""
    store = trial.store
    answers = store.commit_group(
        [
            Batch(MAIN, puts=(put("a"),), request=Request("r", "f", "one")),
            Batch(OTHER, puts=(put("a"),)),
            Batch(MAIN, puts=(put("a", 1),)),
            Batch(MAIN, request=Request("r", "f", "two")),
        ]
    )
    equal(answers, (
        Committed(START, "one"), Committed(START), Committed(START), Committed(START, "one", True)
    ))  # fmt: skip
    equal(version(store, "a"), 2)
    equal(store.commit_group([]), ())


def refused_alone(trial: StoreTrial) -> None:
    """A refused batch gives its error in its place and leaves the others standing."""
    store = trial.store
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
    equal(kinds, [Committed, Conflict, KeyTaken, InvalidValue, Committed])

    equal(of_type(answers[1], Conflict).found, (("incident", "a", 1),))
    equal([version(store, name) for name in "abcd"], [2, 0, 0, 0])
    equal([e.seq for e in store.journal(MAIN, "incident/a")], [1, 2])
    equal(store.tasks(MAIN, TaskQuery()), ())


def as_one_by_one(odd: str, trial: StoreTrial) -> None:
    """A group does what its batches would do one by one."""
    store = trial.store
    another = trial.another()
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
            alone: object = another.commit(batch)
        except (CallerError, StoreError) as refusal:
            alone = refusal
        equal((answer.__class__, str(answer)), (alone.__class__, str(alone)))
    equal(everything(store), everything(another))
    equal((version(store, "a"), version(store, "c")), (1 + (odd == "a-record-put-before"), 1))


def tasks_of_a_refused_batch(trial: StoreTrial) -> None:
    """A refused batch of a group brings none of its tasks."""
    store = trial.store
    write(store, puts=(put("a"),))
    answers = store.commit_group(
        [Batch(MAIN, puts=(put("a"),), tasks=(task("t"),)), Batch(MAIN, tasks=(task("u"),))]
    )
    of_type(answers[0], Conflict)
    equal(states(store), {"u": "ready"})


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.group.in-order", in_order),
    Case("store.group.refused-alone", refused_alone),
    *(
        Case(f"store.group.as-one-by-one.{odd.replace(' ', '-')}", partial(as_one_by_one, odd))
        for odd in SURPRISES
    ),
    Case("store.group.tasks-of-a-refused-batch", tasks_of_a_refused_batch),
)
"""The cases of this theme."""
