"""Values to text and back, by both backends; and what the chain adds to an entry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from incidentkit import Desk
from incidentkit.codec.choice import Codec, choose
from incidentkit.codec.journal import encode
from incidentkit.model.incident_events import Edited
from incidentkit.model.journal import Recorded
from incidentkit.ports.rows import Entry, Row
from tests.benchmarks import durable, peers
from tests.benchmarks.examples import TITLES, declared
from tests.benchmarks.measuring import (
    Figure,
    Plan,
    Sample,
    Side,
    clocked,
    compared,
    in_turns,
    repeated,
)

AT = datetime(2030, 1, 1, tzinfo=UTC)


def figures(plan: Plan) -> list[Figure]:
    """Incident and entry, to text and back."""
    times = plan.size(1000)
    with Desk.open("memory:", codec="json", entry_points=False) as desk:
        incident = declared(desk)
    edited = Recorded(AT, "ana", Edited(TITLES[1], None, None, None))
    sides: dict[str, dict[str, Side]] = {}
    missing: list[str] = []
    names: list[Any] = ["json"]
    try:
        _ = peers.need("msgspec")
        names.append("msgspec")
    except peers.Missing as reason:
        missing.append(str(reason))
    for name in names:
        codec = choose(name)
        put = codec.to_put("incident", incident, incident.version, "0" * 32, 1, 10**15)
        kind, body = encode(edited)
        entry = Entry(f"incident/{incident.id}", 2, 10**15, kind, body, "", "", "")
        made: dict[str, Side] = {
            "an incident written, parts known": _repeated(
                partial(codec.to_put, "incident", incident, incident.version, "0" * 32, 1, 10**15),
                times,
            ),
            "an incident written, never seen": _written(codec, put.row, times),
            "an incident read": _repeated(partial(codec.from_row, put.row), times),
            "an entry written": _repeated(partial(codec.encode_entry, edited), times),
            "an entry read": _repeated(partial(codec.decode_entry, entry), times),
        }
        for what, side in made.items():
            sides.setdefault(what, {})[name] = side
    flat = {f"{what}|{name}": side for what, each in sides.items() for name, side in each.items()}
    flat["chain|"] = _repeated(durable.chained, times)
    found = in_turns(flat, plan.rounds)
    done = [
        compared(
            f"codec: {what}",
            "us",
            {name: found[f"{what}|{name}"] for name in each},
            "json",
            clock="cpu",
        )
        for what, each in sides.items()
    ]
    done.append(
        compared(
            "codec: the chain of an entry", "us", {"chain": found["chain|"]}, "chain", clock="cpu"
        )
    )
    for figure in done:
        figure.missing = missing
    return done


def _written(codec: Codec, row: Row, times: int) -> Side:
    """Incidents of which no part was written before: each is read anew first, uncounted."""

    def side() -> Sample:
        values = [codec.from_row(row) for _ in range(times)]

        def body() -> None:
            for value in values:
                codec.to_put("incident", value, value.version, "0" * 32, 1, 10**15)

        return clocked(body, times)

    return side


def _repeated(body: Callable[[], object], times: int) -> Side:
    return lambda: repeated(body, times)
