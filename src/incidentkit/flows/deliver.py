"""A claimed message: is it still wanted? Send it, and write down what became of it.

This is the only flow that sends, so it is never made anew: its commit writes only the delivery and
the settle, which nobody else writes, and what the answer means for the incident is a reaction.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.flows.aggregates import aggregate
from incidentkit.flows.draft import AFTER_RESTORE, PRIORITY_OF_REACTIONS, REACTION, Workbook
from incidentkit.flows.effects import Flow, Load, Now, Send
from incidentkit.flows.keeping import no_more
from incidentkit.flows.kinds import DELIVERY, INCIDENT
from incidentkit.flows.redacted import REDACTED, blank, gone
from incidentkit.flows.setting import Outcome, Setting, recorded
from incidentkit.flows.wording import worded
from incidentkit.ids import TaskId
from incidentkit.model.delivery import Delivery, DeliveryTried, Message, Refused, Retry, SendResult
from incidentkit.model.reason import Reason
from incidentkit.model.words import DeliveryState, MessageKind
from incidentkit.ports.rows import Again, ClaimedTask, Done, Park, Settle, Task
from incidentkit.rules import sending
from incidentkit.rules.suppress import wanted, wanted_of_record
from incidentkit.timing.instants import from_micros, to_micros


def deliver(setting: Setting, claimed: ClaimedTask) -> Flow[Outcome[Delivery | None]]:
    """Send the message of a claimed task, unless it is no longer wanted."""
    at = yield from Now()
    book = Workbook(setting, at)
    id_, _, token = claimed.task.body.partition(" ")
    (delivery,) = yield from Load(DELIVERY, (id_,))
    if delivery is None:
        book.settles.append(Settle(claimed.task.id, claimed.token, Park("its delivery is gone")))
        _ = yield from book.commit()
        return Outcome(None, at)
    reason = yield from unwanted(book, delivery, claimed)
    if reason is not None:
        after = dropped(book, delivery, reason, claimed)
    elif (redacted := (yield from gone(delivery))) and delivery.kind is not MessageKind.PAGE:
        after = settled(book, blank(delivery), DeliveryState.UNWANTED, REDACTED)
        book.settles.append(Settle(claimed.task.id, claimed.token, Done()))
    elif setting.held:
        after = settled(book, delivery, DeliveryState.HELD, AFTER_RESTORE)
        book.settles.append(Settle(claimed.task.id, claimed.token, Done()))
    else:
        said = yield from Send(
            (yield from worded(setting, _message(delivery, token), delivery, at, redacted=redacted))
        )
        if redacted:
            delivery = blank(delivery)
        after = _answered(book, delivery, said, claimed)
    if after.state is not DeliveryState.RETRYING or _is_late(after):
        report(book, after)
    _ = yield from book.commit()
    return Outcome(after, at)


def _is_late(delivery: Delivery) -> bool:
    """Whether a page has just failed so often that its record has to hear of it."""
    return delivery.kind is MessageKind.PAGE and delivery.tries == sending.TOLD_AFTER


def unwanted(book: Workbook, delivery: Delivery, claimed: ClaimedTask) -> Flow[Reason | None]:
    """Why the message is not sent any more: not wanted, or too late; None where it is sent."""
    if delivery.always:
        return None
    policy = book.setting.policy
    reason = yield from _wanted(book.setting, delivery)
    if reason is not None and reason.outcome != sending.SEND:
        return reason
    queued_at: datetime = delivery.queued_at or from_micros(claimed.task.order)
    late = sending.expired(delivery, queued_at, book.at, policy.delivery)
    return None if late.outcome == sending.SEND else attrs.evolve(late, policy=policy.hash)


def dropped(book: Workbook, delivery: Delivery, reason: Reason, claimed: ClaimedTask) -> Delivery:
    """Write down why a message is not sent, and let go of its task."""
    book.settles.append(Settle(claimed.task.id, claimed.token, Done()))
    if reason.rule != sending.EXPIRY:
        return settled(book, delivery, DeliveryState.UNWANTED, str(reason.outcome), reason)
    told = f"waited {reason.inputs['waited']} s, useful for {reason.inputs['expires_after']} s"
    return settled(book, delivery, DeliveryState.EXPIRED, told, reason)


def _wanted(setting: Setting, delivery: Delivery) -> Flow[Reason | None]:
    kind, _, id_ = delivery.subject.partition("/")
    if kind != "incident":
        of = aggregate(kind)
        (record,) = yield from Load(of.kind, (id_,))
        if kind == "review" and record is not None:
            (incident,) = yield from Load(INCIDENT, (record.incident,))
            kept = no_more(setting, incident, delivery)
            if kept is not None:
                return kept
        over = record is None or of.over(record)
        return wanted_of_record(delivery, over=over, policy=setting.policy.hash)
    (incident,) = yield from Load(INCIDENT, (id_,))
    if incident is None:
        return None
    kept = no_more(setting, incident, delivery)
    return wanted(incident, delivery, setting.policy.hash) if kept is None else kept


def _message(delivery: Delivery, token: str) -> Message:
    return Message(
        delivery.id,
        delivery.kind,
        delivery.channel,
        delivery.party,
        delivery.address,
        delivery.title,
        delivery.text,
        delivery.ref,
        delivery.priority,
        token,
        delivery.fields,
        delivery.subject_version,
    )


def _answered(
    book: Workbook, delivery: Delivery, said: SendResult, claimed: ClaimedTask
) -> Delivery:
    task, token = claimed.task.id, claimed.token
    if isinstance(said, Retry):
        terms, tried = book.setting.policy.delivery, delivery.tries + 1
        if tried >= terms.tries:
            why = f"given up after {tried} tries: {said.why}"
            book.settles.append(Settle(task, token, Park(why)))
            return settled(book, delivery, DeliveryState.REFUSED, why, tried=1)
        wait = sending.wait(delivery.id, tried, said.after, terms)
        book.settles.append(Settle(task, token, Again(to_micros(book.at + wait), said.why)))
        return settled(book, delivery, DeliveryState.RETRYING, said.why, tried=1)
    book.settles.append(Settle(task, token, Done()))
    if isinstance(said, Refused):
        return settled(book, delivery, DeliveryState.REFUSED, said.why, tried=1)
    return settled(book, delivery, DeliveryState.SENT, said.proof, tried=1)


def settled(
    book: Workbook,
    delivery: Delivery,
    state: DeliveryState,
    detail: str,
    reason: Reason | None = None,
    *,
    tried: int = 0,
) -> Delivery:
    """The delivery with what became of it, journaled; `tried` counts one more try."""
    after = attrs.evolve(
        delivery,
        version=delivery.version + 1,
        state=state,
        tries=delivery.tries + tried,
        detail=detail,
    )
    event = DeliveryTried(state, detail)
    entry = recorded(event, book.setting, book.at, by="system", reason=reason)
    book.write(DELIVERY, after, (entry,))
    return after


def report(book: Workbook, delivery: Delivery) -> None:
    """Let the incident hear what became of the message, in a commit of its own."""
    now = to_micros(book.at)
    task = TaskId(f"react:delivery/{delivery.id}#{delivery.version}")
    body = f"delivery/{delivery.id}#{delivery.version}>{delivery.subject}"
    book.tasks.append(
        Task(task, REACTION, delivery.subject, now, PRIORITY_OF_REACTIONS, now, "", body)
    )
