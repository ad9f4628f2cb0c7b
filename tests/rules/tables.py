"""Life-cycle tables as they are written out in tests: a row a command, a letter a result."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

S = TypeVar("S", bound=StrEnum)


def cells(table: str, letters: dict[str, S]) -> list[tuple[str, S, str]]:
    """Every cell as (name of the command, state, what is expected)."""
    head, *rows = table.strip().splitlines()
    states = [letters[letter] for letter in head.split()]
    found: list[tuple[str, S, str]] = []
    for row in rows:
        parts = row.split()
        name, results = " ".join(parts[: -len(states)]), parts[-len(states) :]
        found += [(name, state, cell) for state, cell in zip(states, results, strict=True)]
    return found
