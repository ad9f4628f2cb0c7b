"""What an incident says about problems: that a fix does not hold, that something recurs.

Asked where an incident arrives or is resolved, which is seldom; everything else costs nothing. What
is found is for the problem to decide, in a commit of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Find, Flow
from incidentkit.flows.kinds import INCIDENT, PROBLEM
from incidentkit.flows.reaching import known_in, known_of
from incidentkit.model import incident_events as e
from incidentkit.model.journal import Event
from incidentkit.model.words import LinkKind
from incidentkit.ports.query import Compare, Cursor, Op, Query
from incidentkit.ports.rows import KeyChange
from incidentkit.rules.problem_terms import RecurrenceRule
from incidentkit.timing.instants import to_micros

if TYPE_CHECKING:
    from incidentkit.model.party import Party

TURNS = (e.Declared, e.Accepted, e.Resolved)
"""The events at which an incident says something about problems."""

SYSTEM = "system"
_VERIFYING = Query("problem", Compare("state", Op.EQ, "verifying"), limit=100)
MOST_NAMED = 100


def signs(book: Workbook, draft: Draft, happened: tuple[Event, ...]) -> Flow[None]:
    """Draw the conclusions about problems from what happened to an incident in this flow."""
    for event in happened:
        if isinstance(event, e.Resolved):
            yield from _recurs(book, draft)
        elif isinstance(event, e.Accepted | e.Declared) and not draft.incident.life.candidate:
            yield from _speaks(book, draft, event)


def _speaks(book: Workbook, draft: Draft, event: Event) -> Flow[None]:
    """Let every problem hear of it whose fix it speaks against."""
    terms = book.setting.policy.problems
    if not terms.watch:
        return
    if book.verifying is None:
        found = yield from Find(PROBLEM, _VERIFYING)
        book.verifying = found.items
    if not book.verifying:
        return
    from incidentkit.flows.recognising import names_of
    from incidentkit.rules.verification import against

    incident = draft.incident
    first = incident.version - len(draft.recorded)
    seq = first + 1 + [each.event for each in draft.recorded].index(event)
    names = names_of(book.verifying)
    known = yield from known_of(book, incident, names)
    for problem in book.verifying:
        if against(problem, incident, False, terms, known=known) is not None:
            book.react_elsewhere("problem", problem.id, f"incident/{incident.id}", seq)


def _recurs(book: Workbook, draft: Draft) -> Flow[None]:
    """Propose a problem where the group of a resolved incident has reached its minimum."""
    rules = [rule for rule in book.setting.policy.recurrence if rule.propose]
    known = any(x.kind is LinkKind.CAUSED_BY for x in draft.incident.ties.links)
    for rule in () if known else rules:
        yield from _proposed(book, draft, rule)


def _proposed(book: Workbook, draft: Draft, rule: RecurrenceRule) -> Flow[None]:
    """Once for each group and window."""
    from incidentkit.flows.repeating import PAGES, alike, proposal_key, proposed
    from incidentkit.rules import recur

    incident, policy = draft.incident, book.setting.policy
    values = recur.group(rule, incident)
    if values is None:
        return
    owner, lately = yield from proposed(rule, values, book.at)
    if lately:
        return
    groups = recur.Groups((rule,), book.at)
    names = groups.asks()
    met: dict[str, Party | None] = {}
    groups.add(incident, (yield from known_in(book.setting, incident, names, met)))
    after: Cursor | None = None
    for _ in range(PAGES):
        found = yield from Find(INCIDENT, alike(rule, values, book.at, after))
        for each in found.items:
            if each.id != incident.id and recur.group(rule, each) == values:
                groups.add(each, (yield from known_in(book.setting, each, names, met)))
        after = found.next
        if after is None:
            break
    for one in groups.found(policy.hash):
        key = proposal_key(rule, values)
        book.keys.append(KeyChange("proposed", key, owner, str(to_micros(book.at))))
        event = e.ProblemProposed(str(one), one.incidents[-MOST_NAMED:])
        draft.happened(event, book.setting, book.at, by=SYSTEM, reason=one.reason)
