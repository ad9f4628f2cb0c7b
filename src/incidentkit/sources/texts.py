"""Foreign values made into the texts of an alert: labels, extra fields, titles, keys, excerpts."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime

from incidentkit.errors import InvalidValue, LimitExceeded
from incidentkit.model.checks import LABELS_LIMIT, NAME_LIMIT, TEXT_LIMIT, TITLE_LIMIT
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.signals import NO_TEXTS, Rejected, Texts
from incidentkit.sources.documents import Fields, excerpt, is_clean, is_object
from incidentkit.timing.instants import parse_instant

DAMAGED = "contains a NUL or a lone surrogate: the text is damaged"
KEY_LIMIT = 1_000
_ZERO_TIME = "0001-01-01"

SHARED_LIMIT = 16_384
"""The most that the alerts of one payload may share, since each of them keeps a copy."""


def as_text(value: object) -> str:
    """The value as one text: a text as it is, anything else as compact JSON with sorted names.

    >>> as_text("up"), as_text(True), as_text({"b": [1, None], "a": 2})
    ('up', 'true', '{"a":2,"b":[1,null]}')
    """
    return value if isinstance(value, str) else _COMPACT.encode(value)


_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def texts(value: object, field: str) -> Texts:
    """Labels or annotations: names and texts, within the limits. A missing object is an empty one.

    Raises InvalidValue where it is no object, LimitExceeded where there are too many or too long.
    """
    if is_object(value):
        return bounded(value, field)
    if value is None:
        return NO_TEXTS
    raise InvalidValue(field, f"must be an object, not {type(value).__name__}")


def bounded(found: Fields, field: str) -> Texts:
    """The fields as a map of texts, or LimitExceeded where they are too many or too long."""
    if len(found) > LABELS_LIMIT:
        raise LimitExceeded(field, f"has {len(found):,} fields; at most {LABELS_LIMIT} are kept")
    try:
        size = len("".join(found.values()))  # in C; fails where a value is no text
    except TypeError:
        found = {name: as_text(each) for name, each in found.items()}
        size = len("".join(found.values()))
    if size + len("".join(found)) > TEXT_LIMIT:
        raise LimitExceeded(field, f"has {size:,} characters; at most {TEXT_LIMIT:,} are kept")
    return FrozenMap(found)


def digest(parts: Mapping[str, str] | Iterable[str]) -> str:
    """A stable key of labels (whatever their order) or of texts (in theirs).

    Different spellings of one character in Unicode give the same key.

    >>> digest({"a": "1", "b": "2"}) == digest({"b": "2", "a": "1"})
    True
    """
    written = _COMPACT.encode(parts if isinstance(parts, Mapping) else list(parts))
    if not written.isascii():
        written = unicodedata.normalize("NFC", written)
    return hashlib.blake2b(written.encode(), digest_size=16).hexdigest()


def one_line(text: str, limit: int = TITLE_LIMIT) -> str:
    """The text as a title: one line, cut with an ellipsis.

    >>> one_line("disk full" + chr(10) + " on db-1 ")
    'disk full on db-1'
    """
    line = text.strip()
    if not line.isprintable():
        line = " ".join(line.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def is_name(text: object) -> bool:
    """Whether the value can stand as a name: one printable line without outer blanks."""
    return (
        isinstance(text, str)
        and 0 < len(text) <= NAME_LIMIT
        and text.isprintable()
        and text == text.strip()
    )


def key_of(sent: str) -> str:
    """The sender's own key, with each character in one spelling; a digest where it is too long.

    >>> key_of("disk/db-1")
    'disk/db-1'
    """
    if sent.isascii() and len(sent) <= KEY_LIMIT:
        return sent
    key = unicodedata.normalize("NFC", sent)
    return key if len(key) <= KEY_LIMIT else digest((key,))


def merged(shared: Texts, own: Mapping[str, object], prefix: str) -> Texts:
    """Both in one map; a name that is taken is told apart by the prefix, so nothing is hidden.

    >>> merged(FrozenMap(job="a"), {"job": "b", "up": True}, "alert")
    {'job': 'a', 'alert.job': 'b', 'up': 'true'}
    """
    if not own:
        return shared
    found: dict[str, str] = dict(shared)
    for name, value in bounded(dict(own), "extra").items():
        free = name
        while free in found:
            free = f"{prefix}.{free}"
        found[free] = value
    return FrozenMap(found)


def share(
    fields: Iterable[tuple[str, object]], clean: bool
) -> tuple[dict[str, str], tuple[Rejected, ...]]:
    """What the alerts of a payload share, as texts; a field that cannot be kept is refused."""
    found: dict[str, str] = {}
    refused: list[Rejected] = []
    size = 0
    for name, value in fields:
        if not clean and not is_clean({name: value}):
            refused.append(rejected(_path(name), DAMAGED, value))
            continue
        text = as_text(value)
        size += len(text) + len(name)
        if size > SHARED_LIMIT or len(found) >= LABELS_LIMIT:
            size -= len(text) + len(name)
            problem = f"goes over the {SHARED_LIMIT:,} characters that alerts may share"
            refused.append(rejected(_path(name), problem, value))
        else:
            found[name] = text
    return found, tuple(refused)


def rejected(path: str, problem: str, value: object) -> Rejected:
    """What could not be read, with the beginning of it."""
    return Rejected(path, one_line(problem, 500), excerpt(value))


def _path(name: str) -> str:
    return one_line(excerpt(name).strip('"'), 80)


def instant(sent: str) -> datetime | None:
    """The instant, if the text is one; the year 1 means "not yet" in Go, so it is none.

    >>> instant("2018-03-07T06:33:21.873077559-05:00").isoformat()
    '2018-03-07T11:33:21.873077+00:00'
    >>> instant("0001-01-01T00:00:00Z") is instant("yesterday") is None
    True
    """
    if sent.startswith(_ZERO_TIME):
        return None
    try:
        # The form that Go writes is read in C, four times as fast.
        if 20 <= len(sent) <= 30 and sent[7::3].startswith("-T::") and sent[-1] == "Z":
            return datetime.fromisoformat(sent)
        return parse_instant(sent)
    except ValueError:
        return None
