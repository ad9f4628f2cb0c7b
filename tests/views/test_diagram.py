"""The drawings show what the rules do, arrow by arrow."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incidentkit.errors import InvalidValue
from incidentkit.model import problem as p
from incidentkit.model.incident_commands import Command
from incidentkit.model.review import FollowUpState, ReviewState
from incidentkit.model.words import (
    HandoverState,
    IncidentTaskState,
    MaintenanceState,
    MajorState,
    ProblemState,
    PublicState,
    Response,
    SilenceState,
    State,
)
from incidentkit.policy.load import load_policy
from incidentkit.rules.lifecycle import MOVES, allowed
from incidentkit.rules.problem_lifecycle import PROBLEM_MOVES, decide, evolve
from incidentkit.views.diagram import MACHINES, mermaid, table
from tests.views.story import START, ProblemStory

STATES: dict[str, tuple[str, ...]] = {
    "incident": tuple(State),
    "problem": tuple(ProblemState),
    "response": tuple(Response),
    "major": tuple(MajorState),
    "public": ("none", *PublicState),
    "task": tuple(IncidentTaskState),
    "handover": ("none", *HandoverState),
    "maintenance": tuple(MaintenanceState),
    "silence": tuple(SilenceState),
    "review": tuple(ReviewState),
    "follow_up": tuple(FollowUpState),
}


def arrows(machine: str) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in mermaid(machine).splitlines()[1:]:
        source, _, rest = row.strip().partition(" --> ")
        target, _, labels = rest.partition(": ")
        assert (source, target) not in found
        found[source, target] = labels.split(", ")
    return found


@pytest.mark.parametrize("machine", MACHINES)
def test_every_state_is_drawn_and_reached(machine: str) -> None:
    drawn = arrows(machine)
    assert {target for _, target in drawn} == set(STATES[machine])
    assert ("[*]", STATES[machine][0]) in drawn


def test_incident_arrows_are_the_table() -> None:
    drawn = arrows("incident")
    for state in State:
        leaving = {x for (source, _), labels in drawn.items() if source == state for x in labels}
        assert leaving == set(allowed(state))
    for move in MOVES:
        for source in move.sources:
            for target in move.targets:
                assert move.action in drawn[source.value, target.value]


def test_problem_arrows_are_what_deciding_leads_to() -> None:
    later = START + timedelta(days=9)
    given: dict[type[Command], list[Command]] = {
        p.Verify: [p.Verify("PRB-1", until=later, criterion="x")],
        p.ResolveProblem: [p.ResolveProblem("PRB-1", remedy="x")],
        p.Reanalyse: [p.Reanalyse("PRB-1", reason="x")],
        p.AcceptRisk: [p.AcceptRisk("PRB-1", expires_at=later, reason="x")],
        p.CancelProblem: [
            p.CancelProblem("PRB-1", reason="x"),
            p.CancelProblem("PRB-1", duplicate_of="PRB-2"),
        ],
    }
    reached: set[tuple[str, str, str]] = set()
    for move in PROBLEM_MOVES:
        for source in move.sources:
            problem = evolve(ProblemStory().problem, p.ProblemMoved(source), START)
            for command in given.get(move.command, [move.command("PRB-1")]):
                (event,) = decide(problem, command, START)
                after = evolve(problem, event, START)
                reached.add((source.value, after.state.value, move.command.action))
    drawn = {
        (source, target, label)
        for (source, target), labels in arrows("problem").items()
        for label in labels
        if source != "[*]"
    }
    assert drawn == reached


def test_the_response_region() -> None:
    assert arrows("response") == {
        ("[*]", "unacknowledged"): ["declare"],
        ("unacknowledged", "acknowledged"): ["acknowledge"],
        ("acknowledged", "acknowledged"): ["acknowledge"],
        ("lapsed", "acknowledged"): ["acknowledge"],
        ("cleared_unacknowledged", "acknowledged"): ["acknowledge"],
        ("acknowledged", "lapsed"): ["the lease lapses"],
        ("unacknowledged", "cleared_unacknowledged"): ["all alerts clear"],
        ("cleared_unacknowledged", "unacknowledged"): ["an alert fires again", "reopen"],
        ("unacknowledged", "unacknowledged"): ["reopen"],
        ("acknowledged", "unacknowledged"): ["reopen"],
        ("lapsed", "unacknowledged"): ["reopen"],
    }


def test_the_incident_table() -> None:
    rows = table("incident").splitlines()
    assert rows[:4] == [
        "| What | From | To | Needs |",
        "| --- | --- | --- | --- |",
        "| declare | - | new | - |",
        "| accept | new | new | - |",
    ]
    assert "| close | any active, resolved | closed | code, remedy (from an active state) |" in rows
    assert "| hold | any active | on hold | reason, court |" in rows
    assert len(rows) == 3 + len(MOVES)


def test_the_other_tables() -> None:
    rows = table("problem").splitlines()
    assert len(rows) == 3 + len(PROBLEM_MOVES)
    assert rows[-1].startswith(r"| cancel\_problem | new, assessing, ")
    assert "| the lease lapses | acknowledged | lapsed | - |" in table("response")


@pytest.mark.parametrize("machine", MACHINES)
def test_drawn_twice_it_is_the_same(machine: str) -> None:
    assert mermaid(machine) == mermaid(machine)
    assert table(machine) == table(machine)


@pytest.mark.parametrize("draw", [mermaid, table])
def test_an_unknown_machine(draw: object) -> None:
    assert callable(draw)
    with pytest.raises(InvalidValue, match="none of incident, problem, response"):
        draw("clock")


def test_a_region_of_the_policy_is_drawn_too() -> None:
    moves = [
        {"from": "contain", "to": "eradicate", "name": "contained"},
        {"from": "eradicate", "to": "contain"},
    ]
    region = {"states": ["contain", "eradicate"], "moves": moves}
    regions = load_policy({"regions": {"security": region}}).lifecycle.overlays.regions
    assert mermaid("security", regions) == (
        "stateDiagram-v2\n"
        "    [*] --> contain: declare\n"
        "    contain --> eradicate: contained\n"
        "    eradicate --> contain: move to contain\n"
    )
    assert "| contained | contain | eradicate | - |" in table("security", regions)
    with pytest.raises(InvalidValue, match="follow_up, security"):
        mermaid("continuity", regions)


def test_the_major_arrows_are_written_out() -> None:
    assert arrows("major") == {
        ("[*]", "none"): ["declare"],
        ("none", "proposed"): ["propose_major"],
        ("rejected", "proposed"): ["propose_major"],
        ("stood_down", "proposed"): ["propose_major"],
        ("demoted", "proposed"): ["propose_major"],
        ("none", "accepted"): ["accept_major"],
        ("proposed", "accepted"): ["accept_major"],
        ("proposed", "rejected"): ["reject_major"],
        ("accepted", "stood_down"): ["stand_down"],
        ("accepted", "demoted"): ["demote"],
    }
