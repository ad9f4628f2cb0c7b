"""What recurs by the policy's rules is said where one of it is worked on, to those who may know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import Condition, Declare, LinkTo, ManualTime, RaiseProblem, SetLabel, rerun
from incidentkit.views.suggestions import lines
from tests.desk.test_searching import Web
from tests.flows import world

Open = Callable[..., Any]
ALIKE: dict[str, Any] = {"name": "monthly", "keys": ["service", "category"], "window": "30d"}
COUNTED = ALIKE | {"minimum": 3}


def policy(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"recurrence": list(rules)}


def tunnel(desk: Any, service: str = "web") -> None:
    desk.execute(Declare("No tunnel", service=service, category="net"))


class Narrow(Web):
    """Lets ana see the incidents of one service and no problem; all others everything."""

    def scope(self, actor: str, kind: str) -> Condition | None:
        if actor != "ana":
            return Condition.parse("true")
        return None if kind == "problem" else super().scope(actor, kind)


@pytest.fixture
def make(open_desk: Open, url: str) -> Callable[..., Any]:
    """A desk with so many incidents of one service and category, a day apart."""

    def made(*rules: dict[str, Any], count: int = 4, **given: Any) -> Any:
        desk = open_desk(url, policy=policy(*(rules or (COUNTED,))), time=ManualTime(), **given)
        for _ in range(count):
            tunnel(desk)
            desk.ports.time.move(days=1)
        return desk

    return made


def test_which_of_how_many_by_which_rule(make: Callable[..., Any]) -> None:
    desk = make()
    tunnel(desk, "db")
    (found,) = desk.suggest("INC-4").repeats
    assert (found.place, found.group.rule, found.group.count) == (4, "monthly", 4)
    assert found.group.incidents == ("INC-1", "INC-2", "INC-3", "INC-4")
    assert found.group.keys == {"service": "web", "category": "net"}
    assert (found.problems, found.proposal) == ((), "none")
    assert rerun(found.group.reason) == found.group.reason.outcome == found.group.score == 1333
    assert found.group == desk.recurring("monthly").found[0]
    assert str(found).startswith("number 4 of service web, category net: 4 incidents")
    assert desk.suggest("INC-1").repeats[0].place == 1
    assert desk.suggest("INC-5").repeats == ()
    text = "\n".join(lines(desk.suggest("INC-4")))
    assert (
        "Recurs, by the rules of the policy\n"
        "  4th of 4 with the same service web and category net within 30d (rule monthly): "
        "INC-1, INC-2, INC-3, INC-4\n"
        "    because there are 4, and 3 are enough\n"
        "    no problem is known of it"
    ) in text


def test_fewer_than_the_rule_asks_for_are_no_recurrence(make: Callable[..., Any]) -> None:
    desk = make(count=2)
    assert desk.suggest("INC-2").repeats == ()
    tunnel(desk)
    assert desk.suggest("INC-3").repeats[0].place == 3
    desk.ports.time.move(days=29)
    assert desk.suggest("INC-3").repeats == (), "the first two are out of the window"
    desk.ports.time.move(days=2)
    assert desk.suggest("INC-3").repeats == (), "and so is this one"


def test_so_many_are_looked_at_and_no_more(make: Callable[..., Any], monkeypatch: Any) -> None:
    desk = make(count=5)
    monkeypatch.setattr("incidentkit.flows.repeating.PAGE", 1)
    (found,) = desk.suggest("INC-5").repeats
    assert found.group.incidents == ("INC-2", "INC-3", "INC-4", "INC-5"), "the latest"
    monkeypatch.setattr("incidentkit.flows.repeating.PAGES", 2)
    assert desk.suggest("INC-5").repeats == ()


def test_what_the_rule_is_not_about(make: Callable[..., Any]) -> None:
    other = COUNTED | {"name": "grave", "when": 'incident.impact == "high"'}
    desk = make(other, COUNTED | {"name": "by label", "keys": ["labels.rack"]})
    assert desk.suggest("INC-4").repeats == ()
    desk.prioritise("INC-4", impact="high")
    assert desk.suggest("INC-4").repeats == ()


def test_a_group_that_was_down_for_long(make: Callable[..., Any]) -> None:
    desk = make(ALIKE | {"downtime": "36h"}, COUNTED | {"minimum": 2, "name": "pairs"}, count=2)
    pairs, monthly = sorted(
        desk.suggest("INC-2").repeats, key=lambda x: str(x.group.rule != "pairs")
    )
    assert (pairs.group.rule, monthly.group.rule) == ("pairs", "monthly")
    text = "\n".join(lines(desk.suggest("INC-2")))
    assert "    because there are 2; down 2d, and 1d12h is enough\n" in text


def test_a_problem_that_is_known_is_named(make: Callable[..., Any]) -> None:
    desk = make()
    desk.execute(RaiseProblem("The tunnel leaks", incidents=("INC-1", "INC-2")))
    desk.run_due()
    (found,) = desk.suggest("INC-4").repeats
    (behind,) = found.problems
    assert (behind.ref, behind.title, behind.state) == ("PRB-1", "The tunnel leaks", "new")
    assert (found.proposal, found.group.problems) == ("known", ("PRB-1",))
    assert "    PRB-1 is known: The tunnel leaks (new)" in lines(desk.suggest("INC-4"))


def test_a_problem_that_will_be_proposed_or_was(make: Callable[..., Any]) -> None:
    desk = make(COUNTED | {"propose": True})
    assert desk.suggest("INC-4").repeats[0].proposal == "on_resolving"
    told = "    no problem is known of it; one is proposed when this is resolved"
    assert told in lines(desk.suggest("INC-4"))
    desk.resolve("INC-1", code="fixed", remedy="x")
    assert "problem_proposed" in world.names(desk, "INC-1")
    assert desk.suggest("INC-4").repeats[0].proposal == "made"
    assert "    a problem was proposed already, and none is linked" in lines(desk.suggest("INC-4"))


def test_what_is_over_is_not_resolved_again(make: Callable[..., Any]) -> None:
    desk = make(COUNTED | {"propose": True}, count=2)
    desk.resolve("INC-2", code="fixed", remedy="x")
    for _ in range(2):
        tunnel(desk)
    assert desk.suggest("INC-2").repeats[0].proposal == "none"
    assert desk.suggest("INC-3").repeats[0].proposal == "on_resolving"


def test_what_is_held_more_closely_is_not_even_counted(make: Callable[..., Any]) -> None:
    desk = make()
    desk.execute(RaiseProblem("Names in it", incident="INC-1"))
    desk.execute(SetLabel("INC-1", level="red"))
    (found,) = desk.suggest("INC-4").repeats
    assert found.group.incidents == ("INC-2", "INC-3", "INC-4")
    assert (found.place, found.problems) == (3, ())
    desk.execute(SetLabel("INC-4", level="red"))
    assert desk.suggest("INC-4").repeats[0].place == 4


def test_nobody_is_told_of_what_he_may_not_see(make: Callable[..., Any]) -> None:
    desk = make(COUNTED | {"keys": ["category"], "propose": True}, authoriser=Narrow())
    tunnel(desk, "vpn")
    desk.execute(RaiseProblem("The tunnel leaks", incidents=("INC-1", "INC-4")))
    desk.run_due()
    assert desk.suggest("INC-4").repeats[0].group.count == 5
    (found,) = desk.as_("ana").suggest("INC-4").repeats
    assert (found.group.count, found.group.problems, found.problems) == (4, (), ())
    assert found.proposal == "none"


def test_only_problems_are_behind_it(make: Callable[..., Any]) -> None:
    desk = make(count=3)
    desk.execute(LinkTo("INC-1", kind="caused_by_change", target="change/CHG1"))
    assert desk.suggest("INC-3").repeats[0].problems == ()
    assert len(desk.suggest("INC-3", limit=1).repeats) == 1
