"""Journal entries as text: the event with who, for whom, caused by what, and why.

The stored name of an event is its class name in snake case and is kept for ever. The list names
every event by place; the class is imported when an entry of its kind is read for the first time.
"""

from __future__ import annotations

import importlib
import re
from typing import Any, cast

import attrs

from incidentkit.codec.backend import Backend
from incidentkit.codec.damage import DamagedRecord, Misfit
from incidentkit.codec.leaves import quote
from incidentkit.codec.stdlib import JSON
from incidentkit.errors import SchemaTooNew
from incidentkit.model.journal import Event, JournalEntry, Recorded
from incidentkit.model.reason import Reason
from incidentkit.ports.rows import Entry
from incidentkit.timing.instants import from_micros

_PLACES = {
    "incident_events": """
        declared rated prioritised accepted triaged started held resumed mitigated
        observation_begun regressed resolved closed reopened cancelled acknowledged lease_lapsed
        response_cleared response_refired assigned owner_changed team_changed watchers_changed
        status_stated role_taken role_left noted replied edited moment_corrected linked unlinked
        alert_joined alert_cleared alert_refired report_joined page_queued
        page_bundled page_withheld paging_planned notice_queued delivery_settled
        problem_proposed clock_moved clock_warned clock_breached priority_questioned
        priority_returned
    """,
    "problem": """
        problem_raised problem_moved fix_begun verification_begun problem_resolved risk_accepted
        problem_linked problem_unlinked
    """,
    "alert": """
        alert_received alert_judged payload_captured payload_redacted signal_rejected
        change_seen beat_started beat_missed alert_moved
    """,
    "report_changes": """
        report_received join_suggested report_moved report_told resolution_confirmed
        resolution_rejected report_redacted
    """,
    "relation_changes": """
        absorbed given_up released contents_moved_in contents_moved_out reporter_answered
        hold_reminded child_turned
    """,
    "delivery": "delivery_queued delivery_tried delivery_requeued delivery_receipted "
    "delivery_redacted",
    "adoption": "policy_adopted seal_made",
    "scope_changes": """
        aspect_stated aspect_dropped affected_marked affected_cleared organisation_involved
        organisation_released reference_added reference_removed label_set
    """,
    "impact_changes": """
        impact_assessed impact_withdrawn impact_interval_recorded impact_interval_corrected
        impact_interval_withdrawn
    """,
    "fact_changes": "fact_asserted",
    "findings_changes": """
        hypothesis_proposed hypothesis_judged cause_named cause_confirmed cause_rejected
        workaround_offered workaround_judged workaround_dropped decision_recorded
    """,
    "attachment_changes": """
        attached attachment_handed_over attachment_labelled attachment_withdrawn
    """,
    "review_changes": """
        review_opened review_edited review_assigned review_moved review_warned review_overdue
        follow_up_added follow_up_changed follow_up_ended follow_up_warned follow_up_overdue
        review_begun review_finished
    """,
    "automation": "automated automation_put_off automation_skipped automation_failed",
    "major_changes": """
        major_proposed major_accepted major_rejected major_stood_down major_demoted
        major_unanswered major_staffing major_unstaffed
    """,
    "public_changes": "public_stated",
    "region_changes": "region_moved",
    "handover_changes": """
        handover_offered handover_briefed handover_accepted handover_declined handover_withdrawn
    """,
    "incident_task_changes": """
        task_added task_started task_completed task_cancelled task_assigned task_reopened
        task_overdue checklist_attached
    """,
    "custody_changes": "legal_hold_placed legal_hold_lifted redacted auto_close_planned",
    "privacy_changes": "privacy_set privacy_lifted glass_broken",
    "admission": "admitted record_read",
    "problem_changes": """
        problem_edited problem_assigned problem_rated problem_noted problem_moment_corrected
        cause_stated cause_withdrawn workaround_stated workaround_withdrawn
        workaround_communicated fix_communicated fix_not_holding change_done changes_done
        verification_over problem_owner_called
    """,
    "known_error_changes": """
        known_error_published known_error_revised known_error_retired known_error_used
        known_error_review_due
    """,
    "record_events": "record_linked record_unlinked message_answered alerts_released",
    "suppressions": "suppressions_changed",
    "silence": "silence_begun silence_ended",
    "maintenance_changes": """
        maintenance_planned lead_time_short maintenance_approved maintenance_announced
        maintenance_started maintenance_verifying maintenance_completed maintenance_rescheduled
        maintenance_extended maintenance_asked maintenance_overran incident_proposed
        maintenance_rolled_back maintenance_cancelled maintenance_edited
    """,
    "history": "row_imported imported",
    "last_good": "directory_answered",
    "hosting_changes": """
        ticket_adopted mode_set ticket_heard field_disputed fields_sent ticket_detached
        ticket_enrolled ticket_taken ticket_let_go delivery_kept draft_sent
    """,
}

EVENTS: dict[str, str] = {
    name: f"incidentkit.model.{module}:{name.title().replace('_', '')}"
    for module, names in _PLACES.items()
    for name in names.split()
}
"""Stored name -> place of the class."""

_HUMP = re.compile(r"(?<!^)(?=[A-Z])")

_names: dict[type[Event], str] = {}
_types: dict[str, type[Event]] = {}


def name_of(cls: type[Event]) -> str:
    """The stored name of an event class.

    Raises TypeError for a class that is not listed.
    """
    found = _names.get(cls)
    if found is None:
        found = _HUMP.sub("_", cls.__name__).lower()
        if EVENTS.get(found) != f"{cls.__module__}:{cls.__name__}":
            raise TypeError(f"{cls.__module__}.{cls.__name__} is not listed in codec.journal")
        _names[cls] = found
    return found


def event_type(name: str) -> type[Event]:
    """The event class of a stored name.

    Raises SchemaTooNew for a name that this version does not know.
    """
    found = _types.get(name)
    if found is None:
        place = EVENTS.get(name)
        if place is None:
            raise SchemaTooNew(
                f"no event is called {name!r} here: a newer incidentkit wrote it; upgrade"
            )
        module, _, cls = place.partition(":")
        found = cast("type[Event]", getattr(importlib.import_module(module), cls))
        _types[name] = found
    return found


def encode(recorded: Recorded, backend: Backend = JSON) -> tuple[str, str]:
    """The stored name of the event and the body of the entry; `at` stands beside them."""
    event, reason = recorded.event, recorded.reason
    kind = _names.get(type(event)) or name_of(type(event))
    body = f'{{"by":{quote(recorded.by)}'
    if recorded.on_behalf_of:
        body += f',"for":{quote(recorded.on_behalf_of)}'
    if recorded.cause:
        body += f',"cause":{quote(recorded.cause)}'
    raw = ""
    if event.RAW:
        raw = "\n" + getattr(event, event.RAW)
        event = attrs.evolve(cast("Any", event), **{event.RAW: ""})
    body += f',"event":{backend.encode(event)}'
    if reason is not None:
        body += f',"reason":{backend.encode(reason)}'
    return kind, body + "}" + raw


def decode(entry: Entry, backend: Backend = JSON) -> JournalEntry:
    """The entry read back; `recorded` is None when it was redacted.

    Raises DamagedRecord for a body that does not fit, SchemaTooNew for an unknown kind.
    """
    at = from_micros(entry.at)
    if entry.body is None:
        return JournalEntry(entry.stream, entry.seq, at, entry.kind, None)
    cls = event_type(entry.kind)
    try:
        text, _, raw = entry.body.partition("\n") if cls.RAW else (entry.body, "", "")
        document = backend.parse(text)
        if type(document) is not dict:
            raise Misfit("$", "is no object")
        given = cast("dict[str, Any]", document)
        event = _part(cls, given, "event", backend)
        if cls.RAW:
            event = attrs.evolve(event, **{cls.RAW: raw})
        reason = _part(Reason, given, "reason", backend) if given.get("reason") else None
        recorded = Recorded(
            at,
            _text(given, "by"),
            event,
            reason,
            _text(given, "for", ""),
            _text(given, "cause", ""),
        )
    except Misfit as error:
        name = f"{entry.stream}#{entry.seq}"
        raise DamagedRecord(entry.kind, name, error.path, error.problem) from None
    return JournalEntry(entry.stream, entry.seq, at, entry.kind, recorded)


def _part(cls: type[Any], given: dict[str, Any], key: str, backend: Backend) -> Any:
    if key not in given:
        raise Misfit(f"$.{key}", "is missing")
    try:
        return backend.build(cls, given[key])
    except Misfit as error:
        raise Misfit(f"$.{key}{error.path[1:]}", error.problem) from None


def _text(given: dict[str, Any], key: str, default: str | None = None) -> str:
    found = given.get(key, default)
    if type(found) is not str:
        raise Misfit(f"$.{key}", "is missing" if found is None else "is no text")
    return found
