"""One field's rule, applied to one item.

A value that cannot be read never costs the item, unless the field is required: an alert with a
broken date is still an alert.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

import attrs

from incidentkit.errors import InvalidValue, TemplateError
from incidentkit.lang.mappings.convert import As, Form, convert
from incidentkit.lang.mappings.paths import Path, Step
from incidentkit.lang.names import Name, find
from incidentkit.lang.templates import Field, Template
from incidentkit.lang.values import text_of

ANY_OTHER = "*"
"""The key in `values` that stands for every value not listed."""


@attrs.frozen
class FieldRule:
    """How one target field gets its value."""

    target: str
    how: As
    paths: tuple[Path, ...] = ()
    template: Template | None = None
    values: Mapping[str, object] = attrs.field(factory=dict[str, object], hash=False)
    default: object | None = None
    """Used when the value is missing or refused; a `const` is a rule with nothing else."""
    required: bool = False
    form: Form = attrs.field(factory=Form)


@attrs.frozen
class Reading:
    """A value found, and where in the item (nowhere when it came from the document)."""

    value: object
    places: tuple[tuple[Step, ...], ...]


@attrs.define
class Work:
    """One item while its fields are gathered."""

    item: object
    document: object
    markers: frozenset[str]
    fields: dict[str, object] = attrs.field(factory=dict[str, object])
    sent: dict[str, object] = attrs.field(factory=dict[str, object])
    places: list[tuple[Step, ...]] = attrs.field(factory=list[tuple[Step, ...]])
    problems: list[tuple[str, str]] = attrs.field(factory=list[tuple[str, str]])
    lacking: list[str] = attrs.field(factory=list[str])

    def facts(self) -> Mapping[str, object]:
        """The item's fields by name, and the whole document as `root`."""
        item = self.item
        if not isinstance(item, Mapping):
            return {"root": self.document}
        return {**cast("Mapping[str, object]", item), "root": self.document}

    def fill(self, rule: FieldRule) -> None:
        """Give the field its value, or note why it has none."""
        why = "is missing"
        made: object | None = None
        try:
            reading = self._read(rule)
            if reading is not None:
                made = _make(rule, reading.value)
                self.sent[rule.target] = reading.value
                self.places.extend(reading.places)
        except (InvalidValue, TemplateError) as error:
            why = error.problem
            self.problems.append((rule.target, why))
        if made is None:
            made = rule.default
        if made is not None:
            self.fields[rule.target] = made
        elif rule.required:
            self.lacking.append(f"{rule.target}: {why}")

    def _read(self, rule: FieldRule) -> Reading | None:
        if rule.template is not None:
            return self._rendered(rule.template)
        for path in rule.paths:
            value = path.read(self.item, self.document)
            if value is not None and not self._unknown(value):
                return Reading(value, self._own(path.from_root, path.steps))
        return None

    def _rendered(self, template: Template) -> Reading | None:
        facts = self.facts()
        found: dict[str, object] = {}
        places: tuple[tuple[Step, ...], ...] = ()
        for name in _names(template):
            there = find(facts, name)
            if there is None or there[1] is None or self._unknown(there[1]):
                continue
            found[name.dotted] = there[1]
            keys = there[0]
            from_root = keys[0] == "root"
            places += self._own(from_root, keys[1:] if from_root else keys)
        # Fixed text around nothing but missing values is no value.
        named = any(isinstance(part, Field) for part in template.parts)
        return Reading(template.render(found), places) if found or not named else None

    def _own(self, from_root: bool, steps: tuple[Step, ...]) -> tuple[tuple[Step, ...], ...]:
        return (steps,) if not from_root or self.item is self.document else ()

    def _unknown(self, value: object) -> bool:
        if not self.markers or isinstance(value, list | tuple):
            return False
        text = text_of(value)
        return text is not None and text.strip() in self.markers


def _names(template: Template) -> Iterator[Name]:
    return (part.name for part in template.parts if isinstance(part, Field))


def _make(rule: FieldRule, value: object) -> object:
    if rule.values:
        text = text_of(value)
        if text is not None and text in rule.values:
            return rule.values[text]
        if ANY_OTHER in rule.values:
            return rule.values[ANY_OTHER]
    return convert(value, rule.how, rule.form)
