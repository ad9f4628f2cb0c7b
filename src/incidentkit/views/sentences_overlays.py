"""One sentence for each event beside the life-cycle: majors, public states, regions, custody."""

from __future__ import annotations

from incidentkit.model import custody_changes as k
from incidentkit.model import handover_changes as h
from incidentkit.model import incident_task_changes as i
from incidentkit.model import major_changes as m
from incidentkit.model.journal import Event
from incidentkit.model.public_changes import PublicStated
from incidentkit.model.region_changes import RegionMoved
from incidentkit.rules.major_follow import SILENCE
from incidentkit.views.sentences_life import Sentence
from incidentkit.views.text import (
    Teller,
    followed,
    listing,
    many,
    name,
    plain,
    quoted,
    roles,
    words,
)

_BRIEF = 160
"""How much of a brief stands in the timeline: enough to know it again."""


def _proposed(v: m.MajorProposed, t: Teller) -> str:
    until = f", to be answered by {t.near(v.answer_by)}" if v.answer_by is not None else ""
    rule = f" by the rule {quoted(v.rule)}" if v.rule else ""
    return followed(f"{t.who} proposed it as a major incident{rule}{until}", v.why)


def _accepted(v: m.MajorAccepted, t: Teller) -> str:
    rule = f" by the rule {quoted(v.rule)}" if v.rule not in ("", SILENCE) else ""
    return followed(f"{t.who} accepted it as a major incident{rule}", v.why)


def _rejected(v: m.MajorRejected, t: Teller) -> str:
    return followed(f"{t.who} rejected it as a major incident", v.why)


def _stood_down(v: m.MajorStoodDown, t: Teller) -> str:
    return followed(f"{t.who} stood the major incident down", v.why)


def _demoted(v: m.MajorDemoted, t: Teller) -> str:
    return followed(f"{t.who} demoted it: no major incident after all", v.why)


def _unanswered(_: m.MajorUnanswered, __: Teller) -> str:
    return "nobody answered in time whether it is a major incident"


def _staffing(v: m.MajorStaffing, t: Teller) -> str:
    if not v.missing:
        return "no role of the major incident is missing any more"
    alarm = "" if v.staff_by is None else f", an alarm from {t.near(v.staff_by)}"
    return f"nobody holds {roles(v.missing)} of the major incident{alarm}"


def _unstaffed(v: m.MajorUnstaffed, _: Teller) -> str:
    return f"for too long nobody has held {roles(v.missing)} of the major incident"


def _public(v: PublicStated, t: Teller) -> str:
    was = f" (was {words(v.was)})" if v.was is not None else ""
    return followed(f"{t.who} told the public: {words(v.state)}{was}", v.text)


def _region(v: RegionMoved, t: Teller) -> str:
    told = f"{t.who} moved {plain(v.region)} from {plain(v.was)} to {plain(v.to)}"
    return followed(f"{told} ({plain(v.move)})", v.why)


def _offered(v: h.HandoverOffered, t: Teller) -> str:
    whose = "" if t.is_actor(v.holder) else f" of {name(v.holder)}"
    return f"{t.who} offered the role {plain(v.role)}{whose} to {name(v.to)}"


def _briefed(v: h.HandoverBriefed, t: Teller) -> str:
    told = f"{t.who} briefed {name(v.to)} for the role {plain(v.role)}"
    brief = "; ".join(line.strip() for line in v.brief.splitlines() if line.strip())
    return f"{told}: {plain(brief, _BRIEF)}" if brief else told


def _took_over(v: h.HandoverAccepted, t: Teller) -> str:
    lease = " and the acknowledgement" if v.lease else ""
    return f"{t.who} took over the role {plain(v.role)}{lease} from {name(v.holder)}"


def _declined(v: h.HandoverDeclined, t: Teller) -> str:
    return followed(f"{t.who} declined the role {plain(v.role)}", v.why)


def _withdrawn(v: h.HandoverWithdrawn, t: Teller) -> str:
    told = f"{t.who} withdrew the offer of the role {plain(v.role)} to {name(v.to)}"
    return followed(told, v.why)


def _task_added(v: i.TaskAdded, t: Teller) -> str:
    task = v.task
    said = listing(
        (
            f"for {name(task.assignee)}" if task.assignee else "",
            f"due {t.near(task.due_at)}" if task.due_at is not None else "",
            f"after {listing(tuple(map(name, task.depends_on)))}" if task.depends_on else "",
        )
    )
    return f"task {plain(task.id)} {quoted(task.title)}{f', {plain(said)}' if said else ''}"


def _task_started(v: i.TaskStarted, t: Teller) -> str:
    return f"{t.who} started task {plain(v.task)}"


def _task_done(v: i.TaskCompleted, t: Teller) -> str:
    return followed(f"{t.who} completed task {plain(v.task)}", v.evidence)


def _task_cancelled(v: i.TaskCancelled, t: Teller) -> str:
    return followed(f"{t.who} cancelled task {plain(v.task)}", v.why)


def _task_assigned(v: i.TaskAssigned, t: Teller) -> str:
    due = f", due {t.near(v.due_at)}" if v.due_at is not None else ""
    return f"{t.who} assigned task {plain(v.task)} to {name(v.assignee)}{due}"


def _task_reopened(v: i.TaskReopened, t: Teller) -> str:
    return followed(f"{t.who} reopened task {plain(v.task)}", v.why)


def _task_overdue(v: i.TaskOverdue, t: Teller) -> str:
    whose = f" of {name(v.assignee)}" if v.assignee else ""
    return f"task {plain(v.task)}{whose} is late, due {t.near(v.due_at)}: {plain(v.title)}"


def _checklist(v: i.ChecklistAttached, t: Teller) -> str:
    return f"{t.who} attached the checklist {quoted(v.checklist)} ({many(v.items, 'task')})"


def _held(v: k.LegalHoldPlaced, t: Teller) -> str:
    return followed(f"{t.who} placed a legal hold", v.why)


def _lifted(v: k.LegalHoldLifted, t: Teller) -> str:
    return followed(f"{t.who} lifted the legal hold", v.why)


def _redacted(v: k.Redacted, t: Teller) -> str:
    entries = "entry" if len(v.seqs) == 1 else "entries"
    return followed(f"{t.who} redacted {entries} {listing(tuple(map(str, v.seqs)))}", v.why)


def _planned(v: k.AutoClosePlanned, t: Teller) -> str:
    if v.closes_at is None:
        return followed("it will not close by itself", v.why)
    return f"it closes by itself at {t.near(v.closes_at)} unless something changes"


OVERLAYS: dict[type[Event], Sentence] = {
    m.MajorProposed: _proposed,
    m.MajorAccepted: _accepted,
    m.MajorRejected: _rejected,
    m.MajorStoodDown: _stood_down,
    m.MajorDemoted: _demoted,
    m.MajorUnanswered: _unanswered,
    m.MajorStaffing: _staffing,
    m.MajorUnstaffed: _unstaffed,
    PublicStated: _public,
    RegionMoved: _region,
    h.HandoverOffered: _offered,
    h.HandoverBriefed: _briefed,
    h.HandoverAccepted: _took_over,
    h.HandoverDeclined: _declined,
    h.HandoverWithdrawn: _withdrawn,
    i.TaskAdded: _task_added,
    i.TaskStarted: _task_started,
    i.TaskCompleted: _task_done,
    i.TaskCancelled: _task_cancelled,
    i.TaskAssigned: _task_assigned,
    i.TaskReopened: _task_reopened,
    i.TaskOverdue: _task_overdue,
    i.ChecklistAttached: _checklist,
    k.LegalHoldPlaced: _held,
    k.LegalHoldLifted: _lifted,
    k.Redacted: _redacted,
    k.AutoClosePlanned: _planned,
}
"""Event -> its sentence."""
