"""What the tables of a problem are made of, whoever fills them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from incidentkit.errors import InvalidValue, MissingFields
from incidentkit.model import problem as p
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.words import ProblemState as S
from incidentkit.rules.problem_terms import ProblemTerms

Decide: TypeAlias = Callable[[p.Problem, Any, datetime, ProblemTerms], tuple[Event, ...]]

WORK = frozenset((S.NEW, S.ASSESSING, S.ANALYSING, S.FIXING, S.VERIFYING))
"""Where somebody still has to do something."""
EVERYWHERE = frozenset(S)
NOT_OVER = EVERYWHERE - {S.CLOSED, S.DUPLICATE, S.CANCELLED}
KNOWN = frozenset((S.ANALYSING, S.FIXING, S.VERIFYING, S.RISK_ACCEPTED))
"""Analysed, or being analysed, and not resolved: where it can be a known error."""


@attrs.frozen
class ProblemMove:
    """One row of a table; `to` is None where the state stays as it is."""

    command: type[Command]
    sources: frozenset[S]
    to: S | None
    needs: tuple[str, ...]
    decide: Decide


def need(problem: p.Problem, command: Command, **given: object) -> None:
    """Raise MissingFields naming every field that is empty."""
    missing = tuple(field for field, value in given.items() if not value)
    if missing:
        raise MissingFields(problem.ref, command.action, missing)


def to_come(field: str, value: datetime | None, at: datetime) -> None:
    """Raise InvalidValue for an instant that ought to lie ahead and does not."""
    if value is not None and value <= at:
        raise InvalidValue(field, f"{value.isoformat()} is already past")
