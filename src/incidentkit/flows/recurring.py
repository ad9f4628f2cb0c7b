"""Looking through many incidents: which groups recur, and where most of it comes from.

Page by page along the instant of declaration.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from incidentkit.errors import NotFound
from incidentkit.flows.effects import Find, Flow, Now
from incidentkit.flows.kinds import INCIDENT
from incidentkit.flows.reaching import known_in
from incidentkit.flows.setting import Setting
from incidentkit.model.incident import Incident
from incidentkit.ports.query import AllOf, Compare, Cursor, Op, Query
from incidentkit.rules.pareto import Pareto, Tally
from incidentkit.rules.recur import Groups, Recurring, starts
from incidentkit.timing.instants import to_micros

if TYPE_CHECKING:
    from incidentkit.model.party import Party

_PAGE = 500


class Counting(Protocol):
    """Whatever counts incidents one by one."""

    def asks(self) -> tuple[str, ...]:
        """The facts around an incident that it needs."""
        ...

    def add(self, incident: Incident, known: Mapping[str, object] | None, /) -> None:
        """Count one, with what is known of it and around it."""
        ...


def recurring(setting: Setting, rule: str | None, at: datetime | None) -> Flow[Recurring]:
    """The groups that recur as of an instant (default: now), by one rule of the policy or by all.

    Raises NotFound for a rule that the policy does not have.
    """
    rules = setting.policy.recurrence
    names = tuple(each.name for each in rules)
    if rule is not None:
        rules = tuple(each for each in rules if each.name == rule)
        if not rules:
            raise NotFound("rule of recurrence", rule, names)
    now = (yield from Now()) if at is None else at
    groups = Groups(rules, now)
    if rules:
        yield from _each(setting, groups, min(starts(each, now) for each in rules), now)
    return groups.found(setting.policy.hash)


def pareto(
    setting: Setting, by: str, since: datetime | None, until: datetime | None
) -> Flow[Pareto]:
    """Incidents declared in a time (default: all until now), grouped by a key.

    Raises InvalidValue for a key by which nothing can be grouped.
    """
    now = yield from Now()
    tally = Tally(by, since, until, now)
    yield from _each(setting, tally, since, now if until is None else until)
    return tally.counted()


def _each(
    setting: Setting, counting: Counting, since: datetime | None, until: datetime
) -> Flow[None]:
    """Hand over every incident that was declared in the time."""
    parts = (
        Compare("declared_at", Op.GE, 1 if since is None else to_micros(since)),
        Compare("declared_at", Op.LE, to_micros(until)),
    )
    after: Cursor | None = None
    names = counting.asks()
    met: dict[str, Party | None] = {}
    while True:
        query = Query("incident", AllOf(parts), "declared_at", after=after, limit=_PAGE)
        found = yield from Find(INCIDENT, query)
        for incident in found.items:
            known = (yield from known_in(setting, incident, names, met)) if names else None
            counting.add(incident, known)
        after = found.next
        if after is None:
            return
