"""Entries that lose their bodies or go: what redaction and purging run inside a transaction."""

from __future__ import annotations

from collections.abc import Sequence

from incidentkit.ids import TenantName
from incidentkit.stores.filters import INT64_MAX
from incidentkit.stores.postgres import texts
from incidentkit.stores.postgres.rows import PgRows
from incidentkit.stores.rows import Rows

_REDACT = (
    "UPDATE ik_journal SET body = NULL, salt = NULL WHERE tenant = %b::text "
    "AND stream = %b::text AND seq = ANY (%b::bigint[]) AND body IS NOT NULL"
)
_PURGE = (
    "DELETE FROM ik_journal WHERE tenant = %(tenant)s AND stream = %(stream)s AND seq < coalesce("
    "(SELECT min(seq) FROM ik_journal WHERE tenant = %(tenant)s AND stream = %(stream)s "
    "AND at >= %(before)s), %(most)s)"
)
_LEFT = "SELECT min(seq) FROM ik_journal WHERE tenant = %s AND stream = %s"


def redact(rows: Rows, tenant: TenantName, stream: str, seqs: Sequence[int]) -> int:
    """Take the bodies of entries away; the notes leave the index of texts with their entries."""
    assert isinstance(rows, PgRows)
    wanted = sorted(set(seqs))
    texts.forget(rows.execute, tenant, stream, wanted)
    return int(rows.execute(_REDACT, (tenant, stream, wanted)).rowcount)


def purge(tenant: TenantName, before: int, stream: str, rows: Rows) -> int:
    """Remove the entries of a stream up to an instant, and what was found by them."""
    assert isinstance(rows, PgRows)
    named = {"tenant": tenant, "stream": stream, "before": before, "most": INT64_MAX}
    gone = int(rows.execute(_PURGE, named).rowcount)
    if gone:
        left = rows.execute(_LEFT, (tenant, stream)).fetchone()[0]
        until = INT64_MAX if left is None else int(left)
        texts.forget(rows.execute, tenant, stream, range(1, until))
    return gone
