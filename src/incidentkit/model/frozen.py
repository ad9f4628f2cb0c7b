"""Frozen mappings: labels, annotations, inputs of rules.

A subclass of dict, so that JSON writers in C take it as it is; every way of changing it is closed,
so that values which hold it can be hashed, shared and trusted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class FrozenMap(dict[K, V], Generic[K, V]):
    """A mapping that cannot change after it was made.

    >>> FrozenMap({"team": "db"}) == {"team": "db"}
    True
    >>> FrozenMap()["a"] = 1
    Traceback (most recent call last):
    ...
    TypeError: a FrozenMap cannot be changed; use with_(...) to get another one
    """

    __slots__ = ()

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a FrozenMap cannot be changed; use with_(...) to get another one")

    if not TYPE_CHECKING:
        __setitem__ = __delitem__ = __ior__ = _refuse
        clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]
        """Equal maps hash alike, whatever their order."""
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle by building anew."""
        return (FrozenMap, (dict(self),))

    def with_(self, key: K, value: V) -> FrozenMap[K, V]:
        """The same map with one entry set."""
        return FrozenMap({**self, key: value})
