"""Which groups of the policy's rules of recurrence one incident belongs to, and who knows of them.

Asked for suggestions, within what the actor may see and what may stand beside the incident; what is
proposed by itself (`flows.signs`) looks in the same way at everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING

import attrs

from incidentkit.errors import NotFound
from incidentkit.flows import reading
from incidentkit.flows.effects import Flow, Now, Owners
from incidentkit.flows.kinds import INCIDENT
from incidentkit.flows.reaching import known_in
from incidentkit.flows.setting import Setting
from incidentkit.model.incident import Incident
from incidentkit.model.problem import Problem
from incidentkit.model.words import ProblemState
from incidentkit.ports.query import AllOf, Compare, Cursor, Filter, Op, Query
from incidentkit.rules import grouping, recur, suggest
from incidentkit.rules.problem_terms import RecurrenceRule
from incidentkit.timing.instants import from_micros, to_micros

if TYPE_CHECKING:
    from incidentkit.model.party import Party

PAGE, PAGES = 500, 4
"""So many incidents of a group are read at once, and so many times, at most."""
_COLUMNS = frozenset(("service", "category", "team", "priority"))


class Proposal(StrEnum):
    """What becomes of a problem for a group: one is known, was or will be proposed, or neither."""

    KNOWN = "known"
    MADE = "made"
    ON_RESOLVING = "on_resolving"
    NONE = "none"


@attrs.frozen
class Behind:
    """A problem that some incidents of a group are linked to."""

    id: str
    ref: str
    title: str
    state: ProblemState


@attrs.frozen
class Repeat:
    """A group that has reached the minimum of its rule, as far as the incident may say.

    `place` counts from 1 in `group.incidents`, by time. The Reason of the group can be run again.
    """

    place: int
    group: recur.Recurrence
    problems: tuple[Behind, ...]
    proposal: Proposal

    def __str__(self) -> str:
        """One line."""
        return f"number {self.place} of {self.group}"


def repeats(setting: Setting, incident: Incident) -> Flow[tuple[Repeat, ...]]:
    """The groups of an incident, one for each rule whose minimum is reached, the highest first."""
    at = yield from Now()
    found: list[Repeat] = []
    for rule in setting.policy.recurrence:
        values = recur.group(rule, incident)
        if values is not None and recur.within(rule, incident, at):
            one = yield from _group(setting, incident, rule, values, at)
            if one is not None:
                found.append(one)
    return tuple(sorted(found, key=lambda each: -each.group.score))


def _group(
    setting: Setting,
    incident: Incident,
    rule: RecurrenceRule,
    values: tuple[str, ...],
    at: datetime,
) -> Flow[Repeat | None]:
    groups = recur.Groups((rule,), at)
    names, met = groups.asks(), dict[str, "Party | None"]()
    known = yield from known_in(setting, incident, names, met)
    if not rule.when.holds(known):
        return None
    groups.add(incident, known)
    after: Cursor | None = None
    for _ in range(PAGES):
        page = yield from reading.find(setting, INCIDENT, alike(rule, values, at, after))
        for each in page.items:
            other = each.id != incident.id and recur.group(rule, each) == values
            if other and suggest.may_carry(incident, each):
                groups.add(each, (yield from known_in(setting, each, names, met)))
        after = page.next
        if after is None:
            break
    found = groups.found(setting.policy.hash).found
    if not found:
        return None
    (group,) = found
    problems = yield from _problems(setting, group.problems)
    proposal = yield from _proposal(rule, values, incident, problems, at)
    group = attrs.evolve(group, problems=tuple(x.ref for x in problems))
    return Repeat(group.incidents.index(incident.ref) + 1, group, problems, proposal)


def _problems(setting: Setting, refs: Iterable[str]) -> Flow[tuple[Behind, ...]]:
    """Those of the problems that the actor may see."""
    found: list[Behind] = []
    for ref in refs:
        try:
            problem = yield from reading.get(setting, ref)
        except NotFound:
            continue
        if isinstance(problem, Problem):
            found.append(Behind(problem.id, problem.ref, problem.title, problem.state))
    return tuple(found)


def _proposal(
    rule: RecurrenceRule,
    values: tuple[str, ...],
    incident: Incident,
    problems: tuple[Behind, ...],
    at: datetime,
) -> Flow[Proposal]:
    if problems:
        return Proposal.KNOWN
    if not rule.propose or grouping.problems(incident):
        return Proposal.NONE
    _, lately = yield from proposed(rule, values, at)
    if lately:
        return Proposal.MADE
    return Proposal.ON_RESOLVING if incident.active else Proposal.NONE


def alike(
    rule: RecurrenceRule, values: tuple[str, ...], at: datetime, after: Cursor | None
) -> Query:
    """The incidents that may be of the same group, by the index columns among its keys."""
    parts: list[Filter] = [Compare("declared_at", Op.GE, to_micros(recur.starts(rule, at)))]
    parts += [
        Compare(key, Op.EQ, value)
        for key, value in zip(rule.keys, values, strict=True)
        if key in _COLUMNS
    ]
    return Query("incident", AllOf(tuple(parts)), "declared_at", True, after, PAGE)


def proposal_key(rule: RecurrenceRule, values: tuple[str, ...]) -> str:
    """Under what a store keeps that a problem was proposed for a group."""
    name = "\x1f".join((rule.name, *values))
    return blake2b(name.encode(), digest_size=16).hexdigest()


def proposed(
    rule: RecurrenceRule, values: tuple[str, ...], at: datetime
) -> Flow[tuple[str | None, bool]]:
    """When a problem was proposed for a group, as the store keeps it; and whether it counts yet."""
    (when,) = yield from Owners("proposed", (proposal_key(rule, values),))
    lately = when is not None and rule.window.after(from_micros(int(when))) > at
    return when, lately
