"""Which library writes the JSON: the standard one, or msgspec from the extra `fast`.

Both write the same text, so a store may be written with one and read with the other.
"""

from __future__ import annotations

import importlib.util
from typing import Any, Literal, TypeAlias

from incidentkit.codec import journal, kinds
from incidentkit.codec.backend import Backend
from incidentkit.codec.stdlib import JSON, JsonBackend
from incidentkit.errors import InvalidValue
from incidentkit.model.journal import JournalEntry, Recorded
from incidentkit.ports.rows import Entry, Put, Row

Name: TypeAlias = Literal["auto", "json", "msgspec"]


class Codec:
    """Values to rows and back, through one backend."""

    __slots__ = ("_backend", "name")

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.name: str = backend.name

    def to_put(
        self,
        kind_name: str,
        value: Any,
        version: int,
        head: str,
        expected: int,
        changed_at: int,
        counted: int = 0,
    ) -> Put:
        """The put that stores a value; see `kinds.to_put`."""
        return kinds.to_put(
            kind_name, value, version, head, expected, changed_at, counted, self._backend
        )

    def from_row(self, row: Row) -> Any:
        """The value of a row; see `kinds.from_row`."""
        return kinds.from_row(row, self._backend)

    def encode_entry(self, recorded: Recorded) -> tuple[str, str]:
        """The stored name and body of an entry; see `journal.encode`."""
        return journal.encode(recorded, self._backend)

    def decode_entry(self, entry: Entry) -> JournalEntry:
        """An entry read back; see `journal.decode`."""
        return journal.decode(entry, self._backend)


def choose(name: Name = "auto", *, remembers: bool = True) -> Codec:
    """The codec of that name; `auto` takes msgspec where it can be imported.

    One that does not remember the parts it wrote takes less memory, for writing each record once.

    Raises InvalidValue for another name, or for msgspec where it is not installed.
    """
    if name == "json":
        return _plain(remembers)
    if name not in ("auto", "msgspec"):
        raise InvalidValue("codec", f"{name!r} is none of auto, json, msgspec")
    if importlib.util.find_spec("msgspec") is None:
        if name == "auto":
            return _plain(remembers)
        raise InvalidValue("codec", "msgspec is not installed; install incidentkit[fast]")
    from incidentkit.codec.fast import MsgspecBackend

    return Codec(MsgspecBackend(remembers=remembers))


def _plain(remembers: bool) -> Codec:
    return Codec(JSON if remembers else JsonBackend(remembers=False))
