"""Cards, briefs and explanations say what lies over the life-cycle, and only where it does."""

from __future__ import annotations

import attrs
import pytest

from incidentkit.model import custody_changes as k
from incidentkit.model import handover_changes as h
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model import incident_task_changes as t
from incidentkit.model import major_changes as m
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident_task import IncidentTask
from incidentkit.model.public_changes import PublicStated
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.region_changes import RegionMoved
from incidentkit.model.words import IncidentTaskState, PublicState
from incidentkit.views.beside import overlays, task, tasks
from incidentkit.views.brief import brief
from incidentkit.views.explain import TOPICS, explain
from incidentkit.views.summary import card
from incidentkit.views.timeline import timeline
from tests.views.story import START, Story, minutes, redact

SOON = START + minutes(30)


def busy() -> Story:
    """A major with a task that is late, a role on its way and a hold on it."""
    story = Story().declare()
    for event in (
        m.MajorProposed("many call", "", SOON),
        m.MajorAccepted("it is"),
        m.MajorStaffing(("communications",), SOON),
        e.StatusStated("Deep work", ""),
        PublicStated(PublicState.IDENTIFIED, None),
        RegionMoved("security", "eradicate", "contain", "contained"),
        e.RoleTaken("commander", "ana", None, acting=True),
        e.TeamChanged("net", None),
        h.HandoverOffered("commander", "ana", "bob"),
        t.TaskAdded(IncidentTask("T1", "Open the bridge", assignee="bob", due_at=SOON)),
        t.TaskAdded(IncidentTask("T2", "Tell the board", depends_on=("T1",))),
        t.TaskCompleted("T2", "ana"),
        t.TaskOverdue("T1", "Open the bridge", "bob", SOON),
        e.Noted("the pool is empty"),
        k.LegalHoldPlaced("claim 7", "cy"),
    ):
        story.happen(event)
    return story


def test_a_card_has_two_more_lines_only_where_there_is_more() -> None:
    assert len(card(Story().declare().incident).splitlines()) == 6
    *_, over, todo = card(busy().incident).splitlines()
    assert over == (
        'status "Deep work"; major accepted; public identified; security eradicate; '
        "legal hold since 2026-03-01 02:30:00+00:00"
    )
    assert todo == "1 of 2 tasks open, 1 late, next T1 due 2026-03-01 03:00:00+00:00"
    assert overlays(Story().declare().incident) == tasks(Story().declare().incident) == ""


def test_a_task_is_one_line() -> None:
    first, second = busy().incident.dossier.tasks
    assert task(first) == (
        "T1 open [response] Open the bridge: bob, due 2026-03-01 03:00:00+00:00, "
        "late since 2026-03-01 02:30:00+00:00"
    )
    assert task(second) == "T2 done [response] Tell the board: nobody's, after T1, done by ana"
    done = attrs.evolve(first, state=IncidentTaskState.DONE)
    assert task(done).startswith("T1 done")


def test_a_brief_has_what_the_next_must_know() -> None:
    story = busy()
    told = brief(story.incident, story.entries)
    for part in (
        card(story.incident),
        "to do:\n  T1 open [response] Open the bridge",
        "noted: the pool is empty",
        f"the last of {len(story.entries)} entries:",
        "placed a legal hold: claim 7",
    ):
        assert part in told
    assert "is paged on" not in told, "what machines did for themselves is left out"
    plain = Story().declare()
    short = brief(plain.incident, plain.entries)
    assert "to do" not in short
    assert "last note" not in short
    hidden = brief(story.incident, redact(story.entries))
    assert "this entry was redacted" in hidden
    assert "pool" not in hidden
    wordy = plain.do(c.Edit("INC-1", summary="since the deploy"))
    assert "summary: since the deploy" in brief(wordy.incident, wordy.entries)


def ask(story: Story, topic: str) -> str:
    return explain(story.incident, story.entries, topic).answer


def test_the_topics_answer() -> None:
    story = busy()
    assert 'is new since 2026-03-01 02:30:00+00:00, called "Deep work"' in ask(story, "status")
    assert ask(story, "major") == "INC-1 is major: accepted; nobody holds the role communications"
    assert ask(story, "public") == (
        "the public was told identified since 2026-03-01 02:30:00+00:00"
    )
    assert "commander ana (acting)" in ask(story, "roles")
    assert "team net" in ask(story, "roles")
    roles = explain(story.incident, story.entries, "roles")
    assert roles.lines[-1] == ("commander is offered to bob since 2026-03-01 02:30:00+00:00")
    listed = explain(story.incident, story.entries, "tasks")
    assert listed.answer == f"INC-1: {tasks(story.incident)}"
    assert listed.lines[-1].startswith("T2 done")
    major = explain(story.incident, story.entries, "major")
    assert major.lines[-2:] == ("allowed next: stand_down", "allowed next: demote")
    closing = explain(story.incident, story.entries, "closing")
    assert closing.answer == "INC-1 is new"
    assert closing.lines[-1].endswith("by cy: claim 7")
    assert {"major", "roles", "tasks", "closing", "public"} <= set(TOPICS)


def test_the_topics_answer_where_there_is_nothing() -> None:
    story = Story().declare()
    assert ask(story, "major") == "INC-1 is no major incident"
    assert ask(story, "public") == "the public was told nothing"
    assert ask(story, "tasks") == "INC-1: there are no tasks"
    assert "team" not in ask(story, "roles")
    proposed = story.happen(m.MajorProposed("", "", SOON))
    assert ask(proposed, "major") == (
        "INC-1 is major: proposed, to be answered by 2026-03-01 03:00:00+00:00"
    )


def test_closing_says_when() -> None:
    story = Story().declare().do(c.Resolve("INC-1", code="fixed", remedy="x"))
    assert ask(story, "closing") == "INC-1 is resolved; it does not close by itself"
    planned = story.happen(k.AutoClosePlanned(SOON))
    assert ask(planned, "closing") == (
        "INC-1 is resolved; it closes by itself at 2026-03-01 03:00:00+00:00"
    )


def test_a_brief_stands_in_the_timeline_with_its_beginning_only() -> None:
    story = Story().declare()
    text = "INC-1  P1 critical\n  Checkout answers 502\n\n" + "much more\n" * 40
    story.happen(h.HandoverBriefed("commander", "bob", text))
    told = timeline(story.entries)[-1].text
    start = (
        "system briefed bob for the role commander: INC-1  P1 critical; Checkout answers 502; much"
    )
    assert told.startswith(start)
    assert told.endswith("more characters)")
    story.happen(h.HandoverBriefed("commander", "bob", ""))
    assert timeline(story.entries)[-1].text == "system briefed bob for the role commander"


@pytest.mark.parametrize(
    ("occasion", "duty", "said"),
    [
        (
            "major_proposed",
            "dm",
            "somebody must answer for the major incident, and dm has",
        ),
        (
            "major_unstaffed",
            "",
            "the major incident is without a role it needs, and dm is",
        ),
    ],
)
def test_why_a_call_beside_the_rounds_was_made(occasion: str, duty: str, said: str) -> None:
    given: dict[str, Plain] = {
        "occasion": occasion,
        "calls": (occasion,),
        "duty": duty,
        "fallback": "dm",
    }
    reason = Reason("major.call", 1, FrozenMap(given), ("dm",))
    story = Story().declare().happen(e.PageQueued("d9", "dm", "sms", 0), reason=reason)
    paged = explain(story.incident, story.entries, "page").lines
    assert any(f"beside the rounds: dm on sms because {said}" in line for line in paged)
