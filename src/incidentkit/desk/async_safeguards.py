"""The safeguards with `await`. Written from `safeguards.py`; see ADR 4."""

from __future__ import annotations

from datetime import datetime, timedelta
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

import attrs

from incidentkit.desk import queries
from incidentkit.desk.async_driving import called
from incidentkit.desk.async_part import AsyncPart
from incidentkit.errors import (
    CannotJoin,
    IncidentKitError,
    InvalidValue,
    KeyTaken,
    PagedElsewhere,
    SpoolFull,
    StoreError,
)
from incidentkit.ids import MAIN_TENANT, TenantName
from incidentkit.model.signals import SourceRequest
from incidentkit.plugins.observations import WorkerBeat
from incidentkit.ports.backup import (
    RESTORED_KEY,
    RESTORED_SPACE,
    BackedUp,
    SupportsBackup,
    SupportsTenants,
)
from incidentkit.ports.rows import Batch, KeyChange
from incidentkit.timing.instants import to_micros

if TYPE_CHECKING:
    from incidentkit.desk.spool import SpoolState
    from incidentkit.flows.loose_ends import Audit
    from incidentkit.flows.receive import Received
    from incidentkit.flows.setting import Setting
    from incidentkit.model.delivery import Delivery

IN_ONE_CALL = 64
"""Spooled requests that one `receive` feeds at most, before it gives its caller an answer."""


@attrs.frozen
class Reconciled:
    """What feeding the spool led to: how many were taken in, which were set aside, what waits."""

    fed: int
    set_aside: tuple[str, ...]
    waiting: int


@attrs.define
class Fed:
    """What one feeding led to: requests taken in by name, names set aside; `away`: it stopped.

    `held` are tenants and sources of which a request waits on, so that later ones keep behind it.
    """

    taken: dict[str, Any] = attrs.field(factory=dict[str, Any])
    set_aside: list[str] = attrs.field(factory=list[str])
    held: set[tuple[str, str]] = attrs.field(factory=set[tuple[str, str]])
    away: bool = False


def unguarded(setting: Setting) -> Setting:
    """What a worker does for nobody: an authoriser that fails must not end the healing."""
    return attrs.evolve(setting, guarded=False)


class AsyncSafeguards(AsyncPart):
    """Safeguards of `AsyncDesk`."""

    # --- auditing the work ----------------------------------------------------------------------

    async def audit(self, *, heal: bool = True) -> Audit:
        """Find work that should wait in the queue and does not, and what hangs or fails quietly.

        With `heal` a missing timer or message is put back, which `faults` then tells of. Workers
        do this by themselves, every 30 seconds for each tenant. `verify` checks the journal.
        What waits too long in the spool of this desk, or was set aside there, is found as well.
        """
        from incidentkit.desk.backlog import spool_troubles
        from incidentkit.flows import loose_ends

        setting = await self.setting()
        outcome = await self.run(
            lambda: loose_ends.audit(setting, heal=heal), "audit", setting=setting
        )
        found = self._told(outcome.value)
        kept = self.ports.spool
        if kept is None:
            return found
        ends = (
            loose_ends.LooseEnd(loose_ends.Lack.SPOOL, str(kept.folder), each)
            for each in spool_troubles(kept, found.at)
        )
        return attrs.evolve(found, loose_ends=(*found.loose_ends, *ends))

    def _told(self, found: Audit) -> Audit:
        """What an audit put back is told to those who hear of faults."""
        for each in found.healed:
            self.ports.guard.faults.record("audit", each.lack.value, str(each), "")
        return found

    async def _audit_in_turn(self, tenant: str, now: datetime) -> None:
        """Audit a tenant, unless another worker has done it lately or is about to."""
        from incidentkit.desk.watch import AUDIT_KEY, EVERY, read_audit
        from incidentkit.flows import loose_ends

        ports, name = self.ports, TenantName(tenant)
        owners: Any = await called(ports.store.owners, name, RESTORED_SPACE, (AUDIT_KEY,))
        was = owners[0]
        at, left = read_audit(was)
        if at is not None and at <= now < at + EVERY:
            if left is not None:
                ports.watch.audits[tenant] = (at, left)
            return
        begun = f"{to_micros(now)} ?"
        try:
            await self._note_audit(name, was, begun)
            here = self.at(tenant)
            setting = unguarded(await here.setting())
            outcome = await here.run(
                lambda: loose_ends.audit(setting, heal=True), "audit", setting=setting
            )
            found = self._told(outcome.value)
            await self._note_audit(name, begun, f"{to_micros(now)} {len(found.problems)}")
        except KeyTaken:
            return
        except IncidentKitError as error:
            said = f"the audit of {tenant} failed: {error}"
            ports.guard.faults.record("audit", "audit", said[:500], type(error).__name__)
            return
        ports.watch.audits[tenant] = (now, len(found.problems))

    async def _note_audit(self, tenant: TenantName, was: str | None, becomes: str) -> None:
        from incidentkit.desk.watch import AUDIT_KEY

        if was != becomes:
            key = KeyChange(RESTORED_SPACE, AUDIT_KEY, was, becomes)
            _ = await called(
                self.ports.store.commit, Batch(tenant, self.ports.micros(), keys=(key,))
            )

    # --- a worker's round -----------------------------------------------------------------------

    async def before_round(self) -> None:
        """What a worker does before it claims: feed what was spooled, before timers ring.

        A folder that cannot be used is told of, and hinders no other work. Raises PagedElsewhere
        where this process was given no pager and others have one.
        """
        ports = self.ports
        if ports.prints and ports.watch.asks(ports.now()):
            elsewhere = await self.paged_elsewhere()
            if elsewhere:
                ports.watch.asked_at = None
                raise PagedElsewhere(elsewhere)
        if self.ports.spool is None or self.ports.joined:
            return
        try:
            _ = await self._feed(None)
        except OSError as error:
            self._spool_trouble("the spool cannot be used", error)

    async def paged_elsewhere(self) -> tuple[str, ...]:
        """The channels by which pages of this store went out lately, if none of them is open here.

        Nothing where the store says that its pages may be printed.
        """
        from incidentkit.desk.watch import AT_ONCE
        from incidentkit.flows import paged

        store: Any = self.ports.store
        key: Any = await called(store.owners, MAIN_TENANT, RESTORED_SPACE, (paged.PRINTS_KEY,))
        if key[0] == paged.PRINTS:
            return ()
        tenants: Any = (self.tenant_of,)
        if isinstance(store, SupportsTenants):
            tenants = await called(store.tenants)
        known, found = self.ports.plugins.channels, set[str]()
        for tenant in tenants[:AT_ONCE]:
            here = self.at(tenant)
            used = await here.run(lambda: paged.elsewhere(known), "paged_elsewhere", whole=True)
            found.update(used)
        return tuple(sorted(found))

    async def after_claim(self) -> None:
        """What a worker does before it works: learn whether the store was restored.

        A mark in the future was set by another time source, and is put to now.
        """
        ports = self.ports
        if not ports.watch.looks():
            return
        from incidentkit.flows.restoring import read_mark

        found: Any = await called(ports.store.owners, MAIN_TENANT, RESTORED_SPACE, (RESTORED_KEY,))
        ports.watch.restored = read_mark(found)
        if ports.watch.restored > to_micros(ports.now()) and ports.micros() is not None:
            await self._mark_restored(None, anew=True)

    async def after_round(self, done: int, late: timedelta, next_at: datetime | None) -> None:
        """What a worker does at the end: audit what is due to be audited, and beat."""
        ports = self.ports
        watch, now = ports.watch, ports.now()
        store: Any = ports.store
        if watch.lists(now):
            listed: Any = (self.tenant_name,)
            if isinstance(store, SupportsTenants):
                listed = await called(store.tenants)
            watch.known.update(listed)
            if ports.spool is not None:
                from incidentkit.desk.backlog import spool_troubles

                watch.spooled = len(spool_troubles(ports.spool, now))
        for tenant in watch.due(now):
            await self._audit_in_turn(tenant, now)
        beat = WorkerBeat(None, now, done, next_at, late, watch.audited_at(), watch.problems())
        await self.observed("incidentkit_on_beat", beat)

    # --- backups --------------------------------------------------------------------------------

    async def backup(self, path: str | PathLike[str]) -> BackedUp:
        """Write a consistent copy of the store into a new file, while others go on writing.

        Raises InvalidValue where the store cannot do so by itself (PostgreSQL: use its own tools,
        see "Back up and restore") or the file exists.
        """
        from incidentkit.flows import restoring

        setting = await self.setting()
        await self.run(lambda: restoring.may_back_up(setting), "backup", setting=setting)
        store: Any = self.ports.store
        if not isinstance(store, SupportsBackup):
            problem = "this store makes no backups by itself: use its database's own tools"
            raise InvalidValue("store", problem)
        done: BackedUp = await called(store.backup, fspath(path))
        return done

    async def restored(self, *, by: str | None = None) -> None:
        """Say that this store was restored from a backup, before any worker starts.

        Messages that were queued before are held and not sent, and each series of references
        leaves out 1,000 numbers. A file that `backup` wrote does both by itself.
        Raises CannotJoin inside a transaction of the host.
        """
        from incidentkit.flows.restoring import GAP

        if self.ports.joined:
            raise CannotJoin("a restore is marked for every process, which no rollback takes back")
        await self._mark_restored(by)
        listing: object = self.ports.store
        tenants: Any = (self.tenant_of,)
        if isinstance(listing, SupportsTenants):
            tenants = await called(listing.tenants)
        store: Any = self.ports.store
        for tenant in tenants:
            here = self.at(tenant)
            policy = await here.policy()
            for series in dict.fromkeys(policy.series.values()):
                _ = await called(store.numbers, tenant, series, GAP)

    async def _mark_restored(self, by: str | None, *, anew: bool = False) -> None:
        from incidentkit.flows import restoring

        here = self.at(MAIN_TENANT).as_(self.actor)
        setting = await here.setting(by)
        if anew:
            setting = unguarded(setting)
        outcome = await here.run(
            lambda: restoring.mark(setting, anew=anew), "restored", setting=setting
        )
        self.ports.watch.restored = outcome.value

    async def held(self, *, limit: int = 1_000) -> tuple[Delivery, ...]:
        """Messages from before a restore, which nobody is sent until somebody releases them."""
        from incidentkit.flows import restoring

        setting = await self.setting()
        most = queries.bounded(limit)
        return await self.run(lambda: restoring.held(setting, most), "held", setting=setting)

    async def release(self, delivery: str, *, by: str | None = None) -> Delivery:
        """Send a held message after all, by the id that `held` gives.

        Raises NotFound, and TransitionNotAllowed where it is not held.
        """
        from incidentkit.flows import restoring

        setting, _ = await self.setting(by), queries.texted(delivery, "delivery")
        outcome = await self.run(
            lambda: restoring.release(setting, delivery), "release", setting=setting
        )
        return outcome.value

    # --- the spool ------------------------------------------------------------------------------

    async def spool(self) -> SpoolState | None:
        """What waits in the spool of this desk; None where it was opened without one."""
        kept = self.ports.spool
        return None if kept is None else kept.state()

    async def reconcile(self, *, limit: int | None = None) -> Reconciled:
        """Feed what was spooled into the store, in the order it came; workers do it by themselves.

        What is refused is set aside with the reason, which `faults` tells of; what fails otherwise
        waits on. While the store is away, or another process feeds, nothing happens.
        Raises CannotJoin inside a transaction of the host, OSError where the folder is broken.
        """
        if self.ports.joined:
            raise CannotJoin("what is fed leaves the spool, and no rollback brings it back")
        fed = await self._feed(limit)
        kept = self.ports.spool
        waiting = 0 if kept is None else len(kept.names())
        return Reconciled(len(fed.taken), tuple(fed.set_aside), waiting)

    async def _feed(self, limit: int | None) -> Fed:
        spool = self.ports.spool
        fed = Fed()
        if spool is None or spool.empty:
            return fed
        with spool.feeding() as mine:
            left = -1 if limit is None else limit
            skipped = set[str]()
            while mine and left:
                names = [x for x in spool.names() if x not in skipped]
                if not names:
                    break
                for name in names[:left] if left > 0 else names:
                    left -= 1
                    received = await self._feed_one(name, fed)
                    if fed.away:
                        return fed
                    if received is None:
                        skipped.add(name)
                    else:
                        fed.taken[name] = received
        return fed

    async def _feed_one(self, name: str, fed: Fed) -> Received | None:
        """Take in one request; None where it is left alone.

        Only what is refused for what it is leaves the folder: it was acknowledged, and whatever
        else failed may pass. A file that cannot be handled here hinders no other.
        """
        from incidentkit.desk.spool import Unreadable, is_away, is_refused, leaked

        ports = self.ports
        spool: Any = ports.spool
        try:
            kept = spool.read(name)
        except Unreadable as error:
            self._set_aside(name, error, fed)
            return None
        except OSError as error:
            self._spool_trouble(f"{name} cannot be read", error)
            return None
        if kept is None or (kept.tenant, kept.source) in fed.held:
            return None
        if kept.source not in {*ports.plugins.sources, *ports.plugins.channels}:
            return None  # a process that has this source will feed it
        try:
            here = self.at(kept.tenant).as_(kept.actor)
            request = SourceRequest(kept.body, kept.headed())
            received = await here._receive(kept.source, request, kept.request, kept.at)
        except Exception as error:
            if is_refused(error):
                self._set_aside(name, error, fed)
                return None
            away = is_away(error, ports.store)
            if away:
                spool.went_away(error)
            fed.away = away or isinstance(error, StoreError)
            fed.held.add((kept.tenant, kept.source))
            if not away or leaked(error, ports.store):
                self._spool_trouble(f"{kept.source} of {kept.tenant} waits on", error)
            return None
        spool.came_back()
        try:
            spool.done(name)
        except OSError as error:  # it is a repeat when it is fed again
            self._spool_trouble(f"{name} cannot be removed", error)
        return received

    def _set_aside(self, name: str, error: Exception, fed: Fed) -> None:
        """Put a request that is refused out of the way."""
        ports = self.ports
        spool: Any = ports.spool
        why = f"{type(error).__name__}: {error}"
        try:
            spool.set_aside(name, why)
        except OSError as failed:
            self._spool_trouble(f"{name} cannot be set aside", failed)
            return
        fed.set_aside.append(name)
        ports.guard.faults.record("spool", "reconcile", f"{name} was set aside: {why}"[:500], "")

    def _spool_trouble(self, what: str, error: Exception) -> None:
        """Tell of a trouble of the spool, or of feeding it, once in a while."""
        ports = self.ports
        spool: Any = ports.spool
        if spool.tells(f"{what} {type(error).__name__}"):
            said = f"{what}: {error}"[:500]
            ports.guard.faults.record("spool", "reconcile", said, type(error).__name__)

    def _nothing_waits(self) -> bool:
        """Whether the spool is empty, as far as can be seen: a broken folder bars no request."""
        spool: Any = self.ports.spool
        try:
            empty: bool = spool.empty
        except OSError as error:
            self._spool_trouble("the spool cannot be used", error)
            return True
        return empty

    async def _spooled(
        self, source: str, taken: SourceRequest, request: str | None, at: datetime
    ) -> Received:
        """Take a request in, or keep it while the store is away.

        It is given its request id before the first try, so that one whose answer was lost is a
        repeat when it is fed. Where it can neither wait nor was tried, the store is tried at last.
        """
        from incidentkit.desk.spool import Spooled, is_away, leaked
        from incidentkit.flows.receive import Received

        ports = self.ports
        spool: Any = ports.spool
        id_ = request or f"spool:{ports.ids.new_id()}"
        tried = self._nothing_waits() and not spool.away
        if tried:
            try:
                received = await self._receive(source, taken, id_, None)
            except Exception as error:
                if not is_away(error, ports.store):
                    raise
                spool.went_away(error)
                if leaked(error, ports.store):
                    self._spool_trouble("the store failed with an error of its own", error)
            else:
                spool.came_back()
                return received
        headers = tuple(taken.headers.items())
        kept = Spooled(self.tenant_name, self.actor, source, taken.body, headers, id_, at)
        try:
            name: str = await called(spool.add, kept)
        except SpoolFull:
            raise
        except StoreError as error:
            if tried:
                raise
            self._spool_trouble("the spool cannot be used", error)
            return await self._receive(source, taken, id_, None)
        away: bool = spool.away
        if not away:
            fed = Fed()
            try:
                fed = await self._feed(IN_ONE_CALL)
            except OSError as error:
                self._spool_trouble("the spool cannot be used", error)
            if name in fed.taken:
                fetched: Received = fed.taken[name]
                return fetched
            away = fed.away
        if away:
            await self._page_emergency(at)
        return Received("", (), (), 0, 0, (), (), name)

    async def _page_emergency(self, at: datetime) -> None:
        """Page whoever of the emergency list was not paged lately; one caller at a time."""
        from incidentkit.desk.folder_lock import locked
        from incidentkit.model.delivery import Retry

        ports = self.ports
        pager = ports.emergency
        if pager is None or not any(True for _ in pager.due(at)):
            return
        with locked(pager.lock) as mine:
            for to, message in tuple(pager.due(at)) if mine else ():
                said = await called(ports.send, message)
                if not isinstance(said, Retry):
                    pager.told(to, at)
