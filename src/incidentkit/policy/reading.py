"""Reading a nested document while collecting every problem with its path, not just the first.

Whoever writes a policy wants to hear of all mistakes at once, and of the name that was meant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from incidentkit.errors import IncidentKitError

T = TypeVar("T")


class Table:
    """One table of the document, read field by field; what was never read is a mistake."""

    def __init__(self, data: object, path: str, problems: list[tuple[str, str]]) -> None:
        self.path = path
        self.problems = problems
        self._read: set[str] = set()
        self._data: Mapping[str, Any] = {}
        if isinstance(data, Mapping):
            self._data = data
        else:
            self.wrong("", f"must be a table, not {type(data).__name__}")

    def __iter__(self) -> Any:
        """The names in this table."""
        return iter(self._data)

    def wrong(self, key: str, problem: str) -> None:
        """Write a problem down."""
        place = f"{self.path}.{key}".strip(".")
        self.problems.append((place or "(document)", problem))

    def table(self, key: str) -> Table:
        """A table inside this one; an absent one is empty."""
        self._read.add(key)
        return Table(self._data.get(key, {}), f"{self.path}.{key}".strip("."), self.problems)

    def tables(self, key: str) -> list[Table]:
        """A list of tables."""
        self._read.add(key)
        rows = self._data.get(key, [])
        if not isinstance(rows, list | tuple):
            self.wrong(key, "must be a list of tables")
            return []
        path = f"{self.path}.{key}".strip(".")
        return [Table(row, f"{path}[{at}]", self.problems) for at, row in enumerate(rows)]

    def value(self, key: str, kind: type[T], default: T) -> T:
        """A plain value of a type, or the default where it is absent or wrong."""
        self._read.add(key)
        if key not in self._data:
            return default
        value = self._data[key]
        if type(value) is not kind:
            self.wrong(key, f"must be {kind.__name__}, not {type(value).__name__}")
            return default
        return value

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts."""
        self._read.add(key)
        if key not in self._data:
            return default
        value = self._data[key]
        if not isinstance(value, list | tuple) or not all(isinstance(x, str) for x in value):
            self.wrong(key, "must be a list of texts")
            return default
        return tuple(value)

    def choice(self, key: str, choices: Collection[str], default: str) -> str:
        """One of a closed set."""
        value = self.value(key, str, default)
        return value if self.known(key, value, choices) else default

    def known(self, key: str, value: str, choices: Collection[str]) -> bool:
        """Whether the value is one of the choices; if not, the nearest is suggested."""
        if value in choices:
            return True
        self.wrong(key, f"{value!r} is not known{nearest(value, choices)}")
        return False

    def made(self, key: str, make: Callable[[], T], default: T) -> T:
        """What `make` gives, or the default while its refusal is written down under the key."""
        try:
            return make()
        except IncidentKitError as error:
            self.wrong(key, str(error))
            return default

    def done(self) -> None:
        """Every name that nobody read is unknown here."""
        for key in self._data:
            if key not in self._read:
                self.wrong(str(key), f"is not known{nearest(str(key), self._read)}")


def nearest(name: str, choices: Collection[str]) -> str:
    """The end of a sentence: what was probably meant, and what there is."""
    close = get_close_matches(name, sorted(choices), 1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there is {', '.join(sorted(choices)) or 'nothing'}" if len(choices) <= 20 else ""
