"""Kinds of record, and short ways to write rows, entries, tasks and batches.

They mean nothing to a store: names such as `incident` only make cases easier to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.rows import (
    Batch,
    ClaimedTask,
    Column,
    ColumnType,
    Committed,
    Done,
    Entry,
    Expect,
    KindSpec,
    Outcome,
    Put,
    Row,
    Scalar,
    SearchText,
    Settle,
    Tally,
    Task,
    Touch,
)
from incidentkit.ports.store import Store

START = 1_700_000_000_000_000
"""Microseconds; where the stores' time stands in every case."""

INT64_MAX = 2**63 - 1
INT64_MIN = -(2**63)
"""The integers a store keeps end here."""

INCIDENT = KindSpec(
    "incident",
    (
        Column("state", ColumnType.TEXT),
        Column("rank", ColumnType.INT64),
        Column("open", ColumnType.BOOL),
        Column("due", ColumnType.INSTANT),
    ),
)
"""A kind with a column of every type."""

ALERT = KindSpec("alert", (Column("state", ColumnType.TEXT),), touchable=True)
"""A kind that carries a tally."""

BARE = KindSpec("bare", ())
"""A kind without columns."""

KINDS = (INCIDENT, ALERT, BARE)
"""What the stores of most cases know."""

SEARCHED_KINDS = (
    attrs.evolve(INCIDENT, searchable=True), ALERT, attrs.evolve(BARE, searchable=True)
)  # fmt: skip
"""What the stores of cases about search know."""

MAIN = TenantName("main")
"""The tenant of most cases."""

OTHER = TenantName("other")
"""Another tenant, which must not be met."""

SECOND = 1_000_000
"""In microseconds."""

MINUTE = 60 * SECOND
"""In microseconds."""


def incident(
    name: str,
    version: int = 1,
    *,
    state: str = "new",
    rank: int = 3,
    is_open: bool = True,
    due: int = START,
    body: str = "{}",
) -> Row:
    """A row of kind `incident`."""
    columns: tuple[Scalar, ...] = (state, rank, is_open, due)
    return Row("incident", name, version, 1, f"head {version}", columns, body)


def put(name: str, expected: int = 0, **kept: Any) -> Put:
    """Write an incident that stands at `expected`."""
    return Put(incident(name, expected + 1, **kept), expected)


def alert(name: str, expected: int = 0, tally: Tally | None = None, state: str = "firing") -> Put:
    """Write an alert that stands at `expected`."""
    row = Row("alert", name, expected + 1, 1, "head", (state,), "{}", tally or Tally(7, 1, START))
    return Put(row, expected)


def touch(name: str, signature: int = 7, seen: int = 1, last_seen: int = START) -> Touch:
    """Count a repeat of an alert."""
    return Touch("alert", name, signature, seen, last_seen)


def expect(name: str, version: int) -> Expect:
    """An incident that was read and not written."""
    return Expect("incident", name, version)


def entry(name: str, seq: int, body: str | None = "{}", at: int = START) -> Entry:
    """An entry of an incident's stream."""
    return Entry(f"incident/{name}", seq, at, "Noted", body, "salt", f"digest {seq}", f"hash {seq}")


def task(
    name: str,
    *,
    subject: str | None = None,
    order: int = 0,
    priority: int = 0,
    due: int = START,
    channel: str = "mail",
    queue: str = "deliver",
) -> Task:
    """A task; its subject is its own unless one is named."""
    whose = name if subject is None else subject
    return Task(TaskId(name), queue, whose, order, priority, due, channel, f"body of {name}")


def settle(claimed: ClaimedTask, outcome: Outcome | None = None) -> Settle:
    """Settle a claimed task, by default as done."""
    return Settle(claimed.task.id, claimed.token, outcome or Done())


def write(store: Store, tenant: TenantName = MAIN, **parts: Any) -> Committed:
    """Commit a batch of these parts."""
    return store.commit(Batch(tenant, **parts))


def add(store: Store, *tasks: Task, tenant: TenantName = MAIN) -> None:
    """Commit a batch that adds tasks."""
    store.commit(Batch(tenant, tasks=tasks))


def names(claimed: Sequence[ClaimedTask]) -> list[str]:
    """The ids of claimed tasks, in order."""
    return [str(one.task.id) for one in claimed]


def text(name: str, title: str | None = "", **more: Any) -> SearchText:
    """What is searched of an incident."""
    return SearchText("incident", name, title, **more)
