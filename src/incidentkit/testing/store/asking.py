"""Questions that many cases ask of a store."""

from __future__ import annotations

from typing import Any

from incidentkit.ports.query import (
    Query,
)
from incidentkit.ports.rows import (
    ClaimedTask,
    QueuedTask,
    Ref,
    Tally,
    TaskQuery,
)
from incidentkit.ports.store import Store
from incidentkit.testing.expecting import present, true
from incidentkit.testing.records import (
    MAIN,
    MINUTE,
)


def version(store: Store, name: str, kind: str = "incident") -> int:
    """The version an incident, or another record, stands at; 0 when there is none."""
    (row,) = store.load(MAIN, [Ref(kind, name)])
    return 0 if row is None else row.version


def tally(store: Store, name: str) -> Tally | None:
    """The tally of an alert."""
    (row,) = store.load(MAIN, [Ref("alert", name)])
    row = present(row)
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


def found(store: Store, query: Query) -> list[str]:
    """All pages of a query."""
    ids: list[str] = []
    while True:
        page = store.find(MAIN, query)
        true(len(page.rows) <= query.limit, "a page holds no more than its limit")
        ids += [row.id for row in page.rows]
        if page.next is None:
            return ids
        query = Query(
            query.kind, query.where, query.order, query.descending, page.next, query.limit
        )


def claim(store: Store, limit: int = 10, now: int | None = None) -> tuple[ClaimedTask, ...]:
    """What a claim of a minute hands out."""
    return store.claim(now, MINUTE, limit).tasks


def states(store: Store) -> dict[str, str]:
    """The state of every task, by id."""
    return {str(each.task.id): each.state.value for each in store.tasks(MAIN, TaskQuery())}


def one(store: Store, name: str) -> QueuedTask:
    """One task as it stands."""
    (found,) = [each for each in store.tasks(MAIN, TaskQuery()) if each.task.id == name]
    return found
