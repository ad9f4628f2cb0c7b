"""Commands on silences."""

from __future__ import annotations

from incidentkit.errors import NotFound, VersionMismatch
from incidentkit.flows.aggregates import aggregate
from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Flow, NewId, NewNumber
from incidentkit.flows.gate import authorise, resolve_ref
from incidentkit.flows.record_draft import RecordDraft
from incidentkit.flows.records import happen
from incidentkit.flows.setting import recorded
from incidentkit.flows.suppressing import hold
from incidentkit.lang.conditions import Condition
from incidentkit.model.incident_commands import Command
from incidentkit.model.silence import Silence, SilenceAlerts
from incidentkit.policy.facts import ALERT_FACTS
from incidentkit.rules import silence as rules


def carry_out(book: Workbook, command: Command) -> Flow[Silence]:
    """A command about a silence; the silence as it leaves it."""
    if isinstance(command, SilenceAlerts):
        return (yield from _begin(book, command))
    kind, id_ = yield from resolve_ref(command.subject, book)
    work = (yield from book.record("silence", id_)) if kind == "silence" else None
    if work is None:
        raise NotFound("silence", command.subject)
    silence: Silence = work.value
    yield from authorise(book, command.action, f"silence/{silence.ref}", None)
    if command.if_version is not None and command.if_version != silence.version:
        raise VersionMismatch(silence.ref, command.if_version, silence.version)
    happen(book, work, rules.decide(silence, command, book.at))
    yield from hold(book, f"silence/{silence.id}", silence.ref, rules.holder(work.value))
    after: Silence = work.value
    return after


def _begin(book: Workbook, command: SilenceAlerts) -> Flow[Silence]:
    setting = book.setting
    yield from authorise(book, command.action, "silence", None)
    _ = Condition.parse(command.subject, ALERT_FACTS)
    id_ = yield from NewId()
    series = setting.policy.series["silence"]
    number = yield from NewNumber(series)
    begun = rules.begun(
        id_, f"{series}-{number}", command, book.at, setting.by, setting.policy.silences
    )
    silence = rules.birth(begun, book.at)
    work: RecordDraft[Silence] = RecordDraft(aggregate("silence"), silence, new=True)
    work.recorded.append(recorded(begun, setting, book.at))
    book.begin_record(work)
    yield from hold(book, f"silence/{silence.id}", silence.ref, rules.holder(silence))
    return silence
