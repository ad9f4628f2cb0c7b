"""Attachments through both desks: content in, the record beside it, content out and checked."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from incidentkit import (
    AsyncDesk,
    Blob,
    BlobFactory,
    Desk,
    FileBlobs,
    HandOverAttachment,
    MemoryBlobs,
    StoreFactory,
    WithdrawAttachment,
    hookimpl,
)
from incidentkit.desk import contents
from incidentkit.errors import (
    AsyncPluginError,
    BlobDamaged,
    BlobMissing,
    InvalidValue,
    LimitExceeded,
    NoBlobStore,
    NotAuthorised,
    NotFound,
    PluginConflict,
    PluginLoadError,
)
from incidentkit.ids import TenantName
from incidentkit.rules.authorise import Opinion
from incidentkit.stores.memory import MemoryStore
from tests.acceptance.both import Plain
from tests.flows.test_authoriser import Gate

Open = Callable[..., Any]
NONE = timedelta(hours=-1)
"""Files are dated by the system and desks by the store: the two may differ by a moment."""


@pytest.fixture
def blobs(tmp_path: Path) -> FileBlobs:
    return FileBlobs(tmp_path / "attachments")


def test_content_goes_in_and_comes_out(open_desk: Open, url: str, blobs: FileBlobs) -> None:
    desk = open_desk(url, blobs=blobs)
    desk.declare("Down")
    incident = desk.attach(
        "INC-1", "syslog", b"line\n", media_type="text/plain", label="amber", by="ana"
    )
    (found,) = incident.dossier.findings.attachments
    digest = sha256(b"line\n").hexdigest()
    assert (found.id, found.hash, found.size, found.holder) == ("A1", digest, 5, "ana")
    assert desk.attachment("INC-1", "A1") == b"line\n"
    desk.execute(HandOverAttachment("INC-1", "A1", "bob"), by="ana")
    assert desk.incident("INC-1").dossier.findings.attachments[0].holder == "bob"
    told = [x.text for x in desk.timeline("INC-1")]
    assert told[-1] == "ana handed A1 over to bob (was with ana)"


def pieces() -> Iterable[bytes]:
    yield b"ab"
    yield b"c"


@pytest.mark.parametrize(
    "data", [b"abc", bytearray(b"abc"), [b"ab", b"c"], pieces(), io.BytesIO(b"abc")], ids=repr
)
def test_content_is_whatever_holds_bytes(data: Any) -> None:
    with Desk.open("memory:") as desk:
        incident = desk.declare("Down")
        desk.attach(incident, "x", data)
        assert desk.attachment(incident, "A1") == b"abc"


@pytest.mark.parametrize("data", ["text", 5, ["text"], None, io.StringIO("text")], ids=repr)
def test_content_is_bytes(open_desk: Open, data: Any) -> None:
    desk = open_desk("memory:")
    desk.declare("Down")
    with pytest.raises(InvalidValue, match="must be bytes, pieces of bytes or a file"):
        desk.attach("INC-1", "x", data)
    assert desk.orphans(older_than=NONE) == ()


def test_content_has_a_limit() -> None:
    assert list(contents.pieces(b"abc", 3)) == [b"abc"]
    with pytest.raises(LimitExceeded, match="more than the 2 bytes"):
        list(contents.pieces([b"ab", b"c"], 2))


def test_what_is_refused_leaves_no_content(open_desk: Open, blobs: FileBlobs) -> None:
    desk = open_desk("memory:", blobs=blobs)
    desk.declare("Down")
    for wrong in (
        lambda: desk.attach("INC-9", "x", b"x"),
        lambda: desk.attach("INC-1", "", b"x"),
        lambda: desk.attach("INC-1", "x", b"x", media_type="text"),
        lambda: desk.attach("INC-1", "x", b"x", label="pink"),
    ):
        with pytest.raises((InvalidValue, NotFound)):
            wrong()
    assert desk.orphans(older_than=NONE) == ()
    with pytest.raises(NotFound, match="no attachment 'A1'"):
        desk.attachment("INC-1", "A1")


def test_without_a_blob_store(open_desk: Open, tmp_path: Path) -> None:
    desk = open_desk(f"sqlite:///{tmp_path}/x.db")
    before = desk.declare("Down").version
    for call in (
        lambda: desk.attach("INC-1", "x", b"x"),
        lambda: desk.attachment("INC-1", "A1"),
        lambda: desk.orphans(),
    ):
        with pytest.raises(NoBlobStore, match="blobs='file:attachments'"):
            call()
    assert desk.incident("INC-1").version == before


def test_a_store_handed_over_has_no_blobs_of_its_own() -> None:
    with Desk.open(store=MemoryStore()) as desk, pytest.raises(NoBlobStore):
        desk.orphans()


def test_content_that_was_changed_or_lost_is_said_to_be(
    open_desk: Open, blobs: FileBlobs, tmp_path: Path
) -> None:
    desk = open_desk("memory:", blobs=blobs)
    desk.declare("Down")
    desk.attach("INC-1", "x", b"evidence")
    (place,) = (x for x in tmp_path.rglob("*") if x.is_file())
    place.write_bytes(b"Evidence")
    with pytest.raises(BlobDamaged):
        desk.attachment("INC-1", "A1")
    place.unlink()
    with pytest.raises(BlobMissing):
        desk.attachment("INC-1", "A1")


class Forger(MemoryBlobs):
    """Gives back what was never put in, and says nothing of it."""

    def get(self, tenant: str, reference: str) -> Iterable[bytes]:
        return (b"forged",)


def test_the_record_knows_better_than_the_blob_store(open_desk: Open) -> None:
    desk = open_desk("memory:", blobs=Forger())
    desk.declare("Down")
    desk.attach("INC-1", "x", b"evidence")
    with pytest.raises(BlobDamaged, match=r"but .* was attached"):
        desk.attachment("INC-1", "A1")


def test_a_repeated_request_attaches_once(open_desk: Open, url: str, blobs: FileBlobs) -> None:
    desk = open_desk(url, blobs=blobs)
    desk.declare("Down")
    for _ in range(2):
        incident = desk.attach("INC-1", "x", b"x", request="r1")
        assert len(incident.dossier.findings.attachments) == 1


# --- orphans --------------------------------------------------------------------------------------


def test_orphans_are_what_no_record_refers_to(open_desk: Open, url: str, blobs: FileBlobs) -> None:
    """A crash between the content and the commit leaves an orphan, and never half a record."""
    desk = open_desk(url, blobs=blobs)
    desk.declare("Down")
    desk.attach("INC-1", "x", b"attached")
    desk.attach("INC-1", "y", b"withdrawn")
    desk.execute(WithdrawAttachment("INC-1", "A2", "another case"))
    left = blobs.put(desk.tenant_name, [b"left by a crash"])
    other = desk.tenant("other")
    blobs.put(TenantName("other"), [b"of another tenant"])
    assert [x.reference for x in desk.orphans(older_than=NONE)] == [left.reference]
    assert desk.orphans() == (), "it is young, and may be about to be attached"
    assert len(other.orphans(older_than=NONE)) == 1
    blobs.delete(desk.tenant_name, left.reference)
    assert desk.orphans(older_than=NONE) == ()


def test_orphans_are_counted_beyond_one_page(open_desk: Open) -> None:
    desk = open_desk("memory:")
    for number in range(501):
        desk.declare(f"Down {number}")
    desk.attach("INC-501", "x", b"x")
    desk.attach("INC-1", "x", b"y")
    assert desk.orphans(older_than=NONE) == ()


class Few:
    """The least that a blob store is."""

    def __init__(self) -> None:
        self.kept = MemoryBlobs()
        self.put, self.get = self.kept.put, self.kept.get
        self.exists, self.delete = self.kept.exists, self.kept.delete


def test_a_store_that_cannot_list_says_so(open_desk: Open) -> None:
    desk = open_desk("memory:", blobs=Few())
    with pytest.raises(InvalidValue, match="Few cannot list"):
        desk.orphans()


def test_whoever_may_not_is_told_nothing(open_desk: Open) -> None:
    gate = Gate(lambda actor, action: Opinion.DENY)
    desk = open_desk("memory:", authoriser=gate)
    with pytest.raises(NotAuthorised):
        desk.orphans()


# --- which blob store -----------------------------------------------------------------------------


class Later:
    """A blob store of coroutines."""

    def __init__(self) -> None:
        self.kept = MemoryBlobs()

    async def put(self, tenant: Any, data: Iterable[bytes]) -> Blob:
        return self.kept.put(tenant, data)

    async def get(self, tenant: Any, reference: str) -> Iterable[bytes]:
        return self.kept.get(tenant, reference)

    async def exists(self, tenant: Any, reference: str) -> bool:
        return self.kept.exists(tenant, reference)

    async def delete(self, tenant: Any, reference: str) -> bool:
        return self.kept.delete(tenant, reference)

    async def listed(self, tenant: Any) -> Iterable[Any]:
        return self.kept.listed(tenant)


def test_coroutines_are_awaited() -> None:
    import asyncio

    loop = asyncio.new_event_loop()
    desk: Any = Plain(loop.run_until_complete(AsyncDesk.open("memory:", blobs=Later())), loop)
    desk.declare("Down")
    desk.attach("INC-1", "x", b"abc")
    assert desk.attachment("INC-1", "A1") == b"abc"
    assert desk.orphans(older_than=NONE) == ()
    desk.disconnect()
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    with pytest.raises(AsyncPluginError, match="use AsyncDesk"):
        Desk.open("memory:", blobs=Later())


@pytest.mark.parametrize("how", ["url", "path"])
def test_a_folder_by_url_or_path(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "blobs"
    given: Any = f"file:{folder}" if how == "url" else folder
    with Desk.open("memory:", blobs=given) as desk:
        desk.attach(desk.declare("Down"), "x", b"x")
    assert folder.is_dir()


def test_what_is_no_blob_store() -> None:
    with pytest.raises(InvalidValue, match="no plugin opens 'flie'; did you mean 'file'"):
        Desk.open("memory:", blobs="flie:x")
    with pytest.raises(InvalidValue, match="memory has no path"):
        Desk.open("memory:", blobs="memory:x")
    with pytest.raises(PluginLoadError, match="has no put"):
        Desk.open("memory:", blobs=object())


class Vault:
    """A plugin that brings a blob store."""

    def __init__(self, scheme: str = "vault") -> None:
        self.scheme = scheme

    @hookimpl
    def incidentkit_register_stores(self) -> list[Any]:
        return [
            BlobFactory(self.scheme, lambda url: MemoryBlobs()),
            StoreFactory(self.scheme, lambda url: MemoryStore()),
        ]


def test_plugins_bring_blob_stores() -> None:
    with Desk.open("memory:", blobs="vault:x", plugins=[Vault()]) as desk:
        desk.attach(desk.declare("Down"), "x", b"x")
    with pytest.raises(PluginConflict, match="blob store 'vault' comes twice"):
        Desk.open("memory:", plugins=[Vault(), Vault()])
