"""Sources: how requests of the outside become signals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, runtime_checkable

import attrs

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


@attrs.frozen
class Item:
    """One alert of a payload before it is built: the sender's key, and all it consists of.

    `hint` is an untrusted key; only when `raw` equals what was last seen under it is the item a
    repeat. `context` is what the payload's alerts share, and is not compared.
    """

    hint: str
    raw: Mapping[str, object]
    context: Mapping[str, object] = attrs.field(factory=dict[str, object])


@runtime_checkable
class SupportsItems(Protocol):
    """A source that can tell repeats without building an alert: for floods of the same alerts."""

    def items(self, request: SourceRequest) -> tuple[Item, ...] | None:
        """The request's alerts unbuilt, or None where this request needs `parse`."""
        ...

    def build(self, item: Item) -> Signal:
        """What `parse` would have yielded for the item."""
        ...
