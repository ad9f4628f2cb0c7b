"""A claimed message: is it still wanted? Send it, and write down what became of it.

This is the only flow that sends, so it is never made anew: its commit writes only the delivery and
the settle, which nobody else writes, and what the answer means for the incident is a reaction.
"""

from __future__ import annotations

from datetime import timedelta

import attrs

from incidentkit.flows.aggregates import aggregate
from incidentkit.flows.draft import PRIORITY_OF_REACTIONS, REACTION, Workbook
from incidentkit.flows.effects import Flow, Load, Now, Send
from incidentkit.flows.keeping import no_more
from incidentkit.flows.kinds import DELIVERY, INCIDENT
from incidentkit.flows.setting import Outcome, Setting, recorded
from incidentkit.ids import TaskId
from incidentkit.model.delivery import Delivery, DeliveryTried, Message, Refused, Retry, SendResult
from incidentkit.model.reason import Reason
from incidentkit.model.words import DeliveryState
from incidentkit.ports.rows import Again, ClaimedTask, Done, Park, Settle, Task
from incidentkit.rules.suppress import wanted, wanted_of_record
from incidentkit.timing.instants import to_micros

FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
TRIES = 12


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
    reason = yield from _wanted(setting, delivery)
    if reason is not None and reason.outcome != "send":
        after = _settled(book, delivery, DeliveryState.UNWANTED, str(reason.outcome), reason)
        book.settles.append(Settle(claimed.task.id, claimed.token, Done()))
    else:
        said = yield from Send(_message(delivery, token))
        after = _answered(book, delivery, said, claimed)
    if after.state is not DeliveryState.RETRYING:
        _report(book, after)
    _ = yield from book.commit()
    return Outcome(after, at)


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
        if delivery.tries + 1 >= TRIES:
            book.settles.append(Settle(task, token, Done()))
            why = f"given up after {TRIES} tries: {said.why}"
            return _settled(book, delivery, DeliveryState.REFUSED, why)
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2**delivery.tries)
        due = to_micros(book.at + (said.after or wait))
        book.settles.append(Settle(task, token, Again(due, said.why)))
        return _settled(book, delivery, DeliveryState.RETRYING, said.why)
    book.settles.append(Settle(task, token, Done()))
    if isinstance(said, Refused):
        return _settled(book, delivery, DeliveryState.REFUSED, said.why)
    return _settled(book, delivery, DeliveryState.SENT, said.proof)


def _settled(
    book: Workbook,
    delivery: Delivery,
    state: DeliveryState,
    detail: str,
    reason: Reason | None = None,
) -> Delivery:
    after = attrs.evolve(
        delivery,
        version=delivery.version + 1,
        state=state,
        tries=delivery.tries + 1,
        detail=detail,
    )
    event = DeliveryTried(state, detail)
    entry = recorded(event, book.setting, book.at, by="system", reason=reason)
    book.write(DELIVERY, after, (entry,))
    return after


def _report(book: Workbook, delivery: Delivery) -> None:
    """Let the incident hear what became of the message, in a commit of its own."""
    now = to_micros(book.at)
    task = TaskId(f"react:delivery/{delivery.id}#{delivery.version}")
    body = f"delivery/{delivery.id}#{delivery.version}>{delivery.subject}"
    book.tasks.append(
        Task(task, REACTION, delivery.subject, now, PRIORITY_OF_REACTIONS, now, "", body)
    )
