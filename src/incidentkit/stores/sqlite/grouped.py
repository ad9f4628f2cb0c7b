"""The success of a group of plain batches, written table by table.

An import writes hundreds of new records in one durable commit. Batch by batch most of that time
goes into calling SQLite, so what a group says about one table goes there in one call. Plain is a
batch that only puts records, with their entries, new keys and texts. As on the straight path,
the first surprise ends it with None, and nothing is refused here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from incidentkit.ports.rows import Batch, Entry, KeyChange, Put
from incidentkit.stores.edge import check_columns, check_lengths
from incidentkit.stores.sqlite import searching
from incidentkit.stores.sqlite.statements import KEY_ADD, NEXT_ENTRY, KindSql
from incidentkit.stores.sqlite.swift import SURPRISES, Swift

_HEADS = (
    "SELECT value, coalesce((SELECT max(seq) FROM journal WHERE tenant = ?1 AND stream = value), "
    "(SELECT seq FROM purged WHERE tenant = ?1 AND stream = value), 0) FROM json_each(?2)"
)


def plain(batch: Batch) -> bool:
    """Whether a batch does nothing that must be seen before the next one is written."""
    return not (
        batch.request
        or batch.expects
        or batch.touches
        or batch.tasks
        or batch.moves
        or batch.cancels
        or batch.settles
    )


class Grouped:
    """The path of a group over one connection; a transaction is open."""

    def __init__(self, db: sqlite3.Connection, kinds: Mapping[str, KindSql], swift: Swift) -> None:
        self._db = db
        self._kinds = kinds
        self._swift = swift

    def commit(self, batches: Sequence[Batch]) -> bool:
        """Write all batches; False at the first surprise, and where they are not plain."""
        tenant = batches[0].tenant
        for batch in batches:
            if batch.tenant != tenant or not plain(batch):
                return False
        try:
            for batch in batches:
                check_lengths(batch)
            return (
                self._puts(tenant, [put for batch in batches for put in batch.puts])
                and self._entries(tenant, [each for batch in batches for each in batch.entries])
                and self._keys(tenant, [key for batch in batches for key in batch.keys])
                and self._texts(tenant, batches)
            )
        except SURPRISES:
            return False

    def _puts(self, tenant: str, puts: Sequence[Put]) -> bool:
        if len({(put.row.kind, put.row.id) for put in puts}) != len(puts):
            return False
        fresh: dict[str, list[tuple[object, ...]]] = {}
        for put in puts:
            row = put.row
            if put.expected or row.tally is not None:
                if not self._swift.put(tenant, put):
                    return False
                continue
            kind = self._kinds[row.kind]
            if tuple(map(type, row.columns)) != kind.kind.types:
                check_columns(kind.kind, row)
            if row.version < 1:
                return False
            fresh.setdefault(kind.insert, []).append(kind.line(tenant, row))
            self._swift.stage(tenant, row)
        for insert, lines in fresh.items():
            _ = self._db.executemany(insert, lines)
        return True

    def _entries(self, tenant: str, entries: Sequence[Entry]) -> bool:
        """Where each stream begins is looked up for all at once; the rest is counted on."""
        firsts: dict[str, int] = {}
        lasts: dict[str, int] = {}
        lines: list[tuple[object, ...]] = []
        for e in entries:
            last = lasts.get(e.stream)
            if last is None:
                firsts[e.stream] = e.seq - 1
            elif e.seq != last + 1:
                return False
            lasts[e.stream] = e.seq
            lines.append((tenant, e.stream, e.seq, e.at, e.kind, e.body, e.salt, e.digest, e.hash))
        if firsts:
            found = self._db.execute(_HEADS, (tenant, json.dumps([*firsts]))).fetchall()
            if dict(found) != firsts:
                return False
            _ = self._db.executemany(NEXT_ENTRY, lines)
        return True

    def _keys(self, tenant: str, keys: Sequence[KeyChange]) -> bool:
        lines: list[tuple[str, str, str, str]] = []
        for key in keys:
            if key.was is not None or key.becomes is None:
                return False
            lines.append((tenant, key.space, key.key, key.becomes))
        if lines:
            _ = self._db.executemany(KEY_ADD, lines)
        return True

    def _texts(self, tenant: str, batches: Sequence[Batch]) -> bool:
        if self._swift.searching:
            for batch in batches:
                for text in batch.texts:
                    searching.write(self._db.execute, tenant, text)
        return True
