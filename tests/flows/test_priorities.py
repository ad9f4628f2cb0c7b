"""Priorities of real incidents: overrides by facts around them, and what a person set by hand.

Guarded here: every override that changed a priority is told, a person is never silently overruled,
and they are asked when the case has become worse than they knew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import (
    Assign,
    Declare,
    Edit,
    FrozenMap,
    ManualTime,
    MessageKind,
    RaiseProblem,
    rerun,
)
from incidentkit.errors import InvalidValue, MissingFields
from incidentkit.model.party import Party
from tests.flows import world

Open = Callable[..., Any]

POLICY: dict[str, Any] = {
    "paging": {"fallback": "duty"},
    "services": {"checkout": {"criticality": "critical"}, "wiki": {"criticality": "low"}},
    "parties": {"boss": {"vip": True}, "carl": {}},
    "overrides": [
        {"name": "core service", "when": 'service.criticality == "critical"', "at_least": "P2"},
        {"name": "important person", "when": "reporter.vip == true", "raise_by": 1},
        {"name": "only a test", "when": 'incident.labels.env == "test"', "at_most": "P4"},
    ],
}
LOW = {"impact": "low", "urgency": "medium"}


class Story:
    def __init__(self, open_desk: Open, url: str = "memory:", **given: Any) -> None:
        self.time = ManualTime()
        self.sms = world.pager("sms", MessageKind.PAGE)
        self.post = world.pager("post", MessageKind.NOTICE)
        given.setdefault("policy", POLICY)
        channels = {"sms": self.sms, "post": self.post}
        self.desk = open_desk(url, time=self.time, channels=channels, **given)

    def drawn(self, ref: str) -> list[str]:
        """Every priority it was given, in order."""
        return [
            entry.recorded.event.priority.value
            for entry in self.desk.journal(ref)
            if entry.kind == "prioritised"
        ]


def test_a_priority_is_drawn_and_then_overridden(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url)
    inc = story.desk.declare("Slow", service="checkout", reporter="boss", **LOW)
    assert inc.priority == "P1"
    answer = story.desk.explain(inc, "priority")
    assert answer.answer == (
        "impact low x urgency medium = P4 (matrix 'default'), P2 by \"core service\", "
        'P1 by "important person"'
    )
    (reason,) = answer.reasons
    assert reason.version == 2
    assert rerun(reason) == "P1"
    facts = dict(reason.inputs["facts"])
    assert facts == {"service.criticality": "critical", "reporter.vip": True}


@pytest.mark.parametrize(
    ("given", "priority"),
    [
        ({}, "P4"),
        ({"service": "wiki"}, "P4"),
        ({"service": "nobody knows it"}, "P4"),
        ({"service": "checkout"}, "P2"),
        ({"reporter": "boss"}, "P3"),
        ({"reporter": "carl"}, "P4"),
        ({"service": "checkout", "labels": {"env": "test"}}, "P4"),
    ],
)
def test_by_service_reporter_and_label(
    open_desk: Open, given: dict[str, Any], priority: str
) -> None:
    assert Story(open_desk).desk.declare("Slow", **LOW, **given).priority == priority


def test_it_is_drawn_anew_when_what_an_override_reads_has_changed(
    open_desk: Open, url: str
) -> None:
    story = Story(open_desk, url)
    inc = story.desk.declare("Slow", **LOW)
    story.desk.execute(Edit(inc.ref, service="checkout"))
    story.desk.note(inc, "nothing that matters")
    story.desk.execute(Edit(inc.ref, labels=FrozenMap({"env": "test"})))
    assert story.drawn(inc.ref) == ["P4", "P2", "P4"]
    assert story.desk.incident(inc.ref).priority == "P4"


def test_a_level_of_an_older_policy_stops_nobody(open_desk: Open) -> None:
    story = Story(open_desk)
    inc = story.desk.declare("Slow", **LOW)
    story.desk.adopt({**POLICY, "profile": "sre"})
    story.desk.assign(inc, to="ana")
    assert story.drawn(inc.ref) == ["P4"]
    story.desk.prioritise(inc, impact="sev2", urgency="low")
    assert story.drawn(inc.ref) == ["P4", "P3"]


class Staff:
    """A directory that knows who is important."""

    name = "staff"

    def contacts(self, party: str) -> tuple[Any, ...]:
        return ()

    def revision(self) -> str:
        return "r1"

    def party(self, name: str) -> Party | None:
        if name == "broken":
            raise ConnectionError("down")
        return Party(name, vip=True) if name == "ceo" else None


@pytest.mark.parametrize(("reporter", "priority"), [("ceo", "P3"), ("eve", "P4"), ("broken", "P4")])
def test_the_directory_of_the_host_is_asked_who_reported(
    open_desk: Open, reporter: str, priority: str
) -> None:
    story = Story(open_desk, directory=Staff())
    assert story.desk.declare("Slow", reporter=reporter, **LOW).priority == priority


def test_notices_may_speak_of_the_service_and_the_reporter(open_desk: Open, url: str) -> None:
    notice = {
        "audience": "stakeholders",
        "on": ["declared"],
        "when": "reporter.vip == true",
        "template": "$incident.title on a ${service.criticality|plain} service",
    }
    audiences = {"stakeholders": {"members": ["eve"]}}
    story = Story(open_desk, url, policy={**POLICY, "audiences": audiences, "notices": [notice]})
    story.desk.declare("Slow", reporter="carl", service="wiki")
    story.desk.declare("Down", reporter="boss", service="wiki")
    story.desk.run_due()
    assert [x.text for x in story.post.messages] == ["Down on a low service"]


# --- set by hand ----------------------------------------------------------------------------------


def lowered(open_desk: Open, url: str = "memory:", **given: Any) -> Story:
    """An incident of ana's that was set to P4 by hand."""
    story = Story(open_desk, url, policy={"paging": {"fallback": "duty"}}, **given)
    story.desk.declare("Slow", assign="ana", impact="medium", urgency="medium")
    story.desk.prioritise("INC-1", priority="P4", reason="a demo machine", by="bo")
    story.desk.run_due()
    story.sms.clear()
    story.post.clear()
    return story


def questions(story: Story) -> list[Any]:
    return [x for x in story.desk.journal("INC-1") if x.kind == "priority_questioned"]


def test_it_stands_and_is_put_in_question_when_the_case_worsens(open_desk: Open, url: str) -> None:
    story = lowered(open_desk, url)
    inc = story.desk.prioritise("INC-1", impact="high", urgency="high")
    assert (inc.priority, inc.rating.by_hand) == ("P4", True)
    (entry,) = questions(story)
    assert (entry.recorded.event.priority, entry.recorded.event.drawn) == ("P4", "P1")
    assert rerun(entry.recorded.reason) is True
    story.desk.run_due()
    (page,) = story.sms.messages
    assert page.to == "ana"
    assert page.text.endswith("is P4 still right? as rated now it would be P1")
    assert "P4, set by hand by bo" in (answer := story.desk.explain("INC-1", "priority").answer)
    assert answer.endswith("as it was rated then it would be P1")
    assert any("in question" in line.text for line in story.desk.timeline("INC-1"))


def test_setting_it_again_answers_the_question(open_desk: Open) -> None:
    story = lowered(open_desk)
    story.desk.prioritise("INC-1", impact="high", urgency="high")
    story.desk.prioritise("INC-1", priority="P4", reason="still a demo", by="ana")
    assert "in question" not in story.desk.explain("INC-1", "priority").answer
    assert len(questions(story)) == 1


def test_what_is_not_urgent_is_asked_by_a_notice(open_desk: Open, url: str) -> None:
    story = lowered(open_desk, url)
    story.desk.prioritise("INC-1", priority="P5", reason="whenever")
    story.desk.prioritise("INC-1", impact="high", urgency="low")
    story.desk.run_due()
    assert story.sms.messages == []
    (notice,) = story.post.messages
    assert (notice.to, notice.text) == (
        "ana",
        "INC-1: is P5 still right? as rated now it would be P3",
    )


@pytest.mark.parametrize(
    "then",
    [
        {"impact": "low"},
        {"severity": "sev1"},
        {"impact": "high", "priority": "P5", "reason": "known"},
    ],
    ids=["better", "severity alone", "in the same command"],
)
def test_nobody_is_asked_what_they_know(open_desk: Open, then: dict[str, Any]) -> None:
    story = lowered(open_desk)
    story.desk.prioritise("INC-1", **then)
    assert questions(story) == []


def test_a_priority_set_high_by_hand_is_not_questioned(open_desk: Open) -> None:
    story = lowered(open_desk)
    story.desk.prioritise("INC-1", priority="P1", reason="the CEO's laptop")
    story.desk.prioritise("INC-1", impact="high", urgency="high")
    assert questions(story) == []


def test_a_priority_set_by_hand_goes_back_to_the_rules(open_desk: Open, url: str) -> None:
    story = lowered(open_desk, url)
    with pytest.raises(MissingFields, match="reason"):
        story.desk.prioritise("INC-1", by_rules=True)
    with pytest.raises(InvalidValue, match="leave it to the rules"):
        story.desk.prioritise("INC-1", by_rules=True, priority="P1", reason="x")
    inc = story.desk.prioritise("INC-1", by_rules=True, reason="no demo any more", by="bo")
    assert (inc.priority, inc.rating.by_hand) == ("P3", False)
    told = story.desk.explain("INC-1", "priority")
    assert told.answer.startswith("impact medium x urgency medium = P3")
    assert "; given back to the rules by bo at " in told.answer
    assert told.answer.endswith(": no demo any more")
    assert any("back to the rules" in line for line in told.lines)
    assert story.desk.prioritise("INC-1", urgency="high").priority == "P2"
    assert story.desk.prioritise("INC-1", by_rules=True) == story.desk.incident("INC-1")
    story.desk.prioritise("INC-1", priority="P5", reason="a demo again")
    assert "given back" not in story.desk.explain("INC-1", "priority").answer
    again = story.desk.prioritise("INC-1", by_rules=True, impact="low", reason="none")
    assert (again.priority, again.rating.by_hand) == ("P3", False)


def test_it_goes_back_and_stays_the_same(open_desk: Open) -> None:
    story = lowered(open_desk)
    story.desk.prioritise("INC-1", priority="P3", reason="medium all the same")
    story.desk.prioritise("INC-1", by_rules=True, reason="as the matrix has it")
    assert story.desk.explain("INC-1").answer.startswith("impact medium x urgency medium = P3")


def test_a_policy_may_leave_out_the_page(open_desk: Open) -> None:
    story = lowered(open_desk)
    story.desk.adopt({"paging": {"fallback": "duty", "calls": ["clock_breached"]}})
    story.desk.prioritise("INC-1", impact="high", urgency="high")
    story.desk.run_due()
    assert story.sms.messages == []
    assert [x.to for x in story.post.messages] == ["ana"]


# --- words ----------------------------------------------------------------------------------------


def test_a_closed_list_of_categories_refuses_others(open_desk: Open, url: str) -> None:
    policy = {"categories": ["network", "network/vpn"], "closed_categories": True}
    story = Story(open_desk, url, policy=policy)
    inc = story.desk.execute(Declare("Slow", category="network/vpn"))
    story.desk.execute(Edit(inc.ref, category="network"))
    for attempt in (
        lambda: story.desk.execute(Declare("Slow", category="netwrok")),
        lambda: story.desk.execute(Edit(inc.ref, category="vpn")),
        lambda: story.desk.execute(RaiseProblem("Leak", category="vpn")),
    ):
        with pytest.raises(InvalidValue, match="the list is closed"):
            attempt()
    assert story.desk.incident(inc.ref).card.category == "network"
    free = Story(open_desk).desk.execute(Declare("Slow", category="anything"))
    assert free.card.category == "anything"


def test_in_a_closed_world_a_team_must_be_listed(open_desk: Open) -> None:
    policy = {"closed": True, "parties": ["ana"], "directory": {"net": {"kind": "team"}}}
    story = Story(open_desk, policy=policy)
    inc = story.desk.execute(Declare("Slow", team="net", assign="ana"))
    with pytest.raises(InvalidValue, match="'bo' is not listed"):
        story.desk.execute(Assign(inc.ref, team="bo"))


def test_a_review_may_be_owed_for_what_is_known_around_the_incident(open_desk: Open) -> None:
    review = {"when": 'service.criticality == "critical"'}
    story = Story(open_desk, policy={**POLICY, "review": review})
    for service in ("wiki", "checkout"):
        inc = story.desk.declare("Slow", service=service, **LOW)
        story.desk.resolve(inc, code="fixed", remedy="restarted")
    assert [len(story.desk.incident(ref).dossier.reviews) for ref in ("INC-1", "INC-2")] == [0, 1]


def test_automation_may_ask_for_what_is_known_around_the_incident(open_desk: Open) -> None:
    rule = {
        "name": "the owner's",
        "on": ["declared"],
        "when": "reporter.vip == true",
        "do": [{"action": "assign", "with": {"assignee": "${service.owner|duty}"}}],
    }
    services = {"checkout": {"owner": "eve"}}
    policy = {**POLICY, "services": services, "automation": [rule]}
    story = Story(open_desk, policy=policy)
    found = [
        story.desk.declare("Slow", service=service, reporter=reporter, **LOW).assignee
        for service, reporter in (("checkout", "boss"), ("wiki", "boss"), ("checkout", "carl"))
    ]
    assert found == ["eve", "duty", None]
