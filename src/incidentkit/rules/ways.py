"""The tables of regions: which command leads from which of its states to which other.

The life-cycle of an incident has a table of its own (`lifecycle`); the small machines beside it
(major, public, handover, tasks, what a host declares) share this form, and diagrams are drawn
from it.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from incidentkit.errors import TransitionNotAllowed


@attrs.frozen
class Way:
    """One row: a command, the states it may come from, the state it leads to, what it needs."""

    command: str
    sources: tuple[str, ...]
    to: str
    needs: tuple[str, ...] = ()


def allowed(ways: Iterable[Way], state: str) -> tuple[str, ...]:
    """The commands that lead on from a state, in the order of the table."""
    return tuple(way.command for way in ways if state in way.sources)


def check(ways: tuple[Way, ...], subject: str, state: str, command: str) -> None:
    """Raise TransitionNotAllowed unless the command leads on from the state."""
    if command not in allowed(ways, state):
        raise TransitionNotAllowed(subject, state, command, allowed(ways, state))
