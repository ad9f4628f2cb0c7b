"""The store contract as cases: what every store must do, so that a host may choose any."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from incidentkit.ports.store import Store
from incidentkit.testing.case import Case
from incidentkit.testing.report import Report
from incidentkit.testing.running import run_all
from incidentkit.testing.store import (
    claiming,
    committing,
    concurrency,
    counting,
    finding,
    groups,
    hosting,
    instants,
    joining,
    journal,
    keys,
    leases,
    lengths,
    migrating,
    outages,
    reading,
    refusing,
    reopening,
    requests,
    room,
    searching,
    subjects,
    texts,
    touching,
    turning,
    turns,
    upkeep,
)
from incidentkit.testing.store_trial import (
    StoreHarness,
    StoreTime,
    StoreTrial,
    as_harness,
    capabilities,
)

_CASES: tuple[Case[StoreTrial], ...] = (
    *reading.CASES,
    *journal.CASES,
    *finding.CASES,
    *committing.CASES,
    *requests.CASES,
    *keys.CASES,
    *touching.CASES,
    *refusing.CASES,
    *groups.CASES,
    *claiming.CASES,
    *turns.CASES,
    *subjects.CASES,
    *leases.CASES,
    *instants.CASES,
    *texts.CASES,
    *upkeep.CASES,
    *concurrency.CASES,
    *reopening.CASES,
    *counting.CASES,
    *turning.CASES,
    *hosting.CASES,
    *searching.CASES,
    *lengths.CASES,
    *outages.CASES,
    *room.CASES,
    *joining.CASES,
    *migrating.CASES,
)


def store_cases() -> tuple[Case[StoreTrial], ...]:
    """Every case of the store contract; ids are public and stay."""
    return _CASES


def check_store(
    made: StoreHarness | Callable[[StoreTime], Store],
    cases: Iterable[Case[StoreTrial]] = _CASES,
) -> Report:
    """Run the cases on stores of yours, without any test framework.

    `made` is a function that gives a new, empty store whose time is the function it is handed, or
    a `StoreHarness`, which can say more. A case that needs what the store lacks is skipped.
    """
    harness = as_harness(made)
    store = harness.make(StoreTime())
    subject = f"{type(store).__module__}.{type(store).__qualname__}"
    store.close()
    able = capabilities(harness)
    return run_all("store", subject, able, cases, partial(StoreTrial, harness))
