"""Random commands on several stores at once: whatever the model says, the others say.

The short form runs every day. The long one takes its number of steps from INCIDENTKIT_STEPS and
its seed from INCIDENTKIT_SEED:

    INCIDENTKIT_STEPS=1000000 pytest -m slow tests/stores/test_agreement.py
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from incidentkit.ids import TenantName
from incidentkit.ports.query import Query
from incidentkit.ports.rows import Batch, Committed, Purged
from incidentkit.stores.memory import MemoryStore
from incidentkit.testing.machine import store_machine
from incidentkit.testing.steps import Divergence, run_steps
from incidentkit.testing.store_trial import StoreHarness, StoreTime
from tests.stores.factories import MAKERS, harness

COMPARED = ("sqlite-memory", "rows-dict", "keys-dict")
LONG = int(os.environ.get("INCIDENTKIT_STEPS") or 20_000)
SEED = int(os.environ.get("INCIDENTKIT_SEED") or 0)


def made(sort: str) -> StoreHarness:
    return StoreHarness(lambda now: MAKERS[sort](Path(), now))


Agreement = store_machine({sort: made(sort) for sort in COMPARED}, steps=20)
TestAgreement = Agreement.TestCase
TestAgreement.settings = settings(TestAgreement.settings, max_examples=15)
"""The random run below does more in less time; this one shortens what it finds."""


def test_a_short_run_on_every_store(tmp_path: Path) -> None:
    run = run_steps({sort: harness(sort, tmp_path / sort) for sort in MAKERS}, 300)
    assert run.divergences == ()
    assert (run.steps, run.episodes, run.stores) == (300, 2, tuple(MAKERS))


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_a_long_run_on_every_store(tmp_path: Path) -> None:
    stores = {sort: harness(sort, tmp_path / sort) for sort in MAKERS}
    run = run_steps(stores, LONG, SEED)
    assert run.divergences == ()
    assert run.steps == LONG


# --- that it finds what is wrong ------------------------------------------------------------------


class Forgetful(MemoryStore):
    """Forgets to count what a purge removed, and every seventh commit."""

    def __init__(self, now: StoreTime) -> None:
        super().__init__(now=now)
        self.commits = count(1)

    def commit(self, batch: Batch) -> Committed:
        if next(self.commits) % 7:
            return super().commit(batch)
        return Committed(self.now())


def diverged(seed: int) -> tuple[Divergence, ...]:
    return run_steps({"bad": Forgetful}, 2_000, seed, most_divergences=3).divergences


def test_what_differs_is_found_and_comes_again() -> None:
    found = diverged(5)
    assert len(found) == 3
    assert {each.store for each in found} == {"bad"}
    assert all(len(each.commands) == each.step for each in found)
    assert found == diverged(5)
    again = run_steps({"bad": Forgetful}, 200, 5, first=found[1].episode, most_divergences=1)
    assert again.divergences == (found[1],)


class Crashing(MemoryStore):
    def purge(self, tenant: TenantName, before: int, streams: Sequence[str] = ()) -> Purged:
        raise ZeroDivisionError("purged by nothing")

    def count(self, tenant: TenantName, query: Query) -> int:
        return -1


def crashing(now: StoreTime) -> Crashing:
    return Crashing(now=now)


def test_an_error_of_its_own_is_a_divergence() -> None:
    run = run_steps(crashing, 2_000, most_divergences=9)
    assert len(run.divergences) == 9
    problems = {each.problem for each in run.divergences}
    assert "ZeroDivisionError('purged by nothing')" in problems
    assert any(each.startswith("store says -1, the model says ") for each in problems)


def test_hypothesis_finds_it_too() -> None:
    machine = store_machine(crashing).TestCase
    machine.settings = settings(machine.settings, max_examples=50, phases=[Phase.generate])
    with pytest.raises((AssertionError, ZeroDivisionError), match=r"the model says|by nothing"):
        machine("runTest").debug()


def test_without_hypothesis_the_error_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "from incidentkit.testing import store_machine\n"
        "try:\n    store_machine(print)\nexcept ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'incidentkit[testing]'" in done.stdout
