"""What holds alerts back at present, in one record of a tenant.

An alert is judged thousands of times for once that somebody plans work. So whoever judges looks at
one record that says it all, and not even at that in a tenant that never held anything back.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model.journal import Event


@attrs.frozen
class Holder:
    """One silence, or maintenance in progress: which alerts it holds back, and from when to when.

    `name` is `kind/id`. `when` is a condition over the alert. `services` and `components` narrow
    it to alerts on one of them; a silence narrows by its condition alone.
    """

    name: str
    ref: str
    start: datetime
    until: datetime
    when: str = "true"
    services: tuple[str, ...] = ()
    components: tuple[str, ...] = ()


@attrs.frozen
class Suppressions:
    """Everything that may hold alerts back now or soon."""

    id: str
    version: int
    holders: tuple[Holder, ...] = ()


@attrs.frozen(repr=False)
class SuppressionsChanged(Event):
    """A silence or maintenance began to hold alerts back, until then; without `until`, it ended."""

    name: str
    ref: str
    until: datetime | None = None
