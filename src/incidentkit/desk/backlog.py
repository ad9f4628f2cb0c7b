"""What a diagnosis says of messages that do not go out and of tasks that were set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from incidentkit.desk.circuits import ABSENT, OpenCircuit
from incidentkit.errors import InvalidValue
from incidentkit.ports.store import Finding
from incidentkit.timing.instants import show_instant

if TYPE_CHECKING:
    from incidentkit.desk.spool import Spool
    from incidentkit.model.delivery import Delivery

LIMIT = "give it a time limit of its own"
LONG = timedelta(minutes=1)
"""How long a request may wait in a spool before somebody should look."""


def findings(
    left_alone: tuple[OpenCircuit, ...],
    unsent: Mapping[str, int],
    parked: int,
    absent: tuple[str, ...] = (),
) -> tuple[Finding, ...]:
    """Channels that fail here, messages that wait for another try, and tasks for a person.

    Circuits are those of this process; what waits is counted in the store, whoever failed at it.
    """
    found = [Finding(False, f"channel {each.channel}", str(each)) for each in left_alone]
    found += [
        Finding(False, "messages", f"{count} on {channel} did not go out yet and are tried again")
        for channel, count in sorted(unsent.items())
    ]
    found += [Finding(False, f"channel {name}", ABSENT) for name in absent]
    if parked:
        told = f"{parked} set aside; look at `parked()`, mend the cause, then `retry(task)`"
        found.append(Finding(False, "queue", told))
    return tuple(found)


def hung_findings(handed: Iterable[Delivery]) -> tuple[Finding, ...]:
    """Channels that were handed messages and give no answer, in whatever worker, as told."""
    channels = Counter(each.channel for each in handed)
    return tuple(
        Finding(False, f"channel {name}", f"{count} message(s) handed over, and no answer: {LIMIT}")
        for name, count in sorted(channels.items())
    )


def spool_troubles(spool: Spool, now: datetime) -> tuple[str, ...]:
    """What is wrong with a spool: it cannot be looked at, requests wait long or were set aside."""
    try:
        state = spool.state()
    except (InvalidValue, OSError) as error:
        return (f"it cannot be looked at: {error}",)
    found: list[str] = []
    if state.oldest_at is not None and now - state.oldest_at > LONG:
        since = show_instant(state.oldest_at)
        found.append(f"{state.waiting} waiting since {since}; `faults` say why, if not the store")
    if spool.foreign:
        found.append(f"requests are kept there: the store failed with its own {spool.foreign}")
    if state.set_aside:
        found.append(f"{state.set_aside} refused and set aside, each with its reason beside it")
    return tuple(found)


def spool_findings(spool: Spool | None, now: datetime) -> tuple[Finding, ...]:
    """The same as a diagnosis says it."""
    if spool is None:
        return ()
    return tuple(Finding(False, "spool", each) for each in spool_troubles(spool, now))
