"""A directory in a file that people edit while the desk runs.

It is read again when it has changed. A file that is broken, or gone, at night must not keep anybody
from being paged: the last good content stands, and every answer from it says so.
"""

from __future__ import annotations

import threading
from hashlib import blake2b
from pathlib import Path
from typing import TypeAlias

import attrs

from incidentkit.errors import IncidentKitError, InvalidValue
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.party import Party
from incidentkit.model.people import Contact
from incidentkit.policy.people import load_directory

Stamp: TypeAlias = "tuple[int, int, int] | None"
"""What tells one version of a file from another without reading it: time, size, place."""
LARGEST = 16 * 1024 * 1024


@attrs.frozen
class Content:
    """One reading: the last good parties, their revision, and what is wrong with the file now."""

    stamp: Stamp
    parties: FrozenMap[str, Party]
    revision: str
    complaint: str = ""


class FileDirectory:
    """Parties, contacts and members of teams from a TOML or JSON file; see `load_directory`.

    Raises InvalidValue when the file cannot be read at the start, PolicyError when it is wrong
    then; whatever happens to it later keeps the last good content.
    """

    deadline = None
    """It is on this machine: nothing is waited for."""

    def __init__(self, path: str | Path) -> None:
        self.path: Path = Path(path)
        self.name: str = f"directory file {self.path.name}"
        self._lock = threading.Lock()
        stamp = _stamp(self.path)
        self._content = _read(self.path, stamp)

    def contacts(self, party: str) -> tuple[Contact, ...]:
        """How the party is reached; empty when the file does not say."""
        known = self.party(party)
        return () if known is None else known.contacts

    def members(self, party: str) -> tuple[str, ...]:
        """The parties that this one is made of."""
        known = self.party(party)
        return () if known is None else known.members

    def party(self, name: str) -> Party | None:
        """What the file says of a party."""
        return self._now().parties.get(name)

    def revision(self) -> str:
        """A digest of the last good content."""
        return self._now().revision

    def complaint(self) -> str:
        """Why the answers are from the last good content; empty when they are not."""
        return self._now().complaint

    def _now(self) -> Content:
        """The content, read again if the file has changed since the last look."""
        stamp = _stamp(self.path)
        content = self._content
        if stamp == content.stamp:
            return content
        with self._lock:
            if stamp != self._content.stamp:
                self._content = self._again(stamp)
            return self._content

    def _again(self, stamp: Stamp) -> Content:
        was = self._content
        try:
            return _read(self.path, stamp)
        except IncidentKitError as error:
            said = f"{error}; its last good content is used"
            return Content(stamp, was.parties, was.revision, said)


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path, stamp: Stamp) -> Content:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        text = data.decode("utf-8")
    except OSError as error:
        raise InvalidValue("directory", f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InvalidValue("directory", f"{path} is not UTF-8 text") from None
    if len(data) > LARGEST:
        raise InvalidValue("directory", f"{path} is larger than {LARGEST // 1024 // 1024} MiB")
    revision = blake2b(data, digest_size=8).hexdigest()
    return Content(stamp, load_directory(text), revision)
