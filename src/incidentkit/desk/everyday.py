"""The everyday methods: one plain call for each thing people do to an incident every day.

Each builds a command and hands it on; `subject` is a record, an id or a reference, `by` is in whose
name (default: the desk's actor), `request` an id under which a repeat changes nothing. They raise
what `Desk.execute` raises, and give back the incident as it stands afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from incidentkit.desk import building
from incidentkit.desk.building import Subject, instant, subject
from incidentkit.desk.part import Part
from incidentkit.model import incident_commands as c
from incidentkit.model.incident import Incident
from incidentkit.model.words import CancelReason, Outcome, Priority


class Everyday(Part):
    """Everyday methods of `Desk`."""

    def declare(
        self,
        title: str,
        *,
        summary: str = "",
        service: str | None = None,
        impact: str | None = None,
        urgency: str | None = None,
        priority: Priority | str | None = None,
        assign: str | None = None,
        owner: str | None = None,
        reporter: str | None = None,
        labels: Mapping[str, str] | None = None,
        occurred_at: datetime | None = None,
        detected_at: datetime | None = None,
        successor_of: Subject | None = None,
        candidate: bool = False,
        private: str = "",
        admits: Iterable[str] = (),
        by: str | None = None,
        request: str | None = None,
    ) -> Incident:
        """This is an incident; what is not known yet can be left out and stated later.

        `private` says why only its people and those in `admits` may see it, from the beginning.
        """
        command = building.declare(
            title,
            summary=summary,
            service=service,
            impact=impact,
            urgency=urgency,
            priority=priority,
            assign=assign,
            owner=owner,
            reporter=reporter,
            labels_=labels,
            occurred_at=occurred_at,
            detected_at=detected_at,
            successor_of=successor_of,
            candidate=candidate,
            private=private,
            admits=admits,
        )
        return self._incident(command, by, request)

    def accept(self, of: Subject, *, by: str | None = None, request: str | None = None) -> Incident:
        """The candidate is an incident; its targets start."""
        return self._incident(c.Accept(subject(of)), by, request)

    def decline(
        self, of: Subject, *, reason: str, by: str | None = None, request: str | None = None
    ) -> Incident:
        """The candidate is none."""
        return self._incident(c.Decline(subject(of), reason=reason), by, request)

    def triage(
        self,
        of: Subject,
        *,
        impact: str | None = None,
        urgency: str | None = None,
        by: str | None = None,
        request: str | None = None,
    ) -> Incident:
        """Impact and urgency are settled; the priority follows."""
        command = c.Triage(subject(of), impact=impact, urgency=urgency)
        return self._incident(command, by, request)

    def start(self, of: Subject, *, by: str | None = None, request: str | None = None) -> Incident:
        """Work begins."""
        return self._incident(c.Start(subject(of)), by, request)

    def acknowledge(
        self, of: Subject, *, by: str | None = None, request: str | None = None
    ) -> Incident:
        """I have it: a lease that whatever I do next renews."""
        return self._incident(c.Acknowledge(subject(of)), by, request)

    def assign(
        self,
        of: Subject,
        to: str | None = None,
        *,
        owner: str | None = None,
        by: str | None = None,
        request: str | None = None,
    ) -> Incident:
        """Who works on it now, and optionally who stays accountable."""
        command = c.Assign(subject(of), assignee=to, owner=owner)
        return self._incident(command, by, request)

    def note(
        self, of: Subject, text: str, *, by: str | None = None, request: str | None = None
    ) -> Incident:
        """An internal note; it never goes outside."""
        return self._incident(c.AddNote(subject(of), text=text), by, request)

    def reply(
        self, of: Subject, text: str, *, by: str | None = None, request: str | None = None
    ) -> Incident:
        """A statement to the reporter; it goes out."""
        return self._incident(c.Reply(subject(of), text=text), by, request)

    def edit(
        self,
        of: Subject,
        *,
        title: str | None = None,
        summary: str | None = None,
        service: str | None = None,
        labels: Mapping[str, str] | None = None,
        by: str | None = None,
        request: str | None = None,
    ) -> Incident:
        """Correct what people read; what is left out stays."""
        given = None if labels is None else building.labels(labels)
        command = c.Edit(subject(of), title=title, summary=summary, service=service, labels=given)
        return self._incident(command, by, request)

    def prioritise(
        self,
        of: Subject,
        *,
        impact: str | None = None,
        urgency: str | None = None,
        priority: Priority | str | None = None,
        severity: str | None = None,
        reason: str = "",
        by_rules: bool = False,
        by: str | None = None,
        request: str | None = None,
    ) -> Incident:
        """State impact, urgency or severity; or set the priority by hand, with a reason.

        `by_rules` gives a priority that was set by hand back to the matrix and the overrides.
        """
        command = c.Prioritise(
            subject(of),
            impact=impact,
            urgency=urgency,
            priority=priority,
            severity=severity,
            reason=reason,
            by_rules=by_rules,
        )
        return self._incident(command, by, request)

    def hold(
        self,
        of: Subject,
        *,
        reason: str,
        court: str,
        by: str | None = None,
        request: str | None = None,
    ) -> Incident:
        """It waits: why, and in whose court the ball is."""
        return self._incident(c.Hold(subject(of), reason=reason, court=court), by, request)

    def resume(self, of: Subject, *, by: str | None = None, request: str | None = None) -> Incident:
        """The wait is over."""
        return self._incident(c.Resume(subject(of)), by, request)

    def mitigate(
        self,
        of: Subject,
        *,
        restored_at: datetime | None = None,
        by: str | None = None,
        request: str | None = None,
    ) -> Incident:
        """The service is restored: now, or when it was."""
        command = c.Mitigate(subject(of), restored_at=instant(restored_at, "restored_at"))
        return self._incident(command, by, request)

    def resolve(
        self,
        of: Subject,
        *,
        code: str,
        remedy: str,
        restored_at: datetime | None = None,
        override: str = "",
        outcome: Outcome | str | None = None,
        by: str | None = None,
        request: str | None = None,
    ) -> Incident:
        """It is over: by what, and how it was remedied. A cause is not needed."""
        command = c.Resolve(
            subject(of),
            code=code,
            remedy=remedy,
            restored_at=instant(restored_at, "restored_at"),
            override=override,
            outcome=outcome,
        )
        return self._incident(command, by, request)

    def close(
        self,
        of: Subject,
        *,
        code: str = "",
        remedy: str = "",
        override: str = "",
        by: str | None = None,
        request: str | None = None,
    ) -> Incident:
        """Nothing is left to do; from an active state it needs what resolving needs."""
        command = c.Close(subject(of), code=code, remedy=remedy, override=override)
        return self._incident(command, by, request)

    def reopen(
        self,
        of: Subject,
        *,
        reason: str,
        hold_reason: str = "",
        court: str = "",
        by: str | None = None,
        request: str | None = None,
    ) -> Incident:
        """It came back: into work, or on hold with what a hold needs."""
        command = c.Reopen(subject(of), reason=reason, hold_reason=hold_reason, court=court)
        return self._incident(command, by, request)

    def cancel(
        self,
        of: Subject,
        *,
        reason: CancelReason | str = CancelReason.WITHDRAWN,
        why: str = "",
        target: Subject | None = None,
        by: str | None = None,
        request: str | None = None,
    ) -> Incident:
        """It ends without being resolved; `target` names what it duplicates or went to."""
        command = c.Cancel(
            subject(of),
            reason=reason,
            why=why,
            target="" if target is None else subject(target),
        )
        return self._incident(command, by, request)
