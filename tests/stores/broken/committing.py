"""Mistakes in what a batch makes true."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

import attrs

from incidentkit.errors import Conflict, StoreError
from incidentkit.ids import TenantName
from incidentkit.ports.rows import Batch, Committed, Ref, Row
from incidentkit.stores import queueing
from incidentkit.stores.memory import _Tenant
from tests.stores.broken.base import Kept


class ReplayAfterConflict(Kept):
    """Looks for the request only after it has found the conflict."""

    def _commit(self, batch: Batch) -> Committed:
        self._judge_versions(self._tenant(batch.tenant), batch)
        return super()._commit(batch)


class RequestOutsideTransaction(Kept):
    """Keeps the request although the batch was refused."""

    def _commit(self, batch: Batch) -> Committed:
        try:
            return super()._commit(batch)
        except StoreError:
            if batch.request is not None:
                kept = batch.request, self._now()
                self._tenant(batch.tenant).requests[batch.request.id] = kept
            raise


class MissingRowIsSuccess(Kept):
    """An update that found no row is none the wiser: it counts as done."""

    def _judge_versions(self, mine: _Tenant, batch: Batch) -> None:
        there = [x for x in batch.puts if self._records(mine, x.row.kind).version(x.row.id)]
        new = [put for put in batch.puts if put not in there and not put.expected]
        super()._judge_versions(mine, attrs.evolve(batch, puts=(*there, *new)))


class LastWriteWins(Kept):
    """Writes over whatever version there is."""

    def _judge_versions(self, mine: _Tenant, batch: Batch) -> None:
        super()._judge_versions(mine, attrs.evolve(batch, puts=()))


class ExpectsBeforeTheLock(Kept):
    """Checks what was only read before it takes the lock."""

    def commit(self, batch: Batch) -> Committed:
        if not batch.expects:
            return super().commit(batch)
        rows = self.load(batch.tenant, [Ref(x.kind, x.id) for x in batch.expects])
        there = [0 if row is None else row.version for row in rows]
        if there == [each.version for each in batch.expects]:
            time.sleep(0.005)
            batch = attrs.evolve(batch, expects=())
        return super().commit(batch)


class LosesTasksOnConflict(Kept):
    """Cancels in a transaction of its own, which a conflict does not roll back."""

    def _commit(self, batch: Batch) -> Committed:
        try:
            return super()._commit(batch)
        except Conflict:
            for name in batch.cancels:
                queueing.cancel(self._rows, batch.tenant, name)
            raise


class HalfWritten(Kept):
    """Writes its rows, and only then looks who owns the keys."""

    def _judge_versions(self, mine: _Tenant, batch: Batch) -> None:
        super()._judge_versions(mine, batch)
        if batch.keys:
            for put in batch.puts:
                self._records(mine, put.row.kind).write(put.row)


class ReformattedJournal(Kept):
    """Keeps the body of an entry as JSON instead of as text."""

    def commit(self, batch: Batch) -> Committed:
        lines = tuple(attrs.evolve(x, body=_formatted(x.body)) for x in batch.entries)
        return super().commit(attrs.evolve(batch, entries=lines))


def _formatted(body: str | None) -> str | None:
    try:
        return None if body is None else json.dumps(json.loads(body), ensure_ascii=False)
    except ValueError:
        return body


class TenantMissingInKey(Kept):
    """Keeps the unique keys of all tenants in one table, and forgot a column."""

    def owners(
        self, tenant: TenantName, space: str, values: Sequence[str]
    ) -> tuple[str | None, ...]:
        return super().owners(TenantName("main"), space, values)

    def _tenant(self, name: str) -> _Tenant:
        found = super()._tenant(name)
        if name != "main":
            found.owners = super()._tenant("main").owners
        return found


class TrimsText(Kept):
    """Keeps ids as a type of column that pads and trims."""

    def commit(self, batch: Batch) -> Committed:
        puts = tuple(attrs.evolve(x, row=_trimmed(x.row)) for x in batch.puts)
        return super().commit(attrs.evolve(batch, puts=puts))


def _trimmed(row: Row) -> Row:
    return attrs.evolve(
        row, columns=tuple(x.rstrip(" ") if isinstance(x, str) else x for x in row.columns)
    )


class LosesMicroseconds(Kept):
    """Keeps the instants of the journal in milliseconds."""

    def commit(self, batch: Batch) -> Committed:
        lines = tuple(attrs.evolve(x, at=x.at // 1_000 * 1_000) for x in batch.entries)
        return super().commit(attrs.evolve(batch, entries=lines))
