"""Paths into a foreign document: `$.labels["app/tier"][0]` in the item, `$root.url` in the whole.

A small part of JSONPath, without wildcards and filters: one path reads one value, so it is known
exactly what was read and what was left.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeAlias, cast

import attrs
from typing_extensions import override

from incidentkit.errors import MappingError
from incidentkit.lang.quoting import QUOTED, check_source, quote, unquote

MAX_CHARACTERS: Final = 500
MAX_STEPS: Final = 32
_HEAD: Final = re.compile(r"\$(root\b)?")
_STEP: Final = re.compile(
    rf"\.(?P<plain>[\w@-]+)|\[(?:(?P<index>[0-9]{{1,6}})|(?P<odd>{QUOTED}))\]"
)
_PLAIN: Final = re.compile(r"[\w@-]+")

Step: TypeAlias = str | int
"""A key of a table, or a place in a list, counted from 0."""


@attrs.frozen
class Path:
    """Where a value stands: in the item, or with `from_root` in the whole document."""

    from_root: bool
    steps: tuple[Step, ...]

    @classmethod
    def parse(cls, text: str) -> Path:
        """Read a path.

        >>> Path.parse("$.alerts[0]['odd key']").steps
        ('alerts', 0, 'odd key')

        Raises MappingError with the position of what is wrong.
        """
        check_source(text, MAX_CHARACTERS, "path", MappingError)
        head = _HEAD.match(text)
        if head is None:
            problem = "a path starts with $ (the item) or $root (the document)"
            raise MappingError(text, 0, problem)
        steps: list[Step] = []
        at = head.end()
        while at < len(text):
            found = _STEP.match(text, at)
            if found is None:
                raise MappingError(text, at, 'here comes .name, [0] or ["odd name"]')
            if found["index"] is not None:
                steps.append(int(found["index"]))
            elif found["odd"] is not None:
                steps.append(unquote(found["odd"], text, found.start("odd"), MappingError))
            else:
                steps.append(found["plain"])
            at = found.end()
        if len(steps) > MAX_STEPS:
            raise MappingError(text, 0, f"a path has at most {MAX_STEPS} steps")
        return cls(head[1] is not None, tuple(steps))

    def read(self, item: object, document: object = None) -> object | None:
        """The value that stands there; None when nothing does (or a null, which is the same).

        >>> Path.parse("$.a[1]").read({"a": ["x", "y"]})
        'y'
        """
        value = document if self.from_root else item
        for step in self.steps:
            if isinstance(step, str) and isinstance(value, Mapping):
                value = cast("Mapping[str, object]", value).get(step)
            elif isinstance(step, int) and isinstance(value, list | tuple):
                places = cast("list[object]", value)
                value = places[step] if step < len(places) else None
            else:
                return None
        return value

    def then(self, *steps: Step) -> Path:
        """The path some steps further on."""
        return Path(self.from_root, self.steps + steps)

    @override
    def __str__(self) -> str:
        """The path as it is written.

        >>> print(Path(False, ("a", 0, "odd key")))
        $.a[0]["odd key"]
        """
        return ("$root" if self.from_root else "$") + "".join(map(_written, self.steps))


def _written(step: Step) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _PLAIN.fullmatch(step) else f"[{quote(step)}]"
