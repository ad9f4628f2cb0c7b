"""A driver's step that holds every flow of a test to its word.

A flow yields at most one Commit and nothing after it, and after a Send nothing but the Commit that
writes down what came of it. `SEEN` collects the kinds of effect that were asked for.
"""

from __future__ import annotations

from typing import Any

from incidentkit.desk.session import Session, Step
from incidentkit.flows import effects as fx

SEEN: set[type[Any]] = set()

_step = Session.step


def step(session: Session, effect: fx.Effect[object]) -> Step:
    """`Session.step`, refusing what a flow may not do."""
    SEEN.add(type(effect))
    assert session.committed is None, f"{type(effect).__name__} after the commit"
    assert not session.sent or isinstance(effect, fx.Commit), f"{effect} after a Send"
    return _step(session, effect)
