"""The backend of the extra `fast`: msgspec on the same attrs classes.

It writes the same documents, though with the keys of an object in its own order, and reads what
the standard one wrote; validators run. What msgspec cannot do by itself (recursive plain data,
classes without fields) takes the compiled functions, and whatever it refuses is read again by the
careful reader, so that both backends accept the same documents and say the same of the others.
One difference is left: digits beyond microseconds, which nothing here writes, are rounded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from incidentkit.codec import careful
from incidentkit.codec.reading import Reader, part_reader
from incidentkit.codec.shapes import PLAIN, SPAN, Shape, fields_of, holds, shape_of
from incidentkit.codec.stdlib import JSON
from incidentkit.codec.writing import REMEMBERED, Writer, forgetful, rooted, writer
from incidentkit.codec.zones import in_utc

_encode = msgspec.json.Encoder().encode
_parse = msgspec.json.Decoder().decode


class _Maps(dict[int, Reader]):
    """Readers of frozen maps by the identity of the hint, which hashes slowly."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Any] = []

    def made(self, hint: Any) -> Reader:
        self.kept.append(hint)
        reader = self[id(hint)] = part_reader(shape_of(hint))
        return reader


_maps = _Maps()


def _map(hint: Any, value: Any) -> Any:
    return (_maps.get(id(hint)) or _maps.made(hint))(value)


# msgspec cannot read the one, and reads more forms of the other than are ever written.
_COMPILED: frozenset[Shape] = frozenset((PLAIN, SPAN))


def _by_msgspec(cls: type[Any]) -> bool:
    return bool(fields_of(cls)) and not holds(cls, _COMPILED)


def _writer(cls: type[Any], *, remembers: bool = True) -> Writer:
    if remembers and cls.__name__ in REMEMBERED:
        # Most of its parts were written before: not writing them again is faster than anything.
        return rooted(cls, _writer)
    compiled = writer(cls) if remembers else forgetful(cls)
    if not _by_msgspec(cls):
        return compiled
    fits = in_utc(cls)

    def write(value: Any) -> str:
        return _encode(value).decode() if fits(value) else compiled(value)

    return write


def _reader(cls: type[Any]) -> Callable[[str], Any]:
    if not _by_msgspec(cls):
        return lambda body: JSON.build(cls, _parse(body))
    decode = msgspec.json.Decoder(cls, dec_hook=_map).decode
    fits = in_utc(cls)

    def read(body: str) -> Any:
        value = decode(body)
        if not fits(value):
            raise ValueError("an instant is not in UTC")
        return value

    return read


class _Writers(dict[type[Any], Writer]):
    def __init__(self, *, remembers: bool) -> None:
        super().__init__()
        self._remembers = remembers

    def __missing__(self, cls: type[Any]) -> Writer:
        self[cls] = made = _writer(cls, remembers=self._remembers)
        return made


class _Readers(dict[type[Any], Callable[[str], Any]]):
    def __missing__(self, cls: type[Any]) -> Callable[[str], Any]:
        self[cls] = made = _reader(cls)
        return made


class MsgspecBackend:
    """Values to JSON text and back by msgspec."""

    name = "msgspec"

    def __init__(self, *, remembers: bool = True) -> None:
        self._writers = _Writers(remembers=remembers)
        self._readers = _Readers()

    def encode(self, value: object) -> str:
        """The JSON text of the value."""
        return self._writers[type(value)](value)

    def decode(self, cls: type[Any], body: str) -> Any:
        """The value of the body, or Misfit."""
        try:
            return self._readers[cls](body)
        except Exception:
            return careful.read(cls, self.parse(body))

    def parse(self, body: str) -> Any:
        """The body as dicts and lists, or Misfit."""
        try:
            return _parse(body)
        except (ValueError, RecursionError):
            return JSON.parse(body)

    def build(self, cls: type[Any], document: Any) -> Any:
        """The value of the document, or Misfit."""
        return JSON.build(cls, document)
