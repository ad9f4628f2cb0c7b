"""Which backend is taken, what it costs to import, and which types are refused."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from enum import Enum
from typing import Any

import attrs
import pytest

import incidentkit.codec
from incidentkit.codec import choose
from incidentkit.codec.shapes import fields_of
from incidentkit.errors import InvalidValue
from incidentkit.model.frozen import FrozenMap


def test_auto_takes_msgspec_where_it_is() -> None:
    assert choose().name == choose("auto").name == choose("msgspec").name == "msgspec"
    assert choose("json").name == "json"


def test_without_msgspec_the_standard_library_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert choose("auto").name == "json"
    with pytest.raises(InvalidValue, match=r"install incidentkit\[fast\]"):
        choose("msgspec")


def test_another_name_is_refused() -> None:
    with pytest.raises(InvalidValue, match="'orjson' is none of auto, json, msgspec"):
        choose("orjson")  # type: ignore[arg-type]


def test_importing_the_room_imports_no_json() -> None:
    code = (
        "import sys, incidentkit.codec\n"
        "found = {'json', 'msgspec', 'attrs', 'incidentkit.codec.kinds'} & set(sys.modules)\n"
        "sys.exit(repr(found) if found else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_rooms_names_are_there() -> None:
    for name in incidentkit.codec.__all__:
        assert getattr(incidentkit.codec, name)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        incidentkit.codec.nothing  # noqa: B018


class Plain(Enum):
    """Not a StrEnum."""

    A = "a"


@pytest.mark.parametrize(
    "hint", [float, bytes, Plain, int | str, int | str | None, list[int], tuple[int, str], object]
)
def test_types_that_cannot_be_kept_are_refused_by_name(hint: Any) -> None:
    holder = attrs.make_class("Holder", {"held": attrs.field(type=hint)}, frozen=True)
    with pytest.raises(TypeError, match=r"Holder\.held: .* cannot be kept"):
        fields_of(holder)


def test_keys_are_text_or_words() -> None:
    for hint in (FrozenMap[int, str], FrozenMap[str | None, str]):
        holder = attrs.make_class("Holder", {"held": attrs.field(type=hint)}, frozen=True)
        with pytest.raises(TypeError, match=r"Holder\.held: .* cannot be kept"):
            fields_of(holder)


def test_fields_that_are_not_built_by_position_are_refused() -> None:
    for field in (
        attrs.field(type=int, kw_only=True),
        attrs.field(type=int, init=False, default=0),
        attrs.field(type=int, alias="other"),
    ):
        with pytest.raises(TypeError, match=r"Holder\.held is not built by position"):
            fields_of(attrs.make_class("Holder", {"held": field}))
    factory = attrs.field(type=int, factory=int)
    with pytest.raises(TypeError, match=r"Holder\.held has a factory"):
        fields_of(attrs.make_class("Holder", {"held": factory}))
