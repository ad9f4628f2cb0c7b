"""The success of a batch in straight-line SQL.

Nearly every batch succeeds, so nothing is read that a write's row count can tell. At the first
surprise this gives up with None: the caller rolls back, and the judging path finds the reason by
reading. So no refusal is ever decided here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from incidentkit.errors import InvalidValue
from incidentkit.ports.rows import Batch, Committed, Done, Entry, Put, Row, Settle, Task, Touch
from incidentkit.stores import queueing
from incidentkit.stores.edge import check_columns, check_lengths
from incidentkit.stores.rows import Collision
from incidentkit.stores.sql_rows import SqlRows
from incidentkit.stores.sqlite import searching
from incidentkit.stores.sqlite.remembered import Remembered
from incidentkit.stores.sqlite.statements import KEY_ADD, NEXT_ENTRY, KindSql

_REQUEST = "INSERT INTO request (tenant, id, fingerprint, result, at) VALUES (?, ?, ?, ?, ?)"
_ENTRY = (
    "INSERT INTO journal (tenant, stream, seq, at, kind, body, salt, digest, hash) "
    "SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ? = 1 + coalesce("
    "(SELECT max(seq) FROM journal WHERE tenant = ? AND stream = ?), "
    "(SELECT seq FROM purged WHERE tenant = ? AND stream = ?), 0)"
)
_KEY_SET = "UPDATE key SET owner = ? WHERE tenant = ? AND space = ? AND key = ? AND owner = ?"
_KEY_DROP = "DELETE FROM key WHERE tenant = ? AND space = ? AND key = ? AND owner = ?"
_HEAD = (
    "SELECT state, ord, id FROM task WHERE tenant = ? AND subject = ? "
    "AND state IN ('ready', 'leased') LIMIT 1"
)
_TASK_AGAIN = (
    "UPDATE task SET queue = ?, priority = ?, due_at = ?, channel = ?, body = ?, next_at = ?, "
    "tries = 0, lapses = 0, why = '' "
    "WHERE tenant = ? AND id = ? AND subject = ? AND ord = ? AND state IN ('ready', 'blocked')"
)
_TASK_ADD = (
    "INSERT INTO task (tenant, id, queue, subject, ord, priority, due_at, channel, body, state, "
    "next_at, token, tries, lapses, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, 0, '') "
    "ON CONFLICT (tenant, id) DO NOTHING"
)
_TASK_DONE = (
    "DELETE FROM task WHERE tenant = ? AND id = ? AND state = 'leased' AND token = ? "
    "RETURNING subject"
)
_PROMOTE = (
    "UPDATE task SET state = 'ready' WHERE tenant = ? AND id = (SELECT id FROM task "
    "WHERE tenant = ? AND subject = ? AND state = 'blocked' ORDER BY ord, id LIMIT 1)"
)
SURPRISES = (
    KeyError,  # a kind that was not declared
    InvalidValue,
    OverflowError,
    UnicodeEncodeError,
    sqlite3.IntegrityError,
    Collision,
)
"""What a write may run into that only the judging path can name."""


def _entry(tenant: str, e: Entry) -> tuple[object, ...]:
    """The values of `_ENTRY`, some twice: Python 3.12 warns of numbered ones in a sequence."""
    return (
        tenant, e.stream, e.seq, e.at, e.kind, e.body, e.salt, e.digest, e.hash,
        e.seq, tenant, e.stream, tenant, e.stream,
    )  # fmt: skip


class Swift:
    """The straight path over one connection; a transaction is open."""

    def __init__(
        self,
        db: sqlite3.Connection,
        rows: SqlRows,
        kinds: Mapping[str, KindSql],
        remembered: Remembered,
    ) -> None:
        self._execute: Callable[[str, Sequence[Any]], sqlite3.Cursor] = db.execute
        self._many = db.executemany
        self._rows = rows
        self._kinds = kinds
        self._remembered = remembered
        self.searching: bool = searching.able(db)

    def commit(self, batch: Batch, at: int) -> Committed | None:
        """Write the batch, or None at the first surprise."""
        execute, tenant, kinds = self._execute, batch.tenant, self._kinds
        try:
            check_lengths(batch)
            request = batch.request
            if request is not None:
                execute(_REQUEST, (tenant, request.id, request.fingerprint, request.result, at))
            for expect in batch.expects:
                found = execute(kinds[expect.kind].version, (tenant, expect.id)).fetchone()
                if (0 if found is None else found[0]) != expect.version:
                    return None
            if batch.touches and not self._touch(tenant, batch.touches):
                return None
            puts = batch.puts
            if len(puts) > 1 and len({(p.row.kind, p.row.id) for p in puts}) != len(puts):
                return None
            for put in puts:
                if not self.put(tenant, put):
                    return None
            entries = batch.entries
            if len(entries) == 1:
                if execute(_ENTRY, _entry(tenant, entries[0])).rowcount != 1:
                    return None
            elif entries and not self._entries(tenant, entries):
                return None
            if batch.keys and not self._keys(batch):
                return None
            if batch.texts and self.searching:
                for text in batch.texts:
                    searching.write(execute, tenant, text)
            queued = batch.tasks or batch.settles or batch.moves or batch.cancels
            if queued and not self._tasks(batch):
                return None
        except SURPRISES:
            return None
        return Committed(at, None if request is None else request.result)

    def put(self, tenant: str, put: Put) -> bool:
        """Write one record; False where it does not stand as expected."""
        row, expected = put.row, put.expected
        kind = self._kinds[row.kind]
        if tuple(map(type, row.columns)) != kind.kind.types:
            check_columns(kind.kind, row)
        if not 0 <= expected < row.version:
            return False
        columns, address = row.columns, (tenant, row.kind, row.id)
        if expected:
            before = self._remembered.at(address, expected)
            if before is None:
                # Its two pages are needed for the update anyway; those of twenty indexes are not.
                before = self._execute(kind.columns, (tenant, row.id, expected)).fetchone()
                if before is None:
                    return False
            changed = tuple([n for n, value in enumerate(columns) if value != before[n]])
            values = (
                row.version, row.schema, row.head, *[columns[n] for n in changed], row.body,
                tenant, row.id, expected,
            )  # fmt: skip
            if self._execute(kind.update_of(changed), values).rowcount != 1:
                return False
        else:
            self._execute(kind.insert, kind.line(tenant, row))
        self.stage(tenant, row)
        added = row.tally
        if added is not None:
            if not kind.touchable:
                return False
            self._execute(
                kind.count, (tenant, row.id, added.signature, added.seen, added.last_seen)
            )
        return True

    def stage(self, tenant: str, row: Row) -> None:
        """Remember what a written row's columns are."""
        self._remembered.stage((tenant, row.kind, row.id), row.version, row.columns)

    def _entries(self, tenant: str, entries: Sequence[Entry]) -> bool:
        """Where a stream begins is looked up; what follows in the same stream is just counted on.

        The look-up costs as much as the row itself, and most batches write to one stream.
        """
        firsts: list[tuple[object, ...]] = []
        rest: list[tuple[object, ...]] = []
        last: Entry | None = None
        for e in entries:
            if last is not None and e.stream == last.stream:
                if e.seq != last.seq + 1:
                    return False
                rest.append(
                    (tenant, e.stream, e.seq, e.at, e.kind, e.body, e.salt, e.digest, e.hash)
                )
            else:
                firsts.append(_entry(tenant, e))
            last = e
        if len({line[1] for line in firsts}) != len(firsts):
            # A stream that is left and taken up again: every row is looked up, in its order.
            lines = [_entry(tenant, e) for e in entries]
            return self._many(_ENTRY, lines).rowcount == len(lines)
        if self._many(_ENTRY, firsts).rowcount != len(firsts):
            return False
        if rest:
            _ = self._many(NEXT_ENTRY, rest)
        return True

    def _touch(self, tenant: str, touches: Sequence[Touch]) -> bool:
        first = touches[0].kind
        by_kind: dict[str, list[tuple[int, int, str, str, int]]] = {}
        lines = [
            (t.seen, t.last_seen, tenant, t.id, t.signature) for t in touches if t.kind == first
        ]
        by_kind[first] = lines
        if len(lines) != len(touches):
            for t in touches:
                if t.kind != first:
                    line = (t.seen, t.last_seen, tenant, t.id, t.signature)
                    by_kind.setdefault(t.kind, []).append(line)
        for name, lines in by_kind.items():
            kind = self._kinds[name]
            if not kind.touchable:
                return False
            if self._many(kind.touch, lines).rowcount != len(lines):
                return False
        return True

    def _keys(self, batch: Batch) -> bool:
        tenant, names = batch.tenant, set[tuple[str, str]]()
        for key in batch.keys:
            names.add((key.space, key.key))
            if key.was is None:
                if key.becomes is None:
                    return False
                self._execute(KEY_ADD, (tenant, key.space, key.key, key.becomes))
                continue
            if key.becomes is None:
                done = self._execute(_KEY_DROP, (tenant, key.space, key.key, key.was))
            else:
                done = self._execute(_KEY_SET, (key.becomes, tenant, key.space, key.key, key.was))
            if done.rowcount != 1:
                return False
        return len(names) == len(batch.keys)

    def _tasks(self, batch: Batch) -> bool:
        tenant = batch.tenant
        for each in batch.settles:
            if not self.settle(tenant, each):
                return False
        for name in batch.cancels:
            queueing.cancel(self._rows, tenant, name)
        for wanted in batch.moves:
            queueing.move(self._rows, tenant, wanted)
        tasks = batch.tasks
        if len(tasks) > 1 and len({task.id for task in tasks}) != len(tasks):
            return False
        for task in tasks:
            self._add(tenant, task)
        return True

    def settle(self, tenant: str, each: Settle) -> bool:
        """Settle one task; False when its token is void."""
        if not isinstance(each.outcome, Done):
            return queueing.settle(self._rows, tenant, each)
        # Fetched to the end: an open RETURNING would keep the statement, and the commit, waiting.
        gone = self._execute(_TASK_DONE, (tenant, each.task, each.token)).fetchall()
        if not gone:
            return False
        # The head was under lease, so nothing of its subject is ready: the first blocked one is.
        self._execute(_PROMOTE, (tenant, tenant, gone[0][0]))
        return True

    def _add(self, tenant: str, task: Task) -> None:
        head = self._execute(_HEAD, (tenant, task.subject)).fetchone()
        state = "ready"
        if head is not None:
            if head[2] == task.id:
                again = (
                    task.queue, task.priority, task.due_at, task.channel, task.body, task.due_at,
                    tenant, task.id, task.subject, task.order,
                )  # fmt: skip
                if self._execute(_TASK_AGAIN, again).rowcount != 1:
                    queueing.add(self._rows, tenant, task)
                return
            if head[0] == "ready" and (task.order, task.id) < (head[1], head[2]):
                queueing.add(self._rows, tenant, task)
                return
            state = "blocked"
        fresh = (
            tenant, task.id, task.queue, task.subject, task.order, task.priority, task.due_at,
            task.channel, task.body, state, task.due_at,
        )  # fmt: skip
        if self._execute(_TASK_ADD, fresh).rowcount != 1:
            queueing.add(self._rows, tenant, task)
