"""Mappings read from data, with every problem listed at once.

A mapping is written by the person who knows the foreign tool, often by trial; one error at a time
would cost an attempt each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Final, NamedTuple, TypeVar, cast

from incidentkit.errors import InvalidValue, LanguageError, PolicyError
from incidentkit.lang.conditions import Condition
from incidentkit.lang.mappings.convert import As, Form, convert
from incidentkit.lang.mappings.fields import FieldRule
from incidentkit.lang.mappings.paths import Path
from incidentkit.lang.names import declares, nearest
from incidentkit.lang.templates import Template
from incidentkit.lang.values import text_of

T = TypeVar("T")

MAX_FIELDS: Final = 200
_KEYS: Final = ("each", "fields", "unknown", "when")
_RULE_KEYS: Final = (
    "as",
    "const",
    "default",
    "format",
    "from",
    "required",
    "template",
    "values",
    "zone",
)
_SOURCES: Final = ("from", "const", "template")
_DIRECTIVE: Final = re.compile(r"%(.?)", re.DOTALL)
# Each at most once: a format is turned into a pattern, and repeated digits would backtrack.
_DIRECTIVES: Final = frozenset("YymdHIMSfzbBjp%")
_MAX_FORMAT: Final = 64


class Parts(NamedTuple):
    """What a mapping's data said."""

    fields: tuple[FieldRule, ...]
    each: Path | None
    when: Condition | None
    unknown: frozenset[str]


def read(data: object, targets: Mapping[str, As | str]) -> Parts:
    """Read the data. Raises PolicyError with all problems, each with its path."""
    reader = _Reader({name: _target(name, kind) for name, kind in targets.items()})
    parts = reader.mapping(data)
    if reader.problems:
        raise PolicyError(tuple(reader.problems), "mapping")
    return parts


def _target(name: str, kind: As | str) -> As:
    fitting = [each for each in As if each not in (As.EPOCH, As.EPOCH_MS)]
    if kind not in fitting:
        raise InvalidValue("targets", f"{name} is {kind!r}; {nearest(str(kind), fitting)}")
    return As(kind)


class _Reader:
    def __init__(self, targets: Mapping[str, As]) -> None:
        self._targets = targets
        self.problems: list[tuple[str, str]] = []

    def mapping(self, data: object) -> Parts:
        table = self._table(data, "mapping", _KEYS)
        rules = self._table(table.get("fields"), "fields", None)
        if not rules:
            self._note("fields", "a mapping fills at least one field")
        if len(rules) > MAX_FIELDS:
            self._note("fields", f"a mapping fills at most {MAX_FIELDS} fields")
        made = [self._rule(*each) for each in list(rules.items())[:MAX_FIELDS]]
        return Parts(
            tuple(rule for rule in made if rule is not None),
            self._parsed(table.get("each"), "each", _each),
            self._parsed(table.get("when"), "when", Condition.parse),
            frozenset(self._markers(table.get("unknown", []))),
        )

    # --- small readers ---

    def _note(self, path: str, problem: str) -> None:
        self.problems.append((path, problem))

    def _table(self, data: object, path: str, keys: tuple[str, ...] | None) -> Mapping[str, object]:
        if not isinstance(data, Mapping):
            self._note(path, "write a table here")
            return {}
        table = {str(key): value for key, value in cast("Mapping[object, object]", data).items()}
        for key in table:
            if keys is not None and key not in keys:
                self._note(f"{path}.{key}", f"there is no such setting; {nearest(key, keys)}")
        return table

    def _text(self, value: object, path: str) -> str | None:
        if isinstance(value, str):
            return value
        self._note(path, "write a text here")
        return None

    def _parsed(self, value: object, path: str, parse: Callable[[str], T]) -> T | None:
        """The text read in its language; None when there is none, or it was noted as wrong."""
        text = None if value is None else self._text(value, path)
        if text is None:
            return None
        try:
            return parse(text)
        except LanguageError as error:
            self._note(path, str(error))
        except InvalidValue as error:
            self._note(path, error.problem)
        return None

    def _markers(self, value: object) -> list[str]:
        if not isinstance(value, list | tuple):
            self._note("unknown", "write a list of texts and numbers here")
            return []
        markers: list[str] = []
        for at, marker in enumerate(cast("list[object]", value)):
            text = None if isinstance(marker, list | tuple) else text_of(marker)
            if text is None:
                self._note(f"unknown[{at}]", "a marker is a text or a number")
            else:
                markers.append(text.strip())
        return markers

    # --- one field ---

    def _rule(self, target: str, data: object) -> FieldRule | None:
        path = f"fields.{target}"
        declared = declares(self._targets, target)
        if declared is None:
            hint = nearest(target, self._targets)
            self._note(path, f"there is no field {target!r}; {hint}")
            return None
        kind = self._targets[declared]
        if isinstance(data, str | list | tuple):
            return FieldRule(target, kind, self._paths(cast("object", data), path))
        table = self._table(data, path, _RULE_KEYS)
        if sum(key in table for key in _SOURCES) != 1:
            self._note(path, f"write exactly one of {', '.join(_SOURCES)}")
        how = self._how(table.get("as", kind), kind, path)
        return FieldRule(
            target,
            how,
            self._paths(table["from"], f"{path}.from") if "from" in table else (),
            self._parsed(table.get("template"), f"{path}.template", Template.parse),
            self._values(table.get("values", {}), kind, f"{path}.values"),
            self._default(table, kind, path),
            self._required(table.get("required", False), f"{path}.required"),
            self._form(table, how, path),
        )

    def _paths(self, data: object, path: str) -> tuple[Path, ...]:
        several: list[object] = [data]
        if isinstance(data, list | tuple):
            several = cast("list[object]", data)
        if not several:
            self._note(path, "write at least one path")
        found = [self._parsed(each, path, Path.parse) for each in several]
        if None in several:
            self._note(path, "write a text here")
        return tuple(each for each in found if each is not None)

    def _how(self, value: object, kind: As, path: str) -> As:
        fitting = [each.value for each in As if each.suits(kind)]
        if isinstance(value, str) and value in fitting:
            return As(value)
        self._note(f"{path}.as", f"the field is {kind}: write {' or '.join(fitting)}")
        return kind

    def _values(self, data: object, kind: As, path: str) -> Mapping[str, object]:
        return {
            key: self._constant(value, kind, f"{path}.{key}")
            for key, value in self._table(data, path, None).items()
        }

    def _default(self, table: Mapping[str, object], kind: As, path: str) -> object | None:
        if "const" in table:
            for other in ("default", "values", "as"):
                if other in table:
                    self._note(f"{path}.{other}", "a const needs none")
            return self._constant(table["const"], kind, f"{path}.const")
        if table.get("default") is None:
            return None
        return self._constant(table["default"], kind, f"{path}.default")

    def _constant(self, value: object, kind: As, path: str) -> object | None:
        try:
            return convert(value, kind, Form())
        except InvalidValue as error:
            self._note(path, f"the field is {kind}: {error.problem}")
            return None

    def _required(self, value: object, path: str) -> bool:
        if not isinstance(value, bool):
            self._note(path, "write true or false")
        return value is True

    def _form(self, table: Mapping[str, object], how: As, path: str) -> Form:
        layout = self._parsed(table.get("format"), f"{path}.format", _format)
        zone = self._parsed(table.get("zone"), f"{path}.zone", _zone)
        for key in ("format", "zone"):
            if key in table and how is not As.INSTANT:
                self._note(f"{path}.{key}", f"only instants have a {key}")
        if layout is not None and "%z" not in layout and "zone" not in table:
            self._note(f"{path}.zone", "the format names no offset (%z): name the zone")
        return Form(layout, zone)


def _each(text: str) -> Path:
    path = Path.parse(text if text.startswith("$") else f"$.{text}")
    return Path(True, path.steps)


def _format(text: str) -> str:
    used = [found[1] for found in _DIRECTIVE.finditer(text) if found[1] != "%"]
    wrong = [each for each in used if each not in _DIRECTIVES or not each]
    if wrong or len(text) > _MAX_FORMAT:
        allowed = " ".join(sorted(f"%{each}" for each in _DIRECTIVES))
        raise InvalidValue("format", f"at most {_MAX_FORMAT} characters, with {allowed}")
    if len(used) != len(set(used)):
        raise InvalidValue("format", "each directive may stand once")
    if not {"Y", "y"} & set(used):
        raise InvalidValue("format", "an instant has a year: %Y or %y")
    return text


def _zone(text: str) -> tzinfo:
    from zoneinfo import ZoneInfo  # few mappings need it

    try:
        return ZoneInfo(text)
    except (ValueError, KeyError, OSError):
        raise InvalidValue("zone", f"{text[:60]!r} is no time zone, as Europe/Madrid is") from None
