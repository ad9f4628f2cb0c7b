"""From an action as a policy writes it to a command: names and texts become typed fields.

What can be known when the policy is read is checked then: the action, its fields, their types, the
words of closed sets. What a template brings is checked when it is rendered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias, cast, get_args, get_origin, get_type_hints

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.lang.names import nearest
from incidentkit.lang.templates import Template
from incidentkit.model import fitting
from incidentkit.model import incident_commands as c
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.problem import RaiseProblem
from incidentkit.rules import beyond, lifecycle
from incidentkit.timing.instants import parse_instant
from incidentkit.timing.terms import parse_span

Given: TypeAlias = "str | bool | int | FrozenMap[str, str]"
"""A field of an action: text (a template), a number, true or false, or a table of texts."""

NO_FIELDS: FrozenMap[str, Given] = FrozenMap()
_NEVER = frozenset(("wake", "declare"))
_BY_FLOW = frozenset(("link", "unlink", "notify", "cancel"))


@cache
def actions() -> Mapping[str, type[c.Command]]:
    """Every action that automation may take, by its name."""
    rows = (*lifecycle.MOVES, *lifecycle.STAYS, *(x for p in beyond.every_part() for x in p.moves))
    found = {row.action: row.command for row in rows if row.action not in _NEVER}
    return {**found, RaiseProblem.action: RaiseProblem}


@attrs.frozen
class Action:
    """One action of a rule: a command's name, and its fields as the policy writes them.

    Raises InvalidValue for an unknown action or field, a field of the wrong type, a template that
    names no fact, or fields of which no command can be made.
    """

    action: str
    fields: FrozenMap[str, Given] = NO_FIELDS

    def __attrs_post_init__(self) -> None:
        for fault in faults(self.action, self.fields):
            raise fault

    @property
    def command_type(self) -> type[c.Command]:
        """The class of its command."""
        return actions()[self.action]

    @property
    def is_plain(self) -> bool:
        """Whether the life-cycle alone decides it, without looking at another record."""
        return self.action not in _BY_FLOW and self.command_type.about == "incident"

    def command(self, ref: str, facts: Mapping[str, object]) -> c.Command:
        """The command for one incident. Raises InvalidValue for what a template made wrong."""
        kind = self.command_type
        hints = fields_of(kind)
        made = {name: _made(name, hints[name], value, facts) for name, value in self.fields.items()}
        if kind is RaiseProblem:
            title = str(made.pop("subject", "")) or f"cause of {ref}"
            found: c.Command = RaiseProblem(title, incident=ref, **made)
        else:
            found = kind(ref, **made)
        fitting.check(found)
        return found

    def __str__(self) -> str:
        """The action for people: `assign assignee=ana`."""
        said = " ".join(f"{name}={value}" for name, value in self.fields.items())
        return f"{self.action} {said}".strip()


def faults(action: str, fields: Mapping[str, Given]) -> Iterator[InvalidValue]:
    """All that keeps these from being an action, each under the name of the field it is about."""
    command = actions().get(action)
    if command is None:
        yield InvalidValue("action", f"no {action!r}; {nearest(action, actions())}")
        return
    known = fields_of(command)
    for name, value in fields.items():
        if name not in known:
            yield InvalidValue(name, f"{action} has no such field; {nearest(name, known)}")
            continue
        try:
            _check(name, known[name], value)
        except InvalidValue as error:
            yield InvalidValue(name, error.problem)
    given = {*fields, "subject"}
    missing = sorted(
        x.name
        for x in attrs.fields(cast("Any", command))
        if x.default is attrs.NOTHING and x.name in known and x.name not in given
    )
    if missing:
        yield InvalidValue(action, f"needs {', '.join(missing)}")


def fields_of(command: type[c.Command]) -> Mapping[str, Any]:
    """The fields that an action may give, each with its type. The subject is the incident."""
    # A value of any kind is written as a text; the rule of the fact turns it into its type.
    hints = get_type_hints(command, localns={"Plain": str})
    own = {"subject"} if command is RaiseProblem else set[str]()
    skipped = {"subject", "if_version", "incident"} - own
    return {
        x.name: hints[x.name] for x in attrs.fields(cast("Any", command)) if x.name not in skipped
    }


def _kind(hint: Any) -> Any:
    """The type itself where a field may also be None."""
    parts = [x for x in get_args(hint) if x is not type(None)]
    return parts[0] if type(None) in get_args(hint) and len(parts) == 1 else hint


def _check(name: str, hint: Any, value: Given) -> None:
    kind = _kind(hint)
    if isinstance(value, str):
        template = Template.parse(value)
        if not template.names():
            _ = _convert(name, kind, value)
        return
    if kind is bool or isinstance(value, bool):
        fits = kind is bool and isinstance(value, bool)
    elif isinstance(value, int):
        fits = kind is int
    else:
        fits = get_origin(kind) is FrozenMap
    if not fits:
        raise InvalidValue(name, f"cannot be {value!r}")


def _made(name: str, hint: Any, value: Given, facts: Mapping[str, object]) -> Any:
    if isinstance(value, str):
        return _convert(name, _kind(hint), Template.parse(value).render(facts))
    return value


def converted(command: type[c.Command], name: str, text: str) -> Any:
    """A text as the type of a field of this command. Raises InvalidValue where it is none."""
    return _convert(name, _kind(fields_of(command)[name]), text)


def _convert(name: str, kind: Any, text: str) -> Any:
    if kind is timedelta:
        return parse_span(text, name)
    if kind is datetime:
        return parse_instant(text, name)
    if get_origin(kind) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if text not in tuple(kind):
            raise InvalidValue(name, f"{text!r} is none of {', '.join(kind)}")
        return kind(text)
    if kind is not str:
        raise InvalidValue(name, f"cannot be the text {text[:40]!r}")
    return text
