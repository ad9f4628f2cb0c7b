"""Every question has an answer from the journal alone, and says by which rule."""

from __future__ import annotations

import attrs
import pytest

from incidentkit.errors import InvalidValue
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model import problem as p
from incidentkit.model.alert import AlertJudged
from incidentkit.model.clock import Clock
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.signals import Alert
from incidentkit.model.words import (
    AlertSeverity,
    AlertStatus,
    ClockState,
    MessageKind,
    Priority,
    State,
)
from incidentkit.rules import correlate
from incidentkit.rules.lifecycle import allowed
from incidentkit.rules.rerun import rerun
from incidentkit.views.explain import TOPICS, explain
from incidentkit.views.explain_clock import verdict
from incidentkit.views.explain_priority import formula
from incidentkit.views.explanation import Explanation
from tests.views.story import START, ProblemStory, Story, entry, long_story, redact


def ask(story: Story, topic: str) -> Explanation:
    return explain(story.incident, story.entries, topic)


def lines(told: Explanation, *holding: str) -> list[str]:
    return [x for x in told.lines if all(each in x for each in holding)]


# --- priority -------------------------------------------------------------------------------------


def test_a_priority_from_the_matrix() -> None:
    story = Story().declare()
    told = ask(story, "priority")
    assert told.answer == "impact high x urgency high = P1 (matrix 'default')"
    assert str(told).split("\n")[0] == told.answer
    assert told.lines[-1] == (
        "2026-03-01 02:30:00+00:00  impact high x urgency high = P1 (matrix 'default')"
        f"  [prioritise.matrix 1, policy {story.policy.hash}]"
    )
    assert rerun(told.reasons[-1]) == "P1"


def test_a_provisional_priority() -> None:
    told = ask(Story().declare(impact="low", urgency="unknown"), "priority")
    assert told.answer == (
        "impact low x urgency unknown = P4 (matrix 'default'), "
        "provisional: urgency unknown, assumed medium"
    )
    told = ask(Story().declare(impact="unknown", urgency="unknown"), "priority")
    assert told.answer.endswith("provisional: impact and urgency unknown, assumed medium")


def test_a_priority_set_by_hand() -> None:
    command = c.Prioritise("INC-1", priority=Priority.P2, reason="the boss says so")
    told = ask(Story().declare().do(command, by="ana", for_="bob"), "priority")
    assert told.answer == ("P2, set by hand by ana for bob at 2026-03-01 02:31:00+00:00 (was P1)")
    assert len(lines(told, "ana for bob set the priority to P2 by hand")) == 1


def test_another_rating_with_the_same_priority_is_told_as_it_stands() -> None:
    story = Story().declare(impact="high", urgency="medium")
    story.do(c.Prioritise("INC-1", impact="medium", urgency="high"))
    told = ask(story, "priority")
    assert told.answer == "impact medium x urgency high = P2 (matrix 'default')"


def test_a_rating_that_the_rule_does_not_explain() -> None:
    story = Story().declare(impact="high", urgency="medium")
    story.happen(e.Rated("low", "low", ""))  # as an import might, without drawing anew
    told = ask(story, "priority")
    assert told.answer.endswith("= P2 (matrix 'default'), as it was rated then")
    story.happen(e.Rated("huge", "low", ""))
    assert ask(story, "priority").answer.endswith("as it was rated then")


def test_a_priority_whose_entry_is_redacted() -> None:
    story = Story().declare()
    told = explain(story.incident, redact(story.entries), "priority")
    assert str(told) == "P1; no entry that can be read says why (1 redacted)"
    command = c.Prioritise("INC-1", priority=Priority.P2, reason="x")
    story.do(command)
    last = max(x.seq for x in story.entries if x.kind == "prioritised")
    told = explain(story.incident, redact(story.entries, last), "priority")
    assert told.answer == "P2; no entry that can be read says why (1 redacted)"


def test_priorities_from_other_rules() -> None:
    story = Story().declare()
    other = Reason("host.rule", 3, FrozenMap({"customer": "gold"}), "P2")
    drawn = e.Prioritised(Priority.P2, Priority.P1, provisional=False, by_hand=False)
    assert ask(story.happen(drawn, reason=other), "priority").answer == (
        "customer gold -> P2 (host.rule)"
    )
    assert ask(story.happen(drawn), "priority").answer == "P2; its entry gives no reason"


# --- paging ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", ["page", "paging"])
def test_who_was_paged_and_what_became_of_it(topic: str) -> None:
    story = Story().declare().delivered("ana", "sent", "sms-77").wait(5)
    story.delivered("on-call", "refused", "no such number", after=1)
    told = ask(story, topic)
    policy = f"  [escalate.round 1, policy {story.policy.hash}]"
    assert told.answer == (
        "paged: ana on sms (sent), ana on sms (no word yet), on-call on sms (refused)"
    )
    why = "because P1 is one of P1, P2"
    fallback = "an earlier round was not acknowledged, so the fallback on-call too"
    assert told.lines == (
        f"2026-03-01 02:30:00+00:00  round 1: ana on sms {why}, and ana is the assignee{policy}",
        "  it was sent at 02:30:00+00:00: sms-77",
        f"2026-03-01 02:35:00+00:00  round 2: ana on sms {why}, and ana is the assignee{policy}",
        "  what became of it is not known yet",
        f"2026-03-01 02:35:00+00:00  round 2: on-call on sms {why}, and {fallback}{policy}",
        "  it was refused at 02:36:00+00:00: no such number",
        "next: round 3 at 2026-03-01 02:40:00+00:00",
    )
    assert len(told.reasons) == 2
    assert rerun(told.reasons[1]) == ("ana", "on-call")


def test_why_nobody_was_paged() -> None:
    told = ask(Story().declare(impact="low"), "page")
    assert told.answer == "nobody was paged: P3 is none of the priorities paged (P1, P2)"
    assert rerun(told.reasons[0]) == ()
    assert rerun(told.reasons[0], priority="P1") == ("ana",)
    assert told.lines[-1] == "next: no further round is planned"


def test_candidates_and_the_unassigned() -> None:
    told = ask(Story().declare(impact="low", candidate=True, assign=None), "page")
    assert lines(told, "a candidate is paged whatever its priority, and nobody is assigned")


def test_no_more_pages_after_an_acknowledgement_or_an_end() -> None:
    story = Story().declare().do(c.Acknowledge("INC-1"))
    assert ask(story, "page").lines[-1] == (
        "no more pages while it is acknowledged: ana until 2026-03-01 03:01:00+00:00"
    )
    story.do(c.Resolve("INC-1", code="fixed", remedy="x"))
    assert ask(story, "page").lines[-1] == "nobody is paged any more: it is resolved"


def test_a_lapsed_acknowledgement_is_told() -> None:
    told = ask(Story().declare().do(c.Acknowledge("INC-1")).wait(31), "page")
    assert lines(told, "the acknowledgement of ana lapsed")


def test_a_candidate_without_any_paging() -> None:
    story = Story().declare()
    told = explain(story.incident, (), "page")
    assert told.answer == "nobody was paged, and no decision about it stands in the journal"
    told = explain(story.incident, redact(story.entries), "page")
    assert told.answer.endswith("stands in the journal (1 redacted)")


def test_where_the_contacts_came_from() -> None:
    story = Story().declare(impact="low")
    found: dict[str, Plain] = {"party": "ana", "contacts": (), "revision": "r7", "last_good": True}
    (reason,) = ask(story, "page").reasons
    answered = reason.inputs.with_("directory", FrozenMap(found)).with_("priority", "P1")
    page = e.PageQueued("d1", "ana", "sms", 1)
    old = Reason(reason.rule, 1, answered, ("ana",))
    told = ask(story.happen(page, reason=old), "page")
    assert lines(told, "(contacts from the last good answer of the directory r7)")
    fresh = answered.with_("directory", FrozenMap({**found, "last_good": False}))
    told = ask(story.happen(page, reason=Reason(reason.rule, 1, fresh, ("ana",))), "page")
    assert lines(told, "(contacts by directory r7)")


def test_pages_by_other_rules_or_none() -> None:
    story = Story().declare(impact="low")
    other = Reason("host.rule", 1, FrozenMap({"moon": "full"}), "ana")
    story.happen(e.PageQueued("d1", "ana", "sms", 1), reason=other)
    story.happen(e.PageQueued("d2", "bob", "sms", 1))
    story.happen(e.PageWithheld(2), reason=other)
    told = ask(story, "page")
    assert lines(told, "ana on sms because moon full -> ana (host.rule)  [host.rule 1]")
    assert lines(told, "round 1: bob on sms")
    assert lines(told, "round 2: nobody: moon full")


def test_many_pages_are_summed_up() -> None:
    story = Story().declare().wait(5).wait(5)
    for number in range(3):
        story.happen(e.PageQueued(f"x{number}", "ana", "sms", 4))
    assert ask(story, "page").answer.startswith("paged: 8 pages, the last: ")


# --- clocks ---------------------------------------------------------------------------------------


def test_one_target_by_its_name() -> None:
    story = long_story()
    told = ask(story, "resolve")
    assert told.answer == (
        "resolve was met at 2026-03-01 03:02:00+00:00, due 06:50:00+00:00 "
        "(4h from 2026-03-01 02:30:00+00:00 at P1)"
    )
    paused = "paused 2026-03-01 02:38:00+00:00 to 02:58:00+00:00 (20m)"
    assert told.lines[:2] == (
        f"resolve: stopped; from 2026-03-01 02:30:00+00:00; {paused}",
        "resolve: due dates so far: 2026-03-01 06:30:00+00:00, 2026-03-01 06:50:00+00:00",
    )
    assert all("[clocks.due_at 1, policy " in x for x in told.lines[2:])
    assert all(x.rule == "clocks.due_at" for x in told.reasons)


@pytest.mark.parametrize("topic", ["clock", "due"])
def test_all_targets(topic: str) -> None:
    answer = ask(Story().declare(), topic).answer
    assert answer == (
        "acknowledge is due 2026-03-01 02:45:00+00:00 (15m from 2026-03-01 02:30:00+00:00 at P1);"
        " resolve is due 2026-03-01 06:30:00+00:00 (4h from 2026-03-01 02:30:00+00:00 at P1)"
    )


def test_warned_and_missed() -> None:
    story = Story().declare().wait(12).wait(8)
    told = ask(story, "acknowledge")
    assert told.answer.startswith(
        "acknowledge is due 2026-03-01 02:45:00+00:00, missed (noticed 2026-03-01 02:50:00+00:00)"
    )
    assert "warned at 2026-03-01 02:42:00+00:00; missed, noticed at" in told.lines[0]
    assert lines(told, "target acknowledge is close to its end, due 02:45:00+00:00")
    assert lines(told, "target acknowledge was missed, due 02:45:00+00:00")
    told = ask(story.do(c.Acknowledge("INC-1")), "acknowledge")
    assert told.answer.startswith("acknowledge was missed by 6m: ended at ")


def test_clocks_that_do_not_run() -> None:
    story = Story().declare(candidate=True)
    answer = ask(story, "acknowledge").answer
    assert answer == "acknowledge has not begun: the candidate is not accepted yet"
    story = Story().declare()
    story.do(c.Hold("INC-1", reason="vendor", court="ACME"))
    told = ask(story, "resolve")
    assert told.answer.startswith("resolve is paused, due when it goes on and its term has run")
    assert "paused since 2026-03-01 02:31:00+00:00" in told.lines[0]
    story.do(c.Prioritise("INC-1", priority=Priority.P5, reason="x"))
    assert ask(story, "resolve").answer.startswith("resolve no longer applies")


def test_an_end_without_a_due_time() -> None:
    clock = Clock("resolve", ClockState.STOPPED, START, None)
    assert verdict(clock) == "has ended"
    ended = attrs.evolve(clock, stopped_at=START)
    assert verdict(ended) == "ended at 2026-03-01 02:30:00+00:00 with nothing due"


def test_no_target_at_all() -> None:
    story = Story().declare(impact="low", urgency="low")
    assert str(ask(story, "due")) == "no target runs on INC-1"


# --- status ---------------------------------------------------------------------------------------


def test_status() -> None:
    story = Story().declare().do(c.Hold("INC-1", reason="vendor", court="ACME"))
    told = ask(story, "status")
    assert told.answer == (
        "INC-1 is on hold since 2026-03-01 02:31:00+00:00, vendor, waiting for ACME; unacknowledged"
    )
    assert lines(told, "ana put it on hold")
    following = [x for x in told.lines if x.startswith("allowed next: ")]
    assert following[0] == "allowed next: start"
    assert "allowed next: resolve (needs code, remedy)" in following
    assert [x.split()[2] for x in following] == list(allowed(State.ON_HOLD))


def test_status_of_a_candidate() -> None:
    told = ask(Story().declare(candidate=True), "status")
    assert ", a candidate not accepted yet; " in told.answer
    assert "allowed next: decline (needs reason)" in told.lines
    assert not lines(ask(Story().declare(), "status"), "decline")


def test_status_after_an_end() -> None:
    story = long_story()
    told = ask(story, "status")
    assert told.answer == "INC-1 is resolved since 2026-03-01 03:02:00+00:00"
    assert "allowed next: close" in told.lines
    story.do(c.Reopen("INC-1", reason="again"))
    assert ", reopened once; unacknowledged" in ask(story, "status").answer
    story.do(c.Resolve("INC-1", code="fixed", remedy="x")).do(c.Reopen("INC-1", reason="y"))
    assert ", reopened 2 times; " in ask(story, "status").answer


def test_status_while_alerts_fire() -> None:
    story = Story().declare().happen(e.AlertJoined("a", "disk full"))
    needs = "allowed next: resolve (needs code, remedy, override (1 alert(s) still fire))"
    assert needs in ask(story, "status").lines


def test_status_of_a_problem() -> None:
    story = ProblemStory().do(p.Assess("PRB-1"))
    told = explain(story.problem, story.entries, "status")
    assert told.answer == "PRB-1 is assessing since 2026-03-01 02:31:00+00:00"
    assert told.lines[1] == "2026-03-01 02:31:00+00:00  bob began to assess it"
    assert "allowed next: accept_risk (needs expires_at, reason)" in told.lines
    at = story.at.replace(day=2)
    story.do(p.AcceptRisk("PRB-1", expires_at=at, reason="dear"))
    told = explain(story.problem, story.entries, "status")
    assert told.answer.endswith(", until 2026-03-02 02:31:00+00:00")


# --- notices and alerts ---------------------------------------------------------------------------


def test_notices() -> None:
    story = Story().declare()
    story.happen(e.NoticeQueued("carl", "we look", 2))
    story.happen(e.DeliverySettled("n1", MessageKind.NOTICE, "carl", "mail", "sent", "250 ok"))
    told = ask(story, "notice")
    assert told.answer == "2 notices to stakeholders, carl"
    assert "stakeholders (1 message) because it was declared and incident.priority" in told.lines[0]
    assert "(notice 'stakeholders hear of P1')" in told.lines[0]
    assert f"[communicate.notice 1, policy {story.policy.hash}]" in told.lines[0]
    assert "carl (2 messages) by system: we look" in told.lines[1]
    assert "notice to carl on mail was sent (250 ok)" in told.lines[2]
    other = Reason("host.rule", 1, FrozenMap({"a": 1}), "x")
    assert lines(ask(story.happen(e.NoticeQueued("z", "", 1), reason=other), "notice"), "a 1 -> x")


def test_no_notice() -> None:
    assert str(ask(Story().declare(impact="low"), "notice")) == (
        "nobody was told anything about INC-1"
    )


def test_alerts() -> None:
    alert = Alert(
        "mon", "k", AlertStatus.FIRING, "disk full", AlertSeverity.CRITICAL, "crit", None, "",
        FrozenMap(), FrozenMap(),
    )  # fmt: skip
    story = Story()
    impact, urgency, reason = correlate.levels(alert, story.policy.alerts)
    story.declare(impact=impact, urgency=urgency, reason=reason)
    story.happen(e.AlertJoined("a", "disk full")).happen(e.AlertJoined("b", "disk slow"))
    story.happen(e.AlertCleared("a", "disk full"))
    judgement = correlate.correlate(alert, "INC-1", story.policy.alerts, "h1")
    judged = entry(AlertJudged("join", "INC-1"), at=story.at, reason=judgement.reason)
    told = explain(story.incident, (*story.entries, judged), "alerts")
    assert told.answer == "2 alerts joined, 1 still firing"
    assert lines(told, 'alert "disk full" cleared')
    assert lines(told, "ana rated it: impact high, urgency high", "[rate.by_severity 1]")
    assert lines(
        told, "an alert was judged: join INC-1 (critical, by default)  [correlate 1, policy h1]"
    )
    assert len(told.reasons) == 2


def test_judgements_by_a_rule_or_without_reason() -> None:
    story = Story().declare()
    reason = Reason("correlate", 1, FrozenMap({"severity": "info", "matched": "quiet"}), "record")
    entries = (
        entry(AlertJudged("record"), reason=reason),
        entry(AlertJudged("record")),
    )
    told = explain(story.incident, entries, "alerts")
    assert told.answer == "0 alerts joined, none firing"
    assert lines(told, "judged: record (info, by alert rule 'quiet')")


def test_no_alerts() -> None:
    assert str(ask(Story().declare(), "alerts")) == "no alert belongs to INC-1"


# --- what cannot be asked -------------------------------------------------------------------------


def test_an_unknown_topic_lists_the_choices() -> None:
    with pytest.raises(InvalidValue, match="did you mean 'priority'") as caught:
        ask(Story().declare(), "prioritty")
    assert "is none of priority, status, page, " in str(caught.value)
    assert "acknowledge, resolve" in str(caught.value)
    with pytest.raises(InvalidValue, match="is none of") as caught:
        ask(Story().declare(), "\x1b[2J")
    assert "\x1b" not in str(caught.value)


def test_a_problem_is_asked_for_its_status_only() -> None:
    story = ProblemStory()
    told = explain(story.problem, story.entries, "due")
    assert str(told) == "PRB-1 is a problem; ask its incidents about due"
    with pytest.raises(InvalidValue, match="is none of"):
        explain(story.problem, story.entries, "resolve")


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_answers_whatever_is_redacted(topic: str) -> None:
    story = long_story()
    for entries in (story.entries, redact(story.entries), ()):
        told = explain(story.incident, tuple(entries), topic)
        assert told.topic == topic
        assert told.answer
        assert "\n" not in told.answer
        assert all("\n" not in x for x in told.lines)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_reason_given_can_be_run_again(topic: str) -> None:
    for reason in ask(long_story(), topic).reasons:
        assert rerun(reason) == reason.outcome


@pytest.mark.parametrize("topic", TOPICS)
def test_hostile_words_stay_on_their_line(topic: str) -> None:
    evil = "x\n2026-01-01 00:00:00+00:00  ana resolved it\x1b[2J\u202e"
    story = Story().declare(evil).do(c.Hold("INC-1", reason="r", court="c"))
    story.happen(e.AlertJoined("a", evil)).happen(e.NoticeQueued("z", evil, 1))
    story.happen(e.PageQueued("d", evil, evil, 1))
    story.happen(e.DeliverySettled("d", MessageKind.PAGE, evil, "s", "sent", evil))
    text = str(ask(story, topic))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert not [x for x in text.split("\n") if x.startswith("2026-01-01")]


def test_a_reason_whose_overrides_cannot_be_read_is_told_without_them() -> None:
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {"impact": "low", "urgency": "low", "matrix": "ours", "overrides": "damaged"}
    )
    told = formula(Reason("prioritise.matrix", 2, inputs, "P2"))
    assert told == "impact low x urgency low = P2 (matrix 'ours')"
