"""Maintenance: planned work with a window, apart from incidents and with a scale of its own."""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.ids import MaintenanceId
from incidentkit.model import checks
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Link
from incidentkit.model.signals import NO_TEXTS, Texts
from incidentkit.model.words import MaintenanceState
from incidentkit.timing.intervals import Interval

NOT_REACHED: FrozenMap[MaintenanceState, datetime] = FrozenMap()
STARTED = frozenset((MaintenanceState.IN_PROGRESS, MaintenanceState.VERIFYING))
"""The states in which the work goes on."""
OVER = frozenset(
    (MaintenanceState.COMPLETED, MaintenanceState.ROLLED_BACK, MaintenanceState.CANCELLED)
)
"""The states in which nothing is left to do."""


@attrs.frozen
class MaintenanceCard:
    """The plan as people read it.

    `expected` is a condition over alerts: those of its services and components of which it is true
    are held back while the work goes on. `change` is the reference of the change elsewhere;
    `backout` says how to get back.
    """

    title: str = attrs.field(validator=checks.title)
    summary: str = attrs.field(default="", validator=checks.text())
    priority: str = attrs.field(default="routine", validator=checks.name)
    services: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    expected: str = attrs.field(default="true", validator=checks.text())
    owner: str | None = attrs.field(default=None, validator=checks.optional_name)
    team: str | None = attrs.field(default=None, validator=checks.optional_name)
    approvers: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    change: str = attrs.field(default="", validator=checks.text(checks.TITLE_LIMIT))
    labels: Texts = NO_TEXTS
    backout: str = attrs.field(default="", validator=checks.text())


@attrs.frozen
class Maintenance:
    """One piece of planned work at one version.

    `start` and `end` are the window in force. `reached` has the instant at which each state was
    last reached, as it happened. `overruns` are the times in which work went on after the end then
    in force. `ask_at` is when somebody is asked whether it will be done in time, `watch_until` the
    end that is being waited for, `release_at` when the alerts it held are to be decided again;
    None where nothing of the kind is due. Of the alerts that it held, `released` still
    fired when it ended and `cleared` had cleared by then.
    `proposed` is the incident (`incident/id`) that was proposed when it overran.
    """

    id: MaintenanceId
    ref: str
    version: int
    card: MaintenanceCard
    state: MaintenanceState
    since: datetime = attrs.field(validator=checks.utc)
    start: datetime = attrs.field(validator=checks.utc)
    end: datetime = attrs.field(validator=checks.utc)
    approvals: tuple[str, ...] = ()
    reached: FrozenMap[MaintenanceState, datetime] = NOT_REACHED
    overruns: tuple[Interval, ...] = ()
    ask_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    watch_until: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    release_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    released: int = 0
    cleared: int = 0
    links: tuple[Link, ...] = ()
    proposed: str = ""

    @property
    def held(self) -> int:
        """How many alerts it held back; known once it has ended."""
        return self.released + self.cleared

    @property
    def title(self) -> str:
        """What people call it."""
        return self.card.title

    @property
    def status(self) -> MaintenanceState:
        """Where it stands; prints as the word."""
        return self.state

    @property
    def started_at(self) -> datetime | None:
        """When the work began; None while it has not."""
        return self.reached.get(MaintenanceState.IN_PROGRESS)

    @property
    def ended_at(self) -> datetime | None:
        """When the work ended, one way or the other; None while it has not."""
        done = MaintenanceState.COMPLETED, MaintenanceState.ROLLED_BACK
        return next((self.reached[x] for x in done if x in self.reached), None)

    @property
    def overran_at(self) -> datetime | None:
        """The end in force that was passed first; None where none was."""
        return self.overruns[0].start if self.overruns else None

    @property
    def announced(self) -> bool:
        """Whether the audiences have heard of it."""
        return MaintenanceState.ANNOUNCED in self.reached
