"""Mappings of histories: dialects, what a row says beyond the one before, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue, PolicyError
from incidentkit.lang.histories import Bound, Folding, HistoryMapping
from incidentkit.lang.histories.dialect import Dialect, pattern, read_count, read_flag
from incidentkit.lang.histories.parsing import parse
from incidentkit.model.history import HistoryRow
from incidentkit.model.replayed import Figures
from incidentkit.model.words import State

DAY = "%d/%m/%Y %H:%M"
DATA: dict[str, Any] = {
    "name": "log",
    "unknown": ["?", "-100"],
    "title": ["kind", "symptom"],
    "row": {"case": "no", "at": "at", "by": "by", "opened_at": "opened", "opened_by": "opener"},
    "read": {
        "formats": [DAY, "%d-%m-%Y %H:%M"],
        "instants": ["due"],
        "flags": ["vip"],
        "counts": ["tries"],
        "ignore": ["junk"],
    },
    "fields": {"reporter": "caller", "assignee": "who"},
    "labels": {"kind": "kind", "place": "place"},
    "status": {
        "column": "state",
        "words": {
            "New": "new",
            "Active": "in_progress",
            "Waiting": {"state": "on_hold", "reason": "vendor", "court": "ACME"},
            "Done": "resolved",
            "Shut": {"state": "closed"},
        },
    },
    "impact": {"column": "impact", "words": {"1 - High": "high", "2 - Low": "low"}},
    "later": {
        "solved": {"means": "resolved_at", "when": ["resolved", "closed"]},
        "shut": {"means": "closed_at", "when": ["closed"]},
        "code": {"means": "code", "when": ["resolved", "closed"]},
        "solver": {"when": ["resolved", "closed"]},
    },
    "codes": {"c1": "fixed"},
    "figures": {"reopened": "again", "reassigned": "moved", "met_sla": "sla"},
}
HEADER = (
    *("no", "at", "by", "opened", "opener", "state", "kind", "symptom", "caller", "who"),
    *("place", "impact", "solved", "shut", "code", "solver", "again", "moved", "sla"),
    *("vip", "tries", "due", "junk", "extra"),
)
FIRST = {
    "no": "A1",
    "at": "1/2/2016 08:30",
    "by": "ann",
    "opened": "1/2/2016 08:15",
    "opener": "Opened by  8",
    "state": "New",
    "kind": "Mail",
    "symptom": "?",
    "caller": "cy",
    "who": "?",
    "place": "?",
    "impact": "2 - Low",
    "solved": "2/2/2016 09:00",
    "shut": "9/2/2016 09:00",
    "code": "c1",
    "solver": "bo",
    "again": "0",
    "moved": "0",
    "sla": "true",
    "vip": "TRUE",
    "tries": "07",
    "due": "3/2/2016 09:00",
    "junk": "x",
    "extra": "some words",
}


def when(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2016, 2, day, hour, minute, tzinfo=UTC)


def mapping(**changes: Any) -> HistoryMapping:
    return parse({**DATA, **changes})


def bound(**changes: Any) -> Bound:
    return mapping(**changes).bind(HEADER)


class Case:
    """A case whose rows are told by what they change."""

    def __init__(self, using: Bound | None = None) -> None:
        self.bound = using or bound()
        self.folding = Folding(self.bound, "A1")
        self.cells = dict(FIRST)

    def row(self, **changes: str) -> HistoryRow:
        self.cells.update(changes)
        return self.folding.take([self.cells[x] for x in HEADER])


# --- what a row says ------------------------------------------------------------------------------


def test_the_first_row_says_all_it_states() -> None:
    row = Case().row()
    assert (row.source, row.case, row.number, row.by) == ("log", "A1", 1, "ann")
    assert row.at == when(1, 8, 30)
    assert (row.opening.at, row.opening.by) == (when(1, 8, 15), "Opened by  8")
    assert row.standing is not None
    assert (row.standing.word, row.standing.state) == ("New", State.NEW)
    assert row.fields == {"title": "Mail", "reporter": "cy", "impact": "low"}
    assert row.labels == {"kind": "Mail"}
    assert row.stated == {
        "vip": "true",
        "tries": "7",
        "due": "2016-02-03T09:00:00Z",
        "extra": "some words",
    }
    assert row.figures == Figures(0, 0, True, when(2, 9))
    assert row.end is None


def test_a_later_row_says_only_what_is_new() -> None:
    case = Case()
    case.row()
    row = case.row(at="1/2/2016 09:00", by="bob", who="Resolver 5", junk="y", symptom="slow")
    assert (row.number, row.at, row.by) == (2, when(1, 9), "bob")
    assert row.standing is None
    assert row.fields == {"assignee": "Resolver 5", "title": "Mail / slow"}
    assert (row.labels, row.stated, row.figures, row.end) == (None, {}, None, None)


@pytest.mark.parametrize("marker", ["?", "-100", ""])
def test_not_stated_keeps_the_value(marker: str) -> None:
    case = Case()
    case.row(who="dora")
    silent = case.row(who=marker, state=marker, impact=marker, kind=marker, again=marker)
    assert (silent.fields, silent.standing, silent.labels, silent.figures) == ({}, None, None, None)
    again = case.row(who="dora", state="New", impact="2 - Low", kind="Mail", again="0")
    assert (again.fields, again.standing, again.labels, again.figures) == ({}, None, None, None)


def test_columns_of_the_future_wait_for_the_status() -> None:
    case = Case()
    assert case.row().end is None
    early = case.row(at="2/2/2016 08:00", state="Done")
    assert early.end is not None
    assert (early.end.code, early.end.resolved_at, early.end.closed_at) == ("fixed", None, None)
    assert early.stated == {"code": "c1", "solver": "bo"}
    reached = case.row(at="2/2/2016 09:00")
    assert reached.end is not None
    assert reached.end.resolved_at == when(2, 9)
    assert reached.stated == {"solved": "2016-02-02T09:00:00Z"}
    closed = case.row(at="9/2/2016 09:00", state="Shut")
    assert closed.end is not None
    assert (closed.end.resolved_at, closed.end.closed_at) == (when(2, 9), when(9, 9))
    assert closed.stated == {"shut": "2016-02-09T09:00:00Z"}
    assert case.row(at="9/2/2016 09:01").stated == {}


def test_an_end_that_is_undone_is_told_again_only_where_it_differs() -> None:
    case = Case()
    case.row(at="3/2/2016 09:00", state="Done")
    assert case.row(state="Active").end is None
    again = case.row(state="Done", code="c2")
    assert again.end is not None
    assert again.end.code == "c2"
    assert again.stated == {"code": "c2"}


def test_a_future_that_is_not_stated_is_none() -> None:
    case = Case()
    row = case.row(state="Shut", solved="?", shut="?", code="?", solver="?")
    assert row.end is not None
    assert (row.end.code, row.end.resolved_at, row.end.closed_at) == ("", None, None)
    assert row.figures == Figures(0, 0, True, None)


def test_counters_and_flags_are_kept_as_figures() -> None:
    case = Case()
    case.row(sla="?")
    assert case.row(moved="2", sla="FALSE").figures == Figures(0, 2, False, when(2, 9))
    assert case.row(again="1").figures == Figures(1, 2, False, when(2, 9))


def test_another_opening_is_told_and_who_opened_it_stays() -> None:
    case = Case()
    case.row()
    row = case.row(opened="1/2/2016 08:00", opener="somebody else")
    assert (row.opening.at, row.opening.by) == (when(1, 8), "Opened by  8")


def test_without_an_opening_the_first_row_opens() -> None:
    row = Case().row(opened="?", opener="?", by="?")
    assert (row.opening.at, row.opening.by, row.by) == (when(1, 8, 30), "log", "log")
    case = Case()
    case.row(opened="?")
    assert case.row(opener="x", at="2/2/2016 08:00").opening.at == when(1, 8, 30)


def test_columns_may_be_left_out_of_a_mapping() -> None:
    least = parse(
        {
            "name": "least",
            "row": {"case": "no", "at": "at"},
            "read": {"formats": [DAY]},
            "status": {"column": "state", "words": {"New": "new"}},
        }
    )
    folding = Folding(least.bind(["no", "at", "state"]), "A1")
    row = folding.take(["A1", "1/2/2016 08:30", "New"])
    assert (row.by, row.opening.by, row.opening.at) == ("least", "least", when(1, 8, 30))
    assert row.fields == {"title": "A1"}


@given(st.data())
def test_both_dialects_say_the_same(data: st.DataObject) -> None:
    one, other = Case(), Case()
    start = datetime(2016, 2, 28, 23, 50)  # noqa: DTZ001  (a leap day is near)
    for _ in range(4):
        at = start + timedelta(minutes=data.draw(st.integers(0, 3_000)))
        state = data.draw(st.sampled_from(["New", "Active", "Done", "Shut", "-100"]))
        truth = data.draw(st.booleans())
        first = one.row(
            at=f"{at.day}/{at.month}/{at:%Y %H:%M}", state=state, sla=str(truth).lower(), vip="true"
        )
        second = other.row(
            at=f"{at:%d-%m-%Y %H:%M}", state=state, sla=str(truth).upper(), vip="TRUE"
        )
        for name in ("at", "by", "standing", "fields", "stated", "figures", "end"):
            assert getattr(first, name) == getattr(second, name)


# --- what is refused ------------------------------------------------------------------------------

WRONG = [
    ({"at": "?"}, "at: is not stated: the row has no time"),
    ({"at": "32/1/2016 08:00"}, "day is out of range"),
    ({"at": "yesterday"}, "'yesterday' is not written as '%d/%m/%Y %H:%M' or '%d-%m-%Y %H:%M'"),
    ({"state": "Activ"}, "'Activ' has no meaning here; did you mean 'Active'?"),
    ({"impact": "0"}, "impact: '0' has no meaning here"),
    ({"again": "-1"}, "again: '-1' is no count"),
    ({"sla": "maybe"}, "sla: 'maybe' is neither true nor false"),
    ({"vip": "2"}, "vip: '2' is neither true nor false"),
    ({"tries": "x"}, "tries: 'x' is no count"),
    ({"due": "x"}, "due: 'x' is not written as"),
    ({"solved": "x"}, "solved: 'x' is not written as"),
    ({"opened": "x"}, "opened: 'x' is not written as"),
    ({"who": "a\nb"}, "who: 'a\\nb' is no name"),
    ({"by": " "}, "by: ' ' is no name"),
    ({"extra": "\0"}, "extra: contains a NUL character"),
    ({"extra": "\udcff"}, "extra: contains a lone surrogate"),
    ({"kind": "x" * 600, "symptom": "x" * 600}, "title: has 1203 characters"),
]


@pytest.mark.parametrize(("cells", "problem"), WRONG, ids=str)
def test_a_row_that_cannot_be_read_changes_nothing(cells: dict[str, str], problem: str) -> None:
    case = Case()
    case.row()
    before = dict(case.cells)
    with pytest.raises(InvalidValue) as refused:
        case.row(**cells)
    assert problem in str(refused.value)
    case.cells = before
    after = case.row(who="dora")
    assert (after.number, after.fields) == (3, {"assignee": "dora"})


def test_a_row_of_other_columns_is_refused() -> None:
    with pytest.raises(InvalidValue, match="has 2 columns, the header has 24"):
        Folding(bound(), "A1").take(["A1", "x"])


def test_a_case_has_a_name() -> None:
    using = bound()
    assert using.case_of(["A1"]) == "A1"
    assert [using.case_of(x) for x in (["?"], [""], [])] == [""] * 3
    with pytest.raises(InvalidValue, match="no: 'A1\\\\n' is no name"):
        Folding(using, "A1\n").take([FIRST[x] for x in HEADER])


def test_a_file_without_the_columns_is_refused() -> None:
    with pytest.raises(InvalidValue, match="the file has no 'no', 'by'"):
        mapping().bind([x for x in HEADER if x not in ("no", "by")])
    with pytest.raises(InvalidValue, match="stand twice in the file: kind"):
        mapping().bind([*HEADER, "kind"])


# --- dialects -------------------------------------------------------------------------------------


def test_leading_zeros_and_a_leap_day() -> None:
    read = Dialect((DAY,)).reader()
    assert read("29/2/2016 01:16") == read("29/02/2016 1:16") == when(29, 1, 16)
    assert read("29/2/2016 01:17") == when(29, 1, 17)
    with pytest.raises(InvalidValue):
        read("29/2/2015 01:16")


def test_dates_alone_and_seconds() -> None:
    assert Dialect(("%Y-%m-%d",)).reader()("2016-02-01") == when(1, 0)
    read = Dialect(("%Y.%m.%d %H:%M:%S", "100%% %Y/%m/%d")).reader()
    assert read("2016.2.1 8:9:10") == datetime(2016, 2, 1, 8, 9, 10, tzinfo=UTC)
    assert read("100% 2016/2/1") == when(1, 0)


def test_a_zone_with_clock_changes() -> None:
    read = Dialect((DAY,), ZoneInfo("Europe/Madrid")).reader()
    assert read("1/2/2016 08:30") == when(1, 7, 30)
    assert read("27/3/2016 04:00") == datetime(2016, 3, 27, 2, 0, tzinfo=UTC)
    assert read("27/3/2016 01:00") == datetime(2016, 3, 27, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("layout", "problem"),
    [
        ("%d/%m/%y", "%y is not known here"),
        ("%d/%m/%Y %d", "%d stands twice"),
        ("%d/%m", "names no whole date"),
        ("%Y%m%d" + "x" * 60, "at most 64 characters"),
    ],
)
def test_a_format_that_is_none(layout: str, problem: str) -> None:
    with pytest.raises(InvalidValue, match=problem):
        pattern(layout)


def test_truth_and_counts() -> None:
    assert [read_flag(x) for x in ("true", "TRUE", "Yes", "1")] == [True] * 4
    assert [read_flag(x) for x in ("false", "NO", "0", "f")] == [False] * 4
    assert read_count("12") == 12
    for word in ("", "1.5", "٣", "9" * 20):
        with pytest.raises(InvalidValue):
            read_count(word)


def test_words_are_remembered_up_to_a_limit() -> None:
    case = Case()
    case.row()
    for number in range(5_000):
        assert case.row(who=f"Resolver {number}").fields == {"assignee": f"Resolver {number}"}


# --- mistakes in a mapping ------------------------------------------------------------------------


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(PolicyError) as refused:
        parse(
            {
                "name": "",
                "rows": {},
                "about": 5,
                "unknown": "?",
                "title": ["x", 3],
                "row": {"case": 1},
                "read": {"formats": [], "zone": "Mars/Base", "flags": [1]},
                "fields": {"asignee": "x"},
                "status": {
                    "column": "s",
                    "words": {"A": "on_hold", "B": "gone", "C": {"state": "on_hold"}, "D": 1},
                },
                "impact": {"column": "", "words": {}},
                "priority": {"column": "p", "words": {"1": "P9", "2": " "}},
                "later": {"c": {"means": "cod", "when": ["resolvd"]}},
                "matrix": {"name": "m", "cells": {"high": {"high": 1}}},
                "figures": {"reopend": "x"},
            }
        )
    said = dict(refused.value.problems)
    assert said["mapping.rows"] == "there is no such setting; did you mean 'row'?"
    assert "did you mean 'assignee'?" in said["fields.asignee"]
    assert said["priority.words.1"] == "'P9' is none of P1..P5"
    assert said["status.words.A"].startswith("a hold has a reason and a court")
    assert "did you mean 'resolved'?" in said["later.c.when[0]"]
    assert "did you mean 'code'?" in said["later.c.means"]
    assert "no time zone" in said["read.zone"]
    assert set(said) >= {
        "name",
        "about",
        "unknown",
        "title[1]",
        "row.case",
        "row.at",
        "read.formats",
        "read.flags[0]",
        "status.words.B",
        "status.words.C.reason",
        "status.words.C.court",
        "status.words.D",
        "priority.words.2",
        "matrix.cells.high.high",
        "matrix.assume",
        "impact.column",
        "figures.reopend",
    }


def test_a_wrong_format_is_told_with_its_place() -> None:
    with pytest.raises(PolicyError, match=r"read\.formats\[1\]: %q is not known"):
        parse({**DATA, "read": {"formats": [DAY, "%q"]}})


def test_priorities_are_translated() -> None:
    words = {"1 - Critical": "P1", "5 - Planning": "P5"}
    made = mapping(priority={"column": "extra", "words": words})
    assert Case(made.bind(HEADER)).row(extra="5 - Planning").fields["priority"] == "P5"


def test_a_title_may_be_one_column_and_a_zone_utc() -> None:
    made = mapping(title="kind", read={"zone": "Europe/Berlin"})
    assert made.title == ("kind",)
    assert made.dialect.zone == ZoneInfo("Europe/Berlin")
    assert made.columns()[:3] == ("no", "at", "by")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda x: (
            st.lists(x, max_size=3)
            | st.dictionaries(st.sampled_from([*DATA, "x", "words", "state"]), x, max_size=4)
        ),
        max_leaves=20,
    )
)
def test_any_data_is_a_mapping_or_gives_problems(data: Any) -> None:
    problems: tuple[tuple[str, str], ...] = ()
    made = None
    try:
        made = parse(data)
    except PolicyError as refused:
        problems = refused.problems
    assert bool(problems) is (made is None)
