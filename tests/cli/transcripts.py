"""Golden transcripts: what a command printed, with what must vary put aside.

INCIDENTKIT_REGOLD=1 writes them anew; look at the difference before keeping it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
REGOLD = "INCIDENTKIT_REGOLD"

_VARYING = (
    (re.compile(r"\b[0-9a-f]{32}\b"), "<id>"),
    (re.compile(r"\b[0-9a-f]{16}\b"), "<policy version>"),
    (re.compile(r"\b(pager|mail)-[0-9a-f]{6}\b"), r"\1-<id>"),
    (re.compile(r"incidentkit \d\S*, Python \S+, \w+"), "incidentkit <version>"),
    (re.compile(r"version \d+\.\d+\.\d+(?:: safe with one .*)?$", re.M), "version <n>"),
    (re.compile(r"^(ok +file system: ).*\n", re.M), ""),
)


_PYTHON = re.compile(r"[^\s|]*python[\w.]* -m incidentkit")


def normal(text: str, folder: Path | None = None) -> str:
    """The text without what differs from run to run."""
    if folder is not None:
        text = text.replace(folder.as_posix(), "<dir>").replace(str(folder), "<dir>")
    text = _PYTHON.sub("incidentkit", text)
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    return text


def check(name: str, text: str, folder: Path | None = None) -> None:
    """Compare with the golden file, or write it."""
    path = FOLDER / f"{name}.txt"
    found = normal(text, folder)
    if os.environ.get(REGOLD):
        path.write_text(found, encoding="utf-8", newline="\n")
    assert found == path.read_text(encoding="utf-8"), f"{path.name} differs; see {REGOLD}"
