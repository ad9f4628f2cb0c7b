"""Text of strangers on a terminal or in a log: control characters are shown, never obeyed.

A title may hold a line feed that fakes a second message, an escape sequence that repaints the
screen, or a bidirectional override that turns `evil` into something else.
"""

from __future__ import annotations

JOINERS = "\u200c\u200d"
"""Zero-width joiners, which emoji and several scripts need and which move nothing."""

BLANKS = "\u00a0\u2007\u202f"
"""Spaces that forbid a line break; shown as a space."""


def shown(text: str, *, lines: bool = False) -> str:
    r"""The text with every character that a terminal would obey written as an escape.

    With `lines`, line feeds and tabs may stay.

    >>> print(shown("ok\x1b[2Jgone"), shown("\u202egpj.exe"), shown("déjà vu"))
    ok\x1b[2Jgone \u202egpj.exe déjà vu
    """
    if text.isprintable():
        return text
    kept = JOINERS + "\n\t" if lines else JOINERS
    return "".join(
        each if each.isprintable() or each in kept else _escape(each)
        for each in (text.replace("\r\n", "\n") if lines else text)
    )


def _escape(character: str) -> str:
    if character in BLANKS:
        return " "
    if ord(character) < 128:
        return repr(character)[1:-1]
    return character.encode("ascii", "backslashreplace").decode()


def encodable(text: str, encoding: str | None) -> str:
    r"""The text with escapes for what the stream cannot write.

    >>> print(encodable("50 €", "ascii"))
    50 \u20ac
    """
    name = encoding or "utf-8"
    return text.encode(name, "backslashreplace").decode(name)
