"""Blob stores: what was put in comes out or is missed, whatever happens on the way."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidentkit.errors import BlobDamaged, BlobMissing, InvalidValue, StoreError
from incidentkit.ids import MAIN_TENANT, TenantName
from incidentkit.ports.blobs import SupportsBlobListing
from incidentkit.stores import file_blobs
from incidentkit.stores.file_blobs import FileBlobs
from incidentkit.stores.memory_blobs import MemoryBlobs

OTHER = TenantName("ACME/../x")


@pytest.fixture(params=["memory", "files"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return MemoryBlobs() if request.param == "memory" else FileBlobs(tmp_path / "deep" / "blobs")


def content(blobs: Any, reference: str, tenant: TenantName = MAIN_TENANT) -> bytes:
    return b"".join(blobs.get(tenant, reference))


@given(pieces=st.lists(st.binary(max_size=50), max_size=4))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_put_in_comes_out(blobs: Any, pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    blob = blobs.put(MAIN_TENANT, pieces)
    digest = sha256(whole).hexdigest()
    assert (blob.reference, blob.hash, blob.size) == (f"sha256:{digest}", digest, len(whole))
    assert content(blobs, blob.reference) == whole
    assert blobs.put(MAIN_TENANT, [whole]) == blob
    assert blobs.exists(MAIN_TENANT, blob.reference)


def test_tenants_are_kept_apart(blobs: Any) -> None:
    blob = blobs.put(OTHER, [b"x"])
    assert not blobs.exists(MAIN_TENANT, blob.reference)
    with pytest.raises(BlobMissing):
        content(blobs, blob.reference)
    assert not blobs.delete(MAIN_TENANT, blob.reference)
    assert list(blobs.listed(MAIN_TENANT)) == []
    assert content(blobs, blob.reference, OTHER) == b"x"
    assert [(x.reference, x.size) for x in blobs.listed(OTHER)] == [(blob.reference, 1)]


def test_deleted_is_gone(blobs: Any) -> None:
    blob = blobs.put(MAIN_TENANT, [b"x"])
    assert blobs.delete(MAIN_TENANT, blob.reference)
    assert not blobs.delete(MAIN_TENANT, blob.reference)
    assert not blobs.exists(MAIN_TENANT, blob.reference)
    with pytest.raises(BlobMissing, match=blob.reference):
        content(blobs, blob.reference)
    assert isinstance(blobs, SupportsBlobListing)


@pytest.mark.parametrize(
    "reference",
    ["", "sha256:", "sha256:../../etc/passwd", "../x", "sha256:" + "0A" * 32, "md5:" + "00" * 32],
)
def test_a_reference_names_nothing_else(blobs: Any, reference: str) -> None:
    with pytest.raises(BlobMissing):
        content(blobs, reference)
    assert not blobs.exists(MAIN_TENANT, reference)
    assert not blobs.delete(MAIN_TENANT, reference)


def broken() -> Iterator[bytes]:
    yield b"half"
    raise RuntimeError("the upload broke off")


def test_half_a_content_is_none(blobs: Any) -> None:
    with pytest.raises(RuntimeError, match="broke off"):
        blobs.put(MAIN_TENANT, broken())
    assert list(blobs.listed(MAIN_TENANT)) == []


# --- files ----------------------------------------------------------------------------------------


def files(folder: Path) -> list[Path]:
    return sorted(x for x in folder.rglob("*") if x.is_file())


def test_nothing_is_left_of_half_a_content(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        FileBlobs(tmp_path).put(MAIN_TENANT, broken())
    assert files(tmp_path) == []


def test_what_was_changed_on_disk_is_found_out_and_healed(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    blob = blobs.put(MAIN_TENANT, [b"evidence"])
    (place,) = files(tmp_path)
    place.write_bytes(b"Evidence")
    with pytest.raises(BlobDamaged, match="its SHA-256 is"):
        content(blobs, blob.reference)
    assert blobs.put(MAIN_TENANT, [b"evidence"]) == blob
    assert content(blobs, blob.reference) == b"evidence"


def test_tenants_of_any_name_stay_in_the_folder(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "in")
    for name in ("..", "a/b", "A", "a", "con", "x" * 256, "日本"):
        blobs.put(TenantName(name), [name.encode()])
    assert len(list((tmp_path / "in").iterdir())) == 7
    assert [x.name for x in tmp_path.iterdir()] == ["in"]


def test_content_is_for_its_owner_alone(tmp_path: Path) -> None:
    FileBlobs(tmp_path / "in").put(MAIN_TENANT, [b"x"])
    if os.name == "posix":
        for each in (tmp_path / "in").rglob("*"):
            assert not stat.S_IMODE(each.stat().st_mode) & 0o077, each


def test_another_process_sees_it(tmp_path: Path) -> None:
    blob = FileBlobs(tmp_path).put(MAIN_TENANT, [b"x"])
    assert content(FileBlobs(tmp_path), blob.reference) == b"x"


def test_what_is_no_blob_is_not_listed(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    blob = blobs.put(MAIN_TENANT, [b"x"])
    (tmp_path / "main" / "0a").mkdir(exist_ok=True)
    (tmp_path / "main" / "0a" / "notes.txt").write_text("x")
    (tmp_path / "main" / ".put-begun").write_text("x")
    assert [x.reference for x in blobs.listed(MAIN_TENANT)] == [blob.reference]


def test_a_folder_that_cannot_be_written_is_the_stores_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="blobs in"):
        FileBlobs(tmp_path / "file" / "sub").put(MAIN_TENANT, [b"x"])
    with pytest.raises(StoreError, match="blobs in"):
        content(FileBlobs(tmp_path / "file"), "sha256:" + "00" * 32)


def test_a_folder_that_vanishes_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = FileBlobs(tmp_path / "in")
    monkeypatch.setattr(file_blobs, "_made", lambda folder: None)
    with pytest.raises(StoreError, match="No such file"):
        blobs.put(MAIN_TENANT, [b"x"])


def test_systems_that_cannot_sync_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file_blobs._sync(tmp_path)
    monkeypatch.setattr(os, "name", "nt")
    file_blobs._sync(tmp_path / "not there")


@pytest.mark.parametrize(
    ("url", "folder"),
    [("file:blobs", "blobs"), ("file:/srv/blobs", "/srv/blobs"), ("file:///srv/b", "/srv/b")],
)
def test_folders_by_url(url: str, folder: str) -> None:
    assert FileBlobs.from_url(url)._root == Path(folder)


@pytest.mark.parametrize("url", ["file:", "file://host/x"])
def test_urls_without_a_folder(url: str) -> None:
    with pytest.raises(InvalidValue, match="names no folder"):
        FileBlobs.from_url(url)
