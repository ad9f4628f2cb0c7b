"""How a plugin offers a store or a blob store: by the scheme of the URL that opens it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.ports.async_store import AsyncStore
from incidentkit.ports.blobs import BlobStore
from incidentkit.ports.store import Store

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,63}")


def _is_scheme(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not _SCHEME.fullmatch(value):
        raise InvalidValue(
            attribute.name, f"{value!r} is no scheme: small letters, digits, '+', '.' and '-'"
        )


def _is_callable(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not callable(value):
        raise InvalidValue(attribute.name, f"{value!r} cannot be called with a URL")


@attrs.frozen
class StoreFactory:
    """Opens the stores of one scheme; `open` is handed the whole URL and may raise StoreError.

    `open_async`, where there is one, opens what an AsyncDesk takes instead.

    >>> from incidentkit.stores.memory import MemoryStore
    >>> StoreFactory("scratch", lambda url: MemoryStore()).scheme
    'scratch'
    """

    scheme: str = attrs.field(validator=_is_scheme)
    open: Callable[[str], Store | AsyncStore] = attrs.field(validator=_is_callable)
    open_async: Callable[[str], AsyncStore] | None = attrs.field(
        default=None, validator=attrs.validators.optional(_is_callable)
    )


@attrs.frozen
class BlobFactory:
    """Opens the blob stores of one scheme; `open` is handed the whole URL.

    >>> from incidentkit.stores.memory_blobs import MemoryBlobs
    >>> BlobFactory("scratch", lambda url: MemoryBlobs()).scheme
    'scratch'
    """

    scheme: str = attrs.field(validator=_is_scheme)
    open: Callable[[str], BlobStore] = attrs.field(validator=_is_callable)
