"""PostgreSQL: commits, alerts, deliveries and claims of the store alone, beside plain statements.

Server and client share this machine. Batches are built before the clock starts, so neither rules
nor the codec are in these figures; those that begin with `desk` have a desk's own work on top. The
goals are meant for a quiet machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from functools import partial
from itertools import cycle

from incidentkit import Desk
from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.rows import Batch, Done, Settle, Task
from incidentkit.stores.postgres.store import PostgresStore
from tests.benchmarks import peers, stored
from tests.benchmarks.measuring import (
    Figure,
    Plan,
    Sample,
    Side,
    compared,
    in_turns,
    rounded,
    spread,
)
from tests.benchmarks.postgres_forms import OURS, PLAIN, TWO_TABLES, Form, Loop, Processes
from tests.benchmarks.postgres_side import Bare, BareAlerts, Queue, Server, durable
from tests.benchmarks.queue_worker import Taking
from tests.benchmarks.stored import AT, LEASE, TENANT
from tests.stores.postgres_server import DATABASES, DESKS

ROWS = "the same journal rows alone"
TABLES = "an upsert and a log row each, in one plain statement"
QUEUE = "a plain queue: take one, delete it"
INCIDENTS = "2,000 a second on 4 connections, and at least 0.7 of the rows"
COMMANDS = "450 a second on 4 connections"
ALERTS = "at least 60,000/s"
OTHER = "eventsourcing, the same events of one aggregate"


class Bench:
    """What all figures share."""

    def __init__(self, plan: Plan, stack: ExitStack) -> None:
        self.plan = plan
        self.stack = stack
        self.rounds = max(1, plan.rounds // 3)
        self.server = stack.enter_context(closing(Server()))

    def store(self) -> PostgresStore:
        """A store in a database of its own."""
        store = self.stack.enter_context(closing(PostgresStore(DATABASES.fresh(), pool=8)))
        store.declare([stored.SPEC, stored.ALERTS])
        store.migrate()
        return store


def figures(plan: Plan) -> list[Figure]:
    """Commits on one and four connections, alerts, deliveries, claims, and a desk on top."""
    with ExitStack() as stack:
        if not plan.tiny:
            stack.enter_context(durable())
        bench = Bench(plan, stack)
        store = bench.store()
        bare = stack.enter_context(closing(Bare(DATABASES.fresh())))
        found: list[Figure] = []
        for threads in (1, 4):
            found += _commits(bench, store, bare, threads)
        found += _in_other_forms(bench, (store.database.settings.conninfo, bare.url))
        found += _alerts(bench, store)
        for threads in (1, 4):
            found.append(_deliveries(bench, store, threads))
        found.append(_in_processes(bench))
        found.append(_by_desks(bench))
        found += _claims(bench)
        found += _desk(bench)
        return found


def _commits(bench: Bench, store: PostgresStore, bare: Bare, threads: int) -> list[Figure]:
    size = bench.plan.size(200 * threads, 2)

    def side(make: Callable[[], Sequence[Batch]], write: Callable[[Batch], object]) -> Side:
        def run() -> Sample:
            chains = [make() for _ in range(size)]

            def chained(chain: Sequence[Batch]) -> Callable[[], None]:
                def call() -> None:
                    for batch in chain:
                        write(batch)

                return call

            return bench.server.in_threads(threads, [chained(chain) for chain in chains])

        return run

    shown = f"on {threads} connection{'s' * (threads > 1)}"
    found: list[Figure] = []
    for name, make, goal, least in (
        (f"incidents of 7 events, one commit each, {shown}", lambda: [stored.incident()],
         INCIDENTS, 2_000),
        (f"incidents of 7 events, a commit for each, {shown}", stored.commands, COMMANDS, 450),
    ):  # fmt: skip
        sides = {"ours": side(make, store.commit), ROWS: side(make, bare.write)}
        missing: list[str] = []
        apart = make is stored.commands
        peers.add(sides, missing, OTHER, partial(_other, bench, threads, size, apart))
        samples = in_turns(sides, bench.rounds)
        figure = compared(name, "per second", samples, "ours", goal=goal)
        figure.missing = missing
        if threads == 4:
            figure.met = figure.median >= least
            if not apart:
                figure.met = figure.met and (figure.ratio(ROWS) or 0) >= 0.7
        figure.also["us of both processors"] = {
            each: spread([x.value("us", "cpu") for x in samples[each]]) for each in sides
        }
        found.append(figure)
    return found


def _other(bench: Bench, threads: int, size: int, apart: bool) -> Side:
    """Seven events of one aggregate, saved together or one after the other."""
    from tests.benchmarks.eventsourced import Ticket, opened_on_postgres

    app = opened_on_postgres(DATABASES.fresh())
    bench.stack.callback(app.close)

    def call() -> None:
        ticket = Ticket("Checkout is down", {})
        for number in range(6):
            if apart:
                app.save(ticket)
            ticket.edit(f"Checkout is down {number}")
        app.save(ticket)

    return lambda: bench.server.in_threads(threads, [call] * size)


def _in_other_forms(bench: Bench, urls: tuple[str, str]) -> list[Figure]:
    """The same on 4 connections of 4 processes, and of one event loop; alerts of processes too.

    The goals are read here on processes as well as on threads: threads share one interpreter.
    """
    number = 1 if bench.plan.tiny else 4
    size, many = bench.plan.size(800, 2), bench.plan.size(20_000, 3)
    incidents = "incidents of 7 events, one commit each"
    commands = "incidents of 7 events, a commit for each"
    found: list[Figure] = []

    def measured(
        name: str,
        ours: Form,
        peer: str,
        theirs: Form,
        asked: tuple[str, int],
        goal: str = "",
        least: int = 0,
    ) -> None:
        sides: dict[str, Side] = {
            "ours": partial(ours.round, *asked), peer: partial(theirs.round, *asked)
        }  # fmt: skip
        samples = in_turns(sides, bench.rounds)
        figure = compared(name, "per second", samples, "ours", goal=goal)
        if goal:
            figure.met = figure.median >= least
        if goal == INCIDENTS:
            figure.met = figure.met and (figure.ratio(ROWS) or 0) >= 0.7
        figure.also["us of both processors"] = {
            each: spread([x.value("us", "cpu") for x in samples[each]]) for each in sides
        }
        found.append(figure)

    with ExitStack() as stack:

        def opened(form: type[Form], side: str) -> Form:
            made = form(bench.server, urls[side != OURS], side, number)
            return stack.enter_context(closing(made))

        ours, rows = opened(Processes, OURS), opened(Processes, PLAIN)
        shown = "on 4 connections of 4 processes"
        measured(f"{incidents}, {shown}", ours, ROWS, rows, ("incidents", size), INCIDENTS, 2_000)
        measured(f"{commands}, {shown}", ours, ROWS, rows, ("commands", size // 4), COMMANDS, 450)
        two = opened(Processes, TWO_TABLES)
        for word, shape in (("first seen", "alerts 1"), ("changed", "alerts 2")):
            name = f"alerts {word}, 1,000 a batch, {shown}"
            measured(name, ours, TABLES, two, (shape, many), ALERTS, 60_000)
    with ExitStack() as stack:
        loop, bare = opened(Loop, OURS), opened(Loop, PLAIN)
        shown = "on 4 connections of an event loop"
        measured(f"{incidents}, {shown}", loop, ROWS, bare, ("incidents", size))
        measured(f"{commands}, {shown}", loop, ROWS, bare, ("commands", size // 4))
    return found


def _alerts(bench: Bench, store: PostgresStore) -> list[Figure]:
    size, batches = bench.plan.size(1000, 3), bench.plan.size(5, 1)
    bare = bench.stack.enter_context(closing(BareAlerts(DATABASES.fresh())))

    def side(write: Callable[[Batch], object], version: int) -> Side:
        def run() -> Sample:
            names = [[stored.named() for _ in range(size)] for _ in range(batches)]
            for before in range(1, version):
                for some in names:
                    write(stored.alerts(some, before))
            made = [stored.alerts(some, version) for some in names]

            def body() -> None:
                for batch in made:
                    write(batch)

            return bench.server.clocked(body, size * batches)

        return run

    found: list[Figure] = []
    for word, version in (("first seen", 1), ("changed", 2)):
        sides = {"ours": side(store.commit, version), TABLES: side(bare.write, version)}
        found.append(
            compared(
                f"alerts {word}, in batches of {size:,} with an entry each", "per second",
                in_turns(sides, bench.rounds), "ours", goal=ALERTS, at_least=60_000,
            )
        )  # fmt: skip
    return found


def _deliveries(bench: Bench, store: PostgresStore, threads: int) -> Figure:
    size = bench.plan.size(400 * threads, 2)
    queue = bench.stack.enter_context(closing(Queue(DATABASES.fresh())))
    shares: list[float] = []

    def ours() -> Sample:
        while taken := store.claim(None, LEASE, 100).tasks:
            store.settle(TENANT, [Settle(x.task.id, x.token, Done()) for x in taken])
        for batch in stored.messages(size):
            store.commit(batch)
        each: list[int] = []

        def work() -> None:
            last: list[tuple[TenantName, Settle]] = []
            sent = 0
            while answer := store.turn(last, None, LEASE, 1).claimed.tasks:
                last = [(x.tenant, Settle(x.task.id, x.token, Done())) for x in answer]
                sent += len(answer)
            each.append(sent)

        sample = bench.server.in_threads(threads, [work] * threads)
        assert sum(each) == size
        shares.append(min(each) * threads / size)
        return Sample(sample.wall, sample.cpu, size)

    def plain() -> Sample:
        queue.fill(size)

        def work() -> None:
            while (number := queue.take()) is not None:
                queue.done(number)

        sample = bench.server.in_threads(threads, [work] * threads)
        return Sample(sample.wall, sample.cpu, size)

    figure = compared(
        f"deliveries, settle and claim in one turn, {threads} worker{'s' * (threads > 1)}",
        "per second",
        in_turns({"ours": ours, QUEUE: plain}, bench.rounds),
        "ours",
    )
    figure.also["least share of a worker"] = rounded(min(shares))
    return figure


def _in_processes(bench: Bench) -> Figure:
    """The same as workers are: processes, none of which waits for another's interpreter."""
    size = bench.plan.size(1600, 8)
    ours, plain = DATABASES.fresh(), DATABASES.fresh()
    store = bench.stack.enter_context(closing(PostgresStore(ours)))
    store.declare([stored.SPEC, stored.ALERTS])
    queue = bench.stack.enter_context(closing(Queue(plain)))
    shares: list[float] = []

    def turns() -> Sample:
        for batch in stored.messages(size):
            store.commit(batch)
        sample, sent = bench.server.in_processes("turns", ours, 4)
        assert sum(sent) == size
        shares.append(min(sent) * 4 / size)
        return Sample(sample.wall, sample.cpu, size)

    def taken() -> Sample:
        queue.fill(size)
        sample, _ = bench.server.in_processes("plain", plain, 4)
        return Sample(sample.wall, sample.cpu, size)

    figure = compared(
        "deliveries, settle and claim in one turn, 4 workers in processes of their own",
        "per second",
        in_turns({"ours": turns, QUEUE: taken}, bench.rounds),
        "ours",
        goal="4,000 a second from 4 workers, none under a tenth of its share",
    )
    figure.also["least share of a worker"] = rounded(min(shares))
    figure.met = figure.median >= 4_000 and min(shares) >= 0.1
    return figure


def _by_desks(bench: Bench) -> Figure:
    """Pages that whole desks send and record, each in a commit of its own."""
    size = bench.plan.size(1_000, 8)
    url = DESKS.fresh()
    shares: list[float] = []
    own = Desk.open(url, channels={"sms": Taking()}, entry_points=False)
    desk = bench.stack.enter_context(own)

    def pages() -> Sample:
        for number in range(size):
            desk.declare(f"Down {number}", assign=f"p{number}", impact="high", urgency="high")
        sample, sent = bench.server.in_processes("desk", url, 4)
        assert sum(sent) == size, f"{sum(sent)} of {size} pages went out"
        shares.append(min(sent) * 4 / size)
        return Sample(sample.wall, sample.cpu, size)

    figure = compared(
        "pages sent and recorded by 4 desks in processes of their own, the core on top",
        "per second",
        in_turns({"ours": pages}, bench.rounds),
        "ours",
    )
    figure.also["least share of a worker"] = rounded(min(shares))
    return figure


def _claims(bench: Bench) -> list[Figure]:
    """Claims of one task with so many in front that may not be claimed, and with none."""
    size = bench.plan.size(10_000, 5)
    sorts: dict[str, Callable[[int], tuple[str, int, int, str]]] = {
        "blocked": lambda n: ("one", n, AT, "mail"),
        "of a channel that is down": lambda n: (f"s{n}", 0, AT, "down"),
        "not due": lambda n: (f"s{n}", 0, AT * 2, "mail"),
    }
    alone = "nothing in front"
    sides: dict[str, Side] = {}
    for name in (*sorts, alone):
        store = bench.store()
        tasks = [
            Task(TaskId(f"t{n:05}"), "q", subject, order, 0, due, channel, "{}")
            for n in range(size if name in sorts else 0)
            for subject, order, due, channel in [sorts[name](n)]
        ]
        for n in range(0, len(tasks), 1000):
            store.commit(Batch(TENANT, tasks=tuple(tasks[n : n + 1000])))
        for batch in stored.messages(100):
            store.commit(batch)

        def run(store: PostgresStore = store) -> Sample:
            return bench.server.clocked(lambda: store.claim(None, LEASE, 1, None, ["down"]), 1)

        sides[name] = run
    samples = in_turns(sides, bench.plan.rounds)
    return [
        compared(
            f"a claim with {size:,} {name} in front", "ms",
            {"ours": samples[name], alone: samples[alone]}, "ours",
            goal="at most 10 ms", at_most=10,
        )
        for name in sorts
    ]  # fmt: skip


def _desk(bench: Bench) -> list[Figure]:
    """The same with rules, codec and chain: what a program gets that uses a desk."""
    size = bench.plan.size(100, 2)
    desk = bench.stack.enter_context(Desk.open(DATABASES.fresh()))
    incidents = [desk.declare(f"Down {number}") for number in range(4)]
    titles = cycle(("a", "b"))

    def declare() -> Sample:
        calls = [partial(desk.declare, f"Down {stored.named()}") for _ in range(size)]
        return bench.server.in_threads(4, calls)

    def edit() -> Sample:
        calls: list[Callable[[], object]] = []
        for _ in range(0, size, 4):
            title = next(titles)
            calls += [partial(desk.edit, each, title=title) for each in incidents]
        return bench.server.in_threads(4, calls)

    found = in_turns({"declare": declare, "edit": edit}, bench.rounds)
    return [
        compared(
            f"desk.{name}, 4 threads, the core on top", "per second", {name: found[name]}, name
        )
        for name in found
    ]
