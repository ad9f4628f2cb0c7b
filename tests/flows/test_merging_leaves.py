"""What two incidents that are one leave each other: labels, tasks, findings, assessments.

Guarded here: nothing is read by more people after a merge, or after its undoing; no open task is
lost; what was found is still to be found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import (
    AddTask,
    AssertFact,
    AssessImpact,
    AssignTask,
    AttachChecklist,
    CompleteTask,
    MarkAffected,
    Merge,
    RecordDecision,
    ReopenTask,
    SetLabel,
    StartTask,
    TakeRole,
    Unmerge,
    rerun,
)
from incidentkit.errors import LimitExceeded, MissingFields
from tests.flows import world
from tests.flows.world import alert, payload

Open = Callable[..., Any]


@pytest.fixture
def desk(open_desk: Open, url: str) -> Any:
    """INC-1 and INC-2, each with an alert."""
    desk = open_desk(url)
    desk.receive("alertmanager", payload(alert("a"), group="g1"))
    desk.receive("alertmanager", payload(alert("b"), group="g2"))
    return desk


def merged(desk: Any) -> Any:
    return desk.execute(Merge("INC-1", target="INC-2", reason="the same cable"), by="ana")


def label(desk: Any, ref: str) -> str:
    return str(desk.incident(ref).dossier.scope.label)


SAME: dict[str, Callable[[Any], Any]] = {
    "merged": merged,
    "duplicate": lambda desk: desk.cancel("INC-2", reason="duplicate", target="INC-1", by="ana"),
}


@pytest.mark.parametrize("how", SAME)
def test_the_survivor_is_as_closely_held_as_the_stricter_of_both(desk: Any, how: str) -> None:
    desk.execute(SetLabel("INC-1", level="green", compartments=("patients",)))
    desk.execute(SetLabel("INC-2", level="red", compartments=("legal",)))
    SAME[how](desk)
    assert label(desk, "INC-1") == "TLP:RED (legal, patients)"
    for topic in ("label", "links"):
        told = desk.explain("INC-1", topic)
        (reason,) = [x for x in told.reasons if x.rule == "label.highest"]
        assert rerun(reason) == reason.outcome == "TLP:RED (legal, patients)"
        assert "raised the label to TLP:RED (legal, patients)" in str(told)
        assert "as INC-2" in str(told)
    assert desk.explain("INC-1", "label").answer == "INC-1 is TLP:RED (legal, patients)"
    assert len(desk.explain("INC-1", "label").lines) == 2
    written = world.names(desk, "INC-1")
    assert written.count("label_set") == 2


def test_a_label_never_falls_by_itself(desk: Any) -> None:
    desk.execute(SetLabel("INC-2", level="red"))
    merged(desk)
    desk.execute(Unmerge("INC-2", reason="not the same"))
    assert (label(desk, "INC-1"), label(desk, "INC-2")) == ("TLP:RED", "TLP:RED")
    desk.execute(SetLabel("INC-1", level="green", reason="nothing of it is left here"))
    merged(desk)
    desk.execute(SetLabel("INC-1", level="amber", reason="names removed"))
    desk.execute(Unmerge("INC-2", reason="no"))
    assert (label(desk, "INC-1"), label(desk, "INC-2")) == ("TLP:AMBER", "TLP:RED")


def test_a_reach_that_was_corrected_since_stays(desk: Any) -> None:
    desk.execute(MarkAffected("INC-2", kind="service", name="cart"))
    merged(desk)
    desk.execute(MarkAffected("INC-1", kind="service", name="shop"))
    desk.execute(Unmerge("INC-2", reason="no"))
    assert [x.name for x in desk.incident("INC-1").dossier.scope.affected] == ["cart", "shop"]


def test_what_was_held_more_closely_while_merged_comes_back_so(desk: Any) -> None:
    desk.execute(SetLabel("INC-1", level="amber", compartments=("legal",)))
    merged(desk)
    desk.execute(Unmerge("INC-2", reason="no"))
    assert label(desk, "INC-2") == "None", "what the survivor had before says nothing of it"
    merged(desk)
    desk.execute(SetLabel("INC-1", level="red", compartments=("legal",)))
    desk.execute(Unmerge("INC-2", reason="no"))
    assert label(desk, "INC-2") == "TLP:RED (legal)"


def test_a_label_that_is_strict_enough_is_not_said_again(desk: Any) -> None:
    desk.execute(SetLabel("INC-1", level="red"))
    desk.execute(SetLabel("INC-2", level="green"))
    merged(desk)
    assert world.names(desk, "INC-1").count("label_set") == 1
    assert desk.explain("INC-2", "label").answer == "INC-2 is TLP:GREEN"
    desk.declare("Three")
    assert desk.explain("INC-3", "label").answer == "INC-3 has no label"


# --- tasks and findings ---------------------------------------------------------------------------


def tasks(desk: Any, ref: str) -> list[tuple[str, str, str | None, tuple[str, ...]]]:
    return [
        (f"{x.id} {x.title}", x.state.value, x.assignee, x.depends_on)
        for x in desk.incident(ref).dossier.tasks
    ]


@pytest.fixture
def busy(desk: Any) -> Any:
    """INC-1 with one task; INC-2 with one that is done, one begun and two after it."""
    desk.execute(AddTask("INC-1", title="Call the bridge"))
    desk.execute(AddTask("INC-2", title="Find the rack", assignee="eve"))
    desk.execute(AddTask("INC-2", title="Order a part", assignee="eve", after=("T1",)))
    desk.execute(AddTask("INC-2", title="Fit it", assignee="bob", after=("T1", "T2")))
    desk.execute(CompleteTask("INC-2", task="T1"), by="eve")
    desk.execute(StartTask("INC-2", task="T2"), by="eve")
    return desk


@pytest.mark.parametrize("how", SAME)
def test_open_tasks_go_on_with_the_survivor(busy: Any, how: str) -> None:
    SAME[how](busy)
    assert tasks(busy, "INC-1") == [
        ("T1 Call the bridge", "open", None, ()),
        ("T2 Order a part", "in_progress", "eve", ()),
        ("T3 Fit it", "open", "bob", ("T2",)),
    ]
    assert [x[1] for x in tasks(busy, "INC-2")] == ["done", "cancelled", "cancelled"]
    assert busy.incident("INC-2").dossier.tasks[1].why == "goes on as INC-1 T2"
    assert "taken over: " in str(busy.explain("INC-1", "links"))
    assert "2 tasks" in str(busy.explain("INC-1", "links"))
    with pytest.raises(MissingFields, match=r"3 task\(s\) are open \(T1, T2, T3\)"):
        busy.resolve("INC-1", code="fixed", remedy="a new cable")


@pytest.mark.parametrize("how", SAME)
def test_tasks_that_are_still_open_go_back(busy: Any, how: str) -> None:
    SAME[how](busy)
    busy.execute(AssignTask("INC-1", task="T2", assignee="dan"))
    busy.execute(CompleteTask("INC-1", task="T1"))
    busy.reopen("INC-2", reason="another one")
    assert tasks(busy, "INC-2")[1:] == [
        ("T2 Order a part", "in_progress", "dan", ("T1",)),
        ("T3 Fit it", "open", "bob", ("T1", "T2")),
    ]
    assert [x[1] for x in tasks(busy, "INC-1")] == ["done", "cancelled", "cancelled"]
    assert busy.incident("INC-1").dossier.tasks[1].why == "goes on as INC-2 T2"


def test_what_was_finished_or_taken_up_again_meanwhile_stays_as_it_is(busy: Any) -> None:
    merged(busy)
    busy.execute(CompleteTask("INC-1", task="T2"), by="eve")
    busy.execute(ReopenTask("INC-2", task="T3", reason="here after all"))
    busy.execute(Unmerge("INC-2", reason="two"))
    assert [x[1] for x in tasks(busy, "INC-2")] == ["done", "cancelled", "open"]
    assert [x[1] for x in tasks(busy, "INC-1")] == ["open", "done", "open"]


def test_a_checklist_that_both_have_is_not_worked_twice(open_desk: Open, url: str) -> None:
    steps = {"items": [{"title": "Open a bridge"}, {"title": "Tell the board", "after": [1]}]}
    desk = open_desk(url, policy={"checklists": {"major": steps}})
    for title in ("One", "Two"):
        ref = desk.declare(title).ref
        desk.execute(AttachChecklist(ref, checklist="major"))
    desk.execute(AddTask("INC-2", title="Fit it", after=("T1",)))
    desk.execute(CompleteTask("INC-1", task="T1"))
    merged(desk)
    assert tasks(desk, "INC-1")[2:] == [("T3 Fit it", "open", None, ("T1",))]
    assert desk.incident("INC-2").dossier.tasks[0].why == "is the same as INC-1 T1"
    desk.execute(Unmerge("INC-2", reason="two"))
    assert [x[1] for x in tasks(desk, "INC-2")] == ["open", "open", "open"]
    assert [x[1] for x in tasks(desk, "INC-1")] == ["done", "open", "cancelled"]


def test_tasks_stay_where_they_are_when_the_survivor_is_over(busy: Any) -> None:
    busy.resolve("INC-1", code="fixed", remedy="x", override="quiet")
    busy.close("INC-1")
    busy.cancel("INC-2", reason="duplicate", target="INC-1")
    assert [x[1] for x in tasks(busy, "INC-2")] == ["done", "in_progress", "open"]
    assert len(tasks(busy, "INC-1")) == 1


def test_more_tasks_than_one_may_have_are_refused(busy: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("incidentkit.rules.hand_tasks.MOST", 2)
    with pytest.raises(LimitExceeded, match="tasks: would be more than 2"):
        merged(busy)
    assert busy.incident("INC-2").active


def test_what_was_found_stays_and_is_pointed_to(desk: Any) -> None:
    desk.execute(TakeRole("INC-1", role="commander"), by="cora")
    desk.execute(TakeRole("INC-2", role="commander"), by="carl")
    desk.execute(AssertFact("INC-2", key="lost", value=7), by="ana")
    desk.execute(RecordDecision("INC-2", question="Notify?", outcome="no", reasons="x"), by="ana")
    merged(desk)
    found, gone = (desk.incident(x).dossier.findings for x in ("INC-1", "INC-2"))
    assert (found.facts, found.decisions) == ({}, ())
    assert (len(gone.facts), len(gone.decisions)) == (1, 1)
    for topic in ("facts", "decisions", "causes"):
        pointer = "merged from INC-2: what was found there stands there"
        assert desk.explain("INC-1", topic).lines[-1] == pointer
    assert desk.incident("INC-1").people.holder("commander") == "cora"


def test_a_graver_impact_comes_along(open_desk: Open, url: str) -> None:
    scale = {"levels": ["major", "minor"], "fold": {"major": "high", "minor": "low"}}
    desk = open_desk(url, policy={"impact": {"data": scale}})
    for title in ("One", "Two"):
        desk.declare(title, impact="low", urgency="high")
    desk.execute(AssessImpact("INC-2", dimension="data", level="major"), by="ana")
    before = desk.incident("INC-1").priority
    merged(desk)
    after = desk.incident("INC-1")
    assert after.rating.impact == "high"
    assert after.priority < before
    assert "data major = high" in desk.explain("INC-1", "impact").answer
    desk.execute(Unmerge("INC-2", reason="two"))
    assert desk.incident("INC-1").dossier.scope.impacts == ()
