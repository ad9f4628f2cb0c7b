"""A circuit for each channel: after five failures in a row it is left alone, but for a probe.

A channel that is down would otherwise be handed every message that waits for it, each of them
holding a worker until it fails. What is known here is this process's own experience: other workers
have circuits of their own, and nothing is stored.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime, timedelta
from threading import Lock

import attrs

from incidentkit.model.delivery import Retry, SendResult
from incidentkit.plugins.faults import FaultLog, one_line

OPENS_AFTER = 5
"""Failures in a row after which a channel is left alone."""
MOST_HUNG = 10
"""Sends of one channel that never came back, after which it is left alone until one does."""
PROBE_EVERY = timedelta(seconds=30)
"""A channel that is left alone is tried with one message so often."""


ABSENT = "no channel of that name is open here; its messages wait for a worker that has it"


@attrs.frozen
class OpenCircuit:
    """A channel that is left alone: since when, after how many failures, why, until when."""

    channel: str
    since: datetime
    failures: int
    why: str
    probe_at: datetime

    def __str__(self) -> str:
        """One line."""
        return (
            f"{self.channel} failed {self.failures} times in a row ({self.why}); its messages "
            f"wait, and one is tried every {PROBE_EVERY.seconds} s"
        )


@attrs.define
class _Channel:
    failures: int = 0
    under_way: int = 0
    hung: int = 0
    since: datetime | None = None
    probe_at: datetime | None = None
    before: datetime | None = None
    swept_at: datetime | None = None
    why: str = ""


class Circuits:
    """What the workers of one process know of its channels; many threads may use it."""

    def __init__(self, faults: FaultLog, here: Container[str]) -> None:
        self._faults = faults
        self._here = here
        self._absent: dict[str, datetime] = {}
        self._lock = Lock()
        self._channels: dict[str, _Channel] = {}

    def closed_to(self, now: datetime, abreast: int = OPENS_AFTER) -> tuple[str, ...]:
        """Channels that may be handed nothing more now; `abreast` messages at once at most."""
        with self._lock:
            absent = [name for name, until in self._absent.items() if now < until]
            full = [name for name, each in self._channels.items() if not _room(each, now, abreast)]
            return (*absent, *full)

    def lacks(self, channel: str, now: datetime) -> bool:
        """Whether no channel of that name is open here; then its messages are left to others.

        They are not tried and not counted as failed, and no more are claimed for a while.
        """
        if channel in self._here:
            return False
        with self._lock:
            told = channel in self._absent
            self._absent[channel] = now + PROBE_EVERY
        if not told:
            _ = self._faults.record(channel, "work", ABSENT, "ChannelAbsent")
        return True

    def absent(self) -> tuple[str, ...]:
        """The channels that messages were for and that are not open here, by name."""
        with self._lock:
            return tuple(sorted(self._absent))

    def begin(self, channel: str, now: datetime, abreast: int = OPENS_AFTER) -> bool:
        """Take a place for one message, which `end` gives back; False where there is none."""
        with self._lock:
            each = self._channels.setdefault(channel, _Channel())
            if not _room(each, now, abreast):
                return False
            each.under_way += 1
            if each.since is not None:
                each.before, each.probe_at = each.probe_at, now + PROBE_EVERY
            return True

    def end(self, channel: str, *, hung: bool = False) -> None:
        """The message is out of the channel's hands; `hung` when it was given up before.

        A probe whose message turned out not to be wanted was none, and another may go at once.
        """
        with self._lock:
            each = self._channels[channel]
            if hung:
                each.hung -= 1
                return
            each.under_way -= 1
            if each.since is not None and each.before is not None:
                each.probe_at, each.before = each.before, None

    def overdue(self, channel: str, now: datetime) -> None:
        """A send hangs: a failure, and its place is free for another."""
        with self._lock:
            each = self._channels[channel]
            each.under_way -= 1
            each.hung += 1
        self.failed(channel, "it gave no answer while a lease lasted", now)

    def heard(self, channel: str, said: SendResult, now: datetime) -> None:
        """What a channel answered: not now is a failure; taken or refused closes its circuit."""
        if isinstance(said, Retry):
            self.failed(channel, said.why, now)
        elif channel in self._channels:
            with self._lock:
                each = self._channels[channel]
                each.failures, each.since, each.probe_at, each.why = 0, None, None, ""
                each.before = each.swept_at = None

    def failed(self, channel: str, why: str, now: datetime) -> None:
        """Count a failure; the fifth in a row opens the circuit and is told as a fault."""
        with self._lock:
            each = self._channels.setdefault(channel, _Channel())
            each.failures += 1
            each.why = one_line(why, 200)
            opens = each.since is None and each.failures >= OPENS_AFTER
            if opens:
                each.since = now
            if each.since is not None:
                each.probe_at, each.before = now + PROBE_EVERY, None
        if opens:
            told = f"{each.failures} failures in a row, so its messages wait: {each.why}"
            _ = self._faults.record(channel, "circuit", told, "CircuitOpen")

    def open(self) -> tuple[OpenCircuit, ...]:
        """The channels that are left alone, by name."""
        with self._lock:
            return tuple(
                OpenCircuit(name, each.since, each.failures, each.why, each.probe_at)
                for name, each in sorted(self._channels.items())
                if each.since is not None and each.probe_at is not None
            )

    def to_sweep(self, now: datetime) -> OpenCircuit | None:
        """A channel whose waiting pages are to be made known now, once in `PROBE_EVERY`."""
        for each in self.open():
            with self._lock:
                state = self._channels[each.channel]
                if state.swept_at is None or state.swept_at + PROBE_EVERY <= now:
                    state.swept_at = now
                    return each
        return None

    def probes_at(self) -> datetime | None:
        """When the next message is tried on a channel that is left alone; None while none is."""
        return min((each.probe_at for each in self.open()), default=None)


def _room(each: _Channel, now: datetime, abreast: int) -> bool:
    if each.hung >= MOST_HUNG:
        return False
    if each.since is not None:
        return each.under_way == 0 and each.probe_at is not None and each.probe_at <= now
    # All that are under way may fail, and no more than so many may before it is left alone.
    return each.under_way < min(abreast, OPENS_AFTER - each.failures)
