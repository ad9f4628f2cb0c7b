"""Where the pages of a store went of late: a process that can only print must not take them over.

A timer that rings decides on the channel where it rings. On a terminal without the host's pager
that is the console, and nobody hears it. So who only prints asks first, unless the store is there
to be looked at, which a key of its main tenant says.
"""

from __future__ import annotations

from collections.abc import Container

from incidentkit.flows.effects import Find, Flow
from incidentkit.flows.kinds import DELIVERY
from incidentkit.model.words import DeliveryState, MessageKind
from incidentkit.ports.query import Query

CONSOLE = "console"
PRINTS_KEY, PRINTS = "prints", "chosen"
"""The key of the space `store` that says: pages of this store may be printed anywhere."""
LATEST = 200
"""So many of the latest messages are looked at."""
_NOWHERE = frozenset((DeliveryState.DRAFTED, DeliveryState.UNWANTED))


def elsewhere(here: Container[str]) -> Flow[tuple[str, ...]]:
    """The channels by which pages of the tenant went out lately, if none of them is among these."""
    query = Query("delivery", order="changed_at", descending=True, limit=LATEST)
    found = yield from Find(DELIVERY, query)
    pages = [x for x in found.items if x.kind is MessageKind.PAGE and x.state not in _NOWHERE]
    used = {each.channel for each in pages} - {CONSOLE}
    return () if any(each in here for each in used) else tuple(sorted(used))
