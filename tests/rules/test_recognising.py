"""Known errors against incidents, fixes against incidents, and whom a problem calls."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import LimitExceeded
from incidentkit.ids import ProblemId
from incidentkit.lang.conditions import Condition
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model import problem as p
from incidentkit.model import problem_changes as k
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Card, Incident, Link, Rating
from incidentkit.model.journal import Event
from incidentkit.model.known_error import KnownError
from incidentkit.model.words import (
    CancelReason,
    KnownErrorState,
    LinkKind,
    Moment,
    Outcome,
    Priority,
    ProblemState,
    State,
)
from incidentkit.policy.load import default_policy
from incidentkit.rules.communicate import facts
from incidentkit.rules.escalate import PagingTerms
from incidentkit.rules.kept import holds_again, keep_all
from incidentkit.rules.match import recognise, score, words
from incidentkit.rules.problem_call import call
from incidentkit.rules.problem_reactions import HEARD, OCCASIONS, effects, elsewhere
from incidentkit.rules.problem_terms import EFFECTS, ProblemTerms
from incidentkit.rules.rerun import rerun
from incidentkit.rules.table import Elsewhere
from incidentkit.rules.verification import against, why
from tests.rules.builders import after, at, declared, firing, problem, reached, standing

TERMS = ProblemTerms()
SERVICE = 'incident.service == "login"'


def known(ref: str = "PRB-1", match: str = "", **more: Any) -> p.Problem:
    error = KnownError(
        KnownErrorState.PUBLISHED, "staff", "login slow on Mondays", "wait ten minutes", match
    )
    base = attrs.evolve(problem(ProblemState.ANALYSING), service="login", category="auth")
    given_ = {x: more.pop(x) for x in list(more) if x in ("service", "category", "state")}
    return attrs.evolve(
        base, ref=ref, id=ProblemId(ref), known_error=attrs.evolve(error, **more), **given_
    )


def incident(title: str = "Login is slow", **more: Any) -> Incident:
    return attrs.evolve(declared(), card=Card(title, **{"service": "login"} | more))


# --- recognising ----------------------------------------------------------------------------------


def test_words_say_something() -> None:
    assert words("The LOGIN is slow, and the login was down: 502") == (
        "login",
        "slow",
        "down",
        "502",
    )
    assert words("") == ()


@pytest.mark.parametrize(
    ("error", "met", "expected"),
    [
        (known(match=SERVICE), incident("Printer on fire"), 700),
        (known(match=SERVICE), incident("Printer", category="auth"), 800),
        (known(match=SERVICE), incident("Login slow, as on all Mondays", category="auth"), 1000),
        (known(match=SERVICE), incident(service="checkout"), 0),
        (known(match='incident.category == "auth"'), incident(), 0),
        (known(), incident(), 632),
        (known(), incident("Login", summary="very slow on mondays"), 900),
        (known(), incident("The printer burns"), 0),
        (known(symptoms="?"), incident(), 0),
        (known(match="this is no condition"), incident(), 0),
        (known(service=None), incident(), 532),
    ],
)
def test_scores(error: p.Problem, met: Incident, expected: int) -> None:
    assert error.known_error is not None
    reason = score(met, error, error.known_error, TERMS, "h")
    assert (reason.outcome, reason.policy) == (expected, "h")
    assert rerun(reason) == expected
    found = recognise(met, (error,), TERMS)
    assert [x.score for x in found] == ([expected] if expected else [])


def test_unknown_facts_are_named() -> None:
    error = known(match='incident.category == "auth"')
    assert error.known_error is not None
    assert score(incident(), error, error.known_error, TERMS).unknowns == ("incident.category",)


def test_only_what_is_published_for_the_audience() -> None:
    retired = known("PRB-2", SERVICE, state=ProblemState.RESOLVED)
    assert retired.known_error is not None
    retired = attrs.evolve(
        retired, known_error=attrs.evolve(retired.known_error, state=KnownErrorState.RETIRED)
    )
    every = (known("PRB-1", SERVICE), retired, problem(), known("PRB-3", SERVICE, audience="all"))
    assert [x.ref for x in recognise(incident(), every, TERMS)] == ["PRB-1", "PRB-3"]
    assert [x.ref for x in recognise(incident(), every, TERMS, ("all",))] == ["PRB-3"]
    assert recognise(incident(), every, TERMS, ()) == ()


def test_what_helped_before_comes_first_among_equals() -> None:
    helped = known("PRB-10", SERVICE, uses=2, outcomes=FrozenMap({"incident/7": True}))
    every = (known("PRB-9", SERVICE), known("PRB-2", SERVICE), helped)
    found = recognise(incident(), every, TERMS)
    assert [x.ref for x in found] == ["PRB-10", "PRB-2", "PRB-9"]
    assert (found[0].uses, found[0].successes) == (2, 1)
    assert str(found[0]) == "PRB-10 Pool leaks (83 %): wait ten minutes"
    bare = recognise(incident(), (known(match=SERVICE, workaround=""),), TERMS)
    assert str(bare[0]).endswith("no workaround is known yet")


def test_facts_that_conditions_may_ask() -> None:
    rated = attrs.evolve(incident(category="auth"), rating=Rating(severity="sev1"))
    rated = after(rated, e.TeamChanged("net", None))
    known_ = facts(rated)
    assert isinstance(known_, dict)
    assert {x: known_[x] for x in ("category", "team", "severity", "service")} == {
        "category": "auth",
        "team": "net",
        "severity": "sev1",
        "service": "login",
    }


def test_facts_are_kept_with_their_type_so_that_they_can_be_asked_again() -> None:
    tags = 'tags contains "a"'
    kept = keep_all(Condition.parse(tags).evaluate({"tags": ["a", "b"]}).read)
    assert kept == {"tags": ("a", "b")}
    assert holds_again(tags, kept)
    assert not holds_again(tags, "")
    since = keep_all(Condition.parse("since < 3h").evaluate({"since": timedelta(hours=1)}).read)
    assert holds_again("since < 3h", since)
    assert not holds_again("since < 30m", since)


def test_links_are_asked_for_by_kind() -> None:
    link = Link(LinkKind.CAUSES, "incident/1", "INC-1")
    tied = attrs.evolve(problem(), links=(link,))
    assert (tied.targets(LinkKind.CAUSES), tied.targets(LinkKind.RELATED)) == (("incident/1",), ())
    assert tied.linked(LinkKind.CAUSES, "incident/1")
    assert not tied.linked(LinkKind.RELATED, "incident/1")
    assert p.RaiseProblem("x", incidents="INC-1").incidents == ("INC-1",)
    with pytest.raises(LimitExceeded):
        p.RaiseProblem("x", incidents=[f"INC-{n}" for n in range(1_001)])


texts = st.text(st.sampled_from("login slow monday printer 5 "), max_size=60)


@given(texts, texts, st.sampled_from(["", SERVICE]), st.booleans(), st.booleans())
def test_scores_are_per_mille_and_rerun(
    title: str, symptoms: str, match: str, service: bool, category: bool
) -> None:
    error = known(match=match, symptoms=symptoms, service="login" if service else None)
    met = incident(title.strip() or "x", category="auth" if category else "")
    assert error.known_error is not None
    reason = score(met, error, error.known_error, TERMS)
    assert isinstance(reason.outcome, int)
    assert 0 <= reason.outcome <= 1_000
    assert rerun(reason) == reason.outcome


# --- verifying ------------------------------------------------------------------------------------


def verifying(watch: str = "", since: float = 0, **more: Any) -> p.Problem:
    base = known(**more) if more.pop("published", True) else attrs.evolve(problem())
    return attrs.evolve(base, state=ProblemState.VERIFYING, since=at(since), watch=watch)


def plain(**more: Any) -> p.Problem:
    return attrs.evolve(verifying(**more), known_error=None)


@pytest.mark.parametrize(
    ("fix", "met", "linked", "expected"),
    [
        (verifying(SERVICE), incident("Printer"), False, "condition"),
        (verifying(SERVICE), incident("Printer"), True, "linked"),
        (verifying(SERVICE), incident(service="web"), False, None),
        (verifying('incident.category == "x"'), incident(), False, None),
        (verifying(), incident(), False, "known error"),
        (verifying(), incident("Printer", service="web"), False, None),
        (plain(), incident(), False, None),
        (plain(), incident(), True, "linked"),
        (plain(since=1), incident(), True, None),
        (attrs.evolve(plain(), state=ProblemState.FIXING), incident(), True, None),
        (plain(), attrs.evolve(declared(candidate=True)), True, None),
        (plain(), standing(State.CANCELLED), True, None),
        (plain(), reached(incident(), Moment.OCCURRED, at(-1)), True, None),
    ],
)
def test_what_speaks_against_a_fix(
    fix: p.Problem, met: Incident, linked: bool, expected: str | None
) -> None:
    reason = against(fix, met, linked, TERMS, "h")
    assert (None if reason is None else reason.outcome) == expected
    if reason is not None:
        assert rerun(reason) == expected
        assert why(reason).startswith("it ")


@pytest.mark.parametrize("outcome", Outcome)
def test_what_was_none_says_nothing(outcome: Outcome) -> None:
    met = incident()
    met = attrs.evolve(met, course=attrs.evolve(met.course, outcome=outcome))
    found = against(plain(), met, True, TERMS)
    assert (found is not None) is (outcome in (Outcome.ACTUAL, Outcome.NEAR_MISS))


# --- calling --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owner", "team", "priority", "expected"),
    [
        ("ana", "dba", Priority.P3, ("ana", "notice")),
        (None, "dba", Priority.P3, ("dba", "notice")),
        (None, None, Priority.P4, ("on-call", "notice")),
        ("ana", None, Priority.P1, ("ana", "page")),
    ],
)
def test_whom_a_problem_calls(
    owner: str | None, team: str | None, priority: Priority, expected: tuple[str, ...]
) -> None:
    of = attrs.evolve(problem(), owner=owner, team=team, rating=Rating(priority=priority))
    reason = call(of, "review_due", TERMS, PagingTerms())
    assert reason.outcome == rerun(reason) == expected
    assert rerun(reason, calls=("verified",)) == ()
    assert rerun(reason, calls="") == ()
    assert rerun(reason, priorities="") == (expected[0], "notice")


# --- effects --------------------------------------------------------------------------------------

WORKAROUND = k.WorkaroundCommunicated("wait")
FIX = k.FixCommunicated("a larger pool")
RESOLVED = p.ProblemResolved(ProblemState.RESOLVED, remedy="a larger pool")
RISK = p.RiskAccepted(ProblemState.RISK_ACCEPTED, "replaced in May")
WAITING = after(declared(), e.Started(), e.Held("problem", "dba"))
OVER = standing(State.RESOLVED)


def actions(of: Incident, event: Event, **changed: tuple[str, ...]) -> list[str]:
    terms = ProblemTerms(effects=FrozenMap({**EFFECTS, **changed}))
    return [x.action for x in effects(of, event, "PRB-1", terms)]


@pytest.mark.parametrize(
    ("of", "event", "expected"),
    [
        (WAITING, WORKAROUND, ["note"]),
        (WAITING, FIX, ["note"]),
        (WAITING, RISK, ["note"]),
        (WAITING, RESOLVED, ["resolve"]),
        (firing(WAITING), RESOLVED, ["resume"]),
        (standing(State.ON_HOLD), RESOLVED, []),
        (standing(State.IN_PROGRESS), RESOLVED, []),
        (OVER, WORKAROUND, []),
        (OVER, RESOLVED, []),
    ],
)
def test_the_effects_of_the_default(of: Incident, event: Event, expected: list[str]) -> None:
    assert actions(of, event) == expected


def test_effects_are_data() -> None:
    assert actions(WAITING, WORKAROUND, workaround=()) == []
    assert actions(WAITING, WORKAROUND, workaround=("note", "tell")) == ["note", "reply"]
    assert actions(WAITING, RISK, risk_accepted=("tell",)) == ["reply"]
    assert actions(WAITING, RESOLVED, resolved=("resolve", "tell")) == ["resolve", "reply"]
    assert actions(WAITING, RESOLVED, resolved=("note", "resolve")) == ["note", "resolve"]
    assert actions(firing(WAITING), RESOLVED, resolved=("resolve", "tell")) == ["resume"]
    nobody = attrs.evolve(WAITING, card=Card("x"))
    assert actions(nobody, RESOLVED, resolved=("resolve", "tell")) == ["resolve"]
    assert actions(WAITING, RESOLVED, resolved=("tell",)) == []


def test_what_is_said() -> None:
    said = {
        type(event): command.text
        for event in (WORKAROUND, FIX, RISK)
        for command in effects(WAITING, event, "PRB-1", TERMS)
        if isinstance(command, c.AddNote)
    }
    assert list(said.values()) == [
        "Workaround from PRB-1: wait",
        "Fix from PRB-1: a larger pool",
        "Risk accepted: PRB-1: replaced in May",
    ]
    assert set(OCCASIONS.values()) == set(EFFECTS) == set(default_policy().problems.effects)


def test_who_hears() -> None:
    links = (
        Link(LinkKind.CAUSES, "incident/1", "INC-1"),
        Link(LinkKind.RELATED, "incident/2", "INC-2"),
        Link(LinkKind.CAUSES, "incident/3", "INC-3"),
    )
    tied = attrs.evolve(problem(), links=links)
    for event in (WORKAROUND, FIX, RESOLVED, RISK):
        assert isinstance(event, HEARD)
        assert elsewhere(tied, event) == (Elsewhere("incident", "1"), Elsewhere("incident", "3"))
    assert elsewhere(tied, p.ProblemLinked(links[1])) == (Elsewhere("incident", "2"),)
    change = Link(LinkKind.RESOLVED_BY_CHANGE, "change/7", "CHG-7")
    assert elsewhere(tied, p.ProblemUnlinked(change)) == ()
    assert elsewhere(tied, k.ProblemNoted("x")) == ()


def test_a_cancelled_incident_is_none() -> None:
    gone = after(declared(), e.Cancelled(CancelReason.FALSE_ALARM, "", ""))
    assert against(plain(), gone, True, TERMS) is None
