"""`[facts.NAME]`: facts that the host declares, so that rules may ask for them."""

from __future__ import annotations

from functools import partial

from incidentkit.lang.conditions import FactType
from incidentkit.model.frozen import FrozenMap
from incidentkit.policy.facts import HOST_FACT, FactDeclaration
from incidentkit.policy.table import UNNAMED, Table

ABOUT = {
    "": "Facts of your own; conditions and templates know them as incident.fact.NAME.",
    "*": "One fact.",
    "*.type": "What kind of value it has.",
    "*.description": "What it means, for people.",
}
TYPES = tuple(each.value for each in FactType)


def read(tables: Table) -> FrozenMap[str, FactDeclaration]:
    """The declared facts by name."""
    found: dict[str, FactDeclaration] = {}
    for name, table in tables.named():
        kind = FactType(table.choice("type", TYPES, "text"))
        found[name] = FactDeclaration(name, kind, table.text("description"))
        if name != UNNAMED:
            _ = tables.made(name, partial(_check_writable, name), "")
        table.done()
    return FrozenMap(found)


def _check_writable(name: str) -> str:
    """A fact that no condition can name would be unknown for ever."""
    from incidentkit.errors import InvalidValue
    from incidentkit.lang.names import NAME

    if not NAME.fullmatch(HOST_FACT + name):
        raise InvalidValue("name", f"{name[:80]!r} cannot stand in a rule; write e.g. 'data_lost'")
    return name
