"""Where in its table a record lies: at the number with which its id begins.

By its id alone a record is found in two steps, in the index of the ids and then in the table, and
with a million records each step ends on a page that nothing has in memory. Ids that rise with time
begin with a number, though, and a row that has it for its row number is found in one. That is no
promise, only a first look: a row from an earlier release, of an id made elsewhere, or whose number
was taken lies anywhere, and is found by the index, which also keeps ids from being there twice.
"""

from __future__ import annotations

_LENGTH, _DIGITS = 32, 15
_COUNTER_BITS = 12
_FIRST = 946_684_800_000 << _COUNTER_BITS
_LAST = 4_102_444_800_000 << _COUNTER_BITS
"""The years 2000 to 2100: what does not lie between them is taken for chance.

Rows in an order of chance would be put all over the table, where now they follow each other.
"""


def place_of(name: str) -> int | None:
    """The row number that an id asks for; None for one that is not ordered by time.

    Example:
        >>> place_of("018cc251f4000070123456789abcdef0")
        6979859251200007
        >>> place_of("any-other-name") is None
        True
    """
    if len(name) != _LENGTH:
        return None
    try:
        number = int(name[:_DIGITS], 16)
    except ValueError:
        return None
    return number if _FIRST <= number < _LAST else None
