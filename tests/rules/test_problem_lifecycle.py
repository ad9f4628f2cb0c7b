"""The problem's table: every state and every command, the expected result written out here."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue, MissingFields, TransitionNotAllowed
from incidentkit.model import incident_events as e
from incidentkit.model import problem as p
from incidentkit.model.incident import Link
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.words import LinkKind, ProblemState
from incidentkit.rules.problem_lifecycle import (
    PROBLEM_MOVES,
    allowed,
    birth,
    decide,
    evolve,
    wakes_at,
)
from tests.rules.builders import START, at, problem

COMMANDS: dict[str, p.ProblemCommand] = {
    "assess": p.Assess("PRB-1"),
    "analyse": p.Analyse("PRB-1"),
    "fix": p.Fix("PRB-1", cause="a leak", workaround="restart nightly"),
    "verify": p.Verify("PRB-1", until=at(10_000), criterion="no restart for a week"),
    "resolve": p.ResolveProblem("PRB-1", remedy="the pool closes its connections"),
    "close": p.CloseProblem("PRB-1"),
    "reanalyse": p.Reanalyse("PRB-1", reason="it was not that"),
    "accept risk": p.AcceptRisk("PRB-1", expires_at=at(10_000), reason="replaced in May"),
    "cancel": p.CancelProblem("PRB-1", reason="it is none"),
    "cancel as duplicate": p.CancelProblem("PRB-1", duplicate_of="PRB-2"),
    "wake": p.RedecideProblem("PRB-1"),
}
# . refused; = nothing happens; N new  S assessing  A analysing  F fixing  V verifying  R resolved
# C closed  K risk accepted  D duplicate  X cancelled
TABLE = """
                      N S A F V R C K D X
assess                S . . . . . . . . .
analyse               A A . . . . . . . .
fix                   F F F . . . . . . .
verify                . . V V . . . . . .
resolve               R R R R R . . . . .
close                 . . . . . C . . . .
reanalyse             . . . A A A . A . .
accept risk           K K K K . . . . . .
cancel                X X X X X . . . . .
cancel as duplicate   D D D D D . . . . .
wake                  = = = = = = = = = =
"""
LETTERS = dict(zip("NSAFVRCKDX", ProblemState, strict=True))


def cells() -> list[tuple[str, ProblemState, str]]:
    head, *rows = TABLE.strip().splitlines()
    states = [LETTERS[letter] for letter in head.split()]
    found: list[tuple[str, ProblemState, str]] = []
    for row in rows:
        parts = row.split()
        name, results = " ".join(parts[: -len(states)]), parts[-len(states) :]
        found += [(name, state, cell) for state, cell in zip(states, results, strict=True)]
    return found


CELLS = cells()


def test_the_table_here_is_whole() -> None:
    assert [state for _, state, _ in CELLS[: len(ProblemState)]] == list(ProblemState)
    assert len(CELLS) == len(COMMANDS) * len(ProblemState)
    every = {x for x in vars(p).values() if isinstance(x, type) and issubclass(x, p.ProblemCommand)}
    assert {type(x) for x in COMMANDS.values()} == every - {p.ProblemCommand}


@pytest.mark.parametrize(("name", "state", "cell"), CELLS, ids=lambda x: getattr(x, "value", x))
def test_cell(name: str, state: ProblemState, cell: str) -> None:
    before, command = problem(state), COMMANDS[name]
    if cell == ".":
        with pytest.raises(TransitionNotAllowed) as caught:
            decide(before, command, at(60))
        assert caught.value.allowed == allowed(state)
        return
    events = decide(before, command, at(60))
    if cell == "=":
        assert events == ()
        return
    (event,) = events
    after = evolve(before, event, at(60))
    assert after.state is LETTERS[cell]
    assert after.since == at(60)
    assert after.version == before.version + 1


@pytest.mark.parametrize("state", ProblemState)
def test_what_is_allowed_is_what_the_cells_lead_to(state: ProblemState) -> None:
    leads = {COMMANDS[x].action for x, s, cell in CELLS if s is state and cell not in ".="}
    assert set(allowed(state)) == leads


def test_where_a_row_leads_is_told() -> None:
    leads = {(COMMANDS[x].action, LETTERS[cell]) for x, _, cell in CELLS if cell not in ".="}
    told = {(move.command.action, move.to) for move in PROBLEM_MOVES}
    assert leads - told == {("cancel_problem", ProblemState.DUPLICATE)}
    assert told <= leads


@pytest.mark.parametrize(
    ("state", "command", "missing"),
    [
        (ProblemState.FIXING, p.Verify("PRB-1"), ("until", "criterion")),
        (ProblemState.FIXING, p.Verify("PRB-1", until=at(99)), ("criterion",)),
        (ProblemState.FIXING, p.ResolveProblem("PRB-1"), ("remedy",)),
        (ProblemState.FIXING, p.Reanalyse("PRB-1"), ("reason",)),
        (ProblemState.FIXING, p.AcceptRisk("PRB-1"), ("expires_at", "reason")),
        (ProblemState.FIXING, p.CancelProblem("PRB-1"), ("reason",)),
    ],
    ids=lambda x: x.action if isinstance(x, Command) else None,
)
def test_missing_fields_are_named(
    state: ProblemState, command: Command, missing: tuple[str, ...]
) -> None:
    with pytest.raises(MissingFields) as caught:
        decide(problem(state), command, at(60))
    assert caught.value.fields == missing


def test_what_is_to_come_may_not_be_past() -> None:
    with pytest.raises(InvalidValue, match=r"until: .* is already past"):
        decide(problem(ProblemState.FIXING), p.Verify("PRB-1", at(60), "quiet"), at(60))
    with pytest.raises(InvalidValue, match=r"expires_at: .* is already past"):
        decide(problem(), p.AcceptRisk("PRB-1", at(60), "cheap"), at(60))


def test_an_accepted_risk_expires_into_analysis() -> None:
    (event,) = decide(problem(), p.AcceptRisk("PRB-1", at(100), "replaced in May"), at(1))
    accepted = evolve(problem(), event, at(1))
    assert wakes_at(accepted) == at(100)
    wake = p.RedecideProblem("PRB-1")
    assert decide(accepted, wake, at(100) - timedelta(microseconds=1)) == ()
    (expired,) = decide(accepted, wake, at(100))
    assert expired == p.ProblemMoved(ProblemState.ANALYSING, "the acceptance of the risk expired")
    again = evolve(accepted, expired, at(100))
    assert again.state is ProblemState.ANALYSING
    assert again.until is None
    assert wakes_at(again) is None
    assert decide(again, wake, at(200)) == ()


def test_what_moves_leave_behind() -> None:
    fixing = evolve(problem(), p.FixBegun(ProblemState.FIXING, "", "a leak", "restart"), at(1))
    assert (fixing.cause, fixing.workaround) == ("a leak", "restart")
    again = evolve(fixing, p.FixBegun(ProblemState.FIXING, "", "two leaks", ""), at(2))
    assert (again.cause, again.workaround) == ("two leaks", "restart")
    begun = p.VerificationBegun(ProblemState.VERIFYING, until=at(99), criterion="quiet")
    verifying = evolve(again, begun, at(3))
    assert (verifying.until, verifying.criterion) == (at(99), "quiet")
    assert wakes_at(verifying) == at(99)
    resolved = p.ProblemResolved(ProblemState.RESOLVED, remedy="closed the pool")
    done = evolve(verifying, resolved, at(4))
    assert (done.remedy, done.until, done.criterion) == ("closed the pool", None, "quiet")


def test_links_come_and_go() -> None:
    link = Link(LinkKind.CAUSES, "incident/1", "INC-1")
    other = Link(LinkKind.CAUSES, "incident/2", "INC-2")
    tied = evolve(evolve(problem(), p.ProblemLinked(link), at(1)), p.ProblemLinked(other), at(1))
    assert tied.links == (link, other)
    assert evolve(tied, p.ProblemUnlinked(link), at(2)).links == (other,)


def test_birth_keeps_what_was_raised() -> None:
    raised = p.ProblemRaised("9", "PRB-1", "Leak", "slowly", "checkout", "software", "bob")
    made = birth(raised, START)
    assert (made.id, made.ref, made.version, made.title) == ("9", "PRB-1", 1, "Leak")
    assert (made.state, made.since) == (ProblemState.NEW, START)
    assert (made.summary, made.service, made.category, made.owner) == (
        "slowly",
        "checkout",
        "software",
        "bob",
    )


@given(st.lists(st.tuples(st.sampled_from(list(COMMANDS)), st.integers(0, 3_000)), max_size=20))
def test_no_life_leaves_the_table(life: list[tuple[str, int]]) -> None:
    leads = {(name, state): cell for name, state, cell in CELLS}
    now, current, journal = 0, problem(), list[tuple[Event, int]]()
    for name, wait in life:
        now += wait
        cell = leads[name, current.state]
        try:
            events = decide(current, COMMANDS[name], at(now))
        except InvalidValue:
            assert name in ("verify", "accept risk")
            assert now >= 10_000
            continue
        except TransitionNotAllowed:
            assert cell == "."
            continue
        assert cell != "."
        for event in events:
            current = evolve(current, event, at(now))
            journal.append((event, now))
            # Time alone ends an accepted risk and a verification; see the tests of waking.
            assert cell == "=" or current.state is LETTERS[cell]
    again = problem()
    for event, when in journal:
        again = evolve(again, event, at(when))
    assert again == current
    assert current.version == 1 + len(journal)


def test_what_is_said_beside_changes_only_the_version() -> None:
    after = evolve(problem(), e.Noted("x"), at(1))
    assert after.version == 2
    assert after.state is ProblemState.NEW
