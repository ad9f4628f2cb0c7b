"""The review of an incident, filled from its journal: facts for people who want to learn from it.

Only what is on record is written down. What people alone can know (what went well, what did not,
what follows) comes from the review record; where nobody wrote it, a marked place stays empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from incidentkit.model import incident_events as e
from incidentkit.model import major_changes as m
from incidentkit.model.clock import Clock
from incidentkit.model.findings_changes import DecisionRecorded
from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry
from incidentkit.model.problem import Problem
from incidentkit.model.review import Review
from incidentkit.model.words import ClockState, LinkKind, MessageKind, Moment
from incidentkit.rules.review_terms import SECTIONS
from incidentkit.timing.instants import show_instant
from incidentkit.timing.intervals import total
from incidentkit.views import dossier
from incidentkit.views.explain_clock import verdict
from incidentkit.views.explain_paging import why_nobody, why_paged
from incidentkit.views.explain_priority import formula
from incidentkit.views.explain_talk import why_told
from incidentkit.views.review_html import to_html
from incidentkit.views.review_json import to_json
from incidentkit.views.review_markdown import to_markdown
from incidentkit.views.review_parts import Pairs, ReviewPage, Rows
from incidentkit.views.review_people import involved
from incidentkit.views.review_public import public_version
from incidentkit.views.review_record import about, follow_ups, written
from incidentkit.views.sentences_life import tie
from incidentkit.views.text import name, plain, span, suffix, who, words
from incidentkit.views.timeline import line, timeline

__all__ = ["ReviewPage", "public_version", "review", "to_html", "to_json", "to_markdown"]

_Wanted: TypeAlias = Callable[[JournalEntry], bool]

_SPANS = (
    (Moment.DETECTED, Moment.ACKNOWLEDGED),
    (Moment.DECLARED, Moment.ACKNOWLEDGED),
    (Moment.DECLARED, Moment.MITIGATED),
    (Moment.DECLARED, Moment.RESOLVED),
)
_TALK = (e.Replied, e.NoticeQueued)
_ALERTS = (e.AlertJoined, e.AlertCleared, e.AlertRefired)
_MAJOR = (m.MajorAccepted, m.MajorRejected, m.MajorStoodDown, m.MajorDemoted)
_BY_PEOPLE = (e.Held, e.Accepted, e.Cancelled, e.Reopened, e.Regressed)


def review(
    incident: Incident,
    entries: Sequence[JournalEntry],
    problems: Iterable[Problem] = (),
    record: Review | None = None,
    headings: Sequence[str] = SECTIONS,
) -> ReviewPage:
    """The review of an incident: from its record, its journal, and the problems it is linked to.

    `record` has what people wrote; `headings` are the sections that they may write.
    """
    return ReviewPage(
        plain(incident.ref),
        plain(incident.title, 1_000),
        _facts(incident),
        _durations(incident),
        timeline(entries),
        involved(incident, entries),
        _decisions(entries),
        tuple(_target(clock) for clock in incident.clocks),
        _told(entries, _talk),
        _told(entries, _alert),
        _problems(incident, problems),
        _remedy(incident),
        written(record, headings),
        follow_ups(record),
        about(record),
    )


def _facts(incident: Incident) -> Pairs:
    card, rating, life = incident.card, incident.rating, incident.life
    how = "by hand" if rating.by_hand else f"impact {rating.impact}, urgency {rating.urgency}"
    provisional = ", provisional" if rating.provisional else ""
    priority = f"{rating.priority} {rating.priority.label} ({plain(how)}{provisional})"
    facts = [
        ("Reference", plain(incident.ref)),
        ("Summary", plain(card.summary, 2_000)),
        ("Priority", priority),
        ("Severity", plain(rating.severity)),
        ("Service", plain(card.service or "not stated")),
        ("State", f"{words(life.state)} since {show_instant(life.since)}"),
        ("Outcome", words(incident.course.outcome)),
        ("Reopened", str(life.reopened or "")),
        ("Owner", name(incident.people.owner)),
        ("Assignee", name(incident.people.assignee)),
        ("Links", ", ".join(tie(x.kind, x.ref) for x in incident.ties.links)),
    ]
    for moment in Moment:
        at = incident.moment(moment)
        if at is not None:
            facts.append((words(moment).capitalize(), show_instant(at)))
    facts += dossier.pairs(incident, 100)
    return tuple(fact for fact in facts if fact[1])


def _durations(incident: Incident) -> Rows:
    return tuple(_duration(incident, first, last) for first, last in _SPANS)


def _duration(incident: Incident, first: Moment, last: Moment) -> tuple[str, ...]:
    start, end = incident.moment(first), incident.moment(last)
    if start is None or end is None:
        missing = words(first if start is None else last)
        return (
            words(first),
            words(last),
            f"not known: no instant is recorded for {missing}",
            "",
            "",
        )
    if end < start:
        return (words(first), words(last), "not known: the instants are in the other order", "", "")
    held = total((hold.interval for hold in incident.course.holds), start, end)
    took = end - start
    return (words(first), words(last), span(took), span(held), span(took - held))


def _decisions(entries: Sequence[JournalEntry]) -> Rows:
    rows = (_decision(entry) for entry in entries)
    return tuple(row for row in rows if row is not None)


def _decision(entry: JournalEntry) -> tuple[str, ...] | None:
    """The row of an entry that somebody or some rule decided, else None."""
    recorded = entry.recorded
    if recorded is None:
        return None
    event, reason = recorded.event, recorded.reason
    rule = "" if reason is None else suffix(reason).strip(" []")
    at, text = show_instant(entry.at), line(entry).text
    if isinstance(event, e.Prioritised):
        by_hand = f"by hand by {who(recorded)}"
        why = by_hand if reason is None else formula(reason)
        return (at, f"priority {event.priority}", why, rule)
    if isinstance(event, e.PageQueued) and reason is not None:
        return (at, text, why_paged(reason, event.to), rule)
    if isinstance(event, e.PageWithheld) and reason is not None:
        return (at, text, why_nobody(reason), rule)
    if isinstance(event, e.NoticeQueued) and reason is not None:
        return (at, f"notice to {name(event.audience)}", why_told(reason), rule)
    if isinstance(event, e.Resolved):
        why = f"despite open ends: {plain(event.override)}" if event.override else ""
        return (at, f"{who(recorded)} resolved it ({plain(event.code)})", why, rule)
    if isinstance(event, DecisionRecorded):
        made = event.decision
        return (at, f"{who(recorded)}: {dossier.decision(made)}", plain(made.reasons), rule)
    if isinstance(event, _MAJOR):
        return (at, text.removesuffix(f": {plain(event.why)}"), plain(event.why), rule)
    return (at, text, "", rule) if isinstance(event, _BY_PEOPLE) else None


def _target(clock: Clock) -> tuple[str, ...]:
    due = "" if clock.due_at is None else show_instant(clock.due_at)
    return (plain(clock.target), due, _result(clock))


def _result(clock: Clock) -> str:
    if clock.state is ClockState.STOPPED:
        return verdict(clock).removeprefix("was ")
    if clock.breached_at is not None:
        return f"missed (noticed {show_instant(clock.breached_at)}), {words(clock.state)}"
    return words(clock.state)


def _talk(entry: JournalEntry) -> bool:
    event = None if entry.recorded is None else entry.recorded.event
    notice = isinstance(event, e.DeliverySettled) and event.kind is MessageKind.NOTICE
    return notice or isinstance(event, _TALK)


def _alert(entry: JournalEntry) -> bool:
    return entry.recorded is not None and isinstance(entry.recorded.event, _ALERTS)


def _told(entries: Sequence[JournalEntry], wanted: _Wanted) -> Pairs:
    lines = (line(entry) for entry in entries if wanted(entry))
    return tuple((show_instant(each.at), each.text) for each in lines)


def _problems(incident: Incident, problems: Iterable[Problem]) -> Rows:
    known = {problem.ref: problem for problem in problems}
    linked = [x.ref for x in incident.ties.links if x.kind is LinkKind.CAUSED_BY]
    return tuple(_problem(ref, known.get(ref)) for ref in dict.fromkeys((*linked, *known)))


def _problem(ref: str, problem: Problem | None) -> tuple[str, ...]:
    if problem is None:
        return (plain(ref), "its record was not handed in", "", "")
    cause = plain(problem.cause, 2_000) or "unknown"
    return (
        plain(ref),
        words(problem.state),
        cause,
        plain(problem.workaround, 2_000) or "none known",
    )


def _remedy(incident: Incident) -> Pairs:
    ending = incident.course.ending
    if ending.cancelled is not None:
        target = f" ({plain(ending.target)})" if ending.target else ""
        return (("Cancelled", f"{words(ending.cancelled)}{target}"),)
    if not ending.code:
        return ()
    code = ("Code", plain(ending.code))
    remedy = plain(ending.remedy, 2_000)  # what was replayed has none
    return (code, ("Remedy", remedy)) if remedy else (code,)
