"""E3's worker: carry out one command and die at its k-th call of the store."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import incidentkit as ik
from incidentkit import Desk, ManualTime
from tests.desk import test_commands
from tests.flows import world
from tests.proof import failpoints
from tests.proof.bare import bare

REQUEST = "r-point"
CASES = test_commands.CASES


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


def pointing(*, log: str, url: str, command: str, at: int, when: str) -> None:
    """Die at a point. The store stands where the command of that file may be carried out."""
    store = failpoints.Failing(bare(url), at, when, failpoints.die)
    carry_out(again(store), pickle.loads(Path(command).read_bytes()))
