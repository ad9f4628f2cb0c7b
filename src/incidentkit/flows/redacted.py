"""Messages whose words were redacted while they waited.

A waiting message belongs to the flow that sends it, so that a redaction never stands in the way of
a page. It leaves a key instead, which that flow looks for before it sends. What was on its way in
that instant has gone out with its words.
"""

from __future__ import annotations

import attrs

from incidentkit.flows.effects import Flow, Owners
from incidentkit.model.delivery import Delivery
from incidentkit.rules.custody import REDACTED as GONE

SPACE = "redacted"
"""The space of the keys: the id of a message, whose owner is that message."""
REDACTED = "its words were redacted"


def gone(delivery: Delivery) -> Flow[bool]:
    """Whether what the message says was redacted."""
    if GONE in (delivery.text, delivery.title):
        return True
    (owner,) = yield from Owners(SPACE, (delivery.id,))
    return owner is not None


def blank(delivery: Delivery) -> Delivery:
    """The message without its words; to whom it goes, about what and when stays."""
    return attrs.evolve(delivery, title=GONE, text=GONE)
