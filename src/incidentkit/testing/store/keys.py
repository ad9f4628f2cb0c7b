"""Unique keys: compared and set."""

from __future__ import annotations

from incidentkit.errors import (
    KeyTaken,
)
from incidentkit.ports.rows import (
    KeyChange,
)
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, refused
from incidentkit.testing.records import (
    MAIN,
    put,
    write,
)
from incidentkit.testing.store.asking import everything
from incidentkit.testing.store_trial import StoreTrial


def compared_and_set(trial: StoreTrial) -> None:
    """The owner of a key is compared and set; two keys may be swapped in one batch."""
    store = trial.store
    write(store, keys=(KeyChange("ref", "1", None, "a"), KeyChange("ref", "2", None, "b")))
    swap = (KeyChange("ref", "1", "a", "b"), KeyChange("ref", "2", "b", "a"))
    write(store, keys=swap)
    equal(store.owners(MAIN, "ref", ["1", "2"]), ("b", "a"))
    write(store, keys=(KeyChange("ref", "1", "b", None), KeyChange("ref", "3", None, "b")))
    equal(store.owners(MAIN, "ref", ["1", "2", "3"]), (None, "a", "b"))
    # Nobody owned it and nobody will: a claim that it is free.
    write(store, keys=(KeyChange("ref", "1", None, None),))
    equal(store.owners(MAIN, "ref", ["1"]), (None,))


def all_named(trial: StoreTrial) -> None:
    """A refusal names every key that somebody else owns, and leaves nothing."""
    store = trial.store
    write(store, keys=(KeyChange("ref", "1", None, "a"), KeyChange("ref", "2", None, "b")))
    before = everything(store)
    with refused(KeyTaken) as caught:
        write(
            store, puts=(put("c"),),
            keys=(
                KeyChange("ref", "4", None, "c"), KeyChange("ref", "3", "x", "c"),
                KeyChange("ref", "2", "a", "c"), KeyChange("ref", "1", None, None),
            ),
        )  # fmt: skip
    equal(caught.value.taken, (("ref", "1", "a"), ("ref", "2", "b"), ("ref", "3", None)))
    equal(everything(store), before)


def swapped(trial: StoreTrial) -> None:
    """Two keys change their owners with each other in one batch, and one is handed on."""
    store = trial.store
    write(store, keys=(KeyChange("ref", "1", None, "a"), KeyChange("ref", "2", None, "b")))
    write(store, keys=(KeyChange("ref", "2", "b", "a"), KeyChange("ref", "1", "a", "b")))
    equal(store.owners(MAIN, "ref", ["1", "2"]), ("b", "a"))
    write(store, keys=(KeyChange("ref", "1", "b", None),))
    write(store, keys=(KeyChange("ref", "1", None, "c"),))
    equal(store.owners(MAIN, "ref", ["1", "2"]), ("c", "a"))


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.key.compared-and-set", compared_and_set),
    Case("store.key.all-named", all_named),
    Case("store.key.swapped", swapped),
)
"""The cases of this theme."""
