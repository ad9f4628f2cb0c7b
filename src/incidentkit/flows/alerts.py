"""Alerts of one payload: find what they belong to, judge them, change the incidents they touch.

An unchanged repeat only counts: it builds no event and no reason, and the first decision stands.
Everything else is judged, and the judgement stands in the alert's own journal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from incidentkit.flows.advance import SYSTEM, apply, quieten, settle
from incidentkit.flows.contents import dedup_key, follow, group_key
from incidentkit.flows.declare import declare
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow, Load, NewId, Owners
from incidentkit.flows.kinds import ALERT, INCIDENT, SUPPRESSIONS, SUPPRESSIONS_KEY
from incidentkit.flows.setting import recorded
from incidentkit.ids import AlertId, IncidentId
from incidentkit.model import incident_events as e
from incidentkit.model.alert import AlertJudged, AlertReceived, AlertRecord
from incidentkit.model.incident_commands import Declare
from incidentkit.model.journal import Recorded
from incidentkit.model.signals import Alert
from incidentkit.model.signature import signature
from incidentkit.model.words import AlertStatus, Moment, State
from incidentkit.ports.rows import KeyChange, Touch
from incidentkit.rules import correlate
from incidentkit.timing.instants import to_micros

if TYPE_CHECKING:
    from incidentkit.model.suppressions import Holder, Suppressions

OPENED, JOINED = "opened", "joined"


@attrs.define
class Case:
    """One dedup key in this payload: the record before, what was sent, and what came of it."""

    id: str
    alert: Alert
    signature: int
    before: AlertRecord | None
    incident: str | None
    entries: list[Recorded]
    seen: int = 0
    held_by: str = ""


@attrs.frozen
class Taken:
    """What the alerts of a payload led to: references opened and joined, and what was learnt.

    `known` has (source, key, alert id, signature) of each alert, so that a repeat is known next
    time without a look.
    """

    opened: tuple[str, ...]
    joined: tuple[str, ...]
    recorded: int
    repeats: int
    known: tuple[tuple[str, str, str, int], ...]


def take_alerts(book: Workbook, alerts: Sequence[Alert], capture: str) -> Flow[Taken]:
    """Judge every alert and change what it touches, in the order of the payload."""
    cases, guarded = yield from _cases(book, alerts)
    holders = (yield from _holders(book)) if guarded and any(map(_is_news, cases)) else ()
    groups = yield from _groups(book, [case.alert for case in cases if _is_news(case)])
    opened: list[str] = []
    joined: list[str] = []
    touched: list[Draft] = []
    repeats = recorded_only = 0
    for case in cases:
        if not _is_news(case):
            repeats += case.seen
            now = to_micros(book.received_at)
            book.touches.append(Touch("alert", case.id, case.signature, case.seen, now))
            continue
        case.entries.append(recorded(AlertReceived(case.alert, capture), book.setting, book.at))
        draft, how = yield from _take(book, case, groups, holders)
        if draft is None:
            recorded_only += 1
        elif draft not in touched:
            touched.append(draft)
        if draft is not None and how == OPENED:
            opened.append(draft.incident.ref)
        elif draft is not None and how == JOINED and draft.incident.ref not in opened:
            joined.append(draft.incident.ref)
        book.write(ALERT, _written(book, case), case.entries)
    for draft in touched:
        quieten(draft, book)
        yield from settle(book, draft)
    known = tuple((x.alert.source, x.alert.key, x.id, x.signature) for x in cases)
    return Taken(tuple(opened), tuple(dict.fromkeys(joined)), recorded_only, repeats, known)


def _is_news(case: Case) -> bool:
    return case.before is None or case.before.alert != case.alert


def _cases(book: Workbook, alerts: Sequence[Alert]) -> Flow[tuple[list[Case], bool]]:
    """One case for each dedup key; the last of several in one payload is what stands.

    And whether anything may hold alerts back: asked with the same question, so it costs nothing.
    """
    last: dict[str, Alert] = {}
    counts: dict[str, int] = {}
    for alert in alerts:
        key = dedup_key(alert)
        last[key] = alert
        counts[key] = counts.get(key, 0) + 1
    if not last:
        return [], False
    space, key, _ = SUPPRESSIONS_KEY
    *owners, guard = yield from Owners(space, (*last, key))
    ids = tuple(owner for owner in owners if owner is not None)
    loaded = (yield from Load(ALERT, ids)) if ids else ()
    before = {record.id: record for record in loaded if record is not None}
    cases: list[Case] = []
    for (key, alert), owner in zip(last.items(), owners, strict=True):
        record = before.get(AlertId(owner)) if owner is not None else None
        incident = None if record is None else record.incident
        if record is None:
            owner = yield from NewId()
            book.keys.append(KeyChange("alert", key, None, owner))
        cases.append(Case(owner or "", alert, signature(alert), record, incident, [], counts[key]))
    ids = tuple({case.incident for case in cases if case.incident is not None})
    yield from _preload(book, ids)
    return cases, guard is not None


def _holders(book: Workbook) -> Flow[tuple[Holder, ...]]:
    """What holds alerts back at present. Whoever rests on it commits only if it still stands."""
    found: Suppressions | None
    (found,) = yield from Load(SUPPRESSIONS, (SUPPRESSIONS_KEY[2],))
    return () if found is None else found.holders


def _preload(book: Workbook, ids: tuple[str, ...]) -> Flow[None]:
    missing = tuple(id_ for id_ in ids if id_ not in book.incidents)
    if missing:
        for found in (yield from Load(INCIDENT, missing)):
            if found is not None:
                book.incidents[found.id] = Draft(found)


def _groups(book: Workbook, alerts: Sequence[Alert]) -> Flow[dict[str, str | None]]:
    """The incident that owns each group, as far as one does."""
    keys = tuple(dict.fromkeys(group_key(alert) for alert in alerts))
    if not keys:
        return {}
    owners = yield from Owners("group", keys)
    yield from _preload(book, tuple({owner for owner in owners if owner is not None}))
    return dict(zip(keys, owners, strict=True))


def _take(
    book: Workbook,
    case: Case,
    groups: dict[str, str | None],
    holders: tuple[Holder, ...],
    onto: Draft | None = None,
) -> Flow[tuple[Draft | None, str]]:
    alert, before = case.alert, case.before
    draft = yield from _standing(book, case.incident)
    was_firing = before is not None and before.alert.status is AlertStatus.FIRING
    if alert.status is AlertStatus.CLEARED:
        if draft is not None and was_firing:
            apply(book, draft, (e.AlertCleared(case.id, alert.title),))
            return draft, ""
        _judged(book, case, correlate.correlate(alert, "", book.setting.policy.alerts))
        case.held_by = "" if before is None else before.held_by  # so that it is counted at the end
        return None, ""
    if draft is not None and was_firing and _joinable(book, draft):
        # It fires on; where a person ended the incident all the same, that is no re-fire.
        return draft, ""
    group = group_key(alert)
    mine = draft is not None and _joinable(book, draft)
    raised = mine and draft is not None and draft.incident.active
    if holders and _held(book, case, holders, raised=raised):
        return None, ""
    if not mine:
        owner = groups.get(group)
        draft = yield from _standing(book, owner)
        if draft is not None and not _joinable(book, draft):
            draft = None
    if draft is None and onto is not None and onto.incident.active:
        draft = onto
    closed = book.incidents.get(case.incident) if case.incident else None
    ref = "" if draft is None else draft.incident.ref
    policy = book.setting.policy
    judgement = correlate.correlate(alert, ref, policy.alerts, policy.hash)
    _judged(book, case, judgement)
    if judgement.verdict is correlate.Verdict.JOIN and draft is not None:
        event = (e.AlertRefired if mine else e.AlertJoined)(case.id, alert.title)
        apply(book, draft, (event,))
        case.incident = draft.incident.id
        return draft, JOINED
    if judgement.verdict in (correlate.Verdict.OPEN, correlate.Verdict.CANDIDATE):
        before_it = None if closed is None or not _succeeded(book, closed) else closed
        candidate = judgement.verdict is correlate.Verdict.CANDIDATE
        draft = yield from _open(book, case, candidate, before_it)
        book.keys.append(KeyChange("group", group, groups.get(group), draft.incident.id))
        groups[group] = draft.incident.id
        return draft, OPENED
    case.incident = None  # it fires, but counts in no incident, and so will not when it clears
    return None, ""


def _held(book: Workbook, case: Case, holders: tuple[Holder, ...], *, raised: bool) -> bool:
    """Whether a silence or maintenance holds the alert back; then that is written down."""
    from incidentkit.rules.suppress_alerts import held_back

    policy = book.setting.policy
    found = held_back(case.alert, holders, book.at, raised=raised, policy=policy.hash)
    if found is None:
        return False
    holder, reason = found
    event = AlertJudged(correlate.Verdict.SUPPRESS.value, "", holder.ref)
    case.entries.append(recorded(event, book.setting, book.at, reason=reason, by=SYSTEM))
    case.incident, case.held_by = None, holder.name
    read = (SUPPRESSIONS.name, SUPPRESSIONS_KEY[2])
    if read not in book.reads:
        book.reads.append(read)
    return True


def decide_again(
    book: Workbook, held: Sequence[AlertRecord], onto: Draft | None = None
) -> Flow[None]:
    """Judge alerts anew that were held back and still fire.

    What belongs nowhere else joins `onto`, while that is active. Another silence or maintenance may
    hold them back again.
    """
    cases = [
        Case(record.id, record.alert, signature(record.alert), record, None, []) for record in held
    ]
    holders = (yield from _holders(book)) if cases else ()
    groups = yield from _groups(book, [case.alert for case in cases])
    touched: list[Draft] = []
    for case in cases:
        draft, _ = yield from _take(book, case, groups, holders, onto)
        if draft is not None and draft not in touched:
            touched.append(draft)
        book.write(ALERT, _written(book, case), case.entries)
    for draft in touched:
        quieten(draft, book)
        yield from settle(book, draft)


def _standing(book: Workbook, incident: str | None) -> Flow[Draft | None]:
    """The incident, or the one that stands for it since it was merged or found to be double."""
    draft = book.incidents.get(incident) if incident else None
    return None if draft is None else (yield from follow(book, draft))


def _judged(book: Workbook, case: Case, judgement: correlate.Judgement) -> None:
    ref = str(judgement.reason.inputs["incident"])
    event = AlertJudged(judgement.verdict.value, ref)
    case.entries.append(recorded(event, book.setting, book.at, reason=judgement.reason, by=SYSTEM))


def _joinable(book: Workbook, draft: Draft) -> bool:
    """Whether an alert may join: while it is active, or while a re-fire reopens it by itself."""
    incident, terms = draft.incident, book.setting.policy.lifecycle
    if incident.active:
        return True
    if incident.detached:
        return False
    if incident.life.state is State.CANCELLED or not terms.refire_reopens:
        return False
    if incident.life.state is State.CLOSED and not terms.reopen_closed:
        return False
    ended = incident.moment(Moment.RESOLVED) or incident.life.since
    return book.at - ended <= terms.refire_reopens_for


def _succeeded(book: Workbook, draft: Draft) -> bool:
    """Whether a re-fire has a successor opened, because what is closed stays closed."""
    terms = book.setting.policy.lifecycle
    if draft.incident.life.state is not State.CLOSED or terms.reopen_closed:
        return False
    ended = draft.incident.moment(Moment.RESOLVED) or draft.incident.life.since
    return terms.refire_reopens and book.at - ended <= terms.refire_reopens_for


def _open(book: Workbook, case: Case, candidate: bool, closed: Draft | None = None) -> Flow[Draft]:
    alert, policy = case.alert, book.setting.policy
    impact, urgency, reason = correlate.levels(alert, policy.alerts)
    began = alert.started_at
    listed = not policy.closed or alert.service in policy.services
    command = Declare(
        alert.title,
        service=alert.service if listed else None,
        labels=alert.labels,
        source=alert.source,
        candidate=candidate,
        occurred_at=began if began is not None and began <= book.received_at else None,
        detected_at=book.received_at,
        successor_of=None if closed is None else f"incident/{closed.incident.id}",
    )
    draft = yield from declare(book, command, authorised=True)
    rated = e.Rated(impact, urgency, "")
    draft.happened(rated, book.setting, book.at, by=SYSTEM, reason=reason)
    apply(book, draft, (e.AlertJoined(case.id, alert.title),))
    case.incident = draft.incident.id
    return draft


def _written(book: Workbook, case: Case) -> AlertRecord:
    """The record to write, its count raised by what this payload sent."""
    version = 0 if case.before is None else case.before.version
    seen = case.seen + (0 if case.before is None else case.before.seen)
    last = book.received_at if case.seen or case.before is None else case.before.last_at
    first: Any = book.received_at if case.before is None else case.before.first_at
    incident = None if case.incident is None else IncidentId(case.incident)
    return AlertRecord(
        AlertId(case.id),
        version + len(case.entries),
        case.alert,
        incident,
        first,
        seen,
        last,
        case.held_by,
    )
