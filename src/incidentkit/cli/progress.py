"""A bar that shows how far a long command has got: on a terminal, and never into a pipe."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, TextIO

from typing_extensions import override

_EVERY = 0.1
_WIDTH = 30


class Bar:
    """No bar: what is told is not shown. Where there is a terminal, see `PlainBar`."""

    def told(self, rows: int, share: float) -> None:
        """So many rows; the share of the work that is done, 0 to 1."""

    def __enter__(self) -> Bar:
        """Show it in a `with` block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take it away at the end."""


class PlainBar(Bar):
    """One line that is written over and over, and wiped at the end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = 0.0
        self._started = time.monotonic()

    @override
    def told(self, rows: int, share: float) -> None:
        """Draw it anew, at most ten times a second."""
        now = time.monotonic()
        if now - self._shown < _EVERY:
            return
        self._shown = now
        full = int(share * _WIDTH)
        rate = rows / max(now - self._started, 1e-3)
        line = f"\r[{'#' * full}{'.' * (_WIDTH - full)}] {share:4.0%}  {rows:,} rows, {rate:,.0f}/s"
        _ = self._stream.write(line + "  ")
        self._stream.flush()

    @override
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wipe the line."""
        _ = self._stream.write("\r" + " " * 78 + "\r")
        self._stream.flush()


class RichBar(Bar):
    """The same by rich, where the extra `cli` is installed."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

        self._progress: Any = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rows]:,} rows"),
            console=Console(file=stream),
            transient=True,
        )
        self._task: Any = None

    @override
    def __enter__(self) -> Bar:
        """Show it."""
        self._progress.start()
        self._task = self._progress.add_task("replaying", total=1.0, rows=0)
        return self

    @override
    def told(self, rows: int, share: float) -> None:
        """Move it."""
        self._progress.update(self._task, completed=share, rows=rows)

    @override
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take it away."""
        self._progress.stop()


def bar_for(stream: TextIO) -> Bar:
    """The bar for a stream: none into a pipe or a file, rich's where it is installed."""
    if not stream.isatty():
        return Bar()
    try:
        return RichBar(stream)
    except ImportError:
        return PlainBar(stream)
