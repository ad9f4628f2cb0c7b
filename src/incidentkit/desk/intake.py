"""Reading one request of a source: only as much of it as is news."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol, cast

import attrs

from incidentkit.desk.ports import Ports
from incidentkit.desk.repeats import Repeats
from incidentkit.errors import InvalidValue
from incidentkit.flows.receive import Received
from incidentkit.model.checks import check_text
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.signals import (
    Alert,
    Answer,
    AnswerVerb,
    Beat,
    Change,
    Receipt,
    Rejected,
    Report,
    Signal,
    SourceRequest,
)
from incidentkit.model.words import AlertSeverity, AlertStatus
from incidentkit.plugins.guard import Failed
from incidentkit.ports.rows import Touch
from incidentkit.ports.source import Item, Items, SupportsItems
from incidentkit.timing.instants import to_micros

MOST_SIGNALS = 20_000
"""Signals one request may yield; a source that goes on for ever is cut off."""


class Reads(Protocol):
    """What reading needs of a desk."""

    @property
    def ports(self) -> Ports:
        """The desk's connections."""
        ...

    @property
    def repeats(self) -> Repeats:
        """What the last payloads looked like."""
        ...

    @property
    def tenant_name(self) -> str:
        """The tenant."""
        ...

    def reader(self, source: str) -> Any:
        """The source, or the channel that understands answers."""
        ...


class Reading:
    """One request being read: by items where the source has them, so that repeats stay unbuilt.

    When the store contradicts what was remembered, the request is read again without memory.
    """

    def __init__(
        self, core: Reads, source: str, request: SourceRequest, at: datetime | None = None
    ) -> None:
        self._core = core
        self._source = source
        self._request = request
        self._reader = core.reader(source)
        self._itemised = self._reader if isinstance(self._reader, SupportsItems) else None
        self._at = at
        self._tries = 0
        self._items: Sequence[Item] = ()
        self._signals: tuple[Signal, ...] = ()

    def again(self) -> tuple[tuple[Signal, ...], tuple[Touch, ...]]:
        """The signals to take in and the repeats to count, at the first or a further try."""
        self._tries += 1
        core, at = self._core, to_micros(self._at or self._core.ports.now())
        if self._tries == 1:
            same = core.repeats.same(core.tenant_name, self._source, self._request, at)
            if same is not None:
                return (), same
        guard, reader = self._core.ports.guard, self._reader
        itemised = self._itemised
        items: object = None
        if itemised is not None:
            items = guard.call(self._source, "items", itemised.items, self._request)
        if itemised is None or not isinstance(items, Items):
            self._items = ()
            found = guard.collect(
                self._source, "parse", reader.parse, self._request, most=MOST_SIGNALS
            )
            self._signals = _signals(found)
            return self._signals, ()
        memory = self._core.repeats
        if self._tries > 1:
            memory.forget(self._core.tenant_name, self._source)
        repeats, news = memory.split(self._core.tenant_name, self._source, items, at)

        def build() -> tuple[object, ...]:
            return tuple([itemised.build(item) for item in news])

        if repeats and not news:
            memory.whole(core.tenant_name, self._source, self._request, repeats)
        self._items = news
        self._signals = _signals(guard.call(self._source, "build", build), sound=True)
        return self._signals, repeats

    def learn(self, received: Received) -> None:
        """Remember what the store calls the alerts that were built."""
        if len(self._items) != len(self._signals):
            return
        ids = {(name, key): (id_, sign) for name, key, id_, sign in received.known}
        known: dict[str, tuple[str, int]] = {}
        for item, signal in zip(self._items, self._signals, strict=True):
            if isinstance(signal, Alert):
                found = ids.get((signal.source, signal.key))
                if found is not None:
                    known[item.hint] = found
        self._core.repeats.learn(self._core.tenant_name, self._source, self._items, known)


_KINDS = (Alert, Answer, Beat, Change, Receipt, Report, Rejected)


_ENUMS = {"status": AlertStatus, "severity": AlertSeverity, "verb": AnswerVerb}


def _signals(found: object, *, sound: bool = False) -> tuple[Signal, ...]:
    """What a source yielded, each checked; a fault of the source rejects the whole request.

    `sound`: it was built by a source that has checked every text already.
    """
    if isinstance(found, Failed):
        return (Rejected("request", f"the source failed: {found.fault.problem}"[:1000]),)
    values = cast("tuple[object, ...]", found)
    return tuple([_checked(number, each, sound) for number, each in enumerate(values)])


def _checked(number: int, value: object, sound: bool) -> Signal:
    if not isinstance(value, _KINDS):
        return Rejected(f"signals[{number}]", f"{type(value).__name__} is no signal")
    problem = "" if sound else _unsound(value)
    return Rejected(f"signals[{number}]", problem, repr(value)[:500]) if problem else value


def _unsound(signal: Signal) -> str:
    """What is wrong with the fields of a signal, which a store or a rule would stumble over."""
    for field in attrs.fields(type(signal)):
        value: object = getattr(signal, field.name)
        try:
            if isinstance(value, str):
                _ = check_text(value, field.name)
            elif type(value) in (dict, FrozenMap):
                table = cast("dict[object, object]", value)
                for key, text in table.items():
                    _ = check_text(key, field.name), check_text(text, f"{field.name}.{key}")
                if not isinstance(table, FrozenMap):
                    return f"{field.name}: must be a FrozenMap, not a dict"
        except InvalidValue as error:
            return str(error)
        enum = _ENUMS.get(field.name)
        if enum is not None and type(value) is not enum:
            return f"{field.name}: must be one of {enum.__name__}, not {value!r}"
    return ""
