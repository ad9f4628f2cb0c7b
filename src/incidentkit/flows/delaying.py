"""Messages of a channel that fails: looked at, never sent, and each page that waits is made known.

While a channel's circuit is open nothing is handed to it. What is no longer wanted, or too late, is
settled all the same; a page that is still wanted is written down as delayed, once, and its record
hears of it, so that nobody waits in silence for an answer to a page that never left.
"""

from __future__ import annotations

from datetime import datetime

from incidentkit.flows.deliver import dropped, report, settled, unwanted
from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Flow, Load, Now
from incidentkit.flows.kinds import DELIVERY
from incidentkit.flows.setting import Outcome, Setting
from incidentkit.model.delivery import Delivery
from incidentkit.model.words import DeliveryState, MessageKind
from incidentkit.ports.rows import Again, ClaimedTask, Park, Settle
from incidentkit.rules import sending
from incidentkit.timing.instants import to_micros


def delay(
    setting: Setting, claimed: ClaimedTask, failures: int, most: int, until: datetime
) -> Flow[Outcome[Delivery | None]]:
    """Put a message off until its channel may be tried again; `failures` in a row closed it."""
    at = yield from Now()
    book = Workbook(setting, at)
    task, token = claimed.task.id, claimed.token
    (delivery,) = yield from Load(DELIVERY, (claimed.task.body.partition(" ")[0],))
    if delivery is None:
        book.settles.append(Settle(task, token, Park("its delivery is gone")))
        _ = yield from book.commit()
        return Outcome(None, at)
    reason = yield from unwanted(book, delivery, claimed)
    if reason is not None:
        after = dropped(book, delivery, reason, claimed)
        report(book, after)
        _ = yield from book.commit()
        return Outcome(after, at)
    channel = delivery.channel
    why = f"{channel} failed {failures} times in a row"
    book.settles.append(Settle(task, token, Again(to_micros(until), why)))
    if delivery.kind is MessageKind.PAGE and delivery.state is not DeliveryState.DELAYED:
        told = delivery.tries >= sending.TOLD_AFTER
        because = sending.held_up(channel, failures, most, setting.policy.hash)
        after = settled(book, delivery, DeliveryState.DELAYED, why, because)
        if not told:
            report(book, after)
    _ = yield from book.commit()
    return Outcome(None, at)
