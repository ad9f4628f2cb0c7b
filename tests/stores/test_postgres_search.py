"""Full text in PostgreSQL finds what the memory finds, whatever the words; and its bounds."""

from __future__ import annotations

import importlib.util
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentkit import Desk
from incidentkit.errors import InvalidValue, LimitExceeded, StoreError
from incidentkit.lang.words import needles
from incidentkit.ports.rows import SearchText
from incidentkit.ports.search import Among, TextQuery
from incidentkit.stores.memory import MemoryStore
from incidentkit.stores.postgres import texts
from tests.stores.factories import ALERT, BARE, INCIDENT, Moving
from tests.stores.postgres_server import lent
from tests.stores.shapes import MAIN, put, write

KINDS = (attrs.evolve(INCIDENT, searchable=True), ALERT, attrs.evolve(BARE, searchable=True))
WORDS = st.sampled_from(
    ("login", "logins", "slow", "slowness", "slowly", "vpn", "Zürich", "zurich", "12", "x", "full")
)
TEXTS = st.lists(WORDS, max_size=6).map(" ".join)
ASKED = st.one_of(
    TEXTS, st.text(max_size=30), TEXTS.map(lambda x: f'"{x}"'), WORDS.map(lambda x: x[:2] + "*")
)
RECORDS = st.lists(
    st.tuples(TEXTS, TEXTS, TEXTS, st.lists(TEXTS, max_size=3)), min_size=1, max_size=8
)


@settings(max_examples=15)
@given(RECORDS, st.lists(ASKED, min_size=1, max_size=8), st.booleans())
def test_memory_and_postgres_find_the_same(
    records: list[tuple[str, str, str, list[str]]], asked: list[str], either: bool
) -> None:
    stores: list[Any] = [MemoryStore(now=Moving()), lent(Moving())]
    for store in stores:
        store.declare(KINDS)
        for number, (title, keywords, body, notes) in enumerate(records):
            name = f"n{number}"
            text = SearchText("incident", name, title, keywords, body)
            write(store, puts=(put(name),), texts=(text,))
            for seq, note in enumerate(notes, start=1):
                added = SearchText("incident", name, None, notes=((seq, note),))
                write(store, puts=(put(name, seq),), texts=(added,))
    for typed in asked:
        try:
            wanted = needles(typed)
        except (InvalidValue, LimitExceeded):
            continue
        query = TextQuery(wanted, (Among("incident"),), limit=50, either=either)
        memory, postgres = [
            {(hit.id, hit.texts) for hit in store.search(MAIN, query).hits} for store in stores
        ]
        assert memory == postgres, typed
    for store in stores:
        store.close()


def test_a_text_of_any_size_is_taken() -> None:
    store = lent(Moving())
    store.declare(KINDS)
    body = " ".join(f"word{number}" for number in range(30_000)) + " " + "y" * 5_000
    write(store, puts=(put("a"),), texts=(SearchText("incident", "a", "Login", "", body),))
    for seq in (1, 2):
        note = SearchText("incident", "a", None, notes=((seq, body),))
        write(store, puts=(put("a", seq),), texts=(note,))
    for words in ("login", "word7"):
        query = TextQuery(needles(words), (Among("incident"),))
        page = store.search(MAIN, query)
        assert page is not None
        assert [hit.id for hit in page.hits] == ["a"]
    store.close()


def test_a_tenant_is_marked_in_every_word() -> None:
    assert texts.mark("main") != texts.mark("other")
    assert texts.query_of("main", needles("a'b")[0]).count("'") == 2


def test_without_the_driver_one_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(StoreError, match=r"pip install 'incidentkit\[postgres\]'"):
        Desk.open("postgresql://host/db", entry_points=False)
