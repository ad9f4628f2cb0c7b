"""After a merge, the survivor is as urgent as the two were, or somebody is asked whether it is."""

from __future__ import annotations

from incidentkit.flows.advance import settle
from incidentkit.flows.applying import SYSTEM
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow
from incidentkit.flows.outgoing import notify
from incidentkit.model import incident_events as e
from incidentkit.model.incident import Incident
from incidentkit.model.reason import Reason
from incidentkit.model.words import MessageKind
from incidentkit.rules import merge_rating


def level(book: Workbook, survivor: Draft, other: Incident) -> Flow[None]:
    """What is owed for the other's priority, `other` being as it stood before it was merged.

    Assessments that came along have rated the survivor by now. Whoever is not at work on it yet is
    paged as the ladder of its priority has it.
    """
    if _rated(book, survivor, other):
        yield from settle(book, survivor)
    asked = any(isinstance(x.event, e.PriorityQuestioned) for x in survivor.recorded)
    if not asked and _questioned(book, survivor, other):
        yield from settle(book, survivor)
        return
    was, incident = survivor.before.rating.priority, survivor.incident
    now, hears = incident.rating.priority, incident.people.assignee or incident.people.owner
    if now < was and hears and book.setting.taking(MessageKind.NOTICE):
        text = f"{incident.ref}: {now} now (was {was}), as {other.ref} was, which is the same"
        _ = yield from notify(book, survivor, hears, (hears,), text, None)


def _rated(book: Workbook, survivor: Draft, other: Incident) -> bool:
    reason = _weighed(book, survivor, other)
    if reason is None or reason.outcome != merge_rating.RATED:
        return False
    event = merge_rating.rated(survivor.incident, other)
    survivor.happened(event, book.setting, book.at, by=SYSTEM, reason=reason)
    return True


def _questioned(book: Workbook, survivor: Draft, other: Incident) -> bool:
    reason = _weighed(book, survivor, other)
    if reason is None:
        return False
    event = merge_rating.questioned(survivor.incident, other)
    survivor.happened(event, book.setting, book.at, by=SYSTEM, reason=reason)
    return True


def _weighed(book: Workbook, survivor: Draft, other: Incident) -> Reason | None:
    policy = book.setting.policy
    return merge_rating.weigh(survivor.incident, other, policy.matrix, policy.hash)
