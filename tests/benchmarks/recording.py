"""The statements a desk sends to SQLite, taken down once and sent again without the desk.

So the raw side of a comparison is exactly the same SQL, with values of the same sizes, on
connections that were set up in the same way and on a copy of the same file.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

_LITERAL = re.compile(r"""("[^"]*"|[A-Za-z_]\w*)|'((?:[^']|'')*)'|(\d+)""")
_MICROSECONDS = 10**15
"""Whole numbers above this are instants."""


class Recorder:
    """Every statement in its order: the number of its connection, and its text."""

    def __init__(self) -> None:
        self.connections = 0
        self.statements: list[tuple[int, str]] = []

    def connected(self) -> Callable[[str], None]:
        """What a new connection reports its statements to."""
        number, self.connections = self.connections, self.connections + 1

        def took(text: str) -> None:
            # What FTS5 asks of its own tables follows from the statement that made it do so.
            if not text.startswith("--"):
                self.statements.append((number, text))

        return took

    def taken(self) -> list[tuple[int, str]]:
        """The statements since the last call."""
        found, self.statements = self.statements, []
        return found


@contextmanager
def recorded() -> Iterator[Recorder]:
    """Connections that are opened meanwhile are listened to for as long as they live."""
    recorder, connect = Recorder(), sqlite3.connect

    def listening(*args: Any, **given: Any) -> sqlite3.Connection:
        db = connect(*args, **given)
        db.set_trace_callback(recorder.connected())
        return db

    with mock.patch("sqlite3.connect", listening):
        yield recorder


def _split(statement: str) -> tuple[str, list[str | int]]:
    """The statement with a mark for every literal, and the literals."""
    values: list[str | int] = []

    def mark(found: re.Match[str]) -> str:
        name, text, number = found.groups()
        if name is not None:
            return str(name)
        values.append(int(number) if text is None else text.replace("''", "'"))
        return "?"

    return _LITERAL.sub(mark, statement), values


class Replay:
    """Two recorded commands in turns, for ever: versions and instants go on, all else stays."""

    def __init__(self, path: Path, setups: list[str], pair: list[list[tuple[int, str]]]) -> None:
        self._lines = [[(number, *_split(text)) for number, text in each] for each in pair]
        used = sorted({number for each in self._lines for number, _, _ in each})
        self._connections = {number: _open(path, setups) for number in used}
        self._at, self._done = _version(self._lines[0]), 2

    def prepared(self, commands: int) -> Callable[[], None]:
        """So many further commands, their values made beforehand; to be called once."""
        steps: list[tuple[Callable[..., sqlite3.Cursor], str, tuple[str | int, ...]]] = []
        for done in range(self._done, self._done + commands):
            for number, text, values in self._lines[done % 2]:
                moved = tuple([self._moved(value, done) for value in values])
                steps.append((self._connections[number].execute, text, moved))
        self._done += commands

        def run() -> None:
            for execute, text, values in steps:
                execute(text, values).fetchone()

        return run

    def _moved(self, value: str | int, done: int) -> str | int:
        if isinstance(value, str):
            return value
        if value > _MICROSECONDS:
            return value + done
        near = self._at - 1 <= value <= self._at + 1
        return value + done - done % 2 if near else value

    def rows(self) -> int:
        """How many entries the journal has now."""
        db = next(iter(self._connections.values()))
        return int(db.execute("SELECT count(*) FROM journal").fetchone()[0])

    def close(self) -> None:
        """Let go of the file."""
        for db in self._connections.values():
            db.close()


def _version(lines: list[tuple[int, str, list[str | int]]]) -> int:
    """The version that a recorded command writes: the first number of its UPDATE."""
    for _, text, values in lines:
        if text.startswith("UPDATE"):
            return next(value for value in values if isinstance(value, int))
    raise AssertionError("a command that updates nothing was recorded")


def _open(path: Path, setups: list[str]) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, cached_statements=512)
    for text in setups:
        db.execute(text).fetchall()
    return db
