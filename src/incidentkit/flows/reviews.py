"""Commands on reviews, and what time makes true of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from incidentkit.errors import NotFound, VersionMismatch
from incidentkit.flows.advance import settle
from incidentkit.flows.applying import SYSTEM
from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Flow
from incidentkit.flows.gate import authorise, resolve_ref
from incidentkit.flows.record_draft import RecordDraft
from incidentkit.flows.records import happen
from incidentkit.flows.reviewing import open_review, tell
from incidentkit.model import review_changes as r
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.review import Review
from incidentkit.rules import review as rules
from incidentkit.rules.review_evolve import on_incident, wake


def carry_out(book: Workbook, command: Command) -> Flow[Review]:
    """A command about a review; the review as it leaves it."""
    if isinstance(command, r.OpenReview):
        return (yield from _opened(book, command))
    kind, id_ = yield from resolve_ref(command.subject, book)
    work: RecordDraft[Review] | None = None
    if kind == "review":
        work = yield from book.record("review", id_)
    if work is None:
        raise NotFound("review", command.subject)
    review = work.value
    yield from authorise(book, command.action, f"review/{review.ref}", None)
    if command.if_version is not None and command.if_version != review.version:
        raise VersionMismatch(review.ref, command.if_version, review.version)
    setting = book.setting
    events = rules.decide(review, command, book.at, setting.by, setting.policy.review)
    yield from _let(book, work, events, by="")
    return work.value


def _opened(book: Workbook, command: r.OpenReview) -> Flow[Review]:
    kind, id_ = yield from resolve_ref(command.subject, book)
    draft = (yield from book.incident(id_)) if kind == "incident" else None
    if draft is None:
        raise NotFound("incident", command.subject)
    yield from authorise(book, command.action, f"incident/{draft.incident.ref}", draft)
    owner = command.owner or book.setting.by
    work = yield from open_review(book, draft, owner, command.title, None)
    yield from settle(book, draft)
    return work.value


def _let(
    book: Workbook, work: RecordDraft[Review], events: Sequence[Event], *, by: str
) -> Flow[None]:
    """Let events happen; the incident and whoever owes something hear of them at once."""
    happen(book, work, events, by=by)
    draft = (yield from book.incident(work.value.incident)) if events else None
    if draft is None:
        return
    for heard in on_incident(draft.incident, work.value):
        draft.happened(heard, book.setting, book.at, by=SYSTEM)
    for event in events:
        yield from tell(book, draft, work.value, event)
    yield from settle(book, draft)


def woken(book: Workbook, id_: str) -> Flow[datetime | None]:
    """What has become due on a review: warn, or say that it is late."""
    work = yield from book.record("review", id_)
    if work is None:
        return None
    yield from _let(book, work, wake(work.value, book.at), by=SYSTEM)
    return work.wakes_at()
