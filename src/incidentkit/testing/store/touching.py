"""Tallies: every repeat counts, none counts twice."""

from __future__ import annotations

from incidentkit.errors import (
    Conflict,
    InvalidValue,
)
from incidentkit.ports.rows import (
    KindSpec,
    Put,
    Ref,
    Row,
    Tally,
    Touch,
)
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, present, refused
from incidentkit.testing.records import (
    MAIN,
    START,
    alert,
    touch,
    write,
)
from incidentkit.testing.store.asking import tally, version
from incidentkit.testing.store_trial import StoreTrial


def counts_exactly(trial: StoreTrial) -> None:
    """Touches add up, raise the last instant, and change no version."""
    store = trial.store
    write(store, puts=(alert("a"), alert("b")))
    for at in (5, 3):
        write(store, touches=(touch("a", seen=2, last_seen=START + at), touch("b")))
    write(store, touches=(touch("a", last_seen=START + 4), touch("a", last_seen=START - 4)))
    equal(tally(store, "a"), Tally(7, 7, START + 5))
    equal(tally(store, "b"), Tally(7, 3, START))
    equal(version(store, "a", "alert"), 1)


def stale_touch(trial: StoreTrial) -> None:
    """One touch of another signature refuses the whole batch."""
    store = trial.store
    write(store, puts=(alert("a"), alert("b")))
    with refused(Conflict) as caught:
        write(store, touches=(touch("a"), touch("b", 9), touch("b")))
    equal(caught.value.found, (("alert", "b", 1),))
    equal(tally(store, "a"), Tally(7, 1, START))


def several_kinds(trial: StoreTrial) -> None:
    """Touches of several kinds may stand in one batch."""
    store = trial.store
    store.declare([KindSpec("beat", (), touchable=True)])
    beat = Row("beat", "x", 1, 1, "head", (), "{}", Tally(1, 0, 0))
    write(store, puts=(alert("a"), Put(beat, 0)))
    beats = (Touch("beat", "x", 1, 3, START), Touch("beat", "x", 1, 1, START - 1))
    write(store, touches=(touch("a"), beats[0], touch("a"), beats[1]))
    equal(tally(store, "a"), Tally(7, 3, START))
    (row,) = store.load(MAIN, [Ref("beat", "x")])
    row = present(row)
    equal(row.tally, Tally(1, 4, START))
    with refused(Conflict):
        write(store, touches=(touch("a"), Touch("beat", "x", 2, 1, START)))
    with refused(InvalidValue):
        write(store, touches=(touch("a"), Touch("bare", "x", 2, 1, START)))
    equal(tally(store, "a"), Tally(7, 3, START))


def put_adds(trial: StoreTrial) -> None:
    """A put adds to the tally, so touches that came between are not lost."""
    store = trial.store
    write(store, puts=(alert("a"),))
    write(store, touches=(touch("a", seen=5, last_seen=START + 9),))
    # The writer had seen one repeat; the touches that came between are not lost.
    write(store, puts=(alert("a", 1, Tally(8, 1, START + 2)),))
    equal(tally(store, "a"), Tally(8, 7, START + 9))
    kept = Row("alert", "a", 3, 1, "head", ("cleared",), "{}")
    write(store, puts=(Put(kept, 2),))
    equal(tally(store, "a"), Tally(8, 7, START + 9))


def touch_and_put(trial: StoreTrial) -> None:
    """A touch and a put of one record in one batch both count."""
    store = trial.store
    write(store, puts=(alert("a"), alert("b")))
    write(store, touches=(touch("a"),), puts=(alert("a", 1, Tally(8, 1, START)),))
    equal(tally(store, "a"), Tally(8, 3, START))
    with refused(Conflict):
        write(store, touches=(touch("new"),), puts=(alert("new"),))


def put_without(trial: StoreTrial) -> None:
    """A row may be put without a tally, and given one later."""
    store = trial.store
    write(store, puts=(Put(Row("alert", "a", 1, 1, "head", ("firing",), "{}"), 0),))
    equal(tally(store, "a"), None)
    with refused(Conflict):
        write(store, touches=(touch("a"),))
    write(store, puts=(alert("a", 1),))
    equal(tally(store, "a"), Tally(7, 1, START))


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.touch.counts-exactly", counts_exactly),
    Case("store.touch.stale-touch", stale_touch),
    Case("store.touch.several-kinds", several_kinds),
    Case("store.touch.put-adds", put_adds),
    Case("store.touch.touch-and-put", touch_and_put),
    Case("store.touch.put-without", put_without),
)
"""The cases of this theme."""
