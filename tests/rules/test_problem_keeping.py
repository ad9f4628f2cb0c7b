"""Commands that leave a problem where it stands: every state and every command, written out here.

Guarded here too: what each leaves behind, that nothing is lost when a statement is replaced, and
that no life of a known error leaves its law.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import (
    CallerError,
    InvalidValue,
    LimitExceeded,
    MissingFields,
    NotFound,
    TransitionNotAllowed,
)
from incidentkit.model import known_error_changes as n
from incidentkit.model import problem as p
from incidentkit.model import problem_changes as k
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Link
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.known_error import KnownError
from incidentkit.model.words import (
    KnownErrorState,
    LinkKind,
    Priority,
    ProblemMoment,
    ProblemState,
)
from incidentkit.rules.known_errors import KNOWN_ERROR
from incidentkit.rules.problem_keeping import KEEPING
from incidentkit.rules.problem_lifecycle import decide, evolve, wakes_at
from incidentkit.rules.problem_terms import ASK, ProblemTerms
from tests.rules.builders import at, problem

KNOWN = KnownError(KnownErrorState.PUBLISHED, "staff", "slow", review_by=at(50_000))
COMMANDS: dict[str, p.ProblemCommand] = {
    "edit": k.EditProblem("PRB-1", title="Other words"),
    "assign": k.AssignProblem("PRB-1", owner="ana"),
    "prioritise": k.PrioritiseProblem("PRB-1", impact="high"),
    "note": k.NoteProblem("PRB-1", text="hm"),
    "correct": k.CorrectProblem("PRB-1", ProblemMoment.RAISED, at(-60), "the log"),
    "state cause": k.StateCause("PRB-1", text="another"),
    "withdraw cause": k.WithdrawCause("PRB-1", reason="no"),
    "state workaround": k.StateWorkaround("PRB-1", text="another"),
    "withdraw workaround": k.WithdrawWorkaround("PRB-1", reason="no"),
    "communicate workaround": k.CommunicateWorkaround("PRB-1"),
    "communicate fix": k.CommunicateFix("PRB-1", text="tonight"),
    "publish": n.PublishKnownError("PRB-1", symptoms="slow"),
    "revise": n.ReviseKnownError("PRB-1", workaround="wait"),
    "retire": n.RetireKnownError("PRB-1", reason="no"),
    "use": n.UseKnownError("PRB-1", incident="incident/1|INC-1"),
}
# . refused; + done.  N new  S assessing  A analysing  F fixing  V verifying  R resolved
# C closed  K risk accepted  D duplicate  X cancelled
TABLE = """
                        N S A F V R C K D X
edit                    + + + + + + + + + +
assign                  + + + + + + . + . .
prioritise              + + + + + + . + . .
note                    + + + + + + + + + +
correct                 + + + + + + + + + +
state cause             + + + + + + . + . .
withdraw cause          + + + + + + . + . .
state workaround        + + + + + + . + . .
withdraw workaround     + + + + + + . + . .
communicate workaround  + + + + + . . + . .
communicate fix         . . . + + + . . . .
publish                 . . + + + . . + . .
revise                  . . + + + . . + . .
retire                  . . + + + . . + . .
use                     + + + + + . . + . .
"""
LETTERS = dict(zip("NSAFVRCKDX", ProblemState, strict=True))


def cells() -> list[tuple[str, ProblemState, bool]]:
    head, *rows = TABLE.strip().splitlines()
    states = [LETTERS[letter] for letter in head.split()]
    found: list[tuple[str, ProblemState, bool]] = []
    for row in rows:
        parts = row.split()
        name, results = " ".join(parts[: -len(states)]), parts[-len(states) :]
        found += [(name, s, cell == "+") for s, cell in zip(states, results, strict=True)]
    return found


CELLS = cells()


def known(state: ProblemState = ProblemState.ANALYSING, *, published: bool = True) -> p.Problem:
    made = attrs.evolve(problem(state), cause="a leak", workaround="restart", remedy="a limit")
    return attrs.evolve(made, known_error=KNOWN if published else None)


def do(before: p.Problem, command: Command, when: float = 60) -> p.Problem:
    for event in decide(before, command, at(when)):
        before = evolve(before, event, at(when))
    return before


def test_the_table_here_is_whole() -> None:
    assert len(CELLS) == len(COMMANDS) * len(ProblemState)
    every = {
        each
        for module in (k, n)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, p.ProblemCommand)
    } - {p.ProblemCommand}
    assert {type(x) for x in COMMANDS.values()} == every
    assert {row.command for row in (*KEEPING, *KNOWN_ERROR)} == every


@pytest.mark.parametrize(("name", "state", "done"), CELLS, ids=lambda x: getattr(x, "value", x))
def test_cell(name: str, state: ProblemState, done: bool) -> None:
    before, command = known(state, published=name != "publish"), COMMANDS[name]
    if not done:
        with pytest.raises(TransitionNotAllowed):
            decide(before, command, at(60))
        return
    events = decide(before, command, at(60))
    assert events
    after = before
    for event in events:
        after = evolve(after, event, at(60))
    assert (after.state, after.since) == (before.state, before.since)
    assert after.version == before.version + len(events)


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        (k.PrioritiseProblem("PRB-1"), ("impact, urgency or priority",)),
        (k.PrioritiseProblem("PRB-1", priority=Priority.P1), ("reason",)),
        (k.NoteProblem("PRB-1"), ("text",)),
        (k.CorrectProblem("PRB-1", ProblemMoment.RAISED, at(0)), ("reason",)),
        (k.StateCause("PRB-1"), ("text",)),
        (k.WithdrawCause("PRB-1"), ("reason",)),
        (k.StateWorkaround("PRB-1"), ("text",)),
        (k.WithdrawWorkaround("PRB-1"), ("reason",)),
        (k.CommunicateWorkaround("PRB-1"), ("text (no workaround is known)",)),
        (n.PublishKnownError("PRB-1"), ("symptoms",)),
    ],
    ids=lambda x: x.action if isinstance(x, Command) else None,
)
def test_missing_fields_are_named(command: Command, missing: tuple[str, ...]) -> None:
    with pytest.raises(MissingFields) as caught:
        decide(problem(ProblemState.ANALYSING), command, at(60))
    assert caught.value.fields == missing


def test_more_missing_fields() -> None:
    with pytest.raises(MissingFields, match="no remedy is known"):
        decide(problem(ProblemState.FIXING), k.CommunicateFix("PRB-1"), at(60))
    with pytest.raises(MissingFields, match="reason"):
        decide(known(), n.RetireKnownError("PRB-1"), at(60))
    with pytest.raises(MissingFields, match="incident"):
        decide(known(), n.UseKnownError("PRB-1"), at(60))


@pytest.mark.parametrize(
    ("before", "command", "error", "said"),
    [
        (known(), k.EditProblem("PRB-1", title=" "), InvalidValue, "title: must not be empty"),
        (known(), k.EditProblem("PRB-1", origin="x" * 300), LimitExceeded, "origin: "),
        (known(), k.EditProblem("PRB-1", summary="\0"), InvalidValue, "summary: "),
        (problem(), k.WithdrawCause("PRB-1", reason="x"), NotFound, "no cause"),
        (problem(), k.WithdrawWorkaround("PRB-1", reason="x"), NotFound, "no workaround"),
        (known(), n.PublishKnownError("PRB-1", symptoms="x"), InvalidValue, "has one already"),
        (
            known(published=False),
            n.PublishKnownError("PRB-1", symptoms="x", review_by=at(60)),
            InvalidValue,
            "review_by: .* already past",
        ),
        (known(published=False), n.RetireKnownError("PRB-1", reason="x"), NotFound, "published"),
        (known(), n.ReviseKnownError("PRB-1", symptoms=" "), InvalidValue, "symptoms: "),
        (known(), n.ReviseKnownError("PRB-1", match="\0"), InvalidValue, "match: "),
        (
            known(),
            k.CorrectProblem("PRB-1", ProblemMoment.RAISED, at(61), "x"),
            InvalidValue,
            "lies in the future",
        ),
        (
            known(),
            k.CorrectProblem("PRB-1", ProblemMoment.CLOSED, at(1), "x"),
            InvalidValue,
            "has not reached closed yet",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    before: p.Problem, command: Command, error: type[CallerError], said: str
) -> None:
    with pytest.raises(error, match=said):
        decide(before, command, at(60))


@pytest.mark.parametrize(
    "command",
    [
        k.EditProblem("PRB-1", title="Pool leaks"),
        k.AssignProblem("PRB-1", owner="bob"),
        k.AssignProblem("PRB-1", team=None, owner="bob"),
        k.PrioritiseProblem("PRB-1", impact="unknown"),
        k.CorrectProblem("PRB-1", ProblemMoment.RAISED, at(0), "the same"),
        k.StateCause("PRB-1", text="a leak"),
        k.StateWorkaround("PRB-1", text="restart"),
        n.ReviseKnownError("PRB-1", symptoms="slow", audience="staff"),
        n.ReviseKnownError("PRB-1", review_by=at(50_000)),
    ],
    ids=lambda x: x.action,
)
def test_what_is_so_already_leaves_no_entry(command: Command) -> None:
    assert decide(known(), command, at(60)) == ()


def test_people_and_words_change_apart() -> None:
    found = do(known(), k.AssignProblem("PRB-1", team="dba"))
    assert (found.owner, found.team) == ("bob", "dba")
    found = do(found, k.AssignProblem("PRB-1"))
    assert (found.owner, found.team) == (None, "dba")
    labels = FrozenMap({"symptom": "slow"})
    edit = k.EditProblem("PRB-1", category="db", origin="trend", labels=labels)
    found = do(found, edit)
    assert (found.title, found.category, found.origin) == ("Pool leaks", "db", "trend")
    assert found.labels == labels


def test_priority_by_hand() -> None:
    by_hand = k.PrioritiseProblem("PRB-1", priority=Priority.P1, reason="a VIP")
    found = do(known(), by_hand)
    assert (found.priority, found.rating.by_hand) == (Priority.P1, True)


def test_statements_are_a_history() -> None:
    one = do(problem(ProblemState.ANALYSING), k.StateCause("PRB-1", text="a leak"), 1)
    two = do(one, k.StateCause("PRB-1", text="two leaks"), 2)
    gone = do(two, k.WithdrawCause("PRB-1", reason="it was the pool's size"), 3)
    assert (one.cause, two.cause, gone.cause) == ("a leak", "two leaks", "")
    assert gone.causes == (
        p.Statement("a leak", at(1), at(2), "another was stated"),
        p.Statement("two leaks", at(2), at(3), "it was the pool's size"),
    )
    assert two.moments[ProblemMoment.CAUSE_IDENTIFIED] == at(1)
    assert ProblemMoment.CAUSE_IDENTIFIED not in gone.moments
    told = do(gone, k.CommunicateWorkaround("PRB-1", text="restart"), 4)
    assert told.workarounds == (p.Statement("restart", at(4)),)
    again = do(told, k.WithdrawWorkaround("PRB-1", reason="loses carts"), 5)
    assert (again.workaround, again.workarounds[0].why) == ("", "loses carts")


def test_fixing_states_what_it_knows() -> None:
    found = do(problem(ProblemState.ANALYSING), p.Fix("PRB-1", cause="a leak", workaround="x"), 7)
    assert [x.text for x in (*found.causes, *found.workarounds)] == ["a leak", "x"]
    assert dict(found.moments) == {
        ProblemMoment.RAISED: at(0),
        ProblemMoment.CAUSE_IDENTIFIED: at(7),
        ProblemMoment.WORKAROUND_FOUND: at(7),
        ProblemMoment.FIX_BEGUN: at(7),
    }
    back = do(found, p.Reanalyse("PRB-1", reason="no"), 8)
    assert ProblemMoment.FIX_BEGUN not in back.moments
    assert ProblemMoment.CAUSE_IDENTIFIED in back.moments


def test_instants_keep_their_order() -> None:
    found = do(problem(ProblemState.ANALYSING), p.Fix("PRB-1", cause="a leak"), 10)
    found = do(found, p.Verify("PRB-1", at(10_000), "quiet"), 20)
    correct = k.CorrectProblem("PRB-1", ProblemMoment.FIXED, at(15), "the deploy log")
    assert do(found, correct, 30).moments[ProblemMoment.FIXED] == at(15)
    with pytest.raises(InvalidValue, match="fix_begun would come after fixed"):
        decide(found, attrs.evolve(correct, to=at(9)), at(30))


# --- the known error ------------------------------------------------------------------------------


def test_it_is_published_without_a_workaround_and_gains_one() -> None:
    bare = problem(ProblemState.ANALYSING)
    found = do(bare, n.PublishKnownError("PRB-1", symptoms="slow", audience="desk"), 1)
    assert found.published
    assert found.known_error is not None
    assert (found.known_error.audience, found.known_error.workaround) == ("desk", "")
    assert found.known_error.review_by == at(1) + timedelta(days=90)
    found = do(found, n.ReviseKnownError("PRB-1", workaround="wait", match="x == 1"), 2)
    assert found.known_error is not None
    assert (found.known_error.workaround, found.known_error.match) == ("wait", "x == 1")
    assert found.known_error.revised_at == at(2)
    fixing = do(found, p.Fix("PRB-1", cause="a leak"), 3)
    verifying = do(fixing, p.Verify("PRB-1", at(10_000), "quiet"), 4)
    assert fixing.published
    assert verifying.published


def test_the_problems_own_workaround_is_the_default() -> None:
    found = do(known(published=False), n.PublishKnownError("PRB-1", symptoms="slow"))
    assert found.known_error is not None
    assert found.known_error.workaround == "restart"
    no_review = ProblemTerms(review_within=timedelta())
    command = n.PublishKnownError("PRB-1", symptoms="slow")
    (event,) = decide(known(published=False), command, at(60), no_review)
    assert isinstance(event, n.KnownErrorPublished)
    assert event.review_by is None


@pytest.mark.parametrize(
    "end",
    [
        p.ResolveProblem("PRB-1", remedy="a limit"),
        p.CancelProblem("PRB-1", reason="it is none"),
        p.CancelProblem("PRB-1", duplicate_of="PRB-2"),
    ],
    ids=lambda x: x.action,
)
def test_it_is_retired_with_its_problem(end: Command) -> None:
    moved, retired = decide(known(), end, at(60))
    assert isinstance(moved, p.ProblemMoved)
    assert retired == n.KnownErrorRetired(f"the problem is {moved.to.value}")
    found = do(known(), end)
    assert not found.published
    assert wakes_at(found) is None


def test_published_again_it_keeps_its_counts() -> None:
    used = do(known(), n.UseKnownError("PRB-1", incident="incident/1|INC-1", worked=True))
    gone = do(used, n.RetireKnownError("PRB-1", reason="replaced"))
    again = do(gone, n.PublishKnownError("PRB-1", symptoms="slower"))
    assert again.known_error is not None
    assert (again.known_error.uses, again.known_error.successes) == (1, 1)


def test_a_review_is_asked_for_once() -> None:
    found = known()
    wake = p.RedecideProblem("PRB-1")
    assert wakes_at(found) == at(50_000)
    assert decide(found, wake, at(49_999)) == ()
    (due,) = decide(found, wake, at(50_000))
    assert due == n.KnownErrorReviewDue(at(50_000))
    found = evolve(found, due, at(50_000))
    assert wakes_at(found) is None
    assert decide(found, wake, at(60_000)) == ()
    answered = do(found, n.ReviseKnownError("PRB-1"), 60_000)
    assert wakes_at(answered) == at(60_000) + timedelta(days=90)
    no_review = ProblemTerms(review_within=timedelta())
    assert decide(found, n.ReviseKnownError("PRB-1"), at(60_000), no_review) == ()
    assert decide(known(published=False), wake, at(60_000)) == ()


def test_uses_are_counted_once_an_incident() -> None:
    one = do(known(), n.UseKnownError("PRB-1", incident="incident/1|INC-1"))
    assert one.known_error is not None
    assert (one.known_error.uses, one.known_error.efficacy) == (1, None)
    assert one.linked(LinkKind.WORKAROUND_FOR, "incident/1")
    assert decide(one, n.UseKnownError("PRB-1", incident="incident/1|INC-1"), at(61)) == ()
    worked = do(one, n.UseKnownError("PRB-1", incident="incident/1|INC-1", worked=True))
    failed = do(worked, n.UseKnownError("PRB-1", incident="incident/2", worked=False))
    assert failed.known_error is not None
    counts = failed.known_error
    assert (counts.uses, counts.successes, counts.failures, counts.efficacy) == (2, 1, 1, 500)
    assert failed.links[-1] == Link(LinkKind.WORKAROUND_FOR, "incident/2", "incident/2")
    changed = do(failed, n.UseKnownError("PRB-1", incident="incident/1|INC-1", worked=False))
    assert changed.known_error is not None
    assert (changed.known_error.uses, changed.known_error.failures) == (2, 2)


def test_events_of_a_known_error_that_is_none_change_nothing() -> None:
    bare = problem()
    for event in (n.KnownErrorUsed("incident/1", "INC-1"), n.KnownErrorRetired("x")):
        assert attrs.evolve(evolve(bare, event, at(1)), version=bare.version) == bare


# --- waking ---------------------------------------------------------------------------------------


def verifying(**more: Any) -> p.Problem:
    return attrs.evolve(
        known(ProblemState.VERIFYING, published=False),
        until=at(100),
        criterion="four quiet Mondays",
        **more,
    )


def test_a_fix_that_held_resolves_by_itself() -> None:
    wake = p.RedecideProblem("PRB-1")
    assert decide(verifying(), wake, at(99)) == ()
    (event,) = decide(verifying(), wake, at(100))
    assert isinstance(event, p.ProblemResolved)
    assert (event.remedy, event.verified) == ("a limit", True)
    done = evolve(verifying(), event, at(100))
    assert done.moments[ProblemMoment.VERIFIED] == done.moments[ProblemMoment.RESOLVED] == at(100)
    (event,) = decide(verifying(remedy=""), wake, at(100))
    assert isinstance(event, p.ProblemResolved)
    assert event.remedy == "verified: four quiet Mondays"


@pytest.mark.parametrize(
    ("more", "terms"), [({"doubt": "INC-9"}, ProblemTerms()), ({}, ProblemTerms(verified=ASK))]
)
def test_else_somebody_is_asked_once(more: dict[str, Any], terms: ProblemTerms) -> None:
    wake = p.RedecideProblem("PRB-1")
    (event,) = decide(verifying(**more), wake, at(100), terms)
    assert event == k.VerificationOver(at(100))
    after = evolve(verifying(**more), event, at(100))
    assert decide(after, wake, at(101), terms) == ()


def test_with_its_problem_its_review_is_over() -> None:
    both = attrs.evolve(verifying(), known_error=attrs.evolve(KNOWN, review_by=at(50)))
    resolved, retired = decide(both, p.RedecideProblem("PRB-1"), at(100))
    assert isinstance(resolved, p.ProblemResolved)
    assert isinstance(retired, n.KnownErrorRetired)
    assert wakes_at(both) == at(50)


def test_doubts_and_changes_are_kept() -> None:
    found = evolve(verifying(), k.FixNotHolding("incident/9", "INC-9", "it is linked"), at(1))
    assert found.doubt == "INC-9"
    found = evolve(found, k.ChangeDone("change/7", "CHG-7"), at(2))
    assert found.done == ("change/7",)
    assert do(found, p.Reanalyse("PRB-1", reason="no")).doubt == ""


# --- random lives ---------------------------------------------------------------------------------

MOVES: dict[str, p.ProblemCommand] = {
    "analyse": p.Analyse("PRB-1"),
    "fix": p.Fix("PRB-1", cause="a leak"),
    "verify": p.Verify("PRB-1", at(200_000), "quiet"),
    "resolve": p.ResolveProblem("PRB-1", remedy="a limit"),
    "reanalyse": p.Reanalyse("PRB-1", reason="no"),
    "accept risk": p.AcceptRisk("PRB-1", at(200_000), "cheap"),
    "wake": p.RedecideProblem("PRB-1"),
    "worked": n.UseKnownError("PRB-1", incident="incident/1|INC-1", worked=True),
    "failed": n.UseKnownError("PRB-1", incident="incident/2|INC-2", worked=False),
}
EVERY = {**COMMANDS, **MOVES}


@given(st.lists(st.tuples(st.sampled_from(list(EVERY)), st.integers(0, 9_000)), max_size=40))
def test_a_known_error_lives_by_its_law(life: list[tuple[str, int]]) -> None:
    """Published only while its problem is analysed and not over; counts never fall or double."""
    now, current = 0, problem()
    journal: list[tuple[Event, int]] = []
    uses = 0
    for name, wait in life:
        now += wait
        try:
            events = decide(current, EVERY[name], at(now))
        except CallerError:
            continue
        for event in events:
            current = evolve(current, event, at(now))
            journal.append((event, now))
        error = current.known_error
        if error is not None:
            assert error.uses >= uses
            uses = error.uses
            linked = current.targets(LinkKind.WORKAROUND_FOR)
            assert len(linked) == len(set(linked)) == error.uses
            assert set(error.outcomes) <= set(linked)
        if current.published:
            over = (ProblemState.RESOLVED, ProblemState.CLOSED, ProblemState.NEW)
            assert current.state not in over
        standing = [x.text for x in current.causes if x.until is None]
        assert standing == ([current.cause] if current.cause else [])
    again = problem()
    for event, when in journal:
        again = evolve(again, event, at(when))
    assert again == current
