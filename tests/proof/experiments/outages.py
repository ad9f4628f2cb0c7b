"""E7, E7b, E8: the database is stopped, its connections are ended, and answers are lost."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from incidentkit import Desk
from incidentkit.errors import IncidentKitError, Retryable
from tests.proof import jobs, postgres
from tests.proof.cutting import CuttingProxy
from tests.proof.experiment import Experiment, Findings, Outcome
from tests.proof.experiments.senders import everything, left
from tests.proof.nursery import Nursery, Worker
from tests.proof.places import Place
from tests.proof.receivers import HttpTrap

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
    pause: float = 0.02

    def insist(self, call: Callable[[], Any]) -> Any:
        """Call until it is answered."""
        while True:
            began = time.monotonic()
            try:
                answer = call()
            except Retryable:
                self.repeats += 1
                self.slowest = max(self.slowest, time.monotonic() - began)
                time.sleep(self.pause)
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


# --- E7b ------------------------------------------------------------------------------------------

LISTED = 2
"""People on the emergency list."""
QUARTER = 900


def gone(n: int, place: Place, seed: int) -> Outcome:
    """The server is gone for n seconds; two workers, a receiver and a client live through it."""
    found = Findings()
    server = postgres.server()
    # What a worker holds when the server goes is free again when its lease has lapsed.
    each, lease = (1.0, 60.0) if n >= QUARTER else (0.2, 3.0)
    with jobs.opened(place.url) as desk:
        _ = desk.declare("first")
    client = Client(jobs.opened(place.url), "person", pause=1.0)
    stop = threading.Event()
    thread = threading.Thread(target=patient, args=(client, stop, 5 * each), daemon=True)
    with HttpTrap() as trap, Nursery() as nursery, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        given = {"url": place.url, "port": trap.port}
        workers = [
            nursery.start("serving", log=str(folder / f"worker{k}"), lease_for=lease, **given)
            for k in range(2)
        ]
        receiver = nursery.start(
            "receiving",
            log=str(folder / "receiver"),
            folder=str(folder / "spool"),
            each=each,
            **given,
        )
        thread.start()
        try:
            for worker in workers:
                _ = worker.until_said("ready")
            _ = receiver.until_said("taken", 5)
            server.stop()
            try:
                watched_over([*workers, receiver], n, found)
            finally:
                server.start()
            back, spooled = time.monotonic(), len(said_of(receiver, "spooled"))
            taken = len(said_of(receiver, "taken"))
            _ = receiver.until_said("taken", taken + 5, timeout=120 + n / 5)
            reconciled = time.monotonic() - back
        finally:
            stop.set()
        receiver.kill()
        _ = receiver.wait()
        thread.join(60)
        with jobs.opened(place.url) as desk:
            until = time.monotonic() + 120 + n / 5
            while left(desk) and time.monotonic() < until:
                time.sleep(0.2)
            settled = time.monotonic() - back
            for worker in workers:
                found.expect(not worker.ended(), "a worker ended")
                worker.kill()
                _ = worker.wait()
            figures = compared(desk, receiver, client, trap, n, found)
    client.desk.disconnect()
    return found.outcome(
        figures.pop("acknowledged"),
        seconds_gone=n,
        lease_s=lease,
        spooled=spooled,
        reconciled_after_s=round(reconciled, 1),
        all_sent_after_s=round(settled, 1),
        **figures,
    )


def watched_over(workers: list[Worker], seconds: float, found: Findings) -> None:
    """Let so much time pass, and see that nobody ends."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(min(1.0, seconds / 10))
        dead = [one.log.name for one in workers if one.ended()]
        if not found.expect(not dead, f"{dead} ended while the server was gone"):
            return


def patient(client: Client, stop: threading.Event, pause: float) -> None:
    """An incident of a person now and then, repeated by its request id until it is answered."""
    number = 0
    while not stop.is_set():
        name = f"{client.name}-{number}"
        number += 1
        call = partial(client.desk.declare, name, request=f"request-{name}", **jobs.URGENT)
        if client.insist(call) is not None:
            client.done.append(name)
        _ = stop.wait(pause)


def said_of(worker: Worker, word: str) -> list[str]:
    """The names that a worker said with that word."""
    return [words[1] for words in worker.lines() if words[0] == word]


def compared(
    desk: Any, receiver: Worker, client: Client, trap: HttpTrap, seconds: int, found: Findings
) -> dict[str, Any]:
    """What is there, against what was acknowledged, sent and paged."""
    refused = said_of(receiver, "refused")
    found.expect(not refused, f"{len(refused)} requests were refused: {refused[:3]}")
    alerts = {*said_of(receiver, "taken"), *said_of(receiver, "spooled")}
    tried = len(alerts)
    there = Counter(one.card.title for one in everything(desk))
    found.expect(there.pop("first", 0) == 1, "what was there before is lost")
    lost = (alerts | set(client.done)) - set(there)
    found.expect(not lost, f"{len(lost)} acknowledged are lost: {sorted(lost)[:3]}")
    found.expect(set(there.values()) <= {1}, f"there twice: {there.most_common(3)}")
    # The receiver is killed in the end, so its last alert may be there without an answer.
    more = set(there) - alerts - set(client.done)
    found.expect(len(more) <= 1, f"nobody was told of {sorted(more)[:3]}")
    found.problems += client.wrong
    deliveries = [each for one in everything(desk) for each in desk.deliveries(one)]
    sent = {str(each.id) for each in deliveries if str(each.state) == "sent"}
    states = Counter(str(each.state) for each in deliveries)
    keys = Counter(key for key in trap.keys if not key.startswith("emergency:"))
    found.expect(sent <= set(keys), f"{len(sent - set(keys))} pages never came")
    extra = sum(keys.values()) - len(keys)
    found.expect(extra <= 4, f"{extra} pages came twice, more than were under way at the stop")
    found.expect(not states["queued"], f"deliveries ended as {dict(states)}")
    paged = [key for key in trap.keys if key.startswith("emergency:")]
    least = LISTED * (1 + (seconds - 1) // QUARTER)
    found.expect(
        least <= len(paged) <= least + LISTED, f"the list was paged {len(paged)} times, not {least}"
    )
    problems = desk.verify().problems
    found.expect(not problems, f"the journal does not verify: {problems[:2]}")
    return {
        "acknowledged": tried + len(client.done),
        "incidents": len(there),
        "deliveries": dict(states),
        "came_twice": extra,
        "emergency_pages": len(paged),
        "client_repeats": client.repeats,
    }


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
        "E7b",
        "the database gone for n seconds (an hour) beside workers and a receiver with a spool",
        "all acknowledged are there once, the list was paged each quarter of an hour, 0 lost",
        gone,
        short=6,
        full=3_600,
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
