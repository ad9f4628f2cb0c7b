"""The rows of a CSV file, plain or gzipped, one after the other; and how far the reading has got.

A row that the CSV reader refuses is handed on as such, and the next line is read. A quote that is
never closed swallows the lines after it; so a row of several lines that does not have the columns
of the header is taken back to its first line, and reading goes on with the second. Bytes that are
no UTF-8 come through as lone surrogates, which no field accepts: so such a row is refused by what
is wrong with it, and the file is read to its end.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, cast

from incidentkit.errors import InvalidValue

_GZIP = b"\x1f\x8b"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Line(NamedTuple):
    """One row: its number in the file (the header is 1), its cells, or its text and why none."""

    number: int
    cells: list[str]
    problem: str = ""
    raw: str = ""

    @property
    def text(self) -> str:
        """The row as it stood in the file, or equal to it in meaning."""
        return self.raw or as_text(self.cells)


class _Lines:
    """The lines of a file for a CSV reader, which can be given some of them once more."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        return line

    def back(self) -> str:
        """Only the first of the lines that were taken counts: give the others again."""
        first, *others = self.taken or [""]
        self._again.extendleft(reversed(others))
        self.taken.clear()
        return first.rstrip("\r\n")


class HistoryFile:
    """A file of rows, open for one reading from its beginning to its end."""

    def __init__(self, path: str | Path) -> None:
        self.path: Path = Path(path)
        try:
            self._raw: BinaryIO = self.path.open("rb")
            self.size: int = self.path.stat().st_size
        except OSError as error:
            raise self._refused(f"cannot be read: {error.strerror or error}") from None
        start = self._raw.read(2)
        _ = self._raw.seek(0)
        if start in _UTF_16:
            self._raw.close()
            raise self._refused("is written in UTF-16: save it as UTF-8")
        data = gzip.GzipFile(fileobj=self._raw) if start == _GZIP else self._raw
        self._text = io.TextIOWrapper(
            cast("BinaryIO", data), "utf-8-sig", errors="surrogateescape", newline=""
        )
        self._lines = _Lines(iter(self._text))
        self._reader = csv.reader(self._lines, strict=True)
        try:
            self.header: tuple[str, ...] = tuple(next(self._reader, ()))
        except (OSError, EOFError, zlib.error, csv.Error) as error:
            self.close()
            raise self._refused(f"cannot be read: {error}") from None
        if not self.header:
            self.close()
            raise self._refused("is empty: a header with the names of the columns is needed")

    def _refused(self, problem: str) -> InvalidValue:
        return InvalidValue(str(self.path), problem)

    @property
    def position(self) -> int:
        """How many bytes of the file have been read, of `size`."""
        return 0 if self._raw.closed else self._raw.tell()

    def __iter__(self) -> Iterator[Line]:
        """The rows after the header; blank lines are none.

        Raises InvalidValue where the file is cut off or damaged in its compression.
        """
        reader, lines, number, width = self._reader, self._lines, 1, len(self.header)
        taken = lines.taken
        taken.clear()
        while True:
            number += 1
            try:
                for cells in reader:
                    if len(taken) > 1 and len(cells) != width:
                        problem = "a quote is opened and not closed in the same row"
                        raise csv.Error(problem)
                    taken.clear()
                    if cells:
                        yield Line(number, cells)
                    number += 1
                return
            except csv.Error as error:
                yield Line(number, [], f"no row of CSV: {error}", lines.back())
                reader = csv.reader(lines, strict=True)
            except (OSError, EOFError, zlib.error) as error:
                raise self._refused(f"is damaged or cut off after row {number}: {error}") from None

    def close(self) -> None:
        """Let go of the file; twice is harmless."""
        if hasattr(self, "_text"):
            self._text.close()
        self._raw.close()

    def __enter__(self) -> HistoryFile:
        """Read it in a `with` block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of it at the end of the block."""
        self.close()


def as_text(cells: list[str]) -> str:
    """The row as it stood in the file, or equal to it in meaning."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()
