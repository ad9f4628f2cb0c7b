"""A problem is looked at again: a risk no longer accepted, a fix that held, a review due."""

from __future__ import annotations

from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Flow
from incidentkit.flows.problem_calls import call_for
from incidentkit.flows.problem_watch import last_look
from incidentkit.flows.record_draft import RecordDraft
from incidentkit.flows.records import happen
from incidentkit.model.problem import Problem
from incidentkit.model.words import ProblemState
from incidentkit.rules import problem_lifecycle

SYSTEM = "system"


def look_again(book: Workbook, work: RecordDraft[Problem]) -> Flow[None]:
    """Conclude whatever time alone has made true; a fix is looked at for the last time before."""
    problem, terms = work.value, book.setting.policy.problems
    over = problem.until is not None and problem.until <= book.at
    if over and problem.state is ProblemState.VERIFYING and terms.watch:
        _ = yield from last_look(book, work)
    events = problem_lifecycle.wake(work.value, book.at, terms)
    happen(book, work, events, by=SYSTEM)
    yield from call_for(book, work, events, woken=True)
