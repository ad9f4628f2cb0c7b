"""Every experiment in its short form, on every store that is at hand."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.proof import faked
from tests.proof.catalogue import EXPERIMENTS
from tests.proof.places import PLACES, POSTGRES, SUITE, place
from tests.proof.watch import watched

PAIRS = [
    (id_, store)
    for id_, experiment in EXPERIMENTS.items()
    for store in experiment.stores
    if store in PLACES and store != SUITE and (id_ != "E15b" or faked.LIBRARY)
]


ELSEWHERE = frozenset(
    ("E3", "E7", "E7b", "E9", "E10", "E11", "E12", "E14", "E30", "E41", "E44", "E49", "E54")
)
"""These take long; CI runs them apart: all on a server, and those of `LONG` wherever they are."""
LONG = frozenset(("E10", "E11", "E14", "E15b", "E31"))


def often(id_: str, store: str) -> Any:
    """A pair of the everyday suite, or of the stage of its own."""
    apart = id_ in (ELSEWHERE if store == POSTGRES else LONG)
    marks = [pytest.mark.proof] if apart else []
    return pytest.param(id_, store, marks=marks)


@pytest.mark.parametrize(("id_", "store"), [often(*pair) for pair in PAIRS])
def test_short(id_: str, store: str) -> None:
    experiment = EXPERIMENTS[id_]
    with place(store) as here:
        said = experiment.conducted(here, experiment.short, 1)
    assert said["problems"] == []
    assert said["passed"]


@pytest.mark.proof
@pytest.mark.skipif(POSTGRES not in PLACES, reason="no PostgreSQL is at hand")
def test_two_workers_are_killed_in_turn_and_watched() -> None:
    said = io.StringIO()
    with place(POSTGRES) as here:
        tally = watched(here, 24, 2, 1, said)
    assert (tally["came"], tally["lost"], tally["journal_problems"]) == (24, 0, [])
    assert said.getvalue().count("*** kill -9 of worker") == 2
    assert "claims INC-1" in said.getvalue()


@pytest.mark.crash
@pytest.mark.timeout(14_400)
@pytest.mark.parametrize(("id_", "store"), PAIRS)
def test_full(id_: str, store: str) -> None:
    experiment = EXPERIMENTS[id_]
    with place(store) as here:
        said = experiment.conducted(here, experiment.full, 1)
    assert said["problems"] == []
    assert said["passed"]
