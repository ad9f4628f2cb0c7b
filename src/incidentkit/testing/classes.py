"""The same cases as pytest classes: subclass one, say how your thing is made, run pytest.

Nothing of pytest is imported: it calls `pytest_generate_tests` by itself, and it takes
`unittest.SkipTest` for a skip.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Protocol
from unittest import SkipTest

from incidentkit.ports.store import Store
from incidentkit.testing.case import Case
from incidentkit.testing.running import missing
from incidentkit.testing.store_trial import StoreHarness, StoreTime, StoreTrial, capabilities
from incidentkit.testing.stores import store_cases


class Metafunc(Protocol):
    """What pytest hands over when it collects a test."""

    fixturenames: list[str]

    def parametrize(self, argnames: str, argvalues: Any, *, ids: Any = None) -> None:
        """Run the test once for each value."""
        ...


def parametrise(metafunc: Metafunc, cases: tuple[Case[Any], ...]) -> None:
    """Make one test of each case, under its id."""
    if "contract_case" in metafunc.fixturenames:
        metafunc.parametrize("contract_case", cases, ids=[case.id for case in cases])


class StoreContract:
    """Every case of the store contract as one test.

    Write `make`; write `reopen`, too, where your store outlives its process. What the store lacks
    is skipped.
    """

    crowd: ClassVar[int] = 64
    """How many threads meet on one record at most."""

    reopen: Callable[[Store, StoreTime], Store] | None = None
    """Another object on what the closed store kept; a method of yours."""

    def make(self, now: StoreTime) -> Store:
        """A new, empty store whose time is `now`."""
        raise TypeError(f"{type(self).__name__} needs a method make(self, now)")

    def pytest_generate_tests(self, metafunc: Metafunc) -> None:
        """One test for each case."""
        parametrise(metafunc, store_cases())

    def test_contract(self, contract_case: Case[StoreTrial]) -> None:
        """The store does what the case asks for."""
        harness = StoreHarness(self.make, self.reopen, self.crowd)
        if contract_case.requires and (lack := missing(contract_case, capabilities(harness))):
            raise SkipTest(lack)
        with StoreTrial(harness) as trial:
            contract_case.run(trial)
