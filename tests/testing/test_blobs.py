"""The built-in blob stores keep the blob contract, and the kit finds those that do not."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from incidentkit.ids import TenantName
from incidentkit.ports.blobs import Blob
from incidentkit.stores.file_blobs import FileBlobs
from incidentkit.stores.memory_blobs import MemoryBlobs
from incidentkit.testing.blob_stores import BlobHarness, blob_cases, check_blobs
from tests.testing.failing import fails_exactly


def test_the_built_in_ones(tmp_path: Path) -> None:
    numbers = count()

    def damage(blobs: Any, tenant: TenantName, reference: str) -> None:
        (place,) = [x for x in blobs._root.rglob("*") if x.is_file()]
        place.write_bytes(b"Evidence")

    files = BlobHarness(lambda: FileBlobs(tmp_path / str(next(numbers)) / "blobs"), damage)
    report = check_blobs(files)
    assert report.ok, str(report)
    assert len(report.of(report.outcomes[0].result)) == len(blob_cases())
    assert check_blobs(MemoryBlobs).ok


class SharedContent(MemoryBlobs):
    """Keeps equal content of all tenants once, and shows it to all of them."""

    def get(self, tenant: TenantName, reference: str) -> Iterable[bytes]:
        for of, digest in list(self._kept):
            if reference == f"sha256:{digest}":
                return super().get(TenantName(of), reference)
        return super().get(tenant, reference)


class KeepsHalves(MemoryBlobs):
    """Keeps what came before the upload broke off."""

    def put(self, tenant: TenantName, data: Iterable[bytes]) -> Blob:
        pieces: list[bytes] = []
        try:
            pieces += data if isinstance(data, list) else []
            for piece in data if not isinstance(data, list) else ():
                pieces.append(piece)
        finally:
            blob = super().put(tenant, pieces)
        return blob


class FirstPieceOnly(MemoryBlobs):
    """Reads one piece, which is enough for most."""

    def put(self, tenant: TenantName, data: Iterable[bytes]) -> Blob:
        return super().put(tenant, list(data)[:1])


@pytest.mark.parametrize(
    ("kind", "globs"),
    [
        (SharedContent, "blobs.tenants-apart"),
        (KeepsHalves, "blobs.half-a-content blobs.half-is-not-listed"),
        (
            FirstPieceOnly,
            """blobs.comes-out.empty-pieces blobs.comes-out.many-pieces
            blobs.comes-out.megabytes blobs.same-reference""",
        ),
    ],
)
def test_a_mistake_is_found(kind: Any, globs: str) -> None:
    fails_exactly(check_blobs(kind), globs, blob_cases())
