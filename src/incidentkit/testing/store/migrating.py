"""Stores with a schema of their own: it is brought up to date when asked, or left alone."""

from __future__ import annotations

from incidentkit.errors import NotMigrated
from incidentkit.ports.migration import SupportsMigration
from incidentkit.ports.query import Query
from incidentkit.ports.rows import KindSpec
from incidentkit.ports.store import Store
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, refused, true
from incidentkit.testing.records import KINDS, MAIN, add, alert, entry, names, put, task, write
from incidentkit.testing.store.asking import everything, version
from incidentkit.testing.store_trial import StoreTrial
from incidentkit.testing.threads import together

LATER = (*KINDS, KindSpec("ikkit_later", ()))
"""With a kind that no earlier release knew."""


def migrating(store: Store) -> SupportsMigration:
    """The store as one that has a schema."""
    if not isinstance(store, SupportsMigration):
        raise TypeError("the store does not migrate; the case must require it")
    return store


def only_once(trial: StoreTrial) -> None:
    """A migration leaves nothing to do for the next one, which says so."""
    store = migrating(trial.store)
    first = store.migrate()
    true(first.after > 0, "a schema has a number")
    second = store.migrate()
    equal((second.before, second.after), (first.after, first.after))
    equal((second.kinds, second.tables, second.changed), ((), (), False))


def keeps_everything(trial: StoreTrial) -> None:
    """A migration changes nothing of what is stored, and a kind that is new is made."""
    store = trial.store
    write(store, puts=(put("a"), alert("x")), entries=(entry("a", 1),), tasks=(task("t"),))
    before = everything(store)
    store = trial.reopen(store, LATER)
    done = migrating(store).migrate()
    equal(done.kinds, ("ikkit_later",))
    equal(everything(store), before)
    equal(store.count(MAIN, Query("ikkit_later")), 0)


def by_many(trial: StoreTrial) -> None:
    """Many may migrate at once: each finds the schema as it should be."""
    store = migrating(trial.store)
    found: list[int] = []
    together(8, lambda _: found.append(store.migrate().after), trial.patience)
    equal(len(found), 8)
    equal(len(set(found)), 1, "one schema")
    write(trial.store, puts=(put("a"),))
    equal(version(trial.store, "a"), 1)


def left_alone(trial: StoreTrial) -> None:
    """Where the schema is to be kept and is as it should be, a store is read and written."""
    write(trial.store, puts=(put("a"),))
    store = trial.reopen(trial.store)
    migrating(store).keep_schema()
    equal(version(store, "a"), 1)
    write(store, puts=(put("a", 1),))
    add(store, task("t"))
    equal(version(store, "a"), 2)
    equal(names(store.claim(None, 60, 1).tasks), ["t"])


def refused_where_it_lacks(trial: StoreTrial) -> None:
    """Where the schema is to be kept and lacks a kind, a call is refused and makes nothing."""
    write(trial.store, puts=(put("a"),))
    store = trial.reopen(trial.store, LATER)
    migrating(store).keep_schema()
    for _ in range(2):
        with refused(NotMigrated):
            store.count(MAIN, Query("incident"))
        with refused(NotMigrated):
            write(store, puts=(put("a", 1),))
    store = trial.reopen(store, LATER)
    equal(migrating(store).migrate().kinds, ("ikkit_later",))
    equal(version(store, "a"), 1)


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.migrate.only-once", only_once, ("migrate",)),
    Case("store.migrate.keeps-everything", keeps_everything, ("migrate", "reopen")),
    Case("store.migrate.by-many", by_many, ("migrate",)),
    Case("store.migrate.left-alone", left_alone, ("migrate", "reopen")),
    Case("store.migrate.refused-where-it-lacks", refused_where_it_lacks, ("migrate", "reopen")),
)
"""The cases of this theme."""
