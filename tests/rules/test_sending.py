"""When a message goes out again, and when it is too late: waits, jitter, expiry, bundles."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.ids import DeliveryId
from incidentkit.model.delivery import Delivery
from incidentkit.model.words import MessageKind
from incidentkit.rules import sending
from incidentkit.rules.sending import SENDING, DeliveryTerms, wait

AT = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def message(kind: MessageKind = MessageKind.PAGE) -> Delivery:
    return Delivery(
        DeliveryId("01D"), 1, kind, "incident/01I", "INC-1", "ana", "+49", "sms", "t", "x",
        "P1", 1, "h",
    )  # fmt: skip


@given(st.text(max_size=30), st.integers(1, 200))
def test_a_wait_lies_between_half_of_its_step_and_all_of_it(key: str, tries: int) -> None:
    step = SENDING.step(tries)
    assert step / 2 <= wait(key, tries, None, SENDING) <= step
    assert wait(key, tries, None, SENDING) == wait(key, tries, None, SENDING)


def test_steps_double_up_to_the_longest() -> None:
    steps = [SENDING.step(n).total_seconds() for n in range(1, 10)]
    assert steps == [15, 30, 60, 120, 240, 480, 900, 900, 900]
    assert SENDING.step(10_000) == SENDING.longest_wait
    assert SENDING.given_up_within == timedelta(seconds=945 + 900 * 5)


def test_a_thousand_that_failed_together_do_not_come_back_together() -> None:
    seconds = Counter(int(wait(f"d{n}", 2, None, SENDING).total_seconds()) for n in range(1_000))
    mean = 1_000 / 15
    assert len(seconds) == 15
    assert max(seconds.values()) <= 3 * mean


@pytest.mark.parametrize(
    ("asked", "given_"),
    [
        (timedelta(minutes=40), timedelta(minutes=40)),
        (timedelta(days=9), HOUR),
        (timedelta(), timedelta(seconds=1)),
        (timedelta(seconds=-5), timedelta(seconds=1)),
    ],
)
def test_a_channel_gets_the_wait_it_asks_for_within_bounds(
    asked: timedelta, given_: timedelta
) -> None:
    assert wait("d", 1, asked, SENDING) == given_


@pytest.mark.parametrize(
    ("kind", "age", "outcome"),
    [
        (MessageKind.PAGE, 2 * HOUR, "send"),
        (MessageKind.PAGE, 2 * HOUR + timedelta(seconds=1), "too late"),
        (MessageKind.NOTICE, 24 * HOUR, "send"),
        (MessageKind.NOTICE, 25 * HOUR, "too late"),
        (MessageKind.SYNC, 24_000 * HOUR, "send"),
    ],
)
def test_each_kind_has_its_age(kind: MessageKind, age: timedelta, outcome: str) -> None:
    reason = sending.expired(message(kind), AT, AT + age, SENDING)
    assert (reason.outcome, sending.judge_expiry(reason.inputs)) == (outcome, outcome)


def test_a_kind_may_be_given_an_age_or_none() -> None:
    terms = DeliveryTerms(expire_page_after=timedelta(), expire_sync_after=HOUR)
    assert sending.expired(message(), AT, AT + 999 * HOUR, terms).outcome == "send"
    sync = message(MessageKind.SYNC)
    assert sending.expired(sync, AT, AT + 2 * HOUR, terms).outcome == "too late"


@pytest.mark.parametrize(("waiting", "outcome"), [(0, "queue"), (2, "queue"), (3, "bundle")])
def test_so_many_pages_wait_and_no_more(waiting: int, outcome: str) -> None:
    assert sending.bundled(waiting, "ana", "sms", SENDING, "h").outcome == outcome


@pytest.mark.parametrize(("failures", "outcome"), [(4, "send"), (5, "held up"), (9, "held up")])
def test_a_failing_channel_is_left_alone(failures: int, outcome: str) -> None:
    assert sending.held_up("sms", failures, 5, "h").outcome == outcome
