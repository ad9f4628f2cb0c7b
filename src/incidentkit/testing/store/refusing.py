"""What no store could keep is refused before it is looked at."""

from __future__ import annotations

from functools import partial
from typing import Any

import attrs

from incidentkit.errors import (
    InvalidValue,
)
from incidentkit.ports.rows import (
    Again,
    Done,
    Entry,
    Expect,
    KeyChange,
    Put,
    Request,
    Settle,
    Tally,
    Touch,
)
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, refused
from incidentkit.testing.records import (
    alert,
    entry,
    incident,
    put,
    task,
    touch,
    write,
)
from incidentkit.testing.store.asking import everything, version
from incidentkit.testing.store_trial import StoreTrial

GOOD = incident("bad")
BIG = 2**63
INVALID: dict[str, dict[str, Any]] = {
    "put-twice": {"puts": (put("a"), put("a"))},
    "version-not-raised": {"puts": (Put(incident("bad", 1), 1),)},
    "expected-negative": {"puts": (Put(incident("bad", 1), -1),)},
    "version-beyond-64-bits": {"puts": (Put(incident("bad", BIG), 0),)},
    "column-missing": {"puts": (Put(attrs.evolve(GOOD, columns=("new", 1, True)), 0),)},
    "text-for-a-number": {"puts": (Put(attrs.evolve(GOOD, columns=("new", "1", True, 1)), 0),)},
    "number-for-text": {"puts": (Put(attrs.evolve(GOOD, columns=(1, 1, True, 1)), 0),)},
    "flag-for-a-number": {"puts": (Put(attrs.evolve(GOOD, columns=("new", True, True, 1)), 0),)},
    "number-for-a-flag": {"puts": (Put(attrs.evolve(GOOD, columns=("new", 1, 1, 1)), 0),)},
    "number-too-large": {"puts": (Put(attrs.evolve(GOOD, columns=("new", BIG, True, 1)), 0),)},
    "instant-too-small": {
        "puts": (Put(attrs.evolve(GOOD, columns=("new", 1, True, -BIG - 1)), 0),)
    },
    "kind-undeclared": {"puts": (Put(attrs.evolve(GOOD, kind="nothing"), 0),)},
    "tally-of-another-kind": {"puts": (Put(attrs.evolve(GOOD, tally=Tally(1, 1, 1)), 0),)},
    "tally-too-large": {"puts": (alert("bad", tally=Tally(BIG, 1, 1)),)},
    "expect-undeclared": {"expects": (Expect("nothing", "a", 1),)},
    "touch-undeclared": {"touches": (Touch("nothing", "a", 1, 1, 1),)},
    "touch-of-another-kind": {"touches": (Touch("incident", "a", 1, 1, 1),)},
    "signature-too-large": {"touches": (touch("x", signature=BIG),)},
    "gap-in-a-stream": {"entries": (entry("bad", 1), entry("bad", 3))},
    "entry-twice": {"entries": (entry("bad", 1), entry("bad", 1))},
    "entry-number-zero": {"entries": (entry("bad", 0),)},
    "instant-of-an-entry": {"entries": (Entry("incident/bad", 1, BIG, "k", None, None, "d", "h"),)},
    "order-of-a-task": {"tasks": (task("bad", order=BIG),)},
    "task-twice": {"tasks": (task("bad"), task("bad"))},
    "key-twice": {"keys": (KeyChange("ref", "9", None, "a"), KeyChange("ref", "9", "a", "b"))},
    "settle-twice": {
        "settles": (Settle(task("t").id, "x", Done()), Settle(task("t").id, "x", Again(1, "")))
    },
    "now-too-large": {"now": BIG, "request": Request("r", "f", "x")},
}


def unkeepable(parts: dict[str, Any], trial: StoreTrial) -> None:
    """A batch that contradicts itself, or holds what no store could keep, is refused."""
    store = trial.store
    write(store, puts=(alert("x"),))
    before = everything(store)
    with refused(InvalidValue):
        write(store, **parts)
    equal(everything(store), before)
    equal(version(store, "bad"), 0)


CASES: tuple[Case[StoreTrial], ...] = (
    *(
        Case(f"store.refuse.unkeepable.{name}", partial(unkeepable, parts))
        for name, parts in INVALID.items()
    ),
)
"""The cases of this theme."""
