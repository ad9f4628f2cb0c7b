"""Commands whose fields are of their types, told from those that only look like it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import Any

import attrs
import pytest

from incidentkit.errors import InvalidValue, LimitExceeded
from incidentkit.model import fitting
from incidentkit.model.checks import to_map, to_optional_map, to_optional_tuple, to_tuple
from incidentkit.model.custody_changes import Redact
from incidentkit.model.fact_changes import AssertFact
from incidentkit.model.findings_changes import RecordDecision
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.impact_changes import AssessImpact
from incidentkit.model.incident_commands import Command, Declare, Edit, Notify, Start, Watch
from incidentkit.model.problem import RaiseProblem
from incidentkit.model.reaction_commands import Mirror, PageSooner
from incidentkit.model.scope_changes import SetLabel, StateAspect
from incidentkit.timing.instants import as_utc

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def odd(value: object) -> Any:
    """A value that type checkers let pass, as a host without one may hand it over."""
    return value


class Word(StrEnum):
    """A text that is of a class of its own."""

    OPEN = "open"


@pytest.mark.parametrize(
    "command",
    [
        Start("INC-1", if_version=3),
        Declare("Down", labels={"team": "db"}, priority="P1", occurred_at=NOON),
        Edit("INC-1", title=Word.OPEN),
        Notify("INC-1", "board", next_update_in=timedelta(hours=1)),
        RecordDecision("INC-1", options=["yes", Word.OPEN], facts=iter(("F1",))),
        AssessImpact("INC-1", "data", count=fitting.LARGEST),
        AssertFact("INC-1", "rows", ("a", "b")),
        Redact("INC-1", seqs=[3]),
        PageSooner("INC-1", NOON),
    ],
    ids=lambda command: type(command).__name__,
)
def test_what_fits_is_let_through(command: Command) -> None:
    fitting.check(command)
    fitting.check(command)


@pytest.mark.parametrize(
    ("command", "field", "problem"),
    [
        (Start("INC-1", if_version=True), "if_version", "must be a whole number, not bool"),
        (Start("INC-1", if_version=odd("3")), "if_version", "must be a whole number, not str"),
        (Declare("x", if_version=1), "if_version", "declare begins a record"),
        (Declare("x", labels=odd(None)), "labels", "must be names with their texts"),
        (Declare("x", labels=odd(FrozenMap({"a": 1}))), "labels.a", "must be text, not int"),
        (Declare("x", labels={"a" * 257: ""}), "labels", "has 257 characters"),
        (Edit("INC-1", title=odd(5)), "title", "must be text, not int"),
        (Edit("INC-1", title="a\0"), "title", "contains a NUL character"),
        (Watch("INC-1", stop=odd(None)), "stop", "must be True or False, not NoneType"),
        (RecordDecision("INC-1", options=odd(5)), "options", "must be several values in a tuple"),
        (RecordDecision("INC-1", options={"a": "b"}), "options", "must be several values"),
        (RecordDecision("INC-1", facts=odd(b"F1")), "facts", "not bytes"),
        (SetLabel("INC-1", "red", compartments=odd(("a", 5))), "compartments", "text, not int"),
        (AssessImpact("INC-1", "data", count=odd(1.5)), "count", "a whole number, not float"),
        (StateAspect("INC-1", "privacy", fields=odd("x")), "fields", "not str"),
        (PageSooner("INC-1", datetime(2026, 3, 1)), "at", "aware datetime in UTC"),  # noqa: DTZ001
        (PageSooner("INC-1", odd("noon")), "at", "aware datetime in UTC, not str"),
        (Mirror("INC-1", odd("a link"), True), "link", "must be Link, not str"),
    ],
)
def test_what_does_not_fit_is_refused(command: Command, field: str, problem: str) -> None:
    with pytest.raises(InvalidValue) as raised:
        fitting.check(command)
    assert raised.value.field == field
    assert problem in raised.value.problem


def test_a_value_of_a_derived_class_fits() -> None:
    class Span(timedelta):
        """A length of time that says more of itself."""

    command = Notify("INC-1", "board", next_update_in=timedelta(hours=1))
    object.__setattr__(command, "next_update_in", Span(hours=1))
    fitting.check(command)


def test_limits_are_told_as_limits() -> None:
    for command in (
        AssessImpact("INC-1", "data", count=fitting.LARGEST + 1),
        Declare("x", labels={str(n): "" for n in range(257)}),
    ):
        with pytest.raises(LimitExceeded):
            fitting.check(command)


def test_a_word_that_came_past_its_converter_is_refused() -> None:
    """Such as one that was set by force, or that a class without the converter declares."""

    @attrs.frozen
    class Worded(Command):
        word: Word

    fitting.check(Worded("INC-1", Word.OPEN))
    with pytest.raises(InvalidValue, match="word: must be one of open, not str"):
        fitting.check(Worded("INC-1", odd("open")))


@pytest.mark.parametrize("hint", [int | str, tuple[int, str], int | str | None, dict[str, str]])
def test_a_class_with_a_type_that_no_command_can_have_is_named(hint: Any) -> None:
    odd = attrs.make_class("Odd", {"what": attrs.field(type=hint)}, bases=(Command,), frozen=True)
    with pytest.raises(TypeError, match=r"Odd.what: .* is a type that no command can have"):
        fitting.check(odd("INC-1", 5))


def test_collections_are_converted_and_nothing_else() -> None:
    assert to_tuple({"a": 1}.keys()) == ("a",)
    assert to_tuple(odd("abc")) == odd("abc")
    assert to_optional_tuple(None) is None
    assert to_optional_tuple(["a"]) == ("a",)
    known = FrozenMap({"a": "b"})
    assert to_map(known) is known
    assert type(to_map({"a": "b"})) is FrozenMap
    assert to_optional_map(None) is None
    assert to_optional_map({"a": "b"}) == known
    pairs = odd([("a", "b")])
    assert to_map(pairs) is pairs


def test_the_incidents_of_a_problem_are_references() -> None:
    assert RaiseProblem("Pool", incidents=["INC-1", "INC-1"]).incidents == ("INC-1",)
    for wrong in (None, 5, {"INC-1": 1}):
        with pytest.raises(InvalidValue, match="incidents: must be several references"):
            RaiseProblem("Pool", incidents=odd(wrong))


def test_a_time_of_day_is_no_instant_though_it_has_a_zone() -> None:
    with pytest.raises(InvalidValue, match="from_at: must be an aware datetime, not time"):
        as_utc(odd(time(12, tzinfo=timezone(timedelta(hours=1)))), "from_at")
