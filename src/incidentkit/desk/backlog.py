"""What a diagnosis says of messages that do not go out and of tasks that were set aside."""

from __future__ import annotations

from collections.abc import Mapping

from incidentkit.desk.circuits import OpenCircuit
from incidentkit.ports.store import Finding


def findings(
    left_alone: tuple[OpenCircuit, ...], unsent: Mapping[str, int], parked: int
) -> tuple[Finding, ...]:
    """Channels that fail here, messages that wait for another try, and tasks for a person.

    Circuits are those of this process; what waits is counted in the store, whoever failed at it.
    """
    found = [Finding(False, f"channel {each.channel}", str(each)) for each in left_alone]
    found += [
        Finding(False, "messages", f"{count} on {channel} did not go out yet and are tried again")
        for channel, count in sorted(unsent.items())
    ]
    if parked:
        told = f"{parked} set aside; look at `parked()`, mend the cause, then `retry(task)`"
        found.append(Finding(False, "queue", told))
    return tuple(found)
