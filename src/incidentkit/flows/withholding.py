"""References to what somebody may not see, taken out of what they are shown.

The library decides with full sight: it links, merges and joins, and what it writes names both
sides. Whoever may see only one of them gets that one without the other: a link to something hidden
is left out, and elsewhere its reference, its id and its title are replaced by `[withheld]`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar, cast

import attrs

from incidentkit.errors import InvalidValue, NotFound
from incidentkit.flows.effects import Flow, Load, Owners
from incidentkit.flows.kinds import BY_NAME
from incidentkit.model.incident import Link

if TYPE_CHECKING:
    from incidentkit.flows.sight import Sight

T = TypeVar("T")
WITHHELD = "[withheld]"
_REF = re.compile(r"\b[A-Za-z][A-Za-z0-9_]*-\d+\b")
_NAMED = re.compile(rf"\b({'|'.join(BY_NAME)})/([\w.\-]+)")
_PAGE = 500
_TITLE = 4
"""Titles shorter than this are words of everybody."""


def shown(sight: Sight, value: T) -> Flow[T]:
    """An answer with every reference to what may not be seen left out or withheld."""
    words = said_in(value)
    if sight.read:
        said = "\n".join(words)
        sight.read = {x: y for x, y in sight.read.items() if y[0] in said or x in said}
    hidden = yield from hidden_in(sight, words)
    if hidden and sight.people:
        own = _own(value)
        hidden = tuple([each for each in hidden if each not in own])
    return without(value, hidden) if hidden else value


def _own(value: object) -> frozenset[str]:
    """What names the record that a command answers with: who began it may know what it is called.

    Whoever may declare and not look afterwards still needs the reference.
    """
    record = getattr(value, "value", value)
    names = (getattr(record, "id", ""), getattr(record, "ref", ""), *_title(record))
    return frozenset(x for x in names if isinstance(x, str) and x)


def told(sight: Sight, error: Exception) -> Flow[Exception]:
    """An error with the same left out of its words."""
    if isinstance(error, NotFound):  # its name is the caller's own
        hidden = yield from hidden_in(sight, said_in(error.choices))
        choices = without(error.choices, hidden) if hidden else error.choices
        return NotFound(error.kind, error.name, choices) if hidden else error
    hidden = yield from hidden_in(sight, said_in((error.args, vars(error))))
    return restated(error, hidden) if hidden else error


def said_in(value: object) -> frozenset[str]:
    """Every text in a value, however deep."""
    found: set[str] = set()
    _gather(value, found)
    return frozenset(found)


def _gather(value: object, found: set[str]) -> None:
    if isinstance(value, str):
        if not isinstance(value, Enum):
            found.add(value)
    elif isinstance(value, Mapping):
        for key, each in cast("Mapping[object, object]", value).items():
            _gather(key, found)
            _gather(each, found)
    elif isinstance(value, tuple | list | set | frozenset):
        for each in cast("Iterable[object]", value):
            _gather(each, found)
    elif attrs.has(type(value)) and not isinstance(value, type):
        for field in attrs.fields(cast("type[attrs.AttrsInstance]", type(value))):
            _gather(getattr(value, field.name), found)


def hidden_in(sight: Sight, words: Iterable[str]) -> Flow[tuple[str, ...]]:
    """References, ids and titles of records that the words name and the actor may not see."""
    refs: dict[str, None] = {}
    names: dict[tuple[str, str], None] = {}
    for text in words:
        refs.update(dict.fromkeys(_REF.findall(text)))
        names.update(dict.fromkeys(_NAMED.findall(text)))
    listed = tuple(refs)
    for start in range(0, len(listed), _PAGE):
        for owner in (yield from Owners("ref", listed[start : start + _PAGE])):
            kind, _, id_ = (owner or "").partition("/")
            if kind in BY_NAME:
                names[kind, id_] = None
    hidden: dict[str, None] = {}
    for kind in dict.fromkeys(kind for kind, _ in names):
        ids = tuple([id_ for of, id_ in names if of == kind])
        for start in range(0, len(ids), _PAGE):
            some = Load(BY_NAME[kind], ids[start : start + _PAGE])
            whole = yield from some
            try:
                seen = yield from sight.load(some)
            except InvalidValue:  # a scope that names no column of this kind shows none of it
                seen = (None,) * len(whole)
            for record, shown in zip(whole, seen, strict=True):
                if record is not None and shown is None:
                    hidden.update(dict.fromkeys((record.id, record.ref, *_title(record))))
    return tuple(sorted(hidden, key=len, reverse=True))


def incidents_named(words: Iterable[str]) -> Flow[tuple[str, ...]]:
    """The ids of the incidents that the words name by their references."""
    refs = tuple(dict.fromkeys(ref for text in words for ref in _REF.findall(text)))
    owners = (yield from Owners("ref", refs)) if refs else ()
    named = [(owner or "").partition("/") for owner in owners]
    return tuple([id_ for kind, _, id_ in named if kind == "incident"])


def names_of(record: Any) -> tuple[str, ...]:
    """What names a record in words: its id, its reference and its title."""
    return (record.id, record.ref, *_title(record))


def _title(record: object) -> tuple[str, ...]:
    title: object = getattr(record, "title", "")
    return (title,) if isinstance(title, str) and len(title) >= _TITLE else ()


def without(value: T, hidden: tuple[str, ...]) -> T:
    """The value without what is hidden."""
    pattern = re.compile("|".join(rf"(?<![\w-]){re.escape(x)}(?![\w-])" for x in hidden))
    return cast("T", _without(value, pattern, frozenset(hidden)))


def restated(error: Exception, hidden: tuple[str, ...]) -> Exception:
    """The same error in words without what is hidden."""
    told = copy.copy(error)
    told.args = without(error.args, hidden)
    for name, value in vars(error).items():
        setattr(told, name, without(value, hidden))
    return told


def _without(value: Any, pattern: re.Pattern[str], hidden: frozenset[str]) -> Any:
    kind: Any = value.__class__
    if isinstance(value, str):
        return value if isinstance(value, Enum) else pattern.sub(WITHHELD, value)
    if isinstance(value, Mapping):
        items = cast("Mapping[Any, Any]", value).items()
        found = {_without(k, pattern, hidden): _without(x, pattern, hidden) for k, x in items}
        return kind(found)
    if isinstance(value, tuple | list | set | frozenset):
        every = cast("Iterable[Any]", value)
        kept = [_without(x, pattern, hidden) for x in every if not _leads(x, hidden)]
        return kind(*kept) if hasattr(kind, "_fields") else kind(kept)
    if attrs.has(kind) and kind is not type:
        return _rebuilt(value, kind, pattern, hidden)
    return value


def _leads(value: object, hidden: frozenset[str]) -> bool:
    """Whether it is nothing but a way to something hidden."""
    if isinstance(value, Link):
        return value.ref in hidden or value.target.partition("/")[2] in hidden
    return isinstance(value, str) and value in hidden


def _rebuilt(value: Any, kind: Any, pattern: re.Pattern[str], hidden: frozenset[str]) -> Any:
    """A copy with other words; nothing is validated, because a name may be withheld."""
    changed: dict[str, Any] = {}
    for field in attrs.fields(kind):
        was = getattr(value, field.name)
        now = _without(was, pattern, hidden)
        if now is not was and now != was:
            changed[field.name] = now
    if not changed:
        return value
    told = copy.copy(value)
    for name, now in changed.items():
        object.__setattr__(told, name, now)
    return told
