"""A store in a directory: every commit is one JSON file that appears at once.

`write` puts a commit into a file of its own, flushes it, and renames it to the next number. The
rename is the commit: before it nothing has happened, after it everything has. Opening reads the
files in order. When there are many, they are folded into one, which appears in the same way.

One process at a time, guarded by a lock (POSIX). Everything is held in memory as well.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from incidentkit import KeyStore
from incidentkit.errors import InvalidValue, StoreClosed, StoreError
from incidentkit.stores.row_store import microseconds

FOLD_AFTER = 500
"""So many commits are read one by one at an opening before they are folded into one file."""


class DirStore(KeyStore):
    """The whole store contract in one directory, made if it is not there."""

    def __init__(self, path: str | Path, *, now: Callable[[], int] = microseconds) -> None:
        super().__init__(now=now)
        self.path = Path(path)
        self._mutex = threading.Lock()
        self._values: dict[str, tuple[str, int]] = {}
        self._keys: list[str] = []
        self._number = 0
        self._broken = ""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be used: {error}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._recover()
        except BlockingIOError as error:
            os.close(self._lock)
            raise StoreError(f"{self.path} is in use; a dir: store is for one process") from error
        except BaseException:
            os.close(self._lock)
            raise

    @classmethod
    def from_url(cls, url: str) -> DirStore:
        """Open `dir:///relative/path`, or `dir:////absolute/path`."""
        path = unquote(url.removeprefix("dir:///"))
        if not url.startswith("dir:///") or not path:
            raise InvalidValue("url", f"{url!r} names no directory; write 'dir:///path'")
        return cls(path)

    # --- what a KeyStore asks for ----------------------------------------------------------------

    def get(self, key: str) -> tuple[str, int] | None:
        with self._mutex:
            return self._values.get(key)

    def scan(self, start: str, end: str, limit: int) -> Sequence[tuple[str, str, int]]:
        with self._mutex:
            first, last = bisect_left(self._keys, start), bisect_left(self._keys, end)
            found = self._keys[first : min(last, first + limit)]
            return [(key, *self._values[key]) for key in found]

    def write(
        self,
        expected: Mapping[str, int | None],
        puts: Mapping[str, str],
        deletes: Collection[str],
    ) -> bool:
        with self._mutex:
            if self._closed:
                raise StoreClosed(f"{self.path} was closed; open a new store")
            if self._broken:
                raise StoreError(f"{self.path} failed ({self._broken}); open it again")
            for key, version in expected.items():
                found = self._values.get(key)
                if (None if found is None else found[1]) != version:
                    return False
            if puts or deletes:
                number = self._number + 1
                commit = {"puts": dict(puts), "deletes": sorted(deletes)}
                try:
                    self._appear(self._file(number), commit)
                except OSError as error:
                    # Whether the file will be there after a power cut is not known any more.
                    self._broken = str(error)
                    raise StoreError(f"{self.path} cannot be written: {error}") from error
                self._apply(commit, number)
            return True

    def close(self) -> None:
        with self._mutex:
            if not self._closed:
                super().close()
                os.close(self._lock)  # lets go of the lock as well

    # --- files -----------------------------------------------------------------------------------

    def _file(self, number: int) -> Path:
        return self.path / f"{number:012d}.json"

    def _appear(self, file: Path, content: object) -> None:
        """Write aside, flush, rename into place, flush the directory."""
        aside = file.with_suffix(".tmp")
        with aside.open("w", encoding="utf-8") as out:
            json.dump(content, out, ensure_ascii=False)
            out.flush()
            os.fsync(out.fileno())
        aside.replace(file)
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _apply(self, commit: Mapping[str, Any], number: int) -> None:
        for key, value in commit["puts"].items():
            if key not in self._values:
                insort(self._keys, key)
            self._values[key] = value, number
        for key in commit["deletes"]:
            if self._values.pop(key, None) is not None:
                del self._keys[bisect_left(self._keys, key)]
        self._number = number

    def _recover(self) -> None:
        for aside in self.path.glob("*.tmp"):
            aside.unlink()  # a commit that was never one
        for file in sorted(self.path.glob("*-folded.json"))[-1:]:
            number, read = int(file.stem[:12]), self._parsed(file)
            self._values = {key: (value, at) for key, value, at in read["folded"]}
            self._keys = sorted(self._values)
            self._number = number
        folded = self._number
        for file in sorted(self.path.glob("*.json")):
            number = int(file.stem[:12])
            if number <= folded:
                if file.stem.isdigit() or number < folded:
                    file.unlink()  # left over by a fold that was cut short
            elif number == self._number + 1:
                self._apply(self._parsed(file), number)
            else:
                raise StoreError(f"{self._file(self._number + 1)} is missing; restore a backup")
        if self._number - folded > FOLD_AFTER:
            self._fold()

    @staticmethod
    def _parsed(file: Path) -> dict[str, Any]:
        try:
            read: dict[str, Any] = json.loads(file.read_text("utf-8"))
        except ValueError as error:
            raise StoreError(f"{file} is damaged ({error}); restore a backup") from error
        return read

    def _fold(self) -> None:
        """One file in place of many; the others go away only when it is there."""
        content = {"folded": [[key, *self._values[key]] for key in self._keys]}
        self._appear(self.path / f"{self._number:012d}-folded.json", content)
        for number in range(self._number, 0, -1):
            file = self._file(number)
            if not file.exists():
                break
            file.unlink()
