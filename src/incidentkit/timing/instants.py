"""Instants enter here: aware, in UTC, with microseconds; anything else is refused.

A time without a zone is a guess, and two guesses in one incident make a wrong deadline. Times with
`fold=1` compare unequal to themselves after a store's round trip, so they are turned into UTC at
the edge, where the fold is resolved.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import cast

from incidentkit.errors import InvalidValue

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_ISO = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,18}))?)?"
    r"\s?([Zz]|[+-]\d{2}:?\d{2})",
    re.ASCII,
)


def as_utc(value: datetime, field: str = "time") -> datetime:
    """The same instant in UTC.

    Raises InvalidValue for a naive time, which names no instant, and for what is no time.
    """
    try:
        if value.tzinfo is UTC:
            return value
    except AttributeError:
        kind = type(value).__name__
        raise InvalidValue(field, f"must be an aware datetime, not {kind}") from None
    if not isinstance(cast("object", value), datetime):  # a time of day has a zone too
        raise InvalidValue(field, f"must be an aware datetime, not {type(value).__name__}")
    if value.utcoffset() is None:
        raise InvalidValue(field, f"{value!r} has no time zone; give an aware datetime")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise InvalidValue(field, f"{value!r} lies outside the calendar in UTC") from None


def parse_instant(text: str, field: str = "time") -> datetime:
    """Read an ISO 8601 instant with an offset; digits beyond microseconds are cut.

    >>> parse_instant("2019-09-27T16:27:56.612666101Z").isoformat()
    '2019-09-27T16:27:56.612666+00:00'

    Raises InvalidValue when the text is no instant or names no offset.
    """
    found = _ISO.fullmatch(text.strip()) if len(text) <= 64 else None
    if found is None:
        raise InvalidValue(field, f"{text[:64]!r} is not an ISO 8601 instant with an offset")
    day, minute, second, fraction, offset = found.groups()
    zone = "+00:00" if offset in ("Z", "z") else offset
    exact = f"{day}T{minute}:{second or '00'}.{(fraction or '')[:6]:0<6}{zone}"
    try:
        return as_utc(datetime.fromisoformat(exact), field)
    except ValueError as error:
        raise InvalidValue(field, f"{text!r}: {error}") from None


def to_micros(value: datetime) -> int:
    """Microseconds since 1970 in UTC: what stores keep, exact and ordered."""
    return (value - EPOCH) // _MICROSECOND


def from_micros(value: int) -> datetime:
    """The instant of so many microseconds since 1970.

    Raises InvalidValue outside the years 1 to 9999.
    """
    try:
        return EPOCH + timedelta(microseconds=value)
    except OverflowError:
        raise InvalidValue("time", f"{value} microseconds lie outside the calendar") from None


def earlier(at: datetime, by: timedelta) -> datetime:
    """The instant so long before, or the beginning of the calendar.

    >>> earlier(datetime(1, 1, 2, tzinfo=UTC), timedelta(days=30)).isoformat()
    '0001-01-01T00:00:00+00:00'
    """
    return at - min(by, at - _BEGINNING)


def show_instant(value: datetime) -> str:
    """The instant for people: seconds and the offset are always shown.

    >>> show_instant(datetime(2026, 3, 1, 2, 30, tzinfo=UTC))
    '2026-03-01 02:30:00+00:00'
    """
    return value.isoformat(" ", "seconds")
