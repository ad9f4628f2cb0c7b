"""Why is it so: one question about a record, answered from its journal alone.

Nothing is decided anew and nothing is guessed: what the journal does not say is said to be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from incidentkit.errors import InvalidValue
from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry
from incidentkit.model.maintenance import Maintenance
from incidentkit.model.problem import Problem
from incidentkit.model.report import Report
from incidentkit.model.review import Review
from incidentkit.model.silence import Silence
from incidentkit.views.explain_automation import explain_automation
from incidentkit.views.explain_clock import explain_clocks
from incidentkit.views.explain_dossier import (
    explain_causes,
    explain_decisions,
    explain_facts,
    explain_impact,
)
from incidentkit.views.explain_overlays import (
    explain_closing,
    explain_major,
    explain_public,
    explain_roles,
    explain_tasks,
)
from incidentkit.views.explain_paging import explain_paging
from incidentkit.views.explain_priority import explain_priority
from incidentkit.views.explain_problem import PROBLEM_TOPICS
from incidentkit.views.explain_record import explain_record_status
from incidentkit.views.explain_relations import (
    explain_label,
    explain_links,
    explain_report,
    explain_reports,
)
from incidentkit.views.explain_review import explain_review_status
from incidentkit.views.explain_status import Around, explain_status
from incidentkit.views.explain_talk import explain_alerts, explain_notices
from incidentkit.views.explain_ticket import explain_ticket
from incidentkit.views.explanation import Explanation
from incidentkit.views.text import plain

Explain: TypeAlias = Callable[[Incident, Sequence[JournalEntry], str], Explanation]

_TOPICS: dict[str, Explain] = {
    "priority": explain_priority,
    "status": explain_status,
    "page": explain_paging,
    "paging": explain_paging,
    "clock": explain_clocks,
    "due": explain_clocks,
    "notice": explain_notices,
    "alerts": explain_alerts,
    "automation": explain_automation,
    "major": explain_major,
    "roles": explain_roles,
    "tasks": explain_tasks,
    "closing": explain_closing,
    "public": explain_public,
    "links": explain_links,
    "reports": explain_reports,
    "label": explain_label,
    "impact": explain_impact,
    "facts": explain_facts,
    "decisions": explain_decisions,
    "causes": explain_causes,
    "ticket": explain_ticket,
}
TOPICS = tuple(_TOPICS)
"""What can be asked of every record; an incident's targets can be asked by their names as well."""


def explain(
    record: Incident | Problem | Maintenance | Silence | Review | Report,
    entries: Sequence[JournalEntry],
    topic: str,
    around: Around | None = None,
) -> Explanation:
    """Answer one question about a record; of others than incidents, `status` can be asked.

    `topic` is one of `TOPICS` or the name of a target; `around` is under which terms, and when,
    it is asked what may be done next. Raises InvalidValue, listing what can be
    asked, for anything else.
    """
    if isinstance(record, Problem):
        return _of_problem(record, entries, topic)
    if isinstance(record, Report):
        if topic not in _TOPICS:
            raise _unknown(topic, TOPICS)
        return explain_report(record, entries, topic)
    if isinstance(record, Review):
        return _of_review(record, entries, topic)
    if not isinstance(record, Incident):
        return explain_record_status(record, entries, topic, TOPICS)
    if topic == "status":
        return explain_status(record, entries, topic, around)
    asked = _TOPICS.get(topic)
    if asked is not None:
        return asked(record, entries, topic)
    targets = tuple(clock.target for clock in record.clocks)
    if topic in targets:
        return explain_clocks(record, entries, topic, topic)
    raise _unknown(topic, (*TOPICS, *targets))


def _of_problem(problem: Problem, entries: Sequence[JournalEntry], topic: str) -> Explanation:
    asked = PROBLEM_TOPICS.get(topic)
    if asked is not None:
        return asked(problem, entries, topic)
    if topic in _TOPICS:
        told = f"{plain(problem.ref)} is a problem; ask its incidents about {topic}"
        return Explanation(topic, told)
    raise _unknown(topic, (*PROBLEM_TOPICS, *TOPICS))


def _of_review(review: Review, entries: Sequence[JournalEntry], topic: str) -> Explanation:
    if topic == "status":
        return explain_review_status(review, entries, topic)
    told = f"{plain(review.ref)} is a review; ask {plain(review.incident_ref)} about {plain(topic)}"
    return Explanation(topic, told)


def _unknown(topic: str, choices: tuple[str, ...]) -> InvalidValue:
    from difflib import get_close_matches

    near = get_close_matches(topic[:100], choices, 1)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    listed = ", ".join(plain(each) for each in dict.fromkeys(choices))
    return InvalidValue("topic", f"{plain(topic, 60)!r} is none of {listed}{meant}")
