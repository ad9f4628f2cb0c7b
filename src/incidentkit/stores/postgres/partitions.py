"""The journal in monthly partitions, where that was chosen: made ahead, dropped as a whole.

The key of a partitioned table must hold the column it is divided by. So there the place of an
entry in its stream is held by the stream's own row, which says where it stands and is moved on by
every commit; it stays when months are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import psycopg

from incidentkit.errors import StoreError
from incidentkit.ports.search import Lag
from incidentkit.ports.store import Finding
from incidentkit.stores import sql_text as sql
from incidentkit.stores.postgres.functions import MIGRATION_LOCK
from incidentkit.stores.postgres.migrations import Execute
from incidentkit.timing.instants import from_micros, to_micros

AHEAD = 3
"""So many months beyond the present one are made."""
SOON = timedelta(days=45)
"""So long before the last of them ends somebody should be told, who may make the next."""
_OUT_OF_ORDER = """
SELECT old.stream FROM (
  SELECT tenant, stream, max(seq) AS last FROM ik_journal WHERE at < %s GROUP BY tenant, stream
) AS old WHERE EXISTS (
  SELECT 1 FROM ik_journal AS kept WHERE kept.tenant = old.tenant AND kept.stream = old.stream
  AND kept.seq < old.last AND kept.at >= %s
) LIMIT 1
"""


@attrs.frozen
class Month:
    """One partition: its table, and from when until when, in microseconds."""

    table: str
    begins: int
    ends: int


def _months(first: datetime, count: int) -> Iterator[Month]:
    year, month = first.year, first.month
    for _ in range(count):
        later = (year + month // 12, month % 12 + 1)
        begins = to_micros(datetime(year, month, 1, tzinfo=UTC))
        ends = to_micros(datetime(*later, 1, tzinfo=UTC))
        yield Month(f"ik_journal_{year:04}_{month:02}", begins, ends)
        year, month = later


def existing(execute: Execute) -> tuple[Month, ...]:
    """The monthly partitions there are, oldest first."""
    found = execute(
        "SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = 'ik_journal'::regclass AND c.relname <> 'ik_journal_other' "
        "ORDER BY c.relname"
    ).fetchall()
    made: list[Month] = []
    for (name,) in found:
        year, month = name.removeprefix("ik_journal_").split("_")
        made += _months(datetime(int(year), int(month), 1, tzinfo=UTC), 1)
    return tuple(made)


def missing(execute: Execute, now: datetime) -> tuple[Month, ...]:
    """Those of this month and the next ones that there are not."""
    there = {month.table for month in existing(execute)}
    return tuple(month for month in _months(now, AHEAD + 1) if month.table not in there)


def creation(month: Month) -> str:
    """The statement that makes a partition."""
    return (
        f"CREATE TABLE IF NOT EXISTS {sql.quoted(month.table)} PARTITION OF ik_journal "
        f"FOR VALUES FROM ({month.begins}) TO ({month.ends})"
    )


def may_make(execute: Execute) -> bool:
    """Whether this role may make partitions: it owns the journal and may make tables there."""
    text = (
        "SELECT pg_has_role(relowner, 'USAGE') AND has_schema_privilege(relnamespace, 'CREATE') "
        "FROM pg_class WHERE oid = 'ik_journal'::regclass"
    )
    return bool(execute(text).fetchone()[0])


def diagnose(execute: Execute, now: datetime | None = None) -> Finding:
    """Whether the months that are to come have their partitions."""
    at = now or _now(execute)
    lacking = missing(execute, at)
    ends = [month.ends for month in existing(execute)]
    until = from_micros(max(ends)) if ends else at
    if until - at > SOON and lacking[:1] != tuple(_months(at, 1)):
        return Finding(True, "months", f"there are partitions until {until:%Y-%m-%d}")
    told = f"the last partition ends on {until:%Y-%m-%d}"
    if until <= at or lacking[:1] == tuple(_months(at, 1)):
        told = "this month has no partition"
    statements = "; ".join(creation(month) for month in lacking)
    return Finding(
        False,
        "months",
        f"{told}: what has none lies in ik_journal_other and stays there for good. Nobody "
        "opened this store lately who may make them; as the owner of the tables run "
        f"`incidentkit migrate --store URL`, or {statements}",
    )


def _now(execute: Execute) -> datetime:
    found: datetime = execute("SELECT now()").fetchone()[0]
    return found.astimezone(UTC)


def make_ahead(execute: Execute) -> tuple[str, ...]:
    """Make the partitions of this month and the next ones, and name those that were missing.

    The connection is in autocommit. A month of which entries lie in the partition of all other
    times stays there.
    """
    made: list[str] = []
    for month in missing(execute, _now(execute)):
        try:
            execute(creation(month))
        except (psycopg.errors.CheckViolation, psycopg.errors.InvalidObjectDefinition):
            continue
        made.append(month.table)
    return tuple(made)


def drop(execute: Execute, before: int) -> int:
    """Drop what is older than that instant; a transaction is open. How many months went.

    Raises StoreError where that would tear a hole into a stream.
    """
    execute(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
    months = [month for month in existing(execute) if month.ends <= before]
    if not months:
        return 0
    until = months[-1].ends
    torn: Any = execute(_OUT_OF_ORDER, (until, until)).fetchone()
    if torn is not None:
        raise StoreError(
            f"stream {torn[0]!r} has earlier entries at a later time: dropping months would leave "
            "a hole in it; purge that stream first"
        )
    for month in months:
        execute(f"DROP TABLE {sql.quoted(month.table)}")
    execute("DELETE FROM ik_journal WHERE at < %s", (until,))
    # Notes of entries that are gone must not be found: all texts are read again.
    execute(
        "UPDATE ik_indexing SET done = false, tenant = '', id = '' WHERE lag = %s",
        (Lag.TEXTS.value,),
    )
    return len(months)
