"""What may not be merged: what is held, a major into what is none, and into what only looks on."""

from __future__ import annotations

import attrs
import pytest

from incidentkit.errors import TransitionNotAllowed
from incidentkit.ids import IncidentId
from incidentkit.model import custody_changes as k
from incidentkit.model import incident_events as e
from incidentkit.model import relation_changes as r
from incidentkit.model.hosting import Hosted
from incidentkit.model.incident import Incident, Link, Ties
from incidentkit.model.words import CancelReason, LinkKind, MajorState, Mode
from incidentkit.rules import merge
from incidentkit.rules.evolve_parts import overlaid
from tests.rules.builders import after, declared

NONE = merge.Contents()
PARENT, CHILD = LinkKind.PARENT_OF, LinkKind.CHILD_OF


@pytest.mark.parametrize(
    ("action", "ways"),
    [
        ("merge", "merge the other way round, lift_legal_hold"),
        ("cancel (duplicate)", "merge the other way round, lift_legal_hold"),
        ("split", "lift_legal_hold"),
    ],
)
def test_what_is_under_a_hold_stays_as_it_is(action: str, ways: str) -> None:
    merge.check_free(declared(), action)
    held = after(declared(), k.LegalHoldPlaced("case 7", "lou"))
    with pytest.raises(TransitionNotAllowed) as refused:
        merge.check_free(held, action)
    said = str(refused.value)
    assert said.startswith("INC-1 (legal hold) is on legal hold since ")
    assert "by lou: case 7" in said
    assert said.endswith(f"allowed: {ways}")


def major(state: MajorState) -> Incident:
    return overlaid(declared(), major=state)


# . the merge goes on; else the first and the second word that are advised beside turning it round
# none  proposed  accepted  rejected  stood_down  demoted : the survivor
MAJORS = """
none        . . . . . .
proposed    x . . x x x
accepted    x x . x x x
rejected    . . . . . .
stood_down  . . . . . .
demoted     . . . . . .
"""
CELLS = [
    (MajorState(other), survivor, cell)
    for other, *cells in (line.split() for line in MAJORS.strip().splitlines())
    for survivor, cell in zip(MajorState, cells, strict=True)
]


@pytest.mark.parametrize(("other", "survivor", "cell"), CELLS)
def test_a_running_major_is_not_merged_away(
    other: MajorState, survivor: MajorState, cell: str
) -> None:
    one, two = major(survivor), attrs.evolve(major(other), ref="INC-2")
    if cell == ".":
        merge.check_major(one, two, "merge")
        return
    with pytest.raises(TransitionNotAllowed) as refused:
        merge.check_major(one, two, "merge")
    end, equal = {
        MajorState.PROPOSED: ("reject_major", "propose_major"),
        MajorState.ACCEPTED: ("stand_down", "accept_major"),
    }[other]
    assert refused.value.allowed == (
        "merge the other way round", f"{end} of INC-2", f"{equal} of INC-1",
    )  # fmt: skip


# --- parent and child -----------------------------------------------------------------------------


def tied(id_: str, *links: tuple[LinkKind, str]) -> Incident:
    made = tuple(Link(kind, f"incident/{to}", f"INC-{to}") for kind, to in links)
    return attrs.evolve(declared(), id=IncidentId(id_), ref=f"INC-{id_}", ties=Ties(made))


def both(one: Incident, two: Incident) -> tuple[Incident, Incident, merge.Two]:
    did = merge.merge(one, two, NONE, "one")
    return after(one, *did.taker), after(two, *did.giver), did


def named(incident: Incident) -> list[tuple[LinkKind, str]]:
    return [(x.kind, x.ref) for x in incident.ties.links]


def undone(one: Incident, two: Incident, did: merge.Two) -> tuple[Incident, Incident]:
    (took,) = [x for x in did.taker if isinstance(x, r.Absorbed)]
    (gave,) = [x for x in did.giver if isinstance(x, r.GivenUp)]
    back = merge.give_back(one, two, took, gave, NONE, "two")
    return after(one, *back.taker), after(two, *back.giver)


def test_a_parent_merged_into_its_child_leaves_its_place_and_its_other_children() -> None:
    child = tied("2", (CHILD, "1"))
    parent = tied("1", (CHILD, "9"), (PARENT, "2"), (PARENT, "3"))
    one, two, did = both(child, parent)
    assert named(one) == [(CHILD, "INC-9"), (PARENT, "INC-3"), (LinkKind.MERGED_FROM, "INC-1")]
    assert named(two) == [(LinkKind.MERGED_INTO, "INC-2")]
    ours, theirs = undone(one, two, did)
    assert named(ours) == [(CHILD, "INC-1")]
    assert set(named(theirs)) - {(LinkKind.MERGED_INTO, "INC-2")} == set(named(parent))
    assert theirs.dossier.ended == ()


def test_a_child_merged_into_its_parent_is_its_child_no_more() -> None:
    parent, child = tied("1", (PARENT, "2")), tied("2", (CHILD, "1"), (PARENT, "4"))
    one, two, did = both(parent, child)
    assert named(one) == [(PARENT, "INC-4"), (LinkKind.MERGED_FROM, "INC-2")]
    assert named(two) == [(LinkKind.MERGED_INTO, "INC-1")]
    ours, theirs = undone(one, two, did)
    assert named(ours) == named(parent)
    assert (CHILD, "INC-1") in named(theirs)


def test_a_child_of_another_keeps_its_parent() -> None:
    one, two, _ = both(tied("1", (CHILD, "8")), tied("2", (CHILD, "9")))
    assert named(one)[:-1] == [(CHILD, "INC-8")]
    assert named(two)[:-1] == [(CHILD, "INC-9")]


def test_a_parent_has_a_child_back_as_it_stands_now() -> None:
    child, parent = tied("2", (CHILD, "1")), tied("1", (PARENT, "2"))
    one, two, did = both(child, parent)
    over = after(one, e.Cancelled(CancelReason.WITHDRAWN, "", ""))
    _, theirs = undone(over, two, did)
    assert theirs.dossier.ended == ("incident/2",)


def hosted(mode: Mode | None, ref: str = "INC-1") -> Incident:
    one = attrs.evolve(major(MajorState.NONE), ref=ref)
    if mode is None:
        return one
    ticket = Hosted("helpdesk", ref, mode)
    return attrs.evolve(one, more=attrs.evolve(one.dossier, hosted=ticket))


@pytest.mark.parametrize("other", [*Mode, None])
@pytest.mark.parametrize("survivor", [*Mode, None])
def test_what_is_acted_on_is_not_merged_into_what_is_only_looked_on(
    survivor: Mode | None, other: Mode | None
) -> None:
    one, two = hosted(survivor), hosted(other, "INC-2")
    order = [*Mode]
    if order.index(survivor or Mode.ENFORCE) >= order.index(other or Mode.ENFORCE):
        merge.check_reach(one, two, "merge")
        return
    with pytest.raises(TransitionNotAllowed) as refused:
        merge.check_reach(one, two, "merge")
    assert refused.value.allowed == ("merge the other way round", "set_mode of INC-1")
