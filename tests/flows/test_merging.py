"""Two incidents that are one, and one that is two: nothing is lost, and all of it can be undone.

Guarded here: every alert and report is in exactly one incident, what fires next finds the right
one, an un-merge restores, a merge repeated or raced is done once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import (
    Cancel,
    CancelReason,
    Correct,
    Desk,
    LinkKind,
    LinkTo,
    ManualTime,
    Merge,
    Moment,
    MoveAlerts,
    MoveReports,
    OpenSuccessor,
    SetLabel,
    Split,
    Unmerge,
    Watch,
)
from incidentkit.errors import (
    InvalidValue,
    LimitExceeded,
    MissingFields,
    NotFound,
    TransitionNotAllowed,
    VersionMismatch,
)
from tests.acceptance.both import plainly
from tests.flows import world
from tests.flows.world import alert, cleared, payload

Open = Callable[..., Any]


@pytest.fixture
def time() -> ManualTime:
    return ManualTime()


@pytest.fixture
def desk(open_desk: Open, url: str, time: ManualTime) -> Any:
    """INC-1 with alert a and a report, INC-2 with alerts b and c and two reports."""
    desk = open_desk(url, time=time, channels={"sms": world.pager()})
    desk.receive("alertmanager", payload(alert("a"), group="g1"))
    desk.receive("alertmanager", payload(alert("b"), alert("c"), group="g2"))
    desk.report("No shop", reporter="joe", incident="INC-1")
    for name in ("eve", "dan"):
        desk.report("No shop", reporter=name, incident="INC-2")
    return desk


def tally(desk: Any, ref: str) -> tuple[int, int, int]:
    ties = desk.incident(ref).ties
    return ties.alerts, ties.firing, ties.reports


def homes(desk: Any) -> dict[str, str]:
    """The incident of every alert and report."""
    refs = {x.id: x.ref for x in desk.find(limit=100).items}
    alerts = {title: refs[x.incident] for title, x in world.alerts(desk).items()}
    from incidentkit.flows.kinds import REPORT

    reports = {x.ref: refs[x.incident] for x in world.records(desk, REPORT)}
    return {**alerts, **reports}


def merged(desk: Any, one: str = "INC-1", other: str = "INC-2", **more: Any) -> Any:
    return desk.execute(Merge(one, target=other, reason="the same cable"), by="ana", **more)


def test_a_merge_moves_everything_and_cancels_the_other(desk: Any) -> None:
    found = merged(desk)
    assert (found.ref, tally(desk, "INC-1"), tally(desk, "INC-2")) == (
        "INC-1",
        (3, 3, 3),
        (0, 0, 0),
    )
    assert set(homes(desk).values()) == {"INC-1"}
    other = desk.incident("INC-2")
    assert (other.status, other.course.ending.cancelled) == ("cancelled", "merged")
    assert world.links(other) == {("merged_into", "INC-1")}
    assert world.links(found) == {("merged_from", "INC-2")}
    moved = world.entries(desk, "alert", world.alerts(desk)["b is bad"].id)[-1]
    assert (moved.kind, moved.recorded.by) == ("alert_moved", "ana")  # type: ignore[union-attr]
    assert [x.kind for x in desk.journal("REP-2")][-1] == "report_moved"
    before = desk.journal("INC-1"), desk.journal("INC-2")
    desk.run_due()
    names = (
        world.names(desk, "INC-1")[len(before[0]) :] + world.names(desk, "INC-2")[len(before[1]) :]
    )
    assert not {"linked", "unlinked"} & set(names), "both ends were written at once"


def test_what_fires_next_finds_the_survivor(desk: Any) -> None:
    merged(desk)
    desk.receive("alertmanager", payload(cleared("b"), group="g2"))
    assert tally(desk, "INC-1") == (3, 2, 3)
    desk.receive("alertmanager", payload(alert("b", value="2"), alert("d"), group="g2"))
    assert tally(desk, "INC-1") == (4, 4, 3)
    assert desk.count() == 2
    assert desk.report("Still", reporter="ann", incident="INC-2").ref == "INC-1"


def test_a_chain_of_merges_is_followed(desk: Any) -> None:
    desk.declare("Three")
    merged(desk, "INC-1", "INC-2")
    merged(desk, "INC-3", "INC-1")
    assert set(homes(desk).values()) == {"INC-3"}
    desk.receive("alertmanager", payload(alert("e"), group="g2"))
    assert tally(desk, "INC-3") == (4, 4, 3)
    assert desk.report("Again", reporter="ann", incident="INC-2").ref == "INC-3"
    with pytest.raises(InvalidValue, match="undo that first"):
        desk.execute(Unmerge("INC-2", reason="no"))
    desk.execute(Unmerge("INC-1", reason="no"))
    desk.execute(Unmerge("INC-2", reason="no"))
    assert (tally(desk, "INC-1"), tally(desk, "INC-2")) == ((1, 1, 1), (2, 2, 2))
    assert tally(desk, "INC-3") == (1, 1, 1), "what came since stays"


def test_an_unmerge_restores(desk: Any, time: ManualTime) -> None:
    desk.execute(Watch("INC-2", party="wim"))
    desk.execute(Watch("INC-1", party="sue"))
    desk.declare("Three")
    desk.execute(LinkTo("INC-2", kind=LinkKind.RELATED, target="INC-3"))
    early = desk.incident("INC-1").moment(Moment.DETECTED) - timedelta(hours=3)
    for moment in ("occurred", "aware"):  # in the only order that can be true
        desk.execute(Correct("INC-2", moment=moment, to=early, reason="the log"))
    desk.run_due()
    before = homes(desk)
    known = [desk.incident(x) for x in ("INC-1", "INC-2")]
    found = merged(desk)
    desk.run_due()
    assert found.people.watchers == ("sue", "wim")
    assert found.moment(Moment.AWARE) == early
    assert ("related", "INC-3") in world.links(desk.incident("INC-1"))
    assert world.links(desk.incident("INC-3")) == {("related", "INC-1")}
    desk.execute(Unmerge("INC-2", reason="two cables"), by="ana")
    desk.run_due()
    assert homes(desk) == before
    after = [desk.incident(x) for x in ("INC-1", "INC-2")]
    assert [(x.ties, x.people.watchers) for x in after] == [
        (x.ties, x.people.watchers) for x in known
    ]
    assert after[0].course.moments == known[0].course.moments
    assert (after[1].status, after[1].life.reopened) == ("in_progress", 1)
    assert world.links(desk.incident("INC-3")) == {("related", "INC-2")}
    desk.receive("alertmanager", payload(alert("f"), group="g2"))
    assert tally(desk, "INC-2") == (3, 3, 2), "its group came back as well"
    time.move(minutes=1)
    merged(desk)
    assert tally(desk, "INC-1") == (4, 4, 3), "and once more"


def test_reopening_what_was_merged_gives_back_too(desk: Any) -> None:
    merged(desk)
    found = desk.reopen("INC-2", reason="it is another one")
    assert (found.status, tally(desk, "INC-2"), tally(desk, "INC-1")) == (
        "in_progress", (2, 2, 2), (1, 1, 1),
    )  # fmt: skip
    assert world.links(found) == world.links(desk.incident("INC-1")) == set()


def test_only_what_is_still_there_is_given_back(desk: Any) -> None:
    desk.declare("Three")
    merged(desk)
    b = world.alerts(desk)["b is bad"].id
    desk.execute(MoveAlerts("INC-1", target="INC-3", alerts=(b,)))
    desk.execute(Unmerge("INC-2", reason="two cables"))
    assert homes(desk)["b is bad"] == "INC-3"
    assert [tally(desk, f"INC-{n}") for n in (1, 2, 3)] == [(1, 1, 1), (1, 1, 2), (1, 1, 0)]


def test_a_survivor_that_was_resolved_is_reopened_by_what_fires(desk: Any) -> None:
    desk.resolve("INC-1", code="fixed", remedy="x", override="it flaps")
    assert merged(desk).status == "in_progress"
    desk.declare("Quiet")
    desk.resolve("INC-1", code="fixed", remedy="x", override="it flaps")
    assert merged(desk, "INC-1", "INC-3").status == "resolved"


@pytest.mark.parametrize("end", ["close", "cancel"])
def test_what_is_over_takes_no_part(desk: Any, end: str) -> None:
    if end == "close":
        desk.close("INC-2", code="fixed", remedy="x", override="it flaps")
    else:
        desk.cancel("INC-2", why="a drill")
    with pytest.raises(TransitionNotAllowed):
        merged(desk)
    with pytest.raises(TransitionNotAllowed):
        merged(desk, "INC-2", "INC-1")


def test_a_merge_that_cannot_be(desk: Any) -> None:
    before = desk.journal("INC-1")
    with pytest.raises(InvalidValue, match="cannot merge itself"):
        merged(desk, "INC-1", "INC-1")
    with pytest.raises(NotFound, match="INC-9"):
        merged(desk, "INC-1", "INC-9")
    with pytest.raises(NotFound, match="INC-9"):
        merged(desk, "INC-9", "INC-1")
    with pytest.raises(MissingFields, match=r"target.*reason"):
        desk.execute(Merge("INC-1"))
    with pytest.raises(VersionMismatch):
        desk.execute(Merge("INC-1", target="INC-2", reason="x", if_version=1))
    with pytest.raises(InvalidValue, match="Merge"):
        desk.execute(Cancel("INC-1", reason=CancelReason.MERGED))
    with pytest.raises(TransitionNotAllowed):
        desk.execute(Unmerge("INC-1", reason="x"))
    desk.cancel("INC-2", why="a drill")
    with pytest.raises(TransitionNotAllowed, match="reopen"):
        desk.execute(Unmerge("INC-2", reason="x"))
    assert desk.journal("INC-1") == before


def test_a_merge_with_an_ancestor_is_refused_and_with_a_parent_is_not(desk: Any) -> None:
    for title in ("Grandchild", "Other child"):
        desk.declare(title)
    desk.execute(LinkTo("INC-2", kind="child_of", target="INC-1"))
    desk.execute(LinkTo("INC-3", kind="child_of", target="INC-2"))
    desk.execute(LinkTo("INC-4", kind="child_of", target="INC-1"))
    with pytest.raises(InvalidValue, match="descends from"):
        merged(desk, "INC-3", "INC-1")
    merged(desk, "INC-2", "INC-1")
    desk.run_due()
    assert world.links(desk.incident("INC-4")) == {("child_of", "INC-2")}
    desk.reopen("INC-1", reason="no")
    desk.run_due()
    assert world.links(desk.incident("INC-4")) == {("child_of", "INC-1")}


def test_a_merge_by_request_id_is_done_once(desk: Any) -> None:
    merged(desk, request="r1")
    before = desk.journal("INC-1")
    assert merged(desk, request="r1").ref == "INC-1"
    assert desk.journal("INC-1") == before


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@pytest.mark.parametrize("pairs", [((1, 2), (2, 1)), ((1, 2), (3, 2)), ((1, 2), (2, 3))])
def test_two_merges_at_once(kind: str, pairs: Any, tmp_path: Any) -> None:
    """Whichever is first, every alert and report ends in exactly one incident that stands."""
    url = "memory:" if kind == "memory" else f"sqlite:///{tmp_path}/incidents.db"
    with Desk.open(url) as desk:
        for n in (1, 2, 3):
            desk.receive("alertmanager", payload(alert(f"a{n}"), group=f"g{n}"))
            desk.report("No shop", reporter=f"r{n}", incident=f"INC-{n}")
        gate, refused = threading.Barrier(2), []

        def run(one: int, other: int) -> None:
            gate.wait()
            try:
                merged(desk, f"INC-{one}", f"INC-{other}")
            except TransitionNotAllowed as error:
                refused.append(error)

        threads = [threading.Thread(target=run, args=pair) for pair in pairs]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        desk.run_due()
        found = homes(desk)
        for ref in ("INC-1", "INC-2", "INC-3"):
            mine = [name for name, home in found.items() if home == ref]
            alerts = sum(not name.startswith("REP") for name in mine)
            assert tally(desk, ref) == (alerts, alerts, len(mine) - alerts)
            if mine:
                assert desk.incident(ref).active
        assert len(refused) <= 1


# --- splitting and moving -------------------------------------------------------------------------


def test_a_split_takes_what_is_named(desk: Any) -> None:
    b = world.alerts(desk)["b is bad"].id
    other = desk.execute(
        Split("INC-2", title="The printer", alerts=(b,), reports=("REP-3",)), by="ana"
    )
    assert (other.ref, other.title, other.card.service) == ("INC-3", "The printer", "checkout")
    assert (tally(desk, "INC-2"), tally(desk, "INC-3")) == ((1, 1, 1), (1, 1, 1))
    assert other.card.reporter == "dan"
    assert world.links(other) == {("split_from", "INC-2")}
    assert ("split_into", "INC-3") in world.links(desk.incident("INC-2"))
    assert other.moment(Moment.DETECTED) == world.alerts(desk)["b is bad"].first_at
    desk.receive("alertmanager", payload(cleared("b"), group="g2"))
    assert tally(desk, "INC-3") == (1, 0, 1)
    desk.receive("alertmanager", payload(alert("x"), group="g2"))
    assert tally(desk, "INC-2") == (2, 2, 1), "the group stays where some of it is left"


def test_what_leaves_an_incident_stays_as_closely_held(desk: Any) -> None:
    b, c = (world.alerts(desk)[f"{x} is bad"].id for x in "bc")
    desk.execute(SetLabel("INC-2", level="amber", compartments=("legal",)))
    amber = desk.incident("INC-2").dossier.scope.label
    split = desk.execute(Split("INC-2", title="The printer", alerts=(b,)), by="ana")
    assert split.dossier.scope.label == amber
    desk.execute(SetLabel("INC-3", level="red", reason="a name in it"))
    red = desk.incident("INC-3").dossier.scope.label
    desk.execute(MoveAlerts("INC-2", target="INC-3", alerts=(c,)), by="ana")
    after = desk.incident("INC-3").dossier.scope.label
    assert (after.level, after.compartments) == ("red", ("legal",))
    assert (red.level, red.compartments) == ("red", ())
    desk.execute(MoveAlerts("INC-3", target="INC-1", alerts=(c,)), by="ana")
    assert desk.incident("INC-1").dossier.scope.label == after
    assert desk.incident("INC-2").dossier.scope.label == amber, "the giver keeps its own"


def test_a_successor_is_as_closely_held_as_what_it_follows(desk: Any) -> None:
    desk.execute(SetLabel("INC-1", level="red"))
    desk.resolve("INC-1", code="fixed", remedy="x", override="quiet")
    later = desk.execute(OpenSuccessor("INC-1", reason="it is back"))
    assert later.dossier.scope.label == desk.incident("INC-1").dossier.scope.label


def test_a_split_of_what_is_not_there(desk: Any) -> None:
    a = world.alerts(desk)["a is bad"].id
    with pytest.raises(NotFound, match="alert of INC-2"):
        desk.execute(Split("INC-2", title="x", alerts=(a,)))
    with pytest.raises(NotFound, match="report of INC-2"):
        desk.execute(Split("INC-2", title="x", reports=("REP-1",)))
    with pytest.raises(MissingFields, match="alerts or reports"):
        desk.execute(Split("INC-2", title="x"))
    with pytest.raises(MissingFields, match="title"):
        desk.execute(Split("INC-2", alerts=("x",)))
    for twice in ({"alerts": (a, a)}, {"reports": ("REP-1", "REP-1")}):
        with pytest.raises(InvalidValue, match="twice"):
            desk.execute(Split("INC-1", title="x", **twice))
    assert desk.count() == 2


def test_alerts_and_reports_are_moved(desk: Any) -> None:
    ids = {title: x.id for title, x in world.alerts(desk).items()}
    command = MoveAlerts("INC-2", target="INC-1", alerts=(ids["b is bad"],), reason="its cable")
    assert desk.execute(command, by="ana").ref == "INC-2"
    desk.execute(MoveReports("INC-2", target="INC-1", reports=("REP-2",)))
    assert (tally(desk, "INC-1"), tally(desk, "INC-2")) == ((2, 2, 2), (1, 1, 1))
    assert homes(desk)["b is bad"] == homes(desk)["REP-2"] == "INC-1"
    last = MoveAlerts("INC-2", target="INC-1", alerts=(ids["c is bad"],))
    desk.execute(last)
    desk.receive("alertmanager", payload(alert("y"), group="g2"))
    assert tally(desk, "INC-1") == (4, 4, 2), "with the last of it the whole group goes along"
    assert tally(desk, "INC-2") == (0, 0, 1)
    with pytest.raises(NotFound, match="alert of INC-2"):
        desk.execute(last)
    with pytest.raises(MissingFields, match="reports"):
        desk.execute(MoveReports("INC-2", target="INC-1"))
    desk.cancel("INC-2", why="nothing is left")
    with pytest.raises(TransitionNotAllowed, match="move_alerts"):
        desk.execute(MoveAlerts("INC-1", target="INC-2", alerts=(ids["b is bad"],)))


def test_what_is_left_without_a_firing_alert_is_quiet(desk: Any) -> None:
    a = world.alerts(desk)["a is bad"].id
    desk.execute(MoveAlerts("INC-1", target="INC-2", alerts=(a,)))
    assert desk.incident("INC-1").life.response == "unacknowledged", "it has no alert at all"
    ids = tuple(x.id for x in world.alerts(desk).values())
    desk.receive("alertmanager", payload(cleared("c"), group="g2"))
    desk.execute(
        MoveAlerts(
            "INC-2",
            target="INC-1",
            alerts=tuple(x for x in ids if x != world.alerts(desk)["c is bad"].id),
        )
    )
    assert desk.incident("INC-2").life.response == "cleared_unacknowledged"


# --- duplicates -----------------------------------------------------------------------------------


def test_the_reporters_and_watchers_of_a_duplicate_follow_the_survivor(desk: Any) -> None:
    desk.execute(Watch("INC-2", party="wim"))
    desk.cancel("INC-2", reason="duplicate", target="INC-1", by="ana")
    assert (tally(desk, "INC-1"), tally(desk, "INC-2")) == ((1, 1, 3), (2, 2, 0))
    assert desk.incident("INC-1").people.watchers == ("wim",)
    desk.reopen("INC-2", reason="it is another one")
    assert (tally(desk, "INC-1"), tally(desk, "INC-2")) == ((1, 1, 1), (2, 2, 2))
    assert desk.incident("INC-1").people.watchers == ()


def test_an_alert_of_a_duplicate_fires_for_the_survivor(desk: Any) -> None:
    desk.cancel("INC-2", reason="duplicate", target="INC-1")
    desk.receive("alertmanager", payload(alert("z"), group="g2"))
    assert (tally(desk, "INC-1")[0], desk.count()) == (2, 2)
    assert desk.report("Also here", reporter="ann", incident="INC-2").ref == "INC-1"


def test_two_duplicates_of_one_another_are_refused(desk: Any) -> None:
    desk.cancel("INC-2", reason="duplicate", target="INC-1")
    with pytest.raises(InvalidValue, match="itself a duplicate"):
        desk.cancel("INC-1", reason="duplicate", target="INC-2")


# --- successors -----------------------------------------------------------------------------------


def test_a_successor_takes_over_what_the_policy_lists(open_desk: Open, url: str) -> None:
    desk = open_desk(url, policy={"lifecycle": {"reopen_within": "1d"}}, time=ManualTime())
    first = desk.declare(
        "Slow", service="web", impact="high", urgency="low", reporter="joe", owner="ann"
    )
    with pytest.raises(TransitionNotAllowed):
        desk.execute(OpenSuccessor(first.ref, reason="again"))
    desk.close(first, code="fixed", remedy="x")
    second = desk.execute(OpenSuccessor(first.ref, reason="again"), by="ana")
    card, rating = second.card, second.rating
    assert (card.title, card.service, card.reporter) == ("Slow", "web", "joe")
    assert (rating.impact, rating.urgency, second.people.owner) == ("high", "low", "ann")
    assert (second.status, second.people.assignee) == ("new", None)
    assert world.links(second) == {("successor_of", "INC-1")}
    assert world.links(desk.incident("INC-1")) == {("succeeded_by", "INC-2")}
    bare = open_desk("memory:", policy={"lifecycle": {"successor_copies": ["service"]}})
    bare.close(bare.declare("Slow", service="web", impact="high"), code="fixed", remedy="x")
    third = bare.execute(OpenSuccessor("INC-1", reason="it is slow again"))
    assert third.title == "it is slow again (after INC-1)"
    assert (third.card.service, third.rating.impact) == ("web", "unknown")


def test_reopening_has_a_window(open_desk: Open, time: ManualTime) -> None:
    desk = open_desk("memory:", policy={"lifecycle": {"reopen_within": "1d"}}, time=time)
    desk.resolve(desk.declare("Slow"), code="fixed", remedy="x")
    time.move(days=1)
    desk.reopen("INC-1", reason="again")
    desk.resolve("INC-1", code="fixed", remedy="x")
    time.move(days=1, seconds=1)
    with pytest.raises(TransitionNotAllowed, match="longer than 1d"):
        desk.reopen("INC-1", reason="again")


def test_a_refire_and_an_undoing_have_no_such_window(open_desk: Open, time: ManualTime) -> None:
    desk = open_desk("memory:", policy={"lifecycle": {"reopen_within": "1h"}}, time=time)
    desk.receive("alertmanager", payload(alert("a"), group="g1"))
    desk.receive("alertmanager", payload(cleared("a"), group="g1"))
    desk.resolve("INC-1", code="fixed", remedy="x", by="ana")
    desk.declare("Two")
    desk.declare("Three")
    merged(desk, "INC-2", "INC-3")
    time.move(days=2)
    assert desk.receive("alertmanager", payload(alert("a"), group="g1")).rejected == ()
    assert desk.incident("INC-1").status == "in_progress"
    assert desk.execute(Unmerge("INC-3", reason="no"), by="ana").status == "in_progress"


def test_what_was_redacted_cannot_be_given_back(open_desk: Open) -> None:
    desk = open_desk("memory:")
    for title in ("One", "Two"):
        desk.declare(title)
    merged(desk)
    id_ = desk.incident("INC-2").id
    seq = next(x.seq for x in desk.journal("INC-2") if x.kind == "given_up")
    _ = plainly(desk, desk.ports.store.redact("main", f"incident/{id_}", (seq,)))
    with pytest.raises(InvalidValue, match="redacted"):
        desk.execute(Unmerge("INC-2", reason="no"))


def test_more_than_one_command_may_move_is_refused(open_desk: Open, monkeypatch: Any) -> None:
    monkeypatch.setattr("incidentkit.flows.relations.MOST", 1)
    desk = open_desk("memory:")
    desk.receive("alertmanager", payload(alert("a"), alert("b"), group="g1"))
    desk.declare("Two")
    before = desk.journal("INC-1")
    with pytest.raises(LimitExceeded, match="more than 1"):
        merged(desk, "INC-2", "INC-1")
    assert desk.journal("INC-1") == before
