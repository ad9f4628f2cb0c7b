"""Every experiment in its short form, on every store that is at hand."""

from __future__ import annotations

import pytest

from tests.proof.catalogue import EXPERIMENTS
from tests.proof.places import PLACES, SUITE, place

PAIRS = [
    (id_, store)
    for id_, experiment in EXPERIMENTS.items()
    for store in experiment.stores
    if store in PLACES and store != SUITE
]


@pytest.mark.parametrize(("id_", "store"), PAIRS)
def test_short(id_: str, store: str) -> None:
    experiment = EXPERIMENTS[id_]
    with place(store) as here:
        said = experiment.conducted(here, experiment.short, 1)
    assert said["problems"] == []
    assert said["passed"]


@pytest.mark.crash
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("id_", "store"), PAIRS)
def test_full(id_: str, store: str) -> None:
    experiment = EXPERIMENTS[id_]
    with place(store) as here:
        said = experiment.conducted(here, experiment.full, 1)
    assert said["problems"] == []
    assert said["passed"]
