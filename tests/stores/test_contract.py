"""The conformance kit on every store: ours, and those a host would write on our bases."""

from __future__ import annotations

from pathlib import Path

import pytest

from incidentkit.testing.case import Case
from incidentkit.testing.running import missing
from incidentkit.testing.store_trial import StoreTrial, capabilities
from incidentkit.testing.stores import store_cases
from tests.stores.factories import CAPABLE, MAKERS, harness

PAIRS = [
    pytest.param(sort, case, id=f"{case.id}-{sort}")
    for sort in MAKERS
    for case in store_cases()
    if not missing(case, CAPABLE[sort])
]
"""No skips: what a store lacks is said in CAPABLE, and held to what it does offer."""

RACING = [case for case in store_cases() if case.id.startswith("store.threads.")]


@pytest.mark.parametrize(("sort", "case"), PAIRS)
def test_contract(sort: str, case: Case[StoreTrial], tmp_path: Path) -> None:
    with StoreTrial(harness(sort, tmp_path)) as trial:
        case.run(trial)


@pytest.mark.parametrize("case", RACING, ids=str)
def test_transactions_that_do_not_see_each_other(case: Case[StoreTrial], tmp_path: Path) -> None:
    with StoreTrial(harness("racy", tmp_path)) as trial:
        case.run(trial)


@pytest.mark.parametrize("sort", list(MAKERS))
def test_every_store_is_asked_for_all_it_can_do(sort: str, tmp_path: Path) -> None:
    assert capabilities(harness(sort, tmp_path)) == CAPABLE[sort]
