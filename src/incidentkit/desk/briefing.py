"""Keys and request ids as a store is handed them: short enough for any, whoever made them.

A flow knows them as they came. Whatever goes to the store or is asked of it passes here, so that
what was written is found again.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from incidentkit.model.brief import brief
from incidentkit.ports.rows import KeyChange, Request


def brief_keys(keys: Iterable[str]) -> tuple[str, ...]:
    """Unique keys to be asked for."""
    return tuple([brief(key) for key in keys])


def brief_changes(changes: Iterable[KeyChange]) -> tuple[KeyChange, ...]:
    """Unique keys to be written."""
    return tuple([_change(change) for change in changes])


def _change(change: KeyChange) -> KeyChange:
    key = brief(change.key)
    return change if key is change.key else attrs.evolve(change, key=key)


def brief_request(request: Request | None) -> Request | None:
    """A request to be kept, or looked for."""
    if request is None:
        return None
    id_ = brief(request.id)
    return request if id_ is request.id else attrs.evolve(request, id=id_)
