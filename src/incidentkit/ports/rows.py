"""The values a store is handed and hands back: rows, batches, tasks. All opaque to it.

Instants are int64 microseconds since 1970 in UTC, so every store orders and compares them alike.
Index columns are declared per kind and are never null.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import attrs

from incidentkit.ids import TaskId, TenantName

Scalar: TypeAlias = str | int | bool
"""What an index column may hold. Instants are int64 microseconds."""


class ColumnType(StrEnum):
    """The type of an index column; text compares byte-wise (by code point)."""

    TEXT = "text"
    INT64 = "int64"
    BOOL = "bool"
    INSTANT = "instant"


@attrs.frozen
class Column:
    """One declared index column of a kind: something `find` may filter or order by."""

    name: str
    type: ColumnType


@attrs.frozen
class KindSpec:
    """What a store must know of a kind of record: its name and its index columns, in order.

    `touchable` kinds carry a tally (signature, seen, last_seen) that touches change; of
    `searchable` ones batches bring texts. `shortlist` names a bool column and others: the records
    for which it is true are few, and are often counted and listed by the others.
    """

    name: str
    columns: tuple[Column, ...]
    touchable: bool = False
    searchable: bool = False
    shortlist: tuple[str, ...] = ()


@attrs.frozen
class Ref:
    """The address of one record within a tenant."""

    kind: str
    id: str


@attrs.frozen
class Tally:
    """Counters that change with every repeat, kept out of the body.

    In a row that was read, `seen` is the total. In a put, `seen` is *added* to what is there and
    `last_seen` raises the maximum, so a put never loses a touch that came between.
    """

    signature: int
    seen: int
    last_seen: int


@attrs.frozen
class Row:
    """One stored record. `columns` are in the order the kind declares them."""

    kind: str
    id: str
    version: int
    schema: int
    head: str
    columns: tuple[Scalar, ...]
    body: str
    tally: Tally | None = None


@attrs.frozen
class Put:
    """Write `row` if the record stands at version `expected` (0: it must not exist yet)."""

    row: Row
    expected: int


@attrs.frozen
class Expect:
    """The record was read, not written: it must still stand at `version` (0: still absent)."""

    kind: str
    id: str
    version: int


@attrs.frozen
class Touch:
    """Count a repeat: add `seen`, raise `last_seen`, if the signature is still `signature`.

    A touch changes no version, body or journal. One whose signature differs is a `Conflict`,
    and its alert takes the slow path.
    """

    kind: str
    id: str
    signature: int
    seen: int
    last_seen: int


@attrs.frozen
class Entry:
    """One journal row. `body` comes back byte for byte; redaction drops `body` and `salt`.

    `digest` covers salt and body, `hash` covers the predecessor's hash, the place and the digest.
    """

    stream: str
    seq: int
    at: int
    kind: str
    body: str | None
    salt: str | None
    digest: str
    hash: str


@attrs.frozen
class Task:
    """Work to be claimed: a timer, a reaction or a message.

    Of one `subject` only the first unsettled task (by `order`, then id) is ever handed out. A
    smaller `priority` goes first. Adding a task whose id exists replaces it: due again, unparked,
    its old token void.
    """

    id: TaskId
    queue: str
    subject: str
    order: int
    priority: int
    due_at: int
    channel: str
    body: str


@attrs.frozen
class Move:
    """Make a waiting or parked task due at another instant; a missing task is left missing."""

    id: TaskId
    due_at: int


@attrs.frozen
class KeyChange:
    """Compare-and-set of a unique key's owner: from `was` to `becomes` (None: no owner)."""

    space: str
    key: str
    was: str | None
    becomes: str | None


@attrs.frozen
class Done:
    """The task is finished and goes away; the next of its subject may be claimed."""


@attrs.frozen
class Again:
    """The task is to be tried again at `at` (microseconds), and why."""

    at: int
    why: str


@attrs.frozen
class Park:
    """The task is set aside for a person, and why; it blocks its subject no longer."""

    why: str


Outcome: TypeAlias = Done | Again | Park


@attrs.frozen
class Settle:
    """What became of a claimed task. Void when `token` is no longer the task's."""

    task: TaskId
    token: str
    outcome: Outcome


@attrs.frozen
class SearchText:
    """What is searched of one record, in four fields of falling weight.

    `title`, `keywords` and `body` replace what there was; with `title=None` they stay as they are.
    `notes` are added, each under the number of its journal entry, so that a redaction finds it;
    with `anew` all earlier ones are dropped first.
    """

    kind: str
    id: str
    title: str | None
    keywords: str = ""
    body: str = ""
    notes: tuple[tuple[int, str], ...] = ()
    anew: bool = False


@attrs.frozen
class Request:
    """A caller's request id, the fingerprint of its content and the result to replay."""

    id: str
    fingerprint: str
    result: str


@attrs.frozen
class Batch:
    """Everything that must become true together, or not at all.

    `now` (microseconds) is the caller's time; None means the store's own. A store that cannot
    search ignores `texts`; no refusal is ever about them.
    """

    tenant: TenantName
    now: int | None = None
    request: Request | None = None
    puts: tuple[Put, ...] = ()
    expects: tuple[Expect, ...] = ()
    touches: tuple[Touch, ...] = ()
    entries: tuple[Entry, ...] = ()
    tasks: tuple[Task, ...] = ()
    moves: tuple[Move, ...] = ()
    cancels: tuple[TaskId, ...] = ()
    keys: tuple[KeyChange, ...] = ()
    settles: tuple[Settle, ...] = ()
    texts: tuple[SearchText, ...] = ()


@attrs.frozen
class Committed:
    """The batch is durable. `replayed`: an earlier call with this request id did the work."""

    at: int
    result: str | None = None
    replayed: bool = False


@attrs.frozen
class ClaimedTask:
    """A task under lease. `tries` counts starts, `lapses` leases that ran out."""

    tenant: TenantName
    task: Task
    token: str
    tries: int
    lapses: int
    lease_until: int


@attrs.frozen
class Claimed:
    """The answer to a claim: the store's time, the tasks, and when it is worth asking again."""

    at: int
    tasks: tuple[ClaimedTask, ...]
    next_at: int | None


class TaskState(StrEnum):
    """Where a task stands in the queue."""

    READY = "ready"
    BLOCKED = "blocked"
    LEASED = "leased"
    PARKED = "parked"


@attrs.frozen
class QueuedTask:
    """A task as it stands, for people: `why` tells the reason of the last failure or parking."""

    task: Task
    state: TaskState
    next_at: int
    tries: int
    lapses: int
    why: str


@attrs.frozen
class TaskQuery:
    """Which tasks to list, by id order, after the id `after`."""

    queue: str | None = None
    subject: str | None = None
    state: TaskState | None = None
    after: str = ""
    limit: int = 100


@attrs.frozen
class Purged:
    """How much a purge removed."""

    requests: int
    entries: int


LAPSES_BEFORE_PARKING = 5
"""After so many leases that ran out, a task is parked: its handler kills its worker."""
