"""A channel that fails is left alone but for a probe, and nobody waits in silence for it.

Guarded here: at most five failures open a circuit, at most one probe goes out in 30 seconds, other
channels go on, the pages that wait are told to their incidents, and a success ends it all.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from incidentkit import ManualTime, MessageKind, Refused, Reply, Retry, hookimpl
from incidentkit.desk.circuits import MOST_HUNG, OPENS_AFTER, PROBE_EVERY, Circuits
from incidentkit.model.delivery import Sent
from incidentkit.plugins.faults import FaultLog
from tests.flows import world
from tests.flows.world import URGENT
from tests.work.story import QUIET

Open = Callable[..., Any]
TWO_WAYS = {"sms": "+49", "mail": "x@example.org"}


class Watcher:
    def __init__(self) -> None:
        self.faults: list[Any] = []

    @hookimpl
    def incidentkit_on_fault(self, fault: Any) -> None:
        self.faults.append(fault)


class Night:
    """So many urgent incidents of people whose pager is dead."""

    def __init__(self, open_desk: Open, url: str, n: int, **policy: Any) -> None:
        self.time, self.watcher = ManualTime(), Watcher()
        self.sms = world.pager("sms", MessageKind.PAGE)
        self.mail = world.pager("mail", MessageKind.NOTICE)
        self.desk = open_desk(
            url,
            time=self.time,
            channels={"sms": self.sms, "mail": self.mail},
            policy={**QUIET, **policy},
            plugins=[self.watcher],
        )
        self.sms.answer_always(Retry("no route"))
        for at in range(n):
            self.desk.declare(f"Down {at}", assign=f"p{at}", **URGENT)

    def seconds(self, n: int) -> list[int]:
        """How many messages each of the next `n` seconds hands to the pager."""
        found: list[int] = []
        for _ in range(n):
            before = len(self.sms.tries)
            self.desk.run_due()
            found.append(len(self.sms.tries) - before)
            self.time.move(seconds=1)
        return found


def test_a_dead_channel_is_tried_five_times_and_then_once_in_thirty_seconds(
    open_desk: Open, url: str, size: Callable[[int, int], int]
) -> None:
    night = Night(open_desk, url, size(20, 1_000))
    tries = night.seconds(121)
    assert tries[0] == OPENS_AFTER, "no more than open the circuit"
    assert sum(tries[1:]) == 4, "one probe for each 30 seconds"
    assert all(tries[at] <= 1 for at in range(1, 121))
    probes = [at for at in range(1, 121) if tries[at]]
    assert all(later - earlier >= 30 for earlier, later in pairwise(probes))


def test_the_other_channels_go_on(open_desk: Open, url: str) -> None:
    night = Night(open_desk, url, 20)
    night.desk.run_due()
    for at in range(10):
        night.desk.execute(Reply("INC-1", text="we know", to=f"customer{at}"))
        night.desk.run_due()
        assert len(night.mail.messages) == at + 1, "at once, whatever the pager does"
    assert len(night.sms.tries) == OPENS_AFTER


def test_a_success_closes_it_and_all_that_waited_goes_out_once(open_desk: Open, url: str) -> None:
    night = Night(open_desk, url, 20)
    _ = night.seconds(45)
    night.sms.answer_always(None)
    _ = night.seconds(60)
    assert sorted(world.said(night.sms)) == sorted(f"p{at}" for at in range(20))
    assert night.desk.ports.circuits.open() == ()


def test_everybody_is_told_that_a_channel_is_left_alone(open_desk: Open, url: str) -> None:
    night = Night(open_desk, url, 20)
    assert not any("channel sms" in x.subject for x in night.desk.diagnose())
    night.desk.run_due()
    (fault,) = [x for x in night.watcher.faults if x.hook == "circuit"]
    assert (fault.plugin, fault.exception_type) == ("sms", "CircuitOpen")
    assert "5 failures in a row" in fault.problem
    findings = {x.subject: x for x in night.desk.diagnose()}
    assert not findings["channel sms"].ok
    assert "one is tried every 30 s" in findings["channel sms"].message
    assert not findings["messages"].ok
    assert "20 on sms" in findings["messages"].message


def test_a_page_that_is_held_up_stands_in_the_timeline_and_the_ladder_goes_on(
    open_desk: Open, url: str
) -> None:
    night = Night(open_desk, url, 8, paging={"rounds": 3, "calls": []})
    night.desk.run_due()
    told = [str(line) for line in night.desk.timeline("INC-8")]
    assert any("page to p7 on sms is held up: the channel is failing" in line for line in told)
    assert night.desk.incident("INC-8").attention.round == 2, "somebody else is asked at once"
    (first, *_) = sorted(night.desk.deliveries("INC-8"), key=lambda x: x.round)
    assert (first.state, first.tries) == ("delayed", 0)
    journal = world.entries(night.desk, "delivery", first.id)
    assert [x.outcome for x in world.reasons(journal)] == ["held up"]
    night.time.move(minutes=1)
    night.desk.run_due()
    again = [line for line in night.desk.timeline("INC-8") if "p7 on sms is held" in line.text]
    assert len(again) == 1, "once is enough"
    night.sms.answer_always(None)
    for _ in range(6):
        night.time.move(seconds=30)
        night.desk.run_due()
    assert any("page to p7 on sms was sent" in x.text for x in night.desk.timeline("INC-8"))


def test_a_single_page_that_fails_twice_is_told_too(open_desk: Open, url: str) -> None:
    night = Night(open_desk, url, 1, paging={"rounds": 3, "calls": []})
    night.desk.run_due()
    assert night.desk.incident("INC-1").attention.round == 1, "a hiccup wakes nobody else"
    night.time.move(seconds=15)
    night.desk.run_due()
    told = [line.text for line in night.desk.timeline("INC-1")]
    assert any("page to p0 on sms has not gone out yet (no route)" in text for text in told)
    assert night.desk.incident("INC-1").attention.round == 2


def test_what_nobody_wants_any_more_is_settled_while_the_channel_is_dead(
    open_desk: Open, url: str
) -> None:
    night = Night(open_desk, url, 20)
    night.desk.run_due()
    for at in range(11, 21):
        night.desk.acknowledge(f"INC-{at}", by="bob")
    night.time.move(seconds=30)
    night.desk.run_due()
    states = [night.desk.deliveries(f"INC-{at}")[0].state for at in range(11, 21)]
    assert states.count("unwanted") >= 9, "all but a message that is waiting for its own next try"


# --- the circuit alone ----------------------------------------------------------------------------

AT = ManualTime().now()


def broken(circuits: Circuits) -> Circuits:
    for _ in range(OPENS_AFTER):
        assert circuits.begin("sms", AT)
        circuits.failed("sms", "no route", AT)
        circuits.end("sms")
    return circuits


def test_what_is_under_way_counts_towards_the_five() -> None:
    circuits = Circuits(FaultLog(), ("sms",))
    assert [circuits.begin("sms", AT) for _ in range(6)] == [True] * 5 + [False]
    assert circuits.closed_to(AT) == ("sms",)
    circuits.heard("sms", Retry("busy"), AT)
    circuits.end("sms")
    assert circuits.closed_to(AT) == ("sms",), "four may still fail, and one has"
    circuits.heard("sms", Sent(), AT)
    circuits.end("sms")
    assert circuits.closed_to(AT) == ()


@pytest.mark.parametrize("said", [Sent(), Refused("no such number")])
def test_an_answer_closes_it(said: Any) -> None:
    circuits = broken(Circuits(FaultLog(), ("sms",)))
    assert circuits.closed_to(AT) == ("sms",)
    probe = AT + PROBE_EVERY
    assert circuits.begin("sms", probe)
    assert not circuits.begin("sms", probe), "one at a time"
    circuits.heard("sms", said, probe)
    circuits.end("sms")
    assert (circuits.open(), circuits.closed_to(probe)) == ((), ())


def test_a_probe_that_sent_nothing_was_none() -> None:
    circuits = broken(Circuits(FaultLog(), ("sms",)))
    probe = AT + PROBE_EVERY
    assert circuits.begin("sms", probe)
    circuits.end("sms")
    assert circuits.begin("sms", probe)


def test_sends_that_never_come_back_do_not_take_every_place() -> None:
    circuits = Circuits(FaultLog(), ("sms",))
    now = AT
    for _ in range(MOST_HUNG):
        assert circuits.begin("sms", now)
        circuits.overdue("sms", now)
        now += timedelta(minutes=1)
    assert not circuits.begin("sms", now + timedelta(days=1)), "it hangs, and is left alone"
    circuits.end("sms", hung=True)
    assert circuits.begin("sms", now + timedelta(days=1))
