"""The name of an event as policies write it and stores keep it: its class name in snake case."""

from __future__ import annotations

import re
from functools import cache

from incidentkit.model.journal import Event

_HUMP = re.compile(r"(?<!^)(?=[A-Z])")


def event_name(kind: type[Event]) -> str:
    """The stored name of an event.

    >>> from incidentkit.model.incident_events import AlertJoined
    >>> event_name(AlertJoined)
    'alert_joined'
    """
    return _snake_case(kind.__name__)


@cache
def _snake_case(name: str) -> str:
    return _HUMP.sub("_", name).lower()
