"""The workbook of one flow: records as they are being changed, before the one commit.

A draft is an incident together with what happened to it in this flow. Several signals of one
payload may change the same incident; they find the same draft, and it is written once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from incidentkit.flows.effects import Change, Commit, Flow, Kind, Load
from incidentkit.flows.kinds import ADOPTION, DELIVERY, INCIDENT
from incidentkit.flows.setting import Setting, recorded
from incidentkit.ids import TaskId
from incidentkit.model.adoption import ADOPTION_ID, AdoptedVersion, Adoption, PolicyAdopted
from incidentkit.model.brief import brief
from incidentkit.model.delivery import Delivery, DeliveryQueued, DeliveryTried
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event, Recorded
from incidentkit.model.words import DeliveryState
from incidentkit.ports.rows import KeyChange, Move, Request, Settle, Task, Touch
from incidentkit.rules.evolve import evolve
from incidentkit.rules.wake import wakes_at
from incidentkit.timing.instants import to_micros

if TYPE_CHECKING:
    from incidentkit.flows.questions import Contacts
    from incidentkit.flows.record_draft import RecordDraft
    from incidentkit.model.problem import Problem

TIMER, REACTION, MESSAGE = "timer", "reaction", "message"
PRIORITY_OF_PAGES, PRIORITY_OF_REACTIONS, PRIORITY_OF_TIMERS, PRIORITY_OF_NOTICES = 0, 1, 2, 3
AFTER_RESTORE = "held after a restore"
"""What stands on a message that was queued before its store was restored."""


class Draft:
    """One incident being changed: its value now, and the entries that made it so."""

    def __init__(self, incident: Incident, *, new: bool = False) -> None:
        self.incident: Incident = incident
        self.recorded: list[Recorded] = []
        self.fresh: list[Event] = []
        self.before = incident
        self.new = new

    def only_words_changed(self) -> bool:
        """Whether all that a rule may rest on stands as it was loaded."""
        was, now = self.before, self.incident
        return (
            not self.new
            and was.life is now.life
            and was.rating is now.rating
            and was.course is now.course
            and was.clocks is now.clocks
            and was.people is now.people
            and was.attention is now.attention
            and was.ties is now.ties
            and was.more is now.more
        )

    def happened(self, event: Event, setting: Setting, at: datetime, **more: Any) -> None:
        """Apply an event and record it; see `Recorded` for reason and cause."""
        self.incident = evolve(self.incident, event, at, more.get("by") or setting.by)
        self.recorded.append(recorded(event, setting, at, **more))
        self.fresh.append(event)


def _turn(delivery: Delivery) -> str:
    """Messages about one record to one party on one channel go out one after the other."""
    return brief(f"{delivery.subject}>{delivery.party}>{delivery.channel}")


class Workbook:
    """Everything one flow is about to make true."""

    def __init__(self, setting: Setting, at: datetime) -> None:
        self.setting = setting
        self.at = at
        self.incidents: dict[str, Draft] = {}
        self.records: dict[str, RecordDraft[Any]] = {}
        self.changes: list[Change[Any]] = []
        self.tasks: list[Task] = []
        self.moves: list[Move] = []
        self.cancels: list[TaskId] = []
        self.keys: list[KeyChange] = []
        self.touches: list[Touch] = []
        self.settles: list[Settle] = []
        self.reads: list[tuple[str, str]] = []
        self.repeats: int = 0
        self.depth: int = 0
        self.verifying: tuple[Problem, ...] | None = None
        self.reached: dict[str, Contacts] = {}

    @property
    def received_at(self) -> datetime:
        """When what is being taken in came in: now, unless the store was away then."""
        return self.setting.received_at or self.at

    def incident(self, incident_id: str) -> Flow[Draft | None]:
        """The draft of an incident, loaded at its first mention; None where there is none."""
        draft = self.incidents.get(incident_id)
        if draft is None:
            (found,) = yield from Load(INCIDENT, (incident_id,))
            if found is None:
                return None
            draft = self.incidents[incident_id] = Draft(found)
        return draft

    def record(self, kind: str, id_: str) -> Flow[RecordDraft[Any] | None]:
        """The draft of a record other than an incident, loaded at its first mention."""
        name = f"{kind}/{id_}"
        draft = self.records.get(name)
        if draft is None:
            from incidentkit.flows.aggregates import aggregate
            from incidentkit.flows.record_draft import RecordDraft

            of = aggregate(kind)
            (found,) = yield from Load(of.kind, (id_,))
            if found is None:
                return None
            draft = self.records[name] = RecordDraft(of, found)
        return draft

    def problem(self, problem_id: str) -> Flow[RecordDraft[Problem] | None]:
        """The draft of a problem, loaded at its first mention."""
        return (yield from self.record("problem", problem_id))

    def begin_record(self, draft: RecordDraft[Any]) -> None:
        """Take up a record that is being made, and reserve its reference."""
        name = f"{draft.of.kind.name}/{draft.value.id}"
        self.records[name] = draft
        self.keys.append(KeyChange("ref", draft.value.ref, None, name))

    def begin(self, draft: Draft) -> None:
        """Take up an incident that is being declared, and reserve its reference."""
        incident = draft.incident
        self.incidents[incident.id] = draft
        self.keys.append(KeyChange("ref", incident.ref, None, f"incident/{incident.id}"))

    def write(self, kind: Kind[Any], value: Any, entries: Iterable[Recorded]) -> None:
        """Write a record that has no draft."""
        self.changes.append(Change(kind, value, tuple(entries)))

    def deliver(self, delivery: Delivery, token: str, priority: int) -> None:
        """Queue a message: its record, the key of its answers, and the task that sends it.

        What stems from before a restore is written down and not queued.
        """
        event = DeliveryQueued(delivery.kind, delivery.party, delivery.channel)
        self.send(delivery, (recorded(event, self.setting, self.at),), token, priority)

    def send(
        self, delivery: Delivery, entries: Iterable[Recorded], token: str, priority: int
    ) -> None:
        """The same for a message that is told of otherwise: a draft that somebody let go."""
        self.keys.append(KeyChange("answer", delivery.token_hash, None, delivery.id))
        if self.setting.held:
            state = DeliveryState.HELD
            tried = recorded(DeliveryTried(state, AFTER_RESTORE), self.setting, self.at)
            version = delivery.version + 1
            held = attrs.evolve(delivery, version=version, state=state, detail=AFTER_RESTORE)
            self.write(DELIVERY, held, (*entries, tried))
            return
        self.write(DELIVERY, delivery, entries)
        self.send_later(delivery, token, priority)

    def send_later(self, delivery: Delivery, token: str, priority: int) -> None:
        """The task that sends a message."""
        now = to_micros(self.at)
        subject = _turn(delivery)
        self.tasks.append(
            Task(
                TaskId(f"send:{delivery.id}"),
                MESSAGE,
                subject,
                now,
                priority,
                now,
                delivery.channel,
                f"{delivery.id} {token}",
            )
        )

    def react_to_receipt(self, delivery: Delivery, cause: str) -> None:
        """Let a delivery hear of its receipt after the task that sends it has been settled."""
        now = to_micros(self.at)
        body = f"{cause}>delivery/{delivery.id}"
        subject, order = _turn(delivery), now + 1
        task = TaskId(f"react:{body}")
        self.tasks.append(
            Task(task, REACTION, subject, order, PRIORITY_OF_REACTIONS, now, "", body)
        )

    def tell_subject(self, delivery: Delivery) -> None:
        """Let the incident of a message hear of the delivery's last entry."""
        kind, _, id_ = delivery.subject.partition("/")
        self.react_elsewhere(kind, id_, f"delivery/{delivery.id}", delivery.version)

    def react_elsewhere(self, kind: str, id_: str, stream: str, seq: int) -> None:
        """Let another record react to an entry of this commit, in a commit of its own."""
        now = to_micros(self.at)
        task = TaskId(f"react:{stream}#{seq}>{kind}/{id_}")
        body = f"{stream}#{seq}>{kind}/{id_}"
        self.tasks.append(
            Task(task, REACTION, f"{kind}/{id_}", now, PRIORITY_OF_REACTIONS, now, "", body)
        )

    def _timer(self, record: str, before: datetime | None, after: datetime | None) -> None:
        """Move the record's one timer where it must ring earlier, or never.

        A timer that now rings too early is left: it looks again, finds nothing and goes to the
        right time by itself. So a command that only puts things off writes no task. One that should
        have rung by now may never have been set (imports set none), so it is written anew; what it
        would have found due has just been concluded.
        """
        task = TaskId(f"wake:{record}")
        if after is None:
            if before is not None:
                self.cancels.append(task)
        elif before is None or before <= self.at or after < before:
            due = to_micros(after)
            self.tasks.append(Task(task, TIMER, task, 0, PRIORITY_OF_TIMERS, due, "", record))

    def adopt_first(self) -> Flow[None]:
        """Adopt the policy in force with the tenant's first write, so that hashes stay readable."""
        if self.setting.adopted:
            return
        (before,) = yield from Load(ADOPTION, (ADOPTION_ID,))
        policy = self.setting.policy
        standing = None if before is None else before.in_force(self.at)
        if standing is not None and standing.hash == policy.hash:
            return
        versions = () if before is None else before.versions
        if standing is None and any(each.hash == policy.hash for each in versions):
            return  # another first write was a moment later by its time, and sooner in the store
        version = 1 if before is None else before.version + 1
        now = AdoptedVersion(policy.hash, self.at)
        after = Adoption(ADOPTION_ID, version, (*versions, now))
        event = PolicyAdopted(policy.hash, self.at, policy.source)
        self.write(ADOPTION, after, (Recorded(self.at, "system", event),))

    def commit(self, request: Request | None = None, *, woken: str = "") -> Commit:
        """The one commit of everything in the book; drafts without entries are left out.

        `woken` is the record whose timer is being settled, and therefore not moved.
        """
        changes = list(self.changes)
        for draft in self.incidents.values():
            incident = draft.incident
            if draft.recorded:
                changes.append(Change(INCIDENT, incident, tuple(draft.recorded)))
                if incident.more is not None:
                    from incidentkit.flows.admitting import admissions

                    was = None if draft.new else draft.before
                    changes += admissions(was, incident, draft.recorded[-1])
                name = f"incident/{incident.id}"
                if name != woken and not draft.only_words_changed():
                    before = None if draft.new else wakes_at(draft.before)
                    self._timer(name, before, wakes_at(incident))
        for name, record in self.records.items():
            if record.recorded:
                changes.append(Change(record.of.kind, record.value, tuple(record.recorded)))
                if name != woken:
                    self._timer(name, record.wake_before, record.wakes_at())
        return Commit(
            tuple(changes),
            tuple(self.reads),
            tuple(self.touches),
            tuple(self.tasks),
            tuple(self.moves),
            tuple(self.cancels),
            tuple(self.keys),
            tuple(self.settles),
            request,
        )
