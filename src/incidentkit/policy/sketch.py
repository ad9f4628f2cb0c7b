"""A table that is not there: whatever a section reads of it becomes part of a JSON Schema.

The sections are run on it instead of on a document. So the schema says what they really read and
cannot fall behind them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any, TypeVar, cast

from typing_extensions import override

from incidentkit.lang.conditions import ALWAYS, Condition, Declared
from incidentkit.lang.templates import Template
from incidentkit.model.frozen import FrozenMap
from incidentkit.policy.table import SILENCE, Table
from incidentkit.timing.terms import Term

T = TypeVar("T")
ANY = "*"
"""Stands for a name that the writer of the document chooses."""
_TEXTS = {"type": "array", "items": {"type": "string"}}
_TERM = "^([0-9]{1,6}(mo|[smhdw]))*$"
_TYPES: dict[object, str] = {str: "string", bool: "boolean", int: "integer"}


class Sketch(Table):
    """Records what is read. `schema` is what was recorded, once the reading is over."""

    def __init__(self, path: str = "") -> None:
        super().__init__({}, path, [])
        self._properties: dict[str, dict[str, Any]] = {}
        self._inner: dict[str, Sketch] = {}

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of a table in which these keys are read, and no others."""
        named = {key: each for key, each in self._properties.items() if key != ANY}
        return {
            "type": "object",
            **({"properties": named} if named else {}),
            "additionalProperties": self._properties.get(ANY, False),
        }

    def _record(self, key: str, **said: Any) -> None:
        self._properties[key] = said

    def _below(self, key: str) -> Sketch:
        path = f"{self.path}.{key}".strip(".")
        return self._inner.setdefault(key, Sketch(path))

    def finished(self) -> dict[str, Any]:
        """`schema` with the tables inside it, which were still being read when it was recorded."""
        for key, below in self._inner.items():
            _fill(self._properties[key], below.finished())
        return self.schema

    # --- what a section reads ---

    @override
    def __iter__(self) -> Iterator[str]:
        """As in `Table`, noted in the schema."""
        yield ANY

    @override
    def wrong(self, key: str, problem: str) -> None:
        """Nothing is written here, so nothing is wrong."""

    @override
    def table(self, key: str) -> Table:
        """As in `Table`, noted in the schema."""
        self._record(key, **_HOLE)
        return self._below(key)

    @override
    def tables(self, key: str, least: int = 0) -> list[Table]:
        """As in `Table`, noted in the schema."""
        few = {"minItems": least} if least else {}
        self._record(key, type="array", items=dict(_HOLE), **few)
        return [self._below(key)]

    @override
    def named(self) -> Iterator[tuple[str, Table]]:
        """As in `Table`, noted in the schema."""
        self._record(ANY, anyOf=[dict(_HOLE), {"const": False}])
        yield ANY, self._below(ANY)

    @override
    def listed(self, key: str) -> Iterator[tuple[str, Table]]:
        """As in `Table`, noted in the schema."""
        tables = {"type": "object", "additionalProperties": dict(_HOLE)}
        self._record(key, anyOf=[dict(_TEXTS), tables])
        yield ANY, self._below(key)

    @override
    def one_or_more(self, key: str) -> tuple[str, ...]:
        """As in `Table`, noted in the schema."""
        self._record(key, anyOf=[{"type": "string"}, dict(_TEXTS)])
        return ()

    @override
    def among(self, choices: Collection[str]) -> Iterator[str]:
        """As in `Table`, noted in the schema."""
        yield from choices

    @override
    def value(self, key: str, kind: type[T], default: T) -> T:
        """As in `Table`, noted in the schema."""
        self._record(key, type=_TYPES[kind])
        return default

    @override
    def number(self, key: str, default: int, least: int = 0, most: int | None = None) -> int:
        """As in `Table`, noted in the schema."""
        upper = {} if most is None else {"maximum": most}
        self._record(key, type="integer", minimum=least, **upper)
        return default

    @override
    def numbers(self, key: str, least: int, most: int) -> tuple[int, ...]:
        """As in `Table`, noted in the schema."""
        # The bounds of a member may depend on its neighbours, so only their kind is said.
        whole = {"type": "integer"}
        self._record(key, anyOf=[whole, {"type": "array", "items": dict(whole)}])
        return ()

    @override
    def texts(self, key: str, default: tuple[str, ...] = (), form: str = "") -> tuple[str, ...]:
        """As in `Table`, noted in the schema."""
        formed = {"type": "array", "items": {"type": "string", "pattern": form}}
        self._record(key, **(formed if form else _TEXTS))
        return default

    @override
    def choice(self, key: str, choices: Collection[str], default: str) -> str:
        """As in `Table`, noted in the schema."""
        self._record(key, enum=list(choices))
        return default

    @override
    def choices(
        self, key: str, choices: Collection[str], default: tuple[str, ...] = ()
    ) -> tuple[str, ...]:
        """As in `Table`, noted in the schema."""
        self._record(key, type="array", items={"enum": list(choices)})
        return default

    @override
    def known(self, key: str, value: str, choices: Collection[str]) -> bool:
        """As in `Table`, noted in the schema."""
        return True

    @override
    def span(self, key: str, default: timedelta) -> timedelta:
        """As in `Table`, noted in the schema."""
        self._term(key)
        return default

    @override
    def term(self, key: str, default: Term) -> Term:
        """As in `Table`, noted in the schema."""
        self._term(key)
        return default

    def _term(self, key: str) -> None:
        """A term; where the key was read as a text before, a word such as `never` may stand."""
        if key not in self._properties:
            self._record(key, type="string", pattern=_TERM)

    @override
    def condition(self, key: str, facts: Declared, default: str = "true") -> Condition:
        """As in `Table`, noted in the schema."""
        self._record(key, type="string")
        return ALWAYS

    @override
    def template(self, key: str, fields: Collection[str], default: str = "") -> Template:
        """As in `Table`, noted in the schema."""
        self._record(key, type="string")
        return SILENCE

    @override
    def given(self, key: str, fields: Collection[str]) -> str | bool | int | FrozenMap[str, str]:
        """As in `Table`, noted in the schema."""
        texts = {"type": "object", "additionalProperties": {"type": "string"}}
        self._record(key, anyOf=[*({"type": each} for each in _TYPES.values()), texts])
        return ""


_HOLE: dict[str, Any] = {"type": "object", "additionalProperties": None}
"""Where the schema of a table inside comes to stand."""


def _fill(node: dict[str, Any], inner: dict[str, Any]) -> None:
    """Put the schema of an inner table where its hole is."""
    if node == _HOLE:
        node.clear()
        node.update(inner)
        return
    for each in (*node.get("anyOf", ()), node.get("items"), node.get("additionalProperties")):
        if isinstance(each, dict):
            _fill(cast("dict[str, Any]", each), inner)
