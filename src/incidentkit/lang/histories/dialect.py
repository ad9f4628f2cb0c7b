"""How a file writes instants and truth: the part of a history that differs between exports.

The same log is written by one tool as `29/2/2016 01:16` and `true` and by another as
`29-02-2016 01:16` and `TRUE`; both must come to the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, TypeAlias

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.timing.instants import as_utc

ReadInstant: TypeAlias = Callable[[str], datetime]

_PARTS: Final = {
    "Y": r"(?P<Y>\d{4})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "H": r"(?P<H>\d{1,2})",
    "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})",
    "%": "%",
}
_DIRECTIVE: Final = re.compile(r"%(.)", re.DOTALL)
_LONGEST: Final = 64
_REMEMBERED: Final = 20_000
_TRUE: Final = frozenset(("true", "yes", "1", "t", "y"))
_FALSE: Final = frozenset(("false", "no", "0", "f", "n"))


def pattern(layout: str) -> re.Pattern[str]:
    r"""A layout of `%Y %m %d %H %M %S` as a pattern; leading zeros may be missing.

    >>> bool(pattern("%d/%m/%Y %H:%M").fullmatch("29/2/2016 01:16"))
    True

    Raises InvalidValue for another directive, one that stands twice, or no whole date.
    """
    seen: list[str] = []

    def part(found: re.Match[str]) -> str:
        letter = found[1]
        if letter not in _PARTS:
            there = " ".join(f"%{each}" for each in _PARTS)
            raise InvalidValue("formats", f"%{letter} is not known here; there is {there}")
        if letter in seen and letter != "%":
            raise InvalidValue("formats", f"%{letter} stands twice in {layout!r}")
        seen.append(letter)
        return _PARTS[letter]

    if len(layout) > _LONGEST:
        raise InvalidValue("formats", f"a format has at most {_LONGEST} characters")
    # Everything between the directives stands for itself.
    text, at = "", 0
    for found in _DIRECTIVE.finditer(layout):
        text += re.escape(layout[at : found.start()]) + part(found)
        at = found.end()
    text += re.escape(layout[at:])
    if not {"Y", "m", "d"} <= set(seen):
        raise InvalidValue("formats", f"{layout!r} names no whole date: %Y, %m and %d are needed")
    return re.compile(text, re.ASCII)


@attrs.frozen
class Dialect:
    """The formats of instants, tried in their order, and the zone that they are in."""

    formats: tuple[str, ...]
    zone: tzinfo = UTC

    def reader(self) -> ReadInstant:
        """A function that reads an instant of this dialect.

        It raises InvalidValue for a text in none of the formats, and for a date there is not.
        """
        layouts = [(pattern(each), _order(each)) for each in self.formats]
        zone = self.zone

        def read(text: str) -> datetime:
            for layout, places in layouts:
                found = layout.fullmatch(text)
                if found is not None:
                    groups = found.groups()
                    parts = [int(groups[x]) if x >= 0 else 0 for x in places]
                    try:
                        made = datetime(*parts, tzinfo=zone)  # type: ignore[arg-type,misc]
                    except ValueError as error:
                        raise InvalidValue("instant", f"{text!r}: {error}") from None
                    return made if zone is UTC else as_utc(made)
            formats = " or ".join(repr(each) for each in self.formats)
            raise InvalidValue("instant", f"{text[:_LONGEST]!r} is not written as {formats}")

        return _by_day(read) if zone is UTC else read


def _by_day(read: ReadInstant) -> ReadInstant:
    """The same, faster: a log has few days and fewer minutes of a day, so both are remembered.

    Only where one blank parts the date from the time, and the zone has no changes of the clock.
    """
    days: dict[str, datetime] = {}
    times: dict[str, timedelta] = {}

    def remembered(text: str) -> datetime:
        day, _, time = text.partition(" ")
        start, past = days.get(day), times.get(time)
        if start is not None and past is not None:
            return start + past
        found = read(text)
        if time and len(days) + len(times) < _REMEMBERED:
            midnight = found.replace(hour=0, minute=0, second=0)
            days[day], times[time] = midnight, found - midnight
        return found

    return remembered


def _order(layout: str) -> list[int]:
    """Where year, month, day, hour, minute and second stand among the groups; -1: not there."""
    letters = [x for x in _DIRECTIVE.findall(layout) if x != "%"]
    return [letters.index(x) if x in letters else -1 for x in "YmdHMS"]


def read_flag(text: str) -> bool:
    """Truth in any of the usual words.

    >>> read_flag("TRUE"), read_flag("no")
    (True, False)

    Raises InvalidValue for another word.
    """
    word = text[:9].strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise InvalidValue("flag", f"{text[:_LONGEST]!r} is neither true nor false")


def read_count(text: str) -> int:
    """A whole number, zero or more, as counters are.

    Raises InvalidValue for anything else.
    """
    if text.isascii() and text.isdigit() and len(text) <= 15:
        return int(text)
    raise InvalidValue("count", f"{text[:_LONGEST]!r} is no count")
