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
    Merge,
    MoveAlerts,
    MoveReports,
    PlaceLegalHold,
    ProposeMajor,
    Split,
    StandDown,
    Unmerge,
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
