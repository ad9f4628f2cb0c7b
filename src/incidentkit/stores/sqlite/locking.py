"""One writing process per file, by an advisory lock that dies with its process.

POSIX record locks belong to the process and are lost as soon as the process closes *any* descriptor
of the file. So a registry, the one global state of this library, keeps one descriptor for each lock
file of this process; all its stores share it. A forked child finds its parent's entry and does not
take it for its own.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from threading import Lock, RLock
from typing import Any

from incidentkit.errors import AnotherProcessWrites, StoreError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_WINDOWS_BYTE = 1 << 20


class _Held:
    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.mutex: Any = RLock()
        self.pid: int = os.getpid()
        self.users = 1


_HELD: dict[tuple[int, int], _Held] = {}
_REGISTRY = Lock()


class WriterLock:
    """This store's share in its process's right to write; released once.

    `mutex` is the same for all stores of this process on that file: they write one after the
    other, and no checkpoint of one ever meets a commit of another.
    """

    def __init__(self, key: tuple[int, int], held: _Held) -> None:
        self.mutex: Any = held.mutex
        self._key = key
        self._held: _Held | None = held

    def release(self) -> None:
        """Give the share back; the last one lets other processes write."""
        with _REGISTRY:
            held, self._held = self._held, None
            if held is None or held.pid != os.getpid():
                return
            held.users -= 1
            if held.users == 0:
                _HELD.pop(self._key, None)
                os.close(held.descriptor)


def acquire(lock_file: Path, database: str) -> WriterLock:
    """Become the process that writes, or raise AnotherProcessWrites naming who is."""
    with _REGISTRY:
        mine = _mine(lock_file)
        if mine is not None:
            key, held = mine
            held.users += 1
            return WriterLock(key, held)
        try:
            descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreError(
                f"{database}: cannot open {lock_file.name} beside it ({error.strerror}): does the "
                "directory exist, and may it be written?"
            ) from error
        if not _lock(descriptor):
            holder = _told(descriptor)
            os.close(descriptor)
            raise AnotherProcessWrites(database, holder)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode())
        status = os.fstat(descriptor)
        key = status.st_dev, status.st_ino
        held = _HELD[key] = _Held(descriptor)
        return WriterLock(key, held)


def holder(lock_file: Path) -> str | None:
    """Who writes at present, or None. Looks without disturbing a holder in this process."""
    with _REGISTRY:
        if _mine(lock_file) is not None:
            return f"this process ({os.getpid()})"
        if not lock_file.exists():
            return None
        descriptor = os.open(lock_file, os.O_RDWR)
        try:
            return None if _lock(descriptor) else _told(descriptor)
        finally:
            os.close(descriptor)


def _mine(lock_file: Path) -> tuple[tuple[int, int], _Held] | None:
    """This process's entry; found without opening the file, as closing it would lose the lock."""
    try:
        status = lock_file.stat()
    except FileNotFoundError:
        return None
    key = status.st_dev, status.st_ino
    held = _HELD.get(key)
    return None if held is None or held.pid != os.getpid() else (key, held)


def _lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            # A byte beyond the text, so that others can still read who holds it.
            os.lseek(descriptor, _WINDOWS_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _told(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.read(descriptor, 200).decode(errors="replace") or "another process"
