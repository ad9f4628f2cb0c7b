"""Which page a stream gets: one with colours where they can be shown, else a plain one."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import TextIO

from incidentkit.cli.page import WIDEST, Page

NARROWEST = 40


def page_for(stream: TextIO, environ: Mapping[str, str]) -> Page:
    """The page for a stream: with rich on a terminal that can show it, else plain."""
    if not stream.isatty():
        return Page(stream)
    width = min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)
    encoding = (getattr(stream, "encoding", None) or "").lower().replace("-", "")
    if environ.get("TERM") in ("dumb", "unknown") or encoding != "utf8":
        return Page(stream, width)
    colours = not environ.get("NO_COLOR")
    return _rich_page(stream, width, colours=colours) or Page(stream, width)


def _rich_page(stream: TextIO, width: int, *, colours: bool) -> Page | None:
    try:
        from incidentkit.cli.rich_page import RichPage
    except ImportError:
        return None
    return RichPage(stream, width, colours=colours)
