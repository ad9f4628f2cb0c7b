"""The audit of the work: what should wait in the queue and does not is found, healed or told.

Guarded here: a task that is gone (a row deleted by hand, a store that lost it) costs at most a
minute, healing does nothing twice, and nothing is reported that is well.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import (
    Alertmanager,
    Desk,
    ManualTime,
    MemoryStore,
    RaiseProblem,
    Retry,
    SilenceAlerts,
    hookimpl,
)
from incidentkit.desk.due import LEASE
from incidentkit.errors import NotAuthorised, Retryable
from incidentkit.flows import loose_ends
from incidentkit.flows.loose_ends import Lack
from incidentkit.ids import MAIN_TENANT, TaskId, TenantName
from incidentkit.model.delivery import Delivery
from incidentkit.model.signals import Beat, Signal, SourceRequest
from incidentkit.model.words import DeliveryState, MessageKind
from incidentkit.ports.audit import SupportsAudit
from incidentkit.ports.rows import LAPSES_BEFORE_PARKING, Batch, KeyChange, Move, TaskQuery
from incidentkit.rules.authorise import Opinion, Permission
from incidentkit.timing.instants import to_micros
from tests.acceptance.both import plainly
from tests.desk.stores import Wrapped
from tests.flows import world
from tests.flows.world import URGENT

Open = Callable[..., Any]


class Pulse:
    """A source of signs of life."""

    name = "pulse"

    def parse(self, request: SourceRequest) -> list[Signal]:
        return [Beat("pulse", request.body.decode(), timedelta(minutes=5))]


class Watched:
    """A desk, its time, its pager, and hands that meddle with its queue."""

    def __init__(self, open_desk: Open, url: str = "memory:", **more: Any) -> None:
        self.time, self.sms, self.beats = ManualTime(), world.pager(), list[Any]()
        self.desk = open_desk(
            url,
            time=self.time,
            channels={"sms": self.sms, **more.pop("channels", {})},
            sources=[Pulse(), Alertmanager("am")],
            plugins=[self],
            **more,
        )

    @hookimpl
    def incidentkit_on_beat(self, beat: Any) -> None:
        self.beats.append(beat)

    def meddle(self, **batch: Any) -> None:
        made = Batch(MAIN_TENANT, to_micros(self.time.now()), **batch)
        _ = plainly(self.desk, self.desk.ports.store.commit(made))

    def remove(self, prefix: str) -> list[str]:
        """Delete the tasks whose id begins so, as somebody does by hand."""
        found = [x.task.id for x in self.desk.tasks() if x.task.id.startswith(prefix)]
        assert found, f"no task begins with {prefix}"
        self.meddle(cancels=tuple(map(TaskId, found)))
        return found

    def ends(self, *, heal: bool = False) -> list[tuple[str, bool]]:
        return [(x.lack.value, x.healed) for x in self.desk.audit(heal=heal).loose_ends]


def test_a_desk_that_works_has_no_loose_ends(open_desk: Open, url: str) -> None:
    at = Watched(open_desk, url)
    assert at.ends() == []
    for n in range(3):
        at.desk.declare(f"Down {n}", assign=f"ana{n}", **URGENT)
    assert at.ends() == [], "its messages wait, and have just begun to"
    at.desk.run_due()
    at.desk.acknowledge("INC-1", by="ana0")
    at.desk.resolve("INC-2", code="fixed", remedy="restart", by="ana1")
    at.desk.run_due()
    assert at.ends() == []
    assert not at.desk.audit().loose_ends


@pytest.mark.parametrize("heal", [False, True])
def test_a_timer_deleted_by_hand_is_found_and_put_back(
    open_desk: Open, url: str, heal: bool
) -> None:
    at = Watched(open_desk, url)
    at.desk.declare("Down", assign="ana", **URGENT)
    at.desk.run_due()
    at.remove("wake:incident/")
    audit = at.desk.audit(heal=heal)
    (found,) = audit.loose_ends
    assert (found.lack, found.healed) == (Lack.TIMER, heal)
    assert found.subject.startswith("incident/")
    assert (audit.healed, audit.problems) == (((found,), ()) if heal else ((), (found,)))
    assert str(found).startswith("put back" if heal else "look")
    assert bool(at.desk.faults) is heal, "what was put back is told"
    at.time.move(minutes=5)
    at.desk.run_due() if heal else None
    assert sorted(world.said(at.sms)[1:]) == (["ana", "on-call"] if heal else [])


def test_every_kind_that_wakes_is_watched(open_desk: Open, url: str) -> None:
    at = Watched(open_desk, url)
    now = at.time.now()
    hour = timedelta(hours=1)
    at.desk.execute(SilenceAlerts('labels.x == "y"', until=now + hour, reason="known"), by="ana")
    at.desk.receive("pulse", "nightly")
    at.desk.declare("Down", assign="ana", **URGENT)
    at.desk.run_due()
    assert at.ends() == []
    waiting = {x.task.body.partition("/")[0] for x in at.desk.tasks(TaskQuery(queue="timer"))}
    assert waiting == {"silence", "heartbeat", "incident"}
    at.remove("wake:")
    found = {x.subject.partition("/")[0] for x in at.desk.audit().healed}
    assert found == waiting
    at.desk.run_due()
    again = {x.task.body.partition("/")[0] for x in at.desk.tasks(TaskQuery(queue="timer"))}
    assert again == waiting, "each looked, and went to its right time"
    assert at.ends() == []


def test_a_heartbeat_that_goes_on_is_no_loose_end(open_desk: Open, url: str) -> None:
    at = Watched(open_desk, url)
    for _ in range(20):
        at.desk.receive("pulse", "nightly")
        at.desk.run_due()
        at.time.move(minutes=3)
        assert at.ends() == []


def test_a_timer_that_rings_far_too_late_counts_as_none(open_desk: Open, url: str) -> None:
    at = Watched(open_desk, url)
    at.desk.declare("Down", assign="ana", **URGENT)
    at.desk.run_due()
    (timer,) = at.desk.tasks()
    at.meddle(moves=(Move(timer.task.id, to_micros(at.time.now() + timedelta(days=30))),))
    assert at.ends(heal=True) == [("timer", True)]
    at.time.move(minutes=5)
    at.desk.run_due()
    assert sorted(world.said(at.sms)) == ["ana", "ana", "on-call"]


def test_a_message_without_its_task_goes_out_after_all_and_can_be_answered(
    open_desk: Open, url: str
) -> None:
    at = Watched(open_desk, url)
    at.desk.declare("Down", assign="ana", **URGENT)
    at.remove("send:")
    assert at.ends(heal=True) == [("message", True)]
    assert at.ends(heal=True) == [], "once"
    at.desk.run_due()
    (message,) = at.sms.messages
    (delivery,) = at.desk.deliveries("INC-1")
    assert message.key == delivery.id
    assert delivery.state is DeliveryState.SENT
    answer = f'{{"type": "acknowledge", "token": "{message.answer_token}"}}'
    assert at.desk.receive("sms", answer).rejected == ()
    assert at.desk.incident("INC-1").life.response == "acknowledged"
    assert at.desk.verify().problems == ()


def test_what_was_set_aside_is_reported_and_left(open_desk: Open, url: str) -> None:
    at = Watched(open_desk, url)
    at.desk.declare("Down", assign="ana", **URGENT)
    lease = LEASE // timedelta(microseconds=1)
    for _ in range(LAPSES_BEFORE_PARKING + 1):
        _ = plainly(at.desk, at.desk.ports.store.claim(to_micros(at.time.now()), lease, 1))
        at.time.move(seconds=61)
    found = [x for x in at.desk.audit().problems if x.lack is Lack.PARKED]
    assert [x.message for x in found] == ["its lease ran out 5 times"]
    assert found[0].subject.startswith("send:")


def test_a_worker_that_stalls_and_work_that_is_late_are_reported(open_desk: Open, url: str) -> None:
    at = Watched(open_desk, url)
    at.desk.declare("Down", assign="ana", **URGENT)
    at.time.move(seconds=59)
    assert at.ends() == []
    at.time.move(seconds=2)
    assert at.ends() == [("late", False)]
    _ = plainly(at.desk, at.desk.ports.store.claim(to_micros(at.time.now()), 60_000_000, 8))
    at.time.move(seconds=100)
    assert at.ends() == [], "the lease ran out a moment ago"
    at.time.move(seconds=30)
    assert at.ends() == [("stalled", False)]
    at.desk.run_due()
    assert at.ends() == []


def test_a_channel_that_fails_quietly_is_reported(open_desk: Open, url: str) -> None:
    broken = {"mail": lambda message: Retry("the relay is away")}
    at = Watched(open_desk, url, channels=broken, directory={"ana": {"mail": "a@example.org"}})
    for n in range(3):
        at.desk.declare(f"Down {n}", assign="ana", **URGENT)
    at.desk.run_due()
    (found,) = at.desk.audit().loose_ends
    assert (found.lack, found.subject) == (Lack.CHANNEL, "mail")
    assert found.message == "3 of 3 recent messages failed: the relay is away"
    told = [x.message for x in at.desk.diagnose() if x.subject == "channel mail" and not x.ok]
    assert found.message in told


def delivery(channel: str, state: str, n: int) -> Any:
    return Delivery(
        f"{channel}{n}", 1, MessageKind.PAGE, "incident/1", "INC-1", "ana", "a", channel,  # type: ignore[arg-type]
        "t", "t", "P1", 1, "", DeliveryState(state), 1, "why",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("failed", "sent", "fails"), [(2, 0, False), (3, 0, True), (3, 3, True), (3, 4, False)]
)
def test_a_channel_fails_when_as_much_fails_as_goes_out(
    failed: int, sent: int, fails: bool
) -> None:
    tried = [delivery("sms", "refused", n) for n in range(failed)]
    tried += [delivery("sms", "sent", 100 + n) for n in range(sent)]
    tried += [delivery("sms", "queued", 200), delivery("mail", "unwanted", 1)]
    said = [("sms", failed, failed + sent, "why")] if fails else []
    assert loose_ends.failing(tried) == said


class Plain(Wrapped):
    """A store with nothing but the contract."""

    def __init__(self, inner: Any = None) -> None:
        super().__init__(inner)

    def __getattr__(self, name: str) -> Any:
        if name in ("unattended", "queued", "tenants", "search", "tally"):
            raise AttributeError(name)
        return super().__getattr__(name)


def test_a_store_that_cannot_compare_is_asked_record_by_record() -> None:
    assert not isinstance(Plain(), SupportsAudit)

    def opening(url: str, **given: Any) -> Desk:
        return Desk.open(store=Plain(), **given)

    for test in (
        test_a_desk_that_works_has_no_loose_ends,
        test_every_kind_that_wakes_is_watched,
        test_a_timer_that_rings_far_too_late_counts_as_none,
        test_a_message_without_its_task_goes_out_after_all_and_can_be_answered,
        test_what_was_set_aside_is_reported_and_left,
        test_a_worker_that_stalls_and_work_that_is_late_are_reported,
    ):
        test(opening, "memory:")


# --- by itself ------------------------------------------------------------------------------------


def test_a_worker_finds_it_within_a_minute(open_desk: Open, url: str) -> None:
    at = Watched(open_desk, url)
    at.desk.declare("Down", assign="ana", **URGENT)
    at.desk.run_due()
    at.remove("wake:incident/")
    for _ in range(6):
        at.time.move(seconds=10)
        at.desk.run_due()
    assert any(x.task.id.startswith("wake:incident/") for x in at.desk.tasks())
    at.time.move(minutes=4)
    at.desk.run_due()
    assert sorted(world.said(at.sms)) == ["ana", "ana", "on-call"]


def test_one_of_many_workers_audits_at_a_time() -> None:
    store, time, audits = MemoryStore(), ManualTime(), 0

    class Counting(Wrapped):
        def owners(self, tenant: TenantName, space: str, values: Any) -> Any:
            return self.inner.owners(tenant, space, values)

        def commit(self, batch: Batch) -> Any:
            nonlocal audits
            audits += sum(1 for key in batch.keys if key.becomes and key.becomes.endswith(" ?"))
            return self.inner.commit(batch)

    desks = [Desk.open(store=Counting(store), time=time) for _ in range(5)]
    desks[0].declare("Down", **URGENT)
    for _ in range(10):
        for desk in desks:
            desk.run_due()
        time.move(seconds=30)
    assert audits == 10


def test_a_tenant_that_only_others_work_for_is_audited_too() -> None:
    at = Watched(Desk.open)
    theirs = at.desk.tenant("acme")
    theirs.declare("Down", assign="ana", **URGENT)
    at.desk.run_due()
    at.time.move(seconds=31)
    at.desk.run_due()
    asked = at.desk.ports.store.owners(TenantName("acme"), "store", ("audited",))
    (owner,) = plainly(at.desk, asked)
    assert owner == f"{to_micros(at.time.now())} 0"


def test_a_beat_says_how_well_it_goes(open_desk: Open, url: str) -> None:
    at = Watched(open_desk, url)
    at.desk.declare("Down", assign="ana", **URGENT)
    at.desk.run_due()
    beat = at.beats[-1]
    assert (beat.late, beat.audited_at, beat.problems) == (timedelta(), at.time.now(), 0)
    assert beat.healthy()
    at.desk.declare("Down", assign="ana", **URGENT)
    at.time.move(minutes=2)
    at.desk.run_due()
    late = at.beats[-1]
    assert late.late == timedelta(minutes=2)
    assert not late.healthy()
    assert late.healthy(late=timedelta(minutes=3))


def test_a_beat_is_not_healthy_while_a_person_must_look(open_desk: Open, url: str) -> None:
    broken = {"mail": lambda message: Retry("the relay is away")}
    at = Watched(open_desk, url, channels=broken, directory={"ana": {"mail": "a@example.org"}})
    for n in range(3):
        at.desk.declare(f"Down {n}", assign="ana", **URGENT)
    at.desk.run_due()
    assert (at.beats[-1].problems, at.beats[-1].healthy()) == (1, False)


class Blind(Wrapped):
    """A store whose queue cannot be looked into."""

    def tasks(self, tenant: TenantName, query: TaskQuery) -> Any:
        raise Retryable("the replica is away")


def test_an_audit_that_fails_is_told_and_beats_are_no_longer_healthy() -> None:
    at = Watched(Desk.open, store=Blind())
    at.desk.run_due()
    assert at.beats[-1].audited_at is None
    assert not at.beats[-1].healthy()
    assert [x.plugin for x in at.desk.faults] == ["audit"]
    asked = at.desk.ports.store.owners(MAIN_TENANT, "store", ("audited",))
    (seen,) = plainly(at.desk, asked)
    assert seen.endswith(" ?")


def test_somebody_else_came_first() -> None:
    store = MemoryStore()

    class Racing(Wrapped):
        def commit(self, batch: Batch) -> Any:
            if any(
                x.key == "audited" and x.becomes.endswith(" ?") for x in batch.keys if x.becomes
            ):
                theirs = KeyChange("store", "audited", None, "1 ?")
                store.commit(Batch(MAIN_TENANT, keys=(theirs,)))
            return store.commit(batch)

    at = Watched(Desk.open, store=Racing(store))
    at.desk.run_due()
    assert at.beats[-1].audited_at is None
    assert at.desk.faults == ()


def test_not_everybody_may_audit() -> None:
    class Never:
        def may(self, actor: str, action: str, subject: str) -> Any:
            return Permission(Opinion.DENY, "never")

        def scope(self, actor: str, kind: str) -> Any:
            return None

    desk = Desk.open(authoriser=Never())
    with pytest.raises(NotAuthorised):
        desk.audit()


def test_problems_of_record_are_watched(open_desk: Open, url: str) -> None:
    at = Watched(open_desk, url)
    at.desk.execute(RaiseProblem("Disks fill up", impact="low", urgency="low"), by="ana")
    assert at.ends() == []
