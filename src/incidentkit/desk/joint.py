"""What is different for a desk inside a host's transaction, which may yet be rolled back.

It remembers nothing, because after a rollback another record may stand under the same version. What
observers are to hear waits for the host, and is told of what then stands in the journal: a host may
also have rolled back a part. It decides once: to try again is the host's.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from functools import partial
from typing import Any

from typing_extensions import override

from incidentkit.desk.ports import Ports
from incidentkit.desk.recent import Known, Recent
from incidentkit.desk.repeats import Repeats
from incidentkit.errors import CannotJoin
from incidentkit.ids import TenantName
from incidentkit.model.signals import SourceRequest
from incidentkit.plugins.observations import CommittedChange
from incidentkit.plugins.observe import notify
from incidentkit.ports.rows import Entry, Touch
from incidentkit.ports.source import Item


class Forgetful(Recent):
    """Remembers nothing, and lets the desk outside forget what is written here."""

    def __init__(self, outer: Recent) -> None:
        super().__init__()
        self._outer = outer

    @override
    def keep(self, key: tuple[str, str, str], known: Known) -> None:
        """Not here; and what is known outside may be out of date soon."""
        self._outer.forget(key)


class NoRepeats(Repeats):
    """Every payload is new."""

    @override
    def same(
        self, tenant: str, source: str, request: SourceRequest, at: int
    ) -> tuple[Touch, ...] | None:
        """None was seen before."""
        return None

    @override
    def whole(
        self, tenant: str, source: str, request: SourceRequest, touches: Sequence[Touch]
    ) -> None:
        """Not remembered."""

    @override
    def learn(
        self, tenant: str, source: str, items: Sequence[Item], ids: Mapping[str, tuple[str, int]]
    ) -> None:
        """Not remembered."""


class _Outside:
    """In place of the store while the block is not entered."""

    def __getattr__(self, name: str) -> Any:
        raise CannotJoin("use it in a block: `with desk.using(connection) as joined:`")

    def close(self) -> None:
        """Nothing was entered."""


class Joint:
    """One joining of a host's transaction, shared by all desks made from that of `using`.

    `standing` is what the desk outside knows of policies in force; it looks again afterwards.
    """

    def __init__(
        self, outer: Ports, connection: object, standing: MutableMapping[str, Any]
    ) -> None:
        self.connection: object = connection
        self.ports: Ports = copy.copy(outer)
        self._outer = outer
        self._standing = standing
        self._kept: list[tuple[str, CommittedChange, str]] = []
        self._store: Any = None
        self.ports.store = _Outside()
        self.ports.joined = True

    def call(self) -> Callable[[object], Any]:
        """What joins the connection; CannotJoin where the store, or this sort of desk, cannot."""
        if self._outer.joined:
            raise CannotJoin("this desk is inside a transaction of the host already")
        if self._store is not None:
            raise CannotJoin("a block is entered once; call using() again for another transaction")
        store = self._outer.store
        join: Callable[[object], Any] | None = getattr(store, "joined", None)
        if join is None:
            raise CannotJoin(f"{type(store).__name__} cannot join a transaction of the host")
        if self._outer.plugins.asynchronous and not inspect.iscoroutinefunction(join):
            raise CannotJoin(
                f"{type(store).__name__} joins a connection that belongs to one thread, and an "
                "AsyncDesk calls it from many: use a Desk, in the thread that has the connection"
            )
        return join

    def enter(self, store: Any) -> None:
        """The block is entered: this is the store inside the transaction."""
        self._store = self.ports.store = store

    def leave(self, *, failing: bool) -> None:
        """The block is left. Raises CannotJoin where the transaction had to end before."""
        self._standing.clear()
        store = self._store
        if store is not None and store.must_end and not failing and store.in_transaction():
            raise CannotJoin(
                "the host's transaction is still open: commit it or roll it back inside the block, "
                "while it has the turn to write"
            )

    def told_by_driver(self, hook: str, value: object) -> bool:
        """Whether the driver will tell that the host has committed; then observers are told."""
        ports = self._outer
        call = partial(self._tell, partial(notify, ports.plugins, ports.guard, hook, value))
        return not ports.plugins.asynchronous and bool(self._store.after_commit(call))

    def _tell(self, call: Callable[[], None]) -> None:
        self._standing.clear()
        call()

    def keep(self, hook: str, value: CommittedChange, found: Sequence[Entry]) -> None:
        """Keep what observers are to hear, with the entry by which it is known again."""
        if found:
            self._kept.append((hook, value, found[0].hash))

    def kept(self) -> Iterable[tuple[str, CommittedChange, str]]:
        """What observers are to hear if it holds. Raises CannotJoin while it may not."""
        if self._store is not None and self._store.in_transaction():
            raise CannotJoin("the host's transaction is still open: commit it, then say so")
        self._standing.clear()
        kept, self._kept = self._kept, []
        return kept

    @property
    def journal(self) -> Callable[..., Any]:
        """Where to look whether it holds: in the store outside."""
        look: Callable[..., Any] = self._outer.store.journal
        return look


def place(change: CommittedChange) -> tuple[TenantName, str, int, int]:
    """Which entry bears witness to a change: the last one of its first record, if it has one."""
    record = next((x for x in change.records if x.events), None)
    if record is None:
        return change.tenant, "", 0, 1
    return change.tenant, f"{record.kind}/{record.id}", record.version - 1, 1


def joint_of(joint: Joint | None) -> Joint:
    """The joining of a desk; CannotJoin where it is in none."""
    if joint is None:
        raise CannotJoin("this desk is in no transaction of the host; it commits by itself")
    return joint
