"""Every cell of the default matrix, what is unknown, and matrices that cannot be used."""

from __future__ import annotations

import itertools

import attrs
import pytest

from incidentkit.errors import InvalidValue
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.words import Priority
from incidentkit.policy.load import default_policy
from incidentkit.rules.prioritise import Matrix, prioritise
from incidentkit.rules.rerun import rerun

MATRIX = default_policy().matrix
# impact \ urgency   high  medium  low  unknown; ? marks a provisional one
CELLS = """
high     P1  P2  P3  P2?
medium   P2  P3  P4  P3?
low      P3  P4  P5  P4?
unknown  P2? P3? P4? P3?
"""
LEVELS = ("high", "medium", "low", "unknown")
ROWS = [
    (row.split()[0], urgency, cell)
    for row in CELLS.strip().splitlines()
    for urgency, cell in zip(LEVELS, row.split()[1:], strict=True)
]


def test_all_pairs_are_here() -> None:
    assert {row[:2] for row in ROWS} == set(itertools.product(LEVELS, LEVELS))


@pytest.mark.parametrize(("impact", "urgency", "cell"), ROWS)
def test_cell(impact: str, urgency: str, cell: str) -> None:
    drawn = prioritise(impact, urgency, MATRIX, "abc")
    assert drawn.priority is Priority(cell.rstrip("?"))
    assert drawn.provisional is cell.endswith("?")
    unknown = {"impact": impact, "urgency": urgency}
    assert drawn.reason.unknowns == tuple(k for k, v in unknown.items() if v == "unknown")
    assert drawn.reason.policy == "abc"
    assert rerun(drawn.reason) == drawn.reason.outcome == cell.rstrip("?")


def test_what_is_unknown_is_assumed_as_the_host_says() -> None:
    careful = attrs.evolve(MATRIX, assume="high")
    assert prioritise("unknown", "unknown", careful).priority is Priority.P1
    assert prioritise("unknown", "low", careful).priority is Priority.P3


CLINIC = Matrix(
    "clinic",
    ("patients", "staff"),
    ("now", "later"),
    FrozenMap(
        {"patients/now": "P1", "patients/later": "P2", "staff/now": "P3", "staff/later": "P5"}
    ),
    "patients/later",
)


def test_scales_of_a_host_need_no_level_in_common() -> None:
    assert prioritise("unknown", "unknown", CLINIC).priority is Priority.P2
    assert prioritise("unknown", "now", CLINIC).priority is Priority.P1
    assert prioritise("staff", "unknown", CLINIC).priority is Priority.P5


@pytest.mark.parametrize("field", ["impact", "urgency"])
def test_a_level_off_the_scale_is_refused_naming_the_scale(field: str) -> None:
    levels = {"impact": "high", "urgency": "high", field: "huge"}
    wanted = f"{field}: 'huge' is none of high, medium, low, unknown"
    with pytest.raises(InvalidValue, match=wanted):
        prioritise(levels["impact"], levels["urgency"], MATRIX)
    assert MATRIX.check(field, "unknown") == "unknown"
    assert CLINIC.check("impact", "staff") == "staff"
    with pytest.raises(InvalidValue):
        CLINIC.check("urgency", "staff")


def test_a_matrix_with_everything_wrong_names_all_of_it() -> None:
    cells = FrozenMap({"a/x": "P9", "b/x": "P1", "c/x": "P1"})
    with pytest.raises(InvalidValue) as caught:
        Matrix("bad", ("a", "b", "unknown", "", " d", "e/f"), ("x", "y"), cells, "z")
    told = str(caught.value)
    assert told.startswith("matrix bad: ")
    for wrong in (
        "'unknown' cannot name a level",
        "'' cannot name a level",
        "' d' cannot name a level",
        "'e/f' cannot name a level",
        "has no priority for  d/x,  d/y, /x, /y, a/y, b/y, e/f/x, e/f/y, unknown/x, unknown/y",
        "outside its scales: c/x",
        "a/x: 'P9' is none of P1..P5",
        "assume 'z' is no level of both scales, nor impact/urgency",
    ):
        assert wrong in told


@pytest.mark.parametrize("assume", ["patients", "now", "now/patients", "patients/", "/now", ""])
def test_what_is_assumed_lies_on_the_scales(assume: str) -> None:
    with pytest.raises(InvalidValue, match="is no level of both scales"):
        attrs.evolve(CLINIC, assume=assume)
