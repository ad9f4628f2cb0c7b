"""Values on their way to the server, as cheaply as can be.

The driver reads every long statement anew for its placeholders, and looks at each element of an
array by itself; both together took longer than the server did. So a statement is read here once,
and arrays are written as bytes by the type that stands behind their placeholder.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from struct import Struct
from typing import Any

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import ExecStatus, Format
from psycopg.types.bool import BoolBinaryDumper
from psycopg.types.numeric import Int8BinaryDumper
from psycopg.types.string import StrBinaryDumper

STATEMENTS = 2_048
_PLACE = re.compile(r"%b(?:::(text|bigint|boolean)\[\])?")
_HEAD, _SIZE, _INT8 = Struct("!iiIii").pack, Struct("!i").pack, Struct("!iq").pack
_NULL = _SIZE(-1)
_TEXT, _BIGINT, _BOOL = 25, 20, 16


class TextArray(bytes):
    """A `text[]` as it is sent."""


class IntArray(bytes):
    """A `bigint[]` as it is sent."""


class BoolArray(bytes):
    """A `boolean[]` as it is sent."""


def _array(parts: list[bytes], size: int, oid: int) -> bytes:
    body = b"".join(parts)
    if not size:
        return _HEAD(0, 0, oid, 0, 0)[:12]
    # Whether there are nulls is a hint only; the server looks at each length.
    return _HEAD(1, 1, oid, size, 1) + body


def text_array(values: Sequence[str | None]) -> TextArray:
    """Text as the server reads it."""
    if not values:
        return _NO_TEXT
    parts = [
        _NULL if value is None else _SIZE(len(data := value.encode())) + data for value in values
    ]
    return TextArray(_array(parts, len(values), _TEXT))


def int_array(values: Sequence[int | None]) -> IntArray:
    """Integers as the server reads them."""
    parts = [_NULL if value is None else _INT8(8, value) for value in values]
    return IntArray(_array(parts, len(values), _BIGINT))


def bool_array(values: Sequence[bool]) -> BoolArray:
    """Flags as the server reads them."""
    parts = [b"\0\0\0\1\1" if value else b"\0\0\0\1\0" for value in values]
    return BoolArray(_array(parts, len(values), _BOOL))


_NO_TEXT = TextArray(_array([], 0, _TEXT))

_ENCODERS: dict[str | None, Callable[[Any], bytes]] = {
    "text": text_array, "bigint": int_array, "boolean": bool_array,
}  # fmt: skip


class _Sent(Dumper):
    format = Format.BINARY

    def dump(self, obj: bytes) -> bytes:
        """Nothing is left to do."""
        return obj


class _TextArrayDumper(_Sent):
    oid = 1009


class _IntArrayDumper(_Sent):
    oid = 1016


class _BoolArrayDumper(_Sent):
    oid = 1000


def adapt(adapters: Any) -> None:
    """Send everything in binary, and all integers as 64 bits.

    Else each size of number would prepare a statement of its own.
    """
    adapters.register_dumper(str, StrBinaryDumper)
    adapters.register_dumper(int, Int8BinaryDumper)
    adapters.register_dumper(bool, BoolBinaryDumper)
    adapters.register_dumper(TextArray, _TextArrayDumper)
    adapters.register_dumper(IntArray, _IntArrayDumper)
    adapters.register_dumper(BoolArray, _BoolArrayDumper)


@lru_cache(STATEMENTS)
def _read(text: str) -> tuple[str, tuple[Callable[[Any], bytes] | None, ...]]:
    encoders: list[Callable[[Any], bytes] | None] = []

    def place(found: re.Match[str]) -> str:
        encoders.append(_ENCODERS.get(found[1]))
        return f"${len(encoders)}{found[0][2:]}"

    return _PLACE.sub(place, text), tuple(encoders)


def ready(text: str, values: Sequence[Any]) -> tuple[Any, list[Any]]:
    """A statement with `%b` for its values, as a raw cursor takes it."""
    raw, encoders = _read(text)
    return raw, [
        value if encode is None else encode(value)
        for value, encode in zip(values, encoders, strict=True)
    ]


def answers(cursor: psycopg.Cursor[Any] | psycopg.AsyncCursor[Any]) -> bool:
    """Whether there are rows to fetch; `description` would describe each column first."""
    result = cursor.pgresult
    return result is not None and result.status == ExecStatus.TUPLES_OK


def execute(
    connection: psycopg.Connection[Any], text: str, values: Sequence[Any]
) -> psycopg.RawCursor[Any]:
    """Run one statement."""
    cursor = psycopg.RawCursor(connection)
    cursor.format = Format.BINARY
    return cursor.execute(*ready(text, values))
