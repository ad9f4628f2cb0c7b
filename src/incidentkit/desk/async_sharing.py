"""Commits with `await`. Written from `sharing.py`; see ADR 4."""

from __future__ import annotations

from incidentkit.desk.async_driving import called
from incidentkit.desk.async_part import AsyncPart
from incidentkit.desk.joint import joint_of, place
from incidentkit.plugins.observations import CommittedChange
from incidentkit.plugins.observe import anotify


class AsyncSharing(AsyncPart):
    """Commits by `AsyncDesk`, alone or with its host."""

    async def committed(self) -> None:
        """The host has committed what this desk of `using` did: observers are told, each once.

        In the block or after it. What was rolled back is not told. Raises CannotJoin while the
        transaction is open still, and on a desk that is in none.
        """
        ports, joint = self.ports, joint_of(self.joint)
        for hook, change, hash_ in joint.kept():
            there = await called(joint.journal, *place(change))
            if [entry.hash for entry in there] == [hash_]:
                await anotify(ports.plugins, ports.guard, hook, change)

    async def _tell(self, hook: str, change: CommittedChange) -> None:
        """Tell observers of a commit now, or see to it that they are told once it is the host's."""
        ports, joint = self.ports, self.joint
        if joint is None:
            await anotify(ports.plugins, ports.guard, hook, change)
        elif not joint.told_by_driver(hook, change):
            joint.keep(hook, change, await called(ports.store.journal, *place(change)))
