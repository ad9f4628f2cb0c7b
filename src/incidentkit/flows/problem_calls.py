"""Calling whoever has a problem: a message to its owner, decided and queued with what happened.

Nothing is sent here; a message is a record and a task in the same commit.
"""

from __future__ import annotations

from collections.abc import Iterable

from incidentkit.flows.asking import contacts_of
from incidentkit.flows.draft import PRIORITY_OF_NOTICES, PRIORITY_OF_PAGES, Workbook
from incidentkit.flows.effects import Flow, NewId, NewToken
from incidentkit.flows.outgoing import full, token_hash, with_contacts
from incidentkit.flows.reaching import Reached
from incidentkit.flows.record_draft import RecordDraft
from incidentkit.ids import DeliveryId
from incidentkit.model import problem as p
from incidentkit.model import problem_changes as k
from incidentkit.model.delivery import Delivery
from incidentkit.model.incident_events import PageBundled
from incidentkit.model.journal import Event
from incidentkit.model.known_error_changes import KnownErrorReviewDue
from incidentkit.model.people import Contact
from incidentkit.model.words import MessageKind, ProblemState
from incidentkit.rules import problem_call
from incidentkit.timing.instants import show_instant

SYSTEM = "system"


def called_for(event: Event, *, woken: bool = False) -> tuple[str, str] | None:
    """The occasion of an event that calls somebody, and what it is about.

    `woken`: it happened by the time alone.
    """
    if isinstance(event, k.FixNotHolding):
        return "fix_not_holding", f"the fix does not hold: {event.ref}, {event.why}"
    if isinstance(event, k.ChangesDone):
        return "changes_done", f"all changes are done: {', '.join(event.refs)}"
    if isinstance(event, KnownErrorReviewDue):
        return "review_due", f"the known error is to be reviewed by {near(event)}"
    if isinstance(event, k.VerificationOver):
        return "verified", f"the verification is over since {show_instant(event.until)}"
    if isinstance(event, p.ProblemResolved) and event.verified:
        return "verified", "the fix has held, and the problem is resolved"
    if woken and isinstance(event, p.ProblemMoved) and event.to is ProblemState.ANALYSING:
        return "risk_expired", event.why
    return None


def near(event: KnownErrorReviewDue) -> str:
    """The instant of a review."""
    return show_instant(event.review_by)


def call_for(
    book: Workbook, work: RecordDraft[p.Problem], events: Iterable[Event], *, woken: bool = False
) -> Flow[None]:
    """Call whoever has the problem for each of the events that calls."""
    for event in events:
        occasion = called_for(event, woken=woken)
        if occasion is not None:
            yield from call(book, work, *occasion)


def call(book: Workbook, work: RecordDraft[p.Problem], occasion: str, about: str) -> Flow[None]:
    """One message to whoever has the problem, on each of their contacts that takes it.

    The directory's answer is journaled with the reason, because the decision rests on it.
    """
    setting, problem = book.setting, work.value
    policy = setting.policy
    reason = problem_call.call(problem, occasion, policy.problems, policy.paging, policy.hash)
    decided = problem_call.judge(reason.inputs)
    if not decided:
        return
    party, kind = decided[0], MessageKind(decided[1])
    takers = setting.taking(kind)
    found = yield from contacts_of(book, party)
    reachable = tuple(x for x in found.contacts if x.channel in takers)
    some = takers if kind is MessageKind.PAGE else takers[:1]
    contacts = reachable or tuple(Contact(channel, party) for channel in some)
    text = f"{problem.ref} {problem.priority.value}: {problem.title} - {about}"
    queued = 0
    for contact in contacts:
        if kind is MessageKind.PAGE:
            why = yield from full(book, f"problem/{problem.id}", party, contact.channel)
            if why is not None:
                waiting = int(str(why.inputs["waiting"]))
                bundled = PageBundled(party, contact.channel, 0, waiting)
                work.happened(bundled, setting, book.at, by=SYSTEM, reason=why)
                continue
        yield from _queue(book, problem, kind, party, contact, text)
        queued += 1
    reached = Reached(party, contacts, found.revision, found.last_good, as_of=found.at)
    reason = with_contacts(reason, reached, contacts, book.at)
    said = k.ProblemOwnerCalled(occasion, party, text, queued)
    work.happened(said, setting, book.at, by=SYSTEM, reason=reason)


def _queue(
    book: Workbook, problem: p.Problem, kind: MessageKind, party: str, contact: Contact, text: str
) -> Flow[None]:
    id_ = yield from NewId()
    token = yield from NewToken()
    delivery = Delivery(
        DeliveryId(id_),
        1,
        kind,
        f"problem/{problem.id}",
        problem.ref,
        party,
        contact.address,
        contact.channel,
        problem.title,
        text,
        problem.priority.value,
        0,
        token_hash(token),
        queued_at=book.at,
        drawn=True,
    )
    loud = kind is MessageKind.PAGE
    book.deliver(delivery, token, PRIORITY_OF_PAGES if loud else PRIORITY_OF_NOTICES)
