"""Markdown out of strangers' words: escaped, so that a hostile title cannot break the page.

Every text becomes one line in which nothing is markup: no table cell ends early, no HTML starts,
no heading, list or link appears that the page itself did not write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from incidentkit.views.text import plain

_ENTITIES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("|"): "&#124;"}
_MARKUP = re.compile(r"([\\`*_{}\[\]#!~$^])")
_LEADING = re.compile(r"^([-+=:])")
_NUMBERED = re.compile(r"^(\d{1,9})([.)])")
_LINKS = re.compile(r"(?i)(:)(?=//)|(?<=\bwww)(\.)")
LONGEST = 2_000


def escape(text: str, limit: int = LONGEST) -> str:
    r"""The text as one line of Markdown that shows it and means nothing else.

    >>> print(escape("# <b>a|b</b> `x`"))
    \# &lt;b&gt;a&#124;b&lt;/b&gt; \`x\`
    """
    text = _MARKUP.sub(r"\\\1", plain(text, limit)).translate(_ENTITIES)
    text = _NUMBERED.sub(r"\1\\\2", _LEADING.sub(r"\\\1", text))
    return _LINKS.sub(lambda found: f"\\{found[0]}", text)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; every cell is escaped, an empty one shown as a dash."""
    head = f"| {' | '.join(escape(each) for each in columns)} |"
    rule = f"|{' --- |' * len(columns)}"
    body = (f"| {' | '.join(escape(cell) or '-' for cell in row)} |" for row in rows)
    return "\n".join((head, rule, *body))
