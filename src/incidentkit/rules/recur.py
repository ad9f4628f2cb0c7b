"""Which groups of incidents recur: so many, or so much downtime, alike within a window.

The same detector finds candidates for problems and answers the duties to look for recurring
incidents: Delegated Regulation (EU) 2024/1772, article 8 (2), for financial entities, and
Implementing Regulation (EU) 2024/2690, article 4. What those add (thresholds that are met
together) is for people to judge; the incidents are listed for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import attrs

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.reason import Plain, Reason
from incidentkit.rules import communicate, grouping
from incidentkit.rules.match import Known
from incidentkit.rules.problem_terms import RecurrenceRule
from incidentkit.timing.instants import earlier
from incidentkit.timing.intervals import Interval, total
from incidentkit.timing.terms import Term

RULE = "problems.recurrence"
VERSION = 1
MONTH = timedelta(days=31)


@attrs.frozen
class Recurrence:
    """One group of incidents that recurs.

    `incidents` are references in order of their declaration. `downtime` counts overlaps once.
    `score` is per mille of the minimum that was reached, the higher of count and downtime.
    `problems` are those that some of the incidents are linked to already, `unlinked` how many of
    the incidents are linked to none.
    """

    rule: str
    keys: FrozenMap[str, str]
    incidents: tuple[str, ...]
    downtime: timedelta
    score: int
    problems: tuple[str, ...]
    unlinked: int
    reason: Reason

    @property
    def count(self) -> int:
        """How many incidents."""
        return len(self.incidents)

    def __str__(self) -> str:
        """One line: what is alike, how many, how long."""
        alike = ", ".join(f"{key} {value}" for key, value in self.keys.items())
        down = str(Term(self.downtime)) or "0s"
        return f"{alike}: {self.count} incidents, down {down} ({self.rule})"


@attrs.frozen
class Recurring:
    """What a search for recurrences found, and what it looked at.

    `examined` counts the incidents in the longest window, `unkeyed` those that a rule left out,
    since they lack one of its keys: a finding of nothing rests on both.
    """

    at: datetime
    found: tuple[Recurrence, ...]
    examined: int
    unkeyed: int

    def __iter__(self) -> Iterator[Recurrence]:
        """The recurrences found, the highest score first."""
        return iter(self.found)


def starts(rule: RecurrenceRule, at: datetime) -> datetime:
    """No later than the beginning of the rule's window; months are taken at their longest."""
    return earlier(at, rule.window.elapsed + rule.window.months * MONTH)


def within(rule: RecurrenceRule, incident: Incident, at: datetime) -> bool:
    """Whether an incident that happened was declared in the rule's window."""
    declared = grouping.declared(incident)
    return grouping.real(incident) and declared <= at < rule.window.after(declared)


def group(rule: RecurrenceRule, incident: Incident) -> tuple[str, ...] | None:
    """What the incident has under the rule's keys; None where it lacks one."""
    values = tuple(grouping.value(incident, key) for key in rule.keys)
    return values if all(values) else None


class Groups:
    """Incidents as they are counted for some rules; handed over one by one."""

    def __init__(self, rules: Iterable[RecurrenceRule], at: datetime) -> None:
        self._rules = tuple(rules)
        self._at = at
        self._members: dict[tuple[int, tuple[str, ...]], list[_Member]] = {}
        self.examined: int = 0
        self.unkeyed: int = 0

    def asks(self) -> tuple[str, ...]:
        """The facts that the rules may read."""
        return tuple(name for rule in self._rules for name in rule.when.names())

    def add(self, incident: Incident, known: Known = None) -> None:
        """Count one incident under every rule that it falls under.

        `known` is what is known of it and around it; left out, of the incident alone.
        """
        self.examined += 1
        facts = known or {"incident": communicate.facts(incident)}
        for place, rule in enumerate(self._rules):
            if not within(rule, incident, self._at) or not rule.when.holds(facts):
                continue
            values = group(rule, incident)
            if values is None:
                self.unkeyed += 1
                continue
            member = _Member(
                grouping.declared(incident),
                incident.ref,
                grouping.down(incident, self._at),
                grouping.problems(incident),
            )
            self._members.setdefault((place, values), []).append(member)

    def found(self, policy: str = "") -> Recurring:
        """The groups that have reached the minimum of their rule."""
        judged = (
            judged_group(self._rules[place], values, members, self._at, policy)
            for (place, values), members in self._members.items()
        )
        kept = [each for each in judged if each.score]
        kept.sort(key=lambda x: (-x.score, -x.count, x.rule, tuple(x.keys.values())))
        return Recurring(self._at, tuple(kept), self.examined, self.unkeyed)


@attrs.frozen
class _Member:
    declared: datetime
    ref: str
    down: Interval | None
    problems: tuple[str, ...]


def judged_group(
    rule: RecurrenceRule,
    values: tuple[str, ...],
    members: list[_Member],
    at: datetime,
    policy: str = "",
) -> Recurrence:
    """A group with its score, which is 0 while it has not reached the minimum."""
    members = sorted(members, key=lambda x: (x.declared, len(x.ref), x.ref))
    spans = [x.down for x in members if x.down is not None]
    first = min((x.start for x in spans), default=at)
    downtime = total(spans, first, at)
    keys = FrozenMap(dict(zip(rule.keys, values, strict=True)))
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "rule": rule.name,
            "keys": FrozenMap[str, Plain](keys),
            "window": str(rule.window),
            "count": len(members),
            "minimum": rule.minimum,
            "downtime": _seconds(downtime),
            "least_downtime": _seconds(rule.downtime),
            "source": rule.source,
        }
    )
    score = judge(inputs)
    return Recurrence(
        rule.name,
        keys,
        tuple(x.ref for x in members),
        downtime,
        score,
        tuple(dict.fromkeys(ref for x in members for ref in x.problems)),
        sum(not x.problems for x in members),
        Reason(RULE, VERSION, inputs, score, policy),
    )


def _seconds(span: timedelta) -> int:
    return span // timedelta(seconds=1)


def judge(inputs: Mapping[str, Plain]) -> int:
    """The score drawn from plain inputs: per mille of the minimum; 0 while it is not reached."""
    shares = (
        _share(inputs["count"], inputs["minimum"]),
        _share(inputs["downtime"], inputs["least_downtime"]),
    )
    best = max(shares)
    return best if best >= 1_000 else 0


def _share(number: Plain, least: Plain) -> int:
    if not isinstance(number, int) or not isinstance(least, int) or least <= 0:
        return 0
    return number * 1_000 // least
