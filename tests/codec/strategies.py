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
from incidentkit.model import attachments, checks
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.impact import Certainty, Count
from incidentkit.model.journal import Event, Recorded
from incidentkit.model.labels import Label, Tlp
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.references import Reference
from incidentkit.timing.intervals import Interval

INT64 = 2**63
FEW = 3
"""How many parts of a record that may all be left out are filled at once: else values get huge."""

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
    attachments.check_hash: st.text("0123456789abcdef", min_size=64, max_size=64),
    attachments.check_media: st.sampled_from(("text/plain", "image/png", "text/csv; header=x")),
    attachments.check_size: st.integers(0, INT64 - 1),
}
_SURE = st.sampled_from((Certainty.KNOWN, Certainty.ESTIMATED))
_OWN: dict[Any, st.SearchStrategy[Any]] = {
    Label: st.builds(Label, st.sampled_from(list(Tlp)), st.lists(names, max_size=2)),
    Count: st.just(Count()) | st.builds(Count, st.integers(0, INT64 - 1), _SURE, texts),
    Reference: st.builds(
        Reference, names, names, st.sampled_from(("", "https://example.org/x", "tel:112"))
    ),
}
"""Classes whose fields must agree with each other, or are narrower than a validator's name says."""


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
            # Records within records within records would fill the memory.
            return st.lists(of_shape(of), max_size=1 if isinstance(of, Record) else 3).map(tuple)
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
    if cls in _OWN:
        return _OWN[cls]
    if cls is Interval:
        return st.tuples(instants, st.none() | instants).map(_interval)
    if not attrs.has(cls):
        return st.builds(cls)
    given = attrs.fields(cls)
    checked = {each.name: each.validator for each in given}
    drawn = {f.name: _of_field(checked[f.name], f.shape) for f in fields_of(cls)}
    if len(drawn) < FEW or any(each.default is attrs.NOTHING for each in given):
        return st.builds(cls, **drawn)
    return st.sets(st.sampled_from(sorted(drawn)), max_size=FEW).flatmap(
        lambda names: st.builds(cls, **{name: drawn[name] for name in sorted(names)})
    )


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
