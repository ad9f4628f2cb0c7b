"""What one process knows of how well the work goes: restores, audits, the spool.

It is shared by all desks made from one `open`, and holds nothing that is lost with the process: the
last audit of each tenant, and the mark of a restore, stand in the store.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs

from incidentkit.desk.hanging import Hanging
from incidentkit.flows.draft import TIMER
from incidentkit.flows.setting import Setting
from incidentkit.ports.rows import ClaimedTask
from incidentkit.timing.instants import from_micros

EVERY = timedelta(seconds=30)
"""How often the work of a tenant is audited, whatever the number of workers."""
LOOK = 5.0
"""Seconds after which a restore that was marked by another process is noticed here."""
AT_ONCE = 50
"""Tenants audited in one round at most; the others follow in the next."""
AUDIT_KEY = "audited"
"""The key of each tenant that says when its work was audited last, and what came of it."""


@attrs.define
class Watch:
    """The state of one opened store as this process sees it."""

    restored: int = 0
    looked_at: float = -LOOK
    known: set[str] = attrs.field(factory=set[str])
    next: dict[str, datetime] = attrs.field(factory=dict[str, datetime])
    audits: dict[str, tuple[datetime, int]] = attrs.field(factory=dict[str, tuple[datetime, int]])
    listed_at: datetime | None = None
    spooled: int = 0
    asked_at: datetime | None = None
    hanging: Hanging = attrs.field(factory=Hanging)

    def looks(self) -> bool:
        """Whether the mark of a restore should be read again; says so once in a while."""
        now = time.monotonic()
        if now - self.looked_at < LOOK:
            return False
        self.looked_at = now
        return True

    def asks(self, now: datetime) -> bool:
        """Whether it should be asked again where pages go, by a process that only prints them."""
        if self.asked_at is not None and self.asked_at <= now < self.asked_at + EVERY:
            return False
        self.asked_at = now
        return True

    def lists(self, now: datetime) -> bool:
        """Whether the tenants of the store should be listed again."""
        if self.listed_at is not None and self.listed_at <= now < self.listed_at + EVERY:
            return False
        self.listed_at = now
        return True

    def due(self, now: datetime) -> tuple[str, ...]:
        """The tenants whose last audit should be looked at now."""
        names = [x for x in sorted(self.known) if not self._sleeps(x, now)][:AT_ONCE]
        self.next.update(dict.fromkeys(names, now + EVERY))
        return tuple(names)

    def _sleeps(self, tenant: str, now: datetime) -> bool:
        at = self.next.get(tenant)
        return at is not None and at - EVERY <= now < at

    def audited_at(self) -> datetime | None:
        """When the tenant that was audited longest ago was; None before the first audit."""
        return min((at for at, _ in self.audits.values()), default=None)

    def problems(self) -> int | None:
        """What the last audits left for people, with the troubles of the spool; None before."""
        left = sum(count for _, count in self.audits.values()) + self.spooled
        return left if self.audits or left else None

    def restrained(self, setting: Setting, claimed: ClaimedTask) -> Setting:
        """The setting of a task: what stems from before a restore sends nothing by itself.

        A timer does not say since when it rings; its flow asks the record.
        """
        if not self.restored:
            return setting
        if claimed.task.queue == TIMER:
            return attrs.evolve(setting, restored_at=from_micros(self.restored))
        if claimed.task.order < self.restored:
            return attrs.evolve(setting, held=True)
        return setting


def late(at: int, tasks: Iterable[ClaimedTask]) -> timedelta:
    """How late tasks were that have now been claimed for the first time."""
    waits = [at - each.task.due_at for each in tasks if each.tries == 1]
    return timedelta(microseconds=max(0, *waits)) if waits else timedelta()


def read_audit(owner: str | None) -> tuple[datetime | None, int | None]:
    """When the last audit began, and what it left; None for what is not known."""
    if owner is None:
        return None, None
    at, _, problems = owner.partition(" ")
    return from_micros(int(at)), int(problems) if problems.isdigit() else None
