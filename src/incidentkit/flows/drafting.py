"""Drafts: messages that the library would send and leaves to a person.

Letting one go is a person's doing, by name; the system cannot. It is then a message like any other,
and is still asked at its turn whether it is wanted.
"""

from __future__ import annotations

import attrs

from incidentkit.errors import InvalidValue, NotFound
from incidentkit.flows.draft import PRIORITY_OF_NOTICES, PRIORITY_OF_PAGES, Workbook
from incidentkit.flows.effects import Find, Flow, Load, NewToken, Now
from incidentkit.flows.gate import authorise
from incidentkit.flows.kinds import DELIVERY, INCIDENT
from incidentkit.flows.outgoing import token_hash
from incidentkit.flows.seeing import messages, must_see
from incidentkit.flows.setting import Setting, recorded
from incidentkit.ids import SYSTEM_ACTOR
from incidentkit.model.delivery import Delivery
from incidentkit.model.hosting_changes import DraftSent
from incidentkit.model.words import DeliveryState, MessageKind, Mode
from incidentkit.ports.query import AllOf, Compare, Op, Query

PAGE = 500


def drafts(setting: Setting, incident: str) -> Flow[tuple[Delivery, ...]]:
    """The drafts that nobody has let go, oldest first; of one incident by its id, or of all.

    Those about what the actor may not see are left out.
    """
    at = yield from Now()
    book = Workbook(setting, at)
    about = (yield from book.incident(incident)) if incident else None
    yield from authorise(book, "read_drafts", "delivery", about)
    where: list[Compare] = [Compare("state", Op.EQ, DeliveryState.DRAFTED.value)]
    if incident:
        where.append(Compare("subject", Op.EQ, f"incident/{incident}"))
    query = Query("delivery", AllOf(tuple(where)), "changed_at", limit=PAGE)
    found: list[Delivery] = []
    while True:
        page = yield from Find(DELIVERY, query)
        found += page.items
        if page.next is None:
            return (yield from messages(setting, found))
        query = attrs.evolve(query, after=page.next)


def send_draft(setting: Setting, id_: str) -> Flow[Delivery]:
    """Let a draft go out, in a person's name.

    Raises NotFound for what is no draft, InvalidValue where nobody is named, or where the library
    no longer advises on its incident.
    """
    at = yield from Now()
    book = Workbook(setting, at)
    (draft,) = yield from Load(DELIVERY, (id_,))
    if draft is None or draft.state is not DeliveryState.DRAFTED:
        raise NotFound("draft", id_)
    yield from must_see(setting, draft.subject, "draft", id_)
    subject = draft.subject.partition("/")[2]
    record = yield from book.incident(subject)
    ref = draft.ref
    yield from authorise(book, "send_draft", f"incident/{ref}", record)
    if setting.by == SYSTEM_ACTOR:
        raise InvalidValue("by", "a draft is let go by a person; say who")
    (incident,) = yield from Load(INCIDENT, (subject,))
    if incident is None or incident.detached or incident.mode not in (Mode.ADVISE, Mode.ENFORCE):
        raise InvalidValue("draft", f"nothing is sent about {ref} any more")
    token = yield from NewToken()
    after = attrs.evolve(
        draft,
        version=draft.version + 1,
        state=DeliveryState.QUEUED,
        token_hash=token_hash(token),
        turn=incident.dossier.hosted.turn if incident.dossier.hosted is not None else 0,
        detail="",
        queued_at=at,
        released_by=setting.by,
    )
    loud = draft.kind is MessageKind.PAGE
    entry = recorded(DraftSent(setting.by), setting, at)
    book.send(after, (entry,), token, PRIORITY_OF_PAGES if loud else PRIORITY_OF_NOTICES)
    _ = yield from book.commit()
    return after
