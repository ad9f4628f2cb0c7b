"""The text forms of single values: instants, spans and plain data.

They are the forms that msgspec writes too, byte for byte, so that the extra `fast` can be put in
and taken out while a store is in use. A reader here accepts exactly what its writer makes, or says
what it found; everything is strict, because what is let in here is in the house.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from json.encoder import encode_basestring
from typing import Any, cast

from incidentkit.errors import InvalidValue
from incidentkit.model.frozen import FrozenMap
from incidentkit.timing.instants import EPOCH, as_utc, parse_instant

quote: Callable[[str], str] = encode_basestring
"""A text as JSON, in C; nothing is escaped that need not be."""

_SPAN = re.compile(r"(-?)P(?=\d|T\d)(?:(\d{1,9})D)?(?:T(\d{1,14})(?:\.(\d{1,6}))?S)?", re.ASCII)


class _Days(dict[int, str]):
    """The text of a day by its number since 1970; emptied when it has grown."""

    def __missing__(self, day: int) -> str:
        if len(self) > 4_096:
            self.clear()
        text = '"' + (EPOCH + timedelta(day)).isoformat()[:11]
        self[day] = text
        return text


_DAYS = _Days()
_TWO = tuple(f"{each:02}" for each in range(60))
_THREE = tuple(f"{each:03}" for each in range(1_000))


def write_instant(value: datetime) -> str:
    """An instant as RFC 3339 text with `Z`, in quotes.

    Raises TypeError for a naive time.
    """
    # A third of the time of isoformat(), which asks the zone for its offset and formats that too.
    since = value - EPOCH
    minutes, seconds = divmod(since.seconds, 60)
    text = f"{_DAYS[since.days]}{_TWO[minutes // 60]}:{_TWO[minutes % 60]}:{_TWO[seconds]}"
    micros = since.microseconds
    if micros:
        return f'{text}.{_THREE[micros // 1_000]}{_THREE[micros % 1_000]}Z"'
    return text + 'Z"'


def read_instant(text: object) -> datetime:
    """The instant back; one with another offset is turned into UTC.

    Raises InvalidValue for what is no instant, or has no offset.
    """
    if not isinstance(text, str):
        raise InvalidValue("", f"expected an instant, got {name_of(text)}")
    try:
        return as_utc(datetime.fromisoformat(text))
    except ValueError:
        return parse_instant(text, "")


def write_span(value: timedelta) -> str:
    """A span as an ISO 8601 duration of days and seconds, in quotes."""
    sign = ""
    if value.days < 0:
        sign, value = "-", -value
    days = f"{value.days}D" if value.days else ""
    if not (value.seconds or value.microseconds):
        return f'"{sign}P{days or "0D"}"'
    fraction = f".{value.microseconds:06}".rstrip("0") if value.microseconds else ""
    return f'"{sign}P{days}T{value.seconds}{fraction}S"'


def read_span(text: object) -> timedelta:
    """The span back."""
    if not isinstance(text, str):
        raise InvalidValue("", f"expected a span, got {name_of(text)}")
    found = _SPAN.fullmatch(text)
    if found is None:
        raise InvalidValue("", f"{text[:64]!r} is not a span of days and seconds")
    sign, days, seconds, fraction = found.groups()
    try:
        span = timedelta(int(days or 0), int(seconds or 0), int((fraction or "").ljust(6, "0")))
        return -span if sign else span
    except OverflowError:
        raise InvalidValue("", f"{text[:64]!r} is too long a span") from None


def write_plain(value: Any) -> str:
    """Plain data as JSON.

    Raises TypeError for what is no plain data: a float written today could not be read tomorrow.
    """
    kind = cast("type[Any]", type(value))
    if kind is str:
        return quote(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value)
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, tuple):
        return "[" + ",".join(map(write_plain, cast("tuple[Any, ...]", value))) + "]"
    if isinstance(value, FrozenMap):
        return write_plain_map(cast("FrozenMap[str, Any]", value))
    if isinstance(value, int):
        return int.__repr__(value)
    raise TypeError(f"{kind.__name__} is not plain data")


def write_plain_map(value: FrozenMap[str, Any]) -> str:
    """A map of plain data as JSON; text, the most frequent value, takes no further call."""
    parts = [
        f"{quote(key)}:{quote(each) if type(each) is str else write_plain(each)}"
        for key, each in value.items()
    ]
    return "{" + ",".join(parts) + "}"


def read_plain(value: Any) -> Any:
    """Plain data in frozen form; floats are refused."""
    kind = cast("type[Any]", type(value))
    if kind is str or value is None or kind is int or kind is bool:
        return value
    if kind is list:
        return tuple(map(read_plain, value))
    if kind is dict:
        return FrozenMap({key: read_plain(each) for key, each in value.items()})
    raise InvalidValue("", f"expected plain data, got {name_of(value)}")


_NAMES: dict[type[Any], str] = {
    str: "text",
    int: "a whole number",
    float: "a fraction",
    bool: "true or false",
    type(None): "null",
    list: "a list",
    dict: "an object",
}


def name_of(value: object) -> str:
    """What a JSON value is, in words."""
    return _NAMES.get(type(value), type(value).__name__)
