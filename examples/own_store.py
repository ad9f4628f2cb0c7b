"""Two stores of one's own, one on rows and one on keys, and one story on both.

The row store keeps its rows in any database with a DB-API driver (here Python's sqlite3); the key
store needs ordered keys and one atomic conditional write (here a dictionary).
"""

from __future__ import annotations

import sqlite3
import tempfile
import threading
from bisect import bisect_left, insort
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from incidentkit import Desk, KeyStore, ManualTime, RowStore
from incidentkit.errors import Retryable, StoreError
from incidentkit.ports.rows import KindSpec
from incidentkit.stores.rows import Collision, Rows
from incidentkit.stores.sql_rows import SqlRows
from incidentkit.stores.tables import FIXED_TABLES, TableSpec

TYPES = {
    "text": "TEXT NOT NULL",
    "maybe_text": "TEXT",
    "int64": "INTEGER NOT NULL",
    "bool": "INTEGER NOT NULL",
}


def statements(spec: TableSpec) -> Iterator[str]:
    columns = ", ".join(f'"{c.name}" {TYPES[c.stored]}' for c in spec.columns)
    key = ", ".join(f'"{name}"' for name in spec.key)
    yield f'CREATE TABLE IF NOT EXISTS "{spec.name}" ({columns}, PRIMARY KEY ({key}))'
    for number, index in enumerate(spec.indexes):
        names = ", ".join(f'"{name}"' for name in index)
        yield f'CREATE INDEX IF NOT EXISTS "{spec.name}_{number}" ON "{spec.name}" ({names})'


class OneWriterRows(SqlRows):
    serial = True  # writing transactions run one after the other


class ConnectionStore(RowStore):
    """The whole contract over one DB-API connection."""

    errors: ClassVar = {
        sqlite3.IntegrityError: Collision,  # another writer came between: run it again
        sqlite3.OperationalError: Retryable,  # locked, gone, not to be reached
        sqlite3.Error: StoreError,
    }

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.lock = threading.RLock()

    def declare(self, kinds: Sequence[KindSpec]) -> None:
        super().declare(kinds)
        specs = [x for kind in self.kinds.values() for x in (kind.record, kind.tally) if x]
        with self.translating(), self.lock:
            for spec in (*FIXED_TABLES, *specs):
                for statement in statements(spec):
                    self.db.execute(statement)

    @contextmanager
    def transaction(self, write: bool) -> Iterator[Rows]:
        with self.lock:
            self.db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield OneWriterRows(self.db.execute, sqlite3.IntegrityError)
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        super().close()
        self.db.close()


class DictStore(KeyStore):
    """The whole contract over sorted keys in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, tuple[str, int]] = {}
        self.order: list[str] = []
        self.stamp = 0
        self.lock = threading.Lock()

    def get(self, key: str) -> tuple[str, int] | None:
        with self.lock:
            return self.values.get(key)

    def scan(self, start: str, end: str, limit: int) -> Sequence[tuple[str, str, int]]:
        with self.lock:
            first, last = bisect_left(self.order, start), bisect_left(self.order, end)
            keys = self.order[first : min(last, first + limit)]
            return [(key, *self.values[key]) for key in keys]

    def write(
        self,
        expected: Mapping[str, int | None],
        puts: Mapping[str, str],
        deletes: Collection[str],
    ) -> bool:
        with self.lock:
            for key, version in expected.items():
                found = self.values.get(key)
                if (None if found is None else found[1]) != version:
                    return False
            self.stamp += 1  # one counter for all keys: no key ever gets an old version again
            for key, value in puts.items():
                if key not in self.values:
                    insort(self.order, key)
                self.values[key] = value, self.stamp
            for key in deletes:
                if self.values.pop(key, None) is not None:
                    self.order.remove(key)
            return True


def story(store: RowStore) -> list[str]:
    """What every store must give alike; a KeyStore is a RowStore, too."""
    time = ManualTime()
    with Desk.open(store=store, time=time, channels={"sms": lambda message: None}) as desk:
        inc = desk.declare("Disk full", impact="high", urgency="high", assign="ana", request="r-1")
        again = desk.declare(
            "Disk full", impact="high", urgency="high", assign="ana", request="r-1"
        )
        assert again.id == inc.id, "a request id makes a repeat harmless"
        for _ in range(3):
            desk.run_due()
            time.move(minutes=5)
        desk.acknowledge(inc, by="ana")
        desk.hold(inc, reason="vendor", court="ACME", by="ana")
        time.move(hours=1)
        desk.resume(inc, by="ana")
        desk.resolve(inc, by="ana", code="fixed", remedy="a larger disk")
        desk.run_due()
        desk.seal()
        assert desk.verify().problems == ()
        assert [found.ref for found in desk.find(state="resolved").items] == ["INC-1"]
        return [str(line) for line in desk.timeline(inc)]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = story(ConnectionStore(Path(folder) / "mine.db"))
    keys = story(DictStore())
    print("The story on a store of one's own:")
    print(*(f"  {line}" for line in rows), sep="\n")
    print(f"\nRows in a database and keys in a dictionary tell the same story: {rows == keys}")
    assert rows == keys


if __name__ == "__main__":
    main()
