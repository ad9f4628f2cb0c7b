"""Known errors as an actor may see them: all that are published, or those an incident may be of."""

from __future__ import annotations

from collections.abc import Sequence

from incidentkit.errors import NotFound
from incidentkit.flows.effects import Find, Flow
from incidentkit.flows.kinds import PROBLEM
from incidentkit.flows.reaching import known_in
from incidentkit.flows.reading import get
from incidentkit.flows.setting import Setting
from incidentkit.model.incident import Incident
from incidentkit.model.problem import Problem
from incidentkit.ports.query import Compare, Cursor, Op, Query
from incidentkit.rules.kept import condition_of
from incidentkit.rules.match import Match, recognise

_PUBLISHED = Compare("known_error", Op.EQ, True)
_PAGE, _PAGES = 500, 10
"""So many known errors are read at once, and so many times, at most."""


def published(_setting: Setting, audiences: tuple[str, ...] | None) -> Flow[tuple[Problem, ...]]:
    """The problems with a published known error, for these audiences (None: all), by id."""
    kept: list[Problem] = []
    after: Cursor | None = None
    for _ in range(_PAGES):
        found = yield from Find(PROBLEM, Query("problem", _PUBLISHED, after=after, limit=_PAGE))
        kept += [each for each in found.items if _for(each, audiences)]
        after = found.next
        if after is None:
            break
    return tuple(kept)


def _for(problem: Problem, audiences: tuple[str, ...] | None) -> bool:
    known = problem.known_error
    return known is not None and (audiences is None or known.audience in audiences)


def matches(
    setting: Setting, name: str, audiences: tuple[str, ...] | None
) -> Flow[tuple[Match, ...]]:
    """The known errors that an incident may be an instance of, the likeliest first.

    Raises NotFound where there is no such incident for the actor.
    """
    incident = yield from get(setting, name)
    if not isinstance(incident, Incident):
        raise NotFound("incident", name)
    problems = yield from published(setting, audiences)
    policy = setting.policy
    known = yield from known_in(setting, incident, names_of(problems))
    return recognise(incident, problems, policy.problems, audiences, policy.hash, known)


def names_of(problems: Sequence[Problem]) -> tuple[str, ...]:
    """The facts that the conditions of known errors, and of verifications, may read."""
    texts = [each.watch for each in problems]
    texts += [each.known_error.match for each in problems if each.known_error is not None]
    return tuple(name for text in texts if text for name in condition_of(text).names())
