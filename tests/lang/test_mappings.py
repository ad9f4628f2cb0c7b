"""Mappings: foreign documents become fields, and nothing of them is lost."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue, PolicyError
from incidentkit.lang.mappings import (
    As,
    DocumentMapping,
    Mapped,
    Path,
    Rejection,
    Skipped,
)

TARGETS: Mapping[str, As | str] = {
    "title": "text",
    "summary": "text",
    "severity": "text",
    "dedup_key": "text",
    "source_url": "text",
    "fired_at": "instant",
    "count": "int",
    "cost": As.DECIMAL,
    "open": "bool",
    "labels": "labels",
    "labels.*": "text",
    "raw": "json",
}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def mapping(**fields: Any) -> DocumentMapping:
    return DocumentMapping.parse({"fields": fields}, TARGETS)


def mapped(made: DocumentMapping, document: object) -> Mapped:
    (only,) = made.apply(document)
    assert isinstance(only, Mapped)
    return only


def test_a_monitoring_webhook() -> None:
    made = DocumentMapping.parse(
        tomllib.loads("""
            each = "alerts"
            when = 'status == "firing"'
            unknown = ["?", -100]

            [fields]
            title = "$.annotations.summary"
            dedup_key = ["$.fingerprint", "$.id"]
            severity = { from = "$.labels.severity", values = { major = "error" }, default = "?" }
            fired_at = { from = "$.startsAt", as = "instant" }
            labels = { from = "$.labels", as = "labels" }
            source_url = "$root.externalURL"
            summary = { template = "$name on ${labels.host|somewhere} via $root.receiver" }
            count = { from = "$.count", default = 1 }
            open = { const = true }
            """),
        TARGETS,
    )
    document = {
        "receiver": "web",
        "externalURL": "https://am",
        "alerts": [
            {
                "status": "firing",
                "name": "Disk",
                "id": 7,
                "fingerprint": None,
                "count": -100,
                "annotations": {"summary": "Disk full", "runbook": "https://r"},
                "labels": {"severity": "major", "host": "web-1"},
                "startsAt": "2019-09-27T16:27:56.612666101Z",
            },
            {"status": "resolved", "name": "Disk"},
            {"name": "Disk", "labels": {"severity": "odd"}, "startsAt": "soon"},
            "junk",
        ],
    }
    first, second, third, fourth = made.apply(document)
    assert isinstance(first, Mapped)
    assert first.path == "$root.alerts[0]"
    assert first.fields == {
        "title": "Disk full",
        "dedup_key": "7",
        "severity": "error",
        "fired_at": datetime(2019, 9, 27, 16, 27, 56, 612666, tzinfo=UTC),
        "labels": {"severity": "major", "host": "web-1"},
        "source_url": "https://am",
        "summary": "Disk on web-1 via web",
        "count": 1,
        "open": True,
    }
    assert first.sent["fired_at"] == "2019-09-27T16:27:56.612666101Z"
    assert first.sent["severity"] == "major"
    assert first.unread == {
        "$.status": "firing",
        "$.fingerprint": None,
        "$.count": -100,
        "$.annotations.runbook": "https://r",
    }
    assert first.problems == ()
    assert second == Skipped("$root.alerts[1]")
    assert third == Skipped("$root.alerts[2]", ("status",))
    assert fourth == Skipped("$root.alerts[3]", ("status",))


def test_a_row_of_a_spreadsheet() -> None:
    made = DocumentMapping.parse(
        {
            "unknown": ["", "?"],
            "fields": {
                "title": {"from": "$['Short description']", "required": True},
                "fired_at": {
                    "from": "$.Opened",
                    "format": "%d/%m/%Y %H:%M",
                    "zone": "Europe/Madrid",
                },
                "open": "$.Active",
                "cost": "$.Cost",
                "severity": {"from": "$.Priority", "values": {"1": "critical", "*": "warning"}},
                "labels.team": "$.Group",
            },
        },
        TARGETS,
    )
    table = io.StringIO(
        "Short description,Opened,Active,Cost,Priority,Group,Other\n"
        "Mail is slow,01/07/2026 09:30,TRUE,12.50,3,,x\n"
        ",never,maybe,dear,1,db,?\n"
    )
    good, bad = (made.apply(row)[0] for row in csv.DictReader(table))
    assert isinstance(good, Mapped)
    assert good.fields == {
        "title": "Mail is slow",
        "fired_at": datetime(2026, 7, 1, 7, 30, tzinfo=UTC),
        "open": True,
        "cost": Decimal("12.50"),
        "severity": "warning",
    }
    assert good.unread == {"$.Group": "", "$.Other": "x"}
    assert bad == Rejection("$root", "title: is missing")


def test_a_refused_value_costs_the_field_and_is_kept() -> None:
    made = mapping(
        title={"from": "$.t", "default": "untitled"}, fired_at="$.at", count="$.n", open="$.o"
    )
    got = mapped(made, {"t": {"x": 1}, "at": "soon", "n": "3.5", "o": "maybe"})
    assert got.fields == {"title": "untitled"}
    assert got.sent == {}
    assert got.unread == {"$.t": {"x": 1}, "$.at": "soon", "$.n": "3.5", "$.o": "maybe"}
    assert [field for field, _ in got.problems] == ["title", "fired_at", "count", "open"]


def test_a_refused_required_value_rejects_the_item_with_every_reason() -> None:
    made = mapping(title={"from": "$.t", "required": True}, count={"from": "$.n", "required": True})
    assert made.apply({"t": [1], "n": "x"}) == (
        Rejection("$root", "title: list is no text; count: 'x' is no number"),
    )


def test_values_not_listed_pass_unless_there_is_a_star() -> None:
    rule = {"from": "$.s", "values": {"major": "error", "true": "info"}}
    made = mapping(severity=rule)
    assert mapped(made, {"s": "major"}).fields == {"severity": "error"}
    assert mapped(made, {"s": True}).fields == {"severity": "info"}
    assert mapped(made, {"s": "other"}).fields == {"severity": "other"}
    assert mapped(made, {"s": {}}).fields == {}
    starred = mapping(severity={**rule, "values": {"*": "info"}})
    assert mapped(starred, {"s": {}}).fields == {"severity": "info"}


def test_templates_need_at_least_one_value() -> None:
    made = mapping(
        title={"template": "$a on $b"}, summary={"template": "fixed"}, count={"template": "$n"}
    )
    got = mapped(made, {"a": {"x": 1}, "c": 1, "n": " 7 "})
    assert got.fields == {"summary": "fixed", "count": 7}
    assert [field for field, _ in got.problems] == ["title"]
    assert got.unread == {"$.a": {"x": 1}, "$.c": 1}
    assert mapped(made, {"b": "x"}).fields["title"] == " on x"
    assert "title" not in mapped(made, {}).fields


def test_templates_name_the_document_as_root() -> None:
    made = mapping(title={"template": "$root.a ${root.l.x} $b.c"})
    got = mapped(made, {"a": 1, "l": {"x": 2, "y": 3}, "b.c": 4})
    assert got.fields == {"title": "1 2 4"}
    assert got.unread == {"$.l.y": 3}


def test_where_the_items_are() -> None:
    def outcomes(each: str, document: object) -> tuple[object, ...]:
        data = {"each": each, "fields": {"title": "$"}}
        return DocumentMapping.parse(data, TARGETS).apply(document)

    for each in ("a.b", "$.a.b", "$root.a.b"):
        got = outcomes(each, {"a": {"b": ["x", "y"]}})
        assert [one.fields["title"] for one in got if isinstance(one, Mapped)] == ["x", "y"]
    assert len(outcomes("$", ["x"])) == 1
    assert outcomes("a", {"a": []}) == ()
    assert outcomes("a", {"b": 1}) == (
        Rejection("$root.a", "here should be a list of items, but there is nothing"),
    )
    assert outcomes("a", {"a": {"b": 1}})[0] == Rejection(
        "$root.a", "here should be a list of items, but there is dict"
    )


def test_what_no_rule_read_is_handed_back() -> None:
    made = mapping(title="$.a.b[1].c", summary="$.a.d", dedup_key="$root.k", raw="$.r")
    document = {
        "a": {"b": [{"c": 1}, {"c": 2, "e": 3}, 4], "d": "x", "f": []},
        "k": "key",
        "r": {"z": [1, None], "a": True},
        "odd key": 5,
        7: "seven",
    }
    got = mapped(made, document)
    assert got.fields["raw"] == '{"a": true, "z": [1, null]}'
    assert got.unread == {
        "$.a.b[0]": {"c": 1},
        "$.a.b[1].e": 3,
        "$.a.b[2]": 4,
        "$.a.f": [],
        '$["odd key"]': 5,
        '$["<int 7>"]': "seven",
    }
    (nothing,) = mapping(title="$.a").apply("junk")
    assert isinstance(nothing, Mapped)
    assert nothing.unread == {"$": "junk"}


def test_labels() -> None:
    made = mapping(labels="$")
    got = mapped(made, {"a": {"b": 1, "c": {"d": True}}, "l": [1, "é"], "n": None, "t": "x\x00"})
    assert got.fields["labels"] == {
        "a.b": "1",
        "a.c.d": "true",
        "l": '[1, "é"]',
        "t": "x\ufffd",
    }
    deep: Any = "x"
    for _ in range(20):
        deep = {"k": deep}
    labels: Any = mapped(made, deep).fields["labels"]
    assert list(labels) == [".".join("k" * 8)]


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        ("x", "'x' is no table"),
        ({1: "x"}, "named by int"),
        ({"a": {"b": 1}, "a.b": 2}, "two labels are called 'a.b'"),
        ({"a": object()}, "object is no text"),
        ({"a": [float("nan")]}, "list has no JSON text"),
        ({"a": [object()]}, "list has no JSON text"),
    ],
)
def test_labels_refused(labels: object, problem: str) -> None:
    ((_, why),) = mapped(mapping(labels="$.l"), {"l": labels}).problems
    assert problem in why


def test_instants_in_other_forms() -> None:
    def read(text: object, **form: str) -> object:
        rule = {"from": "$.at", "as": "instant", **form}
        got = mapped(mapping(fired_at=rule), {"at": text})
        return got.fields.get("fired_at", got.problems[0][1] if got.problems else None)

    assert read("2026-03-01 13:00", zone="Europe/Madrid") == NOON
    assert read("2026-03-01T12:00:00Z", zone="Europe/Madrid") == NOON
    assert read("1.3.26 12.00 +0000", format="%d.%m.%y %H.%M %z") == NOON
    assert read("noon", zone="Europe/Madrid") == "'noonZ' is not an ISO 8601 instant with an offset"
    assert "does not match format" in str(read("noon", format="%d.%m.%y %z"))
    assert "unconverted data" in str(read("1.3.26 +0000 x", format="%d.%m.%y %z"))


def problems(data: object) -> dict[str, str]:
    with pytest.raises(PolicyError) as caught:
        DocumentMapping.parse(data, TARGETS)  # type: ignore[arg-type]
    return dict(caught.value.problems)


def test_all_problems_at_once_with_their_paths() -> None:
    found = problems(
        {
            "eech": 1,
            "each": "alerts..x",
            "when": "a = 1",
            "unknown": ["ok", {}, ["x"]],
            "fields": {
                "titel": "$.a",
                "title": "a",
                "summary": 5,
                "severity": {"from": "$.a", "const": "x", "frm": 1},
                "dedup_key": [],
                "source_url": [None, 5, "$.x"],
                "fired_at": {"from": "$.a", "format": "%Q", "zone": "Mars/Base"},
                "count": {"from": "$.a", "as": "text", "default": "x", "required": "yes"},
                "cost": {"const": "x", "default": 1, "values": {}, "as": "decimal"},
                "open": {"from": "$.a", "values": {"up": "maybe", "down": None}, "zone": "UTC"},
                "labels": {"template": "${"},
                "labels.x": {"template": 5},
                "raw": {"values": 5},
            },
        }
    )
    assert {path: problem for path, problem in found.items() if "did you" in problem} == {
        "mapping.eech": "there is no such setting; did you mean 'each'?",
        "fields.titel": "there is no field 'titel'; did you mean 'title'?",
        "fields.severity.frm": "there is no such setting; did you mean 'from'?",
    }
    assert set(found) == {
        "mapping.eech",
        "each",
        "when",
        "unknown[1]",
        "unknown[2]",
        "fields.titel",
        "fields.title",
        "fields.summary",
        "fields.severity",
        "fields.severity.frm",
        "fields.dedup_key",
        "fields.source_url",
        "fields.fired_at.format",
        "fields.fired_at.zone",
        "fields.count.as",
        "fields.count.default",
        "fields.count.required",
        "fields.cost.const",
        "fields.cost.default",
        "fields.cost.values",
        "fields.cost.as",
        "fields.open.values.up",
        "fields.open.values.down",
        "fields.open.zone",
        "fields.labels.template",
        "fields.labels.x.template",
        "fields.raw",
        "fields.raw.values",
    }
    assert "write ==" in found["when"]
    assert found["fields.count.as"] == "the field is int: write int"


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (5, "mapping"),
        ({}, "fields"),
        ({"fields": {}}, "fields"),
        ({"fields": []}, "fields"),
        ({"fields": {f"labels.{n}": "$.a" for n in range(201)}}, "fields"),
        ({"fields": {"title": "$"}, "unknown": "?"}, "unknown"),
        ({"fields": {"title": "$"}, "each": 5}, "each"),
        ({"fields": {"fired_at": {"from": "$", "format": "%Y"}}}, "fields.fired_at.zone"),
        ({"fields": {"fired_at": {"from": "$", "format": "%H %z"}}}, "fields.fired_at.format"),
        ({"fields": {"fired_at": {"from": "$", "format": "%Y%Y %z"}}}, "fields.fired_at.format"),
        ({"fields": {"fired_at": {"from": "$", "format": "%Y %z %"}}}, "fields.fired_at.format"),
        (
            {"fields": {"fired_at": {"from": "$", "format": "%Y %z" + " " * 70}}},
            "fields.fired_at.format",
        ),
        ({"fields": {"fired_at": {"from": "$", "zone": "../etc/passwd"}}}, "fields.fired_at.zone"),
        ({"fields": {"fired_at": {"from": "$", "zone": "Europe"}}}, "fields.fired_at.zone"),
    ],
)
def test_one_problem(data: object, path: str) -> None:
    assert path in problems(data)


def test_targets_are_checked() -> None:
    for kind in ("txt", "epoch"):
        with pytest.raises(InvalidValue, match=f"a is '{kind}'"):
            DocumentMapping.parse({"fields": {"a": "$"}}, {"a": kind})


FULL = DocumentMapping.parse(
    {
        "each": "a",
        "when": 'not (a == "skip") or true',
        "unknown": ["?", 0],
        "fields": {
            "title": ["$.a", "$.b[0]", "$"],
            "summary": {"template": "$a $b.a ${root.a}"},
            "severity": {"from": "$.a", "values": {"b": "error", "*": "info"}},
            "fired_at": {"from": "$.a", "zone": "Europe/Madrid"},
            "count": "$.a",
            "cost": "$.b",
            "open": "$.a",
            "labels": "$",
            "labels.a": {"from": "$.b", "required": True, "default": "x"},
            "raw": "$root",
        },
    },
    TARGETS,
)
words = st.sampled_from(["a", "b", "", "?", "true", "2026-03-01 12:00", "0", "skip"])
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | words
    | st.text(max_size=4)
    | st.datetimes()
    | st.decimals()
    | st.binary(max_size=2)
)
junk = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner)
        | st.dictionaries(words | st.integers(0, 3), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(junk | st.fixed_dictionaries({"a": st.lists(junk, max_size=3)}))
def test_junk_never_raises_and_is_never_lost(document: Any) -> None:
    one = DocumentMapping(FULL.fields, None, FULL.when, FULL.unknown)
    for made in (FULL, one):
        for outcome in made.apply(document):
            assert isinstance(outcome, Mapped | Rejection)
    got = mapped(mapping(title="$.a", count="$.b[0]"), document)
    for path in got.unread:
        assert str(Path.parse(path)) == path
    if isinstance(document, dict) and "b" not in document:
        assert len(got.unread) + len(got.sent) == len(document)


@given(st.dictionaries(words, st.text(max_size=5), max_size=5))
def test_a_mapping_itself_is_data(row: dict[str, str]) -> None:
    data = {"fields": {"title": {"from": "$.a", "default": "none"}, "raw": "$"}}
    made = DocumentMapping.parse(json.loads(json.dumps(data)), TARGETS)
    got = mapped(made, row)
    assert got.fields["title"] == row.get("a", "none").replace("\x00", "\ufffd")
    assert got.unread == {}
