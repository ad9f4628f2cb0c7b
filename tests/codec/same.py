"""Whether two values are the same to a reader: equal, and of the same types all the way down.

Equality alone takes True for 1 and a bare word for a member of its enum.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import attrs


def document(body: str) -> Any:
    """The JSON of a body; what follows its first line is somebody else's text, word for word."""
    text, _, raw = body.partition("\n")
    return json.loads(text), raw


def same(one: Any, other: Any) -> bool:
    """Equal in value and in type."""
    if type(one) is not type(other):
        return False
    if attrs.has(type(one)):
        return all(
            same(getattr(one, f.name), getattr(other, f.name)) for f in attrs.fields(type(one))
        )
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, datetime):
        return one == other and one.tzinfo is other.tzinfo is UTC
    if type(one).__module__.startswith("incidentkit.model") and not hasattr(one, "value"):
        return True  # an event without fields
    return bool(one == other)
