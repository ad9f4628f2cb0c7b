"""Column values as text that sorts as the values do, for stores that know only ordered keys.

Text ends in a mark that sorts before every character, so that `a` comes before `ab`; the few
characters at or below the marks are escaped. Integers have a fixed width.
"""

from __future__ import annotations

from incidentkit.stores.tables import Stored

END = "\x01"
"""Ends every part of a key."""

_ESCAPED = str.maketrans({"\x00": "\x02\x10", "\x01": "\x02\x11", "\x02": "\x02\x12"})
_BIAS = 2**63
_TOP = 2**64 - 1


def part(stored: Stored, value: object, inverted: bool = False) -> str:
    """One value; `inverted` integers sort the other way round."""
    if isinstance(value, str):
        return value.translate(_ESCAPED) + END
    if not isinstance(value, int):
        raise TypeError(f"a key holds text and integers, not {value!r}")
    if stored is Stored.BOOL:
        return ("1" if value else "0") + END
    raised = value + _BIAS
    return f"{_TOP - raised if inverted else raised:020d}{END}"


def above(prefix: str) -> str:
    """The least key that sorts after every key beginning with this prefix of whole parts."""
    return prefix[: -len(END)] + "\x02"
