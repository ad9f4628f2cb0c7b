"""`[regions.NAME]`: regions beside the life-cycle that a host declares."""

from __future__ import annotations

from incidentkit.model.frozen import FrozenMap
from incidentkit.policy.table import Table
from incidentkit.rules.overlay_terms import RegionTerm

ABOUT = {
    "": "Regions of the host's own, each with states and the moves between them.",
    "*": "One region.",
    "*.states": "Its states; it begins in the first.",
    "*.moves": "The moves that are allowed; every other is refused.",
    "*.moves.*.from": "The state it leaves.",
    "*.moves.*.to": "The state it reaches.",
    "*.moves.*.name": "What the move is called; left out: move to the state.",
}


def read(tables: Table) -> FrozenMap[str, RegionTerm]:
    """The regions by name."""
    found: dict[str, RegionTerm] = {}
    for name, table in tables.named():
        states = table.names("states")
        if not states or len(set(states)) != len(states):
            table.wrong("states", "must name each state once, and at least one")
        moves = tuple(_move(each, states) for each in table.tables("moves"))
        if len({(source, to) for source, to, _ in moves}) != len(moves):
            table.wrong("moves", "lists a way twice")
        found[name] = RegionTerm(name, states or ("none",), moves)
        table.done()
    return FrozenMap(found)


def _move(table: Table, states: tuple[str, ...]) -> tuple[str, str, str]:
    source, to = table.text("from"), table.text("to")
    _ = table.known("from", source, states)
    _ = table.known("to", to, states)
    name = table.text("name") or f"move to {to}"
    table.done()
    return source, to, name
