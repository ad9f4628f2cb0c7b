"""Rows of every kind: columns, tallies, schemas and upcasters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.codec import KINDS, SPECS, choose, kinds
from incidentkit.codec.choice import Codec
from incidentkit.codec.damage import DamagedRecord
from incidentkit.codec.kinds import UPCASTERS, StoredKind
from incidentkit.codec.signature import beat_signature, signature
from incidentkit.errors import SchemaTooNew
from incidentkit.flows import kinds as names
from incidentkit.flows.effects import Kind
from incidentkit.model.clock import Clock
from incidentkit.model.dossier import Dossier
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.replayed import Replayed
from incidentkit.model.words import ClockState, MaintenanceState, Moment, State
from incidentkit.ports.rows import ColumnType, Put, Row, Tally
from incidentkit.timing.instants import to_micros
from tests.codec import examples, strategies
from tests.codec.same import same

CODECS = [choose("json"), choose("msgspec")]
codecs = pytest.mark.parametrize("codec", CODECS, ids=lambda each: each.name)

TYPES = {
    ColumnType.TEXT: str,
    ColumnType.BOOL: bool,
    ColumnType.INSTANT: int,
    ColumnType.INT64: int,
}
NOW = to_micros(examples.LATER)


def clock(state: ClockState, due: datetime | None) -> Clock:
    return Clock("resolve", state, examples.AT, due)


HEAD = "ab" * 16


def put(kind: str, value: Any, **more: Any) -> Put:
    return kinds.to_put(kind, value, value.version, HEAD, value.version - 1, NOW, **more)


def columns(kind: str, value: Any) -> dict[str, object]:
    row = put(kind, value).row
    return dict(zip((each.name for each in KINDS[kind].spec.columns), row.columns, strict=True))


# --- rows ---------------------------------------------------------------------------------------


def test_the_kinds_are_those_that_flows_name() -> None:
    named = {each.name: each for each in vars(names).values() if isinstance(each, Kind)}
    assert {name: stored.kind for name, stored in KINDS.items()} == named
    assert [spec.name for spec in SPECS] == list(KINDS)
    assert [spec.name for spec in SPECS if spec.touchable] == ["alert", "heartbeat"]


@codecs
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_rows_come_back(kind: str, codec: Codec, data: st.DataObject) -> None:
    value = data.draw(strategies.stored(kind))
    if kind == "alert":
        last = data.draw(st.none() | strategies.recent)
        value = attrs.evolve(value, seen=data.draw(st.integers(1, 10**9)), last_at=last)
    made = codec.to_put(kind, value, value.version, HEAD, 3, NOW)
    row = made.row
    assert made.expected == 3
    assert (row.kind, row.id, row.version, row.schema, row.head) == (
        kind,
        value.id,
        value.version,
        1,
        HEAD,
    )
    for column, held in zip(KINDS[kind].spec.columns, row.columns, strict=True):
        assert type(held) is TYPES[column.type], column
    assert row.columns[-1] == NOW
    assert (row.tally is not None) == KINDS[kind].spec.touchable
    for each in CODECS:
        assert same(each.from_row(row), value)


@codecs
@pytest.mark.parametrize("kind", KINDS)
def test_the_version_comes_from_the_row(kind: str, codec: Codec) -> None:
    value = examples.KINDS[kind][0]
    row = codec.to_put(kind, value, 41, HEAD, 40, NOW).row
    assert row.version == 41
    assert same(codec.from_row(row), attrs.evolve(value, version=41))


def test_the_columns_of_an_incident() -> None:
    value = examples.KINDS["incident"][0]
    assert columns("incident", value) == {
        "private": False,
        "level": 0,
        "compartments": "",
        "ref": "INC-1",
        "state": "on_hold",
        "active": True,
        "priority": "P1",
        "service": "checkout",
        "assignee": "ana",
        "owner": "shop",
        "response": "acknowledged",
        "candidate": True,
        "team": "",
        "category": "",
        "major": "none",
        "outcome": "near_miss",
        "court": value.course.holds[-1].court,
        "due_at": 0,
        "resolved_at": 0,
        "declared_at": to_micros(examples.AT),
        "wakes_at": NOW,
        "changed_at": NOW,
    }
    imported = attrs.evolve(value, more=Dossier(replayed=Replayed("log", "1", 1, examples.AT)))
    assert columns("incident", imported)["wakes_at"] == 0, "it is asleep"


@pytest.mark.parametrize(
    ("clocks", "expected"),
    [
        ((), 0),
        ((clock(ClockState.RUNNING, examples.LATER), clock(ClockState.PAUSED, None)), NOW),
        ((clock(ClockState.PAUSED, None), clock(ClockState.STOPPED, examples.AT)), 0),
    ],
)
def test_when_an_incident_is_due_next(clocks: tuple[Clock, ...], expected: int) -> None:
    value = attrs.evolve(examples.KINDS["incident"][0], clocks=clocks)
    assert columns("incident", value)["due_at"] == expected


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ({}, None),
        ({Moment.REPORTED: examples.LATER}, NOW),
        ({Moment.REPORTED: examples.AT, Moment.DECLARED: examples.LATER}, NOW),
        ({Moment.OCCURRED: examples.AT}, None),
    ],
)
def test_when_an_incident_counts_as_declared(
    moments: dict[Moment, Any], expected: int | None
) -> None:
    value = examples.KINDS["incident"][0]
    if expected is None:  # a candidate that nobody reported
        expected = to_micros(value.life.since)
    course = attrs.evolve(value.course, moments=FrozenMap(moments))
    assert columns("incident", attrs.evolve(value, course=course))["declared_at"] == expected


def test_the_court_is_named_while_it_waits() -> None:
    value = examples.KINDS["incident"][0]
    assert columns("incident", value)["court"] != ""
    working = attrs.evolve(value, life=attrs.evolve(value.life, state=State.IN_PROGRESS))
    assert columns("incident", working)["court"] == ""
    nowhere = attrs.evolve(value, course=attrs.evolve(value.course, holds=()))
    assert columns("incident", nowhere)["court"] == ""


def test_the_columns_of_the_other_kinds() -> None:
    found = {name: columns(name, examples.KINDS[name][0]) for name in KINDS if name != "incident"}
    assert {found[name].pop("changed_at") for name in found} == {NOW}
    assert found == {
        "problem": {
            "ref": "PRB-7",
            "state": "verifying",
            "service": "checkout",
            "owner": "bo",
            "category": "capacity",
            "origin": "",
            "team": "",
            "priority": "P3",
            "known_error": False,
            "wakes_at": to_micros(examples.LATER),
        },
        "alert": {
            "source": "alertmanager",
            "status": "firing",
            "severity": "critical",
            "service": "checkout",
            "incident": "01I",
            "held": "",
        },
        "capture": {"source": "alertmanager"},
        "change": {"service": "checkout"},
        "heartbeat": {"silent": True, "wakes_at": 0},
        "delivery": {
            "subject": "incident/01I",
            "party": "ana",
            "channel": "sms",
            "state": "sent",
        },
        "review": {
            "ref": "REV-1",
            "state": "in_review",
            "incident": "01I",
            "owner": "ana",
            "open_items": False,
            "due_at": 0,
            "wakes_at": 0,
        },
        "adoption": {},
        "seal": {},
        "maintenance": {
            "ref": "MNT-1",
            "state": "verifying",
            "over": False,
            "priority": "elevated",
            "owner": "ana",
            "team": "databases",
            "starts_at": to_micros(examples.AT),
            "ends_at": to_micros(examples.LATER),
            "wakes_at": to_micros(examples.AT),
        },
        "silence": {
            "ref": "SIL-1",
            "state": "ended",
            "owner": "ana",
            "until": to_micros(examples.LATER),
            "wakes_at": to_micros(examples.LATER),
        },
        "suppressions": {},
        "report": {"ref": "REP-4", "incident": "01I", "reporter": "cy", "state": "rejected"},
        "admission": {"party": "legal", "incident": "01I"},
        "readings": {"subject": "incident/01I"},
        "ticket": {
            "system": "helpdesk",
            "key": "HD-17",
            "mode": "shadow",
            "incident": "01I",
            "detached": True,
        },
        "last_good": {},
    }


def test_the_columns_of_what_few_may_see() -> None:
    found = columns("incident", examples.KINDS["incident"][-1])
    assert (found["private"], found["level"], found["compartments"]) == (True, 4, "legal,patients")
    open_ = columns("incident", examples.KINDS["incident"][0])
    assert (open_["private"], open_["level"], open_["compartments"]) == (False, 0, "")


def test_the_columns_of_what_is_over_or_held() -> None:
    over = attrs.evolve(examples.KINDS["maintenance"][0], state=MaintenanceState.ROLLED_BACK)
    assert columns("maintenance", over)["over"] is True
    assert columns("alert", examples.KINDS["alert"][1])["held"] == "maintenance/01M"


def test_a_heartbeat_wakes_when_its_next_sign_is_missing() -> None:
    silent = examples.KINDS["heartbeat"][0]
    alive = attrs.evolve(silent, silent=False, last_at=examples.AT)
    assert columns("heartbeat", alive)["wakes_at"] == to_micros(examples.AT + silent.beat.every)


def test_a_value_of_another_class_is_refused() -> None:
    with pytest.raises(TypeError, match="kind problem is no Incident"):
        put("problem", examples.KINDS["incident"][0])


# --- tallies ------------------------------------------------------------------------------------


def test_a_put_adds_what_the_store_has_not_counted() -> None:
    value = attrs.evolve(examples.KINDS["alert"][0], seen=7, last_at=examples.LATER)
    first, later = put("alert", value), put("alert", value, counted=6)
    assert first.row.tally == Tally(signature(value.alert), 7, NOW)
    assert later.row.tally == Tally(signature(value.alert), 1, NOW)
    assert first.row.body == later.row.body == put("alert", examples.KINDS["alert"][0]).row.body


def test_the_tally_of_the_row_wins() -> None:
    row = put("alert", examples.KINDS["alert"][0]).row
    touched = attrs.evolve(row, tally=Tally(0, 99, NOW))
    value = kinds.from_row(touched)
    assert (value.seen, value.last_at, value.version) == (99, examples.LATER, 4)
    untouched = kinds.from_row(attrs.evolve(row, tally=Tally(0, 1, 0), version=5))
    assert (untouched.seen, untouched.last_at, untouched.version) == (1, None, 5)
    assert kinds.from_row(attrs.evolve(row, tally=None, version=6)).version == 6


def test_a_heartbeat_takes_its_last_sign_of_life_from_the_tally() -> None:
    value = examples.KINDS["heartbeat"][0]
    row = put("heartbeat", value).row
    assert row.tally == Tally(beat_signature(value.beat), 0, NOW)
    again = put("heartbeat", attrs.evolve(value, silent=False, last_at=examples.AT)).row
    assert again.tally == Tally(beat_signature(value.beat), 1, to_micros(examples.AT))
    heard = kinds.from_row(attrs.evolve(again, version=8, tally=Tally(0, 5, NOW)))
    assert same(heard, attrs.evolve(value, silent=False, version=8))
    for tally in (None, Tally(0, 1, 0)):
        read = kinds.from_row(attrs.evolve(again, tally=tally))
        assert (read.version, read.last_at) == (2, examples.AT)


# --- schemas ------------------------------------------------------------------------------------


@codecs
def test_a_newer_schema_is_refused(codec: Codec) -> None:
    row = put("seal", examples.KINDS["seal"][0]).row
    with pytest.raises(SchemaTooNew, match="seal has schema 2, this incidentkit knows up to 1"):
        codec.from_row(attrs.evolve(row, schema=2))


@codecs
def test_an_unknown_kind_is_refused(codec: Codec) -> None:
    with pytest.raises(SchemaTooNew, match="'odd'"):
        codec.from_row(Row("odd", "1", 1, 1, "", (), "{}"))


@pytest.fixture
def third_schema(monkeypatch: pytest.MonkeyPatch) -> StoredKind:
    """Seals as if they had reached schema 3 by two changes."""
    old = KINDS["seal"]
    place = "incidentkit.model.adoption:Seal"
    stored = StoredKind(old.kind, place, old.spec.columns, old.columns, schema=3)
    monkeypatch.setitem(kinds.KINDS, "seal", stored)

    def renamed(document: dict[str, Any]) -> dict[str, Any]:
        document["sealed"] = document.pop("until")
        return document

    def prefixed(document: dict[str, Any]) -> dict[str, Any]:
        return {"id": document["id"], "version": 0, "sealed_until": document["sealed"]}

    monkeypatch.setitem(UPCASTERS, ("seal", 1), renamed)
    monkeypatch.setitem(UPCASTERS, ("seal", 2), prefixed)
    return stored


@codecs
def test_older_schemas_are_lifted_step_by_step(codec: Codec, third_schema: StoredKind) -> None:
    value = examples.KINDS["seal"][0]
    first = '{"id":"seal","until":"2026-03-01T03:45:06.700008Z"}'
    second = '{"id":"seal","sealed":"2026-03-01T03:45:06.700008Z"}'
    for schema, body in ((1, first), (2, second)):
        assert same(codec.from_row(Row("seal", "seal", 5, schema, "", (0,), body)), value)
    row = codec.to_put("seal", value, 5, HEAD, 4, NOW).row
    assert row.schema == third_schema.schema == 3
    assert same(codec.from_row(row), value)


@codecs
@pytest.mark.usefixtures("third_schema")
def test_what_cannot_be_lifted_is_damaged(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(schema: int, body: str) -> None:
        codec.from_row(Row("seal", "seal", 5, schema, "", (0,), body))

    for body in ("[]", "{}", "null", "1"):
        with pytest.raises(DamagedRecord, match="schema 1 cannot be lifted"):
            read(1, body)
    with pytest.raises(DamagedRecord, match=r"at \$\.sealed_until"):
        read(2, '{"id":"seal","sealed":"noon"}')
    with pytest.raises(DamagedRecord, match="nothing leads from schema 0"):
        read(0, "{}")
    monkeypatch.delitem(UPCASTERS, ("seal", 2))
    with pytest.raises(DamagedRecord, match="nothing leads from schema 2"):
        read(1, '{"id":"seal","until":"2026-03-01T03:45:06.700008Z"}')
