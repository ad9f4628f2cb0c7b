"""Parents and children: what a child does when its parent does something, and what it never does.

Guarded here: the table of the policy, row by row; no circles; an open child is not forgotten when
its parent is resolved; a child's priority is its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import Desk, LinkTo, ManualTime, Merge, RaiseProblem, Unlink, Unmerge
from incidentkit.errors import InvalidValue, MissingFields, NotFound, VersionMismatch
from tests.flows import world
from tests.flows.world import URGENT, alert, payload

Open = Callable[..., Any]


def family(desk: Any, *children: str) -> None:
    """INC-1 with so many children after it."""
    desk.declare("Parent", reporter="joe", **URGENT)
    for title in children or ("Child",):
        child = desk.declare(title, impact="low", urgency="low")
        desk.execute(LinkTo(child.ref, kind="child_of", target="INC-1"))
    desk.run_due()


@pytest.fixture
def desk(open_desk: Open, url: str) -> Any:
    desk = open_desk(url, time=ManualTime(), channels={"sms": world.pager()})
    family(desk)
    return desk


def status(desk: Any, ref: str = "INC-2") -> str:
    desk.run_due()
    return str(desk.incident(ref).status)


def test_both_ends_are_written_at_once(desk: Any) -> None:
    desk.declare("Another")
    desk.execute(LinkTo("INC-1", kind="parent_of", target="INC-3"))
    assert world.links(desk.incident("INC-3")) == {("child_of", "INC-1")}
    desk.execute(LinkTo("INC-3", kind="child_of", target="INC-1"))
    desk.run_due()
    assert len(desk.incident("INC-3").ties.links) == 1
    desk.execute(Unlink("INC-3", kind="child_of", target="INC-1"))
    desk.run_due()
    assert world.links(desk.incident("INC-1")) == {("parent_of", "INC-2")}
    with pytest.raises(InvalidValue, match="itself"):
        desk.execute(LinkTo("INC-3", kind="child_of", target="INC-3"))


def test_no_circle_no_second_parent_and_no_deeper_than_the_policy(desk: Any) -> None:
    for title in ("Grandchild", "Great-grandchild", "Stranger"):
        desk.declare(title)
    desk.execute(LinkTo("INC-3", kind="child_of", target="INC-2"))
    with pytest.raises(InvalidValue, match="its own ancestor"):
        desk.execute(LinkTo("INC-1", kind="child_of", target="INC-3"))
    with pytest.raises(InvalidValue, match="its own ancestor"):
        desk.execute(LinkTo("INC-3", kind="parent_of", target="INC-1"))
    with pytest.raises(InvalidValue, match="INC-3 is a child of INC-2"):
        desk.execute(LinkTo("INC-3", kind="child_of", target="INC-5"))
    with pytest.raises(InvalidValue, match="4 generations; at most 3"):
        desk.execute(LinkTo("INC-4", kind="child_of", target="INC-3"))
    with pytest.raises(InvalidValue, match="4 generations; at most 3"):
        desk.execute(LinkTo("INC-1", kind="child_of", target="INC-5"))
    assert world.links(desk.incident("INC-5")) == set()


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_a_circle_closed_by_two_at_once(kind: str, tmp_path: Any) -> None:
    url = "memory:" if kind == "memory" else f"sqlite:///{tmp_path}/incidents.db"
    with Desk.open(url) as desk:
        for n in range(3):
            desk.declare(f"{n}")
        desk.execute(LinkTo("INC-2", kind="child_of", target="INC-1"))
        gate = threading.Barrier(2)
        refused: list[InvalidValue] = []

        def run(child: str, parent: str) -> None:
            gate.wait()
            try:
                desk.execute(LinkTo(child, kind="child_of", target=parent))
            except InvalidValue as error:
                refused.append(error)

        pairs = (("INC-3", "INC-2"), ("INC-1", "INC-3"))
        threads = [threading.Thread(target=run, args=pair) for pair in pairs]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert len(refused) == 1


# --- the table of the policy, with what ServiceNow does as the default ----------------------------


def started(desk: Any) -> None:
    desk.start("INC-1", by="ana")


def on_hold(reason: str) -> Callable[[Any], None]:
    return lambda desk: desk.hold("INC-1", reason=reason, court="ACME", by="ana")


def resolved(desk: Any) -> None:
    desk.resolve("INC-1", code="fixed", remedy="a new cable", by="ana")


def closed(desk: Any) -> None:
    resolved(desk)
    desk.run_due()
    desk.close("INC-1", by="ana")


def reopened(by: str) -> Callable[[Any], None]:
    def do(desk: Any) -> None:
        resolved(desk)
        desk.run_due()
        desk.reopen("INC-1", reason="it is back", by=by)

    return do


def waited(desk: Any) -> None:
    desk.hold("INC-1", reason="vendor", court="ACME", by="ana")
    desk.run_due()
    started(desk)


TABLE: list[tuple[str, Callable[[Any], None], dict[str, Any], str]] = [
    ("in progress: the same", started, {}, "in_progress"),
    ("in progress, not by the policy", started, {"start": False}, "new"),
    ("on hold for a vendor: the same", on_hold("vendor"), {}, "on_hold"),
    ("on hold for a change: the same", on_hold("change"), {}, "on_hold"),
    ("on hold for a problem: the same", on_hold("problem"), {}, "on_hold"),
    ("on hold for its caller: not", on_hold("caller"), {}, "new"),
    ("on hold for what the policy lists not", on_hold("vendor"), {"hold": []}, "new"),
    ("no longer on hold: the same", waited, {}, "in_progress"),
    ("resolved: the same", resolved, {}, "resolved"),
    ("closed: not", closed, {}, "resolved"),
    ("closed, by the policy", closed, {"close": True}, "closed"),
    ("cancelled: not", lambda d: d.cancel("INC-1", why="a drill"), {}, "new"),
    ("cancelled, by the policy", lambda d: d.cancel("INC-1"), {"cancel": True}, "cancelled"),
    (
        "a duplicate: not",
        lambda d: d.cancel("INC-1", reason="duplicate", target=d.declare("x")),
        {"cancel": True},
        "new",
    ),
    ("reopened by an agent: the same", reopened("ana"), {}, "in_progress"),
    ("reopened by its reporter: not", reopened("joe"), {}, "resolved"),
    (
        "reopened by its reporter, by the policy",
        reopened("joe"),
        {"reopen": "anybody"},
        "in_progress",
    ),
    ("reopened by an agent, not by the policy", reopened("ana"), {"reopen": "nobody"}, "resolved"),
]


@pytest.mark.parametrize(
    ("do", "policy", "expected"), [x[1:] for x in TABLE], ids=[x[0] for x in TABLE]
)
def test_the_table(open_desk: Open, do: Any, policy: dict[str, Any], expected: str) -> None:
    desk = open_desk("memory:", policy={"parent": policy})
    family(desk)
    do(desk)
    assert status(desk) == expected
    assert desk.incident("INC-2").priority == "P5", "its priority is its own"


def test_notes_are_copied_and_the_cause_is_named(desk: Any) -> None:
    resolved(desk)
    assert status(desk) == "resolved"
    ending = desk.incident("INC-2").course.ending
    assert (ending.code, ending.remedy) == ("fixed", "a new cable")
    entry = next(x for x in desk.journal("INC-2") if x.kind == "resolved")
    assert entry.recorded.by == "system"
    assert entry.recorded.cause.startswith(f"incident/{desk.incident('INC-1').id}#")


def test_grandchildren_follow_as_well(desk: Any) -> None:
    desk.declare("Grandchild")
    desk.execute(LinkTo("INC-3", kind="child_of", target="INC-2"))
    resolved(desk)
    assert status(desk, "INC-3") == "resolved"


def test_a_late_reaction_mirrors_what_stands(desk: Any) -> None:
    """The parent was started and put on hold before the child heard of either."""
    started(desk)
    desk.hold("INC-1", reason="caller", court="joe", by="ana")
    assert status(desk) == "new"


def test_what_waits_for_something_else_goes_on_waiting(desk: Any) -> None:
    desk.hold("INC-2", reason="caller", court="eve")
    started(desk)
    assert status(desk) == "on_hold"
    desk.hold("INC-1", reason="vendor", court="ACME")
    assert status(desk) == "on_hold"
    assert desk.incident("INC-2").course.holds[-1].reason == "caller"


# --- open ends ------------------------------------------------------------------------------------


def test_a_child_whose_alerts_fire_stays_open_and_needs_an_override(desk: Any) -> None:
    desk.receive("alertmanager", payload(alert("a")))
    desk.execute(LinkTo("INC-3", kind="child_of", target="INC-1"))
    with pytest.raises(MissingFields, match=r"override.*INC-3 stay"):
        resolved(desk)
    desk.resolve("INC-1", code="fixed", remedy="x", override="it only flaps", by="ana")
    assert (status(desk, "INC-3"), status(desk)) == ("new", "resolved")
    assert any("INC-1 is resolved" in x.text for x in desk.deliveries("INC-3"))


def test_children_that_the_table_leaves_open_need_an_override(open_desk: Open, url: str) -> None:
    desk = open_desk(url, policy={"parent": {"resolve": False}})
    family(desk, "One", "Two")
    desk.cancel("INC-3", why="a drill")
    with pytest.raises(MissingFields, match=r"INC-2 stay"):
        desk.close("INC-1", code="fixed", remedy="x")
    desk.resolve("INC-2", code="fixed", remedy="x")
    assert desk.close("INC-1", code="fixed", remedy="x").status == "closed"
    assert status(desk, "INC-2") == "resolved"


def test_a_parent_resolved_by_a_rule_with_open_children_is_not(desk: Any) -> None:
    """A problem resolved would resolve it, but a child's alerts fire: it says so and stays."""
    desk.receive("alertmanager", payload(alert("a")))
    desk.execute(LinkTo("INC-3", kind="child_of", target="INC-1"))
    problem = desk.execute(RaiseProblem("Leak", incident="INC-1"))
    desk.hold("INC-1", reason="problem", court="dba")
    from incidentkit import ResolveProblem

    desk.execute(ResolveProblem(problem.ref, remedy="patched"))
    assert status(desk, "INC-1") == "on_hold"
    assert any("not done by itself" in line.text for line in desk.timeline("INC-1"))


def test_a_parent_that_waits_for_its_children_goes_on_with_the_last(open_desk: Open) -> None:
    desk = open_desk("memory:")
    family(desk, "One", "Two")
    desk.hold("INC-1", reason="child", court="the teams")
    desk.resolve("INC-2", code="fixed", remedy="x")
    assert status(desk, "INC-1") == "on_hold"
    desk.cancel("INC-3", why="none")
    assert status(desk, "INC-1") == "new"


# --- how many children ----------------------------------------------------------------------------

MAJOR = {"major": {"duty": "mim", "rules": [{"name": "storm", "when": "incident.children > 2"}]}}


def counted(desk: Any, ref: str = "INC-1") -> int:
    from incidentkit.rules.communicate import facts

    desk.run_due()
    return int(str(facts(desk.incident(ref))["children"]))


def test_only_children_that_are_not_over_are_counted(desk: Any) -> None:
    assert counted(desk) == 1
    desk.resolve("INC-2", code="fixed", remedy="x")
    assert counted(desk) == 0
    assert "its child INC-2 is over" in str(desk.explain("INC-1", "links"))
    desk.close("INC-2")
    assert counted(desk) == 0
    assert world.names(desk, "INC-1").count("child_turned") == 1
    desk.reopen("INC-2", reason="again")
    assert counted(desk) == 1
    desk.cancel("INC-2", why="none")
    assert counted(desk) == 0
    desk.execute(Unlink("INC-2", kind="child_of", target="INC-1"))
    assert (counted(desk), desk.incident("INC-1").dossier.ended) == (0, ())


@pytest.mark.parametrize(("near", "kind", "far"), [
    ("INC-3", "child_of", "INC-1"), ("INC-1", "parent_of", "INC-3"),
])  # fmt: skip
def test_a_child_that_is_over_when_it_is_linked_does_not_count(
    desk: Any, near: str, kind: str, far: str
) -> None:
    desk.declare("Was that it?")
    desk.resolve("INC-3", code="fixed", remedy="x")
    desk.execute(LinkTo(near, kind=kind, target=far))
    assert counted(desk) == 1


def test_a_merge_takes_the_children_and_what_is_known_of_them(desk: Any) -> None:
    for title in ("Over", "Survivor"):
        desk.declare(title)
    desk.execute(LinkTo("INC-3", kind="child_of", target="INC-1"))
    desk.resolve("INC-3", code="fixed", remedy="x")
    assert counted(desk) == 1
    desk.execute(Merge("INC-4", target="INC-1", reason="same"))
    assert (counted(desk), counted(desk, "INC-4")) == (0, 1)
    desk.cancel("INC-2", why="none")
    assert counted(desk, "INC-4") == 0
    desk.execute(Unmerge("INC-1", reason="not the same"))
    assert (counted(desk), counted(desk, "INC-4")) == (0, 0)
    desk.reopen("INC-3", reason="again")
    assert counted(desk) == 1


def test_many_children_make_a_major_only_while_they_are_open(open_desk: Open, url: str) -> None:
    desk = open_desk(url, policy=MAJOR, channels={"sms": world.pager()})
    family(desk, "One", "Two")
    desk.resolve("INC-2", code="fixed", remedy="x")
    desk.run_due()
    desk.declare("Three")
    desk.execute(LinkTo("INC-4", kind="child_of", target="INC-1"))
    desk.run_due()
    assert desk.incident("INC-1").dossier.overlays.major == "none"
    desk.reopen("INC-2", reason="again")
    desk.run_due()
    assert desk.incident("INC-1").dossier.overlays.major == "proposed"


# --- links of other kinds -------------------------------------------------------------------------


def test_a_link_made_at_a_problem(desk: Any) -> None:
    for title in ("Leak", "Other leak"):
        desk.execute(RaiseProblem(title))
    found = desk.execute(LinkTo("PRB-1", kind="causes", target="INC-1"), by="ana")
    assert world.links(found) == {("causes", "INC-1")}
    desk.execute(LinkTo("PRB-1", kind="related", target="PRB-2"))
    desk.execute(LinkTo("PRB-1", kind="related", target="PRB-2"))
    desk.run_due()
    assert ("caused_by", "PRB-1") in world.links(desk.incident("INC-1"))
    assert world.links(desk.problem("PRB-2")) == {("related", "PRB-1")}
    desk.execute(Unlink("PRB-1", kind="causes", target="INC-1"))
    desk.execute(Unlink("PRB-2", kind="related", target="PRB-1"))
    desk.run_due()
    assert world.links(desk.problem("PRB-1")) == world.links(desk.problem("PRB-2")) == set()
    with pytest.raises(NotFound, match="causes link"):
        desk.execute(Unlink("PRB-1", kind="causes", target="INC-1"))
    with pytest.raises(InvalidValue, match="itself"):
        desk.execute(LinkTo("PRB-1", kind="related", target="PRB-1"))
    with pytest.raises(NotFound, match="problem"):
        desk.execute(LinkTo("problem/9", kind="related", target="PRB-1"))
    with pytest.raises(VersionMismatch):
        desk.execute(LinkTo("PRB-1", kind="related", target="PRB-2", if_version=1))


CHANGE = '{"type": "change", "key": "%s", "title": "%s", "at": "2026-01-05T08:00:00Z"}'


def test_changes_are_linked_by_key_or_by_name(desk: Any) -> None:
    desk.receive(
        "generic",
        '{"type": "change", "key": "deploy-17", "title": "4.2.1", "at": "2026-01-05T08:00:00Z"}',
    )
    desk.execute(LinkTo("INC-1", kind="caused_by_change", target="change/deploy-17"))
    desk.execute(LinkTo("INC-1", kind="resolved_by_change", target="change/generic/deploy-17"))
    desk.execute(LinkTo("INC-1", kind="related", target="change/CHG 4711"))
    one, two, three = [x for x in desk.incident("INC-1").ties.links if "change/" in x.target]
    assert (one.target, one.ref, two.ref) == (two.target, "deploy-17", "generic/deploy-17")
    assert (three.target, three.ref) == ("change/CHG 4711", "CHG 4711")
    assert not [t for t in desk.tasks() if t.task.queue == "reaction" and ">change" in t.task.body]
    desk.run_due()
    desk.execute(Unlink("INC-1", kind="related", target="CHG 4711"))
    with pytest.raises(InvalidValue, match="change/ what"):
        desk.execute(LinkTo("INC-1", kind="related", target="change/"))


def test_a_wait_for_a_change_ends_with_it(desk: Any) -> None:
    desk.execute(LinkTo("INC-2", kind="blocked_by", target="change/deploy-18"))
    desk.receive("generic", CHANGE % ("deploy-18", "planned"))
    desk.execute(LinkTo("INC-2", kind="resolved_by_change", target="change/deploy-18"))
    desk.hold("INC-2", reason="change", court="the team")
    desk.hold("INC-1", reason="change", court="the team")
    assert status(desk) == "on_hold"
    desk.receive("generic", CHANGE % ("deploy-18", "done"))
    assert (status(desk), status(desk, "INC-1")) == ("new", "on_hold")


WRONG = [
    ("INC-1", "caused_by_change", "INC-2"),
    ("INC-1", "causes", "INC-2"),
    ("INC-1", "merged_into", "INC-2"),
    ("INC-1", "split_from", "INC-2"),
    ("INC-1", "child_of", "PRB-1"),
    ("INC-1", "child_of", "change/x"),
    ("PRB-1", "caused_by", "INC-1"),
]


@pytest.mark.parametrize(("near", "kind", "far"), WRONG)
def test_a_link_that_makes_no_sense_is_refused(desk: Any, near: str, kind: str, far: str) -> None:
    desk.execute(RaiseProblem("Leak"))
    before = desk.journal(near)
    with pytest.raises(InvalidValue, match=rf"not (tied by )?{kind}"):
        desk.execute(LinkTo(near, kind=kind, target=far))
    with pytest.raises(InvalidValue if "merged" in kind or "split" in kind else NotFound):
        desk.execute(Unlink(near, kind=kind, target=far))
    assert desk.journal(near) == before
