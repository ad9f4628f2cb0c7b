"""The mapping itself: from a foreign document to the fields of ours, item by item.

A new alert source is then a page of data instead of a plugin, and what it does not know it hands
back instead of dropping it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, cast

import attrs

from incidentkit.lang.conditions import Condition
from incidentkit.lang.mappings.convert import As
from incidentkit.lang.mappings.fields import FieldRule, Work
from incidentkit.lang.mappings.parse import read
from incidentkit.lang.mappings.paths import Path, Step
from incidentkit.lang.mappings.results import Mapped, Outcome, Rejection, Skipped
from incidentkit.lang.values import text_of

_ROOT: Final = Path(True, ())


@attrs.frozen
class DocumentMapping:
    """How a foreign document becomes fields; make it with `parse`.

    >>> mapping = DocumentMapping.parse(
    ...     {
    ...         "each": "alerts",
    ...         "fields": {
    ...             "title": ["$.summary", "$.name"],
    ...             "severity": {"from": "$.level", "values": {"major": "error"}},
    ...             "source_url": "$root.externalURL",
    ...         },
    ...     },
    ...     targets={"title": "text", "severity": "text", "source_url": "text"},
    ... )
    >>> (alert,) = mapping.apply(
    ...     {"externalURL": "https://x", "alerts": [{"name": "disk", "level": "major", "pid": 7}]}
    ... )
    >>> print(alert.path, alert.fields, alert.unread)
    $root.alerts[0] {'title': 'disk', 'severity': 'error', 'source_url': 'https://x'} {'$.pid': 7}
    """

    fields: tuple[FieldRule, ...]
    each: Path | None = None
    when: Condition | None = None
    unknown: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, data: Mapping[str, object], targets: Mapping[str, As | str]) -> DocumentMapping:
        """Read a mapping from data, as TOML or JSON give it.

        `targets` declares the fields that may be filled, with their types; `labels.*` declares an
        open family.

        Raises PolicyError with all problems at once, each with its path.
        """
        parts = read(data, targets)
        return cls(parts.fields, parts.each, parts.when, parts.unknown)

    def apply(self, document: object) -> tuple[Outcome, ...]:
        """What became of every item of the document, in order. It never raises.

        >>> mapping = DocumentMapping.parse({"fields": {"title": "$"}}, {"title": "text"})
        >>> mapping.apply({"junk": 1})[0].problems
        (('title', 'dict is no text'),)
        """
        return tuple(self._outcomes(document))

    def _outcomes(self, document: object) -> Iterator[Outcome]:
        if self.each is None:
            yield self._one(document, document, _ROOT)
            return
        items = self.each.read(None, document)
        if not isinstance(items, list | tuple):
            there = "nothing" if items is None else type(items).__name__
            yield Rejection(str(self.each), f"here should be a list of items, but there is {there}")
            return
        for at, item in enumerate(cast("list[object]", items)):
            yield self._one(item, document, self.each.then(at))

    def _one(self, item: object, document: object, path: Path) -> Outcome:
        work = Work(item, document, self.unknown)
        if self.when is not None:
            verdict = self.when.evaluate(work.facts())
            if not verdict.holds:
                return Skipped(str(path), verdict.unknowns)
        for rule in self.fields:
            work.fill(rule)
        if work.lacking:
            return Rejection(str(path), "; ".join(work.lacking))
        unread = dict(_unread(item, _tree(work.places), Path(False, ())))
        return Mapped(str(path), work.fields, work.sent, unread, tuple(work.problems))


@attrs.define
class _Tree:
    """The places that were read: whole, or through some of their steps."""

    whole: bool = False
    steps: dict[Step, _Tree] = attrs.field(factory=dict["Step", "_Tree"])


def _tree(places: list[tuple[Step, ...]]) -> _Tree:
    root = _Tree()
    for place in places:
        at = root
        for step in place:
            at = at.steps.setdefault(step, _Tree())
        at.whole = True
    return root


def _unread(value: object, read_there: _Tree, path: Path) -> Iterator[tuple[str, object]]:
    # It goes down only where something was read, so the depth of the document does not matter.
    if read_there.whole:
        return
    if not read_there.steps and not _is_item(value, path):
        yield str(path), value
        return
    for step, inner in _inside(value):
        yield from _unread(inner, read_there.steps.get(step, _Tree()), path.then(step))


def _is_item(value: object, path: Path) -> bool:
    # The fields of an item are handed back one by one, even when none was read.
    return not path.steps and isinstance(value, Mapping)


def _inside(value: object) -> Iterator[tuple[Step, object]]:
    if isinstance(value, Mapping):
        for key, inner in cast("Mapping[object, object]", value).items():
            # Only Python makes keys that are no text; written so, they meet no other key.
            yield key if isinstance(key, str) else f"<{type(key).__name__} {text_of(key)}>", inner
    else:
        yield from enumerate(cast("list[object]", value))
