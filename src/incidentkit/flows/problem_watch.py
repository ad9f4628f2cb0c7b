"""A fix under observation: incidents that speak against it, and the last look before it counts.

An incident that arrives asks by itself whether it speaks against a fix (`signs`). What was changed
later, imported or missed is found by the last look, when the time of the verification is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Find, Flow
from incidentkit.flows.kinds import INCIDENT
from incidentkit.flows.problem_calls import call_for
from incidentkit.flows.reaching import known_in, known_of
from incidentkit.flows.recognising import names_of
from incidentkit.flows.record_draft import RecordDraft
from incidentkit.flows.records import happen
from incidentkit.model import problem as p
from incidentkit.model import problem_changes as k
from incidentkit.model.incident import Incident, Link
from incidentkit.model.journal import Event
from incidentkit.model.reason import Reason
from incidentkit.model.words import LinkKind, ProblemState
from incidentkit.ports.query import AllOf, Compare, Cursor, Op, Query
from incidentkit.rules.problem_terms import REANALYSE
from incidentkit.rules.verification import against, why
from incidentkit.timing.instants import to_micros

if TYPE_CHECKING:
    from incidentkit.model.party import Party

SYSTEM = "system"
_PAGE, _PAGES = 500, 40
"""The last look reads so many incidents at once, and so many times, at most."""


def arrived(
    book: Workbook, work: RecordDraft[p.Problem], incident: Incident, cause: str
) -> Flow[None]:
    """An incident arrived that may speak against the fix; the same one counts once."""
    if not work.value.linked(LinkKind.CAUSES, f"incident/{incident.id}"):
        yield from _weighed(book, work, incident, False, cause)


def linked(
    book: Workbook, work: RecordDraft[p.Problem], incident: Incident, cause: str = ""
) -> Flow[None]:
    """Somebody said that the problem caused this incident."""
    yield from _weighed(book, work, incident, True, cause)


def _weighed(
    book: Workbook, work: RecordDraft[p.Problem], incident: Incident, linked_: bool, cause: str
) -> Flow[None]:
    policy = book.setting.policy
    known = yield from known_of(book, incident, names_of((work.value,)))
    reason = against(work.value, incident, linked_, policy.problems, policy.hash, known)
    if reason is not None:
        yield from _doubted(book, work, incident, reason, cause)


def _doubted(
    book: Workbook,
    work: RecordDraft[p.Problem],
    incident: Incident,
    reason: Reason,
    cause: str,
) -> Flow[None]:
    """The fix does not hold: say so, link what shows it, go back or ask, and call the owner."""
    target = f"incident/{incident.id}"
    doubt = k.FixNotHolding(target, incident.ref, why(reason))
    work.happened(doubt, book.setting, book.at, by=SYSTEM, reason=reason, cause=cause)
    events: list[Event] = []
    if not work.value.linked(LinkKind.CAUSES, target):
        events.append(p.ProblemLinked(Link(LinkKind.CAUSES, target, incident.ref)))
    if book.setting.policy.problems.fix_not_holding == REANALYSE:
        said = f"the fix does not hold: {incident.ref}"
        events.append(p.ProblemMoved(ProblemState.ANALYSING, said))
    happen(book, work, events, by=SYSTEM, cause=cause)
    yield from call_for(book, work, (doubt,))


def last_look(book: Workbook, work: RecordDraft[p.Problem]) -> Flow[bool]:
    """Whether any incident since the fix speaks against it; if one does, that is written down."""
    problem, policy = work.value, book.setting.policy
    since = Compare("declared_at", Op.GE, to_micros(problem.since))
    where = AllOf((since, Compare("candidate", Op.EQ, False)))
    after: Cursor | None = None
    names = names_of((problem,))
    met: dict[str, Party | None] = {}
    for _ in range(_PAGES):
        query = Query("incident", where, "declared_at", after=after, limit=_PAGE)
        found = yield from Find(INCIDENT, query)
        for incident in found.items:
            if problem.linked(LinkKind.CAUSES, f"incident/{incident.id}"):
                continue
            known = yield from known_in(book.setting, incident, names, met)
            reason = against(problem, incident, False, policy.problems, policy.hash, known)
            if reason is not None:
                yield from _doubted(book, work, incident, reason, "")
                return True
        after = found.next
        if after is None:
            return False
    return False
