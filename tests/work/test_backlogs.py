"""Backlogs, outages and poison: what waits goes out once, in order, or is where a person finds it.

Guarded here: pages for what is over are never sent, old ones are recorded, one poisoned message
costs nobody else anything, timers ring once in due order, and a full queue of one person delays
nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from incidentkit import Desk, ManualTime, MemoryStore, Reply, Retry, hookimpl
from incidentkit.desk import attending
from incidentkit.desk.attending import AT_ONCE, GIVE_UP, LEASE, MOST, PUT_OFF
from incidentkit.errors import NotAuthorised
from incidentkit.ports.rows import LAPSES_BEFORE_PARKING, TaskQuery
from tests.desk.stores import Wrapped
from tests.flows import world
from tests.flows.world import URGENT
from tests.work.story import QUIET, declared, opened, stored_states, times_sent

Open = Callable[..., Any]
Size = Callable[[int, int], int]


class Crash(BaseException):
    """The process dies: nothing in it is caught."""


# --- E24: a backlog of two hours ------------------------------------------------------------------


def test_after_a_backlog_only_what_somebody_still_needs_is_sent(
    open_desk: Open, url: str, size: Size
) -> None:
    n, time, sms = size(24, 10_000), ManualTime(), world.pager()
    desk = open_desk(url, time=time, channels={"sms": sms}, policy=QUIET)
    for at in range(n):
        desk.declare(f"Down {at}", assign=f"p{at}", **URGENT)
        time.move(seconds=3 * 3600 / n)
    for at in range(n):
        if at % 4 == 0:
            desk.acknowledge(f"INC-{at + 1}", by="bob")
        elif at % 4 == 1:
            desk.resolve(f"INC-{at + 1}", code="fixed", remedy="x")
    desk.execute(Reply(f"INC-{n}", text="we know", to="customer"))
    for _ in range(1 + 2 * n // MOST):  # one call does so many at most
        desk.run_due()
    old = [at for at in range(n) if at % 4 > 1 and 3 - 3 * at / n > 2]
    live = [f"p{at}" for at in range(n) if at % 4 > 1 and at not in old]
    assert old, "some had become too old"
    said = world.said(sms)
    soon = said[: len(live) + AT_ONCE]
    assert [x for x in soon if x in live] == live or set(live) <= set(soon), "live ones first"
    assert set(said) == {*live, "on-call", "customer", *(f"p{at}" for at in old)}
    assert said.count("customer") == 1
    for at in range(0, n, 4):
        assert desk.deliveries(f"INC-{at + 1}")[0].state == "unwanted"
    for at in old:
        first, *fresh = sorted(desk.deliveries(f"INC-{at + 1}"), key=lambda x: x.round)
        assert first.state == "expired"
        assert {each.state for each in fresh} == {"sent"}, "nobody had heard, so one more round"
        told = [line.text for line in desk.timeline(f"INC-{at + 1}")]
        assert any(f"page to p{at} on sms was not sent: it waited too long" in x for x in told)


def test_what_is_too_late_is_settled_while_its_channel_is_dead(open_desk: Open, url: str) -> None:
    time, sms = ManualTime(), world.pager()
    policy = {**QUIET, "delivery": {"expire_page_after": "10m"}}
    desk = open_desk(url, time=time, channels={"sms": sms}, policy=policy)
    sms.answer_always(Retry("no route"))
    for at in range(10):
        desk.declare(f"Down {at}", assign=f"p{at}", **URGENT)
    desk.run_due()
    time.move(minutes=11)
    desk.run_due()
    first = [min(desk.deliveries(f"INC-{at}"), key=lambda x: x.round) for at in range(1, 11)]
    assert {each.state for each in first} == {"expired"}
    assert sum(each.tries for each in first) == 5
    journal = world.entries(desk, "delivery", first[0].id)
    assert world.reasons(journal)[-1].outcome == "too late"


# --- E20, E21: a receiver that is down, an incident that is over sooner ---------------------------


def test_a_receiver_that_was_down_for_ten_minutes_gets_each_page_once(
    lasting: str, size: Size
) -> None:
    n, time, sms = size(30, 1_000), ManualTime(), world.pager()
    sms.answer_always(Retry("500"))
    first = opened(lasting, time, sms=sms)
    second = Desk(first._shared, first.tenant_of)
    declared(first, n)
    for at in range(60):
        for worker in (first, second):
            worker.run_due()
        time.move(seconds=10)
        if at == 30:
            first.acknowledge("INC-1", by="bob")
    sms.answer_always(None)
    for _ in range(120):
        for worker in (first, second):
            worker.run_due()
        time.move(seconds=10)
    assert sorted(world.said(sms)) == sorted(f"p{at}" for at in range(1, n))
    assert set(times_sent(sms).values()) == {1}
    first.disconnect()


def test_two_workers_with_circuits_of_their_own_send_each_page_once(size: Size) -> None:
    n, time, sms, store = size(20, 1_000), ManualTime(), world.pager(), MemoryStore()
    sms.answer_always(Retry("500"))
    workers = [
        Desk.open(store=store, time=time, channels={"sms": sms}, policy=QUIET) for _ in range(2)
    ]
    declared(workers[0], n)
    for _ in range(20):
        for worker in workers:
            worker.run_due()
        time.move(seconds=30)
    assert any(worker.ports.circuits.open() for worker in workers)
    sms.answer_always(None)
    for _ in range(40):
        for worker in workers:
            worker.run_due()
        time.move(seconds=30)
    assert sorted(world.said(sms)) == sorted(f"p{at}" for at in range(n))
    store.close()


def test_resolved_before_its_first_page_left_nobody_is_called(lasting: str, size: Size) -> None:
    n, time, sms = size(20, 1_000), ManualTime(), world.pager()
    before = opened(lasting, time, sms=sms)
    declared(before, n)
    for at in range(n):
        before.resolve(f"INC-{at + 1}", code="fixed", remedy="x")
    before.disconnect()
    after = opened(lasting, time, sms=sms)
    after.run_due()
    assert sms.tries == []
    for at in range(n):
        (delivery,) = after.deliveries(f"INC-{at + 1}")
        assert (delivery.state, delivery.detail) == ("unwanted", "incident no longer active")
    after.disconnect()


# --- E13: timers that came due while everything was down ------------------------------------------


def test_timers_through_a_downtime_ring_once_each_in_due_order(lasting: str, size: Size) -> None:
    n, time = size(60, 10_000), ManualTime()
    policy = {**QUIET, "paging": {"priorities": ["P1"], "calls": []}}
    policy["targets"] = {"resolve": {"within": {"P5": "1h"}}, "acknowledge": {"within": {}}}
    before = Desk.open(lasting, time=time, policy=policy)
    for at in range(n):
        before.declare(f"Slow {at}", impact="low", urgency="low")
        time.move(seconds=1)
    before.disconnect()
    time.move(days=1)
    rung: list[str] = []

    class Watcher:
        @hookimpl
        def incidentkit_on_committed(self, change: Any) -> None:
            rung.extend(x.ref for x in change.records if "clock_breached" in x.events)

    after = Desk.open(lasting, time=time, policy=policy, plugins=[Watcher()])
    after.run_due()
    after.run_due()
    assert rung == [f"INC-{at + 1}" for at in range(n)]
    after.disconnect()


# --- E26: one poisoned message --------------------------------------------------------------------


def poisoned(desk: Any, n: int, time: ManualTime, restart: Callable[[], None]) -> Any:
    """Work until nothing is left but the poison; the parked task."""
    for _ in range(4 * LAPSES_BEFORE_PARKING):
        try:
            desk.run_due()
        except Crash:
            restart()
        time.move(seconds=LEASE.total_seconds())
    (parked,) = desk.parked()
    return parked


def test_a_message_that_kills_its_worker_is_parked_and_all_others_go_out(
    open_desk: Open, url: str, size: Size
) -> None:
    n, time, sent, crashes = size(40, 10_000), ManualTime(), list[str](), list[int]()

    def sms(message: Any) -> None:
        if message.to == "p7":
            raise Crash
        sent.append(message.to)

    desk = open_desk(url, time=time, channels={"sms": sms}, policy=QUIET)
    declared(desk, n)
    parked = poisoned(desk, n, time, lambda: crashes.append(1))
    assert set(sent) == {f"p{at}" for at in range(n) if at != 7}
    assert len(crashes) == LAPSES_BEFORE_PARKING
    again = len(sent) - (n - 1)
    assert again <= (AT_ONCE - 1) * len(crashes), "at most what was under way at a crash"
    assert "lease ran out" in parked.why
    assert (parked.delivery.party, parked.channel, parked.queue) == ("p7", "sms", "message")
    assert str(parked).startswith(f"{parked.id}: page to p7 on sms about INC-8: its lease ran out")
    assert [x.message for x in desk.diagnose() if x.subject == "queue" and not x.ok]


class Damaged(Wrapped):
    """Gives back one record that nobody can read."""

    which = ""

    def load(self, tenant: Any, refs: Any) -> Any:
        import attrs

        rows = self.inner.load(tenant, refs)
        return tuple(
            attrs.evolve(row, body="{") if row is not None and row.id == self.which else row
            for row in rows
        )


def test_a_message_that_cannot_be_read_is_parked_and_all_others_go_out(
    open_desk: Open, size: Size
) -> None:
    n, store, time, sms = size(40, 10_000), Damaged(), ManualTime(), world.pager()
    desk = open_desk(store=store, time=time, channels={"sms": sms}, policy=QUIET)
    declared(desk, n)
    (ruined,) = desk.deliveries("INC-8")
    store.which = ruined.id
    for _ in range(GIVE_UP):
        desk.run_due()
        time.move(seconds=(PUT_OFF * GIVE_UP).total_seconds())
    (parked,) = desk.parked()
    assert (parked.delivery, parked.tries) == (None, GIVE_UP)
    assert parked.about.startswith("incident/")
    assert "DamagedRecord" in parked.why
    assert "cannot be read" in parked.why or "$" in parked.why
    assert len(world.said(sms)) == n - 1
    store.which = ""
    desk.retry(parked.id, by="ana")
    desk.run_due()
    assert len(world.said(sms)) == n
    assert desk.parked() == ()


def test_a_failure_of_our_own_is_put_off_like_any_other(
    open_desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    time, sms = ManualTime(), world.pager()
    desk = open_desk(time=time, channels={"sms": sms}, policy=QUIET)
    declared(desk, 2)
    whole = attending.flow_of

    def flawed(setting: Any, claimed: Any) -> Any:
        if desk_of(claimed):
            raise RuntimeError("a mistake")
        return whole(setting, claimed)

    (first,) = desk.deliveries("INC-1")

    def desk_of(claimed: Any) -> bool:
        return bool(claimed.task.id == f"send:{first.id}")

    monkeypatch.setattr(attending, "flow_of", flawed)
    desk.run_due()
    assert world.said(sms) == ["p1"]
    assert [fault.exception_type for fault in desk.faults] == ["RuntimeError"]
    monkeypatch.undo()
    time.move(seconds=PUT_OFF.total_seconds())
    desk.run_due()
    assert world.said(sms) == ["p1", "p0"]


# --- what was set aside ---------------------------------------------------------------------------


def test_what_was_given_up_is_parked_and_starts_afresh(open_desk: Open, url: str) -> None:
    time, sms = ManualTime(), world.pager()
    policy = {**QUIET, "delivery": {"tries": 2}}
    desk = open_desk(url, time=time, channels={"sms": sms}, policy=policy)
    sms.answer_always(Retry("busy"))
    declared(desk, 1)
    for _ in range(3):
        desk.run_due()
        time.move(seconds=30)
    (parked,) = desk.parked()
    assert (parked.why, parked.delivery.state) == ("given up after 2 tries: busy", "refused")
    sms.answer_always(None)
    time.move(days=1)
    desk.retry(parked.id, by="ana")
    desk.run_due()
    (delivery,) = desk.deliveries("INC-1")
    assert (delivery.state, delivery.tries, desk.parked()) == ("sent", 1, ())
    (again,) = [
        x for x in world.entries(desk, "delivery", delivery.id) if x.kind == "delivery_requeued"
    ]
    said: Any = again.recorded
    assert (said.by, said.event.why) == ("ana", parked.why)
    assert desk.verify().problems == ()


def test_parked_tasks_are_listed_page_by_page(open_desk: Open) -> None:
    from incidentkit.errors import InvalidValue

    time, sms = ManualTime(), world.pager()
    desk = open_desk(time=time, channels={"sms": sms}, policy={**QUIET, "delivery": {"tries": 1}})
    sms.answer_always(Retry("busy"))
    declared(desk, 3)
    for _ in range(4):
        desk.run_due()
        time.move(minutes=1)
    first, second = desk.parked(limit=2)
    (third,) = desk.parked(second.id)
    assert len({first.id, second.id, third.id}) == 3
    with pytest.raises(InvalidValue, match="limit"):
        desk.parked(limit=0)


def test_only_who_may_lists_and_tries_again(open_desk: Open) -> None:
    class Nobody:
        name = "nobody"

        def may(self, actor: str, action: str, subject: str) -> Any:
            from incidentkit.rules.authorise import Opinion, Permission

            return Permission(Opinion.DENY if actor == "eve" else Opinion.ALLOW, "not you")

        def scope(self, actor: str, kind: str) -> Any:
            from incidentkit.lang.conditions import ALWAYS

            return ALWAYS

    desk = open_desk(channels={"sms": world.pager()}, authoriser=Nobody(), policy=QUIET)
    declared(desk, 1)
    (task,) = desk.tasks(TaskQuery(queue="message"))
    eve = desk.as_("eve")
    with pytest.raises(NotAuthorised):
        eve.parked()
    with pytest.raises(NotAuthorised):
        eve.retry(task.task.id)
    assert desk.parked() == ()


# --- fairness, and a bound on what waits ----------------------------------------------------------


def test_a_backlog_of_one_tenant_delays_no_other(open_desk: Open, url: str) -> None:
    sms = world.pager()
    desk = open_desk(url, time=ManualTime(), channels={"sms": sms}, policy=QUIET)
    for at in range(50):
        desk.tenant("loud").declare(f"Down {at}", assign=f"loud{at}", **URGENT)
    desk.tenant("quiet").declare("Down", assign="quiet", **URGENT)
    desk.run_due()
    assert "quiet" in world.said(sms)[:AT_ONCE]


def test_what_waits_for_one_person_delays_nobody_else(open_desk: Open, url: str) -> None:
    time, sms = ManualTime(), world.pager()
    desk = open_desk(url, time=time, channels={"sms": sms}, policy=QUIET)
    desk.declare("Down", assign="ana", **URGENT)
    for at in range(20):
        desk.execute(Reply("INC-1", text=f"news {at}", to="ana"))
    sms.answer_next(Retry("engaged"))
    desk.declare("Down too", assign="bob", **URGENT)
    desk.run_due()
    # Side by side either page may have been the one that was put off; the other one is not.
    assert world.said(sms) in (["bob"], ["ana"] * 21), "nobody waits for somebody else's message"
    time.move(seconds=15)
    desk.run_due()
    assert sorted(set(world.said(sms))) == ["ana", "bob"]
    hers = [x.text for x in sms.messages if x.to == "ana"]
    assert hers[1:] == [f"news {at}" for at in range(20)]


def test_beyond_a_bound_pages_are_bundled_with_those_that_wait(open_desk: Open, url: str) -> None:
    time, sms = ManualTime(), world.pager()
    policy = {**QUIET, "paging": {"rounds": 6, "calls": []}, "delivery": {"pending_pages": 2}}
    desk = open_desk(url, time=time, channels={"sms": sms}, policy=policy)
    sms.answer_always(Retry("no route"))
    desk.declare("Down", assign="ana", **URGENT)
    for _ in range(60):
        desk.run_due()
        time.move(seconds=30)
    hers = [x for x in desk.deliveries("INC-1") if x.party == "ana"]
    assert len(hers) == 2
    bundled = [x for x in desk.journal("INC-1") if x.kind == "page_bundled"]
    assert {x.recorded.event.to for x in bundled} == {"ana", "on-call"}
    assert all(x.recorded.reason.outcome == "bundle" for x in bundled)
    told = [line.text for line in desk.timeline("INC-1")]
    assert any("ana is not paged once more on sms (round 3): 2 pages wait there" in x for x in told)
    sms.answer_always(None)
    for _ in range(40):
        time.move(seconds=30)
        desk.run_due()
    assert world.said(sms).count("ana") == 2


def test_workers_side_by_side_send_each_message_once(
    url: str, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    n, time, sms = size(60, 10_000), ManualTime(), world.pager()
    monkeypatch.setattr(attending, "MOST", size(50, attending.MOST))
    with Desk.open(url, time=time, channels={"sms": sms}, policy=QUIET) as desk:
        declared(desk, n, tenants=3)
        with ThreadPoolExecutor(8) as pool:
            while (again := desk.run_due(pool)) is not None and again <= time.now():
                pass  # one call does so many tasks at most, and says that more is due
        assert sorted(world.said(sms)) == sorted(f"p{at}" for at in range(n))
        assert set(times_sent(sms).values()) == {1}
        assert set(stored_states(desk.tenant("t0"))) == {"sent"}
