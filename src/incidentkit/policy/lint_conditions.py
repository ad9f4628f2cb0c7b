"""Unwise things about conditions: what can never be true, and rules that are never asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from incidentkit.lang.conditions import ALWAYS, NEVER, Comparison, Condition, Membership, walk
from incidentkit.lang.conditions.nodes import Operator
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
    words = _incident_words(policy)
    others = [(f"notices[{n}]", x.when) for n, x in enumerate(policy.notices)]
    others += [(f"overrides[{n}]", x.when) for n, x in enumerate(policy.overrides)]
    for path, when in others:
        yield from _impossible(f"{path}.when", when, words)
        yield from _empty(f"{path}.when", when, policy)


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


def _empty(path: str, when: Condition, policy: Policy) -> Iterator[Finding]:
    """Facts that this policy has no data for, so that they are unknown for ever."""
    names = when.names()
    services, parties = policy.services.values(), policy.parties.values()
    sources = {
        "service.criticality": any(x.criticality is not None for x in services),
        "service.owner": any(x.owner for x in services),
        "service.team": any(x.team for x in services),
        "reporter.vip": any(x.vip for x in parties),
        "reporter.kind": bool(policy.parties),
    }
    for name in names:
        if not sources.get(name, True):
            table = name.partition(".")[0]
            where = "services" if table == "service" else "parties"
            yield Finding(path, f"asks for {name}, which no entry of {where} states: never known")
