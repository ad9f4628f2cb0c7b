"""The effects a flow may ask for. This is all of them; plugins add none.

A value comes back only through `yield from`, so that type checkers know what it is; a bare `yield`
would make it untyped without a word. See ADR 1.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

import attrs

from incidentkit.model.delivery import Message, SendResult
from incidentkit.model.journal import JournalEntry, Recorded
from incidentkit.ports.query import Cursor, Query
from incidentkit.ports.rows import (
    KeyChange,
    Move,
    QueuedTask,
    Request,
    Settle,
    Task,
    TaskQuery,
    Touch,
)

if TYPE_CHECKING:
    from collections.abc import Sequence  # noqa: F401

    from incidentkit.ports.audit import Attended, QueueState  # noqa: F401
    from incidentkit.ports.rows import Scalar  # noqa: F401
    from incidentkit.ports.search import TextPage, TextQuery  # noqa: F401

T = TypeVar("T")
R_co = TypeVar("R_co", covariant=True)


class Effect(Generic[R_co]):
    """Something only the driver can do. `yield from effect` gives what it brings back."""

    __slots__ = ()

    def __iter__(self) -> Generator[Effect[object], object, R_co]:
        """Hand the effect to the driver and come back with its value."""
        return cast("R_co", (yield self))


Flow: TypeAlias = Generator[Effect[object], object, T]
"""A use case: a generator that yields effects and returns a T."""


@attrs.frozen(eq=False, repr=False)
class Kind(Generic[T]):
    """The name of a kind of record, typed by what it decodes to."""

    name: str


@attrs.frozen
class Found(Generic[T]):
    """A page of records that a Find brought back, and the cursor of the next page."""

    items: tuple[T, ...]
    next: Cursor | None


@attrs.frozen(eq=False, repr=False)
class Load(Effect[tuple[T | None, ...]], Generic[T]):
    """Records by id, in the order asked; None where there is none."""

    kind: Kind[T]
    ids: tuple[str, ...]


@attrs.frozen(eq=False, repr=False)
class Owners(Effect[tuple[str | None, ...]]):
    """Who owns these unique keys, in the order asked."""

    space: str
    keys: tuple[str, ...]


@attrs.frozen(eq=False, repr=False)
class History(Effect[tuple[JournalEntry, ...]]):
    """The journal of one record, from its beginning or after a number."""

    kind: str
    id: str
    after: int = 0
    limit: int = 1000


@attrs.frozen(eq=False, repr=False)
class Find(Effect[Found[T]], Generic[T]):
    """One page of records by a query; `scoped` says whose scope has been put into it."""

    kind: Kind[T]
    query: Query


@attrs.frozen(eq=False, repr=False)
class Count(Effect[int]):
    """How many records a query holds."""

    query: Query


@attrs.frozen(eq=False, repr=False)
class Search(Effect["TextPage | None"]):
    """One page of records found by their words; None where the store cannot search."""

    query: TextQuery


@attrs.frozen(eq=False, repr=False)
class Tally(Effect["dict[Scalar, int] | None"]):
    """How many records a query holds for each value of a column; None where the store cannot."""

    query: Query
    column: str


@attrs.frozen(eq=False, repr=False)
class Unattended(Effect["Sequence[str] | None"]):
    """Ids of records that lack the task they must have; None where the store cannot compare."""

    wanted: Attended


@attrs.frozen(eq=False, repr=False)
class Queued(Effect["QueueState | None"]):
    """How the tenant's queue stands at an instant in microseconds; None where it cannot say."""

    now: int


@attrs.frozen(eq=False, repr=False)
class Tasks(Effect[tuple[QueuedTask, ...]]):
    """Tasks of the tenant's queue as they stand."""

    query: TaskQuery


@attrs.frozen(eq=False, repr=False)
class Ask(Effect[T], Generic[T]):
    """A question to somebody outside: the directory or the authoriser."""

    question: Question[T]


class Question(Generic[T]):
    """The base of questions; each subclass is answered by one port."""

    __slots__ = ()


@attrs.frozen
class Head:
    """The end of a stream as its record states it: its last number and hash."""

    stream: str
    seq: int
    hash: str


@attrs.frozen(eq=False, repr=False)
class HeadPage:
    """Heads in order of change, and the cursor of the next page."""

    heads: tuple[Head, ...]
    next: Cursor | None


@attrs.frozen(eq=False, repr=False)
class Heads(Effect[HeadPage]):
    """One page of heads of a kind's records that changed at or after `since` (microseconds)."""

    kind: str
    since: int
    after: Cursor | None = None


@attrs.frozen(eq=False, repr=False)
class Inspection:
    """One page of a stream was checked: how many entries, where it ends, what is wrong if so."""

    entries: int
    head: Head
    problem: str


@attrs.frozen(eq=False, repr=False)
class Inspect(Effect[Inspection]):
    """Check one page of a stream's chain that begins after `start`.

    `marks` are heads that the stream must have had where this page reaches them.
    """

    start: Head
    marks: tuple[Head, ...] = ()


class Now(Effect[datetime]):
    """What time it is."""

    __slots__ = ()


class NewId(Effect[str]):
    """A fresh id that sorts by time."""

    __slots__ = ()


class NewToken(Effect[str]):
    """A fresh secret that nobody can guess."""

    __slots__ = ()


@attrs.frozen(eq=False, repr=False)
class NewNumber(Effect[int]):
    """The next number of a series, such as INC."""

    series: str


@attrs.frozen(eq=False, repr=False)
class Change(Generic[T]):
    """A record as it is to stand, and the entries that made it so.

    The driver knows at which version it was loaded; a record never loaded must not exist yet.
    `changed_at` is when it counts as changed, where its entries tell of a time long past: a seal
    looks for what changed since the last one.
    """

    kind: Kind[T]
    value: T
    recorded: tuple[Recorded, ...]
    changed_at: datetime | None = None


@attrs.frozen(eq=False, repr=False)
class Commit(Effect[Any]):
    """Everything this flow makes true, at once. Nothing follows it.

    `reads` are records (kind, id) the decision rests on without writing them: they must stand
    unchanged. The commit brings back `result`, or the first result when the request is replayed.
    """

    changes: tuple[Change[Any], ...] = ()
    reads: tuple[tuple[str, str], ...] = ()
    touches: tuple[Touch, ...] = ()
    tasks: tuple[Task, ...] = ()
    moves: tuple[Move, ...] = ()
    cancels: tuple[str, ...] = ()
    keys: tuple[KeyChange, ...] = ()
    settles: tuple[Settle, ...] = ()
    request: Request | None = None


@attrs.frozen(eq=False, repr=False)
class Drop(Effect[int]):
    """Drop the content of these entries of a stream for ever, keep their digests; how many.

    Done again it drops nothing more, so that a flow which meets a conflict may do it twice.
    """

    stream: str
    seqs: tuple[int, ...]


@attrs.frozen(eq=False, repr=False)
class Send(Effect[SendResult]):
    """Hand a claimed message to its channel. Only the deliver flow may."""

    message: Message
