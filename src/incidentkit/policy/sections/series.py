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
SERIES = {
    "incident": "INC",
    "problem": "PRB",
    "maintenance": "MNT",
    "silence": "SIL",
    "review": "REV",
    "report": "REP",
}
"""What a document that says nothing has; an older one knows nothing of a kind that came later."""


def read(table: Table) -> FrozenMap[str, str]:
    """The prefix of each kind of record."""
    series = {key: table.text(key, plain) for key, plain in SERIES.items()}
    for key, value in series.items():
        if not value or not value.isalnum() or not value.isascii() or not value.isupper():
            table.wrong(key, f"{value!r} is no series; write capital letters, e.g. 'INC'")
    table.done()
    return FrozenMap(series)
