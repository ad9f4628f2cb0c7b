"""From assessments in single dimensions to the one impact that the priority is drawn from.

Each level of a dimension's scale folds into a level of ITIL impact, by policy; the highest counts.
A dimension of which nobody knows the level leaves the impact in doubt where it could be higher, and
the priority provisional.

Who has the last word: an assessment rates the incident anew, whatever was stated before it; an
impact that a person states afterwards stands, until the next assessment. See ADR 26.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

import attrs

from incidentkit.errors import InvalidValue, NotFound
from incidentkit.lang.names import nearest
from incidentkit.model import impact_changes as c
from incidentkit.model.checks import check_count
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.impact import Certainty, Count, ImpactAssessment
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import UNKNOWN, State
from incidentkit.rules import impair
from incidentkit.rules.dossier_parts import with_scope
from incidentkit.rules.dossier_terms import DossierTerms
from incidentkit.rules.moves import need
from incidentkit.rules.prioritise import Drawn
from incidentkit.rules.table import EVERYWHERE, Move, Part
from incidentkit.rules.terms import LifecycleTerms

RULE = "assess.fold"
VERSION = 1
_OVER = frozenset((State.CLOSED, State.CANCELLED))


@attrs.frozen
class Folded:
    """The impact of all assessments together; `doubts` are dimensions that could make it worse."""

    impact: str
    doubts: tuple[str, ...]


def fold(
    levels: Mapping[str, str], folds: Mapping[str, Mapping[str, str]], impacts: tuple[str, ...]
) -> Folded:
    """The highest impact of the levels by dimension; `impacts` has the worst first.

    A level that the dimension's fold does not know counts as unknown, and so does all of a
    dimension that there is no fold for.

    >>> folds = {"data": {"major": "high", "minor": "low"}, "people": {"many": "medium"}}
    >>> fold({"data": "minor", "people": "many"}, folds, ("high", "medium", "low")).impact
    'medium'
    >>> fold({"data": "unknown", "people": "many"}, folds, ("high", "medium", "low"))
    Folded(impact='medium', doubts=('data',))
    """
    ranks = {impact: rank for rank, impact in enumerate(impacts)}
    known: list[int] = []
    open_: dict[str, int] = {}
    for dimension, level in levels.items():
        of = folds.get(dimension, {})
        rank = ranks.get(of.get(level, ""))
        if rank is None:
            open_[dimension] = min((ranks[x] for x in of.values() if x in ranks), default=0)
        else:
            known.append(rank)
    highest = min(known, default=len(impacts))
    doubts = tuple(sorted(x for x, worst in open_.items() if worst < highest))
    return Folded(impacts[highest] if known else UNKNOWN, doubts)


def folded(impacts: tuple[ImpactAssessment, ...], terms: DossierTerms) -> Folded:
    """The impact that these assessments fold into."""
    levels = {x.dimension: x.level for x in impacts}
    return fold(levels, {x: d.fold for x, d in terms.dimensions.items()}, terms.impacts)


def conclude(
    before: Incident, after: Incident, terms: DossierTerms, policy: str = ""
) -> tuple[str, Reason] | None:
    """The impact that assessments made or withdrawn since `before` give, if it is another one.

    None as well where a person's statement stands: nothing was assessed since, or all that was
    said is that nobody knows.
    """
    was, now = before.dossier.scope.impacts, after.dossier.scope.impacts
    if after.life.state in _OVER:
        return None
    result = folded(now, terms)
    in_force = bool(was) and folded(was, terms).impact == before.rating.impact
    says_more = result.impact != UNKNOWN and any(x not in was for x in now)
    if not (says_more or in_force) or result.impact == after.rating.impact:
        return None
    asked = {x.dimension for x in now}
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "was": after.rating.impact,
            "levels": FrozenMap({x.dimension: x.level for x in now}),
            "folds": FrozenMap(
                {x: cast("Plain", d.fold) for x, d in terms.dimensions.items() if x in asked}
            ),
            "impacts": terms.impacts,
        }
    )
    return result.impact, Reason(RULE, VERSION, inputs, judge(inputs), policy, result.doubts)


def judge(inputs: Mapping[str, Plain]) -> str:
    """The impact, drawn from plain inputs."""
    levels, folds, impacts = inputs["levels"], inputs["folds"], inputs["impacts"]
    given = {x: str(level) for x, level in levels.items()} if isinstance(levels, dict) else {}
    tables = folds.items() if isinstance(folds, dict) else ()
    maps = {x: {k: str(v) for k, v in t.items()} for x, t in tables if isinstance(t, dict)}
    scale = tuple(map(str, impacts)) if isinstance(impacts, tuple) else ()
    return fold(given, maps, scale).impact


def doubts(incident: Incident, terms: DossierTerms) -> tuple[str, ...]:
    """The dimensions that could make the impact in force worse; none where a person stated it."""
    impacts = incident.dossier.scope.impacts
    if not impacts:
        return ()
    result = folded(impacts, terms)
    return result.doubts if result.impact == incident.rating.impact else ()


def doubted(drawn: Drawn, incident: Incident, terms: DossierTerms) -> Drawn:
    """The priority drawn; provisional as well where its impact is in doubt."""
    unknown = tuple(f"impact on {x}" for x in doubts(incident, terms))
    if not unknown:
        return drawn
    reason = attrs.evolve(drawn.reason, unknowns=(*drawn.reason.unknowns, *unknown))
    return Drawn(drawn.priority, True, reason)


# --- commands and events --------------------------------------------------------------------------


def assess(
    incident: Incident, command: c.AssessImpact, at: datetime, by: str, terms: LifecycleTerms
) -> tuple[Event, ...]:
    """One dimension is judged anew; the same again says nothing."""
    dimensions = terms.dossier.dimensions
    dimension = dimensions.get(command.dimension)
    if dimension is None:
        problem = f"{command.dimension!r} is no dimension; {nearest(command.dimension, dimensions)}"
        raise InvalidValue("dimension", problem)
    if command.level != UNKNOWN and command.level not in dimension.levels:
        choices = ", ".join((*dimension.levels, UNKNOWN))
        raise InvalidValue("level", f"{command.level!r} is none of {choices}")
    certainty = command.certainty
    if certainty is None:
        certainty = Certainty.UNKNOWN if command.count is None else Certainty.KNOWN
    count = Count(command.count, certainty, command.unit)
    was = incident.dossier.scope.impact(command.dimension)
    new = ImpactAssessment(command.dimension, command.level, command.scope, count, by, at)
    if was is None:
        check_count(len(incident.dossier.scope.impacts) + 1, "impacts")
    elif (was.level, was.scope, was.count) == (new.level, new.scope, new.count):
        return ()
    return (c.ImpactAssessed(new),)


def assessed(i: Incident, v: c.ImpactAssessed, _at: datetime) -> Incident:
    """The assessment in the place of the dimension's last one."""
    known, new = i.dossier.scope.impacts, v.assessment
    if any(x.dimension == new.dimension for x in known):
        kept = tuple(new if x.dimension == new.dimension else x for x in known)
        return with_scope(i, impacts=kept)
    return with_scope(i, impacts=(*known, new))


def withdraw(
    incident: Incident, command: c.WithdrawImpact, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Only an assessment that there is can be withdrawn, and with a reason."""
    need(incident, command, reason=command.reason)
    scope = incident.dossier.scope
    if scope.impact(command.dimension) is None:
        there = tuple(x.dimension for x in scope.impacts)
        raise NotFound("impact assessment", command.dimension, there)
    return (c.ImpactWithdrawn(command.dimension, command.reason),)


def withdrawn(i: Incident, v: c.ImpactWithdrawn, _at: datetime) -> Incident:
    """Without the assessment of that dimension."""
    known = i.dossier.scope.impacts
    return with_scope(i, impacts=tuple(x for x in known if x.dimension != v.dimension))


PART = Part(
    moves=(
        Move(c.AssessImpact, EVERYWHERE, None, (), assess),
        Move(c.WithdrawImpact, EVERYWHERE, None, ("reason",), withdraw),
        *impair.MOVES,
    ),
    evolve=FrozenMap({c.ImpactAssessed: assessed, c.ImpactWithdrawn: withdrawn, **impair.EVOLVE}),
)
"""What impacts bring to an incident's tables."""
