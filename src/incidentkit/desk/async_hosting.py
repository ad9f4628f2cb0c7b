"""The tickets of a host with `await`. Written from `hosting.py`; see ADR 4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from incidentkit.desk import tickets
from incidentkit.desk.async_part import AsyncPart
from incidentkit.desk.building import Subject, instant, subject
from incidentkit.model.hosting import HOST, Enrolment, Exchange, LetGo, TicketMove, TicketNote
from incidentkit.model.incident import Incident
from incidentkit.model.words import Mode

if TYPE_CHECKING:
    from incidentkit.model.delivery import Delivery
    from incidentkit.views.shadow import ShadowReport


class AsyncHosting(AsyncPart):
    """Tickets by `AsyncDesk`."""

    async def enrolled(
        self,
        key: str,
        facts: Mapping[str, object] | None = None,
        *,
        system: str = HOST,
        by: str | None = None,
    ) -> Enrolment:
        """Whether the library has to do with this ticket, and how far it acts on it, with why.

        The first answer is drawn from the policy's `[enrol]` and what the host states of the
        ticket, and stands for good: only `enrol` and `detach` give another.
        """
        from incidentkit.flows import enrolling

        name, of = tickets.name(system, key)
        known, setting = tickets.facts(facts), await self.setting(by)
        return await self.run(
            lambda: enrolling.enrolled(setting, name, of, known), "enrolled", setting=setting
        )

    async def enrol(
        self,
        key: str,
        facts: Mapping[str, object] | None = None,
        *,
        mode: Mode | str | None = None,
        reason: str = "",
        system: str = HOST,
        by: str | None = None,
    ) -> Enrolment:
        """Decide again about a ticket: by the policy in force, or as said, with the reason.

        An incident that the ticket has is acted on in that mode from now on. A ticket that was let
        go of comes back by this. Raises InvalidValue where a mode is said without a reason, or
        nothing is to be done with a ticket that has an incident: `detach` it.
        """
        from incidentkit.flows import enrolling

        name, of = tickets.name(system, key)
        chosen, why = tickets.stated(mode, reason)
        known, setting = tickets.facts(facts), await self.setting(by)
        return await self.run(
            lambda: enrolling.enrol(setting, name, of, known, chosen, why),
            "enrol",
            setting=setting,
        )

    async def adopt_ticket(
        self,
        key: str,
        *,
        title: str,
        opened_at: datetime | None = None,
        state: str = "",
        history: Iterable[TicketMove] = (),
        summary: str = "",
        priority: str = "",
        impact: str = "",
        urgency: str = "",
        service: str = "",
        category: str = "",
        reporter: str | None = None,
        assignee: str = "",
        owner: str = "",
        team: str = "",
        acknowledged_at: datetime | None = None,
        acknowledged_by: str = "",
        responded_at: datetime | None = None,
        notes: Iterable[TicketNote] = (),
        labels: Mapping[str, str] | None = None,
        code: str = "",
        version: int = 0,
        reference: str | None = None,
        mode: Mode | str | None = None,
        facts: Mapping[str, object] | None = None,
        system: str = HOST,
        by: str | None = None,
    ) -> Incident:
        """Take a ticket in as it stands now, with its own past; twice is harmless.

        Clocks run as its instants and the waits in its `history` say. Nothing is paged, told or
        missed aloud that lies in the past; what lies ahead rings. A ticket that was just opened
        (`[enrol] fresh_for`) is declared like any incident. The reference is the ticket's key,
        unless another is given. `version` is the ticket's own, which rises with each change.

        Raises InvalidValue for a ticket that is not enrolled, a reference that is taken, or a
        priority or state that is none of ours.
        """
        from incidentkit.flows import ticketing

        at = self.ports.now()
        name, of = tickets.name(system, key)
        stated = {
            "title": title,
            "summary": summary,
            "priority": priority,
            "impact": impact,
            "urgency": urgency,
            "service": service,
            "category": category,
            "assignee": assignee,
            "owner": owner,
            "team": team,
        }
        chosen = tickets.mode(mode)
        known, setting = tickets.facts(facts), await self.setting(by)
        taken = tickets.taken(
            name,
            of,
            reference or of,
            setting.by,
            instant(opened_at, "opened_at") or at,
            stated,
            state=state,
            code=code,
            history=history,
            notes=notes,
            labels=labels,
            reporter=reporter,
            acknowledged_at=instant(acknowledged_at, "acknowledged_at"),
            acknowledged_by=acknowledged_by,
            responded_at=instant(responded_at, "responded_at"),
            version=version,
            at=at,
        )
        outcome = await self.run(
            lambda: ticketing.adopt_ticket(setting, taken, known, chosen),
            "adopt_ticket",
            setting=setting,
        )
        return outcome.value

    async def ticket_changed(
        self,
        key: str,
        version: int,
        *,
        fields: Mapping[str, str | None] | None = None,
        reason: str = "",
        court: str = "",
        code: str = "",
        word: str = "",
        notes: Iterable[TicketNote] = (),
        acknowledged_by: str = "",
        seen: int | None = None,
        system: str = HOST,
        by: str | None = None,
    ) -> Exchange:
        """Tell of a change of an adopted ticket; what became of it.

        `version` is the ticket's own: what was told already changes nothing. `fields` are the
        fields as the ticket has them now; who has the last word on each stands in the policy's
        `[ownership]`. A state that the life-cycle does not lead to is recorded and never refused.
        `reason` and `court` belong to a hold, `code` to an end, `word` is the host's for the state.
        `seen` is the version of our record that the host had when it wrote; left out, the present.
        """
        from incidentkit.flows import ticketing

        name, of = tickets.name(system, key)
        stated = tickets.fields(fields)
        told, setting = tickets.notes(notes), await self.setting(by)
        move = tickets.move(stated, self.ports.now(), setting.by, reason, court, code, word)
        number = tickets.version(version)
        return await self.run(
            lambda: ticketing.ticket_changed(
                setting, name, of, number, stated, move, told, acknowledged_by, seen
            ),
            "ticket_changed",
            setting=setting,
        )

    async def set_mode(
        self, of: Subject, mode: Mode | str, *, reason: str, by: str | None = None
    ) -> Incident:
        """Act further or less far on an incident from now on; nothing of before is sent."""
        from incidentkit.model.hosting_changes import SetMode

        return await self._incident(SetMode(subject(of), mode, reason), by, None)

    async def detach(
        self,
        of: Subject | None = None,
        *,
        key: str | None = None,
        where: str | None = None,
        everything: bool = False,
        reason: str,
        system: str = HOST,
        by: str | None = None,
    ) -> tuple[str, ...]:
        """Hand tickets back to the host; the references of the incidents that were let go of.

        One incident, one ticket by its `key`, those whose incident a condition holds of
        (`where='incident.priority == "P4"'`), or, with `everything`, all of the system. Clocks,
        pages, promises and timers end with the reason, nothing is sent about them any more, and
        their journals stay. Exactly one of the four is given. Raises NotFound or InvalidValue.
        """
        from incidentkit.flows import detaching

        when = tickets.scope(of, key, where, everything, await self.policy())
        why, setting = tickets.why(reason), await self.setting(by)
        if of is not None:
            name = subject(of)
            done = await self.run(
                lambda: detaching.one(setting, name, why), "detach", setting=setting
            )
            return done.refs
        known, number = tickets.name(system, key or "-")
        if key is not None:
            done = await self.run(
                lambda: detaching.ticket(setting, known, number, why), "detach", setting=setting
            )
            return done.refs
        refs: list[str] = []
        batch = LetGo((), more=True)
        after = None
        while batch.more:
            here = after
            batch, after = await self.run(
                lambda: detaching.batch(setting, known, when, why, here),  # noqa: B023
                "detach",
                setting=setting,
            )
            refs += batch.refs
        return tuple(refs)

    async def drafts(self, of: Subject | None = None) -> tuple[Delivery, ...]:
        """The messages that wait for a person to let them go, oldest first."""
        from incidentkit.flows import drafting

        setting = await self.setting()
        incident = ""
        if of is not None:
            known = await self.incident(of)
            incident = known.id
        return await self.run(lambda: drafting.drafts(setting, incident), "drafts", setting=setting)

    async def send_draft(self, draft: Delivery | str, *, by: str | None = None) -> Delivery:
        """Let a draft go out, in the name of a person. Raises NotFound or InvalidValue."""
        from incidentkit.flows import drafting

        id_ = draft if isinstance(draft, str) else draft.id
        setting = await self.setting(by)
        return await self.run(
            lambda: drafting.send_draft(setting, id_), "send_draft", setting=setting
        )

    async def shadow_report(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> ShadowReport:
        """What would have happened where the library looked on or advised, in a window of time.

        The last 30 days, unless other instants are given. `to_text` and `to_markdown` of
        `incidentkit.views.shadow` make words of it.
        """
        from incidentkit.flows import shadowing
        from incidentkit.views import shadow

        start, end = tickets.window(since, until, self.ports.now())
        setting = await self.setting()
        found = await self.run(
            lambda: shadowing.watched(setting, start, end), "shadow_report", setting=setting
        )
        return shadow.shadow_report(found, setting.policy, start, end)
