"""The whole store contract on the Django store: the very cases of `tests/stores`."""

from __future__ import annotations

from types import ModuleType

import pytest

pytest.importorskip("django")

from tests.stores import (
    test_concurrency,
    test_contract_commit,
    test_contract_queue,
    test_contract_reading,
)

# Cases that name the stores which they are about.
NOT_OURS = {"test_a_group_of_plain_batches_goes_by_table"}


def cases(module: ModuleType) -> dict[str, object]:
    """The cases of a module that take a store; their fixtures are those of this folder."""
    return {
        name: case
        for name, case in vars(module).items()
        if name.startswith("test_")
        and name not in NOT_OURS
        and {"store", "another"} & set(getattr(case, "__annotations__", {}))
    }


for _module in (
    test_contract_commit,
    test_contract_queue,
    test_contract_reading,
    test_concurrency,
):
    globals().update(cases(_module))
