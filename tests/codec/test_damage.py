"""Bodies that do not fit: found at their place, by both backends alike, and never let in."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.codec import choose
from incidentkit.codec.choice import Codec
from incidentkit.codec.damage import DamagedRecord, Misfit
from incidentkit.errors import Blame, SchemaTooNew, StoreError
from incidentkit.ports.rows import Entry, Row
from tests.codec import examples
from tests.codec.same import same

CODECS = [choose("json"), choose("msgspec")]
codecs = pytest.mark.parametrize("codec", CODECS, ids=lambda each: each.name)

INCIDENT = CODECS[0].to_put("incident", examples.KINDS["incident"][0], 9, "", 8, 0).row.body
NOTHING = object()


def row(body: str, kind: str = "incident", id: str = "01I") -> Row:  # noqa: A002
    return Row(kind, id, 9, 1, "", (), body)


def changed(body: str, path: tuple[str | int, ...], value: Any) -> str:
    document = json.loads(body)
    at = document
    for step in path[:-1]:
        at = at[step]
    if value is NOTHING:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return json.dumps(document)


DAMAGE = [
    (("ref",), 1, "$.ref", "expected text, got a whole number"),
    (("ref",), None, "$.ref", "expected text, got null"),
    (("ref",), NOTHING, "$.ref", "is missing"),
    (("version",), True, "$.version", "expected a whole number, got true or false"),
    (("version",), 1.5, "$.version", "got a fraction"),
    (("version",), 9.0, "$.version", "got a fraction"),
    (("card",), [], "$.card", "expected an object, got a list"),
    (("card", "title"), "", "$.card.title", "must not be empty"),
    (("card", "title"), "a\0b", "$.card.title", "NUL"),
    (("card", "service"), " ", "$.card.service", "is no name"),
    (("card", "labels"), [["a", "b"]], "$.card.labels", "expected an object, got a list"),
    (("card", "labels", "team"), 1, "$.card.labels.team", "expected text"),
    (("rating", "priority"), "P0", "$.rating.priority", "is none of P1, P2"),
    (("rating", "priority"), [], "$.rating.priority", "is none of P1, P2"),
    (("rating", "by_hand"), 1, "$.rating.by_hand", "expected true or false"),
    (("life", "since"), "2026-03-01", "$.life.since", "is not an ISO 8601 instant"),
    (("life", "since"), "2026-03-01T02:30:00", "$.life.since", "is not an ISO 8601"),
    (("life", "since"), 5, "$.life.since", "expected an instant, got a whole number"),
    (("course", "moments", "declared"), "noon", "$.course.moments.declared", "not an ISO 8601"),
    (("course", "moments", "invented"), "x", "$.course.moments.invented", "is none of"),
    (("clocks",), None, "$.clocks", "expected a list, got null"),
    (
        ("clocks", 0, "due_at"),
        "2026-13-01T02:30:00Z",
        "$.clocks[0].due_at",
        "month must be in 1..12",
    ),
    (("clocks", 0, "started_at"), "2026-03-01T02:30:00", "$.clocks[0].started_at", "not an ISO"),
    (("clocks", 0, "history", 1), "2026-03-01T02:30", "$.clocks[0].history[1]", "not an ISO 8601"),
    (("clocks", 0, "pauses", 0, "end"), "2020-01-01T00:00:00Z", "$.clocks[0].pauses[0]", "ends"),
    (("attention", "leases", 0), "ana", "$.attention.leases[0]", "expected an object"),
]


@codecs
@pytest.mark.parametrize(("path", "value", "where", "problem"), DAMAGE)
def test_damage_is_found_at_its_place(
    codec: Codec, path: tuple[str | int, ...], value: Any, where: str, problem: str
) -> None:
    with pytest.raises(DamagedRecord) as caught:
        codec.from_row(row(changed(INCIDENT, path, value)))
    error = caught.value
    assert (error.kind, error.id) == ("incident", "01I")
    assert error.path.startswith(where)
    assert problem in error.problem


@codecs
@pytest.mark.parametrize(
    "body", ["", "{", "null", "[]", '"x"', "1", "NaN", "[" * 100_000, "\ud800"]
)
def test_what_is_no_object_is_damaged(codec: Codec, body: str) -> None:
    with pytest.raises(DamagedRecord) as caught:
        codec.from_row(row(body))
    assert caught.value.path == "$"


@codecs
def test_a_body_of_another_record_is_damaged(codec: Codec) -> None:
    with pytest.raises(DamagedRecord, match=r"at \$\.id: the body is of '01I'"):
        codec.from_row(row(INCIDENT, id="01X"))


@codecs
def test_missing_fields_take_their_defaults(codec: Codec) -> None:
    small = (
        '{"id":"01C","ref":"INC-1","version":9,"card":{"title":"t"},"rating":{},'
        '"life":{"state":"new","since":"2026-03-01T02:30:00Z"}}'
    )
    value = codec.from_row(row(small, id="01C"))
    assert value.card.labels == {}
    assert value.rating.priority == "P3"
    assert value.clocks == ()


@codecs
def test_keys_of_a_newer_version_are_left_aside(codec: Codec) -> None:
    body = changed(changed(INCIDENT, ("later",), {"a": [1.5]}), ("card", "later"), None)
    assert same(codec.from_row(row(body)), examples.KINDS["incident"][0])


@codecs
def test_a_damaged_entry_names_its_place(codec: Codec) -> None:
    def entry(body: str) -> Entry:
        return Entry("incident/01I", 7, 0, "assigned", body, "", "", "")

    bad = {
        "[]": "$",
        "{}": "$.event",
        '{"by":"ana","event":{"assignee":1,"was":null}}': "$.event.assignee",
        '{"by":"ana","event":{"assignee":null}}': "$.event.was",
        '{"event":{"assignee":null,"was":null}}': "$.by",
        '{"by":"ana","for":1,"event":{"assignee":null,"was":null}}': "$.for",
        '{"by":"ana","event":{"assignee":null,"was":null},"reason":{"rule":"x"}}': (
            "$.reason.version"
        ),
        '{"by":"ana","event":{"assignee":null,"was":null},"reason":{"rule":"x","version":1,'
        '"inputs":{"a":[1.5]},"outcome":null}}': "$.reason.inputs.a",
    }
    for body, where in bad.items():
        with pytest.raises(DamagedRecord) as caught:
            codec.decode_entry(entry(body))
        error = caught.value
        assert (error.kind, error.id, error.path) == ("assigned", "incident/01I#7", where)


def paths(document: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, each in items:
        inner = (*path, key)
        found += paths(each, inner) if isinstance(each, (dict, list)) else [inner]
    return found


def read(codec: Codec, kind: str, id: str, body: str) -> Any:  # noqa: A002
    try:
        return codec.from_row(row(body, kind, id))
    except (DamagedRecord, SchemaTooNew) as error:
        return error


junk = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3)
    | st.sampled_from(["2026-03-01T02:30:00Z", "2026-03-01T02:30:00", "P1D", "new", "P1", "\ud800"])
    | st.sampled_from(
        ["2026-03-01 02:30:00+02:00", "2026-03-01t02:30:00.1z", "PT5M", "P1W", "20260301T02Z"]
    )
    | st.sampled_from(["2026-03-01T23:59:60Z", "p1d", "0001-01-01T00:00:00+01:00"])
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=2), st.integers(), max_size=2)
    | st.just(NOTHING)
)


@pytest.mark.parametrize("kind", examples.KINDS)
@given(data=st.data())
def test_both_backends_take_and_refuse_the_same(kind: str, data: st.DataObject) -> None:
    value = examples.KINDS[kind][0]
    body = CODECS[0].to_put(kind, value, 1, "", 0, 0).row.body
    path = data.draw(st.sampled_from(paths(json.loads(body))))
    body = changed(body, path, data.draw(junk))
    one, other = (read(codec, kind, value.id, body) for codec in CODECS)
    if isinstance(one, DamagedRecord):
        assert isinstance(other, DamagedRecord)
        assert one.args == other.args
    else:
        assert same(one, other)


def test_the_error_is_the_stores_and_travels() -> None:
    error = DamagedRecord("incident", "01I", "$.ref", "is missing")
    assert isinstance(error, StoreError)
    assert error.blame is Blame.STORE
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.path) == (str(error), "$.ref")
    assert "incident '01I' is damaged at $.ref: is missing" in str(error)
    assert str(Misfit("$.ref", "is missing")) == "$.ref: is missing"
