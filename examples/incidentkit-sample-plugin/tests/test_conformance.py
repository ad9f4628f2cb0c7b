"""All three keep their contracts: the cases of incidentkit's kit, one test each."""

from __future__ import annotations

from pathlib import Path

import pytest
from incidentkit_sample import DirStore, Pingbot

from incidentkit import FrozenMap, SourceRequest
from incidentkit.testing import SourceContract, SourceHarness, StoreContract, StoreTime

SECRET = "s3cret"


def sign(body: bytes) -> dict[str, str]:
    return {"x-pingbot-signature": Pingbot(SECRET).sign(body)}


def sent(body: bytes) -> SourceRequest:
    return SourceRequest(body, FrozenMap(sign(body)))


class TestDirStore(StoreContract):
    crowd = 8

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self.path = tmp_path
        self.made = 0

    def make(self, now: StoreTime) -> DirStore:
        self.made += 1
        return DirStore(self.path / str(self.made), now=now)

    def reopen(self, store: DirStore, now: StoreTime) -> DirStore:
        return DirStore(store.path, now=now)


class TestPingbot(SourceContract):
    def harness(self) -> SourceHarness:
        samples = (sent(b"DOWN db-1 timed out"), sent(b"UP db-1\nDOWN web-1\n"))
        return SourceHarness(lambda: Pingbot(SECRET), samples, sign)
