"""Sources: how requests of the outside become signals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol, overload, runtime_checkable

from incidentkit.model.signals import Signal, SourceRequest


class Source(Protocol):
    """Reads one kind of request.

    `parse` is pure: the same request gives the same signals. It verifies signatures, and it never
    raises on junk: what cannot be read is a `Rejected` signal. What it raises all the same is
    taken as a fault of the source, and the whole request is kept as rejected.
    """

    @property
    def name(self) -> str:
        """The name hosts use in `desk.receive(name, ...)`."""
        ...

    def parse(self, request: SourceRequest) -> Iterable[Signal]:
        """The signals of the request, in its order."""
        ...


class Item(NamedTuple):
    """One alert of a payload before it is built: the sender's key, and all it consists of.

    `hint` is an untrusted key; only when `raw` equals what was last seen under it is the item a
    repeat. `context` is what the payload's alerts share, and is not compared.
    """

    hint: str
    raw: Mapping[str, object]
    context: Mapping[str, object]


class Items(Sequence[Item]):
    """The alerts of one payload, unbuilt. An item is made only when somebody looks at it.

    `alerts` are compared as a whole first: a flood of the same payload costs one comparison.
    """

    __slots__ = ("alerts", "context", "hint")

    def __init__(
        self,
        alerts: Sequence[Mapping[str, object]],
        context: Mapping[str, object],
        hint: Callable[[Mapping[str, object]], str],
    ) -> None:
        self.alerts: Sequence[Mapping[str, object]] = alerts
        self.context: Mapping[str, object] = context
        self.hint: Callable[[Mapping[str, object]], str] = hint

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> Items: ...
    def __getitem__(self, index: int | slice) -> Item | Items:
        """One item, or some of them."""
        if isinstance(index, slice):
            return Items(self.alerts[index], self.context, self.hint)
        alert = self.alerts[index]
        return Item(self.hint(alert), alert, self.context)

    def __len__(self) -> int:
        """How many alerts there are."""
        return len(self.alerts)


@runtime_checkable
class SupportsItems(Protocol):
    """A source that can tell repeats without building an alert: for floods of the same alerts."""

    def items(self, request: SourceRequest) -> Items | None:
        """The request's alerts unbuilt, or None where this request needs `parse`."""
        ...

    def build(self, item: Item) -> Signal:
        """What `parse` would have yielded for the item."""
        ...
