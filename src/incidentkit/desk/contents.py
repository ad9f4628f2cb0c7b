"""The content of attachments on its way to a blob store and back, the same for both desks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import IO, Any, TypeAlias, cast

from incidentkit.errors import BlobDamaged, InvalidValue, LimitExceeded, NoBlobStore
from incidentkit.model.attachments import Attachment
from incidentkit.ports.blobs import StoredBlob, SupportsBlobListing

Content: TypeAlias = "bytes | Iterable[bytes] | IO[bytes]"
"""Content as a host has it: bytes, pieces of bytes, or a file opened for reading bytes."""

MOST = 1 << 30
"""The largest content that a desk takes, in bytes; what is larger is kept by the host."""
_PIECE = 1 << 20
_BYTES = (bytes, bytearray, memoryview)


def pieces(data: Content, most: int = MOST) -> Iterator[bytes]:
    """The content piece by piece.

    Raises InvalidValue for what is no bytes, LimitExceeded for more than `most`.
    """
    size = 0
    for piece in _read(data):
        if type(piece) not in _BYTES:
            kind = type(piece).__name__
            raise InvalidValue("data", f"must be bytes, pieces of bytes or a file, not {kind}")
        size += len(piece)
        if size > most:
            raise LimitExceeded("data", f"is more than the {most} bytes that are kept")
        yield bytes(piece)


def _read(data: Any) -> Iterable[Any]:
    if type(data) in _BYTES:
        return (data,)
    read = getattr(data, "read", None)
    if read is not None:
        return iter(lambda: read(_PIECE), b"")
    if isinstance(data, str) or not isinstance(data, Iterable):
        return (data,)  # `pieces` says what is wrong with it
    return cast("Iterable[Any]", data)


def opened(blobs: Any) -> Any:
    """The blob store of a desk. Raises NoBlobStore where it has none."""
    if blobs is None:
        raise NoBlobStore
    return blobs


def reading(blobs: Any) -> Callable[..., Any]:
    """What reads a content whole, in the thread or the event loop where it is called."""
    get = blobs.get
    if inspect.iscoroutinefunction(get):

        async def read(tenant: str, reference: str) -> bytes:
            """Awaited by an asynchronous desk."""
            return b"".join(await get(tenant, reference))

        return read

    def read_now(tenant: str, reference: str) -> bytes:
        return b"".join(get(tenant, reference))

    return read_now


def listing(blobs: Any) -> Callable[..., Any]:
    """What lists all contents of a tenant. Raises InvalidValue where the store cannot."""
    if not isinstance(blobs, SupportsBlobListing):
        raise InvalidValue("blobs", f"{type(blobs).__name__} cannot list what it holds")
    listed: Any = blobs.listed
    if inspect.iscoroutinefunction(listed):

        async def every(tenant: str) -> tuple[StoredBlob, ...]:
            """Awaited by an asynchronous desk."""
            return tuple(await listed(tenant))

        return every

    def every_now(tenant: str) -> tuple[StoredBlob, ...]:
        return tuple(listed(tenant))

    return every_now


def verified(content: bytes, attachment: Attachment) -> bytes:
    """The content, if it is what was attached. Raises BlobDamaged if it is not."""
    digest = sha256(content).hexdigest()
    if digest != attachment.hash:
        problem = f"its SHA-256 is {digest}, but {attachment.hash} was attached"
        raise BlobDamaged(attachment.reference, problem)
    return content
