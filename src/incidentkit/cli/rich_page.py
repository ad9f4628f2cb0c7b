"""The same page with colours, rules and panels, where the extra `cli` is installed.

Every text is handed to rich as text and never as markup: titles are written by strangers.
"""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text
from typing_extensions import override

from incidentkit.channels.plain import shown
from incidentkit.cli.page import Page, Tone

STYLES = {
    Tone.PLAIN: "",
    Tone.STRONG: "bold",
    Tone.QUIET: "dim",
    Tone.GOOD: "green",
    Tone.WARN: "yellow",
    Tone.BAD: "bold red",
    Tone.CALL: "cyan",
}


class RichPage(Page):
    """Prints the lines of a plain page in colour."""

    def __init__(self, stream: TextIO, width: int, *, colours: bool = True) -> None:
        super().__init__(stream, width)
        self.console: Console = Console(
            file=stream,
            width=width,
            no_color=not colours,
            force_terminal=True,
            highlight=False,
            emoji=False,
            markup=False,
        )

    @override
    def title(self, text: str) -> None:
        """See `Page.title`."""
        self.console.print(Panel(Text(shown(text), "bold"), border_style="cyan", width=self.width))

    @override
    def heading(self, text: str) -> None:
        """See `Page.heading`."""
        self.blank()
        self.console.print(Rule(Text(shown(text), "bold"), align="left", style="cyan"))

    @override
    def line(self, start: str, text: str, tone: Tone = Tone.PLAIN) -> None:
        """See `Page.line`."""
        made = Text.assemble((shown(start), "bold"), (shown(text), STYLES[tone]))
        self.console.print(made, soft_wrap=True)
