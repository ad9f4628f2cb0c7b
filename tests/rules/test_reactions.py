"""The table of reactions by itself: late, doubled and reordered causes owe only what stands."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from incidentkit.ids import DeliveryId, IncidentId
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model import problem as p
from incidentkit.model import relation_changes as r
from incidentkit.model.alert import ChangeRecord, ChangeSeen
from incidentkit.model.delivery import Delivery, DeliveryTried
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Attention, Incident, Link, Ties
from incidentkit.model.journal import Event
from incidentkit.model.reaction_commands import Mirror, PageSooner, Record
from incidentkit.model.signals import Change, Report
from incidentkit.model.words import (
    CancelReason,
    DeliveryState,
    LinkKind,
    MessageKind,
    ProblemState,
    State,
)
from incidentkit.rules import problem_reactions
from incidentkit.rules.communicate import facts
from incidentkit.rules.join import propose
from incidentkit.rules.react import elsewhere, react
from incidentkit.rules.reactions import REACTIONS, Cause, Terms, on_incident, reactions, turned
from incidentkit.rules.relation_terms import ReportTerms
from incidentkit.rules.table import Elsewhere
from incidentkit.rules.terms import LifecycleTerms
from tests.rules.builders import TERMS, after, at, declared, do, firing, problem, standing

TERMS_ = Terms(LifecycleTerms(), "on-call")
CHILD = Link(LinkKind.CHILD_OF, "incident/1", "INC-1")
PARENT = Link(LinkKind.PARENT_OF, "incident/2", "INC-2")


def child(incident: Incident | None = None) -> Incident:
    found = incident or declared()
    return attrs.evolve(
        found, id=IncidentId("2"), ref="INC-2", ties=Ties((CHILD,), 0, found.ties.firing)
    )


def cause(event: Event, origin: Any, *links: Link, **more: Any) -> Cause:
    ref = getattr(origin, "ref", "x")
    found = Cause(event, "incident/1", ref, "ana", "", at(9), origin, links)
    return attrs.evolve(found, **more)


def owed(mine: Any, why: Cause, kind: str = "incident", terms: Terms = TERMS_) -> list[str]:
    return [x.action for x in reactions(kind, mine, why, terms)]


def test_nothing_is_owed_where_no_row_is() -> None:
    assert owed(declared(), cause(e.Noted("x"), declared())) == []
    assert ("incident", e.Noted) not in REACTIONS


@pytest.mark.parametrize(
    ("event", "parent", "mine", "expected"),
    [
        (e.Started(), State.IN_PROGRESS, State.NEW, ["start"]),
        (e.Started(), State.IN_PROGRESS, State.TRIAGED, ["start"]),
        (e.Started(), State.IN_PROGRESS, State.ON_HOLD, ["start"]),
        (e.Started(), State.IN_PROGRESS, State.IN_PROGRESS, []),
        (e.Started(), State.IN_PROGRESS, State.RESOLVED, []),
        (e.Started(), State.RESOLVED, State.NEW, []),
        (e.Held("vendor", "ACME"), State.ON_HOLD, State.NEW, ["hold"]),
        (e.Held("vendor", "ACME"), State.IN_PROGRESS, State.NEW, []),
        (e.Held("vendor", "ACME"), State.ON_HOLD, State.ON_HOLD, []),
        (e.Held("vendor", "ACME"), State.ON_HOLD, State.RESOLVED, []),
        (e.Held("caller", "joe"), State.ON_HOLD, State.NEW, []),
        (e.Closed(), State.CLOSED, State.RESOLVED, []),
        (e.Reopened(State.IN_PROGRESS, "x"), State.IN_PROGRESS, State.RESOLVED, ["reopen"]),
        (e.Reopened(State.IN_PROGRESS, "x"), State.IN_PROGRESS, State.CLOSED, []),
        (e.Reopened(State.IN_PROGRESS, "x"), State.RESOLVED, State.RESOLVED, []),
        (e.Resolved("fixed", "x", at(1), "", declared().course.outcome), State.RESOLVED,
         State.NEW, ["resolve"]),
        (e.Resolved("fixed", "x", at(1), "", declared().course.outcome), State.IN_PROGRESS,
         State.NEW, []),
        (e.Resolved("fixed", "x", at(1), "", declared().course.outcome), State.RESOLVED,
         State.RESOLVED, []),
    ],
)  # fmt: skip
def test_a_child_mirrors_what_stands(
    event: Event, parent: State, mine: State, expected: list[str]
) -> None:
    assert owed(child(standing(mine)), cause(event, standing(parent), PARENT)) == expected


def test_a_candidate_child_and_a_stranger_are_left_alone() -> None:
    why = cause(e.Started(), standing(State.IN_PROGRESS), PARENT)
    assert owed(child(declared(candidate=True)), why) == []
    assert owed(child(), attrs.evolve(why, links=())) == []
    assert owed(child(), attrs.evolve(why, origin=None)) == []


def test_a_child_whose_alerts_fire_is_called() -> None:
    resolved = e.Resolved("fixed", "x", at(1), "", declared().course.outcome)
    why = cause(resolved, standing(State.RESOLVED), PARENT)
    assert owed(child(firing(declared())), why) == ["call"]
    off = LifecycleTerms(parent=attrs.evolve(TERMS.parent, resolve=False))
    assert owed(child(), why, terms=Terms(off, "x")) == []


@pytest.mark.parametrize(
    ("by", "because", "who", "expected"),
    [
        ("ana", "", "agents", ["reopen"]),
        ("carl", "", "agents", []),
        ("system", "", "agents", []),
        ("ana", "report/7#3", "agents", []),
        ("carl", "", "anybody", ["reopen"]),
        ("ana", "", "nobody", []),
    ],
)
def test_whose_reopening_reopens(by: str, because: str, who: str, expected: list[str]) -> None:
    again = e.Reopened(State.IN_PROGRESS, "x")
    why = cause(again, standing(State.IN_PROGRESS), PARENT, by=by, cause=because)
    terms = LifecycleTerms(parent=attrs.evolve(TERMS.parent, reopen=who))
    assert owed(child(standing(State.RESOLVED)), why, terms=Terms(terms, "x")) == expected


def test_a_parent_hears_of_its_last_child() -> None:
    held = do(declared(), c.Hold("INC-1", "child", "them"), 1)
    gone = attrs.evolve(child(standing(State.RESOLVED)))
    why = cause(e.Closed(), gone, CHILD)
    assert owed(held, why) == ["record", "resume"]
    assert owed(held, attrs.evolve(why, open_children=("INC-3",))) == ["record"]
    assert owed(held, attrs.evolve(why, origin=child())) == []
    assert owed(declared(), why) == ["record"]


def test_a_parent_keeps_which_of_its_children_are_over() -> None:
    mine = attrs.evolve(declared(), ties=Ties((PARENT,)))
    assert facts(mine)["children"] == 1
    target = PARENT.target
    gone = attrs.evolve(child(standing(State.CLOSED)), id=IncidentId(target.partition("/")[2]))
    (over,) = turned(mine, gone)
    knows = after(mine, over)
    assert facts(knows)["children"] == 0
    assert turned(knows, gone) == (), "said once"
    (again,) = turned(knows, attrs.evolve(gone, life=standing(State.IN_PROGRESS).life))
    assert facts(after(knows, again))["children"] == 1
    unlinked = after(knows, e.Unlinked(LinkKind.PARENT_OF, target, "INC-2"))
    assert (unlinked.dossier.ended, facts(unlinked)["children"]) == ((), 0)
    other = after(knows, e.Unlinked(LinkKind.RELATED, target, "INC-2"))
    assert other.dossier.ended == (target,)


def test_links_are_mirrored_as_they_stand() -> None:
    far = Link(LinkKind.BLOCKS, "incident/1", "INC-9")
    linked = e.Linked(LinkKind.BLOCKS, "incident/1", "INC-1")
    mine = declared()
    why = cause(linked, mine, far, stream="incident/9", ref="INC-9")
    (command,) = reactions("incident", mine, why, TERMS_)
    back = Link(LinkKind.BLOCKED_BY, "incident/9", "INC-9")
    assert command == Mirror("INC-1", back, True)
    known = attrs.evolve(mine, ties=Ties((back,)))
    assert owed(known, why) == []
    gone = attrs.evolve(why, links=())
    assert reactions("incident", known, gone, TERMS_) == (Mirror("INC-1", back, False),)
    assert owed(mine, gone) == []


def test_a_problem_mirrors_as_well() -> None:
    link = Link(LinkKind.RELATED, "problem/9", "PRB-1")
    why = cause(p.ProblemLinked(link), problem(), link, stream="problem/8", ref="PRB-8")
    (command,) = reactions("problem", problem(), why, TERMS_)
    (event,) = problem_reactions.decide(problem(), command, at(1))
    assert event == p.ProblemLinked(Link(LinkKind.RELATED, "problem/8", "PRB-8"))
    assert isinstance(command, Mirror)
    (event,) = problem_reactions.decide(problem(), attrs.evolve(command, stands=False), at(1))
    assert isinstance(event, p.ProblemUnlinked)
    assert problem_reactions.decide(problem(), p.Assess("PRB-1"), at(1))
    change = Link(LinkKind.RELATED, "change/7", "deploy")
    assert problem_reactions.elsewhere(problem(), p.ProblemLinked(change)) == ()


def test_a_problem_analysed_again_releases_nobody() -> None:
    held = do(declared(), c.Hold("INC-1", "problem", "dba"), 1)
    its = (Link(LinkKind.CAUSES, f"incident/{held.id}", held.ref),)

    def of(state: ProblemState) -> p.Problem:
        return attrs.evolve(problem(state), links=its)

    fixed = p.ProblemResolved(ProblemState.RESOLVED, remedy="x")
    assert owed(held, cause(fixed, of(ProblemState.RESOLVED))) == ["resolve"]
    assert owed(held, cause(fixed, of(ProblemState.ANALYSING))) == []
    assert owed(held, cause(fixed, None)) == []
    assert owed(held, cause(fixed, problem(ProblemState.RESOLVED))) == [], "it is not its problem"
    assert owed(firing(held), cause(fixed, of(ProblemState.CLOSED))) == ["resume", "call"]
    off = Terms(LifecycleTerms(holds=FrozenMap()), "x")
    assert owed(held, cause(fixed, of(ProblemState.RESOLVED)), terms=off) == []


def test_a_change_ends_the_wait_of_what_is_linked_to_it() -> None:
    record = ChangeRecord("7", 1, Change("ci", "deploy", "4.2.1", at(0)))
    held = do(declared(), c.Hold("INC-1", "change", "team"), 1)
    for name in ("7", "deploy", "ci/deploy"):
        tied = attrs.evolve(held, ties=Ties((Link(LinkKind.RELATED, f"change/{name}", "x"),)))
        assert owed(tied, cause(ChangeSeen(record.change), record)) == ["resume"]
    assert owed(held, cause(ChangeSeen(record.change), record)) == []
    assert owed(held, cause(ChangeSeen(record.change), None)) == []


def test_a_delivery_that_is_gone_says_nothing() -> None:
    assert owed(declared(), cause(DeliveryTried(DeliveryState.SENT, ""), None)) == []


def test_the_commands_of_records_among_themselves() -> None:
    noted = e.Noted("x")
    assert on_incident(declared(), Record("INC-1", noted)) == (noted,)
    assert on_incident(declared(), PageSooner("INC-1", at(3))) == (e.PagingPlanned(0, at(3)),)
    assert on_incident(declared(), c.Start("INC-1")) is None


# --- who hears, and what the same record owes -----------------------------------------------------


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (e.Started(), ["incident/2"]),
        (e.Held("x", "y"), ["incident/2"]),
        (e.Closed(), ["incident/2", "incident/3"]),
        (e.Reopened(State.IN_PROGRESS, "x"), ["incident/2", "incident/3"]),
        (e.Resolved("fixed", "x", at(0), "", declared().course.outcome),
         ["incident/2", "incident/3", "reporters/1"]),
        (e.ReportJoined("joe", "x", "", "", "", ""), ["reporters/1"]),
        (e.Replied("reporters", "x"), ["reporters/1"]),
        (e.Replied("joe", "x"), []),
        (e.Linked(LinkKind.RELATED, "change/7", "deploy"), []),
        (e.Noted("x"), []),
        (r.Absorbed("incident/9", "INC-9", CancelReason.MERGED, reports=("r",)), ["reporters/1"]),
        (r.GivenUp("incident/9", "INC-9", CancelReason.MERGED), []),
        (p.ProblemMoved(ProblemState.CLOSED), []),
    ],
)  # fmt: skip
def test_who_hears(event: Event, expected: list[str]) -> None:
    up = Link(LinkKind.CHILD_OF, "incident/3", "INC-3")
    mine = attrs.evolve(standing(State.RESOLVED), ties=Ties((PARENT, up), 0, 0, 4))
    assert elsewhere(mine, event) == tuple(Elsewhere(*x.split("/")) for x in expected)


def test_alerts_that_come_over_show_that_the_fix_did_not_hold() -> None:
    mine = standing(State.RESOLVED)
    took = r.ContentsMovedIn("incident/9", "INC-9", ("a",), 1)
    assert [x.action for x in react(mine, took, TERMS)] == ["reopen"]
    assert react(mine, attrs.evolve(took, firing=0), TERMS) == ()
    assert react(mine, p.ProblemMoved(ProblemState.CLOSED), TERMS) == ()


# --- does a report belong to an open one? ---------------------------------------------------------


def test_which_incident_a_report_belongs_to() -> None:
    sent = Report("No shop", "eve", service="checkout")
    assert propose(sent, [declared()], ReportTerms(), at(1)) is None
    assert (
        propose(attrs.evolve(sent, service=None), [declared()], ReportTerms("join"), at(1)) is None
    )
    assert propose(sent, [], ReportTerms("join"), at(1)) is None
    card = attrs.evolve(declared().card, category="network")
    net = attrs.evolve(declared(), card=card)
    near = propose(sent, [net], ReportTerms("suggest"), at(1))
    assert near is not None
    assert near.reason.outcome == "suggest INC-1"
    said = attrs.evolve(sent, category="mail")
    assert propose(said, [net], ReportTerms("suggest"), at(1)) is None


@pytest.mark.parametrize(("round_", "sooner"), [(1, True), (0, False)])
def test_a_last_page_that_came_too_late_is_followed_by_one_more_round(
    round_: int, sooner: bool
) -> None:
    """The ladder has ended; whoever it asked last never heard of it."""
    page = Delivery(
        DeliveryId("d"), 2, MessageKind.PAGE, "incident/1", "INC-1", "ana", "ana", "sms",
        "Down", "Down", "P1", round_, "", DeliveryState.EXPIRED,
    )  # fmt: skip
    paged = attrs.evolve(declared(), attention=Attention(round=1))
    found = owed(paged, cause(DeliveryTried(DeliveryState.EXPIRED, "late"), page))
    assert found == ["record", *(["page_sooner"] if sooner else [])]
