"""Writing what was judged: every write is a compare-and-set, and none may fail.

One that fails all the same means that another transaction came between: the whole transaction is
rolled back and judged again.
"""

from __future__ import annotations

from typing import Any

from incidentkit.ids import TenantName
from incidentkit.ports.rows import Batch, Committed, Entry, KeyChange, Put, Row, Tally, Touch
from incidentkit.stores import queueing
from incidentkit.stores.edge import Kinds
from incidentkit.stores.judging import last_seq
from incidentkit.stores.rows import Rows, Stored, require, select
from incidentkit.stores.tables import (
    COLUMN_PREFIX,
    COUNTER,
    JOURNAL,
    KEY,
    PURGED,
    REQUEST,
    Kind,
    TableSpec,
)

_ALWAYS: Stored = {}


def apply(rows: Rows, kinds: Kinds, batch: Batch, at: int) -> Committed:
    """Write the whole batch; it was judged in this very transaction."""
    tenant, request = batch.tenant, batch.request
    if request is not None:
        stored = {
            "tenant": tenant, "id": request.id, "fingerprint": request.fingerprint,
            "result": request.result, "at": at,
        }  # fmt: skip
        require(rows.insert(REQUEST, stored))
    for touch in sorted(batch.touches, key=lambda each: (each.kind, each.id)):
        table = kinds[touch.kind].tally
        if table is not None:
            _touch(rows, table, tenant, touch)
    for put in sorted(batch.puts, key=lambda each: (each.row.kind, each.row.id)):
        _put(rows, kinds[put.row.kind], tenant, put)
    for entry in batch.entries:
        require(rows.insert(JOURNAL, entry_values(tenant, entry)))
    for change in sorted(batch.keys, key=lambda each: (each.space, each.key)):
        _change_key(rows, tenant, change)
    queueing.apply(rows, batch)
    return Committed(at, None if request is None else request.result)


def _touch(rows: Rows, table: TableSpec, tenant: str, touch: Touch) -> None:
    found = rows.get(table, (tenant, touch.id), lock=True)
    require(found is not None)
    if found is not None:
        changes = {
            "seen": found["seen"] + touch.seen,
            "last_seen": max(found["last_seen"], touch.last_seen),
        }
        where = {"signature": touch.signature, "seen": found["seen"]}
        require(rows.update(table, (tenant, touch.id), changes, where))


def record_values(kind: Kind, row: Row) -> dict[str, Any]:
    """What is stored of a record beside its key."""
    values: dict[str, Any] = {
        "version": row.version, "schema": row.schema, "head": row.head, "body": row.body,
    }  # fmt: skip
    for column, value in zip(kind.spec.columns, row.columns, strict=True):
        values[COLUMN_PREFIX + column.name] = value
    return values


def row_of(kind: Kind, record: Stored, tally: Stored | None) -> Row:
    """The row that was stored."""
    columns = tuple(
        python(record[COLUMN_PREFIX + column.name])
        for column, python in zip(kind.spec.columns, kind.types, strict=True)
    )
    counted = None
    if tally is not None:
        counted = Tally(tally["signature"], tally["seen"], tally["last_seen"])
    return Row(
        kind.spec.name, record["id"], record["version"], record["schema"], record["head"],
        columns, record["body"], counted,
    )  # fmt: skip


def _put(rows: Rows, kind: Kind, tenant: str, put: Put) -> None:
    row = put.row
    key = (tenant, row.id)
    values = record_values(kind, row)
    if put.expected == 0:
        require(rows.insert(kind.record, {"tenant": tenant, "id": row.id, **values}))
    else:
        require(rows.update(kind.record, key, values, {"version": put.expected}))
    added = row.tally
    if added is None or kind.tally is None:
        return
    found = rows.get(kind.tally, key, lock=True)
    changes = {
        "signature": added.signature, "seen": added.seen, "last_seen": added.last_seen,
    }  # fmt: skip
    if found is None:
        require(rows.insert(kind.tally, {"tenant": tenant, "id": row.id, **changes}))
        return
    changes["seen"] += found["seen"]
    changes["last_seen"] = max(added.last_seen, found["last_seen"])
    require(rows.update(kind.tally, key, changes, {"seen": found["seen"]}))


def _change_key(rows: Rows, tenant: str, change: KeyChange) -> None:
    key = (tenant, change.space, change.key)
    if change.was is None:
        if change.becomes is not None:
            stored = dict(zip(KEY.names, (*key, change.becomes), strict=True))
            require(rows.insert(KEY, stored))
    elif change.becomes is None:
        require(rows.delete(KEY, key, {"owner": change.was}))
    else:
        require(rows.update(KEY, key, {"owner": change.becomes}, {"owner": change.was}))


def entry_values(tenant: str, entry: Entry) -> dict[str, Any]:
    """One journal row as it is stored."""
    return {
        "tenant": tenant, "stream": entry.stream, "seq": entry.seq, "at": entry.at,
        "kind": entry.kind, "body": entry.body, "salt": entry.salt, "digest": entry.digest,
        "hash": entry.hash,
    }  # fmt: skip


def entry_of(row: Stored) -> Entry:
    """The entry that was stored."""
    return Entry(
        row["stream"], row["seq"], row["at"], row["kind"], row["body"], row["salt"],
        row["digest"], row["hash"],
    )  # fmt: skip


def draw(rows: Rows, tenant: TenantName, series: str, n: int) -> range:
    """The next `n` numbers of a series."""
    key = (tenant, series)
    found = rows.get(COUNTER, key, lock=True)
    first = 1 if found is None else int(found["next"])
    if found is None:
        require(rows.insert(COUNTER, {"tenant": tenant, "series": series, "next": first + n}))
    else:
        require(rows.update(COUNTER, key, {"next": first + n}, {"next": first}))
    return range(first, first + n)


def redact(rows: Rows, tenant: TenantName, stream: str, seqs: list[int]) -> int:
    """Drop body and salt of these entries, keep what the chain needs."""
    dropped = 0
    for seq in seqs:
        key = (tenant, stream, seq)
        found = rows.get(JOURNAL, key, lock=True)
        if found is not None and found["body"] is not None:
            require(rows.update(JOURNAL, key, {"body": None, "salt": None}, _ALWAYS))
            dropped += 1
    return dropped


def forget_requests(rows: Rows, tenant: TenantName, before: int) -> int:
    """Remove requests committed before that instant."""
    old: list[str] = []
    for row in select(rows, REQUEST, {"tenant": tenant}, ("at", "id")):
        if row["at"] >= before:
            break
        old.append(row["id"])
    for name in old:
        require(rows.delete(REQUEST, (tenant, name), _ALWAYS))
    return len(old)


def forget_entries(rows: Rows, tenant: TenantName, stream: str, before: int) -> int:
    """Remove the entries of a stream before that instant, and note where the stream stands."""
    last = last_seq(rows, tenant, stream)
    old: list[int] = []
    for row in select(rows, JOURNAL, {"tenant": tenant, "stream": stream}, ("seq",)):
        if row["at"] >= before:
            break
        old.append(row["seq"])
    if not old:
        return 0
    key = (tenant, stream)
    noted = rows.get(PURGED, key, lock=True)
    if noted is None:
        require(rows.insert(PURGED, {"tenant": tenant, "stream": stream, "seq": last}))
    else:
        require(rows.update(PURGED, key, {"seq": last}, {"seq": noted["seq"]}))
    for seq in old:
        require(rows.delete(JOURNAL, (tenant, stream, seq), _ALWAYS))
    return len(old)
