"""The tables beside the life-cycle: every state and every command, the results written out here.

First in which states of an incident each command makes sense; then each small machine's own table.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest

from incidentkit.errors import MissingFields, NotAuthorised, TransitionNotAllowed
from incidentkit.model import (
    custody_changes,
    handover_changes,
    hosting_changes,
    incident_task_changes,
    major_changes,
    privacy_changes,
    public_changes,
    region_changes,
    status_changes,
)
from incidentkit.model import incident_commands as c
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.words import HandoverState, IncidentTaskState, MajorState, PublicState, State
from incidentkit.rules import beyond, custody, lifecycle
from incidentkit.rules.evolve import evolve
from incidentkit.rules.overlay_terms import (
    Checklist,
    ChecklistItem,
    OverlayTerms,
    RegionTerm,
    StatusTerm,
)
from incidentkit.rules.terms import LifecycleTerms
from tests.rules.builders import at, declared, do, standing

M, H, T, K = major_changes, handover_changes, incident_task_changes, custody_changes
P = privacy_changes
REGION = RegionTerm("security", ("contain", "eradicate"), (("contain", "eradicate", "clean up"),))
STATUSES = (
    StatusTerm("Open", State.NEW),
    StatusTerm("Sorted", State.TRIAGED),
    StatusTerm("Active", State.IN_PROGRESS, default=True),
    StatusTerm("Caller", State.ON_HOLD, False, "caller", "the caller"),
    StatusTerm("Restored", State.MITIGATED),
    StatusTerm("Watched", State.OBSERVING),
    StatusTerm("Fixed", State.RESOLVED),
    StatusTerm("Done", State.CLOSED),
    StatusTerm("Void", State.CANCELLED),
)
TERMS = LifecycleTerms(
    overlays=OverlayTerms(
        statuses=STATUSES,
        regions=FrozenMap({"security": REGION}),
        checklists=(Checklist("majors", (ChecklistItem("Open the bridge"),)),),
    )
)


def go(incident: Incident, *commands: c.Command, by: str = "ana") -> Incident:
    for command in commands:
        incident = do(incident, command, 1, by, TERMS)
    return incident


# --- in which states of an incident ---------------------------------------------------------------

TASKED = (T.AddTask("INC-1", "Look"),)
LED = (c.TakeRole("INC-1", "lead"),)
OFFERED = (
    c.TakeRole("INC-1", "lead", "eve"),
    H.OfferHandover("INC-1", "lead", "ana", brief="all is quiet"),
)
# A command, what must have been done before, and the states in which it makes sense, in the order
# new, triaged, in progress, on hold, mitigated, observing, resolved, closed, cancelled.
CELLS: list[tuple[c.Command, tuple[c.Command, ...], str]] = [
    (M.ProposeMajor("INC-1"), (), "======..."),
    (M.AcceptMajor("INC-1"), (), "=======.."),
    (M.RejectMajor("INC-1", reason="x"), (M.ProposeMajor("INC-1"),), "=======.."),
    (M.StandDown("INC-1"), (M.AcceptMajor("INC-1"),), "=======.."),
    (M.Demote("INC-1", reason="x"), (M.AcceptMajor("INC-1"),), "=======.."),
    (public_changes.SetPublic("INC-1", "resolved"), (), "========="),
    (public_changes.SetPublic("INC-1", "monitoring"), (), "=======.."),
    (region_changes.MoveRegion("INC-1", "security", "eradicate"), (), "========="),
    (H.OfferHandover("INC-1", "lead", "bob"), LED, "=======.."),
    (H.BriefHandover("INC-1", "lead", "more"), OFFERED, "=======.."),
    (H.AcceptHandover("INC-1", "lead"), OFFERED, "=======.."),
    (H.DeclineHandover("INC-1", "lead", "x"), OFFERED, "=======.."),
    (H.WithdrawHandover("INC-1", "lead"), OFFERED, "=======.."),
    (T.AddTask("INC-1", "Look"), (), "========="),
    (T.StartTask("INC-1", "T1"), TASKED, "========="),
    (T.CompleteTask("INC-1", "T1"), TASKED, "========="),
    (T.CancelTask("INC-1", "T1", "x"), TASKED, "========="),
    (T.AssignTask("INC-1", "T1", "bob"), TASKED, "========="),
    (
        T.ReopenTask("INC-1", "T1"),
        (*TASKED, T.CompleteTask("INC-1", "T1")),
        "=========",
    ),
    (T.AttachChecklist("INC-1", "majors"), (), "========="),
    (K.PlaceLegalHold("INC-1", "x"), (), "========="),
    (K.LiftLegalHold("INC-1", "x"), (K.PlaceLegalHold("INC-1", "x"),), "========="),
    (K.Redact("INC-1", (1,), "x"), (), "========="),
    (P.MakePrivate("INC-1", "x", ("bob",)), (), "========="),
    (P.LiftPrivacy("INC-1", "x"), (P.MakePrivate("INC-1", "x"),), "========="),
    (P.BreakGlass("INC-1", "x"), (), "========="),
    (hosting_changes.SetMode("INC-1", "shadow", reason="x"), (), "========="),
    # A status leads where the move into its category does; the letters are those of the states.
    (status_changes.SetStatus("INC-1", "Open"), (), "=........"),
    (status_changes.SetStatus("INC-1", "Active", "why"), (), "WW=WWWWWW"),
    (status_changes.SetStatus("INC-1", "Caller", "why"), (), "HHHHHHHHH"),
    (status_changes.SetStatus("INC-1", "Restored"), (), "MMMM=...."),
    (status_changes.SetStatus("INC-1", "Watched", "quiet"), (), "OOOOO=..."),
    (
        status_changes.SetStatus("INC-1", "Fixed", code="fixed", remedy="x"),
        (),
        "RRRRRR=..",
    ),
    (
        status_changes.SetStatus("INC-1", "Done", code="fixed", remedy="x"),
        (),
        "CCCCCCC=.",
    ),
    (status_changes.SetStatus("INC-1", "Void", "mistake"), (), "XXXXXX..="),
]
LETTERS = dict(zip("NTWHMORCX", State, strict=True))
QUIET = (K.Redact, P.MakePrivate, P.LiftPrivacy, P.BreakGlass, hosting_changes.SetMode)
"""What is given to a candidate without accepting it."""
MODULES = (M, H, T, K, P, public_changes, region_changes, status_changes, hosting_changes)


def test_the_table_here_is_whole() -> None:
    named = {type(command) for command, _, _ in CELLS}
    for module in MODULES:
        own = {
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, c.Command)
            and value.__module__ == module.__name__
        }
        part = beyond.part(module.__name__)
        assert part is not None
        assert {move.command for move in part.moves} == own
        assert own <= named


@pytest.mark.parametrize(("state", "at_"), [(x, i) for i, x in enumerate(State)], ids=str)
@pytest.mark.parametrize(
    ("command", "before", "row"), CELLS, ids=lambda x: getattr(x, "action", "")
)
def test_cell(
    state: State, at_: int, command: c.Command, before: tuple[c.Command, ...], row: str
) -> None:
    prepared = go(declared(), *before)
    incident = attrs.evolve(standing(state), people=prepared.people, more=prepared.more, version=9)
    cell = row[at_]
    if cell == ".":
        with pytest.raises(TransitionNotAllowed) as caught:
            lifecycle.decide(incident, command, at(60), "ana", TERMS)
        assert caught.value.allowed
        return
    events = lifecycle.decide(incident, command, at(60), "ana", TERMS)
    assert events
    assert "Accepted" not in [type(event).__name__ for event in events]
    after = do(incident, command, 60, terms=TERMS)
    assert after.life.state is (state if cell == "=" else LETTERS[cell])
    assert after.version == incident.version + len(events)


@pytest.mark.parametrize(
    ("command", "before", "row"), CELLS, ids=lambda x: getattr(x, "action", "")
)
def test_a_candidate_is_accepted_by_all_but_what_says_nothing_of_the_work(
    command: c.Command, before: tuple[c.Command, ...], row: str
) -> None:
    if row[0] == ".":
        return
    prepared = go(declared(), *before)
    incident = attrs.evolve(declared(candidate=True), people=prepared.people, more=prepared.more)
    events = lifecycle.decide(incident, command, at(60), "ana", TERMS)
    names = [type(event).__name__ for event in events]
    keeps = isinstance(command, QUIET) or getattr(command, "status", "") == "Void"
    assert names.count("Accepted") == (0 if keeps else 1)


# --- the small machines ---------------------------------------------------------------------------


def rows(table: str) -> list[tuple[str, str, str]]:
    head, *lines = table.strip().splitlines()
    states = head.split()
    found: list[tuple[str, str, str]] = []
    for line in lines:
        name, *cells = line.split()
        assert len(cells) == len(states)
        found += [(name, state, cell) for state, cell in zip(states, cells, strict=True)]
    return found


def check(
    incident: Incident, command: c.Command, cell: str, shows: Callable[[Incident], str], by: str
) -> None:
    if cell == ".":
        with pytest.raises(TransitionNotAllowed):
            lifecycle.decide(incident, command, at(60), by, TERMS)
        return
    assert shows(do(incident, command, 60, by, TERMS)) == cell


MAJOR = rows("""
                none      proposed  accepted    rejected  stood_down  demoted
ProposeMajor    proposed  .         .           proposed  proposed    proposed
AcceptMajor     accepted  accepted  .           .         .           .
RejectMajor     .         rejected  .           .         .           .
StandDown       .         .         stood_down  .         .           .
Demote          .         .         demoted     .         .           .
""")
TO_MAJOR: dict[str, tuple[c.Command, ...]] = {
    "none": (),
    "proposed": (M.ProposeMajor("INC-1"),),
    "accepted": (M.AcceptMajor("INC-1"),),
    "rejected": (M.ProposeMajor("INC-1"), M.RejectMajor("INC-1", "x")),
    "stood_down": (M.AcceptMajor("INC-1"), M.StandDown("INC-1")),
    "demoted": (M.AcceptMajor("INC-1"), M.Demote("INC-1", "x")),
}


@pytest.mark.parametrize(("name", "state", "cell"), MAJOR)
def test_major(name: str, state: str, cell: str) -> None:
    incident = go(declared(), *TO_MAJOR[state])
    assert incident.dossier.overlays.major.value == state
    command = getattr(M, name)("INC-1", "why")
    check(incident, command, cell, lambda x: x.dossier.overlays.major.value, "ana")
    assert set(TO_MAJOR) == set(MajorState)


PUBLIC = rows("""
                none           investigating  identified     monitoring     resolved
investigating   investigating  =              investigating  investigating  investigating
identified      identified     identified     =              identified     identified
monitoring      monitoring     monitoring     monitoring     =              monitoring
resolved        resolved       resolved       resolved       resolved       =
""")


@pytest.mark.parametrize(("name", "state", "cell"), PUBLIC)
def test_public(name: str, state: str, cell: str) -> None:
    incident = declared()
    if state != "none":
        incident = go(incident, public_changes.SetPublic("INC-1", state))
    after = do(incident, public_changes.SetPublic("INC-1", name), 60)
    assert after.dossier.overlays.public is not None
    assert after.dossier.overlays.public.state == (state if cell == "=" else cell)
    assert (after == incident) is (cell == "=")
    more = do(incident, public_changes.SetPublic("INC-1", name, "more"), 60)
    assert more.version == incident.version + 1
    assert set(PublicState) == {name for name, _, _ in PUBLIC}


HANDOVER = rows("""
                   none     offered    briefed    accepted  declined  withdrawn
OfferHandover      offered  .          .          offered   offered   offered
BriefHandover      .        briefed    briefed    .         .         .
AcceptHandover     .        .          accepted   .         .         .
DeclineHandover    .        declined   declined   .         .         .
WithdrawHandover   .        withdrawn  withdrawn  .         .         .
""")
OFFER = H.OfferHandover("INC-1", "lead", "bob")
BRIEF = H.BriefHandover("INC-1", "lead", "all is quiet")
TO_HANDOVER: dict[str, tuple[c.Command, ...]] = {
    "none": (),
    "offered": (OFFER,),
    "briefed": (OFFER, BRIEF),
    "accepted": (
        OFFER,
        BRIEF,
        H.AcceptHandover("INC-1", "lead"),
        c.TakeRole("INC-1", "lead", "ana"),
    ),
    "declined": (OFFER, H.DeclineHandover("INC-1", "lead", "asleep")),
    "withdrawn": (OFFER, H.WithdrawHandover("INC-1", "lead")),
}


@pytest.mark.parametrize(("name", "state", "cell"), HANDOVER)
def test_handover(name: str, state: str, cell: str) -> None:
    incident = go(declared(), c.TakeRole("INC-1", "lead", "ana"), *TO_HANDOVER[state], by="bob")
    more = ("bob",) if name == "OfferHandover" else ("x",) if name != "AcceptHandover" else ()
    command = getattr(H, name)("INC-1", "lead", *more)
    check(incident, command, cell, shown_handover, "bob")
    holder = incident.people.holder("lead")
    assert holder == "ana", "until it is accepted the holder stays"
    assert set(TO_HANDOVER) == {"none", *HandoverState}


def shown_handover(incident: Incident) -> str:
    found = incident.dossier.overlays.handover("lead")
    assert found is not None
    assert incident.people.holder("lead") == ("bob" if found.state == "accepted" else "ana")
    return found.state.value


TASK = rows("""
               open         in_progress  done  cancelled
StartTask      in_progress  .            .     .
CompleteTask   done         done         .     .
CancelTask     cancelled    cancelled    .     .
ReopenTask     .            .            open  open
AssignTask     open         in_progress  .     .
""")
TO_TASK: dict[str, tuple[c.Command, ...]] = {
    "open": (),
    "in_progress": (T.StartTask("INC-1", "T1"),),
    "done": (T.CompleteTask("INC-1", "T1"),),
    "cancelled": (T.CancelTask("INC-1", "T1", "x"),),
}


@pytest.mark.parametrize(("name", "state", "cell"), TASK)
def test_task(name: str, state: str, cell: str) -> None:
    incident = go(declared(), *TASKED, *TO_TASK[state])
    more = ("x",) if name in ("CancelTask", "AssignTask") else ()
    command = getattr(T, name)("INC-1", "T1", *more)
    check(incident, command, cell, lambda x: x.dossier.tasks[0].state.value, "ana")
    assert set(TO_TASK) == set(IncidentTaskState)


# --- what is missing, and who may -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "before", "missing"),
    [
        (M.RejectMajor("INC-1"), (M.ProposeMajor("INC-1"),), "reason"),
        (M.Demote("INC-1"), (M.AcceptMajor("INC-1"),), "reason"),
        (H.BriefHandover("INC-1", "lead"), OFFERED, "brief"),
        (H.DeclineHandover("INC-1", "lead"), OFFERED, "reason"),
        (T.CancelTask("INC-1", "T1"), TASKED, "reason"),
        (K.PlaceLegalHold("INC-1"), (), "reason"),
        (K.LiftLegalHold("INC-1"), (K.PlaceLegalHold("INC-1", "x"),), "reason"),
        (K.Redact("INC-1", reason="x"), (), "seqs"),
        (K.Redact("INC-1", seqs=(1,)), (), "reason"),
        (status_changes.SetStatus("INC-1", "Fixed", code="fixed"), (), "remedy"),
        (status_changes.SetStatus("INC-1", "Watched"), (), "until or condition"),
    ],
    ids=lambda x: getattr(x, "action", ""),
)
def test_missing_fields_are_named(
    command: c.Command, before: tuple[c.Command, ...], missing: str
) -> None:
    incident = go(declared(), *before)
    with pytest.raises(MissingFields) as caught:
        lifecycle.decide(incident, command, at(60), "ana", TERMS)
    assert caught.value.fields == (missing,)


@pytest.mark.parametrize(
    "command", [H.AcceptHandover("INC-1", "lead"), H.DeclineHandover("INC-1", "lead", "x")]
)
def test_only_the_party_to_whom_it_was_offered_answers(command: c.Command) -> None:
    incident = go(declared(), *OFFERED)
    with pytest.raises(NotAuthorised, match="the role lead was offered to ana"):
        lifecycle.decide(incident, command, at(60), "bob", TERMS)


def test_a_redaction_takes_from_the_incident_what_it_names() -> None:
    ended = do(declared(), c.Resolve("INC-1", code="fixed", remedy="x"), 1)
    card = attrs.evolve(ended.card, title="Down", summary="badly")
    full = attrs.evolve(ended, card=card)
    for fields in ((), ("title",), ("summary",), ("remedy",), ("title", "summary", "remedy")):
        left = custody.blanked(full, fields)
        assert (left.card.title == "Down") is ("title" not in fields)
        assert (left.card.summary == "badly") is ("summary" not in fields)
        assert (left.course.ending.remedy == "x") is ("remedy" not in fields)
    redacted = evolve(full, K.Redacted((1,), "x", (), ("title",)), at(2), "ana")
    assert redacted.card.title == custody.REDACTED
