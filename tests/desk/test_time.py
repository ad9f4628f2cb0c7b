"""What time it is: the store's, from the first call on, whatever this machine's clock says."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import MemoryStore
from incidentkit.desk.identity import TimeOrderedIds
from incidentkit.timing.instants import from_micros

Open = Callable[..., Any]
AHEAD = 300_000_000


@pytest.mark.parametrize("ahead", [-AHEAD, AHEAD])
def test_the_first_command_already_has_the_time_of_the_store(open_desk: Open, ahead: int) -> None:
    """A machine whose clock is five minutes wrong would else page five minutes late, or early."""

    def now() -> int:
        return time.time_ns() // 1000 + ahead

    before = now()
    desk = open_desk(store=MemoryStore(now=now), channels={"sms": lambda message: None})
    inc = desk.declare("Down", impact="high", urgency="high", assign="ana")
    (declared, *_) = desk.journal(inc)
    assert from_micros(before) <= declared.at <= from_micros(now())
    desk.run_due()
    assert desk.deliveries(inc)[0].state == "sent"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_has_salts_of_its_own() -> None:
    ids = TimeOrderedIds()
    ids.new_salt()
    read, written = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(written, ids.new_salt().encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(written)
    with os.fdopen(read) as told:
        assert told.read() != ids.new_salt()
