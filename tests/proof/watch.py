"""`python -m tests.proof.watch`: two workers on PostgreSQL, killed in turn, told as it happens.

A server is started, two worker processes serve, messages are queued. At random moments one worker
is killed with `kill -9`, then the other. Every line says when, who and what: a claim, a send, a
kill, a lease that ends, who takes over. The tally at the end says how many messages came, how many
came twice, and how many were lost. Exit code 1 where one was lost, or more came twice than workers
were killed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import attrs

from tests.proof import jobs
from tests.proof.experiments.senders import everything, left
from tests.proof.nursery import Nursery, Worker
from tests.proof.places import POSTGRES, Place, place
from tests.proof.receivers import HttpTrap
from tests.proof.serving import micros

LEASE = 2.0
TAKES = 0.15
"""Seconds that a receiver takes to answer: time enough to die after it has the message."""
NAMES = ("A", "B")


@attrs.define
class Life:
    """A worker process: its letter, how many lives it has had, and how much of its log was told."""

    letter: str
    worker: Worker
    told: int = 0

    @property
    def name(self) -> str:
        """How it is called."""
        return f"worker {self.letter} ({self.worker.pid})"


class Account:
    """Tells what happens, in the order of the clock."""

    def __init__(self, out: TextIO, refs: dict[str, str]) -> None:
        self._out, self.refs = out, refs
        self.owners: dict[str, tuple[str, int]] = {}
        self.lost_hold: dict[str, tuple[str, int]] = {}
        self.takeovers: list[tuple[str, float]] = []

    def say(self, at: int, text: str) -> None:
        """One line."""
        shown = datetime.fromtimestamp(at / 1e6, UTC).strftime("%H:%M:%S.%f")[:-3]
        self._out.write(f"{shown}  {text}\n")
        self._out.flush()

    def follow(self, lives: list[Life]) -> None:
        """Tell what the workers have written since the last time."""
        news: list[tuple[int, Life, list[str]]] = []
        for life in lives:
            lines = life.worker.lines()
            news += [(int(words[1]), life, words) for words in lines[life.told :]]
            life.told = len(lines)
        for at, life, words in sorted(news, key=lambda one: one[0]):
            self.tell(at, life, words)

    def tell(self, at: int, life: Life, words: list[str]) -> None:
        """One thing that a worker did."""
        match words:
            case ["serves", *_]:
                self.say(at, f"{life.name} serves")
            case ["claimed", _, key, lapses, until, "message"]:
                self.owners[key] = (life.name, int(until))
                if key in self.lost_hold and int(lapses):
                    name, over = self.lost_hold.pop(key)
                    late = max(0.0, (at - over) / 1e6)
                    self.takeovers.append((key, late))
                    text = f"{life.name} TAKES OVER {self.refs[key]} from {name}"
                    self.say(at, f"{text}: its lease has lapsed, {late:.2f} s ago")
                else:
                    self.say(at, f"{life.name} claims {self.refs[key]}")
            case ["sent", _, key]:
                self.say(at, f"{life.name} has sent the page of {self.refs[key]}")
            case _:
                pass

    def died(self, life: Life, came: Counter[str]) -> None:
        """A worker was killed: what it held, and until when it holds it."""
        self.say(micros(), f"*** kill -9 of {life.name} ***")
        held = {key: until for key, (name, until) in self.owners.items() if name == life.name}
        for key, until in held.items():
            self.lost_hold[key] = (life.name, until)
            over = datetime.fromtimestamp(until / 1e6, UTC).strftime("%H:%M:%S.%f")[:-3]
            sent = "it had gone out" if came[key] else "it had not gone out"
            self.say(micros(), f"    it held {self.refs[key]} ({sent}), leased until {over}")


def watched(here: Place, messages: int, kills: int, seed: int, out: TextIO) -> dict[str, Any]:
    """The whole story; the tally."""
    chance = random.Random(seed)
    refs: dict[str, str] = {}
    with jobs.opened(here.url) as desk:
        for n in range(messages):
            one = desk.declare(f"Down {n}", **jobs.URGENT)
            refs[desk.deliveries(one)[0].id] = one.ref
    account = Account(out, refs)
    account.say(micros(), f"PostgreSQL {here.server}, {messages} pages wait, lease {LEASE} s")
    with HttpTrap() as trap, Nursery() as nursery, tempfile.TemporaryDirectory() as folder:
        born = 0

        def start(letter: str) -> Life:
            nonlocal born
            born += 1
            log = str(Path(folder, str(born)))
            given = {"url": here.url, "port": trap.port, "lease_for": LEASE, "takes": TAKES}
            return Life(letter, nursery.start("watched", log=log, **given))

        lives = [start(letter) for letter in NAMES]
        reader = jobs.opened(here.url)

        def until(true: Callable[[], bool], seconds: float) -> bool:
            limit = time.monotonic() + seconds
            while not true() and time.monotonic() < limit:
                account.follow(lives)
                time.sleep(0.01)
            return true()

        for kill in range(kills):
            which = kill % len(lives)
            _ = until(lambda: False, chance.uniform(0.3, 1.2))
            doomed = lives[which]
            doomed.worker.kill()
            _ = doomed.worker.wait()
            account.follow(lives)
            forget_settled(account, reader)
            account.died(doomed, Counter(trap.keys))
            _ = until(lambda: not account.lost_hold, LEASE + 5)
            lives[which] = start(doomed.letter)
        _ = until(lambda: not left(reader), 60 + messages)
        for life in lives:
            life.worker.kill()
            _ = life.worker.wait()
        account.follow(lives)
        counted = Counter(trap.keys)
        states = Counter(str(x.state) for one in everything(reader) for x in reader.deliveries(one))
        problems = reader.verify().problems
        reader.disconnect()
    return {
        "messages": messages,
        "kills": kills,
        "came": len(counted),
        "lost": sum(key not in counted for key in refs),
        "came_twice": {refs[key]: times for key, times in counted.items() if times > 1},
        "taken_over": len(account.takeovers),
        "slowest_takeover_after_the_lease_s": round(
            max((late for _, late in account.takeovers), default=0.0), 2
        ),
        "deliveries": dict(states),
        "journal_problems": list(problems[:3]),
    }


def forget_settled(account: Account, reader: Any) -> None:
    """What was settled is held by nobody any more."""
    from tests.proof.experiments.writers import tasks_of

    waiting = {str(task.task.body).split()[0] for task in tasks_of(reader, "message")}
    account.owners = {key: one for key, one in account.owners.items() if key in waiting}


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof.watch", description=__doc__)
    parser.add_argument("--messages", type=int, default=180)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    with place(POSTGRES) as here:
        tally = watched(here, given.messages, given.kills, given.seed, sys.stdout)
    for name, value in tally.items():
        sys.stdout.write(f"{name:>36}  {value}\n")
    extra = sum(times - 1 for times in tally["came_twice"].values())
    fine = not tally["lost"] and not tally["journal_problems"] and extra <= given.kills
    sys.stdout.write("nothing was lost\n" if fine else "FAILED\n")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
