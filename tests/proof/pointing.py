"""E3's worker: carry out one command and die at its k-th call of the store."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import incidentkit as ik
from incidentkit import Desk, ManualTime
from incidentkit.stores.memory import MemoryStore
from incidentkit.stores.sqlite.store import SqliteStore
from tests.desk import test_commands
from tests.flows import world
from tests.proof import failpoints

REQUEST = "r-point"
CASES = test_commands.CASES


def kind_called(name: str) -> type[ik.Command]:
    """A command by its name."""
    return next(kind for kind in CASES if kind.__name__ == name)


class Prepared:
    """A store on which a command may be carried out, as the table of commands prepares it."""

    def __init__(self, kind: type[ik.Command], store: Any) -> None:
        self.case = CASES[kind]
        self.desk: Any = test_commands.opened(lambda url, **given: opened(store, **given))
        self.case.before(self.desk)
        self.command = self.case.make(self.desk)


def opened(store: Any, **given: Any) -> Desk:
    """A desk on a store."""
    return Desk.open(store=store, **{"entry_points": False, **given})


def again(store: Any) -> Desk:
    """A desk of another process on the same store."""
    return opened(store, time=ManualTime(), channels={"sms": world.pager()})


def carry_out(desk: Desk, command: ik.Command) -> None:
    """The command under its request id."""
    desk.execute(command, by="ana", request=REQUEST)


def calls_of(kind: type[ik.Command]) -> tuple[str, ...]:
    """The calls that a command makes, in order, on a desk that has remembered nothing."""
    store = failpoints.Failing(MemoryStore())
    command = Prepared(kind, store).command
    desk = again(store)
    store.seen.clear()
    carry_out(desk, command)
    return tuple(store.seen)


def pointing(*, log: str, path: str, kind: str, at: int, when: str) -> None:
    """Die at a point. The file stands where the command may be carried out."""
    store = failpoints.Failing(SqliteStore(path, synchronous="off"), at, when, failpoints.die)
    with contextlib.suppress(FileNotFoundError):
        command = command_in(Path(path), kind)
        carry_out(again(store), command)


def command_in(path: Path, kind: str) -> ik.Command:
    """The command that was prepared with the file."""
    import pickle

    found: ik.Command = pickle.loads(path.with_suffix(".command").read_bytes())
    assert type(found).__name__ == kind
    return found
