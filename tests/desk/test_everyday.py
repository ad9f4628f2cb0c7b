"""The everyday methods: each is called once here, by its plain words.

Guarded here: what people type becomes what they meant, or is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from incidentkit import Desk, ManualTime, Moment, Priority
from incidentkit.desk.everyday import Everyday
from incidentkit.errors import InvalidValue, LimitExceeded, MissingFields, NotFound
from tests.flows import world

Open = Callable[..., Any]


class Noting:
    """Writes down which methods were called."""

    def __init__(self, desk: Any) -> None:
        self._desk = desk
        self.called: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.called.add(name)
        return getattr(self._desk, name)


def everyday() -> set[str]:
    return {name for name in vars(Everyday) if not name.startswith("_")}


def test_every_everyday_method_does_what_it_says(open_desk: Open, url: str) -> None:
    time = ManualTime()
    desk = Noting(open_desk(url, time=time, channels={"sms": world.pager()}))
    began = time.now() - timedelta(hours=1)
    inc = desk.declare(
        "Down",
        summary="all of it",
        service="web",
        impact="low",
        urgency="low",
        owner="eve",
        reporter="joe",
        labels={"region": "eu"},
        occurred_at=began,
        detected_at=began,
        by="joe",
    )
    assert (inc.priority, inc.people.owner, inc.card.labels) == ("P5", "eve", {"region": "eu"})
    assert inc.moment(Moment.OCCURRED) == began
    assert desk.triage(inc, impact="medium").rating.impact == "medium"
    assert desk.assign(inc, "ana").assignee == "ana"
    assert desk.acknowledge(inc, by="ana").life.response == "acknowledged"
    assert desk.start(inc, by="ana").status == "in_progress"
    assert desk.note(inc, "looking").version == len(desk.journal(inc))
    found = desk.edit(inc, title="Half down", summary="half of it", labels={})
    assert (found.title, found.card.summary, found.card.labels) == ("Half down", "half of it", {})
    found = desk.prioritise(inc, priority="P2", reason="the board asks", severity="sev2")
    assert (found.priority, found.rating.by_hand, found.rating.severity) == ("P2", True, "sev2")
    assert desk.hold(inc, reason="vendor", court="acme").status == "on_hold"
    assert desk.resume(inc).status == "in_progress"
    assert desk.mitigate(inc, restored_at=began + timedelta(minutes=5)).status == "mitigated"
    desk.reply(inc, "It is back", by="ana")
    found = desk.resolve(inc, code="fixed", remedy="restarted", outcome="near_miss")
    assert (found.status, found.course.outcome) == ("resolved", "near_miss")
    assert desk.close(inc).status == "closed"
    assert desk.reopen(inc, reason="again", hold_reason="vendor", court="acme").status == "on_hold"
    assert desk.cancel(inc, reason="false_alarm", why="a drill").course.outcome == "false_alarm"
    candidate = desk.declare("Perhaps", candidate=True)
    assert desk.accept(candidate).life.candidate is False
    other = desk.declare("Perhaps not", candidate=True)
    assert desk.decline(other, reason="noise").status == "cancelled"
    assert desk.called >= everyday(), everyday() - desk.called


@pytest.mark.parametrize("command", ["note", "cancel", "decline"])
def test_some_commands_leave_a_candidate_one(open_desk: Open, command: str) -> None:
    desk = open_desk("memory:")
    inc = desk.declare("Perhaps", candidate=True)
    given = {"note": {"text": "x"}, "cancel": {"why": "x"}, "decline": {"reason": "x"}}[command]
    getattr(desk, command)(inc, **given)
    assert "accepted" not in world.names(desk, inc)


def test_any_other_command_accepts_a_candidate(open_desk: Open) -> None:
    desk = open_desk("memory:")
    inc = desk.start(desk.declare("Perhaps", candidate=True))
    assert (inc.life.candidate, inc.status) == (False, "in_progress")
    assert "accepted" in world.names(desk, inc)


def test_a_record_an_id_and_a_reference_name_the_same(open_desk: Open) -> None:
    desk = open_desk("memory:")
    inc = desk.declare("Down")
    for name in (inc, inc.id, inc.ref, f"incident/{inc.id}"):
        assert desk.note(name, "hello").id == inc.id
        assert desk.incident(name).ref == "INC-1"


def test_instants_become_utc_and_naive_ones_are_refused(open_desk: Open) -> None:
    desk = open_desk("memory:")
    east = timezone(timedelta(hours=5))
    inc = desk.declare("Down", occurred_at=datetime(2020, 1, 1, 5, tzinfo=east))
    assert inc.moment(Moment.OCCURRED) == datetime(2020, 1, 1, tzinfo=UTC)
    naive = datetime(2020, 1, 1)  # noqa: DTZ001
    for act in (
        lambda: desk.declare("Down", occurred_at=naive),
        lambda: desk.mitigate(inc, restored_at=naive),
        lambda: desk.resolve(inc, code="fixed", remedy="x", restored_at=naive),
        lambda: desk.adopt({}, effective_from=naive),
    ):
        with pytest.raises(InvalidValue, match=r"zone|naive"):
            act()


@pytest.mark.parametrize(
    ("act", "problem"),
    [
        (lambda d: d.declare("  "), "title: must not be empty"),
        (lambda d: d.declare("x" * 1001), "title: has 1001"),
        (lambda d: d.declare("a\0b"), "NUL"),
        (lambda d: d.declare("\ud800"), "surrogate"),
        (lambda d: d.declare("x", impact="huge"), "impact: 'huge' is none of high"),
        (lambda d: d.declare("x", priority="P9"), "priority: 'P9' is none of P1"),
        (lambda d: d.declare("x", service=" web"), "service"),
        (lambda d: d.declare("x", labels={str(n): "" for n in range(257)}), "labels: are 257"),
        (lambda d: d.declare("x", by=""), "by"),
        (lambda d: d.cancel("INC-1", reason="bored"), "reason: 'bored' is none of"),
        (lambda d: d.resolve("INC-1", code="magic", remedy="x"), "code: 'magic' is none of fixed"),
        (
            lambda d: d.resolve("INC-1", code="fixed", remedy="x", outcome="ok"),
            "outcome: 'ok' is none of",
        ),
        (lambda d: d.edit("INC-1", title=""), "title"),
        (lambda d: d.note("INC-1", "a\0b"), "NUL"),
        (lambda d: d.as_(""), "actor"),
        (lambda d: d.tenant("\n"), "tenant"),
    ],
)
def test_what_cannot_be_is_refused_at_the_edge(act: Callable[[Any], Any], problem: str) -> None:
    with Desk.open("memory:") as desk:
        desk.declare("Down")
        before = desk.journal("INC-1")
        with pytest.raises(InvalidValue, match=problem):
            act(desk)
        assert desk.journal("INC-1") == before
        assert desk.count() == 1


def test_limits_are_named() -> None:
    with Desk.open("memory:") as desk, pytest.raises(LimitExceeded, match="at most 1000"):
        desk.declare("x" * 1001)


def test_what_is_missing_is_named_all_at_once(open_desk: Open) -> None:
    desk = open_desk("memory:")
    inc = desk.declare("Down")
    for act, fields in (
        (lambda: desk.triage(inc), ("impact", "urgency")),
        (lambda: desk.hold(inc, reason="", court=""), ("reason", "court")),
        (lambda: desk.close(inc), ("code", "remedy")),
        (lambda: desk.prioritise(inc, priority=Priority.P1), ("reason",)),
    ):
        with pytest.raises(MissingFields) as error:
            act()
        assert error.value.fields == fields


def test_what_is_said_again_is_no_change(open_desk: Open, url: str) -> None:
    desk = open_desk(url)
    inc = desk.declare("Down", assign="ana", impact="low", urgency="low")
    before = desk.journal(inc)
    desk.assign(inc, "ana")
    desk.edit(inc, title="Down")
    desk.prioritise(inc, impact="low")
    assert desk.journal(inc) == before


def test_the_other_kind_of_record_is_not_found(open_desk: Open) -> None:
    from incidentkit import RaiseProblem

    desk = open_desk("memory:")
    desk.declare("Down")
    desk.execute(RaiseProblem("Leak"))
    with pytest.raises(NotFound):
        desk.incident("PRB-1")
    with pytest.raises(NotFound):
        desk.problem("INC-1")
    with pytest.raises(NotFound):
        desk.get("delivery/x")
