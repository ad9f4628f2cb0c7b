"""Content of attachments in a folder, one file a content, named by its hash.

    FOLDER/TENANT/0a/0a1b...   the content whose SHA-256 is 0a1b...

A file is written under another name, synced, and put in its place in one step; so a name stands for
the whole content or for none. What is read is hashed again.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from incidentkit.errors import BlobDamaged, BlobMissing, InvalidValue, StoreError
from incidentkit.ids import TenantName
from incidentkit.ports.blobs import Blob, StoredBlob
from incidentkit.ports.secret import without_password
from incidentkit.stores.content import digest_of, reference_of

PIECE = 1 << 20
"""How many bytes are read at once."""
_SAFE = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_BEGUN = ".put-"


class FileBlobs:
    """A blob store in a folder, which is made with the first content.

    Any number of processes may share it. A copy of the folder is a backup of it; take it after the
    copy of the records, so that no record refers to content that is not in it.
    """

    def __init__(self, folder: Path | str) -> None:
        self._root = Path(folder)

    @classmethod
    def from_url(cls, url: str) -> FileBlobs:
        """The store of `file:PATH`. Raises InvalidValue for a URL without a path."""
        path = url.partition(":")[2]
        path = path.removeprefix("//") if path.startswith("///") else path
        if not path or path.startswith("//"):
            raise InvalidValue(
                "blobs", f"{without_password(url)!r} names no folder; write 'file:attachments'"
            )
        return cls(path)

    def put(self, tenant: TenantName, data: Iterable[bytes]) -> Blob:
        """See `BlobStore.put`. Raises StoreError where the folder cannot be written."""
        folder = self._folder(tenant)
        with _blaming(folder):
            _made(folder)
            handle, name = tempfile.mkstemp(prefix=_BEGUN, dir=folder)
        begun, digest, size = Path(name), sha256(), 0
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in data:
                    digest.update(piece)
                    size += len(piece)
                    with _blaming(folder):
                        _ = file.write(piece)
                with _blaming(folder):
                    file.flush()
                    os.fsync(file.fileno())
            found = digest.hexdigest()
            place = self._place(tenant, found)
            with _blaming(folder):
                _made(place.parent)
                # Also where it is there already: damaged content is healed by storing it again.
                _ = begun.replace(place)
                _sync(place.parent)
        except BaseException:
            begun.unlink(missing_ok=True)
            raise
        return Blob(reference_of(found), found, size)

    def get(self, tenant: TenantName, reference: str) -> Iterator[bytes]:
        """See `BlobStore.get`."""
        wanted = digest_of(reference)
        digest = sha256()
        with _blaming(self._root, reference), self._place(tenant, wanted).open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
                yield piece
        if digest.hexdigest() != wanted:
            raise BlobDamaged(reference, f"its SHA-256 is {digest.hexdigest()}")

    def exists(self, tenant: TenantName, reference: str) -> bool:
        """See `BlobStore.exists`."""
        try:
            return self._place(tenant, digest_of(reference)).is_file()
        except BlobMissing:
            return False

    def delete(self, tenant: TenantName, reference: str) -> bool:
        """See `BlobStore.delete`."""
        try:
            place = self._place(tenant, digest_of(reference))
            with _blaming(self._root, reference):
                place.unlink()
                _sync(place.parent)
        except BlobMissing:
            return False
        return True

    def listed(self, tenant: TenantName) -> Iterator[StoredBlob]:
        """See `SupportsBlobListing.listed`."""
        for file in sorted(self._folder(tenant).glob("??/*")):
            if _DIGEST.fullmatch(file.name):
                with suppress(FileNotFoundError):  # it was deleted meanwhile
                    about = file.stat()
                    at = datetime.fromtimestamp(about.st_mtime, UTC)
                    yield StoredBlob(reference_of(file.name), about.st_size, at)

    def _folder(self, tenant: TenantName) -> Path:
        # A tenant may be called anything, and some file systems do not tell A from a.
        digest = sha256(tenant.encode()).hexdigest()[:32]
        return self._root / (tenant if _SAFE.fullmatch(tenant) else f"{digest}.tenant")

    def _place(self, tenant: TenantName, digest: str) -> Path:
        return self._folder(tenant) / digest[:2] / digest


@contextmanager
def _blaming(folder: Path, reference: str = "") -> Generator[None, None, None]:
    """Turn what the system refuses into an error of the store."""
    try:
        yield
    except FileNotFoundError as error:
        if reference:
            raise BlobMissing(reference) from error
        raise StoreError(f"blobs in {folder}: {error.strerror}") from error
    except OSError as error:
        raise StoreError(f"blobs in {folder}: {error.strerror}") from error


def _made(folder: Path) -> None:
    """Make a folder and those above it, each durable in the one above."""
    if not folder.is_dir():
        _made(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
