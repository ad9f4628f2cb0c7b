"""How long a duty may take, as people write it: `15m`, `4h`, `3d`, `1mo`.

Elapsed terms are exact; a term of months follows the calendar. Working time comes with calendars
in a room of its own and does not change what a term is.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.timing.recurrence import months_later

_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_PART = re.compile(r"(\d{1,6})(mo|[smhdw])", re.ASCII)
_LONGEST = timedelta(days=10_000_000)
_MOST_MONTHS = 120_000


@attrs.frozen
class Term:
    """A span owed: whole calendar months, then elapsed time."""

    elapsed: timedelta
    months: int = 0

    @classmethod
    def parse(cls, text: str, field: str = "term") -> Term:
        """Read a term such as `90m`, `1h30m`, `2d` or `1mo`.

        Raises InvalidValue when the text is no term, or the term is empty or longer than
        the calendar.
        """
        at, elapsed, months = 0, timedelta(), 0
        while elapsed <= _LONGEST and (found := _PART.match(text, at)):
            number, unit = int(found[1]), found[2]
            if unit == "mo":
                months += number
            else:
                elapsed += number * _UNITS[unit]
            at = found.end()
        if elapsed > _LONGEST or months > _MOST_MONTHS:
            raise InvalidValue(field, f"{text[:64]!r} is longer than the calendar")
        if at != len(text) or not (elapsed or months):
            shown = repr(text[:64])
            raise InvalidValue(field, f"{shown} is no term; write e.g. '15m', '4h', '3d', '1mo'")
        return cls(elapsed, months)

    def after(self, start: datetime) -> datetime:
        """The instant at which the term, begun at `start`, is over.

        Raises InvalidValue where that lies beyond the calendar.
        """
        try:
            return (months_later(start, self.months) if self.months else start) + self.elapsed
        except (OverflowError, ValueError):
            raise InvalidValue("term", f"{self} after {start} is beyond the calendar") from None

    def __str__(self) -> str:
        """The term in its written form.

        >>> str(Term.parse("90m"))
        '1h30m'
        """
        seconds = self.elapsed.days * 86_400 + self.elapsed.seconds
        parts = [f"{self.months}mo"] if self.months else []
        for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
            number, seconds = divmod(seconds, size)
            if number:
                parts.append(f"{number}{unit}")
        return "".join(parts)


def parse_span(text: str, field: str = "span") -> timedelta:
    """Read an elapsed span such as `5m`; months have no fixed length and are refused."""
    term = Term.parse(text, field)
    if term.months:
        raise InvalidValue(field, f"{text!r} has months, which have no fixed length here")
    return term.elapsed
