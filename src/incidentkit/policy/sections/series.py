"""`[series]`: the letters that references begin with."""

from __future__ import annotations

from incidentkit.model.frozen import FrozenMap
from incidentkit.policy.table import Table

ABOUT = {
    "": "Prefixes of references, in capital letters.",
    "incident": "Of incidents.",
    "problem": "Of problems.",
    "maintenance": "Of planned work.",
    "silence": "Of silences.",
    "review": "Of reviews.",
    "report": "Of people's reports.",
}
_KINDS = ("incident", "problem", "maintenance", "silence", "review")


def read(table: Table) -> FrozenMap[str, str]:
    """The prefix of each kind of record."""
    series = {key: table.text(key) for key in tuple(key for key in ABOUT if key)}
    for key, value in series.items():
        if not value or not value.isalnum() or not value.isascii() or not value.isupper():
            table.wrong(key, f"{value!r} is no series; write capital letters, e.g. 'INC'")
    table.done()
    return FrozenMap(series)
