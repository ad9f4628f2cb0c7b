"""What a JSON writer and reader of whole values is, whichever library does it."""

from __future__ import annotations

from typing import Any, Protocol


class Backend(Protocol):
    """Values to JSON text and back. Every backend writes the same text, byte for byte."""

    @property
    def name(self) -> str:
        """What `choose` knows it by."""
        ...

    def encode(self, value: object) -> str:
        """The JSON text of a value of any class that the codec can keep."""
        ...

    def decode(self, cls: type[Any], body: str) -> Any:
        """The value of a body; Misfit says where it does not fit."""
        ...

    def parse(self, body: str) -> Any:
        """The body as dicts and lists; Misfit when it is no JSON."""
        ...

    def build(self, cls: type[Any], document: Any) -> Any:
        """The value of a document as `parse` gives it; Misfit says where it does not fit."""
        ...
