"""How a single value looks as text, in messages and in mapped fields alike.

Only plain values have a text. A mapping or an unknown object has none, so that nobody sends out
a `repr` with a secret in it.
"""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal
from typing import cast


def text_of(value: object) -> str | None:
    """The value as text; None when it has none.

    >>> text_of(["db", "web"]), text_of(True), text_of({"a": 1})
    ('db, web', 'true', None)
    """
    if isinstance(value, str):
        # The characters themselves: a subclass (an enum) may print something else.
        return str.__str__(value)
    if isinstance(value, list | tuple):
        items = cast("list[object] | tuple[object, ...]", value)
        texts = [str.__str__(item) for item in items if isinstance(item, str)]
        return ", ".join(texts) if len(texts) == len(items) else None
    if isinstance(value, datetime):
        return None if value.utcoffset() is None else value.isoformat()
    return _number(value)


def _number(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        # Beyond 64 bits no field of ours holds it, and Python may refuse to print it.
        return int.__repr__(value) if value.bit_length() <= 64 else None
    if isinstance(value, float):
        return float.__repr__(value) if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return str(value) if value.is_finite() else None
    return None
