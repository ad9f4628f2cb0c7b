"""Who may see and do what, as a desk is asked: private incidents, breaking the glass, who read."""

from __future__ import annotations

from collections.abc import Iterable

from incidentkit.desk.building import Subject, subject
from incidentkit.desk.part import Part
from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry


class Access(Part):
    """Access by `Desk`."""

    def make_private(
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
        return self._incident(command, by, request)

    def lift_privacy(
        self, of: Subject, *, reason: str, by: str | None = None, request: str | None = None
    ) -> Incident:
        """Show a private incident again to whoever may see others.

        Raises TransitionNotAllowed for one that is not private.
        """
        from incidentkit.model.privacy_changes import LiftPrivacy

        return self._incident(LiftPrivacy(subject(of), reason=reason), by, request)

    def break_glass(
        self, of: Subject, reason: str, *, by: str | None = None, request: str | None = None
    ) -> Incident:
        """Be let in at once to an incident one may not see, for as long as the policy says.

        It is journaled with its reason, whoever answers for the incident is told, and a task to
        look into it stays behind. Raises NotFound where the policy does not let the actor do it.
        """
        from incidentkit.model.privacy_changes import BreakGlass

        return self._incident(BreakGlass(subject(of), reason=reason), by, request)

    def readings(self, of: Subject) -> tuple[JournalEntry, ...]:
        """Who read an incident while its label was watched, as data, oldest first.

        Raises NotFound, and NotAuthorised where the actor may not `read_audit`.
        """
        from incidentkit.flows.reading_audit import readings

        incident = self.incident(of)
        setting = self.setting()
        return self.run(
            lambda: readings(setting, incident.id, incident.ref), "readings", setting=setting
        )
