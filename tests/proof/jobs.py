"""What worker processes do. Each writes lines to its log, so that what it said survives its death.

A line is one write of the system: after SIGKILL it is there whole, or not at all.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import itertools
import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import incidentkit as ik
from incidentkit import Desk, ManualTime
from incidentkit.desk import identity
from incidentkit.desk.identity import TimeOrderedIds
from incidentkit.errors import StaleToken
from tests.proof import failpoints, postgres
from tests.proof.appending import appending
from tests.proof.bare import bare as bare
from tests.proof.migrating import migrating
from tests.proof.moving import SharedTime
from tests.proof.pointing import pointing
from tests.proof.posting import Poster
from tests.proof.serving import receiving, serving, watched

POLICY: dict[str, Any] = {"paging": {"rounds": 1}}
URGENT: dict[str, Any] = {"impact": "high", "urgency": "high", "assign": "ana"}


class Log:
    """Lines of a worker."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def say(self, *words: object) -> None:
        """Write a line."""
        os.write(self._file, (" ".join(map(str, words)) + "\n").encode())


def opened(url: str, send: Any = None, *, store: Any = None, time: Any = None) -> Desk:
    """A desk as all experiments open it."""
    given: dict[str, Any] = {
        "entry_points": False,
        "policy": POLICY,
        "channels": {"sms": send or (lambda message: None)},
    }
    if time is not None:
        given["time"] = time
    return Desk.open(store=store, **given) if store is not None else Desk.open(url, **given)


def lease(seconds: float) -> None:
    """How long claims of this process last."""
    for name in ("incidentkit.desk.due", "incidentkit.desk.attending"):
        if importlib.util.find_spec(name) is not None:
            setattr(importlib.import_module(name), "LEASE", timedelta(seconds=seconds))  # noqa: B010


# --- E1: the life of an incident, a request a step ------------------------------------------------

EVENTS = ("declared", "acknowledged", "noted", "started", "observation_begun", "resolved")
"""What each step leaves in the journal; step n belongs to incident n // 6."""
STEPS = len(EVENTS)


def act(desk: Desk, n: int) -> Any:
    """Step n of the plan, under its request id; the incident as it stands then."""
    which, step = divmod(n, STEPS)
    request = f"r{n}"
    if step == 0:
        return desk.declare(f"Down {which}", service=f"s{which}", request=request, **URGENT)
    ref = desk.find(service=f"s{which}").items[0].ref
    if step == 1:
        return desk.acknowledge(ref, by="ana", request=request)
    if step == 2:
        return desk.note(ref, f"note {n}", request=request)
    if step == 3:
        return desk.start(ref, request=request)
    if step == 4:
        # The same content at each repeat, as a client that repeats its request sends it.
        until = ik.ManualTime().now() + timedelta(days=36500 // 4)
        return desk.execute(ik.Observe(ref, until=until), request=request)
    return desk.resolve(ref, code="fixed", remedy=f"remedy {n}", request=request)


def writer(*, url: str, log: str, begin: int, doom: int = 0) -> None:
    """Go on with the plan until killed. With `doom`, die by itself right after that commit."""
    said = Log(log)
    store: Any = None
    if doom:
        store = failpoints.Failing(bare(url), doom, act=failpoints.die, calls={"commit"})
    desk = opened(url, store=store)
    for n in itertools.count(begin):
        said.say("try", n)
        incident = act(desk, n)
        said.say("ack", n, incident.ref, incident.version)


# --- E2, E9, E10, E14: workers of the queue -------------------------------------------------------


def sender(
    *,
    url: str,
    log: str,
    port: int,
    lease_for: float,
    doom: str = "",
) -> None:
    """Send what is due to the trap, until killed. `doom` names a point between claim and settle."""
    lease(lease_for)
    said = Log(log)
    poster = Poster(port)
    store: Any = None

    def send(message: Any) -> Any:
        answer = poster(message)
        said.say("sent", message.key)
        return answer

    if doom == "claimed":
        store = failpoints.Failing(bare(url), 3, act=failpoints.die, calls={"claim"})
    elif doom == "settled":
        store = failpoints.Failing(bare(url), 2, failpoints.BEFORE, failpoints.die, {"commit"})
    elif doom == "committed":
        store = failpoints.Failing(bare(url), 2, act=failpoints.die, calls={"commit"})
    desk = opened(url, send, store=store)
    said.say("ready")
    while True:
        desk.run_due()
        said.say("idle")
        time.sleep(0.01)


class Noticing(failpoints.Failing):
    """Writes down each mark that came too late."""

    said: Log

    def commit(self, batch: Any) -> Any:
        """See `Store.commit`."""
        try:
            return self.inner.commit(batch)
        except StaleToken:
            self.said.say("refused")
            raise


def pausing(*, url: str, log: str, port: int, lease_for: float, threads: int) -> None:
    """Send what is due; who was stopped for longer than its lease lets the others go first."""
    lease(lease_for)
    said = Log(log)

    def work() -> None:
        poster = Poster(port)

        def send(message: Any) -> Any:
            began = time.monotonic()
            answer = poster(message)
            time.sleep(0.005)
            if time.monotonic() - began > lease_for:
                time.sleep(0.03)
            return answer

        store = Noticing(bare(url))
        store.said = said
        desk = opened(url, send, store=store)
        while True:
            desk.run_due()
            time.sleep(0.001)

    for _ in range(threads - 1):
        threading.Thread(target=work).start()
    work()


def firing(*, url: str, log: str, time_file: str, lease_for: float) -> None:
    """Fire the timers that are due, and write down each claim and each commit."""
    lease(lease_for)
    said = Log(log)
    shared = SharedTime(Path(time_file))

    class Watched(failpoints.Failing):
        """Writes down what is claimed."""

        def claim(self, *args: Any, **given: Any) -> Any:
            claimed = self.inner.claim(*args, **given)
            for one in claimed.tasks:
                said.say("claimed", one.task.id, one.task.due_at, one.lapses, shared.micros())
            return claimed

    desk = opened(url, store=Watched(bare(url, shared.micros)), time=shared)
    said.say("ready")
    while True:
        desk.run_due()
        said.say("idle")
        time.sleep(0.005)


def claiming(*, url: str, log: str, lease_for: int, now: int) -> None:
    """Claim one task, say which, and hang with it."""
    said = Log(log)
    store = bare(url, lambda: now)
    claimed = store.claim(now, lease_for, 1)
    said.say("claimed", *(one.task.id for one in claimed.tasks))
    time.sleep(3600)


# --- others ---------------------------------------------------------------------------------------


IDS = TimeOrderedIds()


def numbering(*, log: str, count: int) -> None:
    """Make ids with the desk's maker that was alive when the process was forked."""
    said = Log(log)
    rising, last = True, ""
    with Path(f"{log}.ids").open("w", encoding="ascii") as file:
        for n in range(count):
            if n == count // 2:
                setattr(identity, "time", SetBack())  # noqa: B010
            made = IDS.new_id()
            rising, last = rising and made > last, made
            file.write(made + "\n")
    said.say("rising", int(rising))
    said.say("salts", *(IDS.new_salt() for _ in range(min(count, 500))))


class SetBack:
    """The module `time` after the clock was set back by a second."""

    def time_ns(self) -> int:
        """The wall clock."""
        return time.time_ns() - 1_000_000_000


def soaking(*, url: str, log: str, count: int) -> None:
    """Open, look at, answer and close incidents; what the process holds, early and at the end."""
    said = Log(log)
    desk = opened(url)
    begun = 0
    slow: list[float] = []

    def held(word: str) -> None:
        time.sleep(0.5)  # a wake-up that is sent in passing has a thread for a moment
        gc.collect()
        status = Path("/proc/self/status").read_text("ascii").split()
        memory = status[status.index("VmRSS:") + 1]
        threads = status[status.index("Threads:") + 1]
        files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
        slow.sort()
        said.say("held", word, threads, files, memory, slow[int(len(slow) * 0.99)])
        slow.clear()

    for n in range(count):
        began = time.monotonic()
        if n % 8 == 0:
            begun = n // 8 * STEPS
        if n % 8 < STEPS:
            _ = act(desk, begun + n % 8)
        elif n % 8 == 6:
            _ = desk.run_due()
        else:
            _ = desk.timeline(desk.find(limit=1).items[0])
        slow.append(time.monotonic() - began)
        if n == max(count // 4, 120):
            held("early")
    held("end")


JOBS: dict[str, Callable[..., None]] = {
    "writer": writer,
    "sender": sender,
    "pausing": pausing,
    "firing": firing,
    "claiming": claiming,
    "numbering": numbering,
    "pointing": pointing,
    "appending": appending,
    "migrating": migrating,
    "soaking": soaking,
    "watched": watched,
    "serving": serving,
    "receiving": receiving,
}


def warm() -> None:
    """Import what workers need, so that each of them starts at once."""
    IDS.new_salt()
    if postgres.AT_HAND:
        _ = importlib.import_module("incidentkit.stores.postgres.store")
    with Desk.open("memory:", entry_points=False, time=ManualTime(), policy=POLICY) as desk:
        for n in range(STEPS):
            act(desk, n)
        desk.run_due()
