"""The rules of the queue stand twice, in Python and in PL/pgSQL: both are asked, step by step.

Random scripts of queues alone, with more tenants, subjects and channels than those of
`test_agreement`: every claim hands out the same tasks in the same order, and all that
waits is compared every few steps. The long form takes its steps from INCIDENTKIT_STEPS.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.rows import Batch, Move
from incidentkit.testing.agreement import Agreement
from incidentkit.testing.commands import an_outcome, few
from incidentkit.testing.records import MAIN, OTHER, SECOND, START, task
from tests.stores.factories import harness

LONG = int(os.environ.get("INCIDENTKIT_STEPS") or 10_000)
EPISODE = 50
CHANNELS = ("", "mail", "sms")


def _commit(r: Random, agreement: Agreement, tenants: tuple[TenantName, ...]) -> None:
    def name() -> TaskId:
        return TaskId(f"t{r.randint(0, 9)}")

    tasks = tuple(
        task(
            name(),
            subject=f"s{r.randint(0, 4)}",
            order=r.randint(0, 3),
            priority=r.randint(0, 2),
            due=START + r.randint(-3, 40) * SECOND,
            channel=r.choice(CHANNELS),
        )
        for _ in range(r.randint(1, 4))
    )
    moves = few(r, lambda r: Move(name(), START + r.randint(0, 90) * SECOND))
    cancels = few(r, lambda _: name(), 1)
    agreement.commit(Batch(r.choice(tenants), tasks=tasks, moves=moves, cancels=cancels))


def scripted(path: Path, steps: int, seed: int) -> int:
    """Do random steps to the model and to PostgreSQL; how many tasks were handed out."""
    handed = 0
    for episode in range(-(-steps // EPISODE)):
        r = Random(f"{seed}/{episode}")
        # One tenant alone has a shorter way through the functions than several have.
        tenants = (MAIN, OTHER, *(TenantName(f"w{n}") for n in range(3)))[: r.choice((1, 2, 5))]
        agreement = Agreement({"postgres": harness("postgres", path / f"{episode}")})
        try:
            for _ in range(EPISODE):
                whose = r.choice((None, None, None, *tenants))
                asked = (r.choice((1, 1, 2, 3, 8)), whose, r.choice(((), (), ("mail",))))
                match r.choice("ccttttssxw"):
                    case "c":
                        _commit(r, agreement, tenants)
                    case "t":
                        settles = tuple(
                            (r.randint(0, 5), an_outcome(r)) for _ in range(r.choice((0, 1, 1, 3)))
                        )
                        agreement.turn(settles, *asked)
                    case "s":
                        agreement.settle(r.randint(0, 5), an_outcome(r), r.random() < 0.5)
                    case "x":
                        agreement.claim(*asked)
                    case _:
                        agreement.wait(r.choice((0, 1, 10, 59, 60, 61)) * SECOND)
                if r.random() < 0.4:
                    agreement.compare()
            agreement.compare()
            handed += agreement.handed
        finally:
            agreement.close()
    return handed


def test_both_say_the_same(tmp_path: Path) -> None:
    assert scripted(tmp_path, 100, 1) > 15


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_both_say_the_same_for_long(tmp_path: Path) -> None:
    seed = int(os.environ.get("INCIDENTKIT_SEED") or 2)
    assert scripted(tmp_path, LONG, seed) > LONG // 6
