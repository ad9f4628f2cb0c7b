"""What both desks ask when they give the head of the seals to an anchor."""

from __future__ import annotations

from incidentkit.flows.effects import Flow, Head, Heads


def kept(found: object) -> tuple[int, str] | None:
    """What an anchor kept, if it is a number and a hash."""
    match found:
        case (int() as seq, str() as head):
            return seq, head
        case _:
            return None


def seal_head() -> Flow[tuple[Head, ...]]:
    """The head of the seals of a tenant, if there is one."""
    page = yield from Heads("seal", 0)
    return page.heads
