"""The upkeep with `await`. Written from `upkeep.py`; see ADR 4."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from incidentkit.desk import opening, queries
from incidentkit.desk.anchoring import kept, seal_head
from incidentkit.desk.async_driving import called
from incidentkit.desk.async_part import AsyncPart
from incidentkit.errors import CannotJoin, InvalidValue
from incidentkit.ids import MAIN_TENANT
from incidentkit.ports.backup import RESTORED_KEY, RESTORED_SPACE
from incidentkit.ports.rows import Purged, QueuedTask, TaskQuery
from incidentkit.ports.store import Finding, SupportsDiagnosis
from incidentkit.timing.instants import to_micros

if TYPE_CHECKING:
    from incidentkit.flows.audit import Verified
    from incidentkit.flows.retaining import Purge
    from incidentkit.flows.tasks import ParkedTask


class AsyncUpkeep(AsyncPart):
    """Upkeep by `AsyncDesk`."""

    async def tasks(self, query: TaskQuery | None = None) -> tuple[QueuedTask, ...]:
        """The queue as it stands: timers, reactions and messages, parked ones with their reason."""
        from incidentkit.flows import tasks as queueing

        if not isinstance(cast("object", query), TaskQuery | None):
            raise InvalidValue("query", f"must be a TaskQuery, not {type(query).__name__}")
        setting = await self.setting()
        wanted = query or TaskQuery()
        return await self.run(lambda: queueing.tasks(setting, wanted), "tasks", setting=setting)

    async def parked(self, after: str = "", *, limit: int = 100) -> tuple[ParkedTask, ...]:
        """What was set aside for a person: each task with its reason and its message, by id.

        `after` takes the id of the last task of the page before.
        """
        from incidentkit.flows import tasks as queueing

        if not 1 <= limit <= queueing.MOST:
            raise InvalidValue("limit", f"is {limit}; may be between 1 and {queueing.MOST}")
        setting, _ = await self.setting(), queries.texted(after, "after")
        return await self.run(
            lambda: queueing.parked(setting, after, limit), "parked", setting=setting
        )

    async def retry(self, task: str, *, by: str | None = None) -> bool:
        """Make a waiting or parked task due now; a message that was given up starts afresh.

        False for a message from before a restore: it is not sent but held, and then `release`d.
        Who had it tried again stands in the journal of the message. Raises NotFound.
        """
        from incidentkit.flows import restoring
        from incidentkit.flows import tasks as queueing

        setting, _ = await self.setting(by), queries.texted(task, "task")
        outcome = await self.run(lambda: queueing.retry(setting, task), "retry", setting=setting)
        store = self.ports.store
        mark: Any = await called(store.owners, MAIN_TENANT, RESTORED_SPACE, (RESTORED_KEY,))
        return not restoring.is_held(outcome.value, restoring.read_mark(mark))

    async def seal(self) -> None:
        """Seal the journal: write the heads of what changed, and anchor the seal outside."""
        from incidentkit.flows import audit

        ports = self.ports
        if ports.joined:
            raise CannotJoin("a seal is anchored outside, where no rollback reaches it")
        setting = await self.setting()
        _ = await self.run(lambda: audit.seal(setting), "seal", setting=setting)
        (head,) = await self.run(seal_head, "seal", whole=True)
        for anchor in ports.plugins.anchors:
            _ = await ports.guard.acall(
                anchor.name, "keep", anchor.keep, self.tenant_of, head.seq, head.hash
            )

    async def verify(self) -> Verified:
        """Check every journal against itself, the seals and the anchored head."""
        from incidentkit.flows import audit

        setting = await self.setting()
        ports = self.ports
        latest: tuple[int, str] | None = None
        for anchor in ports.plugins.anchors:
            found = await ports.guard.acall(anchor.name, "latest", anchor.latest, self.tenant_of)
            latest = kept(found) or latest
        return await self.run(lambda: audit.verify(setting, latest), "verify", setting=setting)

    async def purge(
        self,
        older_than: timedelta | None = None,
        *,
        reason: str,
        expect: int | None = None,
        by: str | None = None,
    ) -> Purge:
        """Redact what was kept for long enough: by the policy's `[retention]`, or `older_than`.

        With `older_than` it is incidents that ended and have not changed for so long. Without it,
        every sort for which the policy sets a term. Without `expect` nothing changes, and the
        answer says what would. With it, as many records (`Purge.total`) must be due, else
        InvalidValue is raised and nothing changes. What is under a legal hold or not sealed is left
        out. Messages, reports and payloads go with an incident.
        """
        import attrs

        from incidentkit.flows import redacting, retaining, retention
        from incidentkit.model.checks import check_text
        from incidentkit.model.custody_changes import Redact
        from incidentkit.rules.retention import NO_RETENTION, past

        if older_than is not None and older_than < timedelta():
            raise InvalidValue("older_than", "must not be negative")
        if not check_text(reason, "reason").strip():
            raise InvalidValue("reason", "must say why")
        setting, now = await self.setting(by), self.ports.now()
        terms = NO_RETENTION if older_than is not None else setting.policy.retention
        if older_than is None and terms == NO_RETENTION:
            raise InvalidValue("older_than", "must be given: the policy sets no [retention]")
        before = past(terms, "incidents", now) if older_than is None else now - older_than
        due, found = await self.run(
            lambda: retaining.plan(setting, before), "purge", setting=setting
        )
        more: dict[str, tuple[str, ...]] = {}
        if older_than is None:
            more = await self.run(lambda: retention.due(setting, now), "purge", whole=True)
            found = attrs.evolve(
                found,
                payloads=len(more["payloads"]),
                messages=len(more["messages"]),
                readings=len(more["readings"]),
            )
        if expect is None:
            return found
        if expect != found.total:
            problem = f"is {expect}, but {found.total} are due; nothing was purged"
            raise InvalidValue("expect", problem)
        for each in due:
            command = Redact(f"incident/{each.id}", each.seqs, reason)
            after = await self._incident(command, by, None)
            name, version = after.id, after.version
            await self.run(lambda: redacting.now(name, version), "purge", whole=True)  # noqa: B023
        for sort, ids in more.items():
            for start in range(0, len(ids), retention.BATCH):
                some = ids[start : start + retention.BATCH]
                await self.run(
                    lambda: retention.let_go(setting, sort, some, reason),  # noqa: B023
                    "purge",
                    whole=True,
                    setting=setting,
                )
                await self.run(lambda: retention.dropped(sort, some), "purge", whole=True)  # noqa: B023
        forgotten = 0
        until = past(terms, "requests", now)
        if until is not None:
            gone: Purged = await called(self.ports.store.purge, self.tenant_of, to_micros(until))
            forgotten = gone.requests
        return attrs.evolve(found, done=True, requests=forgotten)

    async def diagnose(self) -> tuple[Finding, ...]:
        """Is everything fit for service? The store, the policy and the plugins, one by one.

        Numbers and names of channels, nothing of a record. Raises NotAuthorised.
        """
        from incidentkit.desk import backlog
        from incidentkit.flows import adopt as adopting
        from incidentkit.flows import hung, loose_ends
        from incidentkit.flows import tasks as queueing

        setting = await self.setting()
        await self.run(lambda: queueing.may_diagnose(setting), "diagnose", setting=setting)
        ports = self.ports
        store = ports.store
        policy = await self.policy()
        found = tuple(await called(store.diagnose)) if isinstance(store, SupportsDiagnosis) else ()
        planned = await self.run(adopting.planned, "diagnose")
        waiting = await self.run(queueing.unsent, "diagnose", whole=True)
        parked = await self.run(queueing.how_many_parked, "diagnose", whole=True)
        ends = await self.run(loose_ends.failing_channels, "diagnose", whole=True)
        told = {each.channel for each in ports.circuits.open()}
        failing = [each for each in ends if each.subject not in told]
        handed = await self.run(lambda: hung.hanging(ports.now()), "diagnose", whole=True)
        return (
            *found,
            *opening.findings(ports, policy),
            *backlog.findings(ports.circuits.open(), waiting, parked, ports.circuits.absent()),
            *(Finding(False, f"channel {x.subject}", x.message) for x in failing),
            *backlog.hung_findings(handed),
            *backlog.spool_findings(ports.spool, ports.now()),
            *opening.coming(planned),
        )
