"""What a driver raises, in the contract's words: by its class, by a code, never by its text."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import pytest

from incidentkit import Desk
from incidentkit.errors import InvalidValue, Retryable, StoreError, StoreFull
from incidentkit.stores.rows import Collision
from incidentkit.testing.records import MAIN
from incidentkit.testing.store_trial import StoreTime
from tests.stores.factories import DictKeyStore, PlainSqlStore
from tests.stores.troubles import locked


class Lost(OSError):
    """A driver's error below one that is known."""


class Speaking(DictKeyStore):
    errors: ClassVar = {
        OSError: Retryable,
        MemoryError: StoreFull,
        ArithmeticError: StoreError,
        LookupError: Collision,
    }
    said: Exception | None = None

    def ask(self) -> None:
        if self.said is not None:
            raise self.said


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Lost("gone"), Retryable),
        (ConnectionResetError("gone"), Retryable),
        (MemoryError(), StoreFull),
        (ZeroDivisionError("odd"), StoreError),
        (IndexError("between"), Retryable),  # after it was tried several times
        (TypeError("a mistake of the store's author"), TypeError),
        (InvalidValue("x", "the library's own"), InvalidValue),
    ],
    ids=lambda x: type(x).__name__ if isinstance(x, Exception) else "",
)
def test_by_the_nearest_class(said: Exception, kind: type[Exception]) -> None:
    store = Speaking(now=StoreTime())
    store.said = said
    with pytest.raises(kind) as caught:
        store.numbers(MAIN, "incident", 1)
    if kind in (Retryable, StoreFull, StoreError) and not isinstance(said, LookupError):
        assert caught.value.__cause__ is said
        assert type(said).__name__ in str(caught.value)


def test_statements_of_ones_own_outside_transactions() -> None:
    store = Speaking(now=StoreTime())
    with pytest.raises(Retryable), store.translating():
        raise Lost("gone")
    with pytest.raises(TypeError, match="mistake"), store.translating():
        raise TypeError("a mistake")


def test_the_time_of_a_database_is_told_likewise() -> None:
    def gone() -> int:
        raise ConnectionResetError("gone")

    with pytest.raises(Retryable):
        Speaking(now=gone).now()


def test_what_joined_says_what_its_store_says(tmp_path: Path) -> None:
    store = PlainSqlStore(tmp_path / "i.db", now=StoreTime())
    store.declare([])
    with closing(sqlite3.connect(tmp_path / "none.db", isolation_level=None)) as host:
        inside = store.joined(host)
        with pytest.raises(Retryable):  # there is no such table: an OperationalError
            inside.numbers(MAIN, "incident", 1)
    store.close()


def test_a_hosts_store_that_is_away_is_spooled_for(tmp_path: Path) -> None:
    store = PlainSqlStore(tmp_path / "i.db", now=StoreTime())
    with Desk.open(store=store, spool=tmp_path / "spool") as desk:
        desk.declare("Before")
        with locked(store):
            taken = desk.receive("generic", b'{"title": "Disk full", "severity": "critical"}')
            assert taken.spooled
            with pytest.raises(Retryable):
                desk.declare("Not now")
        desk.run_due()
        assert [x.title for x in desk.find().items] == ["Disk full", "Before"]
