"""The conformance kit on the Django store, over SQLite and over PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("django")

from incidentkit.testing.case import Case
from incidentkit.testing.running import missing
from incidentkit.testing.store_trial import StoreTrial, capabilities
from incidentkit.testing.stores import store_cases
from tests.hosts.conftest import ENGINES, Make
from tests.hosts.making import harness

ABLE = ("full", "host", "join", "outage", "reindex", "reopen", "tally")
EVERY_DAY = ("commit", "groups", "host", "requests", "threads")
"""What is run on a server every day: what commits, races and joins. The rest is with the slow."""


def pairs() -> list[Any]:
    """Every case on every engine."""
    return [
        pytest.param(
            sort,
            case,
            id=f"{case.id}-{sort}",
            marks=()
            if sort == "sqlite" or case.id.split(".")[1] in EVERY_DAY
            else pytest.mark.slow,
        )
        for sort in ENGINES
        for case in store_cases()
        if not missing(case, ABLE)
    ]


@pytest.mark.parametrize(("sort", "case"), pairs())
def test_contract(
    sort: str, case: Case[StoreTrial], makers: Callable[[str], Make], tmp_path: Path
) -> None:
    with StoreTrial(harness(makers(sort), tmp_path)) as trial:
        case.run(trial)


@pytest.mark.parametrize("sort", ENGINES)
def test_it_is_asked_for_all_it_can_do(
    sort: str, makers: Callable[[str], Make], tmp_path: Path
) -> None:
    assert capabilities(harness(makers(sort), tmp_path)) == ABLE
