"""Attachments: content that stands elsewhere, with its hash, its label and its custody.

The record keeps a reference and a hash, never the content. Custody says who held it from when, as
evidence needs (ISO/IEC 27037).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.model import checks
from incidentkit.model.labels import Label

_HASH = re.compile(r"[0-9a-f]{64}")
_MEDIA = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}(?:; ?[\x21-\x7e ]+)?")


def check_hash(_: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Validate a SHA-256 digest: 64 small hex digits."""
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise InvalidValue(attribute.name, "must be a SHA-256 digest: 64 hex digits in small type")


def check_media(_: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Validate a media type such as `text/plain` (RFC 6838)."""
    text = checks.check_text(value, attribute.name, checks.NAME_LIMIT)
    if not _MEDIA.fullmatch(text):
        raise InvalidValue(attribute.name, f"{text[:80]!r} is no media type; e.g. 'text/plain'")


def check_size(_: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Validate a size in bytes."""
    if type(value) is not int or not 0 <= value < 2**63:
        raise InvalidValue(attribute.name, "must be a whole number of bytes")


@attrs.frozen
class Custody:
    """Who holds it since when, and what was said when it was handed over."""

    holder: str = attrs.field(validator=checks.name)
    since: datetime = attrs.field(validator=checks.utc)
    note: str = attrs.field(default="", validator=checks.text())


@attrs.frozen
class Attachment:
    """One attachment. The last one in `custody` holds it now.

    `reference` is the blob store's name for the content, `hash` its SHA-256, `size` in bytes.
    `withdrawn` says why it no longer counts; the content is not deleted by that.
    """

    id: str
    reference: str = attrs.field(validator=checks.key)
    hash: str = attrs.field(validator=check_hash)
    size: int = attrs.field(validator=check_size)
    media_type: str = attrs.field(validator=check_media)
    name: str = attrs.field(validator=checks.name)
    label: Label | None = None
    custody: tuple[Custody, ...] = ()
    withdrawn: str = attrs.field(default="", validator=checks.text())

    @property
    def holder(self) -> str:
        """Who holds it now; empty where nobody was named."""
        return self.custody[-1].holder if self.custody else ""
