"""Waking somebody while the store is away: a list given at opening, paged seldom enough.

Who was paged when stands in a file beside the spool, so that a restart, or another process, does
not page again. It is written after the page went out: a crash between the two costs one more page
and never the only one.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any, cast

import attrs

from incidentkit.desk.spool import force
from incidentkit.errors import InvalidValue
from incidentkit.model.delivery import Message
from incidentkit.model.words import MessageKind
from incidentkit.timing.instants import from_micros, show_instant, to_micros

EVERY = timedelta(minutes=15)
"""How often one of the list is paged at most while the store is away."""
TITLE = "The incident store is away"


@attrs.frozen
class Emergency:
    """Somebody to page when incidents cannot be stored: who, by which channel, at which address."""

    party: str
    channel: str
    address: str

    @property
    def name(self) -> str:
        """What the file calls them: no address stands in it."""
        text = f"{self.party}\x1f{self.channel}\x1f{self.address}"
        return blake2b(text.encode(), digest_size=12).hexdigest()


def emergencies(given: object) -> tuple[Emergency, ...]:
    """The list from triples (party, channel, address); InvalidValue for anything else."""
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InvalidValue("emergency", "must be a list of (party, channel, address)")
    found: list[Emergency] = []
    for each in cast("Sequence[object]", given):
        if isinstance(each, Emergency):
            found.append(each)
            continue
        parts = tuple(cast("Sequence[object]", each)) if isinstance(each, tuple | list) else ()
        if len(parts) != 3 or not all(isinstance(x, str) and x for x in parts):
            raise InvalidValue("emergency", f"{each!r} is no (party, channel, address)")
        found.append(Emergency(*cast("tuple[str, str, str]", parts)))
    return tuple(found)


class Pager:
    """The emergency list of one spool folder, and who of it was paged when."""

    def __init__(self, folder: Path, given: Sequence[Emergency], store: str) -> None:
        self.given: tuple[Emergency, ...] = tuple(given)
        self.lock: Path = folder / ".paging"
        self._file = folder / ".paged"
        self._store = store
        self._folder = folder

    def due(self, at: datetime) -> Iterator[tuple[Emergency, Message]]:
        """Who is to be paged now, with what."""
        paged = self._paged()
        for each in self.given:
            last = paged.get(each.name)
            if last is None or not last <= at < last + EVERY:
                yield each, self._message(each, at)

    def _message(self, to: Emergency, at: datetime) -> Message:
        where = platform.node() or "this machine"
        text = (
            f"{self._store} cannot be reached from {where} since {show_instant(at)} or before. "
            f"What comes in is kept in {self._folder} and is taken in when the store is back; "
            "until then nobody is paged for it."
        )
        key = f"emergency:{to.name}:{to_micros(at)}"
        return Message(
            key, MessageKind.PAGE, to.channel, to.party, to.address, TITLE, text, "", "P1"
        )

    def told(self, to: Emergency, at: datetime) -> None:
        """They were paged."""
        paged = {name: to_micros(when) for name, when in self._paged().items()}
        paged[to.name] = to_micros(at)
        unfinished = self._file.with_name(f".paged.{os.getpid()}")
        with unfinished.open("w", encoding="utf-8") as file:
            json.dump(paged, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._file)
        force(self._folder)

    def _paged(self) -> dict[str, datetime]:
        try:
            found: Any = json.loads(self._file.read_text("utf-8"))
            return {str(name): from_micros(int(at)) for name, at in found.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}  # never paged, or damaged: one page too many is better than none
