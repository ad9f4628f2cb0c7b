"""Random batches on several stores at once: whatever one says, the others say."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from incidentkit.errors import (
    Conflict,
    InvalidValue,
    KeyTaken,
    RequestReused,
    StaleToken,
    StoreError,
)
from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.query import AllOf, AnyOf, Compare, Filter, Not, OneOf, Op, Query
from incidentkit.ports.rows import (
    Again,
    Batch,
    Claimed,
    Done,
    Entry,
    Expect,
    KeyChange,
    Move,
    Park,
    Put,
    Ref,
    Request,
    Settle,
    TaskQuery,
    Touch,
)
from incidentkit.ports.store import Store
from tests.stores.factories import KINDS, MAKERS, START, Moving
from tests.stores.shapes import MAIN, MINUTE, OTHER, SECOND, alert, incident, task

COMPARED = ("memory", "sqlite", "rows-dict", "keys-dict", "postgres")
TENANTS = st.sampled_from([MAIN, OTHER])
NAMES = st.sampled_from(["a", "b", "c", "é"])
STATES = st.sampled_from(["new", "done", "x"])
SMALL = st.integers(0, 4)
TIMES = st.integers(START - 2 * SECOND, START + 2 * SECOND)

puts = st.builds(
    lambda name, expected, state, rank, flag: Put(
        incident(name, expected + 1, state=state, rank=rank, is_open=flag), expected
    ),
    NAMES, SMALL, STATES, SMALL, st.booleans(),
)  # fmt: skip
alerts = st.builds(alert, NAMES, SMALL)
expects = st.builds(Expect, st.sampled_from(["incident", "alert"]), NAMES, SMALL)
touches = st.builds(
    lambda name, signature, seen, at: Touch("alert", name, signature, seen, at),
    NAMES, st.sampled_from([7, 7, 7, 8]), SMALL, TIMES,
)  # fmt: skip
entries = st.builds(
    lambda name, first, count: tuple(
        Entry(f"incident/{name}", first + n, START + n, "k", "{}", "s", "d", "h")
        for n in range(count)
    ),
    NAMES, st.integers(1, 5), st.integers(0, 2),
)  # fmt: skip
tasks = st.builds(
    lambda name, subject, order, priority, due, channel: task(
        name, subject=subject, order=order, priority=priority, due=due, channel=channel
    ),
    NAMES, st.sampled_from(["s", "t"]), SMALL, SMALL, TIMES, st.sampled_from(["mail", "sms"]),
)  # fmt: skip
owners = st.sampled_from([None, None, "a", "b"])
keys = st.builds(
    lambda key, was, becomes: KeyChange("ref", key, was, becomes), NAMES, owners, owners
)
requests = st.one_of(
    st.none(), st.builds(Request, NAMES, st.sampled_from(["f", "f", "g"]), st.just("result"))
)


def few(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.one_of(st.just(()), st.lists(strategy, max_size=2).map(tuple))


batches = st.builds(
    lambda tenant, request, some, more, expected, touched, lines, *queue: Batch(
        tenant, None, request, (*some, *more), expected, touched, lines, *queue
    ),
    TENANTS, requests, few(puts), few(alerts), few(expects), few(touches), entries, few(tasks),
    few(st.builds(Move, NAMES.map(TaskId), TIMES)), few(NAMES.map(TaskId)), few(keys),
)  # fmt: skip
new_keys = st.builds(KeyChange, st.just("ref"), NAMES, st.none(), owners)
plain = st.builds(
    lambda tenant, some, lines, named: Batch(tenant, puts=some, entries=lines, keys=named),
    TENANTS, few(puts), entries, few(new_keys),
)  # fmt: skip
"""What an import writes: SQLite has a path of its own for groups of these."""
compares = st.one_of(
    st.builds(Compare, st.just("rank"), st.sampled_from(Op), SMALL),
    st.builds(Compare, st.just("state"), st.sampled_from(Op), STATES),
    st.builds(Compare, st.just("open"), st.sampled_from(Op), st.booleans()),
    st.builds(OneOf, st.just("rank"), st.lists(SMALL, max_size=3).map(tuple)),
)
filters: st.SearchStrategy[Filter] = st.recursive(
    compares,
    lambda inner: st.one_of(
        st.builds(AllOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=5,
)
queries = st.builds(
    Query, st.just("incident"), filters, st.sampled_from(["id", "rank", "state", "open"]),
    st.booleans(), st.none(), st.integers(1, 3),
)  # fmt: skip
outcomes = st.one_of(
    st.just(Done()), st.builds(Again, TIMES, st.just("later")), st.just(Park("no"))
)


def said(error: Exception) -> Any:
    """What a refusal tells, in a form that compares."""
    match error:
        case Conflict():
            return "conflict", error.found
        case KeyTaken():
            return "taken", error.taken
        case StaleToken():
            return "stale", error.tasks
        case RequestReused():
            return "reused", error.request
        case InvalidValue():
            return "invalid", error.field
        case _:
            raise error


def asked(call: Any) -> Any:
    try:
        return call()
    except (StoreError, RequestReused, InvalidValue) as refusal:
        return said(refusal)


def untold(answer: Claimed) -> Any:
    """A claim without its tokens, which are random."""
    tasks = [(c.tenant, c.task, c.tries, c.lapses, c.lease_until) for c in answer.tasks]
    return answer.at, tasks, answer.next_at


class Agreement(RuleBasedStateMachine):
    """All stores hear the same calls; tokens are kept for each."""

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory()
        self.now = Moving()
        self.stores: dict[str, Store] = {}
        self.leases: list[tuple[TenantName, TaskId, dict[str, str]]] = []

    @initialize()
    def make(self) -> None:
        for name in COMPARED:
            self.stores[name] = MAKERS[name](Path(self.place.name), self.now)
            self.stores[name].declare(KINDS)

    def teardown(self) -> None:
        for store in self.stores.values():
            store.close()
        self.place.cleanup()

    def all_say(self, call: Any) -> Any:
        answers = {
            name: asked(lambda store=store: call(store)) for name, store in self.stores.items()
        }
        first = answers["memory"]
        for name, answer in answers.items():
            assert answer == first, f"{name} disagrees with memory"
        return first

    @rule(batch=batches)
    def commit(self, batch: Batch) -> None:
        self.all_say(lambda store: store.commit(batch))

    @rule(several=st.one_of(st.lists(batches, max_size=4), st.lists(plain, max_size=5)))
    def commit_group(self, several: list[Batch]) -> None:
        def call(store: Store) -> Any:
            answers = store.commit_group(several)
            return [said(a) if isinstance(a, Exception) else a for a in answers]

        self.all_say(call)

    @rule(seconds=st.integers(0, 90))
    def wait(self, seconds: int) -> None:
        self.now.at += seconds * SECOND

    @rule(
        limit=st.integers(1, 4),
        tenant=st.one_of(st.none(), TENANTS),
        skip=st.sampled_from([(), ("mail",)]),
    )
    def claim(self, limit: int, tenant: TenantName | None, skip: tuple[str, ...]) -> None:
        answers = {
            name: store.claim(None, MINUTE, limit, tenant, skip)
            for name, store in self.stores.items()
        }
        first = untold(answers["memory"])
        for name, answer in answers.items():
            assert untold(answer) == first, f"{name} disagrees with memory"
        for place, claimed in enumerate(answers["memory"].tasks):
            tokens = {name: answer.tasks[place].token for name, answer in answers.items()}
            self.leases.append((claimed.tenant, claimed.task.id, tokens))

    @rule(number=st.integers(0, 5), outcome=outcomes, inside=st.booleans())
    def settle(self, number: int, outcome: Any, inside: bool) -> None:
        if not self.leases:
            return
        tenant, name, tokens = self.leases[-1 - number % len(self.leases)]

        def call(store: Store) -> Any:
            which = next(n for n, s in self.stores.items() if s is store)
            done = Settle(name, tokens[which], outcome)
            if inside:
                return store.commit(Batch(tenant, settles=(done,)))
            return store.settle(tenant, [done])

        self.all_say(call)

    @rule(number=st.integers(0, 5), until=TIMES)
    def extend(self, number: int, until: int) -> None:
        if not self.leases:
            return
        tenant, name, tokens = self.leases[-1 - number % len(self.leases)]

        def call(store: Store) -> Any:
            which = next(n for n, s in self.stores.items() if s is store)
            return store.extend(tenant, [(name, tokens[which])], until)

        self.all_say(call)

    @rule(tenant=TENANTS, query=queries)
    def find(self, tenant: TenantName, query: Query) -> None:
        for _ in range(4):
            page = self.all_say(lambda store, query=query: store.find(tenant, query))
            if page.next is None:
                break
            query = Query(
                query.kind, query.where, query.order, query.descending, page.next, query.limit
            )
        self.all_say(lambda store: store.count(tenant, query))

    @rule(tenant=TENANTS, n=st.integers(1, 3))
    def numbers(self, tenant: TenantName, n: int) -> None:
        self.all_say(lambda store: store.numbers(tenant, "incident", n))

    @rule(tenant=TENANTS, name=NAMES, seqs=st.lists(st.integers(1, 4), max_size=3))
    def redact(self, tenant: TenantName, name: str, seqs: list[int]) -> None:
        self.all_say(lambda store: store.redact(tenant, f"incident/{name}", seqs))

    @rule(tenant=TENANTS, name=NAMES, before=TIMES)
    def purge(self, tenant: TenantName, name: str, before: int) -> None:
        self.all_say(lambda store: store.purge(tenant, before, [f"incident/{name}"]))

    @invariant()
    def nothing_differs(self) -> None:
        if not self.stores:
            return
        refs = [Ref(kind, name) for kind in ("incident", "alert") for name in ("a", "b", "c", "é")]
        for tenant in (MAIN, OTHER):
            self.all_say(lambda store, tenant=tenant: store.load(tenant, refs))
            self.all_say(lambda store, tenant=tenant: store.tasks(tenant, TaskQuery()))
            self.all_say(
                lambda store, tenant=tenant: [
                    store.journal(tenant, f"incident/{name}") for name in ("a", "b", "c", "é")
                ]
            )
            self.all_say(lambda store, tenant=tenant: store.owners(tenant, "ref", ["a", "b", "é"]))
            for subject in ("s", "t"):
                heads = [
                    each.state
                    for each in self.stores["memory"].tasks(tenant, TaskQuery(subject=subject))
                    if each.state in ("ready", "leased")
                ]
                assert len(heads) <= 1, "two tasks of one subject at once"


TestAgreement = Agreement.TestCase
TestAgreement.settings = settings(stateful_step_count=30, deadline=None)
