"""Words and small values: closed sets print as themselves, links turn round, records answer."""

from __future__ import annotations

import enum
import inspect
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from incidentkit.errors import InvalidValue
from incidentkit.ids import IncidentId, PolicyHash, ProblemId
from incidentkit.model import (
    adoption,
    alert,
    clock,
    delivery,
    incident,
    incident_commands,
    incident_events,
    journal,
    people,
    problem,
    reason,
    signals,
    words,
)
from incidentkit.model.adoption import AdoptedVersion, Adoption
from incidentkit.model.clock import Clock
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Card, Incident, Life, Rating
from incidentkit.model.journal import Event
from incidentkit.model.people import People, RoleAssignment
from incidentkit.model.problem import Problem
from incidentkit.model.reason import Reason, sentence, show
from incidentkit.model.words import (
    ACTIVE,
    CancelReason,
    ClockState,
    LinkKind,
    Moment,
    Priority,
    ProblemState,
    State,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MODULES = (
    adoption,
    alert,
    clock,
    delivery,
    incident,
    incident_commands,
    incident_events,
    journal,
    people,
    problem,
    reason,
    signals,
)
VALUES = sorted(
    {
        value
        for module in MODULES
        for value in vars(module).values()
        if inspect.isclass(value) and attrs.has(value) and value.__module__ == module.__name__
    },
    key=lambda value: value.__qualname__,
)
ENUMS = [x for x in vars(words).values() if inspect.isclass(x) and issubclass(x, enum.Enum)]


@pytest.mark.parametrize("value", VALUES, ids=lambda x: x.__name__)
def test_every_value_is_frozen_and_slotted(value: Any) -> None:
    blank = value.__new__(value)
    for name in [field.name for field in attrs.fields(value)]:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(blank, name, 1)
    assert not hasattr(blank, "__dict__")


@pytest.mark.parametrize("words_", [x for x in ENUMS if x.__members__], ids=lambda x: x.__name__)
def test_every_word_prints_as_itself_and_comes_back(words_: Any) -> None:
    assert issubclass(words_, enum.StrEnum)
    for word in words_:
        assert str(word) == word.value == f"{word}"
        assert words_(word.value) is word
        assert pickle.loads(pickle.dumps(word)) is word


def test_the_states_are_these() -> None:
    assert [*State] == (
        [
            "new",
            "triaged",
            "in_progress",
            "on_hold",
            "mitigated",
            "observing",
            "resolved",
            "closed",
            "cancelled",
        ]
    )
    assert set(State) - ACTIVE == {State.RESOLVED, State.CLOSED, State.CANCELLED}


@pytest.mark.parametrize("kind", LinkKind)
def test_the_inverse_of_the_inverse_is_the_link(kind: LinkKind) -> None:
    assert kind.inverse.inverse is kind
    assert (kind.inverse is kind) is (kind in (LinkKind.RELATED, LinkKind.SAME_EVENT_AS))


def test_priorities_have_their_words() -> None:
    found = {priority.value: priority.label for priority in Priority}
    assert found == {
        "P1": "critical",
        "P2": "high",
        "P3": "medium",
        "P4": "low",
        "P5": "planning",
    }


def test_what_is_said_by_a_word_may_be_given_as_text() -> None:
    assert incident_commands.Cancel("x", "duplicate").reason is CancelReason.DUPLICATE
    assert incident_commands.LinkTo("x", "related", "INC-2").kind is LinkKind.RELATED
    assert incident_commands.Declare("x", priority="P1").priority is Priority.P1
    assert incident_commands.Resolve("x", outcome="near_miss").outcome is words.Outcome.NEAR_MISS
    with pytest.raises(InvalidValue, match="reason: 'huge' is none of withdrawn, duplicate"):
        incident_commands.Cancel("x", "huge")


# --- events ---------------------------------------------------------------------------------------


def test_events_without_fields_are_equal_by_kind() -> None:
    assert incident_events.Started() == incident_events.Started()
    assert incident_events.Started() != incident_events.Closed()
    assert incident_events.Started() != "started"
    assert len({incident_events.Started(), incident_events.Started(), Event()}) == 2


def test_events_with_fields_are_equal_by_content() -> None:
    one, other = incident_events.Noted("a"), incident_events.Noted("b")
    assert one == incident_events.Noted("a")
    assert one != other
    assert len({one, other, incident_events.Noted("a")}) == 2


# --- records --------------------------------------------------------------------------------------


def test_an_incident_answers_for_its_parts() -> None:
    ticking = Clock("resolve", ClockState.RUNNING, NOON, None)
    held = RoleAssignment("scribe", "bob", NOON, NOON)
    found = Incident(
        IncidentId("1"),
        "INC-1",
        1,
        Card("Checkout fails"),
        Rating(priority=Priority.P1),
        Life(State.NEW, NOON),
        People("ana", "bob", (held, RoleAssignment("scribe", "cem", NOON))),
        clocks=(ticking,),
    )
    assert (found.title, found.status, found.priority) == ("Checkout fails", "new", "P1")
    assert (found.assignee, found.active) == ("bob", True)
    assert found.moment(Moment.RESOLVED) is None
    assert found.clock("resolve") is ticking
    assert found.clock("acknowledge") is None
    assert found.people.holder("scribe") == "cem"
    assert found.people.holder("commander") is None
    assert pickle.loads(pickle.dumps(found)) == found
    closed = attrs.evolve(found, life=Life(State.CLOSED, NOON))
    assert not closed.active


def test_a_problem_answers_for_its_state() -> None:
    assert Problem(ProblemId("9"), "PRB-1", 1, "Leak", ProblemState.FIXING, NOON).status == "fixing"


def test_the_policy_in_force_is_the_latest_to_take_effect() -> None:
    hour = timedelta(hours=1)
    versions = tuple(
        AdoptedVersion(PolicyHash(name), NOON + when)
        for name, when in (("a", 0 * hour), ("b", 5 * hour), ("c", 2 * hour))
    )
    adopted = Adoption("adopted", 3, versions)

    def at(hours: int) -> str | None:
        found = adopted.in_force(NOON + hours * hour)
        return None if found is None else found.hash

    assert [at(x) for x in (-1, 0, 1, 2, 4, 5, 9)] == [None, "a", "a", "c", "c", "b", "b"]
    assert [x.hash for x in adopted.planned(NOON + hour)] == ["c", "b"]
    later = attrs.evolve(
        adopted, versions=(*versions, AdoptedVersion(PolicyHash("d"), NOON + 5 * hour))
    )
    found = later.in_force(NOON + 5 * hour)
    assert found is not None
    assert found.hash == "d", "of two for one instant the last adopted counts"
    assert [x.hash for x in later.planned(NOON)] == ["c", "d"]


# --- reasons --------------------------------------------------------------------------------------


def test_a_reason_is_a_sentence() -> None:
    inputs = FrozenMap[str, reason.Plain](
        {"impact": "high", "count": 2, "by_hand": True, "empty": "", "cells": FrozenMap()}
    )
    made = Reason("rule", 1, inputs, "P1", unknowns=("urgency", "service"))
    assert str(made) == "impact high, count 2 -> P1 (rule; unknown: urgency, service)"
    assert sentence(Reason("rule", 1, FrozenMap(), None)) == "no inputs -> nothing (rule)"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "nothing"),
        ((), "nothing"),
        (FrozenMap(), "nothing"),
        (("ana", "bob"), "ana, bob"),
        (FrozenMap({"impact": "high", "to": ("a", "b")}), "impact high, to a, b"),
        (True, "True"),
        (7, "7"),
    ],
)
def test_plain_data_for_people(value: reason.Plain, shown: str) -> None:
    assert show(value) == shown


@pytest.mark.parametrize("empty", ["", None])
def test_an_alert_without_a_key_is_refused(empty: Any) -> None:
    with pytest.raises(InvalidValue, match="key: must"):
        signals.Alert("s", empty, words.AlertStatus.FIRING, "Disk full", words.AlertSeverity.ERROR)
