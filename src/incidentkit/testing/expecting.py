"""What a case asks of a thing under test, in calls instead of `assert`.

An `assert` says nothing under `python -O`, and outside pytest it does not tell what it found. These
say both sides, so that the author of a store can read a report without opening the kit.
"""

from __future__ import annotations

from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")
E = TypeVar("E", bound=BaseException)

LONGEST = 2_000
"""Characters of a value that a report shows."""


class CaseFailed(AssertionError):
    """The thing under test did not do what the case asks of it."""


def shown(value: object) -> str:
    """The value as text, cut where it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text)} characters)"


def equal(found: object, wanted: object, about: str = "") -> None:
    """What was found equals what is wanted; `about` says what of."""
    if found != wanted:
        head = f"{about}: " if about else ""
        raise CaseFailed(f"{head}found {shown(found)}, wanted {shown(wanted)}")


def true(holds: object, about: str) -> None:
    """It holds; `about` says in words or code what."""
    if not holds:
        raise CaseFailed(f"does not hold: {about}")


def present(value: T | None, about: str = "an answer") -> T:
    """The value, which is not None."""
    if value is None:
        raise CaseFailed(f"found None instead of {about}")
    return value


def of_type(value: object, kind: type[T]) -> T:
    """The value, which is of that type."""
    if not isinstance(value, kind):
        raise CaseFailed(f"found {shown(value)}, wanted a {kind.__name__}")
    return value


class Refusal(Generic[E]):
    """A block in which a refusal is due; afterwards `value` is the error."""

    __slots__ = ("_kind", "_value", "_words")

    def __init__(self, kind: type[E], words: str) -> None:
        self._kind = kind
        self._words = words
        self._value: E | None = None

    @property
    def value(self) -> E:
        """The error that was raised."""
        return present(self._value, "an error; look at it after the block")

    def __enter__(self) -> Refusal[E]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if error is None:
            raise CaseFailed(f"nothing was raised, {self._kind.__name__} is due")
        if not isinstance(error, self._kind):
            if not isinstance(error, Exception) or isinstance(error, CaseFailed):
                return False
            raise CaseFailed(f"raised {error!r}, {self._kind.__name__} is due") from error
        if self._words not in str(error):
            raise CaseFailed(f"{self._words!r} does not stand in the error {str(error)!r}")
        self._value = error
        return True


def refused(kind: type[E], words: str = "") -> Refusal[E]:
    """A block that must raise such an error, in whose text these words stand.

    >>> with refused(LookupError) as caught:
    ...     {}["no"]
    >>> caught.value
    KeyError('no')
    """
    return Refusal(kind, words)
