"""A process that handed out much takes the dead rows of the queue away."""

from __future__ import annotations

import psycopg
import pytest

from incidentkit.ports.rows import Done, Settle
from incidentkit.stores.postgres import operations
from incidentkit.stores.postgres.store import PostgresStore
from tests.benchmarks import stored
from tests.stores.postgres_server import DATABASES

COUNT = "SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = 'ik_task'"


def emptied(store: PostgresStore) -> int:
    sent = 0
    while taken := store.claim(None, stored.LEASE, 10).tasks:
        store.settle(stored.TENANT, [Settle(x.task.id, x.token, Done()) for x in taken])
        sent += len(taken)
    return sent


def test_dead_rows_are_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "TIDY_AFTER", 30)
    url = DATABASES.fresh()
    store = PostgresStore(url)
    try:
        store.declare([stored.SPEC])
        for batch in stored.messages(60):
            store.commit(batch)
        with psycopg.connect(url, autocommit=True) as db:
            assert emptied(store) == 60
            (count,) = db.execute(COUNT).fetchone() or (0,)
    finally:
        store.close()
    assert count > 0
