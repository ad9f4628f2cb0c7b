"""Handing tickets back: one, those that a condition holds of, or all; a batch at a time.

In the commit that lets go of an incident its clocks are cancelled, its timer goes and its drafts
end. What was queued and not yet sent is settled as not wanted when its turn comes. The journal
stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from incidentkit.errors import NotFound
from incidentkit.flows.deliver import settled
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Find, Flow, Load, Now
from incidentkit.flows.enrolling import let_go, ticket_id
from incidentkit.flows.gate import authorise, resolve_ref
from incidentkit.flows.kinds import DELIVERY, TICKET
from incidentkit.flows.reaching import known_of
from incidentkit.flows.seeing import must_see, seen
from incidentkit.flows.setting import Setting, recorded
from incidentkit.lang.conditions import Condition
from incidentkit.model.hosting import LetGo, Ticket
from incidentkit.model.hosting_changes import TicketLetGo
from incidentkit.model.words import DeliveryState
from incidentkit.ports.query import AllOf, Compare, Cursor, OneOf, Op, Query
from incidentkit.rules.hosting import detach as events_of

DRAFTS = 500
BATCH = 50
"""How many tickets one commit lets go of."""
SYSTEM = "system"


def one(setting: Setting, name: str, reason: str) -> Flow[LetGo]:
    """Let go of one incident, by its reference or id; with its ticket, where it has one.

    Raises NotFound. One that was let go of before is left as it is.
    """
    at = yield from Now()
    book = Workbook(setting, at)
    kind, id_ = yield from resolve_ref(name, book)
    draft = (yield from book.incident(id_)) if kind == "incident" else None
    if draft is None:
        raise NotFound("incident", name)
    yield from authorise(book, "detach", f"incident/{draft.incident.ref}", draft)
    if draft.incident.detached:
        return LetGo(())
    _incident(book, draft, reason)
    yield from _drafts(book, (id_,))
    (ticket,) = yield from Load(TICKET, (id_,))
    if ticket is not None:
        _ticket(book, ticket, reason)
    yield from book.adopt_first()
    _ = yield from book.commit()
    return LetGo((draft.incident.ref,))


def ticket(setting: Setting, system: str, key: str, reason: str) -> Flow[LetGo]:
    """Let go of one ticket, whether it has an incident or was only enrolled. Raises NotFound."""
    at = yield from Now()
    book = Workbook(setting, at)
    yield from authorise(book, "detach", f"ticket/{system}/{key}", None)
    (found,) = yield from Load(TICKET, (ticket_id(system, key),))
    if found is None:
        raise NotFound("ticket", f"{system} {key}")
    if found.incident:
        name = f"incident/{found.incident}"
        yield from must_see(setting, name, "ticket", f"{system} {key}")
    refs = () if found.detached else (yield from _both(book, found, reason, None))
    if refs:
        yield from _drafts(book, (found.incident,))
    _ = yield from book.commit()
    return LetGo(refs)


def batch(
    setting: Setting, system: str, when: Condition | None, reason: str, after: Cursor | None
) -> Flow[tuple[LetGo, Cursor | None]]:
    """Let go of the next tickets of a system, all or those whose incident the condition holds of.

    A ticket that was only enrolled goes with all; one whose incident the actor may not see stays.
    The cursor is that of the next batch.
    """
    at = yield from Now()
    book = Workbook(setting, at)
    yield from authorise(book, "detach", f"ticket/{system}", None)
    where = AllOf((Compare("system", Op.EQ, system), Compare("detached", Op.EQ, False)))
    page = yield from Find(TICKET, Query("ticket", where, after=after, limit=BATCH))
    refs: list[str] = []
    gone: list[str] = []
    about = [f"incident/{x.incident}" for x in page.items if x.incident]
    shown = yield from seen(setting, about)
    for found in page.items:
        if found.incident and f"incident/{found.incident}" not in shown:
            continue
        let_go_of = yield from _both(book, found, reason, when)
        refs += let_go_of
        gone += [found.incident] if let_go_of else []
    yield from _drafts(book, gone)
    yield from book.adopt_first()
    commit = book.commit()
    if commit.changes:
        _ = yield from commit
    return LetGo(tuple(refs), page.next is not None), page.next


def _both(
    book: Workbook, found: Ticket, reason: str, when: Condition | None
) -> Flow[tuple[str, ...]]:
    draft = (yield from book.incident(found.incident)) if found.incident else None
    if when is not None:
        if draft is None:
            return ()
        known = yield from known_of(book, draft.incident, when.names())
        if not when.holds(known):
            return ()
    _ticket(book, found, reason)
    if draft is None or draft.incident.detached:
        return ()
    _incident(book, draft, reason)
    return (draft.incident.ref,)


def _incident(book: Workbook, draft: Draft, reason: str) -> None:
    for event, why in events_of(draft.incident, reason, book.at, book.setting.policy.hash):
        by = SYSTEM if why is not None else ""
        draft.happened(event, book.setting, book.at, by=by, reason=why)
    draft.fresh.clear()


def _drafts(book: Workbook, incidents: Sequence[str]) -> Flow[None]:
    """Drafts about these wait for nobody any longer: nothing is sent about them."""
    if not incidents:
        return
    subjects = OneOf("subject", tuple(f"incident/{each}" for each in incidents))
    drafted = Compare("state", Op.EQ, DeliveryState.DRAFTED.value)
    after: Cursor | None = None
    while True:
        query = Query("delivery", AllOf((drafted, subjects)), after=after, limit=DRAFTS)
        page = yield from Find(DELIVERY, query)
        for each in page.items:
            _ = settled(book, each, DeliveryState.UNWANTED, "its ticket was handed back")
        after = page.next
        if after is None:
            return


def _ticket(book: Workbook, found: Ticket, reason: str) -> None:
    said = TicketLetGo(reason)
    book.write(TICKET, let_go(found), (recorded(said, book.setting, book.at),))
