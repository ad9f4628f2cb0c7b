"""Requests: replayed, never done twice, judged in one order."""

from __future__ import annotations

from typing import Any

from incidentkit.errors import (
    Conflict,
    KeyTaken,
    RequestReused,
    StaleToken,
    StoreError,
)
from incidentkit.ids import TaskId
from incidentkit.ports.rows import (
    Batch,
    Committed,
    Done,
    KeyChange,
    Request,
    Settle,
)
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, refused
from incidentkit.testing.records import (
    MAIN,
    MINUTE,
    SECOND,
    START,
    add,
    entry,
    put,
    settle,
    task,
    write,
)
from incidentkit.testing.store.asking import version
from incidentkit.testing.store_trial import StoreTrial


def replay(trial: StoreTrial) -> None:
    """A request that comes again gives the first result, though it is stale and taken by now."""
    store = trial.store
    now = trial.now
    batch = Batch(
        MAIN, request=Request("r", "f", "first"), puts=(put("a"),), entries=(entry("a", 1),),
        keys=(KeyChange("ref", "1", None, "a"),), tasks=(task("t"),),
    )  # fmt: skip
    equal(store.commit(batch), Committed(START, "first"))
    write(store, puts=(put("a", 1),), keys=(KeyChange("ref", "1", "a", "b"),))
    now.at += SECOND
    # Stale and taken by now, and a replay all the same; the time is the present one.
    equal(store.commit(batch), Committed(START + SECOND, "first", True))
    later = Batch(MAIN, request=Request("r", "f", "second"), puts=(put("z"),))
    equal(store.commit(later), Committed(START + SECOND, "first", True))
    equal(version(store, "z"), 0)


def reused(trial: StoreTrial) -> None:
    """A request id with another fingerprint is refused and leaves nothing."""
    store = trial.store
    write(store, request=Request("r", "f", "first"), puts=(put("a"),))
    with refused(RequestReused) as caught:
        write(store, request=Request("r", "g", "first"), puts=(put("b"),))
    equal(caught.value.request, "r")
    equal(version(store, "b"), 0)


def order_of_judgement(trial: StoreTrial) -> None:
    """Batches are judged in one order: replay, RequestReused, StaleToken, Conflict, KeyTaken."""
    store = trial.store
    write(store, puts=(put("a"),), keys=(KeyChange("ref", "1", None, "a"),), tasks=(task("t"),))
    write(store, request=Request("r", "f", "x"))
    wrong: dict[str, Any] = {
        "settles": (Settle(task("t").id, "void", Done()),),
        "puts": (put("a"),),
        "keys": (KeyChange("ref", "1", None, "b"),),
    }
    equal(write(store, request=Request("r", "f", "y"), **wrong).replayed, True, "replayed")
    with refused(RequestReused):
        write(store, request=Request("r", "g", "y"), **wrong)
    with refused(StaleToken) as caught:
        write(store, request=Request("s", "g", "y"), **wrong)
    equal(caught.value.tasks, ("t",))
    with refused(Conflict):
        write(store, puts=wrong["puts"], keys=wrong["keys"])
    with refused(KeyTaken):
        write(store, keys=wrong["keys"])


def replay_then_stale(trial: StoreTrial) -> None:
    """A replay answers after its success, though its token is stale and its record moved on."""
    store = trial.store
    add(store, task("t"))
    (claimed,) = store.claim(None, MINUTE, 1).tasks
    batch = Batch(
        MAIN, request=Request("r", "f", "done"), puts=(put("a"),), settles=(settle(claimed),)
    )
    equal(store.commit(batch), Committed(START, "done"))
    write(store, puts=(put("a", 1),))
    equal(store.commit(batch), Committed(START, "done", True))
    equal(version(store, "a"), 2)


def refused_not_kept(trial: StoreTrial) -> None:
    """The request of a refused batch is forgotten with it, so the same id does its work later."""
    store = trial.store
    write(store, puts=(put("a"),), keys=(KeyChange("ref", "1", None, "a"),))
    for wrong in ({"puts": (put("a"),)}, {"keys": (KeyChange("ref", "1", None, "b"),)}):
        parts: dict[str, Any] = wrong
        with refused(StoreError):
            write(store, request=Request("r", "f", "refused"), **parts)
    void = Settle(TaskId("none"), "void", Done())
    with refused(StaleToken):
        write(store, request=Request("r", "f", "refused"), settles=(void,))
    equal(write(store, request=Request("r", "g", "x"), puts=(put("b"),)), Committed(START, "x"))
    equal(version(store, "b"), 1)


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.request.replay", replay),
    Case("store.request.reused", reused),
    Case("store.request.order-of-judgement", order_of_judgement),
    Case("store.request.replay-then-stale", replay_then_stale),
    Case("store.request.refused-not-kept", refused_not_kept),
)
"""The cases of this theme."""
