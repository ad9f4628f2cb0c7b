"""Hypothesis strategies for every value of the model, drawn from the codec's own shapes.

What a field's validator demands is read from the validator, so a new field needs nothing here. The
texts are as wide as the edge lets in: every character but NUL and lone surrogates.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
from hypothesis import strategies as st

from incidentkit.codec import journal
from incidentkit.codec.kinds import KINDS
from incidentkit.codec.shapes import (
    BOOL,
    INSTANT,
    INT,
    PLAIN,
    SPAN,
    TEXT,
    Leaf,
    Many,
    Mapped,
    Maybe,
    Record,
    Shape,
    Word,
    fields_of,
)
from incidentkit.model import checks
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.journal import Event, Recorded
from incidentkit.model.reason import Plain, Reason
from incidentkit.timing.intervals import Interval

INT64 = 2**63

characters = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
texts = st.text(characters, max_size=30)
visible = st.characters(exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn", "Zs", "Zl", "Zp"])
words = st.text(visible, min_size=1, max_size=10)
names = st.lists(words, min_size=1, max_size=3).map(" ".join)
titles = st.tuples(texts, words, texts).map("".join)
numbers = st.integers(-INT64, INT64 - 1)
instants = st.datetimes(timezones=st.just(UTC)) | st.just(datetime(2026, 3, 1, 2, tzinfo=UTC))
spans = st.timedeltas(timedelta(days=-999_999), timedelta(days=999_999))
recent = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001

plain: st.SearchStrategy[Plain] = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(texts, inner, max_size=3).map(FrozenMap)
    ),
    max_leaves=8,
)

_LEAVES: dict[Leaf, st.SearchStrategy[Any]] = {
    TEXT: texts,
    INT: numbers,
    BOOL: st.booleans(),
    INSTANT: instants,
    SPAN: spans,
    PLAIN: plain,
}
_CHECKED: dict[Any, st.SearchStrategy[Any]] = {
    checks.name: names,
    checks.optional_name: st.none() | names,
    checks.title: titles,
    checks.key: titles,
}


def of_shape(shape: Shape) -> st.SearchStrategy[Any]:
    """Any value of a shape."""
    match shape:
        case Leaf():
            return _LEAVES[shape]
        case Word(type_):
            return st.sampled_from(list(type_))
        case Maybe(of):
            return st.none() | of_shape(of)
        case Many(of):
            return st.lists(of_shape(of), max_size=3).map(tuple)
        case Mapped(key, value):
            return st.dictionaries(of_shape(key), of_shape(value), max_size=3).map(FrozenMap)
        case Record(type_):
            return values(type_)


_values: dict[Any, st.SearchStrategy[Any]] = {}


def values(cls: type[Any]) -> st.SearchStrategy[Any]:
    """Any value of a class of the model."""
    if cls not in _values:
        _values[cls] = _values_of(cls)
    return _values[cls]


def _values_of(cls: type[Any]) -> st.SearchStrategy[Any]:
    if cls is Interval:
        return st.tuples(instants, st.none() | instants).map(_interval)
    if not attrs.has(cls):
        return st.builds(cls)
    checked = {each.name: each.validator for each in attrs.fields(cls)}
    return st.builds(cls, *(_of_field(checked[f.name], f.shape) for f in fields_of(cls)))


def _of_field(validator: Any, shape: Shape) -> st.SearchStrategy[Any]:
    return _CHECKED[validator] if validator in _CHECKED else of_shape(shape)


def _interval(ends: tuple[datetime, datetime | None]) -> Interval:
    start, end = ends
    return Interval(start, end) if end is None or end >= start else Interval(end, start)


def stored(kind: str) -> st.SearchStrategy[Any]:
    """Any value of a stored kind."""
    return values(KINDS[kind].type)


def events() -> st.SearchStrategy[Event]:
    """Any event that is listed."""
    return st.sampled_from(sorted(journal.EVENTS)).flatmap(
        lambda name: values(journal.event_type(name))
    )


def recorded(event: st.SearchStrategy[Event]) -> st.SearchStrategy[Recorded]:
    """An event as it goes into the journal."""
    return st.builds(Recorded, instants, texts, event, st.none() | values(Reason), texts, texts)
