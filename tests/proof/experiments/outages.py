"""E7, E8: the database is stopped, its connections are ended, and answers are lost."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import attrs

from incidentkit import Desk
from incidentkit.errors import IncidentKitError, Retryable
from tests.proof import jobs, postgres
from tests.proof.cutting import CuttingProxy
from tests.proof.experiment import Experiment, Findings, Outcome
from tests.proof.experiments.senders import everything
from tests.proof.places import Place

CLIENTS = 4
WITHIN = 5.0
"""Seconds in which a call gives up, and in which clients are back."""


@attrs.define
class Client:
    """A client that repeats a request until it is answered; what it saw."""

    desk: Desk
    name: str
    done: list[str] = attrs.field(factory=list)
    repeats: int = 0
    slowest: float = 0.0
    last: float = 0.0
    wrong: list[str] = attrs.field(factory=list)

    def insist(self, call: Callable[[], Any]) -> Any:
        """Call until it is answered."""
        while True:
            began = time.monotonic()
            try:
                answer = call()
            except Retryable:
                self.repeats += 1
                self.slowest = max(self.slowest, time.monotonic() - began)
                time.sleep(0.02)
            except IncidentKitError as error:
                self.wrong.append(f"{type(error).__name__}: {error}"[:200])
                return None
            except Exception as error:
                self.wrong.append(f"untyped {type(error).__name__}: {error}"[:200])
                return None
            else:
                self.last = time.monotonic()
                return answer

    def work(self, stop: threading.Event) -> None:
        """Incidents with a note each, under request ids, until stopped."""
        number = 0
        while not stop.is_set():
            name = f"{self.name}-{number}"
            number += 1
            request = f"request-{name}"
            one = self.insist(partial(self.desk.declare, name, request=request, **jobs.URGENT))
            if one is None:
                continue
            noted = self.insist(
                partial(self.desk.note, one.ref, name, request=f"request-{name}-note")
            )
            if noted is not None:
                self.done.append(name)


def under_load(
    place: Place, url: str, disturb: Callable[[list[Client]], None], found: Findings
) -> tuple[list[Client], dict[str, Any]]:
    """Clients at work while something disturbs them; then everything is counted."""
    with jobs.opened(place.url) as desk:
        _ = desk.declare("first")
        _ = desk.note("INC-1", "first")
    clients = [Client(jobs.opened(url), f"c{n}") for n in range(CLIENTS)]
    stop = threading.Event()
    threads = [threading.Thread(target=each.work, args=(stop,)) for each in clients]
    for thread in threads:
        thread.start()
    try:
        disturb(clients)
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    for each in clients:
        found.problems += each.wrong
        each.desk.disconnect()
    with jobs.opened(place.url) as desk:
        there: dict[str, int] = {}
        for one in everything(desk):
            there[one.card.title] = there.get(one.card.title, 0) + 1
            kinds = [entry.kind for entry in desk.journal(one)]
            found.expect(kinds.count("noted") == 1, f"{one.card.title} has {kinds}")
        done = {name for each in clients for name in each.done} | {"first"}
        found.expect(set(there) == done, f"{len(done - set(there))} acknowledged are lost")
        found.expect(set(there.values()) == {1}, "an incident is there twice")
        problems = desk.verify().problems
        found.expect(not problems, f"the journal does not verify: {problems[:2]}")
    figures = {
        "acknowledged": 2 * len(done),
        "repeated": sum(each.repeats for each in clients),
        "slowest_refusal_s": round(max(each.slowest for each in clients), 2),
    }
    return clients, figures


def terminated(n: int, place: Place, seed: int) -> Outcome:
    """n disturbances, 100 ms apart: a connection is ended, or an answer lost after the commit."""
    found, chance = Findings(), random.Random(seed)
    proxy = CuttingProxy(postgres.server().address)
    url = postgres.server().over_tcp(postgres.database_of(place), proxy.address[1])
    kills = 0

    def disturb(clients: list[Client]) -> None:
        nonlocal kills
        assert place.kill_backends is not None
        for _ in range(n):
            time.sleep(0.1)
            if chance.random() < 0.5:
                kills += place.kill_backends()
            else:
                proxy.arm(b"request-")

    try:
        _, figures = under_load(place, url, disturb, found)
    finally:
        proxy.close()
    return found.outcome(
        n, connections_ended=kills, committed_unanswered_by_proxy=proxy.cuts, **figures
    )


def stopped(n: int, place: Place, seed: int) -> Outcome:
    """n outages under load: 30 s each in the full form, short ones otherwise."""
    found = Findings()
    down = 30.0 if n >= 20 else 0.7
    back: list[float] = []
    server = postgres.server()

    def disturb(clients: list[Client]) -> None:
        for _ in range(n):
            time.sleep(0.5)
            server.stop()
            time.sleep(down)
            server.start()
            began = time.monotonic()
            while any(each.last < began for each in clients) and time.monotonic() < began + 30:
                time.sleep(0.01)
            back.append(time.monotonic() - began)

    clients, figures = under_load(place, place.url, disturb, found)
    slow = [each.slowest for each in clients if each.slowest > WITHIN]
    found.expect(not slow, f"calls took {slow} s to fail")
    late = [seconds for seconds in back if seconds > WITHIN]
    found.expect(not late, f"clients were back only after {late} s")
    return found.outcome(n, seconds_down=down, slowest_back_s=round(max(back), 2), **figures)


EXPERIMENTS = (
    Experiment(
        "E7",
        "the database server stopped at once under load",
        "calls fail within 5 s as Retryable, clients are back within 5 s, 0 lost, 0 twice",
        stopped,
        short=1,
        full=20,
        stores=("postgresql",),
    ),
    Experiment(
        "E8",
        "connections ended at random, and answers lost just after the commit",
        "0 lost, 0 twice, 0 errors that are not Retryable",
        terminated,
        short=10,
        full=600,
        stores=("postgresql",),
    ),
)
