"""E52, E53: ids of forked processes, and wrong filters."""

from __future__ import annotations

import heapq
import inspect
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

from incidentkit import Desk
from incidentkit.errors import CallerError
from incidentkit.ids import MAIN_TENANT
from incidentkit.ports.rows import Purged
from tests.proof import jobs
from tests.proof.experiment import Experiment, Findings, Outcome
from tests.proof.experiments.points import whole
from tests.proof.nursery import Nursery
from tests.proof.places import Place

# --- E52 ------------------------------------------------------------------------------------------

PROCESSES = 8


def ids(n: int, place: Place, seed: int) -> Outcome:
    """n ids by 8 processes forked from one maker; on the way the clock is set back by a second."""
    found = Findings()
    share = n // PROCESSES
    with Nursery() as nursery, tempfile.TemporaryDirectory() as folder:
        logs = [str(Path(folder, str(k))) for k in range(PROCESSES)]
        workers = [nursery.start("numbering", log=log, count=share) for log in logs]
        salts: list[str] = []
        for worker in workers:
            status = worker.wait(timeout=120 + n / 10_000)
            found.expect(status == 0, f"a process ended with {status}")
            for words in worker.lines():
                if words[0] == "rising":
                    found.expect(words[1] == "1", "ids of one process did not rise")
                else:
                    salts += words[1:]
        counted, duplicates = 1, 0
        with ExitStack() as stack:
            files = [stack.enter_context(Path(f"{log}.ids").open(encoding="ascii")) for log in logs]
            for first, second in pairwise(heapq.merge(*files)):
                counted += 1
                duplicates += first == second
    found.expect(counted == share * PROCESSES, f"there are {counted} ids")
    found.expect(not duplicates, f"{duplicates} ids came twice")
    twice = len(salts) - len(set(salts))
    found.expect(not twice, f"{twice} salts came twice")
    return found.outcome(counted, duplicates=duplicates, salts=len(salts), salts_twice=twice)


# --- E53 ------------------------------------------------------------------------------------------

WRONG: tuple[dict[str, Any], ...] = (
    {"nothing": "x"},
    {"state": "no such state"},
    {"active": "perhaps"},
    {"ref": 5},
    {"limit": 0},
    {"limit": 10**9},
    {"order": "body"},
    {"after": "here"},
    {"": ""},
)


def wrong_filters(n: int, place: Place, seed: int) -> Outcome:
    """Empty and wrong filters for whatever takes one; and that nothing that takes one writes."""
    found = Findings()
    trials = 0
    with jobs.opened(place.url) as desk:
        for number in range(5):
            _ = desk.declare(f"Down {number}", **jobs.URGENT)
        store = desk.ports.store
        before = whole(store)
        filtering = [
            name
            for name in dir(Desk)
            if not name.startswith("_")
            and callable(getattr(Desk, name))
            and any(
                p.kind is p.VAR_KEYWORD
                for p in inspect.signature(getattr(Desk, name)).parameters.values()
            )
            and name != "open"
        ]
        for name in filtering:
            for filters in (*WRONG, {}, {"state": ()}, {"state": ("new", "closed")}):
                trials += 1
                given = ("incident",) if name == "find_records" else ()
                try:
                    _ = getattr(desk, name)(*given, **filters)
                    wrong = filters in WRONG and not {"state", "limit"} & set(filters)
                    found.expect(not wrong, f"{name}({filters}) was taken")
                except (CallerError, TypeError):
                    pass
                except Exception as error:
                    found.problems.append(f"{name}({filters}): {error!r}")
                found.expect(whole(store) == before, f"{name}({filters}) changed something")
        stream = f"incident/{desk.incident('INC-1').id}"
        emptied: dict[str, tuple[Callable[[], object], object]] = {
            "purge nothing": (lambda: store.purge(MAIN_TENANT, 0), Purged(0, 0)),
            "purge no streams": (lambda: store.purge(MAIN_TENANT, 1, ()), Purged(0, 0)),
            "purge unknown": (lambda: store.purge(MAIN_TENANT, 2**60, ("x/y",)).entries, 0),
            "redact nothing": (lambda: store.redact(MAIN_TENANT, stream, ()), 0),
            "redact beyond": (lambda: store.redact(MAIN_TENANT, stream, (10**6,)), 0),
            "settle nothing": (lambda: store.settle(MAIN_TENANT, ()), ()),
            "extend nothing": (lambda: store.extend(MAIN_TENANT, (), 1), ()),
        }
        for name, (call, wanted) in emptied.items():
            trials += 1
            given_ = call()
            found.expect(given_ == wanted, f"{name} gave {given_}")
            found.expect(whole(store) == before, f"{name} changed something")
        for seqs in ((), (0,), (-1,), (10**6,), ("1",)):
            trials += 1
            try:
                _ = desk.redact("INC-1", seqs, reason="x")  # type: ignore[arg-type]
                found.problems.append(f"redact({seqs}) was taken")
            except CallerError:
                pass
            found.expect(whole(store) == before, f"redact({seqs}) changed something")
        found.expect(not desk.verify().problems, "the journal is broken")
    return found.outcome(trials, methods_with_filters=filtering)


EXPERIMENTS = (
    Experiment(
        "E52",
        "ids by 8 forked processes, the clock set back by a second",
        "0 duplicates, rising within each process, no salt twice",
        ids,
        short=16_000,
        full=10_000_000,
    ),
    Experiment(
        "E53",
        "empty and wrong filters",
        "nothing changes; what takes a filter never writes",
        wrong_filters,
        short=1,
        full=1,
    ),
)
