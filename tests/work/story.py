"""What the tests of durable work have in common."""

from __future__ import annotations

from collections import Counter
from typing import Any

from incidentkit import Desk, ManualTime
from tests.flows import world
from tests.flows.world import URGENT

QUIET: dict[str, Any] = {
    "paging": {"rounds": 1, "calls": []},
    "targets": {"resolve": {"within": {}}, "acknowledge": {"within": {}}},
}
"""One page an incident and nothing else that is ever due."""


def opened(url: str, time: ManualTime, **channels: Any) -> Any:
    """A desk of the quiet policy."""
    return Desk.open(url, time=time, channels=channels, policy=QUIET)


def declared(desk: Any, n: int, *, tenants: int = 1) -> None:
    """So many urgent incidents, each of its own person."""
    desks = [desk.tenant(f"t{at}") for at in range(tenants)] if tenants > 1 else [desk]
    for at in range(n):
        desks[at % tenants].declare(f"Down {at}", assign=f"p{at}", **URGENT)


def times_sent(channel: Any) -> Counter[str]:
    """How often each message was taken, by its key."""
    return Counter(message.key for message in channel.messages)


def stored_states(desk: Any) -> Counter[str]:
    """How many deliveries of the tenant stand in each state; at most a thousand."""
    from incidentkit.flows.kinds import DELIVERY

    return Counter(str(each.state) for each in world.records(desk, DELIVERY))
