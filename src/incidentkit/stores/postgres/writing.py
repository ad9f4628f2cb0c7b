"""The success of a batch as one statement, so that one round trip and one flush make it durable.

A statement has one part for each table the batch writes: with plain values where the table gets one
row, with arrays where it gets more. So the number of statements is bounded, and the server prepares
each once. Whatever does not turn out as expected ends the whole statement; nothing is refused here,
the caller finds the reason by reading.

All statements lock in one order: subjects of tasks, then records by kind and id, tallies, keys, the
request, streams, tasks. So two of them never wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from incidentkit.ports.rows import (
    Again,
    Batch,
    Done,
    Entry,
    KeyChange,
    Put,
    Settle,
    Tally,
    Task,
    Touch,
)
from incidentkit.stores.postgres import texts
from incidentkit.stores.postgres.migrations import LATEST
from incidentkit.stores.postgres.parts import CALLS, PARTS
from incidentkit.stores.postgres.statements import KindSql

Shape: TypeAlias = tuple[str, ...]
"""Which sort of part it is, and of which kind of record."""
Statement: TypeAlias = tuple[str, list[Any]]

_ENTER = "SELECT ik_enter(%b, %b, %b::bigint) AS at"
_LOCK = ", ik_lock(%b::text, %b::text[], %b::text[]) AS locked"


class Misfit(Exception):
    """The batch does not fit into one statement."""


class Writing:
    """Statements for batches, each made once; bound to the declared kinds."""

    def __init__(self, kinds: Mapping[str, KindSql]) -> None:
        self._kinds = kinds
        self._texts: dict[tuple[Shape, ...], str] = {}

    def statement(
        self, batches: Sequence[Batch], epoch: int, now: Callable[[], int] | None
    ) -> Statement | None:
        """The statement that makes these batches of one tenant true; None if it takes several.

        The batches were checked one by one.
        """
        draft = _Draft(self._kinds, batches)
        try:
            draft.draw(None if now is None else now(), epoch)
        except Misfit:
            return None
        shape = tuple(draft.shape)
        text = self._texts.get(shape)
        if text is None:
            text = self._texts[shape] = self._made(shape)
        return text, draft.values + draft.checked

    @property
    def shapes(self) -> int:
        """How many statements there are so far."""
        return len(self._texts)

    def _made(self, shape: tuple[Shape, ...]) -> str:
        queued = ("lock",) in shape
        parts: list[str] = [f"e AS MATERIALIZED ({_ENTER}{_LOCK if queued else ''})"]
        checks: list[str] = ["(SELECT locked FROM e)"] if queued else []
        for number, (sort, *kind) in enumerate(shape):
            if sort == "lock":
                continue
            if sort in CALLS:
                checks.append(CALLS[sort])
                continue
            text, exact = PARTS[sort](number, *(self._kinds[name] for name in kind))
            parts.append(text)
            counted = f"(SELECT count(*) FROM p{number})"
            checks.append(f"{counted} = %b" if exact else f"{counted} > 0")
        # Only what is not as expected is worth a call.
        whole = " AND ".join(checks) or "true"
        return (
            f"WITH {', '.join(parts)} SELECT e.at, "
            f"CASE WHEN {whole} THEN true ELSE ik_require(false) END FROM e"
        )


class _Draft:
    """The shape of a statement and its values, in the order of their places in the text."""

    def __init__(self, kinds: Mapping[str, KindSql], batches: Sequence[Batch]) -> None:
        self._kinds = kinds
        self._batches = batches
        self._tenant: str = batches[0].tenant
        self.shape: list[Shape] = []
        self.values: list[Any] = []
        self.checked: list[Any] = []

    def _all(self, name: str) -> list[Any]:
        if len(self._batches) == 1:
            return list(getattr(self._batches[0], name))
        return [each for batch in self._batches for each in getattr(batch, name)]

    def _part(self, *shape: str, values: Iterable[Any], exactly: int | None = None) -> None:
        self.shape.append(shape)
        self.values.extend(values)
        if exactly is not None:
            self.checked.append(exactly)

    def draw(self, now: int | None, epoch: int) -> None:
        """Find the parts. Raises Misfit."""
        batches = self._batches
        if any(batch.expects for batch in batches):
            raise Misfit
        if len(batches) == 1 and batches[0].now is not None:
            now = batches[0].now
        self.values += [LATEST, epoch, now]
        settles, cancels = self._all("settles"), self._all("cancels")
        moves, tasks = self._all("moves"), self._all("tasks")
        if settles or cancels or moves or tasks:
            self._lock(settles, cancels, moves, tasks)
        puts: list[Put] = self._all("puts")
        touches: list[Touch] = self._all("touches")
        if puts or touches:
            self._records(puts, touches)
        keys: list[KeyChange] = self._all("keys")
        if keys:
            self._keys(keys)
        self._requests()
        entries: list[Entry] = self._all("entries")
        if entries:
            self._entries(entries)
        found = self._all("texts")
        if found:
            if len({(text.kind, text.id) for text in found}) != len(found):
                raise Misfit
            for sort, values in texts.parts(self._tenant, found):
                self._part(sort, values=values)
        self._queue(settles, cancels, moves, tasks)

    # --- records --------------------------------------------------------------------------------

    def _records(self, puts: Sequence[Put], touches: Sequence[Touch]) -> None:
        fresh: dict[str, list[Put]] = {}
        later: dict[str, list[Put]] = {}
        counted: dict[str, list[tuple[str, Tally]]] = {}
        if len(puts) > 1:
            if len({(put.row.kind, put.row.id) for put in puts}) != len(puts):
                raise Misfit
            puts = sorted(puts, key=lambda put: (put.row.kind, put.row.id))
        for put in puts:
            kind = put.row.kind
            (later if put.expected else fresh).setdefault(kind, []).append(put)
            if put.row.tally is not None:
                counted.setdefault(kind, []).append((put.row.id, put.row.tally))
        touched = self._touched(touches)
        for kind in sorted({*fresh, *later}):
            if kind in later:
                self._updates(kind, later[kind])
            if kind in fresh:
                self._inserts(kind, fresh[kind])
        for kind in sorted({*counted, *touched}):
            here = touched.get(kind, {})
            tallies = counted.get(kind, ())
            names = [name for name, _ in tallies]
            if not here.keys().isdisjoint(names):
                raise Misfit
            if here:
                self._touches(kind, here, names)
            if tallies:
                self._tallies(kind, tallies)

    def _inserts(self, kind: str, puts: Sequence[Put]) -> None:
        rows = [put.row for put in puts]
        if len(rows) == 1:
            row = rows[0]
            values = (
                self._tenant, row.id, row.version, row.schema, row.head, *row.columns, row.body
            )  # fmt: skip
            self._part("insert 1", kind, values=values)
            return
        columns = zip(*(row.columns for row in rows), strict=True)
        self._part(
            "insert n", kind,
            values=(
                self._tenant, [row.id for row in rows], [row.version for row in rows],
                [row.schema for row in rows], [row.head for row in rows],
                *map(list, columns), [row.body for row in rows],
            ),
        )  # fmt: skip

    def _updates(self, kind: str, puts: Sequence[Put]) -> None:
        rows = [put.row for put in puts]
        if len(rows) == 1:
            row = rows[0]
            values = (
                row.version, row.schema, row.head, *row.columns, row.body,
                self._tenant, row.id, puts[0].expected,
            )  # fmt: skip
            self._part("update 1", kind, values=values, exactly=1)
            return
        columns = zip(*(row.columns for row in rows), strict=True)
        self._part(
            "update n", kind,
            values=(
                [row.id for row in rows], [put.expected for put in puts],
                [row.version for row in rows], [row.schema for row in rows],
                [row.head for row in rows], *map(list, columns), [row.body for row in rows],
                self._tenant,
            ),
            exactly=len(rows),
        )  # fmt: skip

    def _tallies(self, kind: str, tallies: Sequence[tuple[str, Tally]]) -> None:
        if len(tallies) == 1:
            name, one = tallies[0]
            values: Sequence[Any] = (self._tenant, name, one.signature, one.seen, one.last_seen)
            self._part("tally 1", kind, values=values)
            return
        self._part(
            "tally n", kind,
            values=(
                self._tenant, [name for name, _ in tallies], [x.signature for _, x in tallies],
                [x.seen for _, x in tallies], [x.last_seen for _, x in tallies],
            ),
        )  # fmt: skip

    def _touched(self, touches: Sequence[Touch]) -> dict[str, dict[str, Tally]]:
        """Touches by kind and id, those of one record taken together."""
        found: dict[str, dict[str, Tally]] = {}
        for touch in touches:
            here = found.setdefault(touch.kind, {})
            before = here.get(touch.id)
            if before is None:
                here[touch.id] = Tally(touch.signature, touch.seen, touch.last_seen)
            elif before.signature != touch.signature:
                raise Misfit
            else:
                here[touch.id] = Tally(
                    touch.signature,
                    before.seen + touch.seen,
                    max(before.last_seen, touch.last_seen),
                )
        return found

    def _touches(self, kind: str, here: Mapping[str, Tally], others: Sequence[str]) -> None:
        if len(here) == 1 and not others:
            ((name, one),) = here.items()
            values: Sequence[Any] = (one.seen, one.last_seen, self._tenant, name, one.signature)
            self._part("touch 1", kind, values=values, exactly=1)
            return
        order = [(name, here.get(name)) for name in sorted((*here, *others))]
        self._part(
            "touch n", kind,
            values=(
                [name for name, _ in order], [x and x.signature for _, x in order],
                [x and x.seen for _, x in order], [x and x.last_seen for _, x in order],
                self._tenant,
            ),
            exactly=len(here),
        )  # fmt: skip

    # --- keys, requests, entries ----------------------------------------------------------------

    def _keys(self, keys: Sequence[KeyChange]) -> None:
        tenant = self._tenant
        if len(keys) > 1:
            if len({(key.space, key.key) for key in keys}) != len(keys):
                raise Misfit
            keys = sorted(keys, key=lambda key: (key.space, key.key))
        if any(key.was is None and key.becomes is None for key in keys):
            raise Misfit
        sets = [key for key in keys if key.was is not None and key.becomes is not None]
        drops = [key for key in keys if key.becomes is None]
        adds = [key for key in keys if key.was is None]
        if sets and drops:
            raise Misfit
        for sort, some in (("set key", sets), ("drop key", drops)):
            if some:
                values: list[Any] = [
                    [key.space for key in some], [key.key for key in some],
                    [key.was for key in some],
                ]  # fmt: skip
                if sort == "set key":
                    values.append([key.becomes for key in some])
                self._part(sort, values=(*values, tenant), exactly=len(some))
        if len(adds) == 1:
            only = adds[0]
            self._part("add key 1", values=(tenant, only.space, only.key, only.becomes))
        elif adds:
            values = [
                [key.space for key in adds], [key.key for key in adds],
                [key.becomes for key in adds],
            ]  # fmt: skip
            self._part("add key n", values=(tenant, *values))

    def _requests(self) -> None:
        found = [(x.request, x.now) for x in self._batches if x.request is not None]
        if len(found) == 1:
            request, now = found[0]
            values = (self._tenant, request.id, request.fingerprint, request.result, now)
            self._part("request 1", values=values)
        elif found:
            found.sort(key=lambda each: each[0].id)
            if len({request.id for request, _ in found}) != len(found):
                raise Misfit
            self._part(
                "request n",
                values=(
                    self._tenant, [x.id for x, _ in found], [x.fingerprint for x, _ in found],
                    [x.result for x, _ in found], [now for _, now in found],
                ),
            )  # fmt: skip

    def _entries(self, entries: Sequence[Entry]) -> None:
        tenant = self._tenant
        firsts: dict[str, int] = {}
        lasts: dict[str, int] = {}
        for entry in entries:
            if firsts.setdefault(entry.stream, entry.seq) != entry.seq:
                if lasts[entry.stream] + 1 != entry.seq:
                    raise Misfit
            elif entry.stream in lasts:
                raise Misfit
            lasts[entry.stream] = entry.seq
        order = sorted(firsts)
        on = [name for name in order if firsts[name] > 1]
        new = [name for name in order if firsts[name] == 1]
        if len(on) == 1:
            values = (lasts[on[0]], tenant, on[0], firsts[on[0]] - 1)
            self._part("stream on 1", values=values, exactly=1)
        elif on:
            before, after = [firsts[name] - 1 for name in on], [lasts[name] for name in on]
            self._part("stream on n", values=(on, before, after, tenant), exactly=len(on))
        if len(new) == 1:
            self._part("stream 1", values=(tenant, new[0], lasts[new[0]]))
        elif new:
            self._part("stream n", values=(tenant, new, [lasts[name] for name in new]))
        if len(entries) == 1:
            e = entries[0]
            self._part(
                "entry 1",
                values=(tenant, e.stream, e.seq, e.at, e.kind, e.body, e.salt, e.digest, e.hash),
            )
        else:
            self._part(
                "entry n",
                values=(
                    tenant, [e.stream for e in entries], [e.seq for e in entries],
                    [e.at for e in entries], [e.kind for e in entries],
                    [e.body for e in entries], [e.salt for e in entries],
                    [e.digest for e in entries], [e.hash for e in entries],
                ),
            )  # fmt: skip

    # --- the queue ------------------------------------------------------------------------------

    def _lock(
        self, settles: Sequence[Settle], cancels: Sequence[str], moves: Sequence[Any],
        tasks: Sequence[Task],
    ) -> None:  # fmt: skip
        if len(self._batches) > 1 and (settles or cancels or moves):
            raise Misfit
        if len({task.id for task in tasks}) != len(tasks):
            raise Misfit
        known = [
            *(each.task for each in settles), *cancels, *(each.id for each in moves),
            *(each.id for each in tasks),
        ]  # fmt: skip
        self._part("lock", values=(self._tenant, [task.subject for task in tasks], known))

    def _queue(
        self, settles: Sequence[Settle], cancels: Sequence[str], moves: Sequence[Any],
        tasks: Sequence[Task],
    ) -> None:  # fmt: skip
        tenant, calls = self._tenant, self.checked
        if settles:
            self.shape.append(("settle",))
            calls += [tenant, *settled(settles)]
        if cancels:
            self.shape.append(("cancel",))
            calls += [tenant, list(cancels)]
        if moves:
            self.shape.append(("move",))
            calls += [tenant, [each.id for each in moves], [each.due_at for each in moves]]
        if tasks:
            self.shape.append(("add",))
            calls += [tenant, *added(tasks)]


def settled(settles: Sequence[Settle]) -> list[Any]:
    """The arrays that `ik_settle` takes."""
    states: list[str] = []
    ats: list[int | None] = []
    whys: list[str] = []
    for each in settles:
        outcome = each.outcome
        if isinstance(outcome, Done):
            states.append("done")
        else:
            states.append("blocked" if isinstance(outcome, Again) else "parked")
        ats.append(outcome.at if isinstance(outcome, Again) else None)
        whys.append("" if isinstance(outcome, Done) else outcome.why)
    return [[x.task for x in settles], [x.token for x in settles], states, ats, whys]


def added(tasks: Sequence[Task]) -> list[Any]:
    """The arrays that `ik_add_all` takes."""
    return [
        [x.id for x in tasks], [x.queue for x in tasks], [x.subject for x in tasks],
        [x.order for x in tasks], [x.priority for x in tasks], [x.due_at for x in tasks],
        [x.channel for x in tasks], [x.body for x in tasks],
    ]  # fmt: skip
