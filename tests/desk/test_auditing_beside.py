"""The audit beside other parts: failing authorisers, delayed pages, and messages let go late."""

from __future__ import annotations

from typing import Any

import attrs

from incidentkit import Condition, Desk, ManualTime, Permission, Retry
from incidentkit.flows.loose_ends import failing
from incidentkit.ids import TenantName
from incidentkit.model.words import DeliveryState
from incidentkit.ports.query import Query
from incidentkit.ports.rows import Batch, TaskQuery
from tests.flows import world

MAIN = TenantName("main")


class Down:
    """An authoriser that cannot be asked."""

    name = "login"

    def may(self, actor: str, action: str, subject: str) -> Permission:
        raise ConnectionError("login is down")

    def scope(self, actor: str, kind: str) -> Condition | None:
        raise ConnectionError("login is down")


def without_tasks(desk: Desk, queue: str) -> int:
    """Take every task of a queue out of the store, as a slip of the hand would."""
    tasks = desk.ports.store.tasks(MAIN, TaskQuery(queue=queue))
    gone = tuple(each.task.id for each in tasks)
    desk.ports.store.commit(Batch(MAIN, cancels=gone))
    return len(gone)


def test_a_worker_heals_although_the_authoriser_fails() -> None:
    time, down = ManualTime(), Down()
    with Desk.open("memory:", time=time, channels={"sms": world.pager()}) as desk:
        desk.declare("Down", assign="ana", impact="high", urgency="high")
        desk.run_due()
        store = desk.ports.store
        assert without_tasks(desk, "timer")
        time.move(minutes=1)
        object.__setattr__(desk.ports.plugins, "authorisers", (down,))
        desk.run_due()
        assert store.tasks(MAIN, TaskQuery(queue="timer"))
        assert [fault.problem for fault in desk.faults if "its timer is missing" in fault.problem]


def test_a_delayed_page_counts_as_failed_and_is_put_back() -> None:
    time = ManualTime()
    sms = world.pager()
    sms.answer_always(Retry("no route"))
    with Desk.open("memory:", time=time, channels={"sms": sms}) as desk:
        for number in range(8):
            desk.declare(f"Down {number}", assign="ana", impact="high", urgency="high")
        for seconds in (0, 15, 31):
            time.move(seconds=seconds)
            desk.run_due()
        found: Any = desk.ports.store.find(MAIN, Query("delivery", limit=100))
        states = [row.columns for row in found.rows]
        assert any("delayed" in columns for columns in states)
        lost = without_tasks(desk, "message")
        assert lost
        put_back = [x for x in desk.audit().healed if x.lack.value == "message"]
        assert len(put_back) == lost


def test_what_is_let_go_late_is_not_too_late() -> None:
    time = ManualTime()
    sms = world.pager()
    with Desk.open("memory:", time=time, channels={"sms": sms}) as desk:
        desk.declare("Down", assign="ana", impact="high", urgency="high")
        time.move(seconds=1)
        desk.restored()
        desk.run_due()
        time.move(hours=5)
        held = desk.held()
        assert held
        desk.release(held[0].id, by="ana")
        desk.run_due()
        assert held[0].id in {message.key for message in sms.messages}


def test_every_unsent_state_but_queued_is_a_failure() -> None:
    time = ManualTime()
    with Desk.open("memory:", time=time, channels={"sms": world.pager()}) as desk:
        desk.declare("Down", assign="ana", impact="high", urgency="high")
        (row,) = desk.ports.store.find(MAIN, Query("delivery", limit=1)).rows
        page = desk.ports.codec.from_row(row)
    delayed = [attrs.evolve(page, id=f"d{n}", state=DeliveryState.DELAYED) for n in range(9)]
    assert [name for name, *_ in failing(delayed)] == ["sms"]
