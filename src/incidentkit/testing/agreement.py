"""Stores beside a model: all hear the same commands, and what the model says, the others say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs

from incidentkit.errors import (
    Conflict,
    InvalidValue,
    KeyTaken,
    RequestReused,
    StaleToken,
    StoreError,
)
from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.capabilities import SupportsTurn
from incidentkit.ports.query import Page, Query
from incidentkit.ports.rows import (
    Batch,
    Claimed,
    Committed,
    Outcome,
    Ref,
    Settle,
    TaskQuery,
    TaskState,
)
from incidentkit.ports.store import Store
from incidentkit.stores.memory import MemoryStore
from incidentkit.testing.commands import NAMES, SUBJECTS, Command
from incidentkit.testing.expecting import CaseFailed, equal, shown
from incidentkit.testing.records import MAIN, MINUTE, OTHER
from incidentkit.testing.store_trial import StoreHarness, StoreTime, StoreTrial, as_harness
from incidentkit.testing.threads import insist

Made: TypeAlias = StoreHarness | Callable[[StoreTime], Store]
"""A harness, or a function that makes stores."""

Several: TypeAlias = Made | Mapping[str, Made]
"""One, or several by name."""

MODEL = "memory"
"""The name of the model."""


class Disagreement(CaseFailed):
    """A store said otherwise than the model."""

    def __init__(self, store: str, found: object, wanted: object) -> None:
        super().__init__(store, found, wanted)
        self.store = store
        self.found = found
        self.wanted = wanted

    def __str__(self) -> str:
        return f"{self.store} says {shown(self.found)}, the model says {shown(self.wanted)}"


@attrs.frozen
class _Lease:
    tenant: TenantName
    task: TaskId
    tokens: Mapping[str, str]


def as_stores(made: Several) -> dict[str, StoreHarness]:
    """Harnesses by name; a single one is called `store`."""
    if isinstance(made, StoreHarness) or callable(made):
        return {"store": as_harness(made)}
    return {name: as_harness(each) for name, each in made.items()}


class Agreement:
    """The model and the stores; every method raises Disagreement where one says otherwise.

    Tokens are random, so those of each store are kept beside each other. `handed` counts the tasks
    that were claimed.
    """

    def __init__(self, made: Several) -> None:
        harnesses = {MODEL: StoreHarness(lambda now: MemoryStore(now=now)), **as_stores(made)}
        self.now: StoreTime = StoreTime()
        self._leases: list[_Lease] = []
        self._reopened = False
        self.handed: int = 0
        self._trials: dict[str, StoreTrial] = {}
        self._stores: dict[str, Store] = {}
        for name, harness in harnesses.items():
            trial = self._trials[name] = StoreTrial(harness)
            trial.now = self.now
            self._stores[name] = trial.store

    def close(self) -> None:
        """Close all stores."""
        for trial in self._trials.values():
            trial.close()

    def do(self, command: Command) -> None:
        """Do the command to all."""
        getattr(self, command.name)(*command.arguments)

    def _all_say(self, ask: Callable[[Store, str], Any]) -> Any:
        answers = {name: _asked(ask, store, name) for name, store in self._stores.items()}
        wanted = answers[MODEL]
        for name, answer in answers.items():
            if answer != wanted:
                raise Disagreement(name, answer, wanted)
        return wanted

    # --- commands -------------------------------------------------------------------------------

    def commit(self, batch: Batch) -> None:
        """Commit it."""
        self._all_say(lambda store, _: store.commit(batch))

    def commit_group(self, batches: tuple[Batch, ...]) -> None:
        """Commit them as a group."""
        self._all_say(lambda store, _: [_said(each) for each in store.commit_group(batches)])

    def wait(self, microseconds: int) -> None:
        """Let time pass."""
        self.now.at += microseconds

    def claim(self, limit: int, tenant: TenantName | None, skip: tuple[str, ...]) -> None:
        """Claim under a lease of a minute, and remember the tokens.

        Whose turn it is need not outlive a process; after `reopen` a tenant is always named.
        """
        self._claimed(
            {
                name: insist(store.claim, None, MINUTE, limit, self._whose(limit, tenant), skip)
                for name, store in self._stores.items()
            }
        )

    def _whose(self, limit: int, tenant: TenantName | None) -> TenantName | None:
        return (MAIN, OTHER)[limit % 2] if self._reopened and tenant is None else tenant

    def _claimed(self, answers: Mapping[str, Claimed]) -> None:
        wanted = _untold(answers[MODEL])
        for name, answer in answers.items():
            if (found := _untold(answer)) != wanted:
                raise Disagreement(name, found, wanted)
        self.handed += len(answers[MODEL].tasks)
        for place, claimed in enumerate(answers[MODEL].tasks):
            tokens = {name: answer.tasks[place].token for name, answer in answers.items()}
            self._leases.append(_Lease(claimed.tenant, claimed.task.id, tokens))

    def settle(self, number: int, outcome: Outcome, inside: bool) -> None:
        """Settle one of the last claims, by itself or inside a commit."""
        lease = self._lease(number)
        if lease is None:
            return

        def ask(store: Store, name: str) -> object:
            done = Settle(lease.task, lease.tokens[name], outcome)
            if inside:
                return store.commit(Batch(lease.tenant, settles=(done,)))
            return store.settle(lease.tenant, [done])

        self._all_say(ask)

    def turn(
        self,
        settles: tuple[tuple[int, Outcome], ...],
        limit: int,
        tenant: TenantName | None,
        skip: tuple[str, ...],
    ) -> None:
        """Settle some of the last claims, each once, and claim more: as one where a store can."""
        chosen = {number % len(self._leases): outcome for number, outcome in settles
                  if self._leases}  # fmt: skip
        leases = [(self._lease(number), outcome) for number, outcome in chosen.items()]
        wanted = {(each.tenant, each.task): (each, what) for each, what in leases if each}
        settled: dict[str, tuple[bool, ...]] = {}
        claimed: dict[str, Claimed] = {}
        for name, store in self._stores.items():
            done = [
                (lease.tenant, Settle(lease.task, lease.tokens[name], outcome))
                for lease, outcome in wanted.values()
            ]
            args = (None, MINUTE, limit, self._whose(limit, tenant), skip)
            if isinstance(store, SupportsTurn):
                turned = insist(store.turn, done, *args)
                settled[name], claimed[name] = tuple(turned.settled), turned.claimed
                continue
            settled[name] = tuple([store.settle(whose, [each])[0] for whose, each in done])
            claimed[name] = insist(store.claim, *args)
        for name, answer in settled.items():
            if answer != settled[MODEL]:
                raise Disagreement(name, answer, settled[MODEL])
        self._claimed(claimed)

    def extend(self, number: int, until: int) -> None:
        """Renew one of the last leases."""
        lease = self._lease(number)
        if lease is not None:
            self._all_say(
                lambda store, name: store.extend(
                    lease.tenant, [(lease.task, lease.tokens[name])], until
                )
            )

    def _lease(self, number: int) -> _Lease | None:
        del self._leases[:-50]  # older ones are never chosen
        return self._leases[-1 - number % len(self._leases)] if self._leases else None

    def find(self, tenant: TenantName, query: Query) -> None:
        """Read the first pages of the query, and count it."""
        for _ in range(4):
            asked = query

            def ask(store: Store, _: str, asked: Query = asked) -> Page:
                return store.find(tenant, asked)

            page = self._all_say(ask)
            if page.next is None:
                break
            query = attrs.evolve(query, after=page.next)
        self._all_say(lambda store, _: store.count(tenant, query))

    def numbers(self, tenant: TenantName, n: int) -> None:
        """Draw numbers."""
        self._all_say(lambda store, _: store.numbers(tenant, "incident", n))

    def redact(self, tenant: TenantName, name: str, seqs: tuple[int, ...]) -> None:
        """Redact entries."""
        self._all_say(lambda store, _: store.redact(tenant, f"incident/{name}", seqs))

    def purge(self, tenant: TenantName, name: str, before: int) -> None:
        """Purge requests and a stream."""
        self._all_say(lambda store, _: store.purge(tenant, before, [f"incident/{name}"]))

    def reopen(self) -> None:
        """Close and open again what outlives its process."""
        for name, trial in self._trials.items():
            if trial.harness.reopen is not None:
                self._stores[name] = trial.reopen(self._stores[name])
                self._reopened = True

    # --- everything -----------------------------------------------------------------------------

    def compare(self) -> None:
        """Everything the stores hold is the same, and no subject has two tasks at once."""
        refs = [Ref(kind, name) for kind in ("incident", "alert") for name in NAMES]
        streams = [f"incident/{name}" for name in NAMES]
        for tenant in (MAIN, OTHER):

            def held(store: Store, _: str, tenant: TenantName = tenant) -> object:
                return (
                    store.load(tenant, refs),
                    store.tasks(tenant, TaskQuery()),
                    store.owners(tenant, "ref", NAMES),
                    [store.journal(tenant, stream) for stream in streams],
                )

            self._all_say(held)
            for subject in SUBJECTS:
                heads = [
                    each.task.id
                    for each in self._stores[MODEL].tasks(tenant, TaskQuery(subject=subject))
                    if each.state in (TaskState.READY, TaskState.LEASED)
                ]
                equal(heads[1:], [], "tasks of one subject beside its first")


def _said(answer: Committed | Exception) -> object:
    """A refusal as a value."""
    match answer:
        case Conflict():
            return "conflict", answer.found
        case KeyTaken():
            return "taken", answer.taken
        case StaleToken():
            return "stale", answer.tasks
        case RequestReused():
            return "reused", answer.request
        case InvalidValue():
            return "invalid", answer.field
        case Exception():
            return "raised", repr(answer)
        case Committed():
            return answer


def _asked(ask: Callable[[Store, str], Any], store: Store, name: str) -> Any:
    try:
        return insist(ask, store, name)
    except (StoreError, RequestReused, InvalidValue) as refusal:
        return _said(refusal)


def _untold(answer: Claimed) -> object:
    """A claim without its tokens, which are random."""
    tasks = [(c.tenant, c.task, c.tries, c.lapses, c.lease_until) for c in answer.tasks]
    return answer.at, tasks, answer.next_at
