"""Requests kept in a folder while the store is away, one file each, in the order they came.

A file is written under another name, forced to the disk, renamed and its folder forced too, before
anybody is told that the request is kept. So a process that dies leaves a whole file or none that
counts, and as many processes as like may share a folder. Nothing counts twice: each file carries
the request id under which the store takes it, whoever feeds it and however often.
"""

from __future__ import annotations

import base64
import errno
import json
import os
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import datetime
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import Any

import attrs

from incidentkit.desk.folder_lock import locked
from incidentkit.errors import (
    CallerError,
    IncidentKitError,
    InvalidValue,
    Retryable,
    SpoolFull,
    StoreError,
    StoreFull,
    TooBusy,
)
from incidentkit.model.frozen import FrozenMap
from incidentkit.timing.instants import from_micros, to_micros

MOST = 100_000
MOST_BYTES = 1 << 30
PROBE = 1.0
"""Seconds for which a store that failed is not asked again by `receive`."""
ASIDE = "set-aside"
"""The folder within for what could not be taken in."""
TELL = 900.0
"""Seconds after which the same trouble of a spool is told again."""
_RECOUNT = 1.0
_NO_ROOM = frozenset(
    getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name)
)


@attrs.frozen
class Spooled:
    """One request that waits: for whom it came in, from what, when, and under which request id."""

    tenant: str
    actor: str
    source: str
    body: bytes
    headers: tuple[tuple[str, str], ...]
    request: str
    at: datetime

    def headed(self) -> FrozenMap[str, str]:
        """The headers as a request has them."""
        return FrozenMap(dict(self.headers))


def is_away(error: Exception, store: object = None) -> bool:
    """Whether an error says that the store cannot be reached or written, and not that it refused.

    A store that is closed, or whose file another process writes, is there. Of our own errors the
    class decides: a refused actor is a PermissionError too, and is no trouble of the system. Any
    other error counts where it came out of `store`: a driver's that leaked says nothing to us.
    """
    if isinstance(error, IncidentKitError):
        return isinstance(error, Retryable | StoreFull) or type(error) is StoreError
    return isinstance(error, OSError) or leaked(error, store)


def leaked(error: Exception, store: object) -> bool:
    """Whether an error that is none of ours was raised inside a call of the store."""
    if store is None or isinstance(error, IncidentKitError | OSError):
        return False
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_locals.get("self") is store:
            return True
        trace = trace.tb_next
    return False


def is_refused(error: Exception) -> bool:
    """Whether a request will be refused however often it is fed, because of what it is."""
    return isinstance(error, Unreadable | CallerError) and not isinstance(error, TooBusy)


class Unreadable(ValueError):
    """A file of the spool that is not what was written."""


@attrs.frozen
class SpoolState:
    """What a spool holds: requests that wait, their bytes, the oldest, and files set aside."""

    folder: str
    waiting: int
    size: int
    oldest_at: datetime | None
    set_aside: int


class Spool:
    """A folder of requests. Safe for many threads and processes.

    Args:
        folder: Made when it is missing; only its owner may read it.
        most: How many requests may wait.
        most_bytes: How many bytes they may have together.
    """

    def __init__(
        self, folder: str | Path, *, most: int = MOST, most_bytes: int = MOST_BYTES
    ) -> None:
        if most < 1 or most_bytes < 1:
            raise InvalidValue("spool", "needs room for at least one request of one byte")
        self.folder: Path = Path(folder).absolute()
        self.most: int = most
        self.most_bytes: int = most_bytes
        self._bad = self.folder / ASIDE
        self._numbers = count()
        self._mine = os.urandom(4).hex()
        self._counted: tuple[float, int, int] = (0.0, 0, 0)
        self._away_until = 0.0
        self.foreign: str = ""
        self._told: dict[str, float] = {}
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._bad.mkdir(mode=0o700, exist_ok=True)
            self._try()
        except OSError as error:
            problem = f"{self.folder} cannot be used: {error.strerror or error}"
            raise InvalidValue("spool", problem) from None

    def _try(self) -> None:
        """A folder that cannot be written is a mistake now, not in the night."""
        probe = self.folder / f".probe-{os.getpid()}-{self._mine}"
        descriptor = os.open(probe, os.O_CREAT | os.O_WRONLY, 0o600)
        os.close(descriptor)
        probe.unlink()

    # --- is the store away? ---------------------------------------------------------------------

    @property
    def away(self) -> bool:
        """Whether the store failed a moment ago."""
        return time.monotonic() < self._away_until

    def went_away(self, error: Exception | None = None) -> None:
        """The store has just failed; an `error` that is none of ours is named until it is back."""
        self._away_until = time.monotonic() + PROBE
        foreign = error is not None and not isinstance(error, IncidentKitError | OSError)
        self.foreign = type(error).__name__ if foreign else ""

    def came_back(self) -> None:
        """The store has just answered."""
        self._away_until = 0.0
        self.foreign = ""

    def tells(self, trouble: str) -> bool:
        """Whether a trouble of the spool itself should be told now: not again and again."""
        now = time.monotonic()
        if now < self._told.get(trouble, 0.0):
            return False
        self._told = {each: until for each, until in self._told.items() if now < until}
        self._told[trouble] = now + TELL
        return True

    # --- keeping --------------------------------------------------------------------------------

    def add(self, kept: Spooled) -> str:
        """Keep a request durably; its name in the folder.

        Raises SpoolFull where there is no room, by the bounds or on the disk; then nothing is kept.
        """
        data = encoded(kept)
        place = f"{to_micros(kept.at):017d}-{next(self._numbers):09d}-{self._mine}"
        name = f"{place}-{len(data)}.request"
        unfinished = self.folder / f".{name}"
        try:
            self._check_room(len(data))
            descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            try:
                _write(descriptor, data)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            unfinished.rename(self.folder / name)
            force(self.folder)
        except OSError as error:
            with suppress(OSError):  # a file system that only reads refuses even this
                unfinished.unlink(missing_ok=True)
            if error.errno in _NO_ROOM:
                raise SpoolFull(str(self.folder), "the disk is full") from error
            raise StoreError(f"{self.folder}: cannot spool: {error.strerror or error}") from error
        at, number, size = self._counted
        self._counted = at, number + 1, size + len(data)
        return name

    def _check_room(self, more: int) -> None:
        at, number, size = self._counted
        if time.monotonic() - at > _RECOUNT:
            names = self.names()
            number, size = len(names), sum(map(size_of, names))
            self._counted = time.monotonic(), number, size
        if number >= self.most:
            raise SpoolFull(str(self.folder), f"{number} requests wait, and {self.most} may")
        if size + more > self.most_bytes:
            problem = f"{size} bytes wait, this has {more}, and {self.most_bytes} may"
            raise SpoolFull(str(self.folder), problem)

    # --- feeding --------------------------------------------------------------------------------

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        with os.scandir(self.folder) as entries:
            return not any(
                each.name.endswith(".request") and each.name[0] != "." for each in entries
            )

    def names(self) -> list[str]:
        """The requests that wait, in the order they came."""
        with os.scandir(self.folder) as entries:
            return sorted(each.name for each in entries if _waits(each.name))

    def read(self, name: str) -> Spooled | None:
        """A request, or None where somebody has fed it meanwhile. Raises Unreadable."""
        try:
            return decoded((self.folder / name).read_bytes())
        except FileNotFoundError:
            return None

    def done(self, name: str) -> None:
        """The store has it. Should the file come back after a crash, its id makes it a repeat."""
        (self.folder / name).unlink(missing_ok=True)
        self._counted = (0.0, 0, 0)

    def set_aside(self, name: str, why: str) -> None:
        """Move what cannot be taken in out of the way, with the reason beside it."""
        (self._bad / f"{name}.why").write_text(why + "\n", "utf-8")
        (self.folder / name).replace(self._bad / name)
        force(self._bad)

    @contextmanager
    def feeding(self) -> Generator[bool]:
        """One feeds at a time, so that the order holds; False while somebody else does."""
        with locked(self.folder / ".feeding") as mine:
            yield mine

    def state(self) -> SpoolState:
        """What it holds."""
        return looked_at(self.folder)


def looked_at(folder: str | Path) -> SpoolState:
    """What a folder holds; nothing is made by looking. Raises InvalidValue where there is none."""
    place = Path(folder)
    if not place.is_dir():
        raise InvalidValue("spool", f"there is no folder {place}")
    names = sorted(each.name for each in place.iterdir() if _waits(each.name))
    oldest = from_micros(int(names[0].split("-")[0])) if names else None
    aside = sum(1 for _ in (place / ASIDE).glob("*.request"))
    return SpoolState(str(place), len(names), sum(map(size_of, names)), oldest, aside)


def put_back(folder: str | Path) -> int:
    """Let what was set aside wait again, in its old place in the order; how many requests.

    For when the cause is mended: whoever feeds the folder next tries them anew. Raises InvalidValue
    where there is no such folder, or it cannot be written.
    """
    place = Path(folder)
    if not place.is_dir():
        raise InvalidValue("spool", f"there is no folder {place}")
    names = sorted(each.name for each in (place / ASIDE).glob("*.request"))
    try:
        for name in names:
            (place / ASIDE / name).replace(place / name)
            (place / ASIDE / f"{name}.why").unlink(missing_ok=True)
        force(place)
    except OSError as error:
        raise InvalidValue("spool", f"{place}: {error.strerror or error}") from None
    return len(names)


def _waits(name: str) -> bool:
    return name.endswith(".request") and not name.startswith(".")


def size_of(name: str) -> int:
    """The size that stands in a file's name, so that counting reads no file."""
    text = name.removesuffix(".request").rpartition("-")[2]
    return int(text) if text.isdigit() else 0


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def force(folder: Path) -> None:
    """Make the names in a folder outlast a loss of power, where the system can."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def encoded(kept: Spooled) -> bytes:
    """A request as one line of JSON, with a digest of it before."""
    document = {
        "format": 1,
        "tenant": kept.tenant,
        "actor": kept.actor,
        "source": kept.source,
        "request": kept.request,
        "at": to_micros(kept.at),
        "headers": list(map(list, kept.headers)),
        "body": base64.b64encode(kept.body).decode(),
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    return _digest(text) + b" " + text + b"\n"


def _digest(text: bytes) -> bytes:
    return blake2b(text, digest_size=16).hexdigest().encode()


def decoded(data: bytes) -> Spooled:
    """Read what `encoded` wrote. Raises Unreadable."""
    digest, _, line = data.partition(b" ")
    text = line.removesuffix(b"\n")
    if not line.endswith(b"\n") or digest != _digest(text):
        raise Unreadable("the file is not what was written: its digest differs")
    try:
        found: dict[str, Any] = json.loads(text)
        if found["format"] != 1:
            raise Unreadable(f"format {found['format']!r} was written by a newer incidentkit")
        return Spooled(
            str(found["tenant"]),
            str(found["actor"]),
            str(found["source"]),
            base64.b64decode(found["body"], validate=True),
            tuple((str(key), str(value)) for key, value in found["headers"]),
            str(found["request"]),
            from_micros(int(found["at"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(f"it cannot be read: {error!r}") from None
