"""Automation: which rules fire, once for what, and what their actions become."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incidentkit.errors import IncidentKitError, InvalidValue
from incidentkit.lang.conditions import Condition
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.automation import Automated
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.problem import RaiseProblem
from incidentkit.model.words import Outcome, Priority
from incidentkit.rules import communicate
from incidentkit.rules.automate import Automation, Mode, listening
from incidentkit.rules.bind import Action, actions, fields_of
from incidentkit.rules.listening import events
from incidentkit.rules.rerun import rerun
from tests.rules.builders import declared, rated

START = Action("start")


def rule(when: str = "true", **more: Any) -> Automation:
    given: dict[str, Any] = {"on": ("declared",), "do": (START,), **more}
    return Automation("r", when=Condition.parse(when), **given)


def action(name: str, **fields: Any) -> Action:
    return Action(name, FrozenMap(fields))


# --- which rules are asked, and which fire --------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "asked"), [(Mode.LIVE, True), (Mode.DRY_RUN, True), (Mode.OFF, False)]
)
def test_a_rule_listens_to_its_events_unless_it_is_off(mode: Mode, asked: bool) -> None:
    mine = rule(mode=mode)
    assert (
        listening((mine,), e.Declared("1", "INC-1", declared().card, False)) == (mine,)
    ) is asked
    assert listening((mine,), e.Started()) == ()


def test_it_fires_when_its_condition_is_true_and_says_why() -> None:
    incident = rated(declared(), Priority.P1)
    fired = rule('incident.priority == "P1"').fires(incident, 0, "abc")
    assert fired is not None
    assert fired.reason.outcome == rerun(fired.reason) == "act"
    assert rerun(fired.reason, facts=FrozenMap({"incident.priority": "P4"})) == ""
    assert fired.reason.policy == "abc"
    assert rule('incident.priority == "P2"').fires(incident, 0) is None


def test_what_is_unknown_does_not_fire() -> None:
    assert rule('incident.assignee == "ana"').fires(declared(), 0) is None


def test_a_dry_run_is_decided_as_one() -> None:
    fired = rule(mode=Mode.DRY_RUN).fires(declared(), 0)
    assert fired is not None
    assert fired.reason.outcome == "dry_run"


@pytest.mark.parametrize(
    ("once_for", "key"),
    [
        ((), ""),
        (("incident.ref",), "live\x1fr\x1fINC-1"),
        (("incident.service", "incident.assignee"), "live\x1fr\x1fcheckout\x1f"),
    ],
)
def test_the_key_it_fires_once_for(once_for: tuple[str, ...], key: str) -> None:
    fired = rule(once_for=once_for).fires(declared(), 0)
    assert fired is not None
    assert fired.key == key


def test_numbers_and_spans_in_a_reason_are_plain() -> None:
    fired = rule("incident.reopened == 0").fires(declared(), 0)
    assert fired is not None
    assert rerun(fired.reason) == "act"


@pytest.mark.parametrize(("on", "do"), [((), (START,)), (("declared",), ())])
def test_a_rule_needs_an_event_and_an_action(on: Any, do: Any) -> None:
    with pytest.raises(InvalidValue, match="at least one"):
        rule(on=on, do=do)


@pytest.mark.parametrize(
    ("mine", "at_once"),
    [
        (rule(), True),
        (rule(delay=timedelta(minutes=1)), False),
        (rule(do=(START, action("notify", audience="press"))), False),
        (rule(do=(action("raise_problem"),)), False),
    ],
)
def test_only_plain_actions_without_a_delay_act_in_the_same_commit(
    mine: Automation, at_once: bool
) -> None:
    assert mine.at_once is at_once


def test_automation_listens_to_every_event_but_its_own() -> None:
    assert {"declared", "clock_breached", "noted", "alert_joined"} <= set(events())
    assert not {name for name in events() if name.startswith("automat")}


# --- from actions to commands ---------------------------------------------------------------------

KNOWN: Mapping[str, object] = {"incident": communicate.facts(declared())}


@pytest.mark.parametrize(
    ("given", "command"),
    [
        (START, c.Start("INC-1")),
        (action("assign", assignee="ana"), c.Assign("INC-1", assignee="ana")),
        (
            action("note", text="$incident.service is down"),
            c.AddNote("INC-1", text="checkout is down"),
        ),
        (action("prioritise", priority="P2", reason="VIP"), c.Prioritise(
            "INC-1", priority=Priority.P2, reason="VIP"
        )),
        (action("resolve", code="fixed", remedy="x", outcome="near_miss"), c.Resolve(
            "INC-1", code="fixed", remedy="x", outcome=Outcome.NEAR_MISS
        )),
        (action("observe", until="2030-01-01T00:00:00Z"), c.Observe(
            "INC-1", until=datetime(2030, 1, 1, tzinfo=UTC)
        )),
        (action("notify", audience="press", next_update_in="30m"), c.Notify(
            "INC-1", audience="press", next_update_in=timedelta(minutes=30)
        )),
        (action("edit", labels=FrozenMap({"a": "b"})), c.Edit(
            "INC-1", labels=FrozenMap({"a": "b"})
        )),
        (action("watch", party="bo", stop=True), c.Watch("INC-1", party="bo", stop=True)),
        (action("raise_problem"), RaiseProblem("cause of INC-1", incident="INC-1")),
        (
            action("raise_problem", subject="$incident.title again", category="db"),
            RaiseProblem("Checkout fails again", incident="INC-1", category="db"),
        ),
    ],
    ids=lambda x: str(x)[:40],
)  # fmt: skip
def test_an_action_becomes_its_command(given: Action, command: c.Command) -> None:
    assert given.command("INC-1", KNOWN) == command


def test_an_action_prints_as_people_would_say_it() -> None:
    assert [str(START), str(action("assign", assignee="ana"))] == ["start", "assign assignee=ana"]


@pytest.mark.parametrize(
    ("name", "fields", "said"),
    [
        ("asign", {}, "did you mean 'assign'"),
        ("wake", {}, "no 'wake'"),
        ("assign", {"asignee": "ana"}, "did you mean 'assignee'"),
        ("prioritise", {"priority": "P9"}, "none of P1"),
        ("observe", {"until": "tomorrow"}, "until"),
        ("notify", {"audience": "press", "next_update_in": "soon"}, "no term"),
        ("watch", {"stop": "yes"}, "cannot be the text"),
        ("watch", {"stop": 1}, "cannot be 1"),
        ("note", {"text": True}, "cannot be True"),
        ("note", {"text": 5}, "cannot be 5"),
        ("edit", {"title": FrozenMap({"a": "b"})}, "cannot be"),
        ("take_role", {}, "needs role"),
        ("note", {"text": "$"}, "a name follows"),
    ],
)
def test_what_can_be_known_to_be_wrong_is_refused(
    name: str, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(IncidentKitError, match=said.replace("$", r"\$")):
        action(name, **fields)


def test_what_a_template_makes_wrong_is_refused_when_it_is_rendered() -> None:
    made = action("prioritise", priority="${incident.labels.wanted|?}", reason="VIP")
    with pytest.raises(InvalidValue, match="none of P1"):
        made.command("INC-1", KNOWN)


def test_every_action_is_a_command_that_can_be_named() -> None:
    assert {"start", "hold", "resolve", "assign", "raise_problem"} <= set(actions())
    assert all(command.action == name for name, command in actions().items())


def test_what_automation_wrote_down_changes_nothing_else() -> None:
    from incidentkit.rules.evolve import evolve

    before = declared()
    after = evolve(before, Automated("r", ("start",)), before.life.since, "system")
    assert after.version == before.version + 1
    assert (after.life, after.card) == (before.life, before.card)


def test_a_list_is_written_with_commas_and_a_table_as_a_table() -> None:
    made: Any = action("resolve", code="fixed", remedy="x", children="INC-2, INC-3").command(
        "INC-1", {}
    )
    assert made.children == ("INC-2", "INC-3")
    labelled: Any = action("edit", labels=FrozenMap({"region": "eu"})).command("INC-1", {})
    assert labelled.labels == {"region": "eu"}
    with pytest.raises(InvalidValue, match="cannot be"):
        action("edit", title=FrozenMap({"region": "eu"}))


def test_every_action_knows_its_fields() -> None:
    for name, command in actions().items():
        assert isinstance(fields_of(command), dict), name
    asserted: Any = action("assert_fact", key="region", value="eu").command("INC-1", {})
    assert (asserted.key, asserted.value) == ("region", "eu")
