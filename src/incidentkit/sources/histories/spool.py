"""All rows of a file on disk, to be read again in another order: by case, or by time.

A log may be larger than memory, and a compressed one cannot be read from the middle. So its rows
are written to a temporary file once; what stays in memory is where each begins, and its rank.
"""

from __future__ import annotations

import marshal
import tempfile
from array import array
from collections.abc import Callable, Iterator
from datetime import datetime
from sys import intern
from typing import IO

from incidentkit.sources.histories.rows import HistoryFile, Line
from incidentkit.timing.instants import to_micros

_START = -(2**62)


class Spool:
    """The rows of one file, by case. `close` throws them away."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="incidentkit-")  # noqa: SIM115
        self._starts: array[int] = array("q")
        self._cases: array[int] = array("l")
        self._ranks: array[int] = array("q")
        self._number: dict[str, int] = {}
        self._left: array[int] = array("l")
        self._ends = 0

    def fill(
        self,
        file: HistoryFile,
        case: Callable[[list[str]], str],
        at: Callable[[list[str]], datetime | None],
        refused: Callable[[Line], None],
    ) -> None:
        """Take over all rows. `case` reads the name of a row's case, `at` its time.

        Rows of no case are handed to `refused`.
        """
        latest: dict[int, int] = {}
        for line in file:
            name = case(line.cells)
            if not name:
                refused(line)
                continue
            number = self._number.setdefault(name, len(self._number))
            if number == len(self._left):
                self._left.append(0)
            self._left[number] += 1
            when = at(line.cells)
            # Within a case the order of the file rules, even where its times step back.
            rank = latest.get(number, _START) if when is None else to_micros(when)
            latest[number] = rank = max(rank, latest.get(number, _START))
            # Interned words come back interned, so rows that are open at once share theirs.
            data = marshal.dumps((line.number, [*map(intern, line.cells)]))
            _ = self._file.write(data)
            self._starts.append(self._ends)
            self._ends += len(data)
            self._cases.append(number)
            self._ranks.append(rank)
        self._file.flush()
        self._starts.append(self._ends)

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._cases)

    def by_case(self) -> Iterator[Line]:
        """All rows, case after case in the order of their first rows."""
        return self._lines(self._cases)

    def by_time(self) -> Iterator[Line]:
        """All rows in the order of time; of one minute, and of one case, in that of the file."""
        return self._lines(self._ranks)

    def _lines(self, key: array[int]) -> Iterator[Line]:
        order = array("l", sorted(range(len(self._cases)), key=key.__getitem__))
        file, starts = self._file, self._starts
        for each in order:
            start = starts[each]
            _ = file.seek(start)
            number, cells = marshal.loads(file.read(starts[each + 1] - start))
            yield Line(number, cells)

    def last_of_case(self, name: str) -> bool:
        """Count one row of the case down; whether it was the last."""
        number = self._number[name]
        self._left[number] -= 1
        return self._left[number] == 0

    def close(self) -> None:
        """Throw the rows away."""
        self._file.close()
