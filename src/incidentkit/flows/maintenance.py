"""Commands on planned work, and what audiences and alerts hear of them."""

from __future__ import annotations

from collections.abc import Iterable

from incidentkit.errors import InvalidValue, NotFound, VersionMismatch
from incidentkit.flows.aggregates import aggregate
from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Flow, NewId, NewNumber
from incidentkit.flows.gate import authorise, resolve_ref
from incidentkit.flows.outgoing import About
from incidentkit.flows.record_draft import RecordDraft
from incidentkit.flows.record_talk import call, tell
from incidentkit.flows.records import happen
from incidentkit.flows.setting import recorded
from incidentkit.flows.suppressing import hold
from incidentkit.lang.conditions import Condition
from incidentkit.model import maintenance_changes as m
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.maintenance import Maintenance
from incidentkit.model.words import MessageKind
from incidentkit.policy.facts import ALERT_FACTS
from incidentkit.rules import maintain, maintain_evolve
from incidentkit.rules.lead_time import short_notice
from incidentkit.timing.instants import show_instant

Draft = RecordDraft[Maintenance]

_OCCASIONS: dict[type[Event], str] = {
    m.MaintenanceAnnounced: "announced",
    m.MaintenanceRescheduled: "rescheduled",
    m.MaintenanceExtended: "extended",
    m.MaintenanceCancelled: "cancelled",
    m.MaintenanceStarted: "started",
    m.MaintenanceOverran: "overran",
    m.MaintenanceCompleted: "completed",
    m.MaintenanceRolledBack: "rolled_back",
}


def carry_out(book: Workbook, command: Command) -> Flow[Maintenance]:
    """A command about planned work; the work as it leaves it."""
    if isinstance(command, m.PlanMaintenance):
        return (yield from _plan(book, command))
    kind, id_ = yield from resolve_ref(command.subject, book)
    draft = (yield from book.record("maintenance", id_)) if kind == "maintenance" else None
    if draft is None:
        raise NotFound("maintenance", command.subject)
    before: Maintenance = draft.value
    yield from authorise(book, command.action, f"maintenance/{before.ref}", None)
    if command.if_version is not None and command.if_version != before.version:
        raise VersionMismatch(before.ref, command.if_version, before.version)
    if isinstance(command, m.EditMaintenance):
        _check_names(
            book, command.services or (), command.audiences or (), command.expected or "true"
        )
    if isinstance(command, m.AnnounceMaintenance) and not book.setting.taking(MessageKind.NOTICE):
        raise InvalidValue("audiences", "no channel takes notices; pass one to Desk.open")
    setting = book.setting
    terms = setting.policy.maintenance
    events = maintain.decide(before, command, book.at, setting.by, terms)
    happen(book, draft, events)
    if any(isinstance(x, m.MaintenanceRescheduled) for x in events):
        _lint(book, draft)
    yield from follow(book, draft, before, events)
    after: Maintenance = draft.value
    return after


def _plan(book: Workbook, command: m.PlanMaintenance) -> Flow[Maintenance]:
    setting, policy = book.setting, book.setting.policy
    yield from authorise(book, command.action, "maintenance", None)
    _check_names(book, command.services, command.audiences, command.expected)
    id_ = yield from NewId()
    series = policy.series["maintenance"]
    number = yield from NewNumber(series)
    ref = f"{series}-{number}"
    planned, more = maintain.planned(id_, ref, command, book.at, setting.by, policy.maintenance)
    work = maintain_evolve.birth(planned, book.at)
    draft: Draft = RecordDraft(aggregate("maintenance"), work, new=True)
    draft.recorded.append(recorded(planned, setting, book.at))
    book.begin_record(draft)
    happen(book, draft, more, by="system")
    _lint(book, draft)
    return draft.value


def _check_names(
    book: Workbook, services: Iterable[str], audiences: Iterable[str], expected: str
) -> None:
    """Refuse names that nobody knows, and a condition that cannot be read."""
    policy = book.setting.policy
    for name in audiences:
        if name not in policy.audiences:
            raise NotFound("audience", name, tuple(policy.audiences))
    for service in services:
        if policy.closed and service not in policy.services:
            raise InvalidValue("services", f"{service!r} is not listed, and the policy is closed")
    _ = Condition.parse(expected, ALERT_FACTS)


def _lint(book: Workbook, draft: Draft) -> None:
    """Write down which audiences would hear of it too late if they were told now."""
    policy, work = book.setting.policy, draft.value
    named = (policy.audiences[x] for x in work.card.audiences if x in policy.audiences)
    for event, reason in short_notice(work.start, book.at, named, policy.hash):
        draft.happened(event, book.setting, book.at, by="system", reason=reason)


def about(work: Maintenance) -> About:
    """A message about planned work."""
    return f"maintenance/{work.id}", work.ref, work.title, work.card.priority


def follow(
    book: Workbook, draft: Draft, before: Maintenance, events: Iterable[Event], by: str = ""
) -> Flow[None]:
    """What follows from what happened: alerts held back or not, audiences told, the owner asked."""
    work = draft.value
    name = f"maintenance/{work.id}"
    was = maintain_evolve.holder(before, book.at)
    now = maintain_evolve.holder(work, book.at)
    if was != now or any(isinstance(x, m.MaintenanceOverran) for x in events):
        yield from hold(book, name, work.ref, now)
    for event in tuple(events):
        occasion = _OCCASIONS.get(type(event))
        if occasion is not None and work.announced:
            yield from _tell(book, draft, occasion, str(getattr(event, "reason", "")), by)
        if isinstance(event, m.MaintenanceAsked):
            text = (
                f"{work.ref} is to end {show_instant(work.end)}: {work.title} - "
                "complete it, extend it or roll it back"
            )
            yield from call(book, draft, about(work), "maintenance_ends", work.card.owner, text)


def _tell(book: Workbook, draft: Draft, occasion: str, reason: str, by: str) -> Flow[None]:
    policy, work = book.setting.policy, draft.value
    template = policy.maintenance.says.get(occasion)
    if template is None or not book.setting.taking(MessageKind.NOTICE):
        return
    text = template.render({"maintenance": facts(work, reason)}).strip()
    for audience in work.card.audiences:
        if audience in policy.audiences:
            yield from tell(book, draft, about(work), audience, text, by)


def facts(work: Maintenance, reason: str = "") -> dict[str, object]:
    """What a template may say of planned work."""
    card = work.card
    return {
        "ref": work.ref,
        "title": card.title,
        "summary": card.summary,
        "state": work.state.value,
        "priority": card.priority,
        "services": card.services,
        "components": card.components,
        "start": show_instant(work.start),
        "end": show_instant(work.end),
        "owner": card.owner,
        "reason": reason,
    }
