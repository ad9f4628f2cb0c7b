"""Where the content of attachments is kept: by its hash, apart from the records.

A record holds only a reference and a hash. Content is stored before the commit that refers to it,
so a crash in between leaves content that nothing refers to and never a record without content;
such orphans are listed by `desk.orphans`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, runtime_checkable

import attrs

from incidentkit.ids import TenantName


@attrs.frozen
class Blob:
    """Content that was stored: the store's name for it, its SHA-256 in hex, its size in bytes."""

    reference: str
    hash: str
    size: int


@attrs.frozen
class StoredBlob:
    """Content that is there: its name, its size in bytes, and when it was stored last."""

    reference: str
    size: int
    stored_at: datetime


class BlobStore(Protocol):
    """What incidentkit asks of a blob store. All calls may come from many threads at once.

    Tenants are kept apart: the content of one is never found by another. For an AsyncDesk each
    method may be a coroutine function.
    """

    def put(self, tenant: TenantName, data: Iterable[bytes]) -> Blob:
        """Keep content, durable before this returns; the same content has the same reference.

        When reading `data` raises, nothing is kept and the error is passed on.
        """
        ...

    def get(self, tenant: TenantName, reference: str) -> Iterable[bytes]:
        """The content, piece by piece.

        Raises BlobMissing where there is none, and BlobDamaged, at the latest after the last
        piece, where it is not what was stored.
        """
        ...

    def exists(self, tenant: TenantName, reference: str) -> bool:
        """Whether there is such content."""
        ...

    def delete(self, tenant: TenantName, reference: str) -> bool:
        """Delete content; whether there was any. Whatever refers to it then refers to nothing."""
        ...


@runtime_checkable
class SupportsBlobListing(Protocol):
    """A blob store that can tell all that it holds, so that orphans can be found."""

    def listed(self, tenant: TenantName) -> Iterable[StoredBlob]:
        """Everything that it holds for a tenant, in no order."""
        ...
