"""What planned work and silences do by themselves: ask, overrun, and let go of alerts.

Whoever ends a suppression says so in one commit; the alerts that it held are decided again in
later ones. So an alert that is being judged meanwhile is either held, and then found here, or
judged anew.
"""

from __future__ import annotations

from typing import Any

from incidentkit.flows.advance import apply, settle
from incidentkit.flows.alerts import decide_again
from incidentkit.flows.declare import declare
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Count, Find, Flow
from incidentkit.flows.kinds import ALERT
from incidentkit.flows.maintenance import about, follow
from incidentkit.flows.quiet import resting, wake_up
from incidentkit.flows.record_draft import RecordDraft
from incidentkit.flows.record_talk import call
from incidentkit.flows.records import happen
from incidentkit.flows.suppressing import hold
from incidentkit.model import incident_events as e
from incidentkit.model import maintenance_changes as m
from incidentkit.model.incident import Link
from incidentkit.model.incident_commands import Declare
from incidentkit.model.maintenance import Maintenance
from incidentkit.model.record_events import AlertsReleased
from incidentkit.model.silence import Silence
from incidentkit.model.words import AlertStatus, LinkKind
from incidentkit.ports.query import AllOf, Compare, Op, Query

SYSTEM = "system"
BATCH = 200
"""How many alerts one commit decides again."""


def silence_woken(book: Workbook, draft: RecordDraft[Silence]) -> Flow[None]:
    """Its time is over, or the alerts that it held are to be decided again."""
    before = draft.value
    happen(book, draft, draft.of.wake(before, book.at), by=SYSTEM)
    if draft.value.state is not before.state:
        yield from hold(book, f"silence/{before.id}", before.ref, None)
    if before.release_at is not None:
        yield from _release(book, draft, None)
        if before.release_at < before.until:
            for incident in (yield from resting(book, before)):
                wake_up(book, incident)
                yield from settle(book, incident)


def maintenance_woken(book: Workbook, draft: RecordDraft[Maintenance]) -> Flow[None]:
    """Its end comes near or has passed, or the alerts that it held are to be decided again."""
    before = draft.value
    events = draft.of.wake(before, book.at)
    happen(book, draft, events, by=SYSTEM)
    yield from follow(book, draft, before, events, SYSTEM)
    for event in events:
        if isinstance(event, m.MaintenanceOverran):
            yield from _overran(book, draft, event)
    if before.release_at is not None and not events:
        # Never in the commit that ends a suppression: it rings again at once.
        kind, _, id_ = before.proposed.partition("/")
        onto = (yield from book.incident(id_)) if kind else None
        yield from _release(book, draft, onto)


def _overran(
    book: Workbook, draft: RecordDraft[Maintenance], event: m.MaintenanceOverran
) -> Flow[None]:
    """Propose an incident that began at the planned end, once; else call the owner.

    The candidate is assigned to the owner, so its ladder pages the owner and, unanswered, others.
    """
    work = draft.value
    title = f"{work.ref} goes on after its planned end: {work.title}"
    if work.proposed or not book.setting.policy.maintenance.propose:
        yield from call(book, draft, about(work), "maintenance_overran", work.card.owner, title)
        return
    policy = book.setting.policy
    # A name that a closed policy has struck off meanwhile must not keep the incident from opening.
    services = (x for x in work.card.services if not policy.closed or x in policy.services)
    known = not policy.closed or work.card.owner in policy.parties
    owner = work.card.owner if known else None
    command = Declare(
        title[:1_000],
        service=next(services, None),
        assign=owner,
        owner=owner,
        team=work.card.team,
        labels=work.card.labels,
        source="maintenance",
        candidate=True,
        occurred_at=event.end,
        detected_at=book.at,
    )
    incident = yield from declare(book, command, authorised=True)
    target = f"incident/{incident.incident.id}"
    link = Link(LinkKind.RELATED, target, incident.incident.ref)
    draft.happened(m.IncidentProposed(link), book.setting, book.at, by=SYSTEM)
    apply(
        book,
        incident,
        (e.Linked(LinkKind.RELATED, f"maintenance/{work.id}", work.ref),),
        by=SYSTEM,
    )
    yield from settle(book, incident)


def _release(book: Workbook, draft: RecordDraft[Any], onto: Draft | None) -> Flow[None]:
    """Decide again on the alerts that it held and that still fire, as many as one commit takes."""
    name = f"{draft.of.kind.name}/{draft.value.id}"
    held = Compare("held", Op.EQ, name)
    where = AllOf((held, Compare("status", Op.EQ, AlertStatus.FIRING.value)))
    found = yield from Find(ALERT, Query("alert", where, limit=BATCH))
    more = found.next is not None
    cleared = 0
    if not more:
        where = AllOf((held, Compare("status", Op.EQ, AlertStatus.CLEARED.value)))
        cleared = yield from Count(Query("alert", where))
    yield from decide_again(book, found.items, onto)
    event = AlertsReleased(len(found.items), cleared, more)
    draft.happened(event, book.setting, book.at, by=SYSTEM)
