"""The same cases as pytest classes: subclass one, say how your thing is made, run pytest.

Nothing of pytest is imported: it calls `pytest_generate_tests` by itself, and it takes
`unittest.SkipTest` for a skip.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Protocol
from unittest import SkipTest

from incidentkit.ports.store import Store
from incidentkit.testing.authorisers import (
    AuthoriserHarness,
    authoriser_capabilities,
    authoriser_cases,
)
from incidentkit.testing.blob_stores import BlobHarness, blob_capabilities, blob_cases
from incidentkit.testing.case import Case
from incidentkit.testing.channels import ChannelHarness, channel_capabilities, channel_cases
from incidentkit.testing.directories import (
    DirectoryHarness,
    directory_capabilities,
    directory_cases,
)
from incidentkit.testing.running import missing
from incidentkit.testing.sources import SourceHarness, source_capabilities, source_cases
from incidentkit.testing.store_trial import (
    HostBlock,
    StoreHarness,
    StoreTime,
    StoreTrial,
    capabilities,
)
from incidentkit.testing.stores import store_cases
from incidentkit.testing.threads import PATIENCE
from incidentkit.testing.trial import PluginTrial


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

    host: Callable[[Store], AbstractContextManager[object]] | None = None
    """A block in which a transaction of the host is open on the store's connection; a method."""

    outage: Callable[[Store], AbstractContextManager[object]] | None = None
    """A block in which what the store relies on is away; a method of yours."""

    full: Callable[[Store], AbstractContextManager[object]] | None = None
    """A block in which there is no room for another megabyte; a method of yours."""

    join: Callable[[Store], AbstractContextManager[HostBlock]] | None = None
    """A block with an open transaction of the host, and the store inside it; a method of yours."""

    patience: ClassVar[float] = PATIENCE
    """How many seconds a call may take while the store is away, and all threads of a case."""

    def make(self, now: StoreTime) -> Store:
        """A new, empty store whose time is `now`."""
        raise TypeError(f"{type(self).__name__} needs a method make(self, now)")

    def pytest_generate_tests(self, metafunc: Metafunc) -> None:
        """One test for each case."""
        parametrise(metafunc, store_cases())

    def test_contract(self, contract_case: Case[StoreTrial]) -> None:
        """The store does what the case asks for."""
        harness = StoreHarness(
            self.make, self.reopen, self.crowd, self.host,
            self.outage, self.full, self.join, self.patience,
        )  # fmt: skip
        if contract_case.requires:
            _skip(contract_case, capabilities(harness))
        with StoreTrial(harness) as trial:
            contract_case.run(trial)


def _skip(case: Case[Any], able: tuple[str, ...]) -> None:
    if lack := missing(case, able):
        raise SkipTest(lack)


def _run(case: Case[Any], harness: Any, able: Callable[[Any], tuple[str, ...]]) -> None:
    if case.requires:
        _skip(case, able(harness))
    with PluginTrial(harness) as trial:
        case.run(trial)


class ChannelContract:
    """Every case of the channel contract as one test. Write `harness`."""

    def harness(self) -> ChannelHarness:
        """How channels of yours are made, and what can be told of them."""
        raise TypeError(f"{type(self).__name__} needs a method harness(self)")

    def pytest_generate_tests(self, metafunc: Metafunc) -> None:
        """One test for each case."""
        parametrise(metafunc, channel_cases())

    def test_contract(self, contract_case: Case[PluginTrial[ChannelHarness]]) -> None:
        """The channel does what the case asks for."""
        _run(contract_case, self.harness(), channel_capabilities)


class SourceContract:
    """Every case of the source contract as one test. Write `harness`."""

    def harness(self) -> SourceHarness:
        """How sources of yours are made, and what can be told of them."""
        raise TypeError(f"{type(self).__name__} needs a method harness(self)")

    def pytest_generate_tests(self, metafunc: Metafunc) -> None:
        """One test for each case."""
        parametrise(metafunc, source_cases())

    def test_contract(self, contract_case: Case[PluginTrial[SourceHarness]]) -> None:
        """The source does what the case asks for."""
        _run(contract_case, self.harness(), source_capabilities)


class DirectoryContract:
    """Every case of the directory contract as one test. Write `harness`."""

    def harness(self) -> DirectoryHarness:
        """How directories of yours are made, and what can be told of them."""
        raise TypeError(f"{type(self).__name__} needs a method harness(self)")

    def pytest_generate_tests(self, metafunc: Metafunc) -> None:
        """One test for each case."""
        parametrise(metafunc, directory_cases())

    def test_contract(self, contract_case: Case[PluginTrial[DirectoryHarness]]) -> None:
        """The directory does what the case asks for."""
        _run(contract_case, self.harness(), directory_capabilities)


class AuthoriserContract:
    """Every case of the authoriser contract as one test. Write `harness`."""

    def harness(self) -> AuthoriserHarness:
        """How authorisers of yours are made, and what can be told of them."""
        raise TypeError(f"{type(self).__name__} needs a method harness(self)")

    def pytest_generate_tests(self, metafunc: Metafunc) -> None:
        """One test for each case."""
        parametrise(metafunc, authoriser_cases())

    def test_contract(self, contract_case: Case[PluginTrial[AuthoriserHarness]]) -> None:
        """The authoriser does what the case asks for."""
        _run(contract_case, self.harness(), authoriser_capabilities)


class BlobContract:
    """Every case of the blob store contract as one test. Write `harness`."""

    def harness(self) -> BlobHarness:
        """How blob stores of yours are made, and what can be told of them."""
        raise TypeError(f"{type(self).__name__} needs a method harness(self)")

    def pytest_generate_tests(self, metafunc: Metafunc) -> None:
        """One test for each case."""
        parametrise(metafunc, blob_cases())

    def test_contract(self, contract_case: Case[PluginTrial[BlobHarness]]) -> None:
        """The blob store does what the case asks for."""
        _run(contract_case, self.harness(), blob_capabilities)
