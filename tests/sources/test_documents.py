"""The limits of a body: size, depth, numbers, damaged text. Each is refused cheaply."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.model.signals import Rejected
from incidentkit.sources import documents
from incidentkit.sources.documents import Document, is_clean, read_document


def problem(body: bytes) -> str:
    found = read_document(body)
    assert isinstance(found, Rejected)
    assert found.path == "body"
    return found.problem


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"a": 1}}', "not JSON"),
        (b"[" + b'["]",' * 40 + b"1" + b',"["]' * 40 + b"]", "deeper"),
        (b'[{"labels":{},"annotations":{},"x":' + b"[" * 31 + b"]" * 31 + b"}]", "deeper"),
        (b'{"a"}', "not JSON"),
        (b'{"a": "\x00"}', "not JSON"),
        (b'"\xed\xa0\x80"', "not UTF-8"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8"),
        (b"[NaN]", "NaN"),
        (b"[-Infinity]", "-Infinity"),
        (b"[1e400]", "1e400"),
        (b"[" + b"9" * 65 + b"]", "65 digits"),
        (b"[" + b"9" * 5_000 + b"]", "5,000 digits"),
        (b"[0." + b"1" * 100 + b"]", "no number"),
        (b"[" * 100_000, "deeper"),
        (b"[" * 33 + b"]" * 33, "deeper"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "deeper"),
        (b" " * 10_000_001, "10,000,001 bytes"),
    ],
)
def test_refused(body: bytes, part: str) -> None:
    assert part in problem(body)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"\xef\xbb\xbf{}", {}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'{"a": "[[[[{{{{\\"]"}', {"a": '[[[[{{{{"]'}),
        (b'["' + b"[" * 1_000 + b'"]', ["[" * 1_000]),
        (b"[-12, 1.5, 1e3]", [-12, 1.5, 1000.0]),
    ],
)
def test_read(body: bytes, value: object) -> None:
    found = read_document(body)
    assert isinstance(found, Document)
    assert found.value == value
    assert found.clean


@pytest.mark.parametrize(
    ("opening", "closing", "levels"),
    [(b"[", b"]", 32), (b'{"a":', b"}", 32), (b'[{"a":', b"}]", 16)],
)
def test_the_depth_is_exact(opening: bytes, closing: bytes, levels: int) -> None:
    assert isinstance(read_document(opening * levels + b"1" + closing * levels), Document)
    levels += 1
    assert isinstance(read_document(opening * levels + b"1" + closing * levels), Rejected)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 9_999_999,
        b"[]," * 3_333_333,
        b'"' + b"\\" * 9_999_998,
        b'"' * 9_999_999,
        b'["' + b"[" * 9_999_990 + b'"]',
        b"[" + b"[" * 30 + (b"[" * 1 + b"]," * 1) * 1_000_000 + b"1" + b"]" * 31,
        b"[" + (b"[" * 31 + b"]" * 31 + b",") * 30_000 + b"1]",
        b"[" + b'"a{",' * 1_600_000 + b"1]",
        b'{"a":"\\ud800"}' + b"\\u0000" * 1_600_000,
    ],
)
def test_hostile_bodies_are_refused_or_read_in_few_steps(body: bytes) -> None:
    count = 0

    def step(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(step)
    try:
        read_document(body)
    finally:
        sys.setprofile(before)
    assert count < len(body), "fewer calls than the body has bytes"


NESTED = st.recursive(
    st.sampled_from([1, "[", "]", '"]', "\\", '\\"{', "}", "", "é"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["labels", "alerts", "]", "{"]), inner, max_size=2)
    ),
)


def depth(value: object) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return int(isinstance(value, dict | list)) + max(map(depth, inside), default=0)


@given(value=NESTED, levels=st.integers(0, 36), width=st.integers(1, 20), data=st.data())
def test_the_depth_is_that_of_the_value(
    value: object, levels: int, width: int, data: st.DataObject
) -> None:
    beside = data.draw(NESTED)
    for _ in range(levels):
        value = data.draw(st.sampled_from([[value], {"alerts": value}, [beside, value]]))
    found = read_document(json.dumps([value] * width, ensure_ascii=False).encode())
    assert isinstance(found, Document) == (depth([value]) <= documents.DEPTH_LIMIT)


@given(st.text())
def test_clean_means_that_every_store_can_keep_it(text: str) -> None:
    damaged = "\0" in text
    assert is_clean({"a": [text]}) == is_clean({text: 1}) == (not damaged)


@given(st.text(alphabet=st.sampled_from("\\u0dD8\ud800\0a")))
def test_clean_is_exact(text: str) -> None:
    try:
        text.encode()
        damaged = "\0" in text
    except UnicodeEncodeError:
        damaged = True
    body = json.dumps([text]).encode()
    found = read_document(body)
    assert isinstance(found, Document)
    assert found.clean is not damaged or json.loads(body) != [text]


@pytest.mark.parametrize(
    ("body", "clean"),
    [
        (rb'["\uD800"]', False),
        (rb'["\ud83D\uDd25"]', True),
        (rb'{"\u0000":1}', False),
        (rb'["\\u0000"]', True),
        (rb'["\\\u0000"]', False),
    ],
)
def test_every_way_to_write_damage(body: bytes, clean: bool) -> None:
    found = read_document(body)
    assert isinstance(found, Document)
    assert found.clean is clean


@given(st.binary(max_size=3_000))
def test_excerpts_are_short_and_clean(body: bytes) -> None:
    found = documents.excerpt(body)
    assert len(found) <= 2 * documents.EXCERPT_LIMIT
    assert "\0" not in found
    found.encode()
