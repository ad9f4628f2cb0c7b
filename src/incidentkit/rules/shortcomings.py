"""What an action of a rule lacks, so that it can never work, whatever incident it meets.

The rows of the life-cycle say what their commands need, and the commands what their fields accept;
both are asked here when a policy is read, instead of for the first time at night.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, cast

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.lang.templates import Template
from incidentkit.model import incident_commands as c
from incidentkit.model.problem import RaiseProblem
from incidentkit.model.words import CancelReason
from incidentkit.rules import beyond, lifecycle
from incidentkit.rules.bind import Action, Given, converted, fields_of

_FROM_ELSEWHERE = frozenset(
    ((c.Triage, "impact"), (c.Triage, "urgency"), (c.Hold, "court"), (c.Close, "code"))
)
"""What the incident or the policy may have already."""


@cache
def _needs() -> Mapping[type[c.Command], tuple[str, ...]]:
    """What each command needs, as its row says; remarks in brackets are no names of fields."""
    rows = (*lifecycle.MOVES, *lifecycle.STAYS, *(x for p in beyond.every_part() for x in p.moves))
    return {row.command: tuple(x for x in row.needs if "(" not in x) for row in rows}


def shortcomings(action: Action) -> Iterator[InvalidValue]:
    """Each thing that keeps it from ever working, under the name of a field or of the action."""
    kind, given = action.command_type, action.fields
    told: set[str] = set()
    for name, value in given.items():
        if not (kind is RaiseProblem and name == "subject" and _blank(value)):
            for fault in _refused(kind, name, value):
                told.add(name)
                yield fault
    known = fields_of(kind)
    missing = [
        wanted
        for wanted in _needs().get(kind, ())
        if wanted not in told
        and (kind, wanted) not in _FROM_ELSEWHERE
        and all(x in known and _empty(kind, x, given) for x in wanted.split(" or "))
    ]
    if kind is c.Prioritise and "priority" in given and _empty(kind, "reason", given):
        missing.append("reason")
    if kind is c.Cancel:
        why = given.get("reason")
        if why == CancelReason.MERGED.value:
            yield InvalidValue("reason", "merging is an action of its own: merge")
        targeted = why in (CancelReason.DUPLICATE.value, CancelReason.REDIRECTED.value)
        if targeted and _empty(kind, "target", given):
            missing.append("target")
    if missing:
        yield InvalidValue(action.action, f"needs {', '.join(missing)}")


def literal(value: Given | None) -> str | None:
    """The text that a field always has; None where a template makes it, or it is no text."""
    if not isinstance(value, str):
        return None
    template = Template.parse(value)
    return None if template.names() else template.render({})


def _empty(kind: type[c.Command], name: str, given: Mapping[str, Given]) -> bool:
    """Whether nothing stands in a field, neither given nor by itself."""
    if name in given:
        return _blank(given[name])
    default: object = attrs.fields_dict(cast("Any", kind))[name].default
    return not default


def _blank(value: Given) -> bool:
    text = literal(value)
    return text is not None and not text.strip()


def _refused(kind: type[c.Command], name: str, value: Given) -> Iterator[InvalidValue]:
    """What the command itself would say of a text that is always the same."""
    text = literal(value)
    if text is None:
        return
    field: Any = attrs.fields_dict(cast("Any", kind))[name]
    try:
        made = converted(kind, name, text)
        if field.converter is not None:
            made = field.converter(made)
        if field.validator is not None:
            field.validator(None, field, made)
    except InvalidValue as error:
        yield InvalidValue(name, error.problem)
