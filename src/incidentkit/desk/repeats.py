"""What the last payloads looked like, so that an unchanged repeat is known without building it.

The sender's own key is only a hint; equality with the whole alert last seen under it is the proof.
The store still checks the signature, so a memory that is out of date costs a second try, not a
wrong count. Bounded: the oldest half is forgotten when it is full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from incidentkit.model.signals import SourceRequest
from incidentkit.ports.rows import Touch
from incidentkit.ports.source import Item, Items

LIMIT = 20_000
PAYLOADS = 20
REQUESTS = 32
BYTES = 32 * 1024 * 1024


class Remembered(NamedTuple):
    """The alert last seen under a hint, and what the store calls it."""

    raw: Mapping[str, object]
    id: str
    signature: int


class Payload(NamedTuple):
    """A payload of which every alert was a repeat, and what the store calls them."""

    alerts: Sequence[Mapping[str, object]]
    known: tuple[tuple[str, int], ...]


class Repeats:
    """The memory of one desk, by tenant and source."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], dict[str, Remembered]] = {}
        self._payloads: dict[tuple[str, str], dict[str, Payload]] = {}
        self._requests: dict[tuple[str, str, SourceRequest], tuple[tuple[str, int], ...]] = {}

    def same(
        self, tenant: str, source: str, request: SourceRequest, at: int
    ) -> tuple[Touch, ...] | None:
        """Touches for a request that is the very one taken before, headers and all; else None.

        A group of alerts that stays as it is is sent again byte for byte; there is nothing to read
        in it that was not read. A secret or a signature in the headers is part of the sameness.
        """
        known = self._requests.get((tenant, source, request))
        if known is None:
            return None
        return tuple([Touch("alert", id_, sign, 1, at) for id_, sign in known])

    def whole(
        self, tenant: str, source: str, request: SourceRequest, touches: Sequence[Touch]
    ) -> None:
        """Every alert of this request was a repeat: remember the request itself."""
        if len(request.body) > BYTES // REQUESTS:
            return
        if len(self._requests) >= REQUESTS:
            self._requests.clear()
        known = tuple([(touch.id, touch.signature) for touch in touches])
        self._requests[tenant, source, request] = known

    def split(
        self, tenant: str, source: str, items: Items, at: int
    ) -> tuple[tuple[Touch, ...], list[Item]]:
        """Touches, at `at` (microseconds), for the repeats among these items; and the news."""
        seen = self._seen.get((tenant, source))
        if not seen or not items.alerts:
            return (), list(items)
        payloads = self._payloads.setdefault((tenant, source), {})
        first = items.hint(items.alerts[0])
        whole = payloads.get(first)
        if whole is not None and whole.alerts == items.alerts:
            return tuple([Touch("alert", id_, sign, 1, at) for id_, sign in whole.known]), []
        touches: list[Touch] = []
        news: list[Item] = []
        hint = items.hint
        for alert in items.alerts:
            known = seen.get(hint(alert))
            if known is None or known.raw != alert:
                news.append(Item(hint(alert), alert, items.context))
            else:
                touches.append(Touch("alert", known.id, known.signature, 1, at))
        if not news:
            if len(payloads) >= PAYLOADS:
                payloads.clear()
            known_ids = tuple([(touch.id, touch.signature) for touch in touches])
            payloads[first] = Payload(items.alerts, known_ids)
        return tuple(touches), news

    def learn(
        self, tenant: str, source: str, items: Sequence[Item], ids: Mapping[str, tuple[str, int]]
    ) -> None:
        """Remember these items by what the store calls them: hint -> (id, signature)."""
        if not items:
            return
        self._payloads.pop((tenant, source), None)
        self._forget_requests(tenant, source)
        seen = self._seen.setdefault((tenant, source), {})
        if len(seen) + len(items) > LIMIT:
            for hint in list(seen)[: len(seen) // 2]:
                seen.pop(hint, None)
        for item in items:
            known = ids.get(item.hint)
            if known is not None:
                seen[item.hint] = Remembered(item.raw, *known)

    def forget(self, tenant: str, source: str) -> None:
        """The store knows better: begin anew."""
        self._seen.pop((tenant, source), None)
        self._payloads.pop((tenant, source), None)
        self._forget_requests(tenant, source)

    def _forget_requests(self, tenant: str, source: str) -> None:
        for key in [x for x in self._requests if x[:2] == (tenant, source)]:
            self._requests.pop(key, None)
