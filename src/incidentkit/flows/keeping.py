"""Messages that are decided and not sent, because the library only looks on or advises.

Every message about an incident is queued in one place, and asks here first. What is kept is a
delivery like any other, without a task: nothing can send it by itself, in whatever mode later.
"""

from __future__ import annotations

import attrs

from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Flow
from incidentkit.flows.kinds import DELIVERY
from incidentkit.flows.setting import Setting, recorded
from incidentkit.model.delivery import Delivery
from incidentkit.model.hosting import Hosted
from incidentkit.model.incident import Incident
from incidentkit.model.reason import Reason
from incidentkit.model.words import DeliveryState, MessageKind
from incidentkit.rules.sends import KEPT, SEND, sends, still

SYSTEM = "system"


def _ticket(incident: Incident | None) -> Hosted | None:
    return None if incident is None or incident.more is None else incident.more.hosted


def kept_as(incident: Incident, kind: MessageKind) -> str:
    """What a message about the incident begins as where it is not sent; empty where it is."""
    ticket = _ticket(incident)
    if ticket is None:
        return ""
    outcome = str(sends(ticket, kind).outcome)
    return "" if outcome == SEND else KEPT.get(outcome, DeliveryState.UNWANTED).value


def ticket_of(book: Workbook, subject: str) -> Flow[Hosted | None]:
    """The ticket behind what a message is about: an incident, or the review of one."""
    kind, _, id_ = subject.partition("/")
    if kind == "review":
        review = yield from book.record(kind, id_)
        kind, id_ = "incident", "" if review is None else str(review.value.incident)
    if kind != "incident":
        return None
    draft = yield from book.incident(id_)
    return None if draft is None else _ticket(draft.incident)


def keep(book: Workbook, delivery: Delivery, ticket: Hosted) -> bool:
    """Write a message down that does not go out, with the reason; was it so?"""
    reason = sends(ticket, delivery.kind, book.setting.policy.hash)
    if reason.outcome == SEND:
        return False
    from incidentkit.model.hosting_changes import DeliveryKept

    state = KEPT.get(str(reason.outcome), DeliveryState.UNWANTED)
    after = attrs.evolve(
        delivery, state=state, token_hash="", detail=str(reason.outcome), decided_at=book.at
    )
    said = DeliveryKept(delivery.kind, delivery.party, delivery.channel, state.value)
    entry = recorded(said, book.setting, book.at, reason=reason, by=SYSTEM)
    book.write(DELIVERY, after, (entry,))
    return True


def no_more(setting: Setting, incident: Incident | None, delivery: Delivery) -> Reason | None:
    """Why a queued message about a ticket is not wanted any more; None where it may be."""
    ticket = _ticket(incident)
    if ticket is None:
        return None
    reason = still(ticket, delivery, setting.policy.hash)
    return None if reason.outcome == SEND else reason
