"""Unwise things about conditions: what can never be true, and rules that are never asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from incidentkit.lang.conditions import ALWAYS, NEVER, Comparison, Condition, Membership, walk
from incidentkit.lang.conditions.nodes import Always, And, Node, Not, Operator, Or, Presence
from incidentkit.model.party import PartyKind
from incidentkit.model.service import Criticality
from incidentkit.model.words import (
    UNKNOWN,
    AlertSeverity,
    AlertStatus,
    MajorState,
    Priority,
    Response,
    State,
)
from incidentkit.policy.document import Policy
from incidentkit.policy.finding import Finding
from incidentkit.policy.reading import nearest
from incidentkit.rules.correlate import Verdict
from incidentkit.rules.overlay_terms import MajorRule


class _Ruled(Protocol):
    """Whatever has a condition."""

    @property
    def when(self) -> Condition: ...


_ALERT: dict[str, Collection[str]] = {
    "severity": tuple(map(str, AlertSeverity)),
    "status": tuple(map(str, AlertStatus)),
}


def conditions(policy: Policy) -> Iterator[Finding]:
    """What is worth a second look in every condition of the policy."""
    alerts = [(f"alerts.rules[{n}]", x.when) for n, x in enumerate(policy.alerts.rules)]
    for path, when in alerts:
        yield from _impossible(f"{path}.when", when, _ALERT)
    yield from _unasked(policy)
    yield from _majors(policy.lifecycle.overlays.major.rules)
    words = _incident_words(policy)
    for path, when in _about_incidents(policy):
        yield from _impossible(f"{path}.when", when, words)
        yield from _empty(f"{path}.when", when, policy)


def _about_incidents(policy: Policy) -> Iterator[tuple[str, Condition]]:
    """Every condition over an incident, by the path of what it stands in.

    Where `false` is how to say that nothing is to happen by itself, it is not asked.
    """
    beside = policy.lifecycle.overlays
    lists: tuple[tuple[str, tuple[_Ruled, ...]], ...] = (
        ("notices", policy.notices),
        ("overrides", policy.overrides),
        ("automation", policy.automation),
        ("major.rules", beside.major.rules),
        ("recurrence", policy.recurrence),
    )
    for name, rules in lists:
        yield from ((f"{name}[{number}]", x.when) for number, x in enumerate(rules))
    by_hand = [("review", policy.review.when), ("public", beside.public.when)]
    by_hand += [(f"checklists.{x.name}", x.when) for x in beside.checklists]
    yield from ((path, when) for path, when in by_hand if when is not None and when != NEVER)


def _incident_words(policy: Policy) -> Mapping[str, Collection[str]]:
    """The words that a fact of an incident can be, where they are a closed set."""
    words: dict[str, Collection[str]] = {
        "incident.priority": tuple(map(str, Priority)),
        "incident.state": tuple(map(str, State)),
        "incident.response": tuple(map(str, Response)),
        "incident.major": tuple(map(str, MajorState)),
        "incident.impact": (*policy.matrix.impacts, UNKNOWN),
        "incident.urgency": (*policy.matrix.urgencies, UNKNOWN),
        "incident.code": policy.lifecycle.codes,
        "service.criticality": tuple(map(str, Criticality)),
        "reporter.kind": tuple(map(str, PartyKind)),
    }
    if policy.lifecycle.overlays.statuses:
        words["incident.status"] = ("", *(x.name for x in policy.lifecycle.overlays.statuses))
    if policy.catalogue.closed_categories:
        words["incident.category"] = policy.catalogue.categories
    if policy.closed:
        words["incident.service"] = tuple(policy.services)
    return words


def _impossible(
    path: str, when: Condition, words: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    """Words that the fact can never be."""
    if when == NEVER:
        yield Finding(path, "is never true: the rule never fires")
    for node in walk(when.root):
        if isinstance(node, Comparison) and node.operator in (Operator.EQ, Operator.NE):
            literals: tuple[object, ...] = (node.literal,)
        elif isinstance(node, Membership):
            literals = node.literals
        else:
            continue
        known = words.get(node.name.dotted)
        for literal in literals if known is not None else ():
            if known is not None and isinstance(literal, str) and literal not in known:
                yield Finding(
                    path, f"{node.name} is never {literal[:80]!r}{nearest(literal, known)}"
                )


def _unasked(policy: Policy) -> Iterator[Finding]:
    """The first rule that is true decides, so nothing after one that always is, is ever asked."""
    for number, rule in enumerate(policy.alerts.rules):
        if rule.when != ALWAYS:
            continue
        if rule.action in (Verdict.SUPPRESS, Verdict.RECORD):
            yield Finding(
                f"alerts.rules[{number}]",
                f"{rule.name!r} takes every alert that reaches it: none of them opens anything",
            )
        for later in range(number + 1, len(policy.alerts.rules)):
            name = policy.alerts.rules[later].name
            yield Finding(
                f"alerts.rules[{later}]", f"{name!r} is never asked: {rule.name!r} is always true"
            )
        return


def _majors(rules: tuple[MajorRule, ...]) -> Iterator[Finding]:
    """A rule without a condition makes everything a major, and those after it are never asked."""
    for number, rule in enumerate(rules):
        if rule.when != ALWAYS:
            continue
        does = "is a major" if rule.accepts else "is proposed as a major"
        yield Finding(f"major.rules[{number}]", f"{rule.name!r} is always true: everything {does}")
        for later in range(number + 1, len(rules)):
            told = f"{rules[later].name!r} is never asked: {rule.name!r} is always true"
            yield Finding(f"major.rules[{later}]", told)
        return


def _empty(path: str, when: Condition, policy: Policy) -> Iterator[Finding]:
    """Facts that this policy has no data for, so that what rests on them is unknown for ever."""
    services, parties = policy.services.values(), policy.parties.values()
    sources = {
        "service.criticality": any(x.criticality is not None for x in services),
        "service.owner": any(x.owner for x in services),
        "service.team": any(x.team for x in services),
        "reporter.vip": any(x.vip for x in parties),
        "reporter.kind": bool(policy.parties),
    }
    missing = frozenset(name for name, known in sources.items() if not known)
    if _may_be(when.root, True, missing):
        return
    for name in when.names():
        if name in missing:
            table = name.partition(".")[0]
            where = "services" if table == "service" else "parties"
            yield Finding(path, f"asks for {name}, which no entry of {where} states: never known")


def _may_be(node: Node, value: bool, missing: frozenset[str]) -> bool:
    """Whether a node can ever be true, or false, while these facts are never known."""
    if isinstance(node, Not):
        return _may_be(node.part, not value, missing)
    if isinstance(node, And | Or):
        every = all if isinstance(node, And) is value else any
        return every(_may_be(part, value, missing) for part in node.parts)
    if isinstance(node, Always):
        return node.value is value
    if node.name.dotted not in missing:
        return True
    return isinstance(node, Presence) and not value  # never unknown: it is not there
