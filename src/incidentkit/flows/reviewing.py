"""Opening a review for an incident: by a command, or because the policy says it owes one."""

from __future__ import annotations

from incidentkit.flows.aggregates import aggregate
from incidentkit.flows.applying import SYSTEM
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Count, Flow, NewId, NewNumber
from incidentkit.flows.outgoing import notify
from incidentkit.flows.record_draft import Aggregate, RecordDraft
from incidentkit.flows.setting import recorded
from incidentkit.model import review_changes as r
from incidentkit.model.journal import Event
from incidentkit.model.reason import Reason
from incidentkit.model.review import Review
from incidentkit.model.words import MessageKind
from incidentkit.ports.query import Compare, Op, Query
from incidentkit.rules.owe_review import owed
from incidentkit.rules.review import due_after, started
from incidentkit.rules.review_evolve import birth, owed_words


def open_owed(book: Workbook, draft: Draft) -> Flow[None]:
    """Open the review that a resolved incident owes, unless it has one already."""
    policy = book.setting.policy
    reason = owed(draft.incident, policy.review.when, policy.hash)
    if reason is None or draft.incident.dossier.reviews:
        return
    where = Compare("incident", Op.EQ, draft.incident.id)
    if not (yield from Count(Query("review", where))):
        people = draft.incident.people
        owner = people.owner or people.holder("commander") or people.assignee
        _ = yield from open_review(book, draft, owner, "", reason)


def open_review(
    book: Workbook, draft: Draft, owner: str | None, title: str, reason: Reason | None
) -> Flow[RecordDraft[Review]]:
    """A new review, its clock running; the incident knows that it is owed."""
    setting, incident = book.setting, draft.incident
    terms = setting.policy.review
    id_ = yield from NewId()
    series = setting.policy.series["review"]
    number = yield from NewNumber(series)
    ref = f"{series}-{number}"
    clock = started("review", book.at, due_after(terms.within, book.at), terms.warn_percent)
    opened = r.ReviewOpened(
        id_, ref, incident.id, incident.ref, title or incident.title, owner, clock
    )
    of: Aggregate[Review] = aggregate("review")
    work = RecordDraft(of, birth(opened, book.at), new=True)
    by = SYSTEM if reason is not None else ""
    work.recorded.append(recorded(opened, setting, book.at, reason=reason, by=by))
    book.begin_record(work)
    draft.happened(r.ReviewBegun(ref), setting, book.at, by=by, reason=reason)
    yield from tell(book, draft, work.value, opened)
    return work


def tell(book: Workbook, draft: Draft, review: Review, event: Event) -> Flow[None]:
    """A notice to whoever owes something because of this event, where a channel takes notices."""
    words = owed_words(review, event)
    if words is not None and book.setting.taking(MessageKind.NOTICE):
        party, text = words
        _ = yield from notify(book, draft, party, (party,), text, None)
