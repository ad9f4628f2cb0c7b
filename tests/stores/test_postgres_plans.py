"""What a statement costs must not hang on statistics, which a young table has not got."""

from __future__ import annotations

import psycopg

from incidentkit.ports.query import Compare, Op, Query
from incidentkit.ports.rows import Batch
from incidentkit.stores.postgres import sending
from incidentkit.stores.postgres.store import PostgresStore
from incidentkit.testing.records import INCIDENT, MAIN, put
from tests.benchmarks import stored
from tests.stores.postgres_server import DATABASES


def test_rows_of_a_batch_are_looked_up_by_their_key_without_statistics() -> None:
    url = DATABASES.fresh()
    store = PostgresStore(url)
    try:
        store.declare([stored.ALERTS])
        names = [stored.named() for _ in range(2_000)]
        store.commit(stored.alerts(names, 1))
        written = store._operations.writing.statement(
            (stored.alerts(names[:20], 2),), store._operations.epoch, None
        )
        assert written is not None
        with psycopg.connect(url, autocommit=True) as db:
            sending.adapt(db.adapters)
            text, values = sending.ready(*written)
            lines = psycopg.RawCursor(db).execute(f"EXPLAIN {text}", values).fetchall()
    finally:
        store.close()
    plan = "\n".join(line for (line,) in lines)
    assert "Index Scan using ik_record_alert_pkey" in plan
    assert "Index Scan using ik_stream_pkey" in plan
    assert "Bitmap" not in plan


def test_many_changed_at_once_are_all_changed() -> None:
    store = PostgresStore(DATABASES.fresh())
    try:
        store.declare([stored.ALERTS])
        names = [stored.named() for _ in range(300)]
        for version in (1, 2, 3):
            store.commit(stored.alerts(names, version))
        rows = [store.load(stored.TENANT, [stored.alert_ref(name)])[0] for name in names]
    finally:
        store.close()
    assert [row and row.version for row in rows] == [3] * 300
    assert [row and row.tally and row.tally.seen for row in rows] == [3] * 300


def test_the_few_for_which_a_flag_is_true_are_found_by_its_index() -> None:
    url = DATABASES.fresh()
    store = PostgresStore(url)
    try:
        store.declare([INCIDENT])
        puts = [put(f"n{number}", is_open=number % 1_000 == 0) for number in range(3_000)]
        store.commit(Batch(MAIN, puts=tuple(puts)))
        query = Query("incident", Compare("open", Op.EQ, True), "rank")
        assert [row.id for row in store.find(MAIN, query).rows] == ["n0", "n1000", "n2000"]
        text, values = next(store._operations.find(MAIN, query))
        with psycopg.connect(url, autocommit=True) as db:
            sending.adapt(db.adapters)
            db.execute("ANALYZE ik_record_incident")
            asked = sending.ready(text, values)
            lines = psycopg.RawCursor(db).execute(f"EXPLAIN {asked[0]}", asked[1]).fetchall()
    finally:
        store.close()
    assert "Index Scan using ik_x" in "\n".join(line for (line,) in lines)
