"""My own store: on RowStore over a database, and on KeyStore over ordered keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from incidentkit import ManualTime
from tests.stores.factories import DictKeyStore, DictStore, Moving, PlainSqlStore, SqliteKeyStore

pytestmark = pytest.mark.short

STORES: dict[str, Callable[[Path], Any]] = {
    "rows in a dictionary": lambda path: DictStore(now=Moving()),
    "rows in a database": lambda path: PlainSqlStore(path / "rows.db", now=Moving()),
    "keys in a dictionary": lambda path: DictKeyStore(now=Moving()),
    "keys in a database": lambda path: SqliteKeyStore(path / "keys.db", now=Moving()),
}


@pytest.mark.parametrize("name", STORES)
def test_a_store_of_ones_own_carries_an_incident(
    name: str, open_desk: Callable[..., Any], tmp_path: Path
) -> None:
    said: list[Any] = []
    time = ManualTime()
    desk = open_desk(store=STORES[name](tmp_path), channels={"sms": said.append}, time=time)
    inc = desk.declare("Down", impact="high", urgency="high", assign="ana")
    desk.run_due()
    desk.acknowledge(inc, by="ana")
    time.move(minutes=10)
    desk.mitigate(inc, by="ana")
    desk.resolve(inc, by="ana", code="workaround", remedy="failed over")
    desk.run_due()
    assert [m.to for m in said] == ["ana"]
    found = desk.find(state="resolved")
    assert [each.ref for each in found.items] == ["INC-1"]
    assert desk.verify().problems == ()
    assert len(desk.timeline(inc)) == len(desk.journal(inc)) > 10
