"""The everyday methods with `await`. Written from `everyday.py`; see ADR 4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from incidentkit.desk import building
from incidentkit.desk.async_part import AsyncPart
from incidentkit.desk.building import Subject, instant, subject
from incidentkit.model import incident_commands as c
from incidentkit.model.incident import Incident
from incidentkit.model.words import CancelReason, Outcome, Priority


class AsyncEveryday(AsyncPart):
    """Everyday methods of `AsyncDesk`."""

    async def declare(
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
        return await self._incident(command, by, request)

    async def accept(
        self, of: Subject, *, by: str | None = None, request: str | None = None
    ) -> Incident:
        """The candidate is an incident; its targets start."""
        return await self._incident(c.Accept(subject(of)), by, request)

    async def decline(
        self, of: Subject, *, reason: str, by: str | None = None, request: str | None = None
    ) -> Incident:
        """The candidate is none."""
        return await self._incident(c.Decline(subject(of), reason=reason), by, request)

    async def triage(
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
        return await self._incident(command, by, request)

    async def start(
        self, of: Subject, *, by: str | None = None, request: str | None = None
    ) -> Incident:
        """Work begins."""
        return await self._incident(c.Start(subject(of)), by, request)

    async def acknowledge(
        self, of: Subject, *, by: str | None = None, request: str | None = None
    ) -> Incident:
        """I have it: a lease that whatever I do next renews."""
        return await self._incident(c.Acknowledge(subject(of)), by, request)

    async def assign(
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
        return await self._incident(command, by, request)

    async def note(
        self, of: Subject, text: str, *, by: str | None = None, request: str | None = None
    ) -> Incident:
        """An internal note; it never goes outside."""
        return await self._incident(c.AddNote(subject(of), text=text), by, request)

    async def reply(
        self, of: Subject, text: str, *, by: str | None = None, request: str | None = None
    ) -> Incident:
        """A statement to the reporter; it goes out."""
        return await self._incident(c.Reply(subject(of), text=text), by, request)

    async def edit(
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
        return await self._incident(command, by, request)

    async def prioritise(
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
        return await self._incident(command, by, request)

    async def hold(
        self,
        of: Subject,
        *,
        reason: str,
        court: str,
        by: str | None = None,
        request: str | None = None,
    ) -> Incident:
        """It waits: why, and in whose court the ball is."""
        return await self._incident(c.Hold(subject(of), reason=reason, court=court), by, request)

    async def resume(
        self, of: Subject, *, by: str | None = None, request: str | None = None
    ) -> Incident:
        """The wait is over."""
        return await self._incident(c.Resume(subject(of)), by, request)

    async def mitigate(
        self,
        of: Subject,
        *,
        restored_at: datetime | None = None,
        by: str | None = None,
        request: str | None = None,
    ) -> Incident:
        """The service is restored: now, or when it was."""
        command = c.Mitigate(subject(of), restored_at=instant(restored_at, "restored_at"))
        return await self._incident(command, by, request)

    async def resolve(
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
        return await self._incident(command, by, request)

    async def close(
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
        return await self._incident(command, by, request)

    async def reopen(
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
        return await self._incident(command, by, request)

    async def cancel(
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
        return await self._incident(command, by, request)
