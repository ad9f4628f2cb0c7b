"""Tenants take turns: a large one never starves a small one."""

from __future__ import annotations

from incidentkit.ids import TenantName
from incidentkit.ports.rows import (
    Batch,
)
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal
from incidentkit.testing.records import (
    MINUTE,
    START,
    add,
    names,
    task,
)
from incidentkit.testing.store.asking import claim
from incidentkit.testing.store_trial import StoreTrial


def in_turn(trial: StoreTrial) -> None:
    """Tenants with due tasks take turns, and the next claim begins behind the last one served."""
    store = trial.store
    for tenant in ("a", "b", "c"):
        add(store, *(task(f"{tenant}{n}") for n in range(4)), tenant=TenantName(tenant))
    equal(names(claim(store, 5)), ["a0", "b0", "c0", "a1", "b1"])
    # The next claim begins behind the tenant that was served last.
    equal(names(claim(store, 4)), ["c1", "a2", "b2", "c2"])
    equal(names(claim(store, 9)), ["a3", "b3", "c3"])


def small_tenant(trial: StoreTrial) -> None:
    """A small tenant is served within one cycle of a large one's backlog."""
    store = trial.store
    big = tuple(task(f"t{n:04}", due=START - 1000 + n) for n in range(500))
    add(store, *big)
    for tenant in ("zz", "aa"):
        add(store, task("small"), tenant=TenantName(tenant))
    first = claim(store, 2)
    second = claim(store, 2)
    served = [each.tenant for each in (*first, *second)]
    equal({"aa", "zz", "main"}, set(served))
    equal(names(claim(store, 2)), ["t0002", "t0003"])


def among_many(trial: StoreTrial) -> None:
    """A due tenant is found among many whose tasks wait."""
    store = trial.store
    late = tuple(task(f"t{n}", due=START + MINUTE) for n in range(2))
    waiting = [Batch(TenantName(f"w{n:02}"), tasks=late) for n in range(72)]
    store.commit_group(waiting)
    add(store, task("b"), task("a", priority=1), tenant=TenantName("zz"))
    add(store, task("c"), tenant=TenantName("a"))
    equal(names(claim(store, 2)), ["c", "b"])
    # Too many are due to read them all, and they are far behind in the turn.
    add(store, *(task(f"m{n:03}", priority=n % 2) for n in range(90)), tenant=TenantName("zz"))
    answer = store.claim(None, MINUTE, 3)
    equal(names(answer.tasks), ["m000", "m002", "m004"])
    equal(answer.next_at, START)
    equal(names(claim(store, 2)), ["m006", "m008"])


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.turns.in-turn", in_turn),
    Case("store.turns.small-tenant", small_tenant),
    Case("store.turns.among-many", among_many),
)
"""The cases of this theme."""
