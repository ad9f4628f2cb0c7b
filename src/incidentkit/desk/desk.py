"""Desk: the plain driver, and the door by which most hosts come in.

What only some calls need (views, work on the queue, audits) is imported by them, so that the first
incident of a process is not kept waiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, cast

import attrs

from incidentkit.desk import opening, queries
from incidentkit.desk.access import Access
from incidentkit.desk.asking import Asking
from incidentkit.desk.attempts import LOOK_AGAIN, PASSING, Attempts
from incidentkit.desk.building import Subject, instant, subject
from incidentkit.desk.core import Core, Standing
from incidentkit.desk.driving import answered, called, drive
from incidentkit.desk.everyday import Everyday
from incidentkit.desk.evidence import Evidence
from incidentkit.desk.guarding import Guarding
from incidentkit.desk.hosting import Hosting
from incidentkit.desk.safeguards import Safeguards
from incidentkit.desk.session import Session
from incidentkit.desk.sharing import Sharing
from incidentkit.desk.upkeep import Upkeep
from incidentkit.errors import IncidentKitError, IndexStale, InvalidValue, NotFound
from incidentkit.flows import adopt as adopting
from incidentkit.flows import reading
from incidentkit.flows.effects import Flow, Found
from incidentkit.flows.execute import execute
from incidentkit.flows.kinds import INCIDENT, PROBLEM, Record, kind_of
from incidentkit.flows.setting import Setting
from incidentkit.model.adoption import AdoptedVersion
from incidentkit.model.incident import Incident
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import JournalEntry
from incidentkit.model.signals import Report, SourceRequest
from incidentkit.plugins.observe import notify
from incidentkit.policy.document import Policy
from incidentkit.ports.query import Cursor

if TYPE_CHECKING:
    from incidentkit.flows.receive import Received
    from incidentkit.model.problem import Problem

T = TypeVar("T")
DEADLINE = 10.0
"""Seconds a call may spend in being decided again."""


class Desk(
    Core,
    Guarding,
    Everyday,
    Asking,
    Evidence,
    Upkeep,
    Sharing,
    Safeguards,
    Access,
    Hosting,
):
    """An open desk: one store, the plugins of a host, one tenant and one actor.

    Safe to use from many threads. `as_` and `tenant` give further desks on the same store, and
    `with Desk.open(...) as desk:` lets go of it at the end.

    >>> with Desk.open("memory:") as desk:
    ...     incident = desk.declare("Printer on fire", impact="low", urgency="high")
    ...     print(incident.ref, incident.priority, incident.status)
    INC-1 P3 new
    """

    @classmethod
    def open(cls, url: str = "memory:", **given: Unpack[opening.Given]) -> Desk:
        """Open a desk on a store; `incidentkit.desk.opening.opened` lists what may be given.

        Raises InvalidValue for an unknown URL or option, PluginError for a plugin that cannot be
        used, PolicyError for a policy with mistakes.
        """
        return cls(opening.opened(url, given, asynchronous=False))

    def as_(self, actor: str) -> Desk:
        """The same desk for another actor."""
        return Desk(self._shared, self._tenant, actor)

    def tenant(self, name: str) -> Desk:
        """The same desk for another tenant."""
        return Desk(self._shared, name, self._actor)

    def using(self, connection: object) -> Desk:
        """A desk inside the transaction of the host, in a `with` block: both happen, or neither.

        What it does is the host's to commit or to roll back. Nothing is tried again: `Conflict` and
        `Retryable` come out, and the transaction goes on as before the call. Observers hear of it
        once the host has committed; where the driver does not tell, say `committed()`.

        The block raises CannotJoin where the store cannot join, or not this connection.
        """
        return Desk(self._joining(connection), self._tenant, self._actor)

    def disconnect(self) -> None:
        """Let go of the store; twice is harmless. Every desk made from this one is closed too."""
        self._shared.ports.store.close()

    def __enter__(self) -> Desk:
        """Use the desk in a `with` block."""
        if (joint := self.joint) is not None:
            joint.enter(called(joint.call(), joint.connection))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Disconnect at the end of the block."""
        self.disconnect()
        if self.joint is not None:
            self.joint.leave(failing=error is not None)

    # --- running flows --------------------------------------------------------------------------

    def _run(
        self,
        make: Callable[[], Flow[T]],
        action: str = "call",
        *,
        repeatable: bool = False,
        setting: Setting | None = None,
        remembers: bool = False,
    ) -> T:
        attempts = Attempts(action, DEADLINE, self._shared.turn, repeatable=repeatable)
        indexed: set[tuple[str, str]] = set()
        while True:
            session = Session(
                self._shared.ports, self._tenant, self._shared.recent, remembers=remembers
            )
            try:
                with attempts:
                    value = drive(session, make())
            except IncidentKitError as error:
                session.forget()
                if self.joint is not None:
                    raise
                remembers = False
                if session.remembered:
                    continue
                if isinstance(error, IndexStale) and not session.sent:
                    if (error.kind, error.lag) in indexed:
                        raise
                    indexed.add((error.kind, error.lag))
                    _ = self.reindex(error.kind, error.lag)
                    continue
                if session.sent or not isinstance(error, PASSING):
                    raise
                time.sleep(attempts.wait_for(error))
                while attempts.waits():
                    time.sleep(LOOK_AGAIN)
                continue
            if session.remembered and session.committed is None:
                session.forget()
                remembers = False
                continue
            if setting is not None:
                if not setting.adopted and session.committed is not None:
                    self._unsettle()
                change = self._committed(session, setting)
                if change is not None:
                    self._tell("incidentkit_on_committed", change)
            return value

    def at(self, tenant: str) -> Desk:
        """The same desk as the system of a tenant: how queued work is done."""
        return Desk(self._shared, tenant)

    def observed(self, hook: str, value: object) -> None:
        """Tell observers something, each by itself in the guard."""
        ports = self._shared.ports
        notify(ports.plugins, ports.guard, hook, value)

    def _policy(self) -> Standing:
        known = self._standing()
        if known is not None:
            return known
        ports = self._shared.ports
        if ports.unheard:
            ports.heard(called(ports.store.now))
        adoption = self.run(adopting.adopted, "reading the policy", whole=True)
        hash_, until = self._wanted(adoption)
        policy = self._shared.policies.get(hash_)
        if hash_ and policy is None:
            document = self.run(
                lambda: adopting.document_of(hash_), "reading the policy", whole=True
            )
            policy = None if document is None else opening.adopted_policy(document)
        return self._stand(hash_, policy, until)

    def setting(self, by: str | None = None, request: str | None = None) -> Setting:
        """The surroundings in which a call of this desk is decided."""
        return self._setting(self._policy(), by, request)

    # --- commands -------------------------------------------------------------------------------

    def execute(
        self, command: Command, *, by: str | None = None, request: str | None = None
    ) -> Record:
        """Carry out any command; the record as it stands afterwards.

        Raises NotFound, NotAuthorised, VersionMismatch, TransitionNotAllowed, MissingFields,
        InvalidValue, RequestReused or TooBusy; then nothing was changed.
        """
        if not isinstance(cast("object", command), Command):
            raise InvalidValue("command", f"{command!r} is none; e.g. Start('INC-1')")
        setting = self.setting(by, request)
        outcome = self.run(
            lambda: execute(setting, command),
            command.action,
            repeatable=request is not None,
            setting=setting,
            remembers=True,
        )
        return self.get(outcome.result) if outcome.replayed else outcome.value

    def _incident(self, command: Command, by: str | None, request: str | None) -> Incident:
        record = self.execute(command, by=by, request=request)
        if not isinstance(record, Incident):
            raise NotFound("incident", command.subject)
        return record

    def report(
        self,
        title: str,
        *,
        reporter: str,
        text: str = "",
        incident: Subject | None = None,
        service: str | None = None,
        on_behalf_of: str | None = None,
        location: str | None = None,
        contact: str = "",
        category: str = "",
        private: str = "",
        request: str | None = None,
    ) -> Incident:
        """A person reports something: a new incident, or one more report of `incident`.

        One that names none may join an open one by the policy (`[reports]`); `private` (why) never.
        """
        known = None if incident is None else self.incident(incident)
        name = None if known is None else f"incident/{known.id}"
        words = title, reporter, text, on_behalf_of, service, location, contact, name, "", category
        signal = Report(*words, private)
        body = SourceRequest(f"{title}\n{text}".encode())
        received = self._take("report", body, (signal,), by=reporter, request=request)
        if received.rejected:
            raise InvalidValue("report", received.rejected[0][1])
        return self.incident((*received.opened, *received.joined, name or "")[0])

    def hand_over(
        self,
        of: Subject,
        role: str,
        to: str,
        *,
        holder: str | None = None,
        by: str | None = None,
    ) -> Incident:
        """Offer a role to somebody, with a brief drawn from the record; they accept or decline.

        Said twice it is refused, because an offer stands.
        """
        from incidentkit.model.handover_changes import OfferHandover

        brief = self.brief(of)
        command = OfferHandover(subject(of), role=role, to=to, holder=holder, brief=brief)
        return self._incident(command, by, None)

    def redact(
        self,
        of: Subject,
        seqs: Iterable[int],
        *,
        reason: str,
        by: str | None = None,
        request: str | None = None,
    ) -> Incident:
        """Drop for ever what entries of an incident's journal say, by number, and journal that.

        That they stood there, when and of which kind stays, and with it the chain. It goes for the
        title and summary that they set, reports, messages and payloads that said it, too.
        Raises TransitionNotAllowed under a legal hold.
        """
        from incidentkit.flows import redacting
        from incidentkit.model.custody_changes import Redact

        command = Redact(subject(of), seqs=seqs, reason=reason)
        incident = self._incident(command, by, request)
        self.run(lambda: redacting.now(incident.id, incident.version), "redact", whole=True)
        return incident

    # --- capture --------------------------------------------------------------------------------

    def receive(
        self,
        source: str,
        body: bytes | str | SourceRequest,
        *,
        headers: Mapping[str, str] | None = None,
        request: str | None = None,
    ) -> Received:
        """Take in what a source was sent: alerts, reports, answers, receipts, changes, beats.

        It is durable when this returns. What could not be read stands in `rejected` and is kept.
        With a spool, what comes in while the store is away is kept there: then `spooled` says so.
        Raises NotFound for an unknown source, InvalidValue for a body that is no bytes or text,
        SpoolFull where the store is away and there is no room: then it was not kept.
        """
        taken = self._request(body, headers)
        if self._shared.ports.spool is not None and not self._shared.ports.joined:
            _ = self.reader(source)
            return self._spooled(source, taken, request, self._shared.ports.now())
        return self._receive(source, taken, request, None)

    def _receive(
        self, source: str, taken: SourceRequest, request: str | None, at: datetime | None
    ) -> Received:
        """Take in a request that came in at an instant, or now (None)."""
        from incidentkit.desk.intake import Reading
        from incidentkit.flows.receive import Received, receive

        setting = self.setting(None, request)
        if at is not None:
            setting = attrs.evolve(setting, received_at=at)
        reading = Reading(self, source, taken, at)
        outcome = self.run(
            lambda: receive(setting, source, taken, *reading.again()),
            "receive",
            repeatable=request is not None,
            setting=setting,
        )
        if outcome.replayed:
            return Received.from_result(outcome.result)
        reading.learn(outcome.value)
        return outcome.value

    def _take(
        self,
        source: str,
        body: SourceRequest,
        signals: tuple[Report, ...],
        *,
        by: str,
        request: str | None,
    ) -> Received:
        from incidentkit.flows.receive import Received, receive

        setting = self.setting(by, request)
        outcome = self.run(
            lambda: receive(setting, source, body, signals),
            "report",
            repeatable=request is not None,
            setting=setting,
        )
        return Received.from_result(outcome.result) if outcome.replayed else outcome.value

    # --- reading --------------------------------------------------------------------------------

    def get(self, of: Subject) -> Record:
        """A record of any kind as it stands now. Raises NotFound."""
        setting = self.setting()
        return self.run(lambda: reading.get(setting, subject(of)), "get")

    def incident(self, of: Subject) -> Incident:
        """An incident as it stands now. Raises NotFound."""
        record = self.get(of)
        if not isinstance(record, Incident):
            raise NotFound("incident", subject(of))
        return record

    def problem(self, of: Subject) -> Problem:
        """A problem as it stands now. Raises NotFound."""
        record = self.get(of)
        if kind_of(record) != "problem":
            raise NotFound("problem", subject(of))
        return cast("Problem", record)

    def find(
        self,
        *,
        order: str = "changed_at",
        descending: bool = True,
        after: Cursor | None = None,
        limit: int = 100,
        **filters: Any,
    ) -> Found[Incident]:
        """One page of incidents whose columns equal the filters; a tuple means one of several.

        Columns: ref, state, active, priority, service, assignee, owner, response, candidate.
        `after` takes the `next` of the page before.
        """
        query = queries.query("incident", order, descending, after, limit, filters)
        setting = self.setting()
        return self.run(lambda: reading.find(setting, INCIDENT, query), "find")

    def find_problems(
        self,
        *,
        order: str = "changed_at",
        descending: bool = True,
        after: Cursor | None = None,
        limit: int = 100,
        **filters: Any,
    ) -> Found[Problem]:
        """One page of problems; see `find`.

        Columns: ref, state, service, owner, category, origin, team, priority, known_error.
        """
        query = queries.query("problem", order, descending, after, limit, filters)
        setting = self.setting()
        return self.run(lambda: reading.find(setting, PROBLEM, query), "find")

    def count(self, **filters: Any) -> int:
        """How many incidents have these columns; see `find`."""
        query = queries.query("incident", "id", False, None, 1, filters)
        setting = self.setting()
        return self.run(lambda: reading.count(setting, query), "count")

    def journal(self, of: Subject) -> tuple[JournalEntry, ...]:
        """Everything that happened to a record, as data. Raises NotFound."""
        setting = self.setting()
        return self.run(lambda: reading.history(setting, subject(of)), "journal")

    # --- policy, queue, audit -------------------------------------------------------------------

    def policy(self) -> Policy:
        """The policy in force."""
        standing = self._policy()
        return standing.policy

    def adopt(
        self,
        policy: Policy | Mapping[str, Any] | str | Path,
        *,
        effective_from: datetime | None = None,
        by: str | None = None,
    ) -> AdoptedVersion:
        """Adopt a policy (or what `open` takes for one), now or from an instant on.

        What is planned for later comes into force all the same. To take it back, adopt for its
        instant what shall stand then; `diagnose` lists what is planned.

        Raises PolicyError with everything that is wrong in it.
        """
        adopted = opening.policy_of(policy)
        setting = self.setting(by)
        start = instant(effective_from, "effective_from")
        outcome = self.run(
            lambda: adopting.adopt(setting, adopted, start), "adopt", setting=setting
        )
        self._adopted(adopted, outcome.value, planned=start is not None)
        return outcome.value

    def reindex(self, kind: str | None = None, lag: str | None = None) -> int:
        """Index what an earlier release wrote, for all tenants; how many records were done.

        Questions do this by themselves for the kind and the lag (`columns` or `texts`) that they
        need; call it after an upgrade, so that the first of them need not wait.
        """
        from incidentkit.desk.reindexing import reindex

        return answered(reindex(self._shared.ports, kind, lag))

    # --- working --------------------------------------------------------------------------------

    def run_due(self, executor: Any = None) -> datetime | None:
        """Do what is due, for every tenant of this store; when to call again, None for never.

        Without an executor a channel that hangs holds this worker only: its lease lapses, and
        other workers go on.
        """
        from incidentkit.desk import due

        return due.run_due(self, executor)

    def serve(self, stop: Any, *, workers: int = 4, poll: float = 1.0) -> None:
        """Run what is due until `stop` (a threading.Event) is set; owns a pool of threads."""
        from incidentkit.desk import due

        due.serve(self, stop, workers, poll)
