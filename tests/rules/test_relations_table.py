"""Commands on two incidents and on reports: every state, the expected result written out here."""

from __future__ import annotations

import attrs
import pytest

from incidentkit.errors import InvalidValue, MissingFields, TransitionNotAllowed
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model import relation_changes as r
from incidentkit.model import report_changes as rep
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Hold, Incident, Link, Ties
from incidentkit.model.journal import Event
from incidentkit.model.report import Report, ReportState
from incidentkit.model.words import CancelReason, LinkKind, Moment, State
from incidentkit.rules import lifecycle, links, merge, relating, report_lifecycle
from incidentkit.rules.beyond import HOMES, every_part, evolution
from incidentkit.rules.evolve import evolve
from incidentkit.rules.relation_terms import HoldTerms
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.timing.intervals import Interval
from tests.rules.builders import START, TERMS, after, at, declared, do, minutes, standing

COMMANDS: dict[str, c.Command] = {
    "merge": r.Merge("INC-1", target="INC-2", reason="the same cable"),
    "unmerge": r.Unmerge("INC-1", reason="another cable"),
    "split": r.Split("INC-1", title="The printer", alerts=("a",)),
    "move_alerts": r.MoveAlerts("INC-1", target="INC-2", alerts=("a",)),
    "move_reports": r.MoveReports("INC-1", target="INC-2", reports=("r",)),
    "open_successor": r.OpenSuccessor("INC-1", reason="again"),
}
# y: it may be done to an incident in this state; . it is refused. The states, in the order of the
# head: N new  T triaged  W in progress  H on hold  M mitigated  O observing  R resolved  C closed
# X cancelled (as merged).
TABLE = """
                N T W H M O R C X
merge           y y y y y y y . .
unmerge         . . . . . . . . y
split           y y y y y y y . .
move_alerts     y y y y y y y y y
move_reports    y y y y y y y y y
open_successor  . . . . . . y y y
"""
CELLS = [
    (name, state, cell)
    for name, *cells in (line.split() for line in TABLE.strip().splitlines()[1:])
    for state, cell in zip(State, cells, strict=True)
]


def of(state: State) -> Incident:
    if state is State.CANCELLED:
        return after(declared(), e.Cancelled(CancelReason.MERGED, "", "INC-2"))
    return standing(state)


@pytest.mark.parametrize(("name", "state", "cell"), CELLS)
def test_every_command_in_every_state(name: str, state: State, cell: str) -> None:
    if cell == "y":
        assert lifecycle.decide(of(state), COMMANDS[name], at(9), "ana", TERMS) == ()
    else:
        with pytest.raises(TransitionNotAllowed, match=name):
            lifecycle.decide(of(state), COMMANDS[name], at(9), "ana", TERMS)


def test_the_table_has_every_command() -> None:
    assert {move.action for move in relating.PART.moves} == set(COMMANDS)
    assert relating.PART in every_part()
    assert HOMES["incidentkit.model.relation_changes"] == "incidentkit.rules.relating"


def test_an_event_of_nobody_is_no_event_of_an_incident() -> None:
    with pytest.raises(KeyError):
        evolution(rep.ReportTold)


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_missing_is_named(name: str) -> None:
    state = of(State.CANCELLED) if name in ("unmerge", "open_successor") else declared()
    bare = type(COMMANDS[name])("INC-1")
    with pytest.raises(MissingFields):
        lifecycle.decide(state, bare, at(9), "ana", TERMS)


def test_what_was_cancelled_otherwise_was_not_merged() -> None:
    with pytest.raises(TransitionNotAllowed, match="withdrawn"):
        lifecycle.decide(standing(State.CANCELLED), COMMANDS["unmerge"], at(9), "ana", TERMS)


@pytest.mark.parametrize("state", State)
def test_who_can_take_in_contents(state: State) -> None:
    if state in (State.CLOSED, State.CANCELLED):
        with pytest.raises(TransitionNotAllowed, match="take part in merge"):
            merge.check_home(standing(state), "merge")
    else:
        merge.check_home(standing(state), "merge")


# --- links ----------------------------------------------------------------------------------------

KINDS = {
    ("incident", "problem"): "blocked_by caused_by recurrence_of related workaround_from",
    ("problem", "incident"): "blocks causes recurred_as related workaround_for",
    ("incident", "change"): "blocked_by caused_by_change related resolved_by_change",
    ("problem", "change"): "blocked_by caused_by_change related resolved_by_change",
    ("incident", "maintenance"): "blocked_by caused_by_change related resolved_by_change",
    ("maintenance", "incident"): "blocks change_caused change_resolved related",
    ("incident", "review"): "related",
}


@pytest.mark.parametrize(("near", "far"), KINDS)
@pytest.mark.parametrize("kind", LinkKind)
def test_which_links_there_may_be(near: str, far: str, kind: LinkKind) -> None:
    if kind.value in KINDS[near, far].split():
        links.check_link(kind, near, far)
    else:
        with pytest.raises(InvalidValue, match=f"{near} to {far}"):
            links.check_link(kind, near, far)


def test_links_of_every_pair_come_back_as_their_inverse() -> None:
    for (near, far), kinds in links.ALLOWED.items():
        if far != "change":
            assert {kind.inverse for kind in kinds} == links.ALLOWED[far, near]


@pytest.mark.parametrize("kind", LinkKind)
def test_traces_are_not_taken_away(kind: LinkKind) -> None:
    if kind.value.startswith(("merged", "split")):
        with pytest.raises(InvalidValue, match="trace"):
            links.check_unlink(kind)
    else:
        links.check_unlink(kind)


# --- merging --------------------------------------------------------------------------------------


def other(**parts: object) -> Incident:
    return attrs.evolve(declared(), id="2", ref="INC-2", **parts)  # type: ignore[arg-type]


def happened(incident: Incident, events: tuple[Event, ...]) -> Incident:
    for event in events:
        incident = evolve(incident, event, at(9), "ana")
    return incident


def test_a_merge_and_its_undoing_in_values() -> None:
    """Ties, watchers and instants go over and come back, each event one version."""
    related = Link(LinkKind.RELATED, "incident/7", "INC-7")
    blocks = Link(LinkKind.BLOCKS, "incident/8", "INC-8")
    child = Link(LinkKind.CHILD_OF, "incident/9", "INC-9")
    near = Link(LinkKind.RELATED, "incident/1", "INC-1")
    mine = attrs.evolve(declared(), ties=Ties((related,), 1, 1, 1))
    mine = attrs.evolve(mine, people=attrs.evolve(mine.people, watchers=("sue",)))
    mine = happened(mine, (e.MomentCorrected(Moment.DETECTED, None, at(5)),))
    theirs = other(ties=Ties((related, blocks, child, near), 2, 1, 3))
    theirs = attrs.evolve(theirs, people=attrs.evolve(theirs.people, watchers=("wim", "sue")))
    theirs = happened(
        theirs,
        (
            e.MomentCorrected(Moment.DETECTED, None, at(-5)),
            e.MomentCorrected(Moment.AWARE, None, at(-4)),
        ),
    )
    two = merge.merge(mine, theirs, merge.Contents(("a", "b"), 1, ("r",)), "same")
    one, gone = happened(mine, two.taker), happened(theirs, two.giver)
    assert one.version == mine.version + len(two.taker)
    assert (one.ties.alerts, one.ties.firing, one.ties.reports) == (3, 2, 2)
    assert (gone.ties.alerts, gone.ties.firing, gone.ties.reports) == (0, 0, 2)
    assert {(x.kind.value, x.ref) for x in one.ties.links} == {
        ("related", "INC-7"), ("blocks", "INC-8"), ("merged_from", "INC-2"),
    }  # fmt: skip
    assert {(x.kind.value, x.ref) for x in gone.ties.links} == {
        ("child_of", "INC-9"), ("related", "INC-1"), ("merged_into", "INC-1"),
    }  # fmt: skip
    assert one.people.watchers == ("sue", "wim")
    assert (one.moment(Moment.DETECTED), one.moment(Moment.AWARE)) == (at(-5), at(-4))
    (took,) = [x for x in two.taker if isinstance(x, r.Absorbed)]
    (gave,) = [x for x in two.giver if isinstance(x, r.GivenUp)]
    contents = merge.Contents(("a", "b"), 1, ("r",))
    back = merge.give_back(one, gone, took, gave, contents, "two")
    restored, again = happened(one, back.taker), happened(gone, back.giver)
    assert (restored.ties, restored.people) == (mine.ties, mine.people)
    assert restored.course.moments == mine.course.moments
    assert set(again.ties.links) - {gone.ties.links[-1]} == set(theirs.ties.links)
    corrected = happened(one, (e.MomentCorrected(Moment.AWARE, at(-4), at(-3)),))
    kept = happened(corrected, merge.give_back(corrected, gone, took, gave, contents, "").taker)
    assert kept.moment(Moment.AWARE) == at(-3), "what was corrected since stays"


def test_a_duplicate_without_anything_leaves_no_trace() -> None:
    two = merge.absorb(declared(), other(), merge.Contents(), CancelReason.DUPLICATE, "")
    assert two == merge.Two((), ())


# --- waits ----------------------------------------------------------------------------------------


def test_a_reminder_is_kept_on_the_hold_it_belongs_to() -> None:
    asks = HoldTerms(("reporter",), "", minutes(60), 2)
    terms = LifecycleTerms(holds=FrozenMap({"caller": asks}))
    held = do(declared(), c.Hold("INC-1", "caller"), 0, terms=terms)
    assert held.course.holds == (Hold("caller", "carl", Interval(at(0)), 0, at(60)),)
    reminded = happened(held, (r.HoldReminded("carl", 1, at(120)),))
    assert reminded.course.holds[-1].reminded == 1
    resumed = do(reminded, c.Resume("INC-1"), 70, terms=terms)
    assert resumed.course.holds[-1] == Hold("caller", "carl", Interval(at(0), at(70)), 1)


# --- reports --------------------------------------------------------------------------------------

CONFIRM, REJECT = rep.ConfirmResolution("REP-1"), rep.RejectResolution("REP-1", reason="no")
# What becomes of a report of this state when its incident stands like this: C confirmed,
# R rejected, = nothing happens, . refused.
REPORTS = """
           active:  confirm reject   resolved: confirm reject   closed: confirm reject
open                .       .                  C       R                C       R
told                .       .                  C       R                C       R
confirmed           .       .                  =       R                =       R
rejected            .       .                  C       .                C       .
"""
STATES = (State.IN_PROGRESS, State.RESOLVED, State.CLOSED)
REPORT_CELLS = [
    (state, standing_, command, cell)
    for state, *cells in (line.split() for line in REPORTS.strip().splitlines()[1:])
    for (standing_, command), cell in zip(
        [(s, x) for s in STATES for x in (CONFIRM, REJECT)], cells, strict=True
    )
]


def report(state: str, episode: int = 0) -> Report:
    return Report(
        "r", "REP-1", 3, "joe", "No mail", "1", START, state=ReportState(state), episode=episode
    )


@pytest.mark.parametrize(("state", "incident", "command", "cell"), REPORT_CELLS)
def test_what_may_be_said_of_a_resolution(
    state: str, incident: State, command: c.Command, cell: str
) -> None:
    told = report(state)
    if cell == ".":
        with pytest.raises(TransitionNotAllowed):
            report_lifecycle.decide(told, command, standing(incident))
        return
    events = report_lifecycle.decide(told, command, standing(incident))
    for event in events:
        told = report_lifecycle.evolve(told, event, at(9))
    expected = {"C": "confirmed", "R": "rejected", "=": state}[cell]
    assert (told.state, told.version) == (expected, 3 + len(events))


def test_a_report_is_of_its_episode() -> None:
    resolved = standing(State.RESOLVED)
    assert not report_lifecycle.owes_telling(report("told"), resolved)
    assert report_lifecycle.owes_telling(report("open", -1), resolved)
    assert not report_lifecycle.owes_telling(report("open", -1), standing(State.NEW))
    moved = attrs.evolve(report("open", -1), incident="2")
    assert not report_lifecycle.owes_telling(moved, resolved)
    again = report_lifecycle.evolve(
        report("rejected"), rep.ReportMoved("2", "INC-2", "INC-1"), at(1)
    )
    assert (again.state, again.episode, again.incident) == ("open", -1, "2")
    assert report_lifecycle.evolve(report("told"), rep.JoinSuggested("x", "y"), at(1)).version == 4


def test_a_report_knows_no_other_command_and_tells_nobody() -> None:
    with pytest.raises(InvalidValue, match="nothing that can be done"):
        report_lifecycle.decide(report("told"), c.Start("REP-1"), standing(State.RESOLVED))
    assert report_lifecycle.asleep(report("told")) is None  # type: ignore[func-returns-value]
    assert report_lifecycle.wake(report("told"), at(1)) == ()
    assert report_lifecycle.elsewhere(report("told"), rep.ReportTold("joe", 0)) == ()
    for_eve = attrs.evolve(report("told"), on_behalf_of="eve")
    assert (for_eve.hears, report("told").hears, for_eve.status) == ("eve", "joe", "told")


# --- who works on it, and who hears of it ---------------------------------------------------------


def test_a_team_and_its_watchers() -> None:
    """Watchers follow a survivor, so what makes and unmakes one is looked at here as well."""
    taken = do(declared(), c.Assign("INC-1", team="net"), 1)
    assert taken.people.team == "net"
    assert do(taken, c.Assign("INC-1", team="net"), 2).people == taken.people
    watched = do(taken, c.Watch("INC-1", party="wim"), 3)
    assert watched.people.watchers == ("wim",)
    assert do(watched, c.Watch("INC-1"), 4, by="wim") is watched
    left = do(watched, c.Watch("INC-1", party="wim", stop=True), 5)
    assert left.people.watchers == ()
    assert do(left, c.Watch("INC-1", party="wim", stop=True), 6) is left
