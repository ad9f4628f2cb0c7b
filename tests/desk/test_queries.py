"""Finding records by plain words.

Guarded here: a misspelt filter is an error and never an empty page, and pages are whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import ManualTime, RaiseProblem
from incidentkit.errors import InvalidValue
from tests.flows.world import URGENT

Open = Callable[..., Any]


@pytest.fixture
def desk(open_desk: Open, url: str) -> Any:
    time = ManualTime()
    desk = open_desk(url, time=time)
    for n, service in enumerate(("web", "mail", "web", "db", "web"), start=1):
        time.move(minutes=1)
        desk.declare(f"Down {n}", service=service, **(URGENT if n % 2 else {}))
    desk.start("INC-2")
    return desk


def refs(found: Any) -> list[str]:
    return [each.ref for each in found.items]


def test_filters_are_columns_by_name(desk: Any) -> None:
    by_ref = {"order": "ref", "descending": False}
    assert refs(desk.find(service="web", **by_ref)) == ["INC-1", "INC-3", "INC-5"]
    assert refs(desk.find(service=("mail", "db"), **by_ref)) == ["INC-2", "INC-4"]
    assert refs(desk.find(service=(), **by_ref)) == []
    assert refs(desk.find(state="new", priority="P1", service="web", **by_ref)) == [
        "INC-1",
        "INC-3",
        "INC-5",
    ]
    assert refs(desk.find(active=True, state="in_progress", **by_ref)) == ["INC-2"]
    assert refs(desk.find(service=None, **by_ref)) == [f"INC-{n}" for n in range(1, 6)]
    assert (desk.count(), desk.count(service="web"), desk.count(assignee="ana")) == (5, 3, 0)


def test_the_last_changed_come_first(desk: Any) -> None:
    desk.ports.time.move(minutes=1)
    desk.note("INC-3", "hello")
    assert refs(desk.find())[0] == "INC-3"
    assert refs(desk.find())[-2:] == ["INC-4", "INC-1"]


@pytest.mark.parametrize("order", ["ref", "changed_at", "service", "id"])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_have_everything_once(desk: Any, order: str, descending: bool) -> None:
    seen: list[str] = []
    page = desk.find(limit=2, order=order, descending=descending)
    while True:
        seen += refs(page)
        if page.next is None:
            break
        page = desk.find(limit=2, order=order, descending=descending, after=page.next)
    assert seen == refs(desk.find(order=order, descending=descending))
    assert sorted(seen) == [f"INC-{n}" for n in range(1, 6)]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"sate": "new"}, "sate: is no column of incident; there is active, assignee"),
        ({"order": "title"}, "title: is no column"),
        ({"limit": 0}, "limit: 0 is not between 1 and 1000"),
        ({"limit": 1001}, "limit: 1001"),
        ({"active": "yes"}, "active"),
        ({"service": 7}, "service"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused(desk: Any, given: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidValue, match=problem):
        desk.find(**given)


def test_counting_refuses_the_same(desk: Any) -> None:
    with pytest.raises(InvalidValue, match="sate: is no column"):
        desk.count(sate="new")


def test_problems_are_found_alike(desk: Any) -> None:
    desk.execute(RaiseProblem("Leak", service="db", owner="ana"))
    desk.execute(RaiseProblem("Certificates"))
    assert refs(desk.find_problems(owner="ana")) == ["PRB-1"]
    assert refs(desk.find_problems(order="ref", descending=True)) == ["PRB-2", "PRB-1"]
    with pytest.raises(InvalidValue, match="assignee: is no column of problem"):
        desk.find_problems(assignee="ana")
