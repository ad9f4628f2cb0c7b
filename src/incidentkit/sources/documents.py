"""Reading a JSON body from a stranger: size, depth, numbers and damaged text, before any meaning.

One look over the body decides whether any text in it can be damaged (a NUL or a lone surrogate
needs an escape once the bytes are strict UTF-8), so that a clean body costs no walk over its
fields. Of a key that stands twice in one object the last one wins, as everywhere in JSON. Numbers
are kept by value, so 1.10 becomes 1.1.
"""

from __future__ import annotations

import json
import math
import re
from array import array
from itertools import accumulate
from operator import methodcaller
from typing import Any, TypeAlias, TypeGuard

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.model.signals import Rejected

Fields: TypeAlias = dict[str, Any]
"""A JSON object, before anything is known of it."""

BODY_LIMIT = 10_000_000
DEPTH_LIMIT = 32
DIGITS_LIMIT = 64
ALERTS_LIMIT = 10_000
EXCERPT_LIMIT = 500

_OBJECT: type[Any] = dict
_DEEP = f"is nested deeper than {DEPTH_LIMIT} levels"
_NO_MARKS = bytes(each for each in range(256) if each not in b'[]{}"')
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_STEPS = bytes.maketrans(b"[]", b"\x01\xff")  # one down, one up
_PAIRS = re.compile(rb'(?:"")++')  # quotes side by side hold no bracket between them
_QUOTED = re.compile(rb'"[^"]*+"')
_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


@attrs.frozen
class Document:
    """A body that was read. `clean` says that no text anywhere in it is damaged."""

    value: object
    clean: bool


def read_document(body: bytes) -> Document | Rejected:
    """The body as a JSON document, or why it is none. Never raises.

    >>> read_document(b'{"title": "disk full"}').value
    {'title': 'disk full'}
    >>> read_document(b'{"load": NaN}').problem
    'NaN is no number that can be kept'
    """
    if len(body) > BODY_LIMIT:
        problem = f"has {len(body):,} bytes; at most {BODY_LIMIT:,} are read"
        return Rejected("body", problem, excerpt(body))
    try:
        value = _DECODER.decode(body.decode().removeprefix("\ufeff"))
        if not _too_deep(body, value):
            return Document(value, _SUSPECT.search(body) is None or is_clean(value))
        problem = _DEEP
    except InvalidValue as error:
        problem = error.problem
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 at byte {error.start}"
    except json.JSONDecodeError as error:
        problem = f"is not JSON: {error.msg} (at character {error.pos})"
    except RecursionError:
        problem = _DEEP
    return Rejected("body", problem, excerpt(body))


_LABELS = methodcaller("get", "labels")
_ANNOTATIONS = methodcaller("get", "annotations")


def _too_deep(body: bytes, value: object) -> bool:
    """Whether a body that was read nests deeper than the limit.

    Brackets cannot nest deeper than there are of them, and nearly all of them open an alert, its
    labels or its annotations; so nearly always counting is enough.
    """
    brackets = body.count(b"{") + body.count(b"[")
    if brackets <= DEPTH_LIMIT or brackets - _explained(value) <= DEPTH_LIMIT - 4:
        return False
    if b'\\"' in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = _PAIRS.sub(b"", body.translate(_ONE_KIND, _NO_MARKS))
    nested = _QUOTED.sub(b"", marks)
    for _ in range(4):  # what is usual is gone by then; the rest takes one slow pass
        nested = nested.replace(b"[]", b"")
    return max(accumulate(array("b", nested.translate(_STEPS))), default=0) > DEPTH_LIMIT - 4


def _explained(value: object) -> int:
    """How many brackets the usual shape of alerts accounts for, at most four levels deep."""
    alerts: object = value.get("alerts") if is_object(value) else value
    if not is_list(alerts):
        return 0
    if not are_objects(alerts):
        return 1
    shapes = [*map(type, map(_LABELS, alerts)), *map(type, map(_ANNOTATIONS, alerts))]
    return 1 + len(alerts) + shapes.count(_OBJECT)


def _whole(digits: str) -> int:
    if len(digits) > DIGITS_LIMIT:
        raise InvalidValue("body", f"a number has {len(digits):,} digits, over {DIGITS_LIMIT}")
    return int(digits)


def _fraction(digits: str) -> float:
    value = float(digits)
    if len(digits) > DIGITS_LIMIT or not math.isfinite(value):
        raise InvalidValue("body", f"{digits[:40]} is no number that can be kept")
    return value


def _constant(word: str) -> object:
    raise InvalidValue("body", f"{word} is no number that can be kept")


_DECODER = json.JSONDecoder(parse_int=_whole, parse_float=_fraction, parse_constant=_constant)


def is_object(value: object) -> TypeGuard[Fields]:
    """Whether the value is a JSON object."""
    return type(value) is dict


def are_objects(values: list[object]) -> TypeGuard[list[Fields]]:
    """Whether every value in the list is a JSON object."""
    return set(map(type, values)) <= {dict}


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether the value is a JSON list."""
    return type(value) is list


def is_clean(value: object) -> bool:
    """Whether no text in the value, names of fields included, is damaged.

    >>> is_clean({"title": "disk full"}), is_clean({"title": chr(0)}), is_clean([chr(0xD800)])
    (True, False, False)
    """
    written = json.dumps(value, ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError:
        return False
    return _NUL.search(written) is None


def excerpt(value: object) -> str:
    """The beginning of what was refused, safe to keep and to show."""
    if isinstance(value, bytes):
        text = value[: 4 * EXCERPT_LIMIT].decode("utf-8", "replace")[:EXCERPT_LIMIT]
        return text.replace("\0", "\\0")
    written = json.dumps(value, ensure_ascii=False)[:EXCERPT_LIMIT]
    return written.encode("utf-8", "backslashreplace").decode()[:EXCERPT_LIMIT]
