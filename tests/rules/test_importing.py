"""What a row of a history means for an incident: events, moves outside the table, priorities."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest

from incidentkit.errors import InvalidValue
from incidentkit.model import history as h
from incidentkit.model import incident_events as e
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event, Recorded
from incidentkit.model.replayed import Figures
from incidentkit.model.words import (
    ACTIVE,
    CancelReason,
    Moment,
    Outcome,
    Priority,
    State,
)
from incidentkit.policy.load import default_policy
from incidentkit.rules.clocks import Target
from incidentkit.rules.evolve import evolve
from incidentkit.rules.importing import Importing, bring, conclude
from incidentkit.rules.rerun import rerun
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.timing.terms import Term
from tests.rules.builders import START

N, T, W, H, M, O, R, C, X = State  # noqa: E741
WORDS = {
    N: h.Standing("New", N),
    T: h.Standing("Triaged", T),
    W: h.Standing("Active", W),
    H: h.Standing("Waiting", H, "vendor", "ACME"),
    M: h.Standing("Restored", M),
    O: h.Standing("Watched", O),
    R: h.Standing("Resolved", R),
    C: h.Standing("Closed", C),
    X: h.Standing("Cancelled", X),
}
MATRIX = default_policy().matrix
OPEN = h.Opening(START, "olga")


def importing(**terms: Any) -> Importing:
    return Importing(MATRIX, LifecycleTerms(**terms), "hash")


def row(number: int, state: State | None = None, **given: Any) -> h.HistoryRow:
    fields = given.pop("fields", {})
    standing = given.pop("standing", None if state is None else WORDS[state])
    at = given.pop("at", START + timedelta(minutes=number))
    opening = given.pop("opening", OPEN)
    return h.HistoryRow("log", "A1", number, at, "ann", opening, standing, fields, **given)


class Case:
    """A case told row by row."""

    def __init__(self, **terms: Any) -> None:
        self.terms = importing(**terms)
        self.incident: Incident | None = None
        self.number = 0
        self.all: list[Recorded] = []

    def told(self, state: State | None = None, **given: Any) -> list[Event]:
        self.number += 1
        self.incident, told = bring(
            self.incident, "id-1", row(self.number, state, **given), self.terms
        )
        self.all += told
        return [each.event for each in told]

    @property
    def now(self) -> Incident:
        assert self.incident is not None
        return self.incident


def kinds(events: list[Event]) -> list[str]:
    return [type(each).__name__ for each in events]


# --- the first row --------------------------------------------------------------------------------

FIELDS = {
    "title": "Mail / slow",
    "service": "mail",
    "reporter": "cy",
    "category": "Mail",
    "impact": "high",
    "urgency": "low",
    "priority": "P3",
    "owner": "IT",
    "team": "Group 5",
    "assignee": "bo",
}


def test_a_case_begins_when_it_was_opened() -> None:
    case = Case()
    figures = Figures(0, 0, True)
    labels = FrozenMap({"place": "Bonn"})
    events = case.told(N, fields=FIELDS, labels=labels, figures=figures)
    assert kinds(events) == [
        "Declared",
        "RowImported",
        "Rated",
        "Prioritised",
        "OwnerChanged",
        "TeamChanged",
        "Assigned",
    ]
    first, second, *_ = case.all
    assert (first.at, first.by, second.at, second.by) == (START, "olga", case.all[1].at, "ann")
    now = case.now
    assert (now.ref, now.title, now.card.service, now.card.reporter) == (
        "A1",
        "Mail / slow",
        "mail",
        "cy",
    )
    assert (now.card.category, now.card.source, now.card.labels) == ("Mail", "log", labels)
    assert (now.people.owner, now.people.team, now.assignee) == ("IT", "Group 5", "bo")
    assert (now.priority, now.rating.by_hand, now.rating.provisional) == (Priority.P3, False, False)
    replayed = now.dossier.replayed
    assert replayed is not None
    assert (replayed.source, replayed.case, replayed.row) == ("log", "A1", 1)
    assert (replayed.status, replayed.figures, replayed.moves) == ("New", figures, {})
    assert now.dossier.overlays.status == "New"
    assert now.version == len(case.all)


def test_a_case_without_levels_is_provisional() -> None:
    case = Case()
    assert kinds(case.told(None)) == ["Declared", "RowImported", "Prioritised"]
    assert (case.now.title, case.now.rating.provisional) == ("A1", True)


def test_a_level_the_matrix_does_not_know_is_refused() -> None:
    with pytest.raises(InvalidValue, match="'sev1' is none of"):
        Case().told(N, fields={"impact": "sev1"})


# --- later rows -----------------------------------------------------------------------------------


def test_a_row_without_news_leaves_one_entry() -> None:
    case = Case()
    case.told(N, fields=FIELDS)
    assert kinds(case.told()) == ["RowImported"]


def test_what_changed_is_told_by_the_events_that_say_it() -> None:
    case = Case()
    case.told(N, fields=FIELDS)
    fields = {"title": "Mail / down", "team": "Group 6", "assignee": "di", "owner": "IT"}
    labels = FrozenMap({"place": "Rome"})
    events = case.told(fields=fields, labels=labels, stated=FrozenMap({"notify": "no"}))
    assert kinds(events) == ["RowImported", "Edited", "TeamChanged", "Assigned"]
    assert events[1] == e.Edited("Mail / down", None, None, labels, None)
    assert events[2] == e.TeamChanged("Group 6", "Group 5")
    assert (case.now.title, case.now.people.team) == ("Mail / down", "Group 6")


def test_another_reporter_and_only_labels() -> None:
    case = Case()
    case.told(N, fields=FIELDS)
    assert kinds(case.told(fields={"reporter": "fy"})) == ["RowImported"]
    assert case.now.card.reporter == "fy"
    assert kinds(case.told(labels=FrozenMap({"a": "b"}))) == ["RowImported", "Edited"]
    assert case.now.card.labels == {"a": "b"}
    assert kinds(case.told(fields={"service": "vpn"})) == ["RowImported", "Edited"]
    assert kinds(case.told(fields={"category": "net"})) == ["RowImported", "Edited"]
    assert kinds(case.told(fields={"team": "Group 5"})) == ["RowImported"]


def test_another_opening_corrects_when_it_was_declared() -> None:
    case = Case()
    case.told(N)
    earlier = START - timedelta(hours=1)
    events = case.told(opening=h.Opening(earlier, "olga"))
    assert kinds(events) == ["RowImported", "MomentCorrected"]
    assert case.now.moment(Moment.DECLARED) == earlier


def test_a_counter_once_above_zero_is_remembered() -> None:
    case = Case()
    case.told(N, figures=Figures(1))
    case.told(figures=Figures(0, 4))
    replayed = case.now.dossier.replayed
    assert replayed is not None
    assert (replayed.figures.reopened, replayed.ever_reopened) == (0, True)


# --- priorities -----------------------------------------------------------------------------------


def test_the_priority_is_the_stated_one() -> None:
    case = Case()
    case.told(N, fields={"impact": "high", "urgency": "high", "priority": "P4"})
    last = case.all[-1]
    assert last.event == e.Prioritised(Priority.P4, None, False, True, "as the source states it")
    assert (last.by, last.reason) == ("ann", None)
    assert kinds(case.told(fields={"impact": "low"})) == ["RowImported", "Rated"]
    events = case.told(fields={"priority": "P3"})
    assert kinds(events) == ["RowImported", "Prioritised"]
    assert case.all[-1].by == "system"
    assert (case.now.priority, case.now.rating.by_hand) == (Priority.P3, False)


def test_the_reason_of_a_drawn_priority_is_run_again() -> None:
    case = Case()
    case.told(N, fields={"impact": "high", "urgency": "high"})
    reason = case.all[-1].reason
    assert reason is not None
    assert rerun(reason) == reason.outcome == "P1"
    assert kinds(case.told(fields={"urgency": "medium"})) == ["RowImported", "Rated", "Prioritised"]
    assert case.now.priority is Priority.P2
    assert kinds(case.told(fields={"impact": "medium", "urgency": "high"})) == [
        "RowImported",
        "Rated",
    ]
    assert kinds(case.told(fields={"priority": "P2"})) == ["RowImported"]


# --- moves ----------------------------------------------------------------------------------------

# From (row) to (column), with closed reopened or not: what is told; "." is an imported entry.
TABLE = """
          New       Triaged   Active    Waiting   Restored  Watched   Resolved  Closed    Cancelled
New       -         Triaged   Started   Held      Mitig.    Observed  Resolved  R+C       Cancelled
Triaged   .         -         Started   Held      Mitig.    Observed  Resolved  R+C       Cancelled
Active    .         .         -         Held      Mitig.    Observed  Resolved  R+C       Cancelled
Waiting   .         .         Resumed   -         Mitig.    Observed  Resolved  R+C       Cancelled
Restored  .         .         Regress.  Held      -         Observed  Resolved  R+C       Cancelled
Watched   .         .         Regress.  Held      .         -         Resolved  R+C       Cancelled
Resolved  .         .         Reopened  Re+H      .         .         -         Closed    .
Closed    .         .         Reopened  Re+H      .         .         .         -         .
Cancelled .         .         Reopened  Re+H      .         .         .         .         -
"""
NAMES = {word.word: state for state, word in WORDS.items()}
LINES = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [
    (NAMES[was], NAMES[to], cell)
    for was, *cells in LINES[1:]
    for to, cell in zip(LINES[0], cells, strict=True)
]
# The way to each state from a case that begins there.
WAY: dict[State, tuple[State, ...]] = {
    N: (N,),
    T: (T,),
    W: (W,),
    H: (W, H),
    M: (M,),
    O: (O,),
    R: (R,),
    C: (C,),
    X: (X,),
}


def at_state(state: State, **terms: Any) -> Case:
    case = Case(**terms)
    for step in WAY[state]:
        case.told(step)
    assert case.now.status is state
    return case


def short(events: list[Event]) -> str:
    names = {
        "ObservationBegun": "Observed",
        "Mitigated": "Mitig.",
        "Regressed": "Regress.",
        "Resolved+Closed": "R+C",
        "Reopened+Held": "Re+H",
        "Imported": ".",
        "": "-",
    }
    found = "+".join(x for x in kinds(events) if x != "RowImported")
    return names.get(found, found)


@pytest.mark.parametrize(("was", "to", "cell"), CELLS, ids=str)
def test_moves_of_the_status(was: State, to: State, cell: str) -> None:
    case = at_state(was)
    assert short(case.told(to)) == cell
    assert case.now.status is to
    replayed = case.now.dossier.replayed
    assert replayed is not None
    move = f"{WORDS[was].word} -> {WORDS[to].word}"
    if was is not to:
        assert replayed.moves[move] == 1
    assert replayed.outside == ({move: 1} if cell == "." else {})


@pytest.mark.parametrize(("was", "to", "cell"), CELLS, ids=str)
def test_closed_is_not_reopened_where_a_host_says_so(was: State, to: State, cell: str) -> None:
    case = at_state(was, reopen_closed=False)
    outside = cell == "." or (was is C and to in ACTIVE)
    assert (short(case.told(to)) == ".") is outside
    assert case.now.status is to


def test_the_reason_of_an_imported_move_is_run_again() -> None:
    case = at_state(C, reopen_closed=False)
    case.told(W)
    reason = case.all[-1].reason
    assert reason is not None
    assert rerun(reason) == reason.outcome == ""
    assert rerun(reason, reopen_closed=True) == "reopen"


def test_a_hold_for_another_reason_is_another_hold() -> None:
    case = at_state(H)
    assert short(case.told(H)) == "-"
    other = h.Standing("Waiting 2", H, "parts", "ACME")
    assert short(case.told(standing=other)) == "Held"
    assert [hold.reason for hold in case.now.course.holds] == ["vendor", "parts"]


def test_a_hold_of_a_new_case_goes_back_to_new() -> None:
    case = Case()
    case.told(N)
    case.told(H)
    assert short(case.told(N)) == "Resumed"
    case.told(H)
    assert short(case.told(W)) == "Started"


def test_the_source_leads_back_from_the_end() -> None:
    case = at_state(C, reopen_closed=False)
    case.told(H)
    now = case.now
    assert (now.life.reopened, now.life.resume_to) == (1, W)
    assert (now.course.holds[-1].reason, now.moment(Moment.CLOSED)) == ("vendor", None)
    case.told(N)
    assert case.now.course.holds[-1].interval.end is not None
    case.told(X)
    case.told(R)
    now = case.now
    assert (now.course.ending.cancelled, now.moment(Moment.RESOLVED)) == (None, case.all[-1].at)
    case.told(X)
    assert case.now.course.ending.cancelled is CancelReason.WITHDRAWN
    case.told(C)
    assert case.now.moment(Moment.CLOSED) is not None


def test_a_move_out_of_a_hold_that_the_table_lacks_ends_it() -> None:
    case = at_state(H)
    assert short(case.told(T)) == "."
    assert case.now.course.holds[-1].interval.end == case.all[-1].at


def test_the_move_is_told_in_the_words_of_the_source() -> None:
    case = at_state(C, reopen_closed=False)
    event = case.told(W)[-1]
    assert event == h.Imported(W, C, "Closed -> Active")
    case.told(R)
    case.told(C)
    case.told(W)
    replayed = case.now.dossier.replayed
    assert replayed is not None
    assert replayed.outside == {"Closed -> Active": 2}


def test_an_imported_move_needs_no_history() -> None:
    # An entry of it may be all that was kept of one.
    incident, _ = bring(None, "id-1", row(1, N), importing())
    bare = attrs.evolve(incident, more=None)
    after = evolve(bare, h.Imported(W, N, "x"), START, "ann")
    assert (after.status, after.more, after.version) == (W, None, bare.version + 1)


# --- clocks ---------------------------------------------------------------------------------------


def test_clocks_run_at_the_times_of_the_rows() -> None:
    never = Target("never", Moment.RESOLVED, FrozenMap())
    hour = Target("resolve", Moment.RESOLVED, FrozenMap({"P3": Term(timedelta(hours=1))}))
    terms = Importing(MATRIX, LifecycleTerms(), "hash", (never, hour))
    assert terms.targets == (hour,)
    incident, _ = bring(None, "id-1", row(1, N), terms)
    incident, told = conclude(incident, START, terms)
    assert [type(each.event) for each in told] == [e.ClockMoved]
    assert told[0].reason is not None
    late = START + timedelta(hours=2)
    incident, told = conclude(incident, late, terms)
    assert [(type(x.event), x.at, x.by) for x in told] == [(e.ClockBreached, late, "system")]
    assert conclude(incident, late, terms) == (incident, [])


# --- ends -----------------------------------------------------------------------------------------


def test_resolving_takes_what_the_row_knows() -> None:
    case = Case()
    case.told(N)
    done = START + timedelta(seconds=30)
    events = case.told(R, end=h.End("no_fault_found", done))
    resolved = events[1]
    assert resolved == e.Resolved("no_fault_found", "", done, "", Outcome.NO_FAULT_FOUND)
    assert kinds(events) == ["RowImported", "Resolved", "MomentCorrected"]
    assert case.now.moment(Moment.RESOLVED) == done
    assert kinds(case.told(end=h.End("x", done))) == ["RowImported"]


def test_ends_that_the_source_knows_better() -> None:
    case = Case()
    case.told(N)
    case.told(C)
    known: dict[Moment, datetime | None] = {x: case.now.moment(x) for x in Moment}
    resolved = START + timedelta(minutes=1)
    end = h.End("", resolved, known[Moment.CLOSED])
    assert kinds(case.told(end=end)) == ["RowImported", "MomentCorrected"]
    assert case.now.moment(Moment.RESOLVED) == resolved


def test_an_end_that_was_not_reached_is_not_corrected() -> None:
    case = Case()
    case.told(N)
    assert kinds(case.told(W, end=h.End("", START, START))) == ["RowImported", "Started"]
