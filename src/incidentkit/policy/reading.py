"""Reading a nested document while collecting every problem with its path, not just the first.

Whoever writes a policy wants to hear of all mistakes at once, and of the name that was meant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeAlias, TypeVar, cast

from incidentkit.errors import IncidentKitError, InvalidValue
from incidentkit.model.checks import check_text

T = TypeVar("T")
Problems: TypeAlias = list[tuple[str, str]]

DEEPEST = 12
_LARGEST = 2**63


def plain(
    table: Mapping[Any, Any], path: str, problems: Problems, depth: int = 0
) -> dict[str, Any]:
    """The table as plain data: text, numbers, truth, lists, tables. What is neither is left out.

    Only such data has one canonical form, and with it a content hash.
    """
    made: dict[str, Any] = {}
    for key, value in table.items():
        if not isinstance(key, str):
            problems.append((path or _TOP, f"a name must be text, not {type(key).__name__}"))
            continue
        place = _place(path, key)
        try:
            made[check_text(key, "name", 256)] = _plain(value, place, problems, depth)
        except InvalidValue as error:
            problems.append((place, error.problem))
    return made


def _plain(value: object, path: str, problems: Problems, depth: int) -> object:
    if depth >= DEEPEST:
        raise InvalidValue(path, "is nested too deeply")
    if isinstance(value, str):
        return str.__str__(check_text(value, path))
    if isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        if not -_LARGEST < value < _LARGEST:
            raise InvalidValue(path, "is too large a number")
        return int(value)
    if isinstance(value, Mapping):
        return plain(cast("Mapping[Any, Any]", value), path, problems, depth + 1)
    if isinstance(value, list | tuple):
        rows = cast("list[object]", value)
        return [_plain(row, f"{path}[{at}]", problems, depth + 1) for at, row in enumerate(rows)]
    kind = "null" if value is None else type(value).__name__
    raise InvalidValue(path, f"must be text, a number, true, false, a list or a table, not {kind}")


_TOP = "(document)"


def _place(path: str, key: str) -> str:
    return f"{path}.{key[:80]}".strip(".") or _TOP


class Table:
    """One table of the document, read field by field; what was never read is a mistake."""

    def __init__(self, data: object, path: str, problems: Problems) -> None:
        self.path = path
        self.problems = problems
        self._read: set[str] = set()
        self._data: Mapping[str, Any] = {}
        if isinstance(data, Mapping):
            self._data = cast("Mapping[str, Any]", data)
        else:
            self.wrong("", f"must be a table, not {type(data).__name__}")

    def __iter__(self) -> Iterator[str]:
        """The names in this table."""
        return iter(self._data)

    def wrong(self, key: str, problem: str) -> None:
        """Write a problem down."""
        self.problems.append((_place(self.path, key), problem))

    def table(self, key: str) -> Table:
        """A table inside this one; an absent one is empty."""
        self._read.add(key)
        return Table(self._data.get(key, {}), _place(self.path, key), self.problems)

    def tables(self, key: str) -> list[Table]:
        """A list of tables."""
        self._read.add(key)
        rows: object = self._data.get(key, [])
        if not isinstance(rows, list):
            self.wrong(key, "must be a list of tables")
            return []
        path = _place(self.path, key)
        listed = enumerate(cast("list[object]", rows))
        return [Table(row, f"{path}[{at}]", self.problems) for at, row in listed]

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
        rows: object = self._data.get(key, default)
        if not isinstance(rows, list | tuple):
            self.wrong(key, "must be a list of texts")
            return default
        every = cast("list[object]", rows)
        found = tuple(row for row in every if isinstance(row, str))
        if len(found) != len(every):
            self.wrong(key, "must be a list of texts")
        return found

    def choice(self, key: str, choices: Collection[str], default: str) -> str:
        """One of a closed set."""
        value = self.value(key, str, default)
        return value if self.known(key, value, choices) else default

    def known(self, key: str, value: str, choices: Collection[str]) -> bool:
        """Whether the value is one of the choices; if not, the nearest is suggested."""
        if value in choices:
            return True
        self.wrong(key, f"{value[:80]!r} is not known{nearest(value, choices)}")
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
                self.wrong(key, f"is not known{nearest(key, self._read)}")


def nearest(name: str, choices: Collection[str]) -> str:
    """The end of a sentence: what was probably meant, and what there is."""
    from difflib import get_close_matches  # only mistakes need it

    close = get_close_matches(name[:80], sorted(choices), 1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there is {', '.join(sorted(choices)) or 'nothing'}" if len(choices) <= 20 else ""
