"""Records this desk wrote or loaded last, so that the next command on one need not read it again.

Safe because nothing rests on it alone: a commit still names the version it expects, and a refusal
decided on a remembered record is decided again on a fresh one. Only commands use it; whoever asks
to see a record is shown the store's.
"""

from __future__ import annotations

from typing import Any

import attrs

LIMIT = 4_096


@attrs.frozen
class Known:
    """A record, and where it stood when it was loaded or written."""

    version: int
    head: str
    seen: int
    value: Any


class Recent:
    """The memory of one store, by tenant, kind and id. Bounded: the oldest half is forgotten."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], Known] = {}

    def get(self, key: tuple[str, str, str]) -> Known | None:
        """What is remembered of a record."""
        return self._known.get(key)

    def keep(self, key: tuple[str, str, str], known: Known) -> None:
        """Remember a record as it was just written or loaded."""
        kept = self._known
        if len(kept) >= LIMIT:
            for old in list(kept)[: LIMIT // 2]:
                kept.pop(old, None)
        kept[key] = known

    def forget(self, key: tuple[str, str, str]) -> None:
        """It stands otherwise now."""
        self._known.pop(key, None)
