"""One run of one flow: each effect becomes one call of a port, and its answer becomes a value.

Both drivers use this file, so they cannot disagree. A session remembers at which version and head
each record was loaded; a commit is encoded, salted and chained from there. A flow never sees a row.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from incidentkit.codec.chain import GENESIS, check, digest, link
from incidentkit.desk.ports import Ports
from incidentkit.flows import effects as fx
from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.query import Compare, Op, Page, Query
from incidentkit.ports.rows import Batch, Committed, Entry, Expect, Put, Ref, Row
from incidentkit.timing.instants import to_micros

Step: TypeAlias = tuple[Callable[..., Any] | None, tuple[Any, ...], Callable[[Any], Any] | None]
"""A port's method, its arguments, and what makes a value of the answer; no method: at once."""


@attrs.define
class Known:
    """Where a record stood when this session loaded it."""

    version: int
    head: str
    seen: int


class Session:
    """The surroundings of one run."""

    __slots__ = ("_at", "_known", "_micros", "committed", "ports", "sent", "tenant")

    def __init__(self, ports: Ports, tenant: TenantName) -> None:
        self.ports = ports
        self.tenant = tenant
        self.committed: fx.Commit | None = None
        self.sent = False
        self._known: dict[tuple[str, str], Known] = {}
        self._at: datetime | None = None
        self._micros = 0

    def step(self, effect: fx.Effect[object]) -> Step:
        """What to call for an effect."""
        return STEPS[type(effect)](self, effect)

    def _load(self, effect: fx.Load[Any]) -> Step:
        kind = effect.kind.name
        refs = tuple([Ref(kind, id_) for id_ in effect.ids])
        return self.ports.store.load, (self.tenant, refs), self._loaded

    def _loaded(self, rows: tuple[Row | None, ...]) -> tuple[Any, ...]:
        return tuple([None if row is None else self._value(row) for row in rows])

    def _value(self, row: Row) -> Any:
        seen = 0 if row.tally is None else row.tally.seen
        self._known[row.kind, row.id] = Known(row.version, row.head, seen)
        return self.ports.codec.from_row(row)

    def _owners(self, effect: fx.Owners) -> Step:
        return self.ports.store.owners, (self.tenant, effect.space, effect.keys), None

    def _history(self, effect: fx.History) -> Step:
        stream = f"{effect.kind}/{effect.id}"
        args = (self.tenant, stream, effect.after, effect.limit)
        return self.ports.store.journal, args, self._entries

    def _entries(self, entries: tuple[Entry, ...]) -> Any:
        return tuple(self.ports.codec.decode_entry(entry) for entry in entries)

    def _find(self, effect: fx.Find[Any]) -> Step:
        return self.ports.store.find, (self.tenant, effect.query), self._found

    def _found(self, page: Page) -> fx.Found[Any]:
        return fx.Found(tuple(self._value(row) for row in page.rows), page.next)

    def _count(self, effect: fx.Count) -> Step:
        return self.ports.store.count, (self.tenant, effect.query), None

    def _tasks(self, effect: fx.Tasks) -> Step:
        return self.ports.store.tasks, (self.tenant, effect.query), None

    def _heads(self, effect: fx.Heads) -> Step:
        where = Compare("changed_at", Op.GE, effect.since)
        query = Query(effect.kind, where, "changed_at", after=effect.after, limit=500)
        return self.ports.store.find, (self.tenant, query), self._head_page

    def _head_page(self, page: Page) -> fx.HeadPage:
        heads = tuple(fx.Head(f"{row.kind}/{row.id}", row.version, row.head) for row in page.rows)
        return fx.HeadPage(heads, page.next)

    def _inspect(self, effect: fx.Inspect) -> Step:
        start = effect.start

        def inspected(entries: tuple[Entry, ...]) -> fx.Inspection:
            return inspect(entries, start, effect.marks)

        return self.ports.store.journal, (self.tenant, start.stream, start.seq, 1000), inspected

    def _ask(self, effect: fx.Ask[Any]) -> Step:
        return self.ports.answer, (effect.question,), None

    def _now(self, _effect: fx.Now) -> Step:
        return None, (self.ports.now(),), None

    def _new_id(self, _effect: fx.NewId) -> Step:
        return None, (self.ports.ids.new_id(),), None

    def _new_token(self, _effect: fx.NewToken) -> Step:
        return None, (self.ports.ids.new_token(),), None

    def _new_number(self, effect: fx.NewNumber) -> Step:
        return self.ports.store.numbers, (self.tenant, effect.series, 1), _first

    def _send(self, effect: fx.Send) -> Step:
        self.sent = True
        return self.ports.send, (effect.message,), None

    def _commit(self, commit: fx.Commit) -> Step:
        puts: list[Put] = []
        entries: list[Entry] = []
        for change in commit.changes:
            puts.append(self._change(change, entries))
        expects = tuple(
            Expect(kind, id_, known.version if (known := self._known.get((kind, id_))) else 0)
            for kind, id_ in commit.reads
        )
        batch = Batch(
            self.tenant,
            self.ports.micros(),
            commit.request,
            tuple(puts),
            expects,
            commit.touches,
            tuple(entries),
            commit.tasks,
            commit.moves,
            tuple([TaskId(task) for task in commit.cancels]),
            commit.keys,
            commit.settles,
        )
        self.committed = commit
        return self.ports.store.commit, (batch,), self._done

    def _change(self, change: fx.Change[Any], entries: list[Entry]) -> Put:
        kind, value = change.kind.name, change.value
        known = self._known.get((kind, value.id))
        expected, head, counted = (
            (0, GENESIS, 0) if known is None else (known.version, known.head, known.seen)
        )
        stream, version, at = f"{kind}/{value.id}", expected, 0
        codec, salts = self.ports.codec, self.ports.ids
        for each in change.recorded:
            version += 1
            at = self._stamp(each.at)
            name, body = codec.encode_entry(each)
            salt = salts.new_salt()
            content = digest(salt, body)
            head = link(head, stream, version, at, name, content)
            entries.append(Entry(stream, version, at, name, body, salt, content, head))
        return codec.to_put(kind, value, version, head, expected, at, counted)

    def _stamp(self, at: datetime) -> int:
        if at is not self._at:
            self._at, self._micros = at, to_micros(at)
        return self._micros

    def _done(self, committed: Committed) -> Committed:
        self.ports.heard(committed.at)
        if committed.replayed:
            self.committed = None
        return committed


def _first(numbers: range) -> int:
    return numbers[0]


def inspect(
    entries: tuple[Entry, ...], start: fx.Head, marks: tuple[fx.Head, ...]
) -> fx.Inspection:
    """Check one page of a chain, and that it passes through every mark it reaches."""
    if not entries:
        return fx.Inspection(0, start, "")
    broken = check(entries, start.hash or GENESIS)
    last = entries[-1]
    end = fx.Head(start.stream, last.seq, last.hash)
    if broken is not None:
        return fx.Inspection(len(entries), end, str(broken))
    if entries[0].seq != start.seq + 1:
        problem = f"{start.stream}#{entries[0].seq}: rows are missing before it"
        return fx.Inspection(len(entries), end, problem)
    hashes = {entry.seq: entry.hash for entry in entries}
    for mark in marks:
        if mark.seq in hashes and hashes[mark.seq] != mark.hash:
            problem = f"{mark.stream}#{mark.seq}: not the head that was kept"
            return fx.Inspection(len(entries), end, problem)
    return fx.Inspection(len(entries), end, "")


STEPS: dict[type[Any], Callable[[Session, Any], Step]] = {
    fx.Load: Session._load,  # noqa: SLF001
    fx.Owners: Session._owners,  # noqa: SLF001
    fx.History: Session._history,  # noqa: SLF001
    fx.Find: Session._find,  # noqa: SLF001
    fx.Count: Session._count,  # noqa: SLF001
    fx.Tasks: Session._tasks,  # noqa: SLF001
    fx.Heads: Session._heads,  # noqa: SLF001
    fx.Inspect: Session._inspect,  # noqa: SLF001
    fx.Ask: Session._ask,  # noqa: SLF001
    fx.Now: Session._now,  # noqa: SLF001
    fx.NewId: Session._new_id,  # noqa: SLF001
    fx.NewToken: Session._new_token,  # noqa: SLF001
    fx.NewNumber: Session._new_number,  # noqa: SLF001
    fx.Send: Session._send,  # noqa: SLF001
    fx.Commit: Session._commit,  # noqa: SLF001
}
