"""Which record is meant, and may the actor: what every call asks before it decides anything."""

from __future__ import annotations

from incidentkit.errors import NotAuthorised
from incidentkit.flows.aggregates import NAMES
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Ask, Find, Flow, Owners
from incidentkit.flows.kinds import DELIVERY
from incidentkit.flows.questions import MayAct
from incidentkit.model import incident_events as e
from incidentkit.model.words import MessageKind
from incidentkit.ports.query import AllOf, Compare, Op, Query
from incidentkit.rules.authorise import BREAK_GLASS, BROKEN_GLASS

_KINDS = frozenset(("incident", "change", *NAMES))


def resolve_ref(name: str) -> Flow[tuple[str, str]]:
    """The (kind, id) of a record by its reference, `kind/id` or bare incident id.

    References of other systems may have slashes of their own.
    """
    kind, slash, id_ = name.partition("/")
    if slash and kind in _KINDS:
        return kind, id_
    (owner,) = yield from Owners("ref", (name,))
    if owner is None:
        return "incident", name
    kind, _, id_ = owner.partition("/")
    return kind, id_


def authorise(
    book: Workbook, action: str, subject: str, draft: Draft | None, *, party: str = ""
) -> Flow[None]:
    """Raise NotAuthorised unless the actor, and whoever they act for, may.

    `party` is who acts where a message's token proved it. What is done without the authoriser,
    because it failed, is journaled as such.
    """
    setting = book.setting
    if not setting.guarded:
        return
    for actor in (party,) if party else dict.fromkeys((setting.actor, setting.by)):
        paged = action in BREAK_GLASS and (yield from _was_paged(actor, draft))
        permission = yield from Ask(MayAct(actor, action, subject, paged))
        if not permission.granted:
            raise NotAuthorised(actor, action, subject, permission.why)
        if draft is not None and permission.why == BROKEN_GLASS:
            note = e.Noted(f"{action} by {actor}: {permission.why}")
            draft.happened(note, setting, book.at, by="system")


def _was_paged(actor: str, draft: Draft | None) -> Flow[bool]:
    if draft is None:
        return False
    where = AllOf(
        (
            Compare("subject", Op.EQ, f"incident/{draft.incident.id}"),
            Compare("party", Op.EQ, actor),
        )
    )
    found = yield from Find(DELIVERY, Query("delivery", where, limit=1000))
    return any(each.kind is MessageKind.PAGE for each in found.items)
