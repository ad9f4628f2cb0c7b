"""Shapes that the model does not use yet, so that the next noun finds them working."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import NewType

import attrs
import pytest
from hypothesis import given

from incidentkit.codec.backend import Backend
from incidentkit.codec.careful import read
from incidentkit.codec.damage import Misfit
from incidentkit.codec.fast import MsgspecBackend
from incidentkit.codec.leaves import read_span, write_instant
from incidentkit.codec.stdlib import JSON
from incidentkit.errors import InvalidValue
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.reason import Plain
from incidentkit.timing.instants import EPOCH
from tests.codec import strategies
from tests.codec.same import same

Name = NewType("Name", str)


class Level(IntEnum):
    """Kept as a number."""

    LOW = 1
    HIGH = 2


class Word(StrEnum):
    """Kept as its word, whatever is in it."""

    QUOTED = 'a "b"'
    BRACED = "{c}"


@attrs.frozen
class Inner:
    """A part."""

    level: Level
    names: tuple[Name, ...]


@attrs.frozen
class Wide:
    """Every shape inside every other."""

    word: Word
    maybe_level: Level | None
    maybe_flag: bool | None
    maybe_number: int | None
    flags: tuple[bool, ...]
    numbers: tuple[int, ...]
    instants: tuple[datetime, ...]
    maybes: tuple[int | None, ...]
    words: tuple[Word, ...]
    nested: tuple[tuple[str, ...], ...]
    inner: Inner
    maybe_inner: Inner | None
    maybe_many: tuple[Inner, ...] | None
    maps: tuple[FrozenMap[str, str], ...]
    flags_by_word: FrozenMap[Word, bool]
    maybe_by_word: FrozenMap[Word, str | None]
    inner_by_name: FrozenMap[str, Inner]
    levels_by_name: FrozenMap[str, Level]
    maps_by_name: FrozenMap[str, FrozenMap[str, int]]
    many_by_name: FrozenMap[str, tuple[datetime, ...]]


@attrs.frozen
class Loose:
    """What msgspec leaves to the compiled functions."""

    spans: tuple[timedelta, ...]
    maybe_span: timedelta | None
    plain: Plain
    plains: tuple[Plain, ...]
    plain_by_word: FrozenMap[Word, Plain]
    plain_by_name: FrozenMap[str, Plain]


@pytest.mark.parametrize("backend", [JSON, MsgspecBackend()], ids=lambda each: each.name)
@given(wide=strategies.values(Wide), loose=strategies.values(Loose))
def test_every_shape_comes_back(backend: Backend, wide: Wide, loose: Loose) -> None:
    for value in (wide, loose):
        cls = type(value)
        for body in (JSON.encode(value), backend.encode(value)):
            assert same(backend.decode(cls, body), value)
            assert same(read(cls, JSON.parse(body)), value)


def test_a_number_or_word_of_a_subclass_is_plain() -> None:
    class Text(str):
        """A str, but not exactly."""

        __slots__ = ()

    value = Loose((), None, Level.HIGH, (Text("t"),), FrozenMap(), FrozenMap())
    assert '"plain":2,"plains":["t"]' in JSON.encode(value)


def test_whatever_a_constructor_raises_is_a_misfit() -> None:
    @attrs.frozen
    class Picky:
        """Raises errors that are not the library's."""

        number: int = attrs.field()

        @number.validator
        def _check(self, _: object, number: int) -> None:
            raise ValueError(f"not {number}")

    with pytest.raises(Misfit, match=r"\$: not 5"):
        JSON.decode(Picky, '{"number":5}')


def test_the_texts_of_days_are_not_kept_without_end() -> None:
    for day in range(10_000):
        at = EPOCH + timedelta(day)
        assert write_instant(at) == f'"{at.date()}T00:00:00Z"'


@pytest.mark.parametrize("text", ["", "P", "PT", "P1", "PT1.S", "P1DT", "-", "P999999999999D", 5])
def test_what_is_no_span_is_refused(text: object) -> None:
    with pytest.raises(InvalidValue):
        read_span(text)


def test_a_span_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(InvalidValue, match="too long a span"):
        read_span("P999999999DT86400S")


@pytest.mark.parametrize("backend", [JSON, MsgspecBackend()], ids=lambda each: each.name)
def test_damage_inside_a_list_is_found(backend: Backend) -> None:
    @attrs.frozen
    class Flags:
        """A list of leaves."""

        flags: tuple[bool, ...]

    with pytest.raises(Misfit, match=r"\$\.flags\[1\]: expected true or false"):
        backend.decode(Flags, '{"flags":[true,1]}')
