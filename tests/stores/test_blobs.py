"""Blobs in files: what is on disk, and what disks do. The contract itself is the kit's."""

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

from incidentkit.errors import BlobDamaged, InvalidValue, StoreError
from incidentkit.ids import MAIN_TENANT, TenantName
from incidentkit.stores import file_blobs
from incidentkit.stores.file_blobs import FileBlobs
from incidentkit.stores.memory_blobs import MemoryBlobs

OTHER = TenantName("ACME/../x")


def content(blobs: Any, reference: str, tenant: TenantName = MAIN_TENANT) -> bytes:
    return b"".join(blobs.get(tenant, reference))


def broken() -> Iterator[bytes]:
    yield b"half"
    raise RuntimeError("the upload broke off")


@given(pieces=st.lists(st.binary(max_size=50), max_size=4))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_put_in_comes_out(tmp_path: Path, pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    for blobs in (MemoryBlobs(), FileBlobs(tmp_path)):
        blob = blobs.put(MAIN_TENANT, pieces)
        digest = sha256(whole).hexdigest()
        assert (blob.reference, blob.hash, blob.size) == (f"sha256:{digest}", digest, len(whole))
        assert content(blobs, blob.reference) == whole


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
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(os, "name", "nt")
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
