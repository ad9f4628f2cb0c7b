"""Suggestions: what may help is found, scored, explained, and shown to those who may see it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from incidentkit import (
    Analyse,
    Assess,
    Condition,
    Fix,
    FrozenMap,
    ManualTime,
    PublishKnownError,
    RaiseProblem,
    RetireKnownError,
    rerun,
)
from incidentkit.errors import NotFound
from incidentkit.views.suggestions import because, lines
from tests.desk.test_searching import Web

Open = Callable[..., Any]


def change(key: str, at: Any, title: str = "Directory upgraded", service: str = "vpn") -> str:
    body = {"type": "change", "key": key, "title": title, "at": at.isoformat()}
    return json.dumps({**body, "service": service} if service else body)


def told(desk: Any) -> Any:
    time = desk.ports.time
    desk.declare("Login is slow on Monday mornings", service="vpn", labels={"site": "north"})
    desk.resolve("INC-1", code="workaround", remedy="restarted the directory", by="ana")
    desk.declare("Disk full on the build server", service="build")
    desk.declare("Login fails after an upgrade", service="vpn")
    problem = desk.execute(RaiseProblem("Directory pool too small, logins slow", incident="INC-1"))
    desk.execute(Assess(problem.ref))
    desk.execute(Analyse(problem.ref))
    desk.execute(Fix(problem.ref, cause="the pool", workaround="restart the directory at seven"))
    desk.execute(RaiseProblem("Logins slow, nobody knows why"))
    time.move(hours=30)
    desk.receive("generic", change("old", time.now()))
    time.move(hours=22)
    desk.receive("generic", change("early", time.now()))
    desk.receive("generic", change("elsewhere", time.now(), service="build"))
    desk.receive("generic", change("anywhere", time.now(), "Switch replaced", service=""))
    time.move(hours=3)
    desk.declare("Logins slow again on Monday", service="vpn", labels={"site": "north"})
    desk.receive("generic", change("late", time.now(), "Rolled back"))
    return desk


@pytest.fixture
def desk(open_desk: Open, url: str) -> Any:
    return told(open_desk(url, time=ManualTime()))


def refs(found: Any) -> list[str]:
    return [each.ref for each in found]


def test_what_may_help(desk: Any) -> None:
    found = desk.suggest("INC-4")
    assert found.of == "INC-4"
    # A problem without a way out helps nobody.
    assert refs(found.known_errors) == ["PRB-1"]
    assert found.known_errors[0].advice == "restart the directory at seven"
    assert refs(found.recurrences) == ["INC-1"]
    assert found.recurrences[0].advice == "restarted the directory"
    assert refs(found.similar) == ["INC-3"]
    # Of the last day, to this service or to none in particular; nearest and nearest by service.
    assert refs(found.changes) == ["late", "early", "anywhere"]
    assert found.note == ""


def test_each_is_scored_and_can_be_decided_again(desk: Any) -> None:
    found = desk.suggest("INC-4")
    assert len(found.all) == 6
    for each in found.all:
        assert 0 < each.score <= 1000
        assert rerun(each.reason) == each.score == each.reason.outcome
        assert each.reason.policy == desk.policy().hash
    for sort in (found.known_errors, found.recurrences, found.similar, found.changes):
        scores = [each.score for each in sort]
        assert scores == sorted(scores, reverse=True)
    assert str(found.recurrences[0]).startswith("INC-1  Login is slow on Monday mornings (")
    assert desk.suggest("INC-4") == found


def test_the_best_of_each_sort(desk: Any) -> None:
    assert refs(desk.suggest("INC-4", limit=1).changes) == ["late"]


class WebForEve(Web):
    """Shows eve one service, and everybody else all of them."""

    def scope(self, actor: str, kind: str) -> Condition | None:
        return super().scope(actor, kind) if actor == "eve" else Condition.parse("true")


def test_nobody_is_shown_what_he_may_not_see(open_desk: Open, url: str) -> None:
    desk = told(open_desk(url, authoriser=WebForEve(), time=ManualTime()))
    with pytest.raises(NotFound):
        desk.as_("eve").suggest("INC-4")
    desk.declare("Login is slow on Monday", service="web")
    assert desk.as_("eve").suggest("INC-5").all == ()


def test_only_incidents_have_suggestions(desk: Any) -> None:
    with pytest.raises(NotFound):
        desk.suggest("PRB-1")
    with pytest.raises(NotFound):
        desk.suggest("INC-99")


def test_nothing_known(open_desk: Open, url: str) -> None:
    desk = open_desk(url, time=ManualTime())
    desk.declare("!!!")
    found = desk.suggest("INC-1")
    assert found.all == ()
    assert lines(found) == ["nothing is known that resembles INC-1"]


def test_it_reads_well(desk: Any) -> None:
    text = "\n".join(lines(desk.suggest("INC-4")))
    assert "Known errors\n" in text
    assert "    restart the directory at seven" in text
    # As INC-4 has them, in its order.
    assert (
        "because both have label site=north; service vpn; the words Logins, slow, Monday\n" in text
    )
    assert "because both have service vpn; the word Logins\n" in text
    assert "because it was made 3h before, to this service" in text
    assert "because it was made 3h before, to no service in particular" in text
    alike = desk.suggest("INC-4").similar[0].reason
    inputs = {**alike.inputs, "shared": "", "words": ""}
    assert because(attrs.evolve(alike, inputs=FrozenMap(inputs))) == "both have "
    many = tuple(f"w{number}" for number in range(14))
    inputs = {**alike.inputs, "words": many}
    assert because(attrs.evolve(alike, inputs=FrozenMap(inputs))).endswith("w11 and 2 others")


def publish(desk: Any, **terms: Any) -> None:
    desk.execute(Assess("PRB-2"))
    desk.execute(Analyse("PRB-2"))
    given = {"audience": "staff", "symptoms": "logins slow again", "workaround": "wait until nine"}
    desk.execute(PublishKnownError("PRB-2", **{**given, **terms}))


def test_a_published_known_error_is_recognised_and_not_only_alike(desk: Any) -> None:
    publish(desk)
    found = desk.suggest("INC-4").known_errors
    assert {(x.ref, x.advice) for x in found} >= {("PRB-2", "wait until nine")}
    (known,) = [x for x in found if x.ref == "PRB-2"]
    (met,) = desk.recognise("INC-4")
    assert (known.score, known.reason) == (met.score, met.reason)
    assert rerun(known.reason) == known.score
    assert "PRB-2" in refs(desk.suggest("INC-4", audiences=("staff",)).known_errors)
    assert "PRB-2" not in refs(desk.suggest("INC-4", audiences=("customers",)).known_errors)
    # What was published to nobody is for those who may be shown everything.
    assert "PRB-1" in refs(found)
    assert refs(desk.suggest("INC-4", audiences=("staff",)).known_errors) == ["PRB-2"]
    assert desk.suggest("INC-4", audiences=()).known_errors == ()
    text = "\n".join(lines(desk.suggest("INC-4")))
    assert "because 3 of 3 words of its symptoms" in text


def test_a_known_error_with_a_condition_is_recognised_by_it(desk: Any) -> None:
    publish(desk, match='incident.labels.site == "north"')
    assert "PRB-2" in refs(desk.suggest("INC-4").known_errors)
    assert "PRB-2" not in refs(desk.suggest("INC-3").known_errors)
    assert "because its condition holds" in "\n".join(lines(desk.suggest("INC-4")))


def test_what_was_retired_is_offered_no_longer(desk: Any) -> None:
    publish(desk)
    desk.execute(RetireKnownError("PRB-2", reason="it was something else"))
    assert "PRB-2" not in refs(desk.suggest("INC-4").known_errors)
