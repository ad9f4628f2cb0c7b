"""What every store refuses alike, before it looks at a row: values no store could keep.

These are the caller's errors. Reading the batch once here keeps databases from answering in their
own words, each differently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from incidentkit.errors import InvalidValue, LimitExceeded
from incidentkit.ports.limits import ID_BYTES, NAME_BYTES, SPACE_BYTES, TENANT_BYTES
from incidentkit.ports.rows import (
    Again,
    Batch,
    Entry,
    Move,
    Put,
    Row,
    Settle,
    Task,
    TaskQuery,
    Touch,
)
from incidentkit.stores.filters import INT64_MAX, INT64_MIN, check_int, check_scalar
from incidentkit.stores.tables import Kind

Kinds = Mapping[str, Kind]
_SURE = NAME_BYTES // 4
"""Up to so many characters a name is surely short enough."""


def known(kinds: Kinds, name: str) -> Kind:
    """The declared kind of that name, or InvalidValue."""
    kind = kinds.get(name)
    if kind is None:
        declared = ", ".join(sorted(kinds)) or "none"
        raise InvalidValue("kind", f"{name!r} was not declared to this store; declared: {declared}")
    return kind


def check_batch(kinds: Kinds, batch: Batch) -> None:
    """Refuse a batch that contradicts itself or holds what no store could keep."""
    check_lengths(batch)
    if batch.now is not None:
        check_int("now", batch.now)
    if batch.puts:
        _check_puts(kinds, batch.puts)
    for expect in batch.expects:
        known(kinds, expect.kind)
        check_int("expected version", expect.version)
    if batch.touches:
        check_touches(kinds, batch.touches)
    if batch.entries:
        _check_entries(batch.entries)
    if batch.tasks or batch.moves or batch.cancels or batch.settles:
        _check_tasks(batch.tasks, batch.moves)
        check_settles(batch.settles)
    if len(batch.keys) > 1:
        _once("key", [(change.space, change.key) for change in batch.keys])


def check_length(field: str, text: str, most: int) -> None:
    """Refuse a name of more bytes than every store keeps."""
    # Up to four bytes a character, so that most names are not encoded for this.
    if len(text) * 4 > most and (size := len(text.encode("utf-8", "surrogatepass"))) > most:
        raise LimitExceeded(
            field, f"{text[:40]!r}... has {size} bytes in UTF-8; at most {most} are kept"
        )


def check_lengths(batch: Batch) -> None:
    """Refuse a batch with a name that is longer than every store keeps; see `ports.limits`."""
    check_length("tenant", batch.tenant, TENANT_BYTES)
    if batch.request is not None:
        check_length("request id", batch.request.id, ID_BYTES)
    for put in batch.puts:
        row = put.row
        check_length("id of a record", row.id, ID_BYTES)
        for value in row.columns:
            if isinstance(value, str) and len(value) > _SURE:
                check_length(f"a column of {row.kind} {row.id}", value, NAME_BYTES)
    for entry in batch.entries:
        if len(entry.stream) > _SURE:
            check_length("stream", entry.stream, NAME_BYTES)
    for task in batch.tasks:
        check_length("id of a task", task.id, ID_BYTES)
        check_length("queue of a task", task.queue, SPACE_BYTES)
        check_length("subject of a task", task.subject, ID_BYTES)
        check_length("channel of a task", task.channel, NAME_BYTES)
    for change in batch.keys:
        check_length("space of a key", change.space, SPACE_BYTES)
        check_length("key", change.key, ID_BYTES)
        if change.becomes is not None:
            check_length("owner of a key", change.becomes, ID_BYTES)


def _check_puts(kinds: Kinds, puts: Sequence[Put]) -> None:
    if len(puts) > 1:
        _once("put", [(put.row.kind, put.row.id) for put in puts])
    for put in puts:
        row = put.row
        kind = kinds.get(row.kind) or known(kinds, row.kind)
        if tuple(map(type, row.columns)) != kind.types:
            check_columns(kind, row)
        columns = row.columns
        if not 0 <= put.expected < row.version <= INT64_MAX:
            raise InvalidValue(
                "version",
                f"{row.kind} {row.id}: {row.version} must lie above the expected {put.expected}",
            )
        for place in kind.numbers:
            value = columns[place]
            if isinstance(value, str) or not INT64_MIN <= value <= INT64_MAX:
                check_columns(kind, row)
        if not INT64_MIN <= row.schema <= INT64_MAX:
            check_int("schema", row.schema)
        tally = row.tally
        if tally is not None:
            if kind.tally is None:
                raise InvalidValue("tally", f"kind {row.kind!r} was not declared touchable")
            for number in (tally.signature, tally.seen, tally.last_seen):
                if not INT64_MIN <= number <= INT64_MAX:
                    check_int("tally", number)


def check_columns(kind: Kind, row: Row) -> None:
    """Refuse columns other than the declared ones."""
    declared = kind.spec.columns
    if len(row.columns) != len(declared):
        raise InvalidValue(
            "columns", f"{row.kind} {row.id}: {len(row.columns)} given, {len(declared)} declared"
        )
    for column, value in zip(declared, row.columns, strict=True):
        check_scalar(f"{row.kind} {row.id}: column {column.name}", column.type, value)


def check_touches(kinds: Kinds, touches: Sequence[Touch]) -> None:
    """Refuse touches of kinds that carry no tally, and numbers out of range."""
    for name in {touch.kind for touch in touches}:
        if known(kinds, name).tally is None:
            raise InvalidValue("touch", f"kind {name!r} was not declared touchable")
    for numbers in (
        [touch.signature for touch in touches],
        [touch.seen for touch in touches],
        [touch.last_seen for touch in touches],
    ):
        check_int("touch", min(numbers))
        check_int("touch", max(numbers))


def _check_entries(entries: Sequence[Entry]) -> None:
    last: dict[str, int] = {}
    for entry in entries:
        stream, seq = entry.stream, entry.seq
        before = last.get(stream)
        if not 1 <= seq <= INT64_MAX or (before is not None and seq != before + 1):
            check_int("entry", seq)
            raise InvalidValue(
                "entries", f"{stream}: {seq} does not follow {before or 0}; entries are contiguous"
            )
        last[stream] = seq
        if not INT64_MIN <= entry.at <= INT64_MAX:
            check_int("entry", entry.at)


def _check_tasks(tasks: Sequence[Task], moves: Sequence[Move]) -> None:
    if len(tasks) > 1:
        _once("task", [task.id for task in tasks])
    for task in tasks:
        for number in (task.order, task.priority, task.due_at):
            if not INT64_MIN <= number <= INT64_MAX:
                check_int(f"task {task.id}", number)
    for move in moves:
        check_int(f"task {move.id}", move.due_at)


def check_settles(settles: Sequence[Settle]) -> None:
    """Refuse one task settled twice, and instants out of range."""
    if len(settles) > 1:
        _once("settle", [settle.task for settle in settles])
    for settle in settles:
        if isinstance(settle.outcome, Again):
            check_int(f"task {settle.task}", settle.outcome.at)


def check_claim(now: int | None, lease: int, limit: int) -> None:
    """Refuse a claim that could hand out nothing, or for no time."""
    if now is not None:
        check_int("now", now)
    at_least("lease", lease, 1)
    at_least("limit", limit, 1)


def check_task_query(query: TaskQuery) -> None:
    """Refuse a listing of nothing."""
    at_least("limit", query.limit, 1)


def at_least(field: str, value: int, least: int) -> None:
    """Refuse a number below the least, or beyond 64 bits."""
    if value < least:
        raise InvalidValue(field, f"{value} is less than {least}")
    check_int(field, value)


def _once(what: str, names: Iterable[object]) -> None:
    seen: set[object] = set()
    add: Callable[[object], None] = seen.add
    for name in names:
        if name in seen:
            raise InvalidValue(what, f"{name!r} appears twice in one batch")
        add(name)
