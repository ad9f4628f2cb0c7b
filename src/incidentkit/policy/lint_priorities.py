"""Unwise things about priorities: a matrix against its own direction, overrides without effect."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from incidentkit.lang.conditions import ALWAYS
from incidentkit.model.words import Priority
from incidentkit.policy.document import Policy
from incidentkit.policy.finding import Finding
from incidentkit.rules.override import Effect, Override
from incidentkit.rules.prioritise import Matrix


def priorities(policy: Policy) -> Iterator[Finding]:
    """What is worth a second look in the matrix, the overrides and the levels of alerts."""
    yield from _against_direction(policy.matrix)
    yield from _overrides(policy.overrides)
    for severity in policy.alerts.opens:
        if severity.value != "unknown" and severity.value not in policy.alerts.levels:
            yield Finding(
                "alerts.levels",
                f"has no level for {severity.value!r}, which opens candidates: their priority is "
                "provisional until somebody rates them",
            )


def _against_direction(matrix: Matrix) -> Iterator[Finding]:
    """A worse level that gives a lower priority: often a matrix written the other way round."""
    for worse, better in pairwise(matrix.impacts):
        for urgency in matrix.urgencies:
            yield from _cell(matrix, f"{worse}/{urgency}", f"{better}/{urgency}")
    for worse, better in pairwise(matrix.urgencies):
        for impact in matrix.impacts:
            yield from _cell(matrix, f"{impact}/{worse}", f"{impact}/{better}")


def _cell(matrix: Matrix, worse: str, better: str) -> Iterator[Finding]:
    if matrix.cells[worse] > matrix.cells[better]:
        yield Finding(
            f"matrix.cells.{worse.replace('/', '.')}",
            f"{matrix.cells[worse]} is lower than the {matrix.cells[better]} of the better "
            f"{better}: the worse case waits longer; is matrix.worst right?",
        )


_NOTHING = {
    (Effect.AT_LEAST, Priority.P5.value): "every priority is at least P5",
    (Effect.AT_MOST, Priority.P1.value): "every priority is at most P1",
}


def _overrides(overrides: tuple[Override, ...]) -> Iterator[Finding]:
    """Overrides that change nothing, or whose change the next one wipes out."""
    last = max(
        (n for n, x in enumerate(overrides) if x.effect is Effect.SET and x.when == ALWAYS),
        default=0,
    )
    for number, rule in enumerate(overrides):
        path = f"overrides[{number}]"
        if why := _NOTHING.get((rule.effect, rule.value)):
            yield Finding(path, f"{rule.name!r} changes nothing: {why}")
        if number < last:
            yield Finding(
                path,
                f"{rule.name!r} has no effect: after it {overrides[last].name!r} sets the "
                "priority, whatever was drawn",
            )
    if any(x.effect is Effect.SET and x.when == ALWAYS for x in overrides):
        yield Finding(
            f"overrides[{last}]",
            f"{overrides[last].name!r} always sets the priority: impact and urgency no longer "
            "count",
        )
