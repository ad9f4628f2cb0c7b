"""Where the golden files stand; `python -m tests.codec.golden_files` writes those that are missing.

It never changes one that is there: a released file is a promise.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from incidentkit.codec import journal
from incidentkit.codec.kinds import KINDS
from incidentkit.model.journal import Recorded
from tests.codec import examples

FOLDER = Path(__file__).parent / "golden"
FIRST_EVENTS = 61
"""The events of the first files, in their order; of later ones the length of the name decides."""


class Golden(NamedTuple):
    """One file, the value it means, and whether the value is still written like that."""

    path: Path
    name: str
    value: Any
    newest: bool


def kinds() -> list[Golden]:
    """The files of the stored kinds at schema 1."""
    found: list[Golden] = []
    for name, values in examples.KINDS.items():
        for number, value in enumerate(values, 1):
            path = FOLDER / "kinds" / f"{name}-{number}.json"
            found.append(Golden(path, name, value, number == len(values)))
    return found


def events() -> list[Golden]:
    """The files of the events, each an entry's body; about a third have all that one can have."""
    found: list[Golden] = []
    for index, (name, values) in enumerate(examples.EVENTS.items()):
        for number, event in enumerate(values, 1):
            path = FOLDER / "events" / f"{name}-{number}.json"
            full = (index if index < FIRST_EVENTS else len(name)) % 3 == 0
            more = (examples.REASON, "cy", "incident/01I#3") if full else ()
            recorded = Recorded(examples.AT, "ana", event, *more)
            found.append(Golden(path, name, recorded, number == len(values)))
    return found


def text(golden: Golden) -> str:
    """How the standard backend writes it now."""
    if isinstance(golden.value, Recorded):
        return journal.encode(golden.value)[1]
    return KINDS[golden.name].encode(golden.value)


def main() -> None:
    """Write the files that are missing."""
    for golden in (*kinds(), *events()):
        if not golden.path.exists():
            golden.path.parent.mkdir(parents=True, exist_ok=True)
            golden.path.write_text(text(golden) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
