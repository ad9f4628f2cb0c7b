"""From records to plain JSON data, so that every `--json` speaks one dialect.

Field names are the library's own, instants ISO 8601 in UTC, spans seconds, enumerations words.
Answer tokens are secrets and never printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, cast

import attrs

SECRET = frozenset(("answer_token", "token_hash"))
"""Fields that are left out wherever they stand."""


def wire(value: object) -> Any:
    """Plain data for the JSON encoder.

    >>> wire({"at": timedelta(minutes=5), "who": ("ana", None)})
    {'at': 300.0, 'who': ['ana', None]}
    """
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        given = cast("Mapping[Any, Any]", value)
        return {str(wire(key)): wire(each) for key, each in given.items()}
    if isinstance(value, list | tuple | Set):
        return [wire(each) for each in cast("tuple[Any, ...]", value)]
    kind: Any = type(value)
    if attrs.has(kind):
        names = (field.name for field in attrs.fields(kind))
        return {name: wire(getattr(value, name)) for name in names if name not in SECRET}
    return str(value)
