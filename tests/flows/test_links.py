"""Links between incidents: both ends always agree, whichever end was touched.

Guarded here: the other record reacts in a commit of its own, a reaction doubled does nothing, and
undoing a link undoes it at both ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from incidentkit import Cancel, CancelReason, LinkKind, LinkTo, ManualTime, Unlink
from incidentkit.errors import InvalidValue, MissingFields, NotFound, TransitionNotAllowed
from tests.flows import world

Open = Callable[..., Any]


@pytest.fixture
def desk(open_desk: Open, url: str) -> Any:
    desk = open_desk(url, time=ManualTime())
    desk.declare("One")
    desk.declare("Two")
    return desk


def links(desk: Any, ref: str) -> set[tuple[str, str]]:
    return world.links(desk.incident(ref))


BETWEEN = [
    "related", "same_event_as", "duplicate_of", "duplicated_by", "successor_of", "succeeded_by",
    "recurrence_of", "recurred_as", "workaround_from", "workaround_for", "blocked_by", "blocks",
]  # fmt: skip


@pytest.mark.parametrize("kind", BETWEEN)
def test_the_other_end_gets_the_inverse(open_desk: Open, kind: str) -> None:
    desk = open_desk("memory:")
    desk.declare("One")
    desk.declare("Two")
    inverse = LinkKind(kind).inverse
    desk.execute(LinkTo("INC-1", kind=kind, target="INC-2"))
    assert (links(desk, "INC-1"), links(desk, "INC-2")) == ({(kind, "INC-2")}, set())
    desk.run_due()
    assert links(desk, "INC-2") == {(inverse, "INC-1")}
    desk.execute(Unlink("INC-2", kind=inverse, target="INC-1"))
    desk.run_due()
    assert (links(desk, "INC-1"), links(desk, "INC-2")) == (set(), set())


def test_the_same_link_twice_is_one(desk: Any) -> None:
    for _ in range(2):
        desk.execute(LinkTo("INC-1", kind=LinkKind.RELATED, target="INC-2"))
        desk.execute(LinkTo("INC-2", kind=LinkKind.RELATED, target="INC-1"))
        desk.run_due()
    assert [x.kind for x in desk.incident("INC-1").ties.links] == ["related"]
    assert [x.kind for x in desk.incident("INC-2").ties.links] == ["related"]


def test_a_link_to_nothing_or_to_itself_is_refused(desk: Any) -> None:
    before = desk.journal("INC-1")
    with pytest.raises(NotFound, match="INC-9"):
        desk.execute(LinkTo("INC-1", kind=LinkKind.RELATED, target="INC-9"))
    with pytest.raises(InvalidValue, match="itself"):
        desk.execute(LinkTo("INC-1", kind=LinkKind.RELATED, target="INC-1"))
    with pytest.raises(NotFound, match="related link"):
        desk.execute(Unlink("INC-1", kind=LinkKind.RELATED, target="INC-2"))
    assert desk.journal("INC-1") == before


def test_a_reaction_names_what_caused_it(desk: Any) -> None:
    desk.execute(LinkTo("INC-1", kind=LinkKind.BLOCKS, target="INC-2"))
    desk.run_due()
    cause = desk.journal("INC-1")[-1]
    assert desk.journal("INC-2")[-1].recorded.cause == f"{cause.stream}#{cause.seq}"
    assert desk.journal("INC-2")[-1].recorded.by == "system"


@pytest.mark.parametrize("undone", [False, True], ids=["link", "unlink"])
def test_a_reaction_doubled_does_nothing(desk: Any, undone: bool) -> None:
    seq = desk.execute(LinkTo("INC-1", kind=LinkKind.BLOCKS, target="INC-2")).version
    desk.run_due()
    if undone:
        desk.execute(Unlink("INC-1", kind=LinkKind.BLOCKS, target="INC-2"))
        desk.run_due()
    before = links(desk, "INC-2"), desk.journal("INC-2")
    again(desk, f"incident/{desk.incident('INC-1').id}#{seq}", "INC-2")
    desk.run_due()
    assert (links(desk, "INC-2"), desk.journal("INC-2")) == before


def again(desk: Any, cause: str, ref: str) -> None:
    """Queue the reaction once more, as if the first had been handed out twice."""
    from incidentkit.flows.draft import Workbook
    from incidentkit.flows.effects import Flow, Now

    setting = desk.setting()
    stream, _, seq = cause.partition("#")
    target = desk.incident(ref).id

    def flow() -> Flow[None]:
        book = Workbook(setting, (yield from Now()))
        book.react_elsewhere("incident", target, stream, int(seq))
        yield from book.commit()

    desk.run(flow, "doubling")
    assert [t for t in desk.tasks() if t.task.queue == "reaction"]


# --- duplicates -----------------------------------------------------------------------------------


def test_a_duplicate_is_linked_and_cancelled_in_one_commit(desk: Any) -> None:
    before = desk.incident("INC-2").version
    found = desk.cancel("INC-2", reason="duplicate", target="INC-1", by="ana")
    assert found.status == "cancelled"
    assert world.links(found) == {("duplicate_of", "INC-1")}
    assert (found.course.ending.cancelled, found.course.ending.target) == ("duplicate", "INC-1")
    assert world.names(desk, "INC-2")[before : before + 2] == ["linked", "cancelled"]
    desk.run_due()
    assert links(desk, "INC-1") == {("duplicated_by", "INC-2")}
    assert desk.incident("INC-1").status == "new"


def test_reopening_a_duplicate_undoes_both_ends(desk: Any) -> None:
    desk.cancel("INC-2", reason="duplicate", target=desk.incident("INC-1"))
    desk.run_due()
    found = desk.reopen("INC-2", reason="it is another one after all", by="ana")
    assert (found.status, world.links(found)) == ("in_progress", set())
    desk.run_due()
    assert links(desk, "INC-1") == set()


def test_a_duplicate_that_is_undone_before_anybody_worked(desk: Any) -> None:
    desk.cancel("INC-2", reason="duplicate", target="INC-1")
    desk.reopen("INC-2", reason="a slip")
    desk.run_due()
    assert (links(desk, "INC-1"), links(desk, "INC-2")) == (set(), set())


def test_a_duplicate_of_what(desk: Any) -> None:
    with pytest.raises(MissingFields, match="target"):
        desk.cancel("INC-2", reason="duplicate")
    with pytest.raises(NotFound, match="INC-9"):
        desk.cancel("INC-2", reason="duplicate", target="INC-9")
    with pytest.raises(InvalidValue, match="itself"):
        desk.execute(Cancel("INC-2", reason=CancelReason.DUPLICATE, target="INC-2"))
    assert desk.incident("INC-2").active


def test_what_was_resolved_can_still_turn_out_double(desk: Any) -> None:
    desk.resolve("INC-2", code="fixed", remedy="x")
    with pytest.raises(TransitionNotAllowed):
        desk.cancel("INC-2", why="not any more")
    assert desk.cancel("INC-2", reason="duplicate", target="INC-1").status == "cancelled"


# --- successors -----------------------------------------------------------------------------------


def test_a_successor_is_linked_both_ways(open_desk: Open, url: str) -> None:
    desk = open_desk(url, policy={"lifecycle": {"reopen_closed": False}})
    first = desk.declare("One")
    desk.close(first, code="fixed", remedy="x")
    with pytest.raises(TransitionNotAllowed, match="successor"):
        desk.reopen(first, reason="it is back")
    second = desk.declare("One again", successor_of=first)
    assert world.links(second) == {("successor_of", "INC-1")}
    desk.run_due()
    assert links(desk, "INC-1") == {("succeeded_by", "INC-2")}
    with pytest.raises(NotFound, match="INC-9"):
        desk.declare("Two", successor_of="INC-9")


def test_links_are_values_of_the_record(desk: Any) -> None:
    found = desk.execute(LinkTo("INC-1", kind=LinkKind.RELATED, target="INC-2"))
    (link,) = found.ties.links
    assert attrs.astuple(link) == ("related", f"incident/{desk.incident('INC-2').id}", "INC-2")
