"""What the last payloads looked like, so that an unchanged repeat is known without building it.

The sender's own key is only a hint; equality with the whole alert last seen under it is the proof.
The store still checks the signature, so a memory that is out of date costs a second try, not a
wrong count. Bounded: the oldest half is forgotten when it is full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from incidentkit.flows.receive import Repeat
from incidentkit.ports.source import Item

LIMIT = 20_000


@attrs.frozen
class Remembered:
    """The alert last seen under a hint, and what the store calls it."""

    raw: Mapping[str, object]
    id: str
    signature: int


class Repeats:
    """The memory of one desk, by tenant and source."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], dict[str, Remembered]] = {}

    def split(
        self, tenant: str, source: str, items: Sequence[Item]
    ) -> tuple[tuple[Repeat, ...], list[Item]]:
        """The repeats among these items, counted, and the items that are news."""
        seen = self._seen.get((tenant, source))
        if not seen:
            return (), list(items)
        counts: dict[str, list[int]] = {}
        news: list[Item] = []
        get = seen.get
        for item in items:
            known = get(item.hint)
            if known is None or known.raw != item.raw:
                news.append(item)
            elif known.id in counts:
                counts[known.id][1] += 1
            else:
                counts[known.id] = [known.signature, 1]
        return tuple([Repeat(id_, s, n) for id_, (s, n) in counts.items()]), news

    def learn(
        self, tenant: str, source: str, items: Sequence[Item], ids: Mapping[str, tuple[str, int]]
    ) -> None:
        """Remember these items by what the store calls them: hint -> (id, signature)."""
        seen = self._seen.setdefault((tenant, source), {})
        if len(seen) + len(items) > LIMIT:
            for hint in list(seen)[: len(seen) // 2]:
                del seen[hint]
        for item in items:
            known = ids.get(item.hint)
            if known is not None:
                seen[item.hint] = Remembered(item.raw, *known)

    def forget(self, tenant: str, source: str) -> None:
        """The store knows better: begin anew."""
        self._seen.pop((tenant, source), None)
