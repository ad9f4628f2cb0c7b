"""Which record is meant, and may the actor: what every call asks before it decides anything."""

from __future__ import annotations

from incidentkit.errors import NotAuthorised
from incidentkit.flows.aggregates import NAMES
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Ask, Find, Flow, Owners
from incidentkit.flows.kinds import DELIVERY
from incidentkit.flows.questions import MayAct
from incidentkit.flows.sight import Sight
from incidentkit.model import incident_events as e
from incidentkit.model.words import MessageKind
from incidentkit.ports.query import AllOf, Compare, Op, Query
from incidentkit.rules.access import judge
from incidentkit.rules.authorise import BREAK_GLASS, BROKEN_GLASS, Opinion, Permission, fold

_KINDS = frozenset(("incident", "change", *NAMES))
_NOWHERE = "-"
"""The id of no record: what an actor may not see is looked for there, and not found."""
_OTHERWISE = {
    ("receive", "source/report"): "report_incident",
    ("verify", "journal"): "verify_journal",
}
"""Calls whose name says too little of what they do."""


def lookup(name: str) -> Flow[tuple[str, str]]:
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


def resolve_ref(name: str, book: Workbook) -> Flow[tuple[str, str]]:
    """The same for a name that somebody gave: what they may not see is not to be found.

    While the authoriser cannot be asked, whoever was paged about an incident may still name it.
    """
    kind, id_ = yield from lookup(name)
    setting = book.setting
    if not setting.guarded or kind not in {"incident", *NAMES}:
        return kind, id_
    sight = Sight(setting, people=True)
    if sight.system or (yield from sight.visible(kind, id_)):
        return kind, id_
    if sight.failed and kind == "incident":
        known = True
        for actor in sight.actors:
            known = known and (yield from was_paged(actor, id_))
        if known:
            return kind, id_
    of, slash, _ = name.partition("/")
    return (of if slash and of in _KINDS else "incident"), _NOWHERE


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
        permission = yield from _decided(book, actor, action, subject, draft, party)
        if not permission.granted:
            raise NotAuthorised(actor, action, subject, permission.why)
        if draft is not None and permission.why == BROKEN_GLASS:
            note = e.Noted(f"{action} by {actor}: {permission.why}")
            draft.happened(note, setting, book.at, by="system")


def _decided(
    book: Workbook, actor: str, action: str, subject: str, draft: Draft | None, party: str
) -> Flow[Permission]:
    """What the host's authorisers and the built-in one say together; any denial wins."""
    setting, terms = book.setting, book.setting.policy.access
    paged = False
    if action in BREAK_GLASS and draft is not None:
        paged = yield from was_paged(actor, draft.incident.id)
    opinions: list[Permission] = []
    if setting.hosted:
        opinions.append((yield from Ask(MayAct(actor, action, subject, paged))))
    if terms.on:
        extra = (*(("paged",) if paged else ()), *(("recipient",) if party else ()))
        does = _OTHERWISE.get((action, subject), action)
        incident = None if draft is None else draft.incident
        opinions.append(judge(terms, actor, does, incident, extra))
    return fold(opinions) if opinions else Permission(Opinion.ALLOW, "open")


def was_paged(actor: str, incident: str) -> Flow[bool]:
    """Whether somebody was sent a page about an incident."""
    where = AllOf(
        (
            Compare("subject", Op.EQ, f"incident/{incident}"),
            Compare("party", Op.EQ, actor),
        )
    )
    found = yield from Find(DELIVERY, Query("delivery", where, limit=1000))
    return any(each.kind is MessageKind.PAGE for each in found.items)
