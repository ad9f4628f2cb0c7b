"""A record other than an incident as it is being changed in one flow: problems and their like.

Incidents have a draft of their own, because far more follows from what happens to them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

import attrs

from incidentkit.flows.effects import Kind
from incidentkit.flows.setting import Setting, recorded
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event, Recorded
from incidentkit.rules.table import Elsewhere

T = TypeVar("T")


def _never(_: object) -> bool:
    return False


def nothing(_record: Any, _command: Command, _at: datetime) -> tuple[Event, ...]:
    """A kind of record that no reaction asks anything of."""
    return ()


@attrs.frozen
class Aggregate(Generic[T]):
    """What a flow must know of a kind of record to change it.

    `evolve` gives the record after an event, one version on; `wakes_at` when it must be looked at
    again by itself, and `wake` what has then become true; `elsewhere` names the records that must
    hear of an event; `over`: nobody need act on it any more; `decide` gives the events of a command
    that the table of reactions asks for.
    """

    kind: Kind[T]
    evolve: Callable[[T, Event, datetime], T]
    wakes_at: Callable[[T], datetime | None]
    wake: Callable[[T, datetime], tuple[Event, ...]]
    elsewhere: Callable[[T, Event], tuple[Elsewhere, ...]]
    over: Callable[[T], bool] = _never
    decide: Callable[[T, Command, datetime], tuple[Event, ...]] = nothing


class RecordDraft(Generic[T]):
    """One record being changed: its value now, and the entries that made it so."""

    def __init__(self, of: Aggregate[T], value: T, *, new: bool = False) -> None:
        self.of = of
        self.value: T = value
        self.recorded: list[Recorded] = []
        self.wake_before: datetime | None = None if new else of.wakes_at(value)

    def happened(self, event: Event, setting: Setting, at: datetime, **more: Any) -> None:
        """Apply an event and record it; see `Recorded` for reason and cause."""
        self.value = self.of.evolve(self.value, event, at)
        self.recorded.append(recorded(event, setting, at, **more))

    def wakes_at(self) -> datetime | None:
        """When the record must be looked at again by itself."""
        return self.of.wakes_at(self.value)
