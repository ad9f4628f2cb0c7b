"""References to content by its hash: `sha256:` and 64 hex digits, and nothing else.

A reference that is taken apart by this pattern can name no other file than that of its hash.
"""

from __future__ import annotations

import re

from incidentkit.errors import BlobMissing

_REFERENCE = re.compile(r"sha256:([0-9a-f]{64})")


def reference_of(digest: str) -> str:
    """The reference of content with this SHA-256."""
    return f"sha256:{digest}"


def digest_of(reference: str) -> str:
    """The SHA-256 that a reference names. Raises BlobMissing for what is no reference."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise BlobMissing(reference)
    return found[1]
