"""Bringing a ticketing system's history into a desk's store, by the hundred and without memory.

Each case, or in the order of time each row, is one flow; what a few hundred of them commit about
one incident is one batch, and their batches share one durable commit. What the store refuses
(somebody changed a record meanwhile) is decided again by itself. Nothing is written down about
progress: a record knows how far its history was brought, so an interrupted import is simply run
again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from incidentkit.codec.choice import Name, choose
from incidentkit.desk.desk import Desk
from incidentkit.desk.driving import drive
from incidentkit.desk.import_group import Group
from incidentkit.desk.ports import Ports
from incidentkit.errors import InvalidValue, Retryable
from incidentkit.flows import importing as flows
from incidentkit.flows.importing import Brought, RefusedRow, case_id
from incidentkit.flows.setting import Setting
from incidentkit.lang.histories import Bound, Folding, HistoryMapping
from incidentkit.model.history import HistoryRow
from incidentkit.model.incident import Incident
from incidentkit.rules.importing import Importing
from incidentkit.sources.histories.rows import HistoryFile, Line
from incidentkit.sources.histories.shipped import mapping_of, matrix_of
from incidentkit.sources.histories.spool import Spool
from incidentkit.views.history_report import HistoryReport, history_report

GROUP = 500
"""Rows that share one durable commit; twice as many where each is a flow of its own."""
_PAGE = 200
_SHOWN = 20
_TRIES, _WAIT = 4, 0.05
"""How often a group is tried where the connection is lost, and the seconds between."""
_NAMES: dict[str, Name] = {"json": "json", "msgspec": "msgspec"}

Progress: TypeAlias = Callable[[int, float], None]
"""Told now and then: rows so far, and the share of the file that was read, 0 to 1."""


@attrs.frozen
class Imported:
    """What one import did. `refused` rows were kept with the reason; `entries` are new ones.

    `first_refused` has the first twenty of them; `refused_rows` reads all that were ever kept.
    """

    source: str
    rows: int
    entries: int
    refused: int
    seconds: float
    first_refused: tuple[RefusedRow, ...] = ()


def replay(
    desk: Desk,
    file: str | Path,
    mapping: HistoryMapping | str | Path,
    *,
    in_time_order: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Bring a file's history into the desk's store. The same file again changes nothing.

    `mapping` is a mapping, the name of a shipped one or a TOML file. By default the file is taken
    as it comes, case by case; `in_time_order` takes its rows in the order in which they happened,
    each decided and journaled by itself. Both leave the same records and journals.

    Raises InvalidValue for a file or columns that do not fit, NotFound or PolicyError for the
    mapping, NotAuthorised, and StoreError where the store fails; what was committed stays, and
    another call goes on from there.
    """
    chosen = mapping if isinstance(mapping, HistoryMapping) else mapping_of(mapping)
    started = time.perf_counter()
    with HistoryFile(file) as rows:
        bound = chosen.bind(rows.header)
        work = _Work(desk, chosen, bound, progress, rows)
        if in_time_order:
            work.by_time(rows)
        else:
            work.streamed(rows)
    seconds = time.perf_counter() - started
    first = tuple(work.first_refused)
    return Imported(chosen.name, work.rows, work.entries, work.refused, seconds, first)


def reported(desk: Desk, source: str) -> HistoryReport:
    """What the history of a source comes to, read back from the store, a page at a time."""

    def incidents() -> Iterator[Incident]:
        page = desk.find(order="id", descending=False, limit=_PAGE)
        yield from page.items
        while page.next is not None:
            page = desk.find(order="id", descending=False, limit=_PAGE, after=page.next)
            yield from page.items

    return history_report(incidents(), source)


def refused_rows(desk: Desk, source: str) -> Iterator[RefusedRow]:
    """The rows of a source's histories that were refused and kept, oldest first.

    A row whose case went on without it is not tried again by another import.
    """
    setting = desk.setting()
    after = None
    while True:
        page = desk.run(partial(flows.refused, setting, source, after, _PAGE), "find")
        yield from page.items
        after = page.next
        if after is None:
            return


@attrs.define
class _Chunk:
    """Rows of one case that are brought by one flow, and where each stood in the file."""

    id: str
    case: str
    rows: list[HistoryRow]
    lines: dict[int, Line]


class _Work:
    """One import under way."""

    def __init__(
        self,
        desk: Desk,
        mapping: HistoryMapping,
        bound: Bound,
        progress: Progress | None,
        file: HistoryFile,
    ) -> None:
        self.desk = desk
        self.bound = bound
        self.source: str = mapping.name
        self.file = file
        self.rows = self.entries = self.refused = 0
        self.first_refused: list[RefusedRow] = []
        self._progress = progress
        self._total = 0
        setting = desk.setting()
        desk.run(lambda: flows.prepare(setting, self.source), "import", setting=setting)
        self.setting: Setting = desk.setting()
        policy = self.setting.policy
        matrix = matrix_of(mapping) or policy.matrix
        self.importing = Importing(matrix, policy.lifecycle, policy.hash, policy.targets)
        self._pending: list[tuple[Line, str]] = []
        self._again = False
        self._over: set[str] = set()
        # Of most records each is written once, so remembering their parts would only take room.
        self._ports: Ports = copy(desk.ports)
        self._ports.codec = choose(_NAMES[desk.ports.codec.name], remembers=False)

    # --- the ways through a file ----------------------------------------------------------------

    def streamed(self, lines: Iterable[Line]) -> None:
        """Case by case as the file has them; one that is not grouped is sorted on disk first."""
        seen: set[str] = set()
        spool: Spool | None = None
        try:
            for group in self._groups(self._cases(lines, seen)):
                self._bring(group)
        except _NotGrouped:
            self.rows = self.refused = 0
            self._pending.clear()
            spool = Spool()
        if spool is not None:
            self._sorted(spool)

    def _sorted(self, spool: Spool) -> None:
        """The same file from its beginning, its rows sorted by case."""
        try:
            with HistoryFile(self.file.path) as file:
                self.file = file
                self._fill(spool, file)
            for group in self._groups(self._cases(spool.by_case(), set())):
                self._bring(group)
        finally:
            spool.close()

    def by_time(self, file: HistoryFile) -> None:
        """Row by row in the order of time, each a flow of its own."""
        spool, self._again = Spool(), True
        try:
            self._fill(spool, file)
            foldings: dict[str, tuple[str, Folding]] = {}
            group: list[_Chunk] = []
            for line in spool.by_time():
                self.rows += 1
                case = self.bound.case_of(line.cells)
                known = foldings.get(case)
                if known is None:
                    known = foldings[case] = case_id(self.source, case), Folding(self.bound, case)
                id_, folding = known
                chunk = _Chunk(id_, case, [], {})
                self._read(folding, line, chunk)
                if chunk.rows:
                    group.append(chunk)
                if spool.last_of_case(case):
                    del foldings[case]
                    self._over.add(id_)
                if len(group) + len(self._pending) >= 2 * GROUP:
                    self._bring(group)
                    group = []
            self._bring(group)
        finally:
            spool.close()

    def _fill(self, spool: Spool, file: HistoryFile) -> None:
        bound = self.bound

        def at(cells: list[str]) -> Any:
            try:
                return bound.instant(bound.at, cells[bound.at])
            except (InvalidValue, IndexError):
                return None

        spool.fill(file, bound.case_of, at, self._no_case)
        self._total = self.rows + len(spool)

    def _no_case(self, line: Line) -> None:
        self.rows += 1
        self._pending.append((line, line.problem or "the row names no case"))

    def _cases(self, lines: Iterable[Line], seen: set[str]) -> Iterator[_Chunk]:
        """The rows of each case, as long as they follow one another."""
        bound, source = self.bound, self.source
        chunk: _Chunk | None = None
        folding: Folding | None = None
        for line in lines:
            case = bound.case_of(line.cells)
            if not case:
                self._no_case(line)
                continue
            self.rows += 1
            if chunk is None or chunk.case != case:
                if chunk is not None:
                    yield chunk
                if case in seen:
                    raise _NotGrouped
                seen.add(case)
                chunk = _Chunk(case_id(source, case), case, [], {})
                folding = Folding(bound, case)
            elif len(chunk.rows) >= GROUP:
                yield chunk
                chunk = _Chunk(chunk.id, case, [], {})
            if folding is not None:
                self._read(folding, line, chunk)
        if chunk is not None:
            yield chunk

    def _read(self, folding: Folding, line: Line, chunk: _Chunk) -> None:
        try:
            row = folding.take(line.cells)
        except InvalidValue as error:
            self._pending.append((line, str(error)))
            return
        chunk.rows.append(row)
        chunk.lines[row.number] = line

    def _groups(self, chunks: Iterable[_Chunk]) -> Iterator[list[_Chunk]]:
        group: list[_Chunk] = []
        rows = 0
        for chunk in chunks:
            group.append(chunk)
            rows += len(chunk.rows)
            if rows + len(self._pending) >= GROUP:
                yield group
                group, rows = [], 0
        yield group

    # --- writing --------------------------------------------------------------------------------

    def _bring(self, group: list[_Chunk]) -> None:
        """All chunks of a group in one durable commit; what was refused is done by itself."""
        chunks = [each for each in group if each.rows]
        for left in range(_TRIES, 0, -1):
            try:
                again = self._together(chunks)
                break
            except Retryable:
                if left == 1:
                    raise
                time.sleep(_WAIT)
        else:  # pragma: no cover: the last try breaks or raises
            again = chunks
        for chunk in again:
            self._note(chunk, self._alone(chunk))
        self._keep_refused()
        self._tell()

    def _together(self, chunks: list[_Chunk]) -> list[_Chunk]:
        """The chunks that must be decided again, each by itself."""
        session = Group(self.desk, self._ports, again=self._again)
        session.foresee([x.id for x in chunks], [x.case for x in chunks])
        importing = self.importing
        brought = [
            drive(session, flows.bring_rows(importing, each.id, each.rows)) for each in chunks
        ]
        failed = session.written(self._over)
        self._over.clear()
        for refusal in failed.values():
            if isinstance(refusal, Retryable):
                raise refusal
        for chunk, did in zip(chunks, brought, strict=True):
            if chunk.id not in failed:
                self._note(chunk, did)
        return [chunk for chunk in chunks if chunk.id in failed]

    def _alone(self, chunk: _Chunk) -> Brought:
        importing = self.importing
        return self.desk.run(
            lambda: flows.bring_rows(importing, chunk.id, chunk.rows), "import", repeatable=True
        )

    def _note(self, chunk: _Chunk, brought: Brought) -> None:
        self.entries += brought.entries
        self._pending += [(chunk.lines[number], why) for number, why in brought.refused]

    def _keep_refused(self) -> None:
        for line, problem in self._pending:
            self.refused += 1
            row = RefusedRow(f"row {line.number}", problem, line.text)
            if len(self.first_refused) < _SHOWN:
                self.first_refused.append(row)
            make = partial(flows.keep_refused, self.setting, self.source, row)
            _ = self.desk.run(make, "import", repeatable=True)
        self._pending.clear()

    def _tell(self) -> None:
        if self._progress is not None:
            read, whole = self.file.position, self.file.size
            share = self.rows / self._total if self._total else read / whole
            self._progress(self.rows, share)


class _NotGrouped(Exception):
    """A case came up again after others: the file is not grouped by case."""
