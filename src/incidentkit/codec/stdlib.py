"""The backend that needs nothing but the standard library."""

from __future__ import annotations

from collections.abc import Callable
from json import JSONDecoder
from typing import Any

from incidentkit.codec import careful
from incidentkit.codec.damage import Misfit
from incidentkit.codec.reading import Reader, reader
from incidentkit.codec.writing import Writer, forgetful, writer


class _Writers(dict[type[Any], Writer]):
    def __init__(self, make: Callable[[type[Any]], Writer]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, cls: type[Any]) -> Writer:
        self[cls] = made = self._make(cls)
        return made


class _Readers(dict[type[Any], Reader]):
    def __missing__(self, cls: type[Any]) -> Reader:
        self[cls] = made = reader(cls)
        return made


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is no number")


class JsonBackend:
    """Compiled writers, and compiled readers over the parser of the standard library."""

    name = "json"

    def __init__(self, *, remembers: bool = True) -> None:
        self._writers = _Writers(writer if remembers else forgetful)
        self._readers = _Readers()
        self._parse: Callable[[str], Any] = JSONDecoder(parse_constant=_refuse).decode

    def encode(self, value: object) -> str:
        """The JSON text of the value."""
        return self._writers[type(value)](value)

    def decode(self, cls: type[Any], body: str) -> Any:
        """The value of the body, or Misfit."""
        try:
            return self._readers[cls](self._parse(body))
        except Exception:
            return careful.read(cls, self.parse(body))

    def parse(self, body: str) -> Any:
        """The body as dicts and lists, or Misfit."""
        try:
            return self._parse(body)
        except (ValueError, RecursionError) as error:
            raise Misfit("$", f"is no JSON: {error}") from None

    def build(self, cls: type[Any], document: Any) -> Any:
        """The value of the document, or Misfit."""
        try:
            return self._readers[cls](document)
        except Exception:
            return careful.read(cls, document)


JSON = JsonBackend()
