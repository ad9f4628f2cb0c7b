"""What a kind counts beside its body: how a put fills the tally, how a value takes it back.

Alerts and heartbeats change with every repeat. Their counters stand in columns, which a touch
changes without a version, a body or an entry; what the tally says wins over the body.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from incidentkit.model.signature import beat_signature, signature
from incidentkit.ports.rows import Tally
from incidentkit.timing.instants import from_micros, to_micros


class Counting(NamedTuple):
    """How one kind counts.

    `fill(value, counted)` makes the tally of a put, `counted` being what the store knows already.
    `bare(value)` is the value as its body keeps it. `take(value, version, tally)` is the value at
    that version with what was counted.
    """

    fill: Callable[[Any, int], Tally]
    bare: Callable[[Any], Any]
    take: Callable[[Any, int, Tally], Any]


def _alert_tally(value: Any, counted: int) -> Tally:
    last: datetime | None = value.last_at
    at = 0 if last is None else to_micros(last)
    return Tally(signature(value.alert), value.seen - counted, at)


def _bare_alert(value: Any) -> Any:
    if value.seen == 1 and value.last_at is None:
        return value
    return type(value)(
        value.id,
        value.version,
        value.alert,
        value.incident,
        value.first_at,
        held_by=value.held_by,
    )


def _counted_alert(value: Any, version: int, tally: Tally) -> Any:
    last = from_micros(tally.last_seen) if tally.last_seen else None
    return type(value)(
        value.id,
        version,
        value.alert,
        value.incident,
        value.first_at,
        tally.seen,
        last,
        value.held_by,
    )


ALERTS = Counting(_alert_tally, _bare_alert, _counted_alert)


def _beat_tally(value: Any, _: int) -> Tally:
    return Tally(beat_signature(value.beat), 0 if value.silent else 1, to_micros(value.last_at))


def _whole(value: Any) -> Any:
    return value


def _heard(value: Any, version: int, tally: Tally) -> Any:
    last = from_micros(tally.last_seen) if tally.last_seen else value.last_at
    return type(value)(value.id, version, value.beat, last, value.silent)


BEATS = Counting(_beat_tally, _whole, _heard)
