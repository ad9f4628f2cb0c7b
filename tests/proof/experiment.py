"""What an experiment is, what it finds, and how that is written down.

Adding one is a ten-line affair: an `Experiment` value in a file of `tests/proof/experiments`, whose
`EXPERIMENTS` tuple the catalogue lists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs

from tests.proof.places import Place

MOST_TOLD = 20
"""Problems that are told in words; all are counted."""


@attrs.frozen
class Outcome:
    """What was found: how many trials there were, what went wrong, and the figures to print."""

    trials: int
    problems: tuple[str, ...] = ()
    figures: Mapping[str, Any] = attrs.field(factory=dict)


Run: TypeAlias = Callable[[int, Place, int], Outcome]
"""Called with n, the place and the seed."""


@attrs.frozen
class Experiment:
    """One experiment: `short` trials in the everyday suite, `full` ones by the command.

    `stores` are the places where it makes sense. `full_on` replaces `full` for some of them.
    """

    id: str
    title: str
    criterion: str
    run: Run
    short: int
    full: int
    stores: tuple[str, ...] = ("sqlite",)

    def conducted(self, place: Place, n: int, seed: int) -> dict[str, Any]:
        """Run it, and say what was found in the form of the report."""
        outcome = self.run(n, place, seed)
        return {
            "id": self.id,
            "title": self.title,
            "criterion": self.criterion,
            "store": place.name,
            "seed": seed,
            "n": outcome.trials,
            "failures": len(outcome.problems),
            "bound": bound(outcome.trials, len(outcome.problems)),
            "figures": dict(outcome.figures),
            "problems": list(outcome.problems[:MOST_TOLD]),
            "passed": not outcome.problems and outcome.trials > 0,
        }


def bound(trials: int, failures: int) -> float | None:
    """The rate that is ruled out at 95 % by trials without failure: 3/n; None where some failed."""
    return None if failures or not trials else 3 / trials


class Findings:
    """Collects what goes wrong while an experiment runs."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def expect(self, true: object, problem: str) -> bool:
        """Count a problem unless it holds."""
        if not true:
            self.problems.append(problem)
        return bool(true)

    def outcome(self, trials: int, **figures: Any) -> Outcome:
        """What was found."""
        return Outcome(trials, tuple(self.problems), figures)
