"""Judging a batch by reading: the same order and the same reasons on every store.

Replay comes first, then `RequestReused`, `StaleToken`, `Conflict`, `KeyTaken`. Everything is read
before anything is written, so a refused batch has written nothing. Rows and keys are read in sorted
order, and locked where the store locks, so that two batches never wait for each other in a circle.
"""

from __future__ import annotations

from incidentkit.errors import Conflict, KeyTaken, RequestReused, StaleToken, StoreError
from incidentkit.ports.rows import Batch, Committed
from incidentkit.stores import queueing
from incidentkit.stores.edge import Kinds
from incidentkit.stores.rows import Collision, Rows
from incidentkit.stores.tables import JOURNAL, KEY, PURGED, REQUEST


def judge(rows: Rows, kinds: Kinds, batch: Batch, at: int) -> Committed | None:
    """The first result if this is a replay, None if the batch may be applied, or the refusal."""
    replayed = _replay(rows, batch, at)
    if replayed is None:
        try:
            _refuse(rows, kinds, batch)
        except StoreError:
            # Where transactions see each other's commits, the first call with this very request
            # id may have come between, and be what the refusal is about.
            if not rows.serial and _replay(rows, batch, at) is not None:
                raise Collision("the request was committed meanwhile") from None
            raise
    return replayed


def _replay(rows: Rows, batch: Batch, at: int) -> Committed | None:
    request = batch.request
    if request is None:
        return None
    before = rows.get(REQUEST, (batch.tenant, request.id))
    if before is None:
        return None
    if before["fingerprint"] != request.fingerprint:
        raise RequestReused(request.id)
    # The present time, not the first commit's: callers set their clocks by it.
    return Committed(at, before["result"], True)


def _refuse(rows: Rows, kinds: Kinds, batch: Batch) -> None:
    tenant = batch.tenant
    if batch.settles:
        void = queueing.stale(rows, tenant, batch.settles)
        if void:
            raise StaleToken(void)
    changed = _versions(rows, kinds, batch)
    _signatures(rows, kinds, batch, changed)
    _streams(rows, kinds, batch, changed)
    if changed:
        raise Conflict(tuple(sorted((*ref, version) for ref, version in changed.items())))
    taken: list[tuple[str, str, str | None]] = []
    for change in sorted(batch.keys, key=lambda each: (each.space, each.key)):
        found = rows.get(KEY, (tenant, change.space, change.key), lock=True)
        owner = None if found is None else found["owner"]
        if owner != change.was:
            taken.append((change.space, change.key, owner))
    if taken:
        raise KeyTaken(tuple(taken))


_Changed = dict[tuple[str, str], int]


def version_of(rows: Rows, kinds: Kinds, tenant: str, kind: str, name: str) -> int:
    """The version a record stands at, locked; 0 when there is none."""
    found = rows.get(kinds[kind].record, (tenant, name), lock=True)
    return 0 if found is None else int(found["version"])


def _versions(rows: Rows, kinds: Kinds, batch: Batch) -> _Changed:
    wanted = [(put.row.kind, put.row.id, put.expected) for put in batch.puts]
    wanted += [(expect.kind, expect.id, expect.version) for expect in batch.expects]
    changed: _Changed = {}
    for kind, name, expected in sorted(wanted):
        if expected == 0 and not rows.serial:
            # What is absent cannot be locked, so those who rely on it meet at a guard.
            rows.guard(batch.tenant, f"record {kind}/{name}")
        version = version_of(rows, kinds, batch.tenant, kind, name)
        if version != expected:
            changed[kind, name] = version
    return changed


def _signatures(rows: Rows, kinds: Kinds, batch: Batch, changed: _Changed) -> None:
    wanted = {(touch.kind, touch.id, touch.signature) for touch in batch.touches}
    for kind, name, signature in sorted(wanted):
        table = kinds[kind].tally
        found = None if table is None else rows.get(table, (batch.tenant, name), lock=True)
        if found is None or found["signature"] != signature:
            changed[kind, name] = version_of(rows, kinds, batch.tenant, kind, name)


def _streams(rows: Rows, kinds: Kinds, batch: Batch, changed: _Changed) -> None:
    first: dict[str, int] = {}
    for entry in batch.entries:
        first.setdefault(entry.stream, entry.seq)
    for stream, seq in sorted(first.items()):
        last = last_seq(rows, batch.tenant, stream)
        if seq != last + 1:
            kind, _, name = stream.partition("/")
            if kind in kinds:
                last = version_of(rows, kinds, batch.tenant, kind, name)
            changed[kind, name] = last


def last_seq(rows: Rows, tenant: str, stream: str) -> int:
    """Where the stream stands, its purged entries included."""
    equal = {"tenant": tenant, "stream": stream}
    found = rows.scan(JOURNAL, equal, ("seq",), 1, descending=True)
    if found:
        return int(found[0]["seq"])
    purged = rows.get(PURGED, (tenant, stream))
    return 0 if purged is None else int(purged["seq"])
