"""The edge: what text, names, numbers and instants a value accepts, the same for every store.

SQLite keeps a NUL that PostgreSQL refuses, and both choke on lone surrogates; so neither gets in.
Validators run on every construction, therefore each is one cheap test in the good case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar, cast

import attrs

from incidentkit.errors import InvalidValue, LimitExceeded
from incidentkit.model.frozen import FrozenMap
from incidentkit.timing.instants import as_utc

E = TypeVar("E", bound=StrEnum)
Validator: TypeAlias = Callable[[Any, "attrs.Attribute[Any]", Any], None]

NAME_LIMIT = 256
TITLE_LIMIT = 1_000
TEXT_LIMIT = 65_536
LABELS_LIMIT = 256
LIST_LIMIT = 1_000
"""How many of one kind of thing one record keeps."""
_YEAR = timedelta(days=366)


def check_text(value: object, field: str, limit: int = TEXT_LIMIT) -> str:
    """Clean text of at most `limit` characters, or InvalidValue naming the field."""
    if type(value) is not str and not isinstance(value, str):
        raise InvalidValue(field, f"must be text, not {type(value).__name__}")
    if len(value) > limit:
        raise LimitExceeded(field, f"has {len(value)} characters; at most {limit} are kept")
    if "\0" in value:
        raise InvalidValue(field, "contains a NUL character, which not every store can keep")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidValue(field, "contains a lone surrogate: the text is damaged") from None
    return value


def check_name(value: object, field: str) -> str:
    """A name from an open set: one printable line, not empty, without outer blanks."""
    text = check_text(value, field, NAME_LIMIT)
    if not text or text != text.strip() or not text.isprintable():
        raise InvalidValue(field, f"{text[:40]!r} is no name: one printable line is needed")
    return text


def check_count(count: int, field: str, limit: int = LIST_LIMIT) -> None:
    """Raise LimitExceeded where a list has more entries than are kept."""
    if count > limit:
        raise LimitExceeded(field, f"are {count}; at most {limit} are kept")


def check_texts(values: Mapping[str, str], field: str) -> FrozenMap[str, str]:
    """Names with their texts, clean and frozen. Raises InvalidValue or LimitExceeded."""
    check_count(len(values), field, LABELS_LIMIT)
    return FrozenMap(
        {check_name(k, field): check_text(v, f"{field}.{k}") for k, v in values.items()}
    )


def member(kind: type[E], field: str, value: E | str) -> E:
    """A member of a closed set by its word. Raises InvalidValue listing the members."""
    try:
        return kind(value)
    except ValueError:
        problem = f"{str(value)[:80]!r} is none of {', '.join(kind)}"
        raise InvalidValue(field, problem) from None


def text(limit: int = TEXT_LIMIT) -> Validator:
    """A validator of clean text up to `limit` characters."""

    def validate(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        check_text(value, attribute.name, limit)

    return validate


def key(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Validate a key: clean text, not empty, since all that share one count as one thing."""
    if not check_text(value, attribute.name, TITLE_LIMIT):
        raise InvalidValue(attribute.name, "must not be empty: it tells one thing from another")


def title(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Validate a title: clean text, not blank, at most `TITLE_LIMIT` characters."""
    if not check_text(value, attribute.name, TITLE_LIMIT).strip():
        raise InvalidValue(attribute.name, "must not be empty")


def span_ahead(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Validate a time from now on that may be missing: whole seconds, at most a year."""
    if value is None:
        return
    if type(value) is not timedelta or value.microseconds or not timedelta() < value <= _YEAR:
        problem = f"{value!r} is no time ahead: whole seconds are needed, and at most 366 days"
        raise InvalidValue(attribute.name, problem)


def name(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Validate a name from an open set."""
    check_name(value, attribute.name)


def optional_name(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Validate a name that may be missing."""
    if value is not None:
        check_name(value, attribute.name)


def to_names(value: Iterable[str]) -> tuple[str, ...]:
    """Convert several names to a tuple at the edge; one bare name is refused."""
    if isinstance(value, str) or not isinstance(cast("object", value), Iterable):
        raise InvalidValue("names", f"must be several names such as ('T1',), not {value!r:.40}")
    return tuple(check_name(each, "names") for each in value)


def to_seqs(value: Iterable[int]) -> tuple[int, ...]:
    """Convert numbers of journal entries to a rising tuple at the edge, each once, from 1 on."""
    if not isinstance(cast("object", value), Iterable):
        raise InvalidValue("seqs", f"must be several numbers such as (3,), not {value!r:.40}")
    found = tuple(value)
    if not all(type(each) is int and each > 0 for each in found):
        raise InvalidValue("seqs", "must be numbers of journal entries, from 1 on")
    return tuple(sorted(set(found)))


def to_tuple(value: Iterable[str]) -> tuple[str, ...]:
    """Convert several texts to a tuple; what is none, such as one bare text, `fitting` refuses."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(cast("object", value), Iterable):
        return cast("tuple[str, ...]", value)
    return tuple(value)


def to_optional_tuple(value: Iterable[str] | None) -> tuple[str, ...] | None:
    """The same for texts that may be missing."""
    return None if value is None else to_tuple(value)


def to_map(value: Mapping[str, str]) -> FrozenMap[str, str]:
    """Convert names with their texts to a frozen map; what is no mapping, `fitting` refuses."""
    if isinstance(value, FrozenMap) or not isinstance(cast("object", value), Mapping):
        return cast("FrozenMap[str, str]", value)
    return FrozenMap(value)


def to_optional_map(value: Mapping[str, str] | None) -> FrozenMap[str, str] | None:
    """The same for a mapping that may be missing."""
    return None if value is None else to_map(value)


def utc(_: object, attribute: attrs.Attribute[Any], value: datetime) -> None:
    """Validate an instant that was made UTC at the edge; one identity test."""
    try:
        if value.tzinfo is UTC:
            return
    except AttributeError:
        kind = type(value).__name__
        raise InvalidValue(attribute.name, f"must be an aware datetime, not {kind}") from None
    raise InvalidValue(attribute.name, f"{value!r} is not in UTC; use value.astimezone(UTC)")


def to_utc(value: datetime) -> datetime:
    """Convert an aware instant to UTC at the edge; a naive one is refused."""
    return as_utc(value)


def to_optional_utc(value: datetime | None) -> datetime | None:
    """The same for an instant that may be missing."""
    return None if value is None else as_utc(value)


def to_optional_names(value: Iterable[str] | None) -> tuple[str, ...] | None:
    """The same for names that may be missing."""
    return None if value is None else to_names(value)


def optional_utc(_: object, attribute: attrs.Attribute[Any], value: datetime | None) -> None:
    """Validate an instant that may be missing."""
    if value is not None:
        utc(_, attribute, value)
