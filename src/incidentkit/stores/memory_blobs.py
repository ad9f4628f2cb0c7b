"""Content of attachments in this process's memory, for tests and for desks on `memory:`."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256

from incidentkit.errors import BlobMissing
from incidentkit.ids import TenantName
from incidentkit.ports.blobs import Blob, StoredBlob
from incidentkit.stores.content import digest_of, reference_of


class MemoryBlobs:
    """A blob store that forgets everything with the process.

    >>> blobs = MemoryBlobs()
    >>> blob = blobs.put("main", [b"two ", b"pieces"])
    >>> b"".join(blobs.get("main", blob.reference))
    b'two pieces'
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], tuple[bytes, datetime]] = {}

    def put(self, tenant: TenantName, data: Iterable[bytes]) -> Blob:
        """See `BlobStore.put`."""
        content = b"".join(data)
        digest = sha256(content).hexdigest()
        with self._lock:
            self._kept[tenant, digest] = (content, datetime.now(UTC))
        return Blob(reference_of(digest), digest, len(content))

    def get(self, tenant: TenantName, reference: str) -> Iterable[bytes]:
        """See `BlobStore.get`."""
        with self._lock:
            found = self._kept.get((tenant, digest_of(reference)))
        if found is None:
            raise BlobMissing(reference)
        return (found[0],)

    def exists(self, tenant: TenantName, reference: str) -> bool:
        """See `BlobStore.exists`."""
        with self._lock:
            return (tenant, reference.removeprefix("sha256:")) in self._kept

    def delete(self, tenant: TenantName, reference: str) -> bool:
        """See `BlobStore.delete`."""
        with self._lock:
            return self._kept.pop((tenant, reference.removeprefix("sha256:")), None) is not None

    def listed(self, tenant: TenantName) -> Iterable[StoredBlob]:
        """See `SupportsBlobListing.listed`."""
        with self._lock:
            return tuple(
                StoredBlob(reference_of(digest), len(content), at)
                for (of, digest), (content, at) in self._kept.items()
                if of == tenant
            )
