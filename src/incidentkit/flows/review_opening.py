"""Opening the review of an incident: by somebody, or by itself when the incident is resolved."""

from __future__ import annotations

from datetime import datetime

from incidentkit.flows.aggregates import aggregate
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow, NewId, NewNumber
from incidentkit.flows.record_draft import RecordDraft
from incidentkit.flows.setting import recorded
from incidentkit.model import incident_events as e
from incidentkit.model.incident import Incident
from incidentkit.model.review import Review
from incidentkit.model.words import LinkKind
from incidentkit.rules import review as rules
from incidentkit.rules.review_evolve import birth


def reviewed_in(incident: Incident) -> tuple[str, ...]:
    """The ids of the reviews of an incident."""
    links = (x.target for x in incident.ties.links if x.kind is LinkKind.REVIEWED_IN)
    return tuple(target.partition("/")[2] for target in links)


def open_review(
    book: Workbook,
    draft: Draft,
    *,
    owner: str | None = None,
    due_at: datetime | None = None,
    by: str = "",
) -> Flow[RecordDraft[Review]]:
    """A new review, tied to its incident in the same commit."""
    setting = book.setting
    id_ = yield from NewId()
    series = setting.policy.series["review"]
    number = yield from NewNumber(series)
    ref = f"{series}-{number}"
    opened = rules.opened(id_, ref, draft.incident, book.at, setting.policy.review, owner, due_at)
    work: RecordDraft[Review] = RecordDraft(aggregate("review"), birth(opened, book.at), new=True)
    work.recorded.append(recorded(opened, setting, book.at, by=by))
    book.begin_record(work)
    linked = e.Linked(LinkKind.REVIEWED_IN, f"review/{id_}", ref)
    draft.happened(linked, setting, book.at, by=by)
    return work
