"""Unwise things about duties: targets that nothing ends or that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from incidentkit.model.words import Moment
from incidentkit.policy.document import Policy
from incidentkit.policy.finding import Finding
from incidentkit.rules.clocks import Target
from incidentkit.timing.instants import EPOCH
from incidentkit.timing.terms import Term

_STATED = frozenset((Moment.REPORTED, Moment.AWARE, Moment.CAUSE_IDENTIFIED, Moment.VERIFIED))
"""Instants that no step of the life-cycle sets; somebody states them by `Correct`."""
_BORN = frozenset((Moment.OCCURRED, Moment.DETECTED, Moment.DECLARED))
"""Instants that there are when the clock starts, if there ever are."""
_ORDER = (
    Moment.ACKNOWLEDGED,
    Moment.RESPONDED,
    Moment.CLASSIFIED,
    Moment.MITIGATED,
    Moment.RESOLVED,
    Moment.CLOSED,
)
"""The order in which a case usually goes."""


def duties(policy: Policy) -> Iterator[Finding]:
    """What is worth a second look in targets and notices."""
    for target in policy.targets:
        yield from _target(target)
    yield from _contradictions(policy.targets)
    for number, rule in enumerate(policy.notices):
        if not rule.on:
            yield Finding(f"notices[{number}]", "is owed on no event: nobody ever hears it")
        if not rule.template.text.strip():
            yield Finding(f"notices[{number}]", "has no template: its audience gets empty messages")


def _target(target: Target) -> Iterator[Finding]:
    path = f"targets.{target.name}"
    if not target.within:
        yield Finding(path, "has no term for any priority: it never runs")
    if target.until in _STATED:
        yield Finding(
            f"{path}.until",
            f"no step of the life-cycle sets {target.until.value!r}: the clock runs until somebody "
            "states that instant, and is missed otherwise",
        )
    if target.until in _BORN:
        yield Finding(
            f"{path}.until",
            f"{target.until.value!r} comes before the clock starts: the target is met at once or, "
            "where that instant is not known, always missed",
        )
    if target.warn_percent == 100:
        yield Finding(f"{path}.warn_percent", "the warning comes when it is too late to help")
    for (high, first), (low, second) in pairwise(sorted(target.within.items())):
        if _end(first) > _end(second):
            yield Finding(f"{path}.within.{high}", f"{first} is longer than the {second} of {low}")


def _contradictions(targets: tuple[Target, ...]) -> Iterator[Finding]:
    """Of two targets of one priority the one for the later step should not end first."""
    ordered = [x for x in targets if x.until in _ORDER]
    for first in ordered:
        for later in ordered:
            if _ORDER.index(first.until) >= _ORDER.index(later.until):
                continue
            for priority in sorted(set(first.within) & set(later.within)):
                if _end(first.within[priority]) > _end(later.within[priority]):
                    yield Finding(
                        f"targets.{first.name}.within.{priority}",
                        f"{first.within[priority]} ends after the "
                        f"{later.within[priority]} of {later.name!r}, which comes later",
                    )


def _end(term: Term) -> datetime:
    """When a term ends that began at a fixed instant: how terms of months are compared."""
    return term.after(EPOCH)
