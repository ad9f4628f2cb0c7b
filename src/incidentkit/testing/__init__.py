"""For the tests of hosts and plugins: time that stands still, and the contracts as cases.

Neither pytest nor Hypothesis is needed. Every name is imported at its first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from incidentkit.testing.authorisers import AuthoriserHarness as AuthoriserHarness
    from incidentkit.testing.authorisers import authoriser_cases as authoriser_cases
    from incidentkit.testing.authorisers import check_authoriser as check_authoriser
    from incidentkit.testing.blob_stores import BlobHarness as BlobHarness
    from incidentkit.testing.blob_stores import blob_cases as blob_cases
    from incidentkit.testing.blob_stores import check_blobs as check_blobs
    from incidentkit.testing.case import Case as Case
    from incidentkit.testing.channels import ChannelHarness as ChannelHarness
    from incidentkit.testing.channels import channel_cases as channel_cases
    from incidentkit.testing.channels import check_channel as check_channel
    from incidentkit.testing.classes import AuthoriserContract as AuthoriserContract
    from incidentkit.testing.classes import BlobContract as BlobContract
    from incidentkit.testing.classes import ChannelContract as ChannelContract
    from incidentkit.testing.classes import DirectoryContract as DirectoryContract
    from incidentkit.testing.classes import SourceContract as SourceContract
    from incidentkit.testing.classes import StoreContract as StoreContract
    from incidentkit.testing.directories import DirectoryHarness as DirectoryHarness
    from incidentkit.testing.directories import check_directory as check_directory
    from incidentkit.testing.directories import directory_cases as directory_cases
    from incidentkit.testing.expecting import CaseFailed as CaseFailed
    from incidentkit.testing.machine import HypothesisMissing as HypothesisMissing
    from incidentkit.testing.machine import store_machine as store_machine
    from incidentkit.testing.report import Outcome as Outcome
    from incidentkit.testing.report import Report as Report
    from incidentkit.testing.report import Result as Result
    from incidentkit.testing.sources import SourceHarness as SourceHarness
    from incidentkit.testing.sources import check_source as check_source
    from incidentkit.testing.sources import source_cases as source_cases
    from incidentkit.testing.steps import Divergence as Divergence
    from incidentkit.testing.steps import StepsRun as StepsRun
    from incidentkit.testing.steps import run_steps as run_steps
    from incidentkit.testing.store_trial import HostBlock as HostBlock
    from incidentkit.testing.store_trial import StoreHarness as StoreHarness
    from incidentkit.testing.store_trial import StoreTime as StoreTime
    from incidentkit.testing.stores import check_store as check_store
    from incidentkit.testing.stores import store_cases as store_cases
    from incidentkit.testing.time import ManualTime as ManualTime
    from incidentkit.testing.waiting import blocking as blocking

_PLACES = {
    "authorisers": "AuthoriserHarness authoriser_cases check_authoriser",
    "blob_stores": "BlobHarness blob_cases check_blobs",
    "waiting": "blocking",
    "case": "Case",
    "channels": "ChannelHarness channel_cases check_channel",
    "classes": (
        "AuthoriserContract BlobContract ChannelContract DirectoryContract SourceContract "
        "StoreContract"
    ),
    "directories": "DirectoryHarness check_directory directory_cases",
    "expecting": "CaseFailed",
    "machine": "HypothesisMissing store_machine",
    "report": "Outcome Report Result",
    "sources": "SourceHarness check_source source_cases",
    "steps": "Divergence StepsRun run_steps",
    "store_trial": "HostBlock StoreHarness StoreTime",
    "stores": "check_store store_cases",
    "time": "ManualTime",
}
_HOMES = {
    name: f"incidentkit.testing.{module}"
    for module, names in _PLACES.items()
    for name in names.split()
}

__all__ = sorted(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'incidentkit.testing' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
