"""Searching through a desk: what is found, in whose eyes, page by page, and without an index."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from incidentkit import (
    Condition,
    Desk,
    Edit,
    Fix,
    FrozenMap,
    ManualTime,
    MemoryStore,
    Opinion,
    Permission,
    RaiseProblem,
)
from incidentkit.errors import IndexStale, InvalidValue
from incidentkit.flows import searching
from tests.desk.stores import Wrapped
from tests.stores.test_sqlite_reindex import OLD

Open = Callable[..., Any]


class Web:
    """Lets everybody do everything and see what is about one service."""

    def may(self, actor: str, action: str, subject: str) -> Permission:
        return Permission(Opinion.ALLOW)

    def scope(self, actor: str, kind: str) -> Condition | None:
        return None if actor == "nobody" else Condition.parse('service == "web"')


class Plainest(Wrapped):
    """A store with nothing beyond the contract."""

    def __getattr__(self, name: str) -> Any:
        if name in ("search", "tally", "stale", "stale_rows", "reindex"):
            raise AttributeError(name)
        return getattr(self.inner, name)


def refs(found: Any) -> list[str]:
    return [hit.ref for hit in found.items]


def told(desk: Any) -> Any:
    desk.declare(
        "Login is slow",
        summary="Since Monday, for all in Zürich",
        service="vpn",
        labels={"site": "north"},
    )
    desk.declare("Disk full", service="web")
    desk.declare("Printer on fire", service="web")
    desk.note("INC-2", "the login server had no space left")
    desk.resolve("INC-3", code="fixed", remedy="a bigger bucket", by="ana")
    problem = desk.execute(RaiseProblem("Directory pool leaks", incident="INC-1"))
    desk.execute(Fix(problem.ref, cause="too few sockets", workaround="restart the directory"))
    return desk


@pytest.fixture
def desk(open_desk: Open, url: str) -> Any:
    return told(open_desk(url, time=ManualTime()))


FOUND = [
    ("login", ["INC-1", "INC-2"]),
    ("LOGIN Mondays", ["INC-1"]),
    ("zurich", ["INC-1"]),
    ("north", ["INC-1"]),
    ("login space", ["INC-2"]),
    ("buckets", ["INC-3"]),
    ("sockets", ["PRB-1"]),
    ("directory restart", ["PRB-1"]),
    ("vpn", ["INC-1", "PRB-1"]),
    ("INC-3", ["INC-3"]),
    ("nowhere", []),
]


@pytest.mark.parametrize(("words", "wanted"), FOUND)
def test_what_is_found(desk: Any, words: str, wanted: list[str]) -> None:
    found = desk.search(words)
    assert sorted(refs(found)) == wanted
    assert found.note == ""
    if wanted:
        assert found.items[0].score == 1000
        assert "[" in found.items[0].excerpt


def test_the_answer_follows_the_record(desk: Any) -> None:
    desk.execute(Edit("INC-1", title="Sign-on is slow", labels=FrozenMap({"site": "south"})))
    assert refs(desk.search("sign south")) == ["INC-1"]
    assert desk.search("north").items == ()
    assert refs(desk.search("login")) == ["INC-2"]
    hit = desk.search("sign").items[0]
    assert (hit.kind, hit.title, hit.record.ref) == ("incident", "Sign-on is slow", "INC-1")
    assert str(hit) == "INC-1  Sign-on is slow  ([Sign]-on is slow)"


def test_filters_and_kinds(desk: Any) -> None:
    assert refs(desk.search("login", service="web")) == ["INC-2"]
    assert refs(desk.search("vpn", kinds="problem")) == ["PRB-1"]
    assert refs(desk.search("vpn", kinds=["incident"])) == ["INC-1"]
    # A column that only incidents have leaves only them.
    assert refs(desk.search("vpn", active=True)) == ["INC-1"]
    assert desk.search("bucket", active=True).items == ()


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ({"kinds": "alert"}, "incident, problem"),
        ({"kinds": ("incident", "problem"), "major": "none"}, "major"),
        ({"nothere": 1}, "nothere"),
        ({"limit": 0}, "between 1 and 1000"),
    ],
)
def test_a_wrong_question_is_an_error(desk: Any, given: dict[str, Any], hint: str) -> None:
    with pytest.raises(InvalidValue, match=hint):
        desk.search("login", **given)
    with pytest.raises(InvalidValue, match="no word"):
        desk.search("--")


def test_pages_hold_everything_once(desk: Any) -> None:
    for _ in range(5):
        desk.declare("Login is slow", service="vpn")
    seen: list[str] = []
    scores: list[int] = []
    after = None
    while True:
        page = desk.search("login", limit=2, after=after)
        seen += refs(page)
        scores += [hit.score for hit in page.items]
        after = page.next
        if after is None:
            break
    assert sorted(seen) == ["INC-1", "INC-2", *(f"INC-{n}" for n in range(4, 9))]
    assert scores[0] == 1000
    assert scores == sorted(scores, reverse=True)


def test_nobody_finds_what_he_may_not_see(open_desk: Open, url: str) -> None:
    desk = told(open_desk(url, authoriser=Web(), time=ManualTime()))
    ana = desk.as_("ana")
    assert refs(ana.search("login")) == ["INC-2"]
    assert ana.search("vpn").items == ()
    assert desk.as_("nobody").search("login").items == ()
    assert desk.tenant("other").search("login").items == ()


def test_a_store_that_cannot_search_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "PAGE", 2)
    with told(Desk.open(store=Plainest(), time=ManualTime())) as desk:
        found = desk.search("login slow")
        assert refs(found) == ["INC-1"]
        assert found.note == (
            "the store cannot search, so records were read: notes were not searched"
        )
        assert refs(desk.search("vpn")) == ["INC-1", "PRB-1"]
        first = desk.search("web", limit=1)
        assert refs(first) + refs(desk.search("web", limit=1, after=first.next)) == [
            "INC-2", "INC-3",
        ]  # fmt: skip
        assert desk.search("web", limit=2).next is None
        assert desk.search("space").items == ()
        monkeypatch.setattr(searching, "SCANNED", 2)
        assert "only the 2 that changed last of kind 'incident'" in desk.search("fire").note
        assert desk.reindex() == 0
        assert [x.ref for x in desk.suggest("INC-1").known_errors] == ["PRB-1"]
        assert "notes were not searched" in desk.suggest("INC-1").note


class NeverIndexed(Wrapped):
    def find(self, *args: Any) -> Any:
        raise IndexStale("incident", "columns")


def test_an_index_that_never_comes_is_an_error(open_desk: Open) -> None:
    desk = open_desk(store=NeverIndexed(MemoryStore()))
    with pytest.raises(IndexStale, match=r"Desk\.reindex"):
        desk.find()


def test_an_older_file_is_indexed_when_it_is_asked(open_desk: Open, tmp_path: Path) -> None:
    path = shutil.copy(OLD, tmp_path / "incidents.db")
    desk = open_desk(f"sqlite:///{path}")
    assert refs(desk.search("directory connections")) == ["INC-1"]
    assert refs(desk.find(court="ACME")) == ["INC-1"]
    assert desk.reindex() == 0
