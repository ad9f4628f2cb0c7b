"""Who may see what with `await`. Written from `access.py`; see ADR 4."""

from __future__ import annotations

from collections.abc import Iterable

from incidentkit.desk.async_part import AsyncPart
from incidentkit.desk.building import Subject, subject
from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry


class AsyncAccess(AsyncPart):
    """Access by `AsyncDesk`."""

    async def make_private(
        self,
        of: Subject,
        *,
        reason: str,
        admits: Iterable[str] = (),
        by: str | None = None,
        request: str | None = None,
    ) -> Incident:
        """Hide an incident from everybody but its participants and the parties in `admits`.

        Said again it replaces who is admitted. Raises MissingFields without a reason.
        """
        from incidentkit.model.privacy_changes import MakePrivate

        command = MakePrivate(subject(of), reason=reason, admits=tuple(admits))
        return await self._incident(command, by, request)

    async def lift_privacy(
        self, of: Subject, *, reason: str, by: str | None = None, request: str | None = None
    ) -> Incident:
        """Show a private incident again to whoever may see others.

        Raises TransitionNotAllowed for one that is not private.
        """
        from incidentkit.model.privacy_changes import LiftPrivacy

        return await self._incident(LiftPrivacy(subject(of), reason=reason), by, request)

    async def break_glass(
        self, of: Subject, reason: str, *, by: str | None = None, request: str | None = None
    ) -> Incident:
        """Be let in at once to an incident one may not see, for as long as the policy says.

        It is journaled with its reason, whoever answers for the incident is told, and a task to
        look into it stays behind. Raises NotFound where the policy does not let the actor do it.
        """
        from incidentkit.model.privacy_changes import BreakGlass

        return await self._incident(BreakGlass(subject(of), reason=reason), by, request)

    async def readings(self, of: Subject) -> tuple[JournalEntry, ...]:
        """Who read an incident while its label was watched, as data, oldest first.

        Raises NotFound, and NotAuthorised where the actor may not `read_audit`.
        """
        from incidentkit.flows.reading_audit import readings

        incident = await self.incident(of)
        setting = await self.setting()
        return await self.run(
            lambda: readings(setting, incident.id, incident.ref), "readings", setting=setting
        )
