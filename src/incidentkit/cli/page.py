"""What is printed on: plain text that reads well everywhere, with the same lines on every terminal.

Without rich, in a pipe or a file this is all there is. On a terminal lines are wrapped with hanging
indents; in a pipe each stays one line, so that it can be searched.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Sequence
from enum import StrEnum
from typing import TextIO

from incidentkit.channels.plain import encodable, shown

WIDEST = 110
LAST_COLUMN = 24
"""The least width in which the last column of a table stands beside the others."""


class Tone(StrEnum):
    """How a line is meant; only a terminal with colours shows it."""

    PLAIN = "plain"
    STRONG = "strong"
    QUIET = "quiet"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    CALL = "call"


class Page:
    """Prints lines of plain text. `width` is None where nothing is to be wrapped."""

    def __init__(self, stream: TextIO, width: int | None = None) -> None:
        self.stream = stream
        self.width = width

    def say(
        self, text: str, tone: Tone = Tone.PLAIN, *, label: str = "", indent: int = 0, pad: int = 0
    ) -> None:
        """One paragraph. It begins with the label, and wrapped lines stand under its text."""
        room = max(pad, len(label) + 1) if label else pad
        start = " " * indent + label.ljust(room)
        lines = [text]
        if self.width is not None:
            width = max(self.width - len(start), 20)
            lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
        for number, each in enumerate(lines or [""]):
            self.line(start if number == 0 else " " * len(start), each, tone)

    def block(self, text: str, tone: Tone = Tone.PLAIN, *, indent: int = 0) -> None:
        """Lines that stay as they are."""
        for each in text.rstrip("\n").split("\n"):
            self.line(" " * indent, each, tone)

    def blank(self) -> None:
        """An empty line."""
        self.line("", "")

    def title(self, text: str) -> None:
        """What the whole page is about."""
        self.say(text, Tone.STRONG)
        self.line("", "=" * min(len(text), self.width or WIDEST))

    def heading(self, text: str) -> None:
        """What the next lines are about."""
        self.blank()
        self.say(text, Tone.STRONG)
        self.line("", "-" * min(len(text), self.width or WIDEST))

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Rows under their columns; where the last one has no room it stands under its row."""
        widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)][:-1]
        room = None if self.width is None else self.width - sum(widths) - 2 * len(widths)
        for number, (*cells, last) in enumerate((columns, *rows)):
            tone = Tone.STRONG if number == 0 else Tone.PLAIN
            start = "".join(f"{cell:{width}}  " for cell, width in zip(cells, widths, strict=True))
            if room is None or room >= LAST_COLUMN:
                self.say(last, tone, label=start.rstrip(), pad=len(start))
                continue
            self.line("", start, tone)
            if number:
                self.say(last, Tone.QUIET, indent=4)

    def json(self, value: object) -> None:
        """One JSON document, in ASCII, so that it passes through whatever comes after."""
        self.stream.write(json.dumps(value, indent=2) + "\n")

    def line(self, start: str, text: str, tone: Tone = Tone.PLAIN) -> None:
        """One line; control characters in it are shown and never obeyed."""
        line = shown(f"{start}{text}").rstrip() + "\n"
        self.stream.write(encodable(line, getattr(self.stream, "encoding", None)))


def complain(text: str) -> None:
    """One line on stderr."""
    line = f"{shown(text)}\n"
    sys.stderr.write(encodable(line, getattr(sys.stderr, "encoding", None)))
