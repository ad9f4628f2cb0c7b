"""A wait that nobody answers: the reminder, or the end of it.

Apart from `advance`, because most incidents never wait for anybody this long.
"""

from __future__ import annotations

from incidentkit.errors import CallerError
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow
from incidentkit.flows.family import with_children
from incidentkit.flows.outgoing import notify_one
from incidentkit.flows.reaching import known_of
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.journal import Event
from incidentkit.model.relation_changes import HoldReminded
from incidentkit.model.words import MessageKind
from incidentkit.rules import lifecycle
from incidentkit.rules.waits import WAIT, FollowUp

SYSTEM = "system"


def remind(book: Workbook, draft: Draft, due: FollowUp) -> Flow[None]:
    """The next reminder, or the note that there is none any more; why stands in the reason."""
    event = HoldReminded(due.to, due.number, due.next_at)
    if due.reason.outcome == WAIT:
        event = HoldReminded("", due.number - 1, None)
    draft.happened(event, book.setting, book.at, by=SYSTEM, reason=due.reason)
    if event.to and book.setting.taking(MessageKind.NOTICE):
        template = due.terms.template
        known = yield from known_of(book, draft.incident, template.names())
        text = template.render(known)
        queued = yield from notify_one(book, draft, due.to, text)
        said = e.NoticeQueued(due.to, text, queued)
        draft.happened(said, book.setting, book.at, by=SYSTEM, reason=due.reason)


def resolve(book: Workbook, draft: Draft, due: FollowUp) -> Flow[tuple[Event, ...]]:
    """What ends the wait with the incident; where it has open ends it goes on, and says so."""
    terms = book.setting.policy.lifecycle
    command = c.Resolve(draft.incident.ref, code=due.terms.code, remedy=due.terms.remedy)
    try:
        asked = yield from with_children(book, draft, command)
        return lifecycle.decide(draft.incident, asked, book.at, SYSTEM, terms)
    except CallerError as error:
        stays = HoldReminded("", due.number - 1, None)
        return stays, e.Noted(f"not resolved by itself: {error}")
