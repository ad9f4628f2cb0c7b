"""Messages in a file, one JSON line each: for shipping on, for audits, for a first integration."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable
from pathlib import Path

import attrs

from incidentkit.channels.kinds import ALL_KINDS, check_kinds
from incidentkit.model import checks
from incidentkit.model.delivery import Message, Sent
from incidentkit.model.words import MessageKind


class FileChannel:
    """Appends each message as one line of ASCII JSON, on disk before it counts as sent.

    The file is opened for every message, so that it may be rotated, and is readable by its owner
    only when it is made here. A line that a crash cut short is ended before the next one begins. A
    message that comes twice has the same `key` in both lines. The answer token is left out.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        name: str = "file",
        kinds: Iterable[MessageKind | str] = ALL_KINDS,
    ) -> None:
        self.path: Path = Path(path)
        self.name: str = checks.check_name(name, "name")
        self.kinds: frozenset[MessageKind] = check_kinds(kinds)
        self._lock = threading.Lock()

    def send(self, message: Message) -> Sent:
        """Append the message; what goes wrong with the file is raised, so it is tried again."""
        fields = attrs.asdict(message, filter=lambda field, _: field.name != "answer_token")
        line = json.dumps(fields).encode() + b"\n"
        with self._lock, open(self.path, "ab+", opener=_private) as file:
            if size := file.seek(0, os.SEEK_END):
                file.seek(size - 1)
                if file.read(1) != b"\n":
                    line = b"\n" + line
            file.write(line)  # at the end, wherever the file was read
            file.flush()
            os.fsync(file.fileno())
        return Sent(message.key)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
