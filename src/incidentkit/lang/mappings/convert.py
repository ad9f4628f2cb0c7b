"""Foreign values made into the types of our fields, or refused with the reason.

What is refused is not lost: the source keeps it, and a default takes its place.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Final, cast

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.lang.quoting import clean
from incidentkit.lang.values import text_of
from incidentkit.timing.instants import as_utc, from_micros, parse_instant

_MAX_INT: Final = 2**63 - 1
_MAX_DEPTH: Final = 8
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?")
_TRUTHS: Final = {
    **dict.fromkeys(("true", "yes", "1"), True),
    **dict.fromkeys(("false", "no", "0"), False),
}


class As(StrEnum):
    """What a value is read as. A target has one of these types, but never an epoch."""

    TEXT = "text"
    INT = "int"
    DECIMAL = "decimal"
    BOOL = "bool"
    INSTANT = "instant"
    EPOCH = "epoch"
    """An instant written as seconds since 1970."""
    EPOCH_MS = "epoch_ms"
    """An instant written as milliseconds since 1970."""
    LABELS = "labels"
    """A table of text: nested tables become dotted names, lists their JSON text."""
    JSON = "json"
    """Any value, kept as its JSON text."""

    def suits(self, target: As) -> bool:
        """Whether a value read so can go into a target of that type."""
        epoch = target is As.INSTANT and self in (As.EPOCH, As.EPOCH_MS)
        return self is target or epoch or (self is As.JSON and target is As.TEXT)


@attrs.frozen
class Form:
    """How instants are written: a `strptime` format, and the zone of those that name none."""

    format: str | None = None
    zone: tzinfo | None = None

    def read(self, text: str) -> datetime:
        """The instant. Raises InvalidValue when the text is none."""
        if self.format is None:
            return self._iso(text)
        try:
            # as_utc refuses what is still naive below.
            found = datetime.strptime(text.strip()[:100], self.format)  # noqa: DTZ007
        except ValueError as error:
            raise _refused(str(error)) from None
        if found.tzinfo is None and self.zone is not None:
            found = found.replace(tzinfo=self.zone)
        return as_utc(found)

    def _iso(self, text: str) -> datetime:
        try:
            return parse_instant(text)
        except InvalidValue:
            if self.zone is None:
                raise
            naive = parse_instant(text.strip()[:64] + "Z")
            return as_utc(naive.replace(tzinfo=self.zone))


def convert(value: object, how: As, form: Form) -> object:
    """The value as the type says.

    >>> convert("YES", As.BOOL, Form()), convert(1569601676.5, As.EPOCH, Form()).isoformat()
    (True, '2019-09-27T16:27:56.500000+00:00')

    Raises InvalidValue with the reason.
    """
    if how is As.INSTANT:
        return _instant(value, form)
    return _CONVERT[how](value)


def _refused(problem: str) -> InvalidValue:
    return InvalidValue("value", problem)


def _shown(value: object) -> str:
    text = text_of(value)
    return type(value).__name__ if text is None else repr(text[:60])


def _text(value: object) -> str:
    text = text_of(value)
    if text is None:
        raise _refused(f"{_shown(value)} is no text")
    return clean(text)


def _bool(value: object) -> bool:
    text = None if isinstance(value, float) else text_of(value)
    truth = _TRUTHS.get(text[:9].strip().lower()) if text is not None else None
    if truth is None:
        raise _refused(f"{_shown(value)} is neither true nor false")
    return truth


def _decimal(value: object) -> Decimal:
    number: Decimal | None = None
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        number = Decimal(value.strip())
    elif isinstance(value, float) and math.isfinite(value):
        number = Decimal(float.__repr__(value))
    elif isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= 64:
        number = Decimal(value)
    elif isinstance(value, Decimal) and value.is_finite():
        number = value
    if number is None or abs(number.adjusted()) > 40:
        raise _refused(f"{_shown(value)} is no number")
    return number


def _int(value: object) -> int:
    number = _decimal(value)
    if number != int(number) or abs(number) > _MAX_INT:
        raise _refused(f"{_shown(value)} is no integer of 64 bits")
    return int(number)


def _instant(value: object, form: Form) -> datetime:
    if isinstance(value, datetime):
        return as_utc(value)
    if isinstance(value, str):
        return form.read(value)
    raise _refused(f"{_shown(value)} is no instant")


def _epoch(value: object) -> datetime:
    return from_micros(int(_decimal(value).scaleb(6)))


def _epoch_ms(value: object) -> datetime:
    return from_micros(int(_decimal(value).scaleb(3)))


def _json(value: object) -> str:
    import json  # few mappings need it

    try:
        return clean(json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False))
    except (ValueError, TypeError, RecursionError) as error:
        raise _refused(f"{type(value).__name__} has no JSON text: {error}") from None


def _labels(value: object) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise _refused(f"{_shown(value)} is no table of labels")
    labels: dict[str, str] = {}
    _flatten(cast("Mapping[object, object]", value), (), labels)
    return labels


def _flatten(level: Mapping[object, object], above: tuple[str, ...], into: dict[str, str]) -> None:
    for key, value in level.items():
        if not isinstance(key, str):
            raise _refused(f"a label is named by {type(key).__name__}, not by text")
        path = (*above, key)
        if isinstance(value, Mapping) and len(path) < _MAX_DEPTH:
            _flatten(cast("Mapping[object, object]", value), path, into)
        elif value is not None:
            name = clean(".".join(path))
            if name in into:
                raise _refused(f"two labels are called {name!r}")
            nested = isinstance(value, Mapping | list | tuple)
            into[name] = _json(level[key]) if nested else _text(level[key])


_CONVERT: Final[dict[As, Callable[[object], object]]] = {
    As.TEXT: _text,
    As.INT: _int,
    As.DECIMAL: _decimal,
    As.BOOL: _bool,
    As.EPOCH: _epoch,
    As.EPOCH_MS: _epoch_ms,
    As.LABELS: _labels,
    As.JSON: _json,
}
