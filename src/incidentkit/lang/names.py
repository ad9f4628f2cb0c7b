"""Names of facts, and the one way in which all three languages look a name up.

A name is looked up in plain mappings only. No attribute of a Python object is ever read, so a
policy author cannot walk from a value to the host's secrets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, cast

import attrs
from typing_extensions import override

from incidentkit.errors import InvalidValue, LanguageError
from incidentkit.lang.quoting import QUOTED, quote, unquote

MAX_SEGMENTS: Final = 32
MAX_CHARACTERS: Final = 256
FIRST: Final = r"[A-Za-z_][A-Za-z0-9_]*(?:-+[A-Za-z0-9_]+)*"
_LATER: Final = r"[A-Za-z0-9_]+(?:-+[A-Za-z0-9_]+)*"
_REST: Final = re.compile(rf"\.(?P<plain>{_LATER})|\[(?P<odd>{QUOTED})\]")
NAME: Final = re.compile(rf"{FIRST}(?:\.{_LATER}|\[(?:{QUOTED})\])*")
_FIRST: Final = re.compile(FIRST)
_PLAIN: Final = re.compile(_LATER)


def _check(_: object, __: object, segments: tuple[str, ...]) -> None:
    if not segments or not _FIRST.fullmatch(segments[0]):
        raise InvalidValue("name", f"{segments!r}: a name starts with a plain word")


def _join(name: Name) -> str:
    return ".".join(name.segments)


@attrs.frozen
class Name:
    """The name of a fact: a plain word, then segments that may hold any character."""

    segments: tuple[str, ...] = attrs.field(validator=_check)
    dotted: str = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_join, takes_self=True)
    )
    """The segments joined by dots: how the fact is declared, looked up and reported."""

    @override
    def __str__(self) -> str:
        """The name as it is written.

        >>> print(Name(("labels", "kubernetes.io/name")))
        labels["kubernetes.io/name"]
        """
        first, *rest = self.segments
        return first + "".join(f".{s}" if _PLAIN.fullmatch(s) else f"[{quote(s)}]" for s in rest)


def find(facts: Mapping[str, object], name: Name) -> tuple[tuple[str, ...], object] | None:
    """The keys that lead to the fact, and its value; None when it is missing.

    At each level the rest of the name is tried as one key (`labels.team` in a flat mapping),
    then its first segment as the key of a nested mapping.

    >>> find({"labels": {"app.tier": "db"}}, Name(("labels", "app", "tier")))
    (('labels', 'app.tier'), 'db')
    """
    level, segments, whole, taken = facts, name.segments, name.dotted, 0
    while whole not in level:
        inner = level.get(segments[taken])
        if not isinstance(inner, Mapping):
            return None
        level = cast("Mapping[str, object]", inner)
        taken += 1
        whole = ".".join(segments[taken:])
    return (*segments[:taken], whole), level[whole]


def value_of(facts: Mapping[str, object], name: Name) -> object | None:
    """The value of the fact; None when it is missing, or is None, which means the same."""
    found = find(facts, name)
    return None if found is None else found[1]


def declares(declared: Iterable[str], dotted: str) -> str | None:
    """The declared name or open family (`labels.*`) that covers the name; the longest wins.

    >>> declares(["title", "labels.*"], "labels.team")
    'labels.*'
    """
    if dotted in declared:
        return dotted
    families = [
        each
        for each in declared
        if each.endswith(".*") and len(dotted) > len(each) - 1 and dotted.startswith(each[:-1])
    ]
    return max(families, key=len, default=None)


def nearest(wrong: str, known: Iterable[str]) -> str:
    """A hint for an unknown word: the nearest known one, or a few of them.

    >>> nearest("sevrity", ["severity", "title"])
    "did you mean 'severity'?"
    """
    from difflib import get_close_matches  # only errors need it

    choices = sorted(known)
    close = get_close_matches(wrong[:100], choices, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    more = ", ..." if len(choices) > 12 else ""
    return f"there are: {', '.join(choices[:12]) or 'none'}{more}"


def read_name(written: str, whole: str, at: int, error: type[LanguageError]) -> Name:
    r"""The name that a text matched by NAME means; `whole` and `at` say where it stands.

    >>> from incidentkit.errors import ConditionError
    >>> read_name('labels["a b"]', "", 0, ConditionError).segments
    ('labels', 'a b')
    """
    if len(written) > MAX_CHARACTERS:
        raise error(whole, at, f"a name has at most {MAX_CHARACTERS} characters")
    first = re.split(r"[.\[]", written, maxsplit=1)[0]
    later = [
        part["plain"] or unquote(part["odd"], whole, at + part.start("odd"), error)
        for part in _REST.finditer(written, len(first))
    ]
    if len(later) >= MAX_SEGMENTS:
        raise error(whole, at, f"a name has at most {MAX_SEGMENTS} segments")
    return Name((first, *later))
