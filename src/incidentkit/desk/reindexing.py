"""Indexing again what an earlier release wrote: every record is read, and its index is written.

The store knows no domain and the codec no store, so it is done here, page by page. It can be cut
short anywhere and done by several processes at once; bodies, versions and journals stay untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeAlias

from incidentkit.codec.damage import DamagedRecord
from incidentkit.codec.kinds import columns_of
from incidentkit.desk.ports import Ports
from incidentkit.flows.indexing import SEARCHED, card_of, notes_of
from incidentkit.ids import TenantName
from incidentkit.model.journal import JournalEntry
from incidentkit.ports.rows import Entry, Row, SearchText
from incidentkit.ports.search import Lag, Reindexed, Stale, SupportsReindex

PAGE = 500
ENTRIES = 1_000

Call: TypeAlias = tuple[Callable[..., Any], tuple[Any, ...]]
Steps: TypeAlias = Generator[Call, Any, int]
"""Calls of the store to make, each answered by what it gave; at the end how many records."""


def reindex(ports: Ports, kind: str | None = None, lag: str | None = None) -> Steps:
    """Do all that waits, or what waits of a kind and a lag; nothing where nothing ever waits."""
    store: object = ports.store
    if not isinstance(store, SupportsReindex):
        return 0
    done = 0
    waiting: tuple[Stale, ...] = yield store.stale, ()
    for what in waiting:
        if kind not in (None, what.kind) or lag not in (None, what.lag):
            continue
        while True:
            rows: tuple[tuple[TenantName, Row], ...] = yield store.stale_rows, (what, PAGE)
            again: list[Reindexed] = []
            for tenant, row in rows:
                again.append((yield from _indexed(ports, what, tenant, row)))
            yield store.reindex, (what, tuple(again))
            done += len(again)
            if not rows:
                break
    return done


def _indexed(
    ports: Ports, what: Stale, tenant: TenantName, row: Row
) -> Generator[Call, Any, Reindexed]:
    """The index of one record. One that cannot be read keeps what it has, and is reported."""
    try:
        value = ports.codec.from_row(row)
        if what.lag is Lag.COLUMNS:
            return Reindexed(tenant, row.id, row.version, columns_of(row, value))
    except DamagedRecord as error:
        ports.guard.faults.record("store", "reindex", str(error), type(error).__name__)
        return Reindexed(tenant, row.id, row.version, row.columns)
    if row.kind not in SEARCHED:
        return Reindexed(tenant, row.id, row.version, row.columns)
    notes = yield from _notes(ports, tenant, row)
    text = SearchText(row.kind, row.id, *card_of(row.kind, value), notes=notes, anew=True)
    return Reindexed(tenant, row.id, row.version, row.columns, text)


def _notes(
    ports: Ports, tenant: TenantName, row: Row
) -> Generator[Call, Any, tuple[tuple[int, str], ...]]:
    """The notes of a record, read from its journal."""
    found: list[tuple[int, str]] = []
    after = 0
    while True:
        page: tuple[Entry, ...] = yield (
            ports.store.journal,
            (tenant, f"{row.kind}/{row.id}", after, ENTRIES),
        )
        for each in page:
            entry: JournalEntry = ports.codec.decode_entry(each)
            if entry.recorded is not None:
                found += notes_of((entry.recorded,), entry.seq)
        if len(page) < ENTRIES:
            return tuple(found)
        after = page[-1].seq
