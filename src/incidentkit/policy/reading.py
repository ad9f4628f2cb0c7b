"""A nested document as plain data, and the words in which its problems are told.

Whoever writes a policy wants to hear of all mistakes at once, and of the name that was meant.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeAlias, cast

from incidentkit.errors import InvalidValue, PolicyError
from incidentkit.model.checks import check_text

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
        where = place(path, key)
        try:
            made[check_text(key, "name", 256)] = _plain(value, where, problems, depth)
        except InvalidValue as error:
            problems.append((where, error.problem))
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
_MOST_CHOICES = 1_000
MOST_PROBLEMS = 200
"""So many are told, and the nearest name of each; nobody mends more at once."""


def refusal(problems: Problems, document: str = "policy") -> PolicyError:
    """The error that tells these problems."""
    told = problems[:MOST_PROBLEMS]
    if len(problems) > MOST_PROBLEMS:
        told.append((_TOP, f"there are {len(problems) - MOST_PROBLEMS} problems more"))
    return PolicyError(tuple(told), document)


def place(path: str, key: str) -> str:
    """Where a key stands: the table's path and the key."""
    return f"{path}.{key[:80]}".strip(".") or _TOP


def nearest(name: str, choices: Collection[str]) -> str:
    """The end of a sentence: what was probably meant, and what there is."""
    from difflib import get_close_matches  # only mistakes need it

    if len(choices) > _MOST_CHOICES:
        return ""
    there = sorted(filter(None, choices))  # empty stands for leaving the key out
    close = get_close_matches(name[:80], there, 1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there is {', '.join(there) or 'nothing'}" if len(choices) <= 20 else ""
