"""A frozen value with one field replaced, for paths where `attrs.evolve` would be most of the work.

The fields are looked up once, so a class may gain more of them and nobody has to think of it here.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar, cast

import attrs

T = TypeVar("T")


def replacing(cls: type[T], field: str, also: str = "") -> Callable[..., T]:
    """A function that gives a value of the class with that field replaced, and another if named.

    >>> from incidentkit.model.people import NOBODY, People
    >>> replacing(People, "owner")(NOBODY, "ana").owner
    'ana'
    >>> replacing(People, "owner", "team")(NOBODY, "ana", "net").team
    'net'
    """
    names = [each.name for each in attrs.fields(cast("Any", cls))]
    place, parts_of = names.index(field), attrgetter(*names)
    other = names.index(also) if also else place

    def replace(value: T, new: Any) -> T:
        parts = list(parts_of(value))
        parts[place] = new
        return cls(*parts)

    def replace_both(value: T, new: Any, newer: Any) -> T:
        parts = list(parts_of(value))
        parts[place], parts[other] = new, newer
        return cls(*parts)

    return replace_both if also else replace
