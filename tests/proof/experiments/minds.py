"""E33 to E36: plugins that raise, exit, hang and answer rubbish, in each hook and each port.

The same story is told with a good plugin beside a bad one, and compared with the good one alone:
the bad one may change nothing but the list of faults.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from incidentkit import Desk, ManualTime
from incidentkit.plugins.hookspecs import OBSERVER_HOOKS, REGISTER_HOOKS
from tests.flows import world
from tests.plugins.objects import Authoriser, Channel, Directory, Source, observing, plugin
from tests.proof import jobs
from tests.proof.experiment import Experiment, Findings, Outcome
from tests.proof.experiments.points import whole
from tests.proof.places import Place

Bad = Callable[..., object]


def raising(error: BaseException | type[BaseException]) -> Bad:
    """A function that raises this."""

    def bad(*_: object, **__: object) -> object:
        raise error

    return bad


def giving(value: Any) -> Bad:
    """A function that gives this."""

    def bad(*_: object, **__: object) -> object:
        return value() if callable(value) else value

    return bad


def recursing(*_: object) -> object:
    """No end."""
    return recursing()


async def coroutine(*_: object) -> object:
    """Nobody awaits it."""
    return None


def cyclic() -> object:
    """A list that holds itself."""
    found: list[object] = []
    found.append(found)
    return found


ERRORS: dict[str, Bad] = {
    "OSError": raising(OSError("broken")),
    "KeyError": raising(KeyError("x")),
    "StopIteration": raising(StopIteration()),
    "AssertionError": raising(AssertionError()),
}
EXITS: dict[str, Bad] = {
    "SystemExit": raising(SystemExit(1)),
    "RecursionError": recursing,
    "MemoryError": raising(MemoryError()),
}
RUBBISH: dict[str, Bad] = {
    "None": giving(None),
    "a number": giving(42),
    "NaN": giving(float("nan")),
    "10 MB": giving(lambda: "x" * 10_000_000),
    "a cycle": giving(cyclic),
    "a coroutine": giving(lambda: coroutine()),
    "a class": giving(lambda: int),
}


class Bent:
    """A channel, source, directory or authoriser all of whose methods misbehave."""

    kinds = Channel.kinds

    def __init__(self, name: str, bad: Bad) -> None:
        self.name = name
        self.send = self.parse = self.contacts = self.revision = self.may = self.scope = bad


def story(desk: Any, time_: ManualTime) -> None:
    """What happens to an incident that pages, is answered and ends; and an alert."""
    one = desk.declare("Down", impact="high", urgency="high", assign="ana")
    _ = desk.run_due()
    _ = desk.acknowledge(one, by="ana")
    _ = desk.receive("alertmanager", world.payload(world.alert()))
    _ = desk.receive("feed", b"{}")
    time_.move(minutes=1)
    _ = desk.run_due()
    _ = desk.resolve(one, code="fixed", remedy="x", override="still firing")
    _ = desk.run_due()


def told(plugins: list[Any], sources: list[Any], **given: Any) -> tuple[Any, Any, list[Any]]:
    """The store, the faults and what the good channel was given, after the story."""
    time_, pager = ManualTime(), world.pager()
    desk = Desk.open(
        "memory:",
        entry_points=False,
        time=time_,
        policy=jobs.POLICY,
        channels={"sms": pager, **given.pop("channels", {})},
        plugins=plugins,
        sources=sources,
        **given,
    )
    with desk:
        story(desk, time_)
        return whole(desk.ports.store), desk.faults, [each.to for each in pager.messages]


def bent(found: Findings, name: str, bad: Bad) -> int:
    """One way to misbehave, in each hook; how many trials that were."""
    good = told([], [Source()])
    trials = 0
    for hook in (*REGISTER_HOOKS, *OBSERVER_HOOKS):
        trials += 1
        seen: list[object] = []
        wrong = observing(hook, bad) if hook in OBSERVER_HOOKS else plugin(**{hook: lambda: bad()})
        watching = [observing(h, seen.append) for h in OBSERVER_HOOKS[:1]]
        after = told([wrong, *watching], [Source()])
        found.expect(after[0] == good[0], f"{name} in {hook}: the store differs")
        found.expect(after[2] == good[2], f"{name} in {hook}: other messages went out")
        found.expect(seen, f"{name} in {hook}: other plugins were not told")
    for port in ("source", "directory", "channel"):
        trials += 1
        wrong_ = Bent("feed" if port == "source" else "bent", bad)
        given: dict[str, Any] = {}
        if port == "directory":
            given["directory"] = wrong_
        elif port == "channel":
            given["channels"] = {"bent": bad}
        # The rows differ here: what could not be read or sent is kept, with the reason.
        after = told([], [wrong_ if port == "source" else Source()], **given)
        found.expect(after[2] == good[2], f"{name} in a {port}: other messages went out")
    return trials


def plugins_that(bads: dict[str, Bad]) -> Callable[[int, Place, int], Outcome]:
    """An experiment over these ways to misbehave."""

    def conduct(n: int, place: Place, seed: int) -> Outcome:
        found = Findings()
        trials = sum(bent(found, name, bad) for name, bad in list(bads.items())[:n])
        return found.outcome(trials, ways=min(n, len(bads)), hooks=len(REGISTER_HOOKS) + 4)

    return conduct


# --- E35 ------------------------------------------------------------------------------------------


def hanging(n: int, place: Place, seed: int) -> Outcome:
    """A plugin hangs in each place; meanwhile others write n times to the same store, unhindered.

    The call that waits for the plugin waits; no call of anybody else does, because no plugin is
    called while a transaction is open.
    """
    found = Findings()
    slowest = 0.0
    where = ("channel", "directory", "authoriser", "observer", "source")
    for name in where:
        with place.fresh(f"hang-{name}") as here:
            free, entered = threading.Event(), threading.Event()

            def hang(*_: object, entered: Any = entered, free: Any = free) -> Any:
                entered.set()
                free.wait(60)
                raise OSError("it hung")

            given: dict[str, Any] = {"channels": {"sms": world.pager()}}
            match name:
                case "channel":
                    given["channels"] = {"sms": hang}
                case "directory":
                    given["directory"] = bent_one(Directory(), "contacts", hang)
                case "authoriser":
                    given["authoriser"] = bent_one(Authoriser(), "may", hang)
                case "observer":
                    given["plugins"] = [observing("incidentkit_on_committed", hang)]
                case _:
                    given["sources"] = [bent_one(Source(), "parse", hang)]
            stuck = here.desk(policy=jobs.POLICY, **given)
            other = here.desk(policy=jobs.POLICY, channels={"sms": world.pager()})
            _ = other.declare("First")

            refusals: list[Exception] = []

            def suffer(
                stuck: Any = stuck, name: str = name, refusals: list[Exception] = refusals
            ) -> None:
                if name == "source":
                    _ = stuck.receive("feed", b"{}")
                    return
                try:
                    _ = stuck.declare("Down", **jobs.URGENT)
                    _ = stuck.run_due()
                except Exception as error:
                    refusals.append(error)

            thread = threading.Thread(target=suffer)
            thread.start()
            found.expect(entered.wait(20), f"{name}: was never called")
            for number in range(n):
                began = time.monotonic()
                _ = other.declare(f"Meanwhile {number}")
                slowest = max(slowest, time.monotonic() - began)
            found.expect(thread.is_alive(), f"{name}: it did not hang")
            free.set()
            thread.join(20)
            found.expect(not thread.is_alive(), f"{name}: the caller never came back")
            found.expect(other.count() >= n + 1, f"{name}: {other.count()} incidents")
            found.expect(not other.verify().problems, f"{name}: the journal is broken")
            stuck.disconnect()
            other.disconnect()
    found.expect(slowest < 5.0, f"a bystander waited {slowest:.1f} s")
    return found.outcome(n * len(where), slowest_bystander_ms=round(1000 * slowest, 1))


def bent_one(thing: Any, method: str, bad: Bad) -> Any:
    """The thing with one method of it misbehaving."""
    setattr(thing, method, bad)
    return thing


EXPERIMENTS = (
    Experiment(
        "E33",
        "plugins that raise in each hook",
        "the others run, the stored result is as without it",
        plugins_that(ERRORS),
        short=1,
        full=len(ERRORS),
    ),
    Experiment(
        "E34",
        "plugins that exit, recurse without end or run out of memory",
        "the process lives, the others run, the stored result is as without it",
        plugins_that(EXITS),
        short=1,
        full=len(EXITS),
    ),
    Experiment(
        "E35",
        "plugins that hang",
        "whoever does not call the plugin is not kept waiting",
        hanging,
        short=3,
        full=200,
    ),
    Experiment(
        "E36",
        "plugins that answer rubbish",
        "the stored result is as without it",
        plugins_that(RUBBISH),
        short=2,
        full=len(RUBBISH),
    ),
)
