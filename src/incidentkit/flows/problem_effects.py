"""An incident hears of its problem: a workaround, a fix, a resolution, an accepted risk."""

from __future__ import annotations

from incidentkit.flows.advance import apply, call, decide
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow
from incidentkit.flows.reading import whole
from incidentkit.model import problem as p
from incidentkit.model.incident_commands import Resume
from incidentkit.model.journal import Event
from incidentkit.model.words import LinkKind, ProblemState
from incidentkit.rules import problem_reactions

SYSTEM = "system"
_GONE = frozenset((ProblemState.RESOLVED, ProblemState.CLOSED))


def heard(book: Workbook, draft: Draft, event: Event, problem_id: str, cause: str) -> Flow[None]:
    """What the policy says an incident of the problem does about its event.

    Nothing where it was done before, where the incident is no longer the problem's, or where a
    resolved problem is being analysed again by now.
    """
    found = yield from book.problem(problem_id)
    if found is None:
        return
    problem: p.Problem = found.value
    mine = problem.linked(LinkKind.CAUSES, f"incident/{draft.incident.id}")
    if not mine or (isinstance(event, p.ProblemResolved) and problem.state not in _GONE):
        return
    terms = book.setting.policy.problems
    commands = problem_reactions.effects(draft.incident, event, problem.ref, terms)
    if not commands or (yield from _done(draft, cause)):
        return
    book.reads.append(("problem", problem_id))
    for command in commands:
        apply(book, draft, decide(book, draft, command, SYSTEM), by=SYSTEM, cause=cause)
        if isinstance(command, Resume):
            about = f"{problem.ref} is resolved, but alerts still fire"
            yield from call(book, draft, "problem_gone", about)


def _done(draft: Draft, cause: str) -> Flow[bool]:
    """Whether the incident has an entry with this cause already."""
    entries = yield from whole("incident", draft.incident.id)
    return any(x.recorded is not None and x.recorded.cause == cause for x in entries)
