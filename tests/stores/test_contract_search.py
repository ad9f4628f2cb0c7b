"""Search: the stores that can find the same, and the others take a batch's texts without a word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentkit.errors import Conflict, InvalidValue, LimitExceeded, StoreClosed
from incidentkit.ids import TenantName
from incidentkit.lang.words import needles
from incidentkit.ports.query import NOTHING, Compare, Op
from incidentkit.ports.rows import KindSpec, Request, SearchText
from incidentkit.ports.search import Among, SearchCursor, SupportsSearch, TextQuery
from incidentkit.ports.store import Store
from incidentkit.stores.memory import MemoryStore
from incidentkit.stores.sqlite import searching
from incidentkit.stores.sqlite.store import SqliteStore
from tests.stores.factories import ALERT, BARE, INCIDENT, MAKERS, START, Moving
from tests.stores.shapes import MAIN, OTHER, entry, put, write

SEARCHED = attrs.evolve(INCIDENT, searchable=True)
KINDS = (SEARCHED, ALERT, attrs.evolve(BARE, searchable=True))
ABLE = ("memory", "sqlite", "sqlite-memory", "postgres")


@pytest.fixture(params=ABLE)
def store(request: pytest.FixtureRequest, tmp_path: Path, now: Moving) -> Any:
    made = MAKERS[request.param](tmp_path, now)
    made.declare(KINDS)
    yield made
    made.close()


def text(name: str, title: str | None = "", **more: Any) -> SearchText:
    return SearchText("incident", name, title, **more)


def add(store: Any, name: str, title: str, tenant: TenantName = MAIN, **more: Any) -> None:
    columns = {key: more.pop(key) for key in ("state", "rank") if key in more}
    write(store, tenant, puts=(put(name, **columns),), texts=(text(name, title, **more),))


def found(
    store: Any,
    words: str,
    among: tuple[Among, ...] = (Among("incident"),),
    tenant: TenantName = MAIN,
    **more: Any,
) -> list[str]:
    """The ids of all pages."""
    query = TextQuery(needles(words), among, **more)
    ids: list[str] = []
    while True:
        page = store.search(tenant, query)
        assert len(page.hits) <= query.limit
        assert [hit.score for hit in page.hits] == sorted(
            (h.score for h in page.hits), reverse=True
        )
        ids += [hit.id for hit in page.hits]
        if page.next is None:
            return ids
        query = attrs.evolve(query, after=page.next)


@pytest.mark.parametrize("maker", list(MAKERS))
def test_every_store_takes_texts(maker: str, tmp_path: Path, now: Moving) -> None:
    made: Store = MAKERS[maker](tmp_path, now)
    made.declare(KINDS)
    add(made, "a", "Login is slow")
    assert made.load(MAIN, []) == ()
    assert isinstance(made, SupportsSearch) == (maker in ABLE)
    made.close()


def test_every_word_must_stand_somewhere(store: Any) -> None:
    add(store, "a", "Login is slow", body="since Monday")
    add(store, "b", "Login fails", keywords="vpn Zürich")
    add(store, "c", "Disk full")
    assert found(store, "login slow") == ["a"]
    assert found(store, "LOGINS monday") == ["a"]
    assert found(store, "zurich") == ["b"]
    assert found(store, "log*") == ["b", "a"]
    assert found(store, '"login slow"') == []
    assert found(store, '"is slow"') == ["a"]
    assert found(store, "full slow", either=True) == ["c", "a"]
    assert found(store, "nothing") == []


def test_titles_come_before_notes(store: Any) -> None:
    add(store, "note", "Disk full", notes=((1, "printer"),))
    add(store, "body", "Disk full", body="printer")
    add(store, "words", "Disk full", keywords="printer")
    add(store, "title", "Printer full")
    assert found(store, "printer") == ["title", "words", "body", "note"]


def test_a_hit_brings_its_fields(store: Any) -> None:
    add(store, "a", "Title", keywords="kw", body="body", notes=((1, "first"), (12, "second")))
    (hit,) = store.search(MAIN, TextQuery(needles("second"), (Among("incident"),))).hits
    assert (hit.kind, hit.id) == ("incident", "a")
    assert hit.texts == ("Title", "kw", "body", "first\nsecond")
    assert hit.score > 0
    # The number of an entry is none of the words.
    assert found(store, "12") == []


def test_texts_change_with_the_record(store: Any) -> None:
    add(store, "a", "Login is slow", notes=((1, "first note"),))
    write(store, puts=(put("a", 1),), texts=(text("a", "Disk full", body="b"),))
    assert found(store, "login") == []
    assert found(store, "disk first") == ["a"]
    write(store, puts=(put("a", 2),), texts=(text("a", None, notes=((3, "second note"),)),))
    assert found(store, "disk first second") == ["a"]
    both = text("a", "Both", notes=((4, "third"),))
    write(store, puts=(put("a", 3),), texts=(both,))
    assert found(store, "both first second third") == ["a"]
    anew = text("a", "Anew", notes=((9, "ninth"),), anew=True)
    write(store, puts=(put("a", 4),), texts=(anew,))
    assert found(store, "first") == []
    assert found(store, "anew ninth") == ["a"]


def test_a_note_on_a_record_that_has_no_text_yet(store: Any) -> None:
    write(store, puts=(put("a"),), texts=(text("a", None, notes=((1, "alone"),)),))
    assert found(store, "alone") == ["a"]


def test_a_refused_batch_and_a_replay_leave_the_texts(store: Any) -> None:
    add(store, "a", "Login")
    with pytest.raises(Conflict):
        write(store, puts=(put("a", 7),), texts=(text("a", "Changed"),))
    assert found(store, "changed") == []
    request = Request("r", "f", "x")
    note = text("a", None, notes=((2, "once"),))
    for _ in range(2):
        write(store, request=request, puts=(put("a", 1),), texts=(note,))
    (hit,) = store.search(MAIN, TextQuery(needles("once"), (Among("incident"),))).hits
    assert hit.texts[3] == "once"


def test_texts_come_with_a_batch_that_takes_the_judging_path(store: Any) -> None:
    add(store, "a", "Login")
    good = (put("b"), put("c"))
    # A stale expectation in the group sends the whole of it down the other path.
    first = attrs.evolve(batch(puts=good, texts=(text("b", "Beta"), text("c", "Gamma"))))
    second = batch(puts=(put("a", 9),), texts=(text("a", "Never"),))
    answers = store.commit_group([first, second])
    assert isinstance(answers[1], Conflict)
    assert found(store, "beta") == ["b"]
    assert found(store, "never") == []


def batch(**parts: Any) -> Any:
    from incidentkit.ports.rows import Batch

    return Batch(MAIN, **parts)


def test_tenants_never_meet(store: Any) -> None:
    add(store, "a", "Login is slow")
    add(store, "a", "Printer", tenant=OTHER)
    for number in range(30):
        add(store, f"x{number:02}", "Login login login", tenant=OTHER)
    assert found(store, "login") == ["a"]
    assert found(store, "login", limit=1) == ["a"]
    assert found(store, "printer") == []
    assert len(found(store, "login", tenant=OTHER, limit=7)) == 30


def test_filters_are_those_of_find(store: Any) -> None:
    add(store, "a", "Login", state="new", rank=1)
    add(store, "b", "Login", state="closed", rank=2)
    closed = Compare("state", Op.EQ, "closed")
    assert found(store, "login", (Among("incident", closed),)) == ["b"]
    assert found(store, "login", (Among("incident", NOTHING),)) == []
    assert found(store, "login", ()) == []
    with pytest.raises(InvalidValue, match="nothere"):
        found(store, "login", (Among("incident", Compare("nothere", Op.EQ, "")),))
    with pytest.raises(InvalidValue, match="not declared"):
        found(store, "login", (Among("unknown"),))
    with pytest.raises(InvalidValue, match="limit"):
        found(store, "login", limit=0)


def test_several_kinds_are_searched_at_once(store: Any) -> None:
    from incidentkit.ports.rows import Put, Row

    add(store, "a", "Login")
    row = Row("bare", "z", 1, 1, "h", (), "[]")
    write(store, puts=(Put(row, 0),), texts=(SearchText("bare", "z", "Login"),))
    assert found(store, "login") == ["a"]
    both = (Among("incident"), Among("bare"))
    assert sorted(found(store, "login", both)) == ["a", "z"]
    assert found(store, "login", (Among("incident", Compare("state", Op.EQ, "-")), both[1])) == [
        "z"
    ]


def test_pages_hold_each_hit_once_though_all_are_equal(store: Any) -> None:
    names = [f"n{number:02}" for number in range(23)]
    for name in names:
        add(store, name, "Login is slow")
    assert found(store, "login", limit=5) == names
    page = store.search(MAIN, TextQuery(needles("login"), (Among("incident"),), limit=23))
    assert page.next is None
    after = SearchCursor(page.hits[-1].score, 10**6)
    query = TextQuery(needles("login"), (Among("incident"),), after)
    assert store.search(MAIN, query).hits == ()


def test_a_narrow_filter_finds_what_ranks_low(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "FIRST", 3)
    for number in range(12):
        add(store, f"n{number:02}", "Login " * (12 - number), rank=number)
    last = Compare("rank", Op.GE, 10)
    assert found(store, "login", (Among("incident", last),)) == ["n10", "n11"]


def test_redaction_and_purge_take_notes_out(store: Any) -> None:
    entries = tuple(entry("a", seq, at=START + seq) for seq in (1, 2, 3))
    notes = ((1, "alpha"), (2, "beta"), (3, "gamma"))
    write(store, puts=(put("a"),), entries=entries, texts=(text("a", "T", notes=notes),))
    assert store.redact(MAIN, "incident/a", [2]) == 1
    assert found(store, "beta") == []
    assert found(store, "alpha gamma") == ["a"]
    store.purge(MAIN, START + 2, ["incident/a"])
    assert found(store, "alpha") == []
    assert found(store, "gamma") == ["a"]
    store.purge(MAIN, START + 9, ["incident/a", "incident/none"])
    assert found(store, "gamma") == []
    assert found(store, "t") == ["a"]
    assert store.redact(MAIN, "incident/none", [1]) == 0


def test_a_closed_store_does_not_search(store: Any) -> None:
    store.close()
    with pytest.raises(StoreClosed):
        found(store, "login")


def test_reading_makes_no_file(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "i.db")
    store.declare(KINDS)
    assert found(store, "login") == []
    assert store.stale() == ()
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_kinds_that_are_not_there_yet_are_empty(tmp_path: Path) -> None:
    first = SqliteStore(tmp_path / "i.db", synchronous="off")
    first.declare([SEARCHED])
    add(first, "a", "Login")
    second = SqliteStore(tmp_path / "i.db", synchronous="off")
    second.declare(KINDS)
    assert found(second, "login", (Among("bare"),)) == []
    assert found(second, "login", (Among("incident"), Among("bare"))) == ["a"]
    first.close()
    second.close()


def test_an_sqlite_without_fts5_says_so_and_a_later_one_catches_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as without:
        without.setattr(searching, "able", lambda _db: False)
        store = SqliteStore(tmp_path / "i.db", synchronous="off")
        store.declare(KINDS)
        add(store, "a", "Login")
        query = TextQuery(needles("login"), (Among("incident"),))
        assert store.search(MAIN, query) is None
        assert store.stale() == ()
        store.redact(MAIN, "incident/a", [1])
        store.close()
    store = SqliteStore(tmp_path / "i.db", synchronous="off")
    store.declare(KINDS)
    write(store, puts=(put("b"),))
    assert [each.kind for each in store.stale()] == ["bare", "incident"]
    store.close()


@pytest.mark.parametrize(
    "shortlist", [("none",), ("state",), ("open", "none")], ids=["unknown", "no bool", "partly"]
)
def test_a_shortlist_needs_a_bool_column_and_others(shortlist: tuple[str, ...]) -> None:
    store = MemoryStore()
    with pytest.raises(InvalidValue, match="shortlist"):
        store.declare([KindSpec("incident", INCIDENT.columns, shortlist=shortlist)])


# --- two stores, one answer -----------------------------------------------------------------------

WORDS = st.sampled_from(
    ("login", "logins", "slow", "slowness", "slowly", "vpn", "Zürich", "zurich", "12", "x", "full")
)
TEXTS = st.lists(WORDS, max_size=6).map(" ".join)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(TEXTS, TEXTS, st.lists(TEXTS, max_size=3)), min_size=1, max_size=8),
    st.one_of(
        TEXTS, st.text(max_size=30), TEXTS.map(lambda x: f'"{x}"'), WORDS.map(lambda x: x[:2] + "*")
    ),
    st.booleans(),
)
def test_memory_and_sqlite_find_the_same(
    records: list[tuple[str, str, list[str]]], asked: str, either: bool
) -> None:
    stores: list[Any] = [MemoryStore(now=Moving()), SqliteStore(":memory:", now=Moving())]
    try:
        wanted = needles(asked)
    except (InvalidValue, LimitExceeded):
        return
    answers: list[Any] = []
    for store in stores:
        store.declare(KINDS)
        for number, (title, body, notes) in enumerate(records):
            counted = tuple(enumerate(notes, start=1))
            add(store, f"n{number}", title or "-", body=body, notes=counted)
        query = TextQuery(wanted, (Among("incident"),), limit=50, either=either)
        answers.append([(hit.id, hit.score, hit.texts) for hit in store.search(MAIN, query).hits])
        store.close()
    memory, sqlite = answers
    assert {each[0] for each in memory} == {each[0] for each in sqlite}
    assert {(each[0], each[2]) for each in memory} == {(each[0], each[2]) for each in sqlite}
    for one, other in zip(sorted(memory), sorted(sqlite), strict=True):
        assert one[1] == pytest.approx(other[1], rel=1e-6, abs=2)
