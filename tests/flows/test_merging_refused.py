"""What two incidents that are one may not lose: a hold, a major, a place in the family.

Guarded here: what must be preserved as it is stays with its record, a major does not end because it
was merged, nobody is the child of a record that is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import (
    AcceptMajor,
    Cancel,
    LiftLegalHold,
    LinkKind,
    LinkTo,
    ManualTime,
    Merge,
    MoveAlerts,
    MoveReports,
    OpenSuccessor,
    PlaceLegalHold,
    ProposeMajor,
    Reopen,
    Split,
    StandDown,
    Start,
    Unmerge,
    rerun,
)
from incidentkit.errors import TransitionNotAllowed
from tests.flows import world
from tests.flows.world import alert, payload

Open = Callable[..., Any]
HELD = "on legal hold since .* by lou: case 7"


@pytest.fixture
def desk(open_desk: Open, url: str) -> Any:
    """INC-1 with an alert; INC-2 with an alert and a report."""
    desk = open_desk(url)
    desk.receive("alertmanager", payload(alert("a"), group="g1"))
    desk.receive("alertmanager", payload(alert("b"), group="g2"))
    desk.report("No shop", reporter="joe", incident="INC-2")
    return desk


def hold(desk: Any, ref: str) -> None:
    desk.execute(PlaceLegalHold(ref, reason="case 7"), by="lou")


def merged(desk: Any, one: str = "INC-1", other: str = "INC-2") -> Any:
    return desk.execute(Merge(one, target=other, reason="the same cable"), by="ana")


def test_nothing_leaves_a_record_under_legal_hold(desk: Any) -> None:
    hold(desk, "INC-2")
    before = desk.incident("INC-2")
    b = world.alerts(desk)["b is bad"].id
    for command in (
        Merge("INC-1", target="INC-2", reason="one"),
        Split("INC-2", title="Another", alerts=(b,)),
        MoveAlerts("INC-2", target="INC-1", alerts=(b,)),
        MoveReports("INC-2", target="INC-1", reports=("REP-1",)),
        Cancel("INC-2", reason="duplicate", target="INC-1"),
    ):
        with pytest.raises(TransitionNotAllowed, match=HELD):
            desk.execute(command, by="ana")
    assert (desk.incident("INC-2"), desk.count()) == (before, 2)
    desk.execute(LiftLegalHold("INC-2", reason="settled"), by="lou")
    merged(desk)
    assert desk.incident("INC-1").ties.reports == 1


def test_what_has_nothing_may_be_a_duplicate_under_a_hold(desk: Any) -> None:
    desk.declare("Three")
    hold(desk, "INC-3")
    assert desk.cancel("INC-3", reason="duplicate", target="INC-1").status == "cancelled"


@pytest.mark.parametrize("how", ["merge", "duplicate"])
def test_a_held_record_takes_in_and_gives_nothing_back(desk: Any, how: str) -> None:
    hold(desk, "INC-1")
    if how == "merge":
        merged(desk)
        with pytest.raises(TransitionNotAllowed, match=f"INC-1 .*{HELD}: unmerge"):
            desk.execute(Unmerge("INC-2", reason="two"))
    else:
        desk.cancel("INC-2", reason="duplicate", target="INC-1")
    with pytest.raises(TransitionNotAllowed, match=f"INC-1 .*{HELD}"):
        desk.reopen("INC-2", reason="two")
    assert (desk.incident("INC-2").status, desk.incident("INC-1").ties.reports) == ("cancelled", 1)
    with pytest.raises(TransitionNotAllowed, match=HELD):
        desk.redact("INC-1", seqs=(1,), reason="no")


def test_a_running_major_does_not_end_by_a_merge(desk: Any) -> None:
    desk.execute(ProposeMajor("INC-2", reason="all sites"))
    with pytest.raises(TransitionNotAllowed, match=r"proposed.*reject_major of INC-2"):
        merged(desk)
    desk.execute(AcceptMajor("INC-2"))
    with pytest.raises(TransitionNotAllowed, match="accepted: merge into INC-1, which is not"):
        merged(desk)
    with pytest.raises(TransitionNotAllowed, match="merge the other way round"):
        desk.cancel("INC-2", reason="duplicate", target="INC-1")
    desk.declare("Three")
    assert merged(desk, "INC-2", "INC-3").dossier.overlays.major == "accepted"
    desk.execute(StandDown("INC-2"))
    assert merged(desk).ties.reports == 1


def test_a_parent_merged_into_its_child(desk: Any) -> None:
    desk.declare("Three")
    for child in ("INC-2", "INC-3"):
        desk.execute(LinkTo(child, kind=LinkKind.CHILD_OF, target="INC-1"))
    desk.run_due()
    merged(desk, "INC-2", "INC-1")
    desk.run_due()
    assert world.links(desk.incident("INC-2")) == {("parent_of", "INC-3"), ("merged_from", "INC-1")}
    assert world.links(desk.incident("INC-3")) == {("child_of", "INC-2")}
    assert world.links(desk.incident("INC-1")) == {("merged_into", "INC-2")}
    assert "child of" not in desk.explain("INC-2", "links").answer
    desk.execute(Unmerge("INC-1", reason="two"))
    desk.run_due()
    assert world.links(desk.incident("INC-1")) == {("parent_of", "INC-2"), ("parent_of", "INC-3")}
    for child in ("INC-2", "INC-3"):
        assert world.links(desk.incident(child)) == {("child_of", "INC-1")}


# --- how urgent it is -----------------------------------------------------------------------------


@pytest.fixture
def post() -> world.Pager:
    return world.pager("post")


@pytest.fixture
def told(open_desk: Open, url: str, post: world.Pager) -> Any:
    """INC-1 of ana's, P3 because nobody rated it."""
    desk = open_desk(url, channels={"post": post})
    desk.declare("One", assign="ana")
    return desk


SAME: dict[str, Callable[[Any], Any]] = {
    "merged": merged,
    "duplicate": lambda desk: desk.cancel("INC-2", reason="duplicate", target="INC-1"),
}


def heard(desk: Any, post: world.Pager) -> list[str]:
    """What its assignee hears beside the ladder, by page or notice."""
    desk.run_due()
    found = [x.text.rpartition(" - ")[2] for x in post.messages if x.to == "ana"]
    return [x for x in found if "still right" in x or "now (was" in x]


@pytest.mark.parametrize("how", SAME)
def test_a_more_urgent_one_rates_the_survivor_and_somebody_hears(
    told: Any, post: world.Pager, how: str
) -> None:
    told.declare("Two", impact="high", urgency="high")
    SAME[how](told)
    inc = told.incident("INC-1")
    assert (inc.priority, inc.rating.impact, inc.rating.provisional) == ("P1", "high", False)
    assert heard(told, post) == ["INC-1: P1 now (was P3), as INC-2 was, which is the same"]
    (rated,) = [x for x in told.journal("INC-1") if x.kind == "rated"]
    assert rerun(rated.recorded.reason) == "rated"
    assert told.explain("INC-1").answer.startswith("impact high x urgency high = P1")
    assert told.explain("INC-1", "impact").answer == (
        "impact high, as INC-2 was rated, which is the same"
    )


def test_what_a_person_set_is_put_in_question(told: Any, post: world.Pager) -> None:
    told.prioritise("INC-1", priority="P4", reason="a demo")
    told.declare("Two", impact="high", urgency="high")
    merged(told)
    assert told.incident("INC-1").priority == "P4"
    assert heard(told, post) == ["is P4 still right? as rated now it would be P1"]


@pytest.mark.parametrize("how", SAME)
def test_more_urgent_by_hand_is_asked_about(told: Any, post: world.Pager, how: str) -> None:
    told.declare("Two")
    told.prioritise("INC-2", priority="P1", reason="the ward")
    SAME[how](told)
    assert told.incident("INC-1").priority == "P3"
    assert heard(told, post) == ["is P3 still right? INC-2, which is the same, was P1"]
    said = told.explain("INC-1").answer
    assert said.endswith(": INC-2, which is the same, was P1")
    assert "; in question since " in said


def test_one_that_is_over_is_left_alone(told: Any, post: world.Pager) -> None:
    told.declare("Two", impact="high", urgency="high")
    told.cancel("INC-1", reason="withdrawn", why="a slip")
    told.cancel("INC-2", reason="duplicate", target="INC-1")
    assert (told.incident("INC-1").rating.impact, heard(told, post)) == ("unknown", [])


def test_a_less_urgent_one_changes_nothing(told: Any, post: world.Pager) -> None:
    told.declare("Two", impact="low", urgency="low")
    merged(told)
    assert (told.incident("INC-1").priority, heard(told, post)) == ("P3", [])


# --- what is offered next -------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["itil", "default"])
@pytest.mark.parametrize("closed", [True, False])
def test_what_stays_shut_is_not_offered_to_be_reopened(
    open_desk: Open, url: str, profile: str, closed: bool
) -> None:
    time = ManualTime()
    policy = {"profile": profile, "lifecycle": {"reopen_within": "7d"}}
    desk = open_desk(url, policy=policy, time=time)
    desk.declare("One")
    desk.resolve("INC-1", code="cleared", remedy="x")
    assert "allowed next: reopen (needs reason)" in desk.explain("INC-1", "status").lines
    if closed:
        desk.close("INC-1")
    offered = "allowed next: reopen (needs reason)" in desk.explain("INC-1", "status").lines
    assert offered == (profile == "default" or not closed)
    time.move(days=8)
    told = desk.explain("INC-1", "status").lines
    assert told[-1] == "allowed next: open a successor (OpenSuccessor) (needs reason)"
    assert not [x for x in told if "reopen" in x]
    for command in (Reopen("INC-1", reason="again"), Start("INC-1")):
        with pytest.raises(TransitionNotAllowed, match=r"open a successor .OpenSuccessor.") as no:
            desk.execute(command)
        assert "reopen" not in no.value.allowed
    assert desk.execute(OpenSuccessor("INC-1", reason="again")).ref == "INC-2"
