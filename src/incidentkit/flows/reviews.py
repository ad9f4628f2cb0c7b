"""Commands on reviews, their reminders, and whether an incident still waits for one."""

from __future__ import annotations

from incidentkit.errors import InvalidValue, NotFound, VersionMismatch
from incidentkit.flows.advance import settle
from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Flow, Load
from incidentkit.flows.gate import authorise, resolve_ref
from incidentkit.flows.kinds import REVIEW
from incidentkit.flows.outgoing import About
from incidentkit.flows.record_draft import RecordDraft
from incidentkit.flows.record_talk import remind
from incidentkit.flows.records import happen
from incidentkit.flows.review_opening import open_review, reviewed_in
from incidentkit.model import review_changes as r
from incidentkit.model.incident import Incident
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.review import Review
from incidentkit.rules import review as rules
from incidentkit.timing.instants import show_instant


def carry_out(book: Workbook, command: Command) -> Flow[Review]:
    """A command about a review; the review as it leaves it."""
    if isinstance(command, r.OpenReview):
        return (yield from _open(book, command))
    kind, id_ = yield from resolve_ref(command.subject)
    draft = (yield from book.record("review", id_)) if kind == "review" else None
    if draft is None:
        raise NotFound("review", command.subject)
    review: Review = draft.value
    yield from authorise(book, command.action, f"review/{review.ref}", None)
    if command.if_version is not None and command.if_version != review.version:
        raise VersionMismatch(review.ref, command.if_version, review.version)
    setting = book.setting
    happen(book, draft, rules.decide(review, command, book.at, setting.by, setting.policy.review))
    after: Review = draft.value
    return after


def _open(book: Workbook, command: r.OpenReview) -> Flow[Review]:
    kind, id_ = yield from resolve_ref(command.subject)
    draft = (yield from book.incident(id_)) if kind == "incident" else None
    if draft is None:
        raise NotFound("incident", command.subject)
    yield from authorise(book, command.action, f"incident/{draft.incident.ref}", draft)
    if reviewed_in(draft.incident):
        ref = next(x.ref for x in draft.incident.ties.links if x.target.startswith("review/"))
        raise InvalidValue("subject", f"{draft.incident.ref} has a review already: {ref}")
    work = yield from open_review(book, draft, owner=command.owner, due_at=command.due_at)
    yield from settle(book, draft)
    return work.value


def has_open_review(incident: Incident) -> Flow[bool]:
    """Whether a review of the incident is still to be written or published; it then stays open."""
    ids = reviewed_in(incident)
    if not ids:
        return False
    found: tuple[Review | None, ...] = yield from Load(REVIEW, ids)
    return any(each is not None and each.open for each in found)


def woken(book: Workbook, draft: RecordDraft[Review]) -> Flow[None]:
    """Remind the owners of what is due soon, and tell them of what is overdue."""
    events = draft.of.wake(draft.value, book.at)
    happen(book, draft, events, by="system")
    for event in events:
        yield from _remind(book, draft, event)


def _remind(book: Workbook, draft: RecordDraft[Review], event: Event) -> Flow[None]:
    review = draft.value
    name = f"review/{review.id}"
    about: About = (name, review.ref, review.title, "")
    if isinstance(event, r.ReviewWarned | r.ReviewOverdue):
        late = isinstance(event, r.ReviewOverdue)
        said = f"the review {review.ref} of {review.title!r}"
        owner, due_at = review.owner, event.due_at
    else:
        assert isinstance(event, r.FollowUpWarned | r.FollowUpOverdue)
        late = isinstance(event, r.FollowUpOverdue)
        found = review.follow_up(event.id)
        title = "" if found is None else found.title
        said = f"follow-up {event.id} of {review.ref}, {title!r},"
        owner, due_at = (None if found is None else found.owner) or review.owner, event.due_at
    words = "was due" if late else "is due"
    occasion = "overdue" if late else "due_soon"
    text = f"{said} {words} {show_instant(due_at)}"
    yield from remind(book, draft, about, occasion, owner, text)
