"""No field of any command takes a value of another type: it is refused, and nothing is changed.

Guarded here: whatever the host hands over, the journal and the records stay as they were and can
be read, and the error is the caller's and names the field.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta, timezone
from enum import Enum
from types import UnionType
from typing import Any, Final, Union, cast, get_args, get_origin, get_type_hints

import attrs
import pytest

import incidentkit as ik
from incidentkit.errors import CallerError, InvalidValue
from incidentkit.flows.kinds import BY_NAME
from incidentkit.model.frozen import FrozenMap
from tests.desk.test_commands import CASES, opened
from tests.flows import world

Open = Callable[..., Any]

VALUES: Final[tuple[object, ...]] = (
    None, True, 0, 7, 2**70, 1.5, "", "yes", "a=b", "a\0b", "\ud800", b"yes", object(), Exception,
    [], ["a"], ["a", 5], (), ("a",), ("a", 5), ("a\0b",), {"a"}, {}, {"a": "b"}, {"a": 1}, {1: "a"},
    {"a": None}, FrozenMap({"a": 1}), FrozenMap({"a": "\ud800"}), FrozenMap({"a": {"b": "c"}}),
    datetime(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC).date(), time(12, tzinfo=UTC),  # noqa: DTZ001
    time(12, tzinfo=timezone(timedelta(hours=1))), timedelta(hours=1), ik.State, ik.State.RESOLVED,
    ik.Priority.P1, iter(()),
)  # fmt: skip


def odd(value: object) -> Any:
    """A value that type checkers let pass, as a host without one may hand it over."""
    return value


def fits(hint: Any, value: Any) -> bool:
    """Whether a value may stand in a field: said once more, and more slowly, than in the source."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(fits(each, value) for each in args)
    if origin is tuple:
        return isinstance(value, tuple) and all(
            fits(args[0], each) for each in cast("tuple[object, ...]", value)
        )
    if origin is FrozenMap:
        return isinstance(value, FrozenMap) and all(
            fits(args[0], k) and fits(args[1], v)
            for k, v in cast("dict[object, object]", value).items()
        )
    if hint is str:
        return isinstance(value, str) and "\0" not in value and "\ud800" not in value
    if hint is int:
        return type(value) is int and abs(value) < 2**63
    if hint is datetime:
        return isinstance(value, datetime) and value.tzinfo is UTC
    if hint is object:  # any value of a fact, converted where the command is made
        return True
    if isinstance(hint, type) and issubclass(hint, Enum | bool):
        return type(value) is hint
    return isinstance(value, hint)


def everything(desk: Any) -> list[Any]:
    """Every record there is, and what is journalled of it."""
    found = [each for kind in BY_NAME.values() for each in world.records(desk, kind)]
    return [(each, desk.journal(each)) for each in found if hasattr(each, "ref")]


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
def test_a_value_of_another_type_is_refused(open_desk: Open, kind: type[ik.Command]) -> None:
    desk = opened(open_desk)
    CASES[kind].before(desk)
    command = CASES[kind].make(desk)
    hints = get_type_hints(kind, localns={"Plain": object})
    before, refused = everything(desk), 0
    for field in attrs.fields(kind):
        for value in VALUES:
            try:
                changed: dict[str, Any] = {field.name: value}
                made = attrs.evolve(command, **changed)
            except CallerError:
                refused += 1
                continue
            if fits(hints[field.name], getattr(made, field.name)):
                continue
            with pytest.raises(InvalidValue) as raised:
                desk.execute(made)
            assert raised.value.field.partition(".")[0] == field.name, (field.name, value)
            refused += 1
    assert refused > len(VALUES) // 2
    assert everything(desk) == before
    assert desk.execute(command, by="ana") is not None, "as it was, it is carried out"


WRONG: dict[str, tuple[Callable[[Any], object], str]] = {
    "labels of a problem": (
        lambda d: d.execute(ik.RaiseProblem("Pool", incident="INC-1", labels=odd({"build": 412}))),
        "labels.build: must be text, not int",
    ),
    "labels edited": (
        lambda d: d.execute(ik.EditProblem("PRB-1", labels=odd("a=b"))),
        "labels: must be names with their texts",
    ),
    "a bare text": (
        lambda d: d.execute(ik.RecordDecision("INC-1", "Fail over?", "yes", options="yes")),
        "options: must be several values in a tuple, such as (x,), not str",
    ),
    "a flag in words": (
        lambda d: d.execute(ik.Watch("INC-1", stop=odd("no"))),
        "stop: must be True or False, not str",
    ),
    "true as a number": (
        lambda d: d.execute(ik.AssessImpact("INC-1", "data", "major", count=True)),
        "count: must be a whole number, not bool",
    ),
    "no priority": (
        lambda d: d.execute(ik.Prioritise("INC-1", priority="auto", reason="x")),
        "priority: 'auto' is none of P1, P2, P3, P4, P5",
    ),
    "no priority, by its method": (
        lambda d: d.declare("x", priority=[]),
        "priority: '[]' is none of P1, P2, P3, P4, P5",
    ),
    "no moment": (
        lambda d: ik.Correct("INC-1", "ocurred", d.ports.now(), "r"),
        "moment: 'ocurred' is none of occurred, detected",
    ),
    "no kind of link": (
        lambda d: ik.LinkTo("INC-1", kind="caused", target="INC-2"),
        "kind: 'caused' is none of",
    ),
    "no kind of follow-up": (
        lambda d: ik.AddFollowUp("REV-1", "x", kind="some"),
        "kind: 'some' is none of",
    ),
    "no outcome": (
        lambda d: d.resolve("INC-1", code="fixed", remedy="x", outcome="fine"),
        "outcome: 'fine' is none of actual, near_miss",
    ),
    "labels in a list": (lambda d: d.declare("x", labels=["a"]), "labels: must be names"),
    "labels empty in a list": (lambda d: d.declare("x", labels=[]), "labels: must be names"),
    "labels edited by method": (lambda d: d.edit("INC-1", labels="a=b"), "labels: must be names"),
    "incidents": (
        lambda d: ik.RaiseProblem("x", incidents=odd(None)),
        "incidents: must be several references",
    ),
    "headers": (
        lambda d: d.receive("alertmanager", b"{}", headers=[("a", "b")]),
        "headers: must be names with their values, not list",
    ),
    "headers of a request at hand": (
        lambda d: d.receive("alertmanager", ik.SourceRequest(b"{}", odd({"a": 5}))),
        "headers.a: must be text, not int",
    ),
    "a source": (lambda d: d.receive([], b"{}"), "source: must be text, not list"),
    "a request id": (
        lambda d: d.start("INC-1", request=7),
        "request: must be text, not int",
    ),
    "a header": (
        lambda d: d.receive("alertmanager", b"{}", headers={"a": b"b"}),
        "headers.a: must be text, not bytes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_the_refusal_says_which_field_and_what_it_needs(open_desk: Open, name: str) -> None:
    desk = opened(open_desk)
    before = everything(desk)
    attempt, message = WRONG[name]
    with pytest.raises(InvalidValue) as raised:
        attempt(desk)
    assert message in str(raised.value)
    assert everything(desk) == before


BEGINNING = (ik.Declare, ik.RaiseProblem, ik.PlanMaintenance, ik.SilenceAlerts, ik.OpenReview)


@pytest.mark.parametrize("kind", BEGINNING, ids=lambda kind: kind.__name__)
def test_what_does_not_exist_yet_has_no_version(open_desk: Open, kind: type[ik.Command]) -> None:
    desk = opened(open_desk)
    CASES[kind].before(desk)
    command = attrs.evolve(CASES[kind].make(desk), if_version=5)
    with pytest.raises(InvalidValue, match=r"if_version: .* has no version yet; leave it out"):
        desk.execute(command)


def test_other_collections_are_taken_for_what_they_hold(open_desk: Open) -> None:
    """A list of texts and a plain dict are what people have at hand."""
    desk = opened(open_desk)
    command = ik.RecordDecision("INC-1", "Fail over?", "yes", "slow", options=["yes", "no"])
    found = desk.execute(command)
    assert desk.incident(found).dossier.findings.decisions[-1].options == ("yes", "no")
    problem = desk.execute(ik.RaiseProblem("Pool", labels={"build": "412"}))
    assert desk.get(problem).labels == FrozenMap({"build": "412"})
    assert desk.execute(ik.EditProblem(problem.ref, labels={})).labels == {}


def test_what_automation_asks_for_is_held_to_the_same(open_desk: Open) -> None:
    from incidentkit.rules.bind import Action

    action = Action("edit", FrozenMap({"title": "$incident.title"}))
    assert action.command("INC-1", {"incident": {"title": "Down"}}) == ik.Edit("INC-1", "Down")
    with pytest.raises(InvalidValue, match="title: contains a NUL"):
        action.command("INC-1", {"incident": {"title": "a\0b"}})
