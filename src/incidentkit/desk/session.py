"""One run of one flow: each effect becomes one call of a port, and its answer becomes a value.

Both drivers use this file, so they cannot disagree. A session remembers at which version and head
each record was loaded; a commit is encoded, salted and chained from there. A flow never sees a row.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

from incidentkit.codec.chain import GENESIS, check, digest, link
from incidentkit.codec.damage import DamagedRecord
from incidentkit.desk.briefing import brief_changes, brief_keys, brief_request
from incidentkit.desk.ports import Ports
from incidentkit.desk.recent import Known, Recent
from incidentkit.flows import effects as fx
from incidentkit.flows.indexing import SEARCHED, changed
from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.query import Compare, Op, Page, Query
from incidentkit.ports.rows import Batch, Committed, Entry, Expect, Put, Ref, Row, SearchText
from incidentkit.timing.instants import to_micros

Step: TypeAlias = tuple[Callable[..., Any] | None, tuple[Any, ...], Callable[[Any], Any] | None]
"""A port's method, its arguments, and what makes a value of the answer; no method: at once."""

REMEMBERED = frozenset(("incident", "problem"))
"""Kinds of which single records are changed again and again."""


class Session:
    """The surroundings of one run."""

    __slots__ = (
        "_at",
        "_known",
        "_micros",
        "_written",
        "committed",
        "ports",
        "recent",
        "remembered",
        "remembers",
        "sent",
        "tenant",
    )

    def __init__(
        self, ports: Ports, tenant: TenantName, recent: Recent, *, remembers: bool = False
    ) -> None:
        self.ports: Ports = ports
        self.tenant: TenantName = tenant
        self.recent: Recent = recent
        self.remembers: bool = remembers
        self.remembered: bool = False
        self._written: list[tuple[str, str, Known]] = []
        self.committed: fx.Commit | None = None
        self.sent: bool = False
        self._known: dict[tuple[str, str], Known] = {}
        self._at: datetime | None = None
        self._micros = 0

    def step(self, effect: fx.Effect[object]) -> Step:
        """What to call for an effect."""
        return STEPS[type(effect)](self, effect)

    def load(self, effect: fx.Load[Any]) -> Step:
        """Records by id."""
        kind = effect.kind.name
        if self.remembers and len(effect.ids) == 1:
            found = self.recent.get((self.tenant, kind, effect.ids[0]))
            if found is not None:
                self.remembered = True
                self._known[kind, effect.ids[0]] = found
                return None, ((found.value,),), None
        refs = tuple([Ref(kind, id_) for id_ in effect.ids])
        return self.ports.store.load, (self.tenant, refs), self._loaded

    def _loaded(self, rows: tuple[Row | None, ...]) -> tuple[Any, ...]:
        return tuple([None if row is None else self._value(row) for row in rows])

    def _value(self, row: Row) -> Any:
        seen = 0 if row.tally is None else row.tally.seen
        value = self.ports.codec.from_row(row)
        self._known[row.kind, row.id] = Known(row.version, row.head, seen, value)
        return value

    def owners(self, effect: fx.Owners) -> Step:
        """Owners of unique keys."""
        return self.ports.store.owners, (self.tenant, effect.space, brief_keys(effect.keys)), None

    def history(self, effect: fx.History) -> Step:
        """Journal entries, read back."""
        stream = f"{effect.kind}/{effect.id}"
        args = (self.tenant, stream, effect.after, effect.limit)
        return self.ports.store.journal, args, self._entries

    def _entries(self, entries: tuple[Entry, ...]) -> Any:
        return tuple(self.ports.codec.decode_entry(entry) for entry in entries)

    def find(self, effect: fx.Find[Any]) -> Step:
        """One page of records."""
        return self.ports.store.find, (self.tenant, effect.query), self._found

    def _found(self, page: Page) -> fx.Found[Any]:
        return fx.Found(tuple(self._value(row) for row in page.rows), page.next)

    def count(self, effect: fx.Count) -> Step:
        """How many records."""
        return self.ports.store.count, (self.tenant, effect.query), None

    def search(self, effect: fx.Search) -> Step:
        """One page of records by their words, where the store can."""
        call = getattr(self.ports.store, "search", None)
        return call, (None,) if call is None else (self.tenant, effect.query), None

    def tally(self, effect: fx.Tally) -> Step:
        """How many records for each value of a column, where the store can."""
        call = getattr(self.ports.store, "tally", None)
        return call, (None,) if call is None else (self.tenant, effect.query, effect.column), None

    def unattended(self, effect: fx.Unattended) -> Step:
        """Records that lack their task, where the store can compare."""
        call = getattr(self.ports.store, "unattended", None)
        return call, (None,) if call is None else (self.tenant, effect.wanted), None

    def queued(self, effect: fx.Queued) -> Step:
        """How the queue stands, where the store can say."""
        call = getattr(self.ports.store, "queued", None)
        return call, (None,) if call is None else (self.tenant, effect.now), None

    def tasks(self, effect: fx.Tasks) -> Step:
        """Tasks of the queue."""
        return self.ports.store.tasks, (self.tenant, effect.query), None

    def heads(self, effect: fx.Heads) -> Step:
        """One page of stream heads."""
        where = Compare("changed_at", Op.GE, effect.since)
        query = Query(effect.kind, where, "changed_at", after=effect.after, limit=500)
        return self.ports.store.find, (self.tenant, query), self._head_page

    def _head_page(self, page: Page) -> fx.HeadPage:
        heads = tuple(fx.Head(f"{row.kind}/{row.id}", row.version, row.head) for row in page.rows)
        return fx.HeadPage(heads, page.next)

    def inspect(self, effect: fx.Inspect) -> Step:
        """One page of a chain, checked."""
        start = effect.start

        def inspected(entries: tuple[Entry, ...]) -> fx.Inspection:
            page = inspected_page(entries, start, effect.marks)
            return page if page.problem else self._readable(page, entries)

        return self.ports.store.journal, (self.tenant, start.stream, start.seq, 1000), inspected

    def _readable(self, page: fx.Inspection, entries: tuple[Entry, ...]) -> fx.Inspection:
        """A chain may hold, and what it binds be nothing that can be read."""
        for entry in entries:
            try:
                _ = self.ports.codec.decode_entry(entry)
            except DamagedRecord as error:
                problem = f"{entry.stream}#{entry.seq}: {error}"
                return fx.Inspection(page.entries, page.head, problem)
        return page

    def ask(self, effect: fx.Ask[Any]) -> Step:
        """A question to a plugin."""
        return self.ports.answer, (effect.question,), None

    def now(self, _effect: fx.Now) -> Step:
        """The time, at once."""
        return None, (self.ports.now(),), None

    def new_id(self, _effect: fx.NewId) -> Step:
        """A fresh id, at once."""
        return None, (self.ports.ids.new_id(),), None

    def new_token(self, _effect: fx.NewToken) -> Step:
        """A fresh secret, at once."""
        return None, (self.ports.ids.new_token(),), None

    def new_number(self, effect: fx.NewNumber) -> Step:
        """The next number of a series."""
        return self.ports.store.numbers, (self.tenant, effect.series, 1), _first

    def send(self, effect: fx.Send) -> Step:
        """A message to its channel."""
        self.sent = True
        return self.ports.send, (effect.message,), None

    def drop(self, effect: fx.Drop) -> Step:
        """The content of journal entries, dropped for ever."""
        return self.ports.store.redact, (self.tenant, effect.stream, effect.seqs), None

    def commit(self, commit: fx.Commit) -> Step:
        """The one commit: encoded, salted, chained."""
        entries: list[Entry] = []
        texts: list[SearchText] = []
        puts = [self._change(change, entries, texts) for change in commit.changes]
        expects = tuple(
            Expect(kind, id_, known.version if (known := self._known.get((kind, id_))) else 0)
            for kind, id_ in commit.reads
        )
        batch = Batch(
            self.tenant,
            self.ports.micros(),
            brief_request(commit.request),
            tuple(puts),
            expects,
            commit.touches,
            tuple(entries),
            commit.tasks,
            commit.moves,
            tuple([TaskId(task) for task in commit.cancels]),
            brief_changes(commit.keys),
            commit.settles,
            tuple(texts),
        )
        self.committed = commit
        return self.ports.store.commit, (batch,), self._done

    def _change(self, change: fx.Change[Any], entries: list[Entry], texts: list[SearchText]) -> Put:
        kind, value = change.kind.name, change.value
        known = self._known.get((kind, value.id))
        expected, counted = (0, 0) if known is None else (known.version, known.seen)
        after, at = self._told(change, known, entries, texts)
        if kind in REMEMBERED:
            self._written.append((kind, value.id, after))
        return self.ports.codec.to_put(
            kind, value, after.version, after.head, expected, at, counted
        )

    def _told(
        self,
        change: fx.Change[Any],
        known: Known | None,
        entries: list[Entry],
        texts: list[SearchText],
    ) -> tuple[Known, int]:
        """Add a change's entries and texts; how the record stands then, and when it changed."""
        kind, value = change.kind.name, change.value
        expected, head = (0, GENESIS) if known is None else (known.version, known.head)
        stream, version, at = f"{kind}/{value.id}", expected, 0
        encode, new_salt = self.ports.codec.encode_entry, self.ports.ids.new_salt
        for each in change.recorded:
            version += 1
            at = self._stamp(each.at)
            name, body = encode(each)
            salt = new_salt()
            content = digest(salt, body)
            head = link(head, stream, version, at, name, content)
            entries.append(Entry(stream, version, at, name, body, salt, content, head))
        if kind in SEARCHED:
            was = None if known is None else known.value
            text = changed(kind, was, value, change.recorded, expected + 1)
            if text is not None:
                texts.append(text)
        if change.changed_at is not None:
            at = self._stamp(change.changed_at)
        return Known(version, head, 0, value), at

    def _stamp(self, at: datetime) -> int:
        if at is not self._at:
            self._at, self._micros = at, to_micros(at)
        return self._micros

    def _done(self, committed: Committed) -> Committed:
        self.ports.heard(committed.at)
        if committed.replayed:
            self.committed = None
        else:
            for kind, id_, known in self._written:
                self.recent.keep((self.tenant, kind, id_), known)
        return committed

    def forget(self) -> None:
        """What was remembered did not hold: forget all that this run rested on."""
        for kind, id_ in self._known:
            self.recent.forget((self.tenant, kind, id_))


def _first(numbers: range) -> int:
    return numbers[0]


def inspected_page(
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
    fx.Load: Session.load,
    fx.Owners: Session.owners,
    fx.History: Session.history,
    fx.Find: Session.find,
    fx.Count: Session.count,
    fx.Search: Session.search,
    fx.Tally: Session.tally,
    fx.Unattended: Session.unattended,
    fx.Queued: Session.queued,
    fx.Tasks: Session.tasks,
    fx.Heads: Session.heads,
    fx.Inspect: Session.inspect,
    fx.Ask: Session.ask,
    fx.Now: Session.now,
    fx.NewId: Session.new_id,
    fx.NewToken: Session.new_token,
    fx.NewNumber: Session.new_number,
    fx.Drop: Session.drop,
    fx.Send: Session.send,
    fx.Commit: Session.commit,
}
