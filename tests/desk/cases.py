"""What a row of the table of commands is made of; the rows stand in `test_commands`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

import incidentkit as ik


@attrs.frozen
class Case:
    """A command, what must have happened before, and the event that it leads to."""

    make: Callable[[Any], ik.Command]
    event: str
    before: Callable[[Any], object] = lambda desk: None


def inc(make: Callable[[str], ik.Command]) -> Callable[[Any], ik.Command]:
    """A command on the incident that is always there."""
    return lambda desk: make("INC-1")
