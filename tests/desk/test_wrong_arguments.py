"""What a host hands over from a form or a query string may be anything: one clear error, no other.

Guarded here: a wrong type is the caller's fault, is said with the argument's name, and changes
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import Desk
from incidentkit.errors import InvalidValue

Open = Callable[..., Any]
CALLS: dict[str, Callable[[Any], Any]] = {
    "limit": lambda desk: desk.find(limit="20"),
    "limit of problems": lambda desk: desk.find_problems(limit=2.5),
    "limit of records": lambda desk: desk.find_records("review", limit=True),
    "limit of a search": lambda desk: desk.search("down", limit="20"),
    "order": lambda desk: desk.find(order=["priority"]),
    "after": lambda desk: desk.find(after="2"),
    "text": lambda desk: desk.search(None),
    "after of a search": lambda desk: desk.search("down", after="2"),
    "kinds": lambda desk: desk.search("down", kinds=5),
    "by": lambda desk: desk.pareto(by=None),
    "for_": lambda desk: desk.overview(for_=["ana"]),
    "teams": lambda desk: desk.overview(teams="ops"),
    "zone": lambda desk: desk.metrics(zone=None),
    "zones": lambda desk: desk.metrics(zones=["UTC"]),
    "topic": lambda desk: desk.explain("INC-1", None),
    "query": lambda desk: desk.tasks(5),
    "task": lambda desk: desk.retry(5),
    "request": lambda desk: desk.note("INC-1", "x", request=["a"]),
    "subject": lambda desk: desk.incident(5),
}
OPENINGS: dict[str, Any] = {
    "url": {"url": 5},
    "sources": {"sources": 5},
    "plugins": {"plugins": "mine"},
    "time": {"time": 5},
    "ids": {"ids": 5},
}


@pytest.mark.parametrize("argument", CALLS)
def test_a_wrong_type_is_the_callers_fault(open_desk: Open, argument: str) -> None:
    desk = open_desk()
    inc = desk.declare("Down")
    with pytest.raises(InvalidValue) as error:
        CALLS[argument](desk)
    assert error.value.field == argument.split(" ", maxsplit=1)[0]
    assert desk.incident(inc) == inc


@pytest.mark.parametrize("argument", OPENINGS)
def test_a_desk_is_not_opened_on_what_is_none(argument: str) -> None:
    with pytest.raises(InvalidValue) as error:
        Desk.open(**OPENINGS[argument])
    assert error.value.field == argument
