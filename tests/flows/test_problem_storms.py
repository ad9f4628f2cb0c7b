"""Many at once on one problem: nothing is lost or counted twice, and a storm moves it once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from incidentkit import (
    Analyse,
    Declare,
    Desk,
    Fix,
    LinkKind,
    ManualTime,
    PublishKnownError,
    RaiseProblem,
    UseKnownError,
    Verify,
)
from tests.flows import world

THREADS = 8


@pytest.fixture(params=["memory", "sqlite"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    url = "memory:" if request.param == "memory" else f"sqlite:///{tmp_path}/storm.db"
    with Desk.open(url, time=ManualTime(), channels={"sms": world.pager()}) as desk:
        desk.execute(RaiseProblem("The pool leaks", owner="bo"))
        yield desk


def at_once(work: Any, cases: range) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, cases))


def test_a_storm_of_incidents_doubts_a_fix_once(desk: Any) -> None:
    desk.execute(Fix("PRB-1", cause="a leak"))
    until = desk.ports.now() + timedelta(days=28)
    desk.execute(Verify("PRB-1", until=until, criterion='incident.service == "db"'))
    at_once(lambda n: desk.execute(Declare(f"Down {n}", service="db")), range(24))
    at_once(lambda _: desk.run_due(), range(THREADS))
    desk.run_due()
    names = world.names(desk, "PRB-1")
    assert names.count("fix_not_holding") == 1
    assert desk.problem("PRB-1").status == "analysing"
    ((kind, shown),) = world.links(desk.problem("PRB-1"))
    assert kind == "causes"
    assert world.links(desk.incident(shown)) == {("caused_by", "PRB-1")}


def test_uses_from_all_sides_are_counted_exactly(desk: Any) -> None:
    desk.execute(Analyse("PRB-1"))
    desk.execute(PublishKnownError("PRB-1", symptoms="slow"))
    for n in range(6):
        desk.declare(f"Slow {n}")

    def use(n: int) -> None:
        ref = f"INC-{n % 6 + 1}"
        desk.execute(UseKnownError("PRB-1", incident=ref, worked=n % 6 != 0 if n % 2 else None))

    at_once(use, range(48))
    known = desk.problem("PRB-1").known_error
    assert known.uses == 6
    assert (known.successes, known.failures) == (3, 0)
    desk.run_due()
    assert len(desk.problem("PRB-1").targets(LinkKind.WORKAROUND_FOR)) == 6
    for n in range(6):
        assert ("workaround_from", "PRB-1") in world.links(desk.incident(f"INC-{n + 1}"))
