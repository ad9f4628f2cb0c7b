"""What differs between two policies, in words, and what that would have meant for incidents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.model.incident import Incident
from incidentkit.model.words import Priority
from incidentkit.policy.document import Policy
from incidentkit.policy.drawn import drawn
from incidentkit.policy.reading import place
from incidentkit.rules.prioritise import Matrix


@attrs.frozen
class Difference:
    """One thing that another policy says otherwise. `before` or `after` is empty where absent."""

    path: str
    before: str
    after: str

    def __str__(self) -> str:
        """The difference as one line."""
        if not self.before:
            return f"{self.path}: added {self.after}"
        if not self.after:
            return f"{self.path}: removed {self.before}"
        return f"{self.path}: {self.before} -> {self.after}"


@attrs.frozen
class Redrawn:
    """An incident whose priority would have been another; `now` is empty where none is drawn."""

    ref: str
    was: str
    now: str
    why: str = ""


@attrs.frozen
class BackTest:
    """How many incidents would have another priority under another policy.

    `seen` counts the incidents looked at; those rated by hand keep their priority whatever the
    policy and are only counted.
    """

    seen: int
    by_hand: int
    redrawn: tuple[Redrawn, ...]


def differences(before: Policy, after: Policy) -> tuple[Difference, ...]:
    """Everything that `after` says otherwise, cells of the matrix first, then key by key."""
    old, new = _document(before), _document(after)
    for document in (old, new):
        document.pop("matrix", None)
    return (*_matrices(before.matrix, after.matrix), *_tables(old, new, ""))


def _document(policy: Policy) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(policy.source))


def _matrices(before: Matrix, after: Matrix) -> list[Difference]:
    """Cells as people speak of them: the pair of levels, and the priority it has."""
    found: list[Difference] = []
    for field in ("name", "assume"):
        was, now = getattr(before, field), getattr(after, field)
        if was != now:
            found.append(Difference(f"matrix.{field}", was, now))
    for field in ("impacts", "urgencies"):
        was, now = ", ".join(getattr(before, field)), ", ".join(getattr(after, field))
        if was != now:
            found.append(Difference(f"matrix.{field}, the worst first", was, now))
    for cell in dict.fromkeys((*before.cells, *after.cells)):
        was, now = before.cells.get(cell, ""), after.cells.get(cell, "")
        if was != now:
            impact, _, urgency = cell.partition("/")
            found.append(Difference(f"impact {impact} x urgency {urgency}", was, now))
    return found


def _tables(before: Mapping[str, Any], after: Mapping[str, Any], path: str) -> list[Difference]:
    found: list[Difference] = []
    for key in dict.fromkeys((*before, *after)):
        found += _values(before.get(key), after.get(key), place(path, key))
    return found


def _values(before: object, after: object, path: str) -> list[Difference]:
    if before == after and type(before) is type(after):
        return []
    plain = Difference(path, _shown(before), _shown(after))
    if isinstance(before, dict) and isinstance(after, dict):
        tables = cast("dict[str, Any]", before), cast("dict[str, Any]", after)
        return _tables(*tables, path)
    if isinstance(before, list) and isinstance(after, list):
        old, new = cast("list[Any]", before), cast("list[Any]", after)
        named = _by_name(old), _by_name(new)
        if named[0] is not None and named[1] is not None:
            return _rows(named[0], named[1], path)
        gone, come = [x for x in old if x not in new], [x for x in new if x not in old]
        if gone or come:
            both = Difference(path, _shown(gone), ""), Difference(path, "", _shown(come))
            return [each for each, rows in zip(both, (gone, come), strict=True) if rows]
    return [plain]


def _rows(
    before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]], path: str
) -> list[Difference]:
    """Rules in a list, known by their names; another order is a difference of its own."""
    found = _tables(before, after, path)
    kept = [name for name in before if name in after]
    moved = [name for name in after if name in before]
    if kept != moved:
        found.append(Difference(f"{path}, in this order", _shown(kept), _shown(moved)))
    return found


def _by_name(rows: list[Any]) -> dict[str, dict[str, Any]] | None:
    """Rows by their names; None where one has none, or two have the same."""
    named: dict[str, dict[str, Any]] = {}
    for row in rows:
        if not isinstance(row, dict):
            return None
        table = cast("dict[str, Any]", row)
        name = table.get("name")
        if not isinstance(name, str) or name in named:
            return None
        named[name] = table
    return named


_LONGEST = 200


def _shown(value: object) -> str:
    """A value as one line; nothing is empty."""
    if value is None:
        return ""
    if isinstance(value, list):
        rows = cast("list[object]", value)
        text = ", ".join(_shown(each) for each in rows) or "nothing"
    elif isinstance(value, str):
        text = value or "nothing"
    else:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def back_test(incidents: Iterable[Incident], before: Policy, after: Policy) -> BackTest:
    """Draw the priority of each incident by both policies, as it is rated now."""
    seen = by_hand = 0
    redrawn: list[Redrawn] = []
    for incident in incidents:
        seen += 1
        if incident.rating.by_hand:
            by_hand += 1
            continue
        was, _ = _drawn(before, incident)
        now, why = _drawn(after, incident)
        if was != now:
            redrawn.append(Redrawn(incident.ref, was, now, why))
    return BackTest(seen, by_hand, tuple(redrawn))


def _drawn(policy: Policy, incident: Incident) -> tuple[str, str]:
    """The priority, or why there is none."""
    try:
        return drawn(policy, incident).priority.value, ""
    except InvalidValue as error:
        return "", str(error)


def direction(redrawn: Redrawn) -> str:
    """`higher`, `lower`, or `none` where one of the policies draws nothing."""
    if redrawn.was not in Priority.__members__ or redrawn.now not in Priority.__members__:
        return "none"
    return "higher" if redrawn.now < redrawn.was else "lower"
