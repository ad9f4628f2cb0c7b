"""Reports that arrive while their incident is merged away: in threads, on one database.

However the two meet, no report is lost and none is left with an incident that is over.
"""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from incidentkit import Desk, Merge
from incidentkit.errors import IncidentKitError

REPORTS = 6


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'race.db'}"
    from tests.stores.postgres_server import DATABASES

    return DATABASES.fresh()


@pytest.mark.parametrize("round_", range(4))
def test_a_report_against_a_merge(url: str, round_: int) -> None:
    with Desk.open(url) as desk:
        desk.declare("No shop")
        desk.declare("No shop either")
    together = threading.Barrier(3, timeout=20)
    failed: list[IncidentKitError] = []

    def reporting(name: str) -> None:
        with Desk.open(url) as desk:
            together.wait()
            for number in range(REPORTS):
                try:
                    desk.report("No shop", reporter=f"{name}{number}", incident="INC-2")
                except IncidentKitError as error:
                    failed.append(error)

    def merging() -> None:
        with Desk.open(url) as desk:
            together.wait()
            desk.execute(Merge("INC-1", target="INC-2", reason="the same"))

    threads = [threading.Thread(target=reporting, args=(name,)) for name in ("ana", "bo")]
    threads.append(threading.Thread(target=merging))
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failed == []
    with Desk.open(url) as desk:
        desk.run_due()
        survivor, gone = desk.incident("INC-1"), desk.incident("INC-2")
        reports = list(desk.reports("INC-1"))
        assert len(reports) == len({x.reporter for x in reports}) == 2 * REPORTS
        assert {x.incident for x in reports} == {survivor.id}
        assert (survivor.ties.reports, gone.ties.reports) == (2 * REPORTS, 0)
        assert gone.status == "cancelled"
