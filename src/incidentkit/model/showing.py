"""One way of showing values for all events and commands, written once.

A generated `__repr__` for each of a hundred classes costs a fifth of the time it takes to import
them; nobody shows values in a hurry.
"""

from __future__ import annotations

from typing import Any, cast

import attrs


class Shown:
    """The base of values that show their class and fields."""

    __slots__ = ()

    def __repr__(self) -> str:
        """The class and every field, as attrs itself would write them."""
        fields = attrs.fields(cast("Any", type(self))) if attrs.has(type(self)) else ()
        inside = ", ".join(f"{x.name}={getattr(self, x.name)!r}" for x in fields if x.repr)
        return f"{type(self).__qualname__}({inside})"
