"""A problem in words: the card, the rows, the explanations, and the tables of what comes often."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from incidentkit.errors import InvalidValue
from incidentkit.model import incident_commands as c
from incidentkit.model import known_error_changes as n
from incidentkit.model import problem as p
from incidentkit.model import problem_changes as k
from incidentkit.model.incident import Link
from incidentkit.model.words import LinkKind
from incidentkit.policy.load import default_policy
from incidentkit.rules.pareto import Tally
from incidentkit.rules.prioritise import prioritise
from incidentkit.views import frequent
from incidentkit.views.explain import explain
from incidentkit.views.explanation import Explanation
from incidentkit.views.problem_card import COLUMNS, KNOWN_COLUMNS, card, known_row, row
from tests.rules.builders import at
from tests.rules.test_recur import found, made
from tests.views.story import START, ProblemStory, entry, minutes, redact


def asked(story: ProblemStory, topic: str) -> Explanation:
    return explain(story.problem, story.entries, topic)


def published(**more: Any) -> ProblemStory:
    story = ProblemStory().do(p.Analyse("PRB-1"))
    return story.do(n.PublishKnownError("PRB-1", symptoms="slow login", **more))


def test_the_card_of_a_new_problem() -> None:
    assert card(ProblemStory().problem).split("\n") == [
        "PRB-1  P3? problem on checkout (software)",
        "Connection pool leaks",
        "new since 2026-03-01 02:30:00+00:00",
        "owner bob",
        "cause: not known",
        "workaround: none known",
        "causes INC-1",
    ]


def test_the_card_of_one_that_is_known() -> None:
    story = published(workaround="wait").do(k.AssignProblem("PRB-1", team="dba"))
    story.do(k.EditProblem("PRB-1", origin="trend"))
    story.do(n.UseKnownError("PRB-1", incident="incident/1|INC-1", worked=True))
    story.do(p.Fix("PRB-1", cause="a leak", workaround="wait"))
    story.do(p.Verify("PRB-1", START + timedelta(days=9), "quiet"))
    story.happen(k.FixNotHolding("incident/1", "INC-1", "it is linked"))
    for number in range(2, 12):
        link = Link(LinkKind.CAUSES, f"incident/{number}", f"INC-{number}")
        story.happen(p.ProblemLinked(link))
    assert card(story.problem).split("\n") == [
        "PRB-1  P3? problem on checkout (software, trend)",
        "Connection pool leaks",
        (
            "verifying since 2026-03-01 02:37:00+00:00, until 2026-03-10 02:30:00+00:00; "
            "INC-1 speaks against the fix"
        ),
        "owner bob, team dba",
        "cause: a leak",
        "workaround: wait",
        ("known error: published for staff; used 1 time; worked in 1 of 1 (100 %); wait"),
        (
            "causes INC-1, workaround for INC-1, causes INC-2, causes INC-3, causes INC-4, "
            "causes INC-5, causes INC-6, causes INC-7 and 4 more"
        ),
    ]


def test_rows() -> None:
    bare = ProblemStory().problem
    assert dict(zip(COLUMNS, row(bare, START + minutes(90)), strict=True)) == {
        "ref": "PRB-1",
        "priority": "P3?",
        "state": "new",
        "known error": "-",
        "service": "checkout",
        "owner": "bob",
        "age": "1h30m",
        "title": "Connection pool leaks",
    }
    assert known_row(bare)[1:] == ("-",) * (len(KNOWN_COLUMNS) - 1)
    poor = attrs.evolve(bare, service=None, owner=None)
    assert row(poor, START)[4:6] == ("-", "-")
    story = published()
    assert row(story.problem, START)[3] == "published"
    assert known_row(story.problem) == (
        "PRB-1",
        "staff",
        "0",
        "-",
        "2026-05-30 02:32:00+00:00",
        "slow login",
        "none yet",
    )
    story.do(n.UseKnownError("PRB-1", incident="incident/1|INC-1", worked=False))
    story.do(p.RedecideProblem("PRB-1"), after=60 * 24 * 91)
    assert known_row(story.problem)[3:5] == ("0 of 1", "2026-05-30 02:32:00+00:00 (due)")
    known = story.problem.known_error
    assert known is not None
    never = attrs.evolve(story.problem, known_error=attrs.evolve(known, review_by=None))
    assert known_row(never)[4] == "-"


def test_explaining_a_known_error() -> None:
    assert asked(ProblemStory(), "known_error").answer == "PRB-1 is not published as a known error"
    story = published(match='incident.service == "login"')
    told = asked(story, "known_error")
    assert told.answer == "PRB-1 is a known error, published for staff; no workaround yet"
    assert told.lines[:4] == (
        "symptoms: slow login",
        'recognised by: incident.service == "login"',
        "review: by 2026-05-30 02:32:00+00:00",
        "not used yet",
    )
    story.do(n.UseKnownError("PRB-1", incident="incident/1|INC-1"))
    story.do(p.RedecideProblem("PRB-1"), after=60 * 24 * 91)
    lines = asked(story, "known_error").lines
    assert "review: due since 2026-05-30 02:32:00+00:00" in lines
    assert "used 1 time; nobody said whether it worked" in lines
    known = story.problem.known_error
    assert known is not None
    bare = attrs.evolve(known, review_by=None, match="")
    never = explain(attrs.evolve(story.problem, known_error=bare), story.entries, "known_error")
    assert "review: none is planned" in never.lines
    assert "recognised by: the words of its symptoms" in never.lines
    gone = attrs.evolve(story.problem, known_error=None)
    hidden = explain(gone, redact(story.entries), "known_error")
    assert hidden.answer.endswith("(1 redacted)")


def test_explaining_matches() -> None:
    story = published()
    story.do(n.UseKnownError("PRB-1", incident="incident/2|INC-2", worked=True))
    told = asked(story, "matches")
    assert told.answer == "PRB-1 causes 1 incident, and its workaround was used in 1"
    assert told.lines[:2] == ("causes: INC-1", "workaround used in: INC-2")
    assert "used the workaround in INC-2, and it worked" in told.lines[2]
    alone = explain(attrs.evolve(story.problem, links=()), (), "matches")
    assert (alone.answer, alone.lines) == (
        "PRB-1 causes 0 incidents, and its workaround was used in 0",
        (),
    )


def test_explaining_a_verification() -> None:
    story = ProblemStory()
    assert asked(story, "verification").answer == "no fix of PRB-1 was begun"
    story.do(p.Fix("PRB-1", cause="a leak"))
    assert asked(story, "verification").answer == "PRB-1 is fixing; its fix is not being verified"
    story.do(p.Verify("PRB-1", START + timedelta(days=9), "quiet"))
    told = asked(story, "verification")
    assert told.answer == (
        "the fix of PRB-1 is being verified until 2026-03-10 02:30:00+00:00: quiet"
    )
    assert told.lines[0] == (
        "an incident speaks against it by: a link to the problem, or its known error"
    )
    story.happen(k.FixNotHolding("incident/1", "INC-1", "it is linked"))
    story.happen(k.VerificationOver(START + timedelta(days=9)))
    told = asked(story, "verification")
    assert told.answer == "the fix of PRB-1 is being verified: quiet; INC-1 speaks against it"
    watch = explain(attrs.evolve(story.problem, watch="x == 1"), story.entries, "verification")
    assert watch.lines[0].endswith("by: x == 1")


def test_explaining_a_priority() -> None:
    story = ProblemStory()
    assert asked(story, "priority").answer == "P3, since nobody has rated PRB-1 yet"
    drawn = prioritise("high", "unknown", default_policy().matrix)
    event = k.ProblemRated("high", "unknown", drawn.priority, True)
    rated = [*story.entries, entry(event, by="bob", reason=drawn.reason)]
    told = explain(story.problem, rated, "priority")
    assert told.answer.startswith("impact high x urgency unknown = P2 (matrix 'default')")
    assert told.reasons == (drawn.reason,)
    story.do(k.PrioritiseProblem("PRB-1", priority="P1", reason="a VIP"))
    assert asked(story, "priority").answer == "P1, set by hand"


def test_what_cannot_be_asked_of_a_problem() -> None:
    with pytest.raises(InvalidValue, match="status, priority, known_error, matches, verification"):
        asked(ProblemStory(), "cause")
    assert "ask its incidents" in asked(ProblemStory(), "paging").answer


def test_recurrences_and_pareto_as_rows() -> None:
    (one,) = found([made(number, 0, 60 * number) for number in range(1, 9)])
    assert frequent.recurring_row(one) == (
        "266 %",
        "8",
        "30m",
        "-",
        "service login, category auth (alike)",
        "INC-1, INC-2, INC-3, INC-4, INC-5, INC-6 and 2 more",
    )
    assert frequent.looked(found([made(1), made(2, service=None)])) == (
        "looked at 2 incidents; 1 lacked a key of a rule"
    )
    assert frequent.looked(found([made(1)])) == "looked at 1 incident"
    tally = Tally("service", None, None, at(100))
    for each in (made(1), made(2), made(3, service=None)):
        tally.add(each)
    counted = tally.counted()
    assert frequent.pareto_title(counted, "count") == ("3 incidents by service, 20m down, by count")
    assert [frequent.pareto_row(x) for x in counted.by_count] == [
        ("login", "2", "10m", "66.6 %", "66.6 %", "INC-1, INC-2"),
        ("(not said)", "1", "10m", "33.3 %", "100.0 %", "INC-3"),
    ]


def test_hostile_words_stay_on_their_line() -> None:
    story = ProblemStory("evil\x1b[2J\ntitle")
    story.do(k.StateCause("PRB-1", text="one\ntwo"))
    assert len(card(story.problem).split("\n")) == 7
    assert "\x1b" not in card(story.problem)
    assert isinstance(k.StateCause("PRB-1", text="x"), c.Command)
