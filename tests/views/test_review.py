"""A review holds what the journal holds and nothing else, and no title breaks its page."""

from __future__ import annotations

from rich.markdown import Markdown

from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model import problem as p
from incidentkit.model.decisions import Decision
from incidentkit.model.findings_changes import DecisionRecorded
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.major_changes import MajorAccepted, MajorStoodDown
from incidentkit.model.reason import Reason
from incidentkit.model.words import CancelReason, MessageKind, Moment, Priority
from incidentkit.views.review import ReviewPage, review, to_markdown
from incidentkit.views.timeline import timeline
from tests.views.story import START, ProblemStory, Story, long_story, minutes, redact

EVIL = "a|b\n# head\n<script>x</script>\n- item `code` [x](http://y) ```\n|---|\n\u202e\x1b[2J"


def of(story: Story, *problems: p.Problem) -> ReviewPage:
    return review(story.incident, story.entries, problems)


def test_the_facts() -> None:
    facts = dict(of(long_story()).facts)
    assert facts["Priority"] == "P1 critical (impact high, urgency high)"
    assert facts["State"] == "resolved since 2026-03-01 03:02:00+00:00"
    assert facts["Detected"] == "2026-03-01 02:26:00+00:00"
    assert facts["Links"] == "caused by PRB-1"
    assert "Severity" not in facts


def test_a_priority_by_hand_and_a_provisional_one() -> None:
    story = Story().declare().do(c.Prioritise("INC-1", priority=Priority.P2, reason="x"))
    assert dict(of(story).facts)["Priority"] == "P2 high (by hand)"
    story = Story().declare(urgency="unknown")
    said = dict(of(story).facts)["Priority"]
    assert said == "P2 high (impact high, urgency unknown, provisional)"


def test_durations_show_holds_apart() -> None:
    assert of(long_story()).durations == (
        ("detected", "acknowledged", "10m", "0s", "10m"),
        ("declared", "acknowledged", "6m", "0s", "6m"),
        ("declared", "mitigated", "30m", "20m", "10m"),
        ("declared", "resolved", "32m", "20m", "12m"),
    )


def test_durations_that_are_not_known() -> None:
    story = Story().declare()
    first = of(story).durations[0]
    assert first[2] == "not known: no instant is recorded for detected"
    story.happen(e.MomentCorrected(Moment.DETECTED, None, START + minutes(60)))
    story.do(c.Acknowledge("INC-1"))
    assert of(story).durations[0][2] == "not known: the instants are in the other order"


def test_the_timeline_is_whole() -> None:
    story = long_story()
    assert of(story).timeline == timeline(story.entries)


def test_the_people() -> None:
    people = dict(of(long_story()).people)
    assert people["carl"] == "reporter"
    assert people["on-call"] == "paged"
    assert people["bob"] == "2 entries"
    assert "commander since 2026-03-01 02:37:00+00:00" in people["ana"]
    assert "system" not in people


def test_a_role_laid_down() -> None:
    story = Story().declare(assign=None).do(c.TakeRole("INC-1", role="scribe"), by="bob")
    story.do(c.LeaveRole("INC-1", role="scribe"), by="bob")
    story.happen(e.ReportJoined("dora", "t", "", "", "", ""))
    people = dict(of(story).people)
    assert people["bob"] == "scribe 2026-03-01 02:31:00+00:00 to 02:32:00+00:00, 2 entries"
    assert people["dora"] == "reported"


def test_the_decisions_and_their_reasons() -> None:
    story = long_story()
    decisions = of(story).decisions
    rule = f"policy {story.policy.hash}"
    assert decisions[0] == (
        "2026-03-01 02:30:00+00:00",
        "priority P1",
        "impact high x urgency high = P1 (matrix 'default')",
        f"prioritise.matrix 1, {rule}",
    )
    assert decisions[1][2] == "P1 is one of P1, P2, and ana is the assignee"
    assert decisions[2][1] == "notice to stakeholders"
    assert ("2026-03-01 03:02:00+00:00", "ana resolved it (fixed)", "", "") in decisions


def test_what_people_decided_stands_there_with_their_reasons() -> None:
    story = Story().declare()
    asked = Decision("D1", "Tell the bank?", "No.", "Nothing got out.", "eve", START, negative=True)
    story.happen(DecisionRecorded(asked))
    assert of(story).decisions[-1][1:] == (
        "system: D1 Tell the bank? No. (decided against)", "Nothing got out.", "",
    )  # fmt: skip
    for event, said in (
        (MajorAccepted("all shops"), "system accepted it as a major incident"),
        (MajorStoodDown(""), "system stood the major incident down"),
        (
            MajorAccepted("", "every P1"),
            'system accepted it as a major incident by the rule "every P1"',
        ),
    ):
        story.happen(event)
        assert of(story).decisions[-1][1:] == (said, event.why, "")


def test_decisions_not_to_page_and_by_hand_are_decisions() -> None:
    story = Story().declare(impact="low")
    assert of(story).decisions[-1][2] == "P3 is none of the priorities paged (P1, P2)"
    story.do(c.Prioritise("INC-1", priority=Priority.P4, reason="x"), by="bob")
    assert ("priority P4", "by hand by bob") in [x[1:3] for x in of(story).decisions]
    story.happen(e.AlertJoined("a", "t"))
    story.do(c.Resolve("INC-1", code="fixed", remedy="x", override="noisy"))
    assert of(story).decisions[-1][2] == "despite open ends: noisy"


def test_the_targets() -> None:
    story = Story().declare()
    assert [x[2] for x in of(story).targets] == ["running", "running"]
    story.wait(20)
    missed = "missed (noticed 2026-03-01 02:50:00+00:00), running"
    assert of(story).targets[0] == ("acknowledge", "2026-03-01 02:45:00+00:00", missed)
    story.do(c.Acknowledge("INC-1"))
    assert of(story).targets[0][2].startswith("missed by 6m: ended at ")
    assert of(long_story()).targets[0][2].startswith("met at ")
    dormant = Story().declare(candidate=True)
    assert of(dormant).targets[0] == ("acknowledge", "", "dormant")


def test_communication_and_alerts() -> None:
    story = long_story()
    story.happen(e.DeliverySettled("n", MessageKind.NOTICE, "carl", "mail", "sent", ""))
    story.happen(e.AlertJoined("a", "disk full"))
    found = of(story)
    assert [x[1] for x in found.communication][-1] == "notice to carl on mail was sent"
    assert "ana for bob replied to carl: it works again" in [x[1] for x in found.communication]
    assert not [x for x in found.communication if "page to" in x[1]]
    assert [x[1] for x in found.alerts] == ['alert "disk full" joined']


def test_the_problem_and_its_cause() -> None:
    story, problem = long_story(), ProblemStory()
    assert of(story).problems == (("PRB-1", "its record was not handed in", "", ""),)
    assert of(story, problem.problem).problems == (("PRB-1", "new", "unknown", "none known"),)
    problem.do(p.Fix("PRB-1", cause="a leak", workaround="restart"))
    assert of(story, problem.problem).problems == (("PRB-1", "fixing", "a leak", "restart"),)


def test_the_remedy() -> None:
    assert of(long_story()).remedy == (("Code", "fixed"), ("Remedy", "rolled back 4.2.1"))
    assert of(Story().declare()).remedy == ()
    cancelled = Story().declare().do(c.Cancel("INC-1", reason=CancelReason.WITHDRAWN))
    assert of(cancelled).remedy == (("Cancelled", "withdrawn"),)
    moved = c.Cancel("INC-1", reason=CancelReason.REDIRECTED, target="HR-7")
    assert of(Story().declare().do(moved)).remedy == (("Cancelled", "redirected (HR-7)"),)


# --- the page -------------------------------------------------------------------------------------

HEADINGS = [
    "# Review of INC-1: Checkout answers 502",
    "## Facts",
    "## Impact and durations",
    "## What happened",
    "## Who was involved",
    "## Decisions",
    "## Targets",
    "## Communication",
    "## Alerts",
    "## Cause and problem",
    "## Remedy",
    "## Summary",
    "## What went well",
    "## What did not go well",
    "## Contributing factors",
    "## Lessons",
    "## Follow-ups",
]


def headings(page: str) -> list[str]:
    return [x for x in page.split("\n") if x.startswith("#")]


def test_the_page() -> None:
    page = to_markdown(of(long_story()))
    assert headings(page) == HEADINGS
    assert page.count("_To be filled in by people; nothing here comes from the journal._") == 6
    assert "| declared | resolved | 32m | 20m | 12m |" in page
    assert "No alert belongs to it." in page
    assert page.endswith("\n")


def test_what_is_not_known_is_said() -> None:
    story = Story().declare(impact="low", urgency="low")
    page = to_markdown(review(story.incident, ()))
    assert headings(page) == HEADINGS
    for sentence in (
        "The journal is empty.",
        "No decision is on record.",
        "No target ran.",
        "Nothing was sent to anybody.",
        "The cause is not known, and no problem is linked.",
        "It was not resolved.",
    ):
        assert sentence in page


def test_a_redacted_journal_still_makes_a_page() -> None:
    story = long_story()
    page = to_markdown(review(story.incident, redact(story.entries)))
    assert headings(page) == HEADINGS
    assert page.count("this entry was redacted") == len(story.entries)


def hostile() -> str:
    story = Story().declare(EVIL, reporter="carl", service="a|b")
    story.do(c.AddNote("INC-1", text=EVIL)).do(c.Reply("INC-1", text=EVIL))
    story.happen(e.AlertJoined("a", EVIL)).happen(e.NoticeQueued(EVIL, EVIL, 1))
    other = Reason(EVIL, 1, FrozenMap({EVIL: EVIL}), EVIL, EVIL)
    story.happen(e.PageQueued("d", EVIL, EVIL, 1), reason=other)
    problem = ProblemStory(EVIL).do(p.Fix("PRB-1", cause=EVIL, workaround=EVIL))
    resolve = c.Resolve("INC-1", code="fixed", remedy=EVIL, override=EVIL)
    story.link_problem().do(resolve)
    return to_markdown(review(story.incident, story.entries, (problem.problem,)))


def test_a_hostile_title_cannot_break_the_page() -> None:
    page = hostile()
    found = headings(page)
    assert len(found) == len(HEADINGS)
    assert found[1:] == HEADINGS[1:]
    assert "<" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    for row in page.split("\n"):
        assert not row.startswith(("- ", "```", "<", "    "))
        if row.startswith("|"):
            assert row.endswith("|")
    widths = [x.count("|") for x in page.split("\n") if x.startswith("|")]
    assert set(widths) == {3, 4, 5, 6}


def test_a_reader_of_markdown_sees_no_markup() -> None:
    # rich brings its own reader of Markdown: an opinion that is not ours.
    kinds: list[str] = []
    for token in Markdown(hostile()).parsed:
        kinds += [token.type, *(each.type for each in token.children or ())]
    known = {"heading", "inline", "text", "paragraph", "table", "thead", "tbody", "tr", "th", "td"}
    opened = {x.removesuffix("_open").removesuffix("_close") for x in kinds}
    assert opened <= known | {"text_special", "em"}
    assert kinds.count("table_open") == 10
    assert kinds.count("em_open") == 6
    assert kinds.count("heading_open") == len(HEADINGS)
