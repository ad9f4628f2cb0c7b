"""Text with holes: `$incident.title`, `${incident.service|unknown service}`, `$$` for a dollar.

There is no logic and no attribute access, and a value is never read as a template: what an
attacker writes into a title stays text. Escaping for HTML is the channel's, which knows its
format.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

import attrs
from typing_extensions import override

from incidentkit.errors import TemplateError
from incidentkit.lang.names import NAME, Name, declares, nearest, read_name, value_of
from incidentkit.lang.quoting import check_source
from incidentkit.lang.values import text_of

MAX_CHARACTERS: Final = 16_000
MAX_OUTPUT_BYTES: Final = 65_536
# Without brackets a hyphen ends the name, so that "$host-$unit" reads as it looks.
_BARE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_BREAKS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@attrs.frozen
class Field:
    """One hole: the name looked up, and the text used when it is missing."""

    name: Name
    default: str | None
    at: int


@attrs.frozen
class Template:
    """A template; make it with `parse`.

    >>> greeting = Template.parse("$incident.title (${incident.service|unknown service})")
    >>> greeting.render({"incident": {"title": "Checkout fails for $5"}})
    'Checkout fails for $5 (unknown service)'
    """

    text: str
    parts: tuple[str | Field, ...] = attrs.field(eq=False, repr=False)

    @classmethod
    def parse(cls, text: str, fields: Collection[str] | None = None) -> Template:
        """Read a template; with `fields` (`incident.title`, `labels.*`) others are refused.

        >>> Template.parse("$incident.titel", ["incident.title"])
        Traceback (most recent call last):
        incidentkit.errors.TemplateError: there is no field 'incident.titel'; did you mean ...

        Raises TemplateError with the position of what is wrong, or over the limit.
        """
        check_source(text, MAX_CHARACTERS, "template", TemplateError)
        parts = tuple(_parts(text))
        if fields is not None:
            for part in parts:
                if isinstance(part, Field) and declares(fields, part.name.dotted) is None:
                    hint = nearest(part.name.dotted, fields)
                    problem = f"there is no field {str(part.name)!r}; {hint}"
                    raise TemplateError(text, part.at, problem)
        return cls(text, parts)

    def names(self) -> tuple[str, ...]:
        """The dotted names it reads, in the order of the text, each once.

        >>> Template.parse("$a.b and $c, $a.b").names()
        ('a.b', 'c')
        """
        named = (part.name.dotted for part in self.parts if isinstance(part, Field))
        return tuple(dict.fromkeys(named))

    def render(
        self, values: Mapping[str, object], *, missing: str = "", one_line: bool = False
    ) -> str:
        r"""The text with every hole filled from nested mappings, or flat dotted names.

        A missing value (or None) becomes the hole's own default, else `missing`. With `one_line`,
        as titles and headers need, each run of line breaks and other control characters becomes
        one space. A lone surrogate becomes a question mark.

        >>> Template.parse("[$ref] $title").render(
        ...     {"ref": "INC-1", "title": "a\r\nBcc: x"}, one_line=True
        ... )
        '[INC-1] a Bcc: x'

        Raises TemplateError for a value that is no text, number, truth, instant or list of text,
        and for a result over 64 KB.
        """
        pieces: list[str] = []
        size = 0
        for part in self.parts:
            piece = part if isinstance(part, str) else self._filled(part, values, missing)
            size += len(piece)
            if size > MAX_OUTPUT_BYTES:
                break
            pieces.append(piece)
        encoded = "".join(pieces).encode("utf-8", "replace")
        if max(size, len(encoded)) > MAX_OUTPUT_BYTES:
            raise TemplateError(self.text, 0, f"the result is over {MAX_OUTPUT_BYTES:,} bytes")
        made = encoded.decode("utf-8")
        return _BREAKS.sub(" ", made) if one_line else made

    def _filled(self, hole: Field, values: Mapping[str, object], missing: str) -> str:
        value = value_of(values, hole.name)
        if value is None:
            return missing if hole.default is None else hole.default
        shown = text_of(value)
        if shown is None:
            problem = f"{hole.name} is {type(value).__name__}, which cannot be shown as text"
            raise TemplateError(self.text, hole.at, problem)
        return shown

    @override
    def __str__(self) -> str:
        """The template as it was written."""
        return self.text


def _parts(text: str) -> Iterator[str | Field]:
    at = 0
    while (dollar := text.find("$", at)) >= 0:
        if dollar > at:
            yield text[at:dollar]
        follows = text[dollar + 1 : dollar + 2]
        if follows == "$":
            yield "$"
            at = dollar + 2
        elif follows == "{":
            hole, at = _braced(text, dollar)
            yield hole
        else:
            found = _BARE.match(text, dollar + 1)
            if found is None:
                raise TemplateError(text, dollar, "a name follows $; write $$ for a dollar sign")
            yield Field(read_name(found[0], text, found.start(), TemplateError), None, dollar)
            at = found.end()
    if at < len(text):
        yield text[at:]


def _braced(text: str, dollar: int) -> tuple[Field, int]:
    found = NAME.match(text, dollar + 2)
    if found is None:
        raise TemplateError(text, dollar, "a name follows ${, as in ${incident.title}")
    name = read_name(found[0], text, found.start(), TemplateError)
    end = found.end()
    if text[end : end + 1] == "}":
        return Field(name, None, dollar), end + 1
    if text[end : end + 1] != "|":
        raise TemplateError(text, end, f"after ${{{name} comes }} or |default}}")
    close = text.find("}", end)
    if close < 0:
        raise TemplateError(text, dollar, "${ is not closed by }")
    default = text[end + 1 : close]
    if "$" in default:
        raise TemplateError(text, end + 1, "a default is plain text, without $")
    return Field(name, default, dollar), close + 1
