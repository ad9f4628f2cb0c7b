"""A host's automation on a desk: at once, after a delay, dry, once, and never for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import ManualTime
from tests.flows import world
from tests.flows.world import URGENT

Open = Callable[..., Any]


def opened(
    open_desk: Open, url: str, *rules: dict[str, Any], **given: Any
) -> tuple[Any, ManualTime]:
    time = ManualTime()
    policy = {"automation": list(rules), "paging": {"priorities": []}, "notices": []}
    return open_desk(url, time=time, policy={**policy, **given.pop("policy", {})}, **given), time


def did(desk: Any, of: str) -> list[str]:
    return [x.text for x in desk.timeline(of) if x.kind.startswith("automat")]


ASSIGN: dict[str, Any] = {
    "name": "checkout goes to ana",
    "on": ["declared"],
    "when": 'incident.service == "checkout"',
    "do": [{"action": "assign", "with": {"assignee": "ana"}}, {"action": "start"}],
}


def test_a_rule_acts_in_the_commit_of_its_event(open_desk: Open, url: str) -> None:
    desk, _ = opened(open_desk, url, ASSIGN, policy={"paging": {"priorities": ["P1"]}})
    inc = desk.declare("Down", service="checkout", **URGENT)
    assert (inc.assignee, inc.status.value) == ("ana", "in_progress")
    desk.run_due()
    assert [x.party for x in desk.deliveries(inc)] == ["ana"], "whom the rule assigned is paged"
    assert did(desk, "INC-1") == [
        'the rule "checkout goes to ana" fired: assign assignee=ana, start'
    ]
    other = desk.declare("Down", service="search")
    assert other.assignee is None


def test_the_entries_name_the_rule_and_the_entry_that_set_it_off(open_desk: Open, url: str) -> None:
    desk, _ = opened(open_desk, url, ASSIGN)
    inc = desk.declare("Down", service="checkout")
    entries = {x.kind: x.recorded for x in desk.journal(inc)}
    assert entries["automated"].reason.rule == "automate"
    assert entries["assigned"].by == "system"
    assert entries["assigned"].cause.startswith(f"incident/{inc.id}#")


def test_what_a_rule_brings_about_sets_off_the_next(open_desk: Open, url: str) -> None:
    urgent = {
        "name": "payments are urgent",
        "on": ["declared"],
        "when": 'incident.labels.team == "payments"',
        "do": [{"action": "prioritise", "with": {"impact": "high", "urgency": "high"}}],
    }
    lead = {
        "name": "P1 has a commander",
        "on": ["prioritised"],
        "when": 'incident.priority == "P1"',
        "do": [{"action": "take_role", "with": {"role": "commander", "holder": "eve"}}],
    }
    desk, _ = opened(open_desk, url, urgent, lead)
    inc = desk.declare("Down", labels={"team": "payments"})
    assert inc.priority == "P1"
    assert inc.people.holder("commander") == "eve"
    assert inc.clock("resolve").due_at is not None, "clocks follow what the rule changed"


def test_it_can_be_explained(open_desk: Open, url: str) -> None:
    desk, _ = opened(open_desk, url, ASSIGN)
    desk.declare("Down", service="checkout")
    told = desk.explain("INC-1", "automation")
    assert told.answer == "1 rule of automation acted on INC-1"
    assert told.lines[1] == '  because "incident.service == "checkout"" was true'
    assert len(told.reasons) == 1


def test_it_fires_once_for_each_value(open_desk: Open, url: str) -> None:
    once = {**ASSIGN, "on": ["declared", "noted"], "once_for": ["incident.service"]}
    desk, _ = opened(open_desk, url, once)
    assert desk.declare("A", service="checkout").assignee == "ana"
    assert desk.declare("B", service="checkout").assignee is None
    desk.note("INC-1", "again")
    assert len(did(desk, "INC-1")) == 1


def test_every_time_when_it_is_for_nothing(open_desk: Open, url: str) -> None:
    always = {
        "name": "notes are seen",
        "on": ["noted"],
        "once_for": [],
        "do": [{"action": "watch", "with": {"party": "eve"}}],
    }
    desk, _ = opened(open_desk, url, always)
    desk.declare("A")
    desk.note("INC-1", "one")
    desk.note("INC-1", "two")
    assert len(did(desk, "INC-1")) == 2
    assert desk.incident("INC-1").people.watchers == ("eve",)


def test_a_dry_run_only_says_what_it_would_do(open_desk: Open, url: str) -> None:
    desk, _ = opened(open_desk, url, {**ASSIGN, "mode": "dry_run"})
    inc = desk.declare("Down", service="checkout")
    assert inc.assignee is None
    assert inc.status.value == "new"
    assert did(desk, "INC-1") == [
        (
            'the rule "checkout goes to ana" would have done this, but runs dry: '
            "assign assignee=ana, start"
        )
    ]


def test_a_rule_that_is_off_does_nothing(open_desk: Open, url: str) -> None:
    desk, _ = opened(open_desk, url, {**ASSIGN, "mode": "off"})
    assert desk.declare("Down", service="checkout").assignee is None
    assert did(desk, "INC-1") == []


LATE: dict[str, Any] = {
    "name": "nobody took it",
    "on": ["declared"],
    "when": "not has incident.assignee",
    "delay": "10m",
    "do": [{"action": "note", "with": {"text": "$incident.ref still has nobody"}}],
}


def test_after_its_delay_the_condition_is_asked_again(open_desk: Open, url: str) -> None:
    desk, time = opened(open_desk, url, LATE)
    desk.declare("A")
    desk.declare("B")
    desk.assign("INC-2", "bo")
    assert did(desk, "INC-1") == ['the rule "nobody took it" fired and waits until 09:10:00+00:00']
    assert desk.run_due() is not None
    time.move(minutes=11)
    desk.run_due()
    assert did(desk, "INC-1")[1] == (
        'the rule "nobody took it" fired: note text=$incident.ref still has nobody'
    )
    assert "INC-1 still has nobody" in str(desk.timeline("INC-1")[-1])
    assert did(desk, "INC-2")[1] == (
        'the rule "nobody took it" did nothing: its condition no longer holds'
    )
    assert all(x.task.queue != "automation" for x in desk.tasks())


def test_a_rule_that_is_gone_when_its_time_comes_says_so(open_desk: Open, url: str) -> None:
    desk, time = opened(open_desk, url, LATE)
    desk.declare("A")
    desk.adopt({"paging": {"priorities": []}})
    time.move(minutes=11)
    desk.run_due()
    assert did(desk, "INC-1")[1] == (
        'the rule "nobody took it" did nothing: the policy in force no longer has it'
    )


def test_actions_that_need_other_records_have_a_commit_of_their_own(
    open_desk: Open, url: str
) -> None:
    raising = {
        "name": "P1 is looked into",
        "on": ["declared"],
        "when": 'incident.priority == "P1" or incident.impact == "high"',
        "do": [
            {"action": "raise_problem", "with": {"subject": "Why $incident.title?"}},
            {"action": "note", "with": {"text": "a problem was raised"}},
        ],
    }
    desk, _ = opened(open_desk, url, raising)
    desk.declare("Down", **URGENT)
    desk.run_due()
    problem = desk.problem("PRB-1")
    assert problem.title == "Why Down?"
    assert world.links(problem) == {("causes", "INC-1")}
    assert "a problem was raised" in str(desk.timeline("INC-1")[-1])


def test_a_refused_action_undoes_the_rule_and_never_the_command(open_desk: Open, url: str) -> None:
    wrong = {
        "name": "too eager",
        "on": ["declared"],
        "do": [
            {"action": "assign", "with": {"assignee": "ana"}},
            {"action": "resume"},
        ],
    }
    desk, _ = opened(open_desk, url, wrong)
    inc = desk.declare("Down")
    assert inc.assignee is None
    (said,) = did(desk, "INC-1")
    assert said.startswith('the rule "too eager" did nothing: resume was refused: INC-1 is new')


def test_a_refused_action_of_a_delayed_rule_leaves_nothing_but_a_word(
    open_desk: Open, url: str
) -> None:
    wrong = {
        "name": "too eager",
        "on": ["declared"],
        "delay": "1m",
        "do": [{"action": "assign", "with": {"assignee": "ana"}}, {"action": "resume"}],
    }
    desk, time = opened(open_desk, url, wrong)
    desk.declare("Down")
    time.move(minutes=2)
    desk.run_due()
    assert desk.incident("INC-1").assignee is None
    assert "resume was refused" in did(desk, "INC-1")[-1]
    assert desk.tasks() == () or all(x.why == "" for x in desk.tasks())


PING: dict[str, Any] = {
    "name": "ping",
    "on": ["noted"],
    "once_for": [],
    "do": [{"action": "note", "with": {"text": "pong"}}],
}


def test_rules_that_set_each_other_off_stop(open_desk: Open, url: str) -> None:
    desk, _ = opened(open_desk, url, PING)
    desk.declare("Down")
    desk.note("INC-1", "go")
    said = did(desk, "INC-1")
    assert len(said) == 9
    assert said[-1] == 'the rule "ping" did nothing: 8 rules had set each other off before it'


def test_delayed_rules_that_set_each_other_off_stop_too(open_desk: Open, url: str) -> None:
    desk, time = opened(open_desk, url, {**PING, "delay": "1m"})
    desk.declare("Down")
    desk.note("INC-1", "go")
    for _ in range(20):
        time.move(minutes=2)
        desk.run_due()
    assert all(x.task.queue != "automation" for x in desk.tasks())
    assert "8 rules had set each other off" in did(desk, "INC-1")[-1]


def test_a_breach_sets_a_rule_off(open_desk: Open, url: str) -> None:
    breach = {
        "name": "late is loud",
        "on": ["clock_breached"],
        "do": [{"action": "prioritise", "with": {"priority": "P1", "reason": "it is late"}}],
    }
    desk, time = opened(open_desk, url, breach)
    desk.declare("Down", impact="medium", urgency="medium")
    time.move(seconds=timedelta(hours=5).total_seconds())
    desk.run_due()
    assert desk.incident("INC-1").priority == "P1"


@pytest.mark.parametrize(
    ("rule", "path", "said"),
    [
        ({"on": ["declard"]}, "automation[0].on", "did you mean 'declared'"),
        ({"do": []}, "automation[0].do", "at least one"),
        ({"do": [{"action": "asign"}]}, "automation[0].do[0].action", "did you mean 'assign'"),
        ({"mode": "wet"}, "automation[0].mode", "not known"),
        ({"once_for": ["incident.rf"]}, "automation[0].once_for", "did you mean 'incident.ref'"),
        (
            {"do": [{"action": "note", "with": {"text": "$incident.titel"}}]},
            "automation[0].do[0].with.text",
            "did you mean 'incident.title'",
        ),
        (
            {"do": [{"action": "note", "with": {"text": [1]}}]},
            "automation[0].do[0].with.text",
            "must be text",
        ),
    ],
)
def test_a_wrong_rule_is_refused_with_its_path(rule: dict[str, Any], path: str, said: str) -> None:
    from incidentkit.errors import PolicyError
    from incidentkit.policy.load import load_policy

    with pytest.raises(PolicyError) as caught:
        load_policy({"automation": [{**ASSIGN, **rule}]})
    found = dict(caught.value.problems)
    assert said in found[path], found


def test_two_rules_of_one_name_are_refused() -> None:
    from incidentkit.errors import PolicyError
    from incidentkit.policy.load import load_policy

    with pytest.raises(PolicyError, match="two rules"):
        load_policy({"automation": [ASSIGN, ASSIGN]})


def test_labels_may_be_set_by_a_rule(open_desk: Open, url: str) -> None:
    label = {
        "name": "mark",
        "on": ["declared"],
        "do": [
            {"action": "edit", "with": {"labels": {"seen": "yes"}}},
            {"action": "watch", "with": {"party": "bo", "stop": False}},
        ],
    }
    desk, _ = opened(open_desk, url, label)
    inc = desk.declare("Down")
    assert inc.card.labels == {"seen": "yes"}
    assert inc.people.watchers == ("bo",)
