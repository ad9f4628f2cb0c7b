"""Observers: told after the fact, and without any power over it.

Guarded here: what each is told, and that one which fails changes nothing and keeps no other from
being told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import ManualTime, Refused, hookimpl
from tests.flows import world
from tests.flows.world import URGENT

Open = Callable[..., Any]


class Watching:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.commits: list[Any] = []
        self.deliveries: list[Any] = []
        self.faults: list[Any] = []
        self.beats: list[Any] = []

    @hookimpl
    def incidentkit_on_committed(self, change: Any) -> None:
        self.commits.append(change)

    @hookimpl
    def incidentkit_on_delivery(self, delivery: Any) -> None:
        self.deliveries.append(delivery)

    @hookimpl
    def incidentkit_on_fault(self, fault: Any) -> None:
        self.faults.append(fault)

    @hookimpl
    def incidentkit_on_beat(self, beat: Any) -> None:
        self.beats.append(beat)


class Raising:
    """Fails at everything it is told."""

    @hookimpl
    def incidentkit_on_committed(self, change: Any) -> None:
        raise RuntimeError("committed")

    @hookimpl
    def incidentkit_on_delivery(self, delivery: Any) -> None:
        raise SystemExit("delivery")

    @hookimpl
    def incidentkit_on_fault(self, fault: Any) -> None:
        raise RuntimeError("fault")

    @hookimpl
    def incidentkit_on_beat(self, beat: Any) -> None:
        raise RuntimeError("beat")


def test_a_commit_is_told_with_what_happened(open_desk: Open, url: str) -> None:
    watching, time = Watching(), ManualTime()
    desk = open_desk(url, time=time, plugins=[watching])
    inc = desk.declare("Down", by="ana")
    (change,) = watching.commits
    assert (change.tenant, change.actor, change.at) == ("main", "ana", time.now())
    record = next(each for each in change.records if each.kind == "incident")
    assert (record.id, record.ref, record.version) == (inc.id, "INC-1", inc.version)
    assert record.events == tuple(world.names(desk, inc))
    desk.start(inc)
    assert [each.events[0] for each in watching.commits[1].records] == ["started"]


def test_reading_refusals_and_replays_are_not_told(open_desk: Open) -> None:
    watching = Watching()
    desk = open_desk("memory:", plugins=[watching])
    desk.declare("Down", request="r-1")
    told = len(watching.commits)
    desk.find()
    desk.declare("Down", request="r-1")
    desk.assign("INC-1")
    with pytest.raises(LookupError):
        desk.note("INC-9", "hello")
    assert len(watching.commits) == told


def test_deliveries_and_beats_are_told(open_desk: Open, url: str) -> None:
    watching, sms = Watching(), world.pager()
    sms.answer_next(Refused("no such number"))
    desk = open_desk(url, time=ManualTime(), plugins=[watching], channels={"sms": sms})
    desk.declare("Down", assign="ana", **URGENT)
    due = desk.run_due()
    states = [(each.party, each.state) for each in watching.deliveries]
    assert states[0] == ("ana", "refused")
    assert sorted(states[1:]) == [("ana", "sent"), ("on-call", "sent")]
    (beat,) = watching.beats
    assert (beat.tenant, beat.next_at) == (None, due)
    assert beat.done >= len(watching.deliveries)


def test_faults_are_told_and_listed(open_desk: Open) -> None:
    watching = Watching()

    def sms(message: Any) -> None:
        raise OSError("no route")

    desk = open_desk("memory:", time=ManualTime(), plugins=[watching], channels={"sms": sms})
    desk.declare("Down", assign="ana", **URGENT)
    desk.run_due()
    (fault,) = desk.faults
    assert (fault.plugin, fault.hook, fault.exception_type) == ("sms", "send", "OSError")
    assert "no route" in fault.problem
    assert watching.faults == [fault]
    assert any(x.subject == "faults" and "no route" in x.message for x in desk.diagnose())


def test_an_observer_that_fails_changes_nothing(open_desk: Open, url: str) -> None:
    watching, sms = Watching(), world.pager()
    desk = open_desk(url, time=ManualTime(), plugins=[Raising(), watching], channels={"sms": sms})
    inc = desk.declare("Down", assign="ana", **URGENT)
    desk.run_due()
    assert desk.deliveries(inc)[0].state == "sent"
    assert (len(watching.deliveries), len(watching.beats)) == (1, 1)
    assert watching.commits
    hooks = {fault.hook for fault in desk.faults}
    assert hooks == {
        "incidentkit_on_committed",
        "incidentkit_on_delivery",
        "incidentkit_on_beat",
    }
    assert {fault.hook for fault in watching.faults} == hooks
    assert desk.verify().problems == ()
