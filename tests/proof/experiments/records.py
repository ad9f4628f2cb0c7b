"""E49, E52, E53: tamperings with the journal, ids of forked processes, and wrong filters."""

from __future__ import annotations

import heapq
import inspect
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import pairwise
from pathlib import Path
from typing import Any

from incidentkit import Desk
from incidentkit.codec.chain import GENESIS, digest, link
from incidentkit.errors import CallerError
from incidentkit.ids import MAIN_TENANT
from incidentkit.ports.rows import Purged
from tests.desk.test_audit import Notary
from tests.proof import jobs
from tests.proof.experiment import Experiment, Findings, Outcome
from tests.proof.experiments.points import whole
from tests.proof.nursery import Nursery
from tests.proof.places import Place, file_of

INCIDENTS, NOTES = 12, 6
Db = sqlite3.Connection
Target = tuple[str, int, int]
"""A stream, a number in it, and the number of its last entry."""


def edit(db: Db, target: Target, chance: random.Random) -> str:
    """Change a letter of what was said; the row is the first bad one."""
    stream, seq, _ = target
    (body,) = db.execute(
        "SELECT body FROM journal WHERE stream = ? AND seq = ?", (stream, seq)
    ).fetchone()
    at = chance.randrange(len(body))
    other = "x" if body[at] != "x" else "y"
    changed = body[:at] + other + body[at + 1 :]
    _ = db.execute(
        "UPDATE journal SET body = ? WHERE stream = ? AND seq = ?", (changed, stream, seq)
    )
    return f"{stream}#{seq}"


def delete(db: Db, target: Target, chance: random.Random) -> str:
    """Take an entry out; the next one is the first bad row."""
    stream, seq, _ = target
    _ = db.execute("DELETE FROM journal WHERE stream = ? AND seq = ?", (stream, seq))
    return f"{stream}#{seq + 1}"


def swap(db: Db, target: Target, chance: random.Random) -> str:
    """Exchange an entry with its successor."""
    stream, seq, _ = target
    for was, becomes in ((seq, -1), (seq + 1, seq), (-1, seq + 1)):
        _ = db.execute(
            "UPDATE journal SET seq = ? WHERE stream = ? AND seq = ?", (becomes, stream, was)
        )
    return f"{stream}#{seq}"


def insert(db: Db, target: Target, chance: random.Random) -> str:
    """Put an entry between two, which are numbered anew; its own hash is right."""
    stream, seq, last = target
    for number in range(last, seq, -1):
        _ = db.execute(
            "UPDATE journal SET seq = seq + 1 WHERE stream = ? AND seq = ?", (stream, number)
        )
    before, at, kind, body = db.execute(
        "SELECT hash, at, kind, body FROM journal WHERE stream = ? AND seq = ?", (stream, seq)
    ).fetchone()
    content = digest("00" * 16, body)
    own = link(before, stream, seq + 1, at, kind, content)
    row = (MAIN_TENANT, stream, seq + 1, at, kind, body, "00" * 16, content, own)
    _ = db.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    return f"{stream}#{seq + 2}"


def cut_tail(db: Db, target: Target, chance: random.Random) -> str:
    """Drop the last entries and put the record's head and version back, as if never written."""
    stream, seq, _ = target
    _ = db.execute("DELETE FROM journal WHERE stream = ? AND seq > ?", (stream, seq))
    put_back(db, stream, seq)
    return stream


def rewrite(db: Db, target: Target, chance: random.Random) -> str:
    """Change an entry and make all hashes after it anew, the record's head too."""
    stream, seq, _ = target
    _ = edit(db, target, chance)
    (before,) = db.execute(
        "SELECT hash FROM journal WHERE stream = ? AND seq = ?", (stream, seq - 1)
    ).fetchone() or (GENESIS,)
    rows = db.execute(
        "SELECT seq, at, kind, body, salt FROM journal WHERE stream = ? AND seq >= ? ORDER BY seq",
        (stream, seq),
    ).fetchall()
    for number, at, kind, body, salt in rows:
        content = digest(salt, body)
        before = link(before, stream, number, at, kind, content)
        _ = db.execute(
            "UPDATE journal SET digest = ?, hash = ? WHERE stream = ? AND seq = ?",
            (content, before, stream, number),
        )
    put_back(db, stream, rows[-1][0])
    return stream


def put_back(db: Db, stream: str, seq: int) -> None:
    """Let the record stand where its journal now ends."""
    kind, _, id_ = stream.partition("/")
    (head,) = db.execute(
        "SELECT hash FROM journal WHERE stream = ? AND seq = ?", (stream, seq)
    ).fetchone()
    _ = db.execute(f"UPDATE record_{kind} SET version = ?, head = ? WHERE id = ?", (seq, head, id_))


ATTACKS: tuple[Callable[[Db, Target, random.Random], str], ...] = (
    edit,
    delete,
    swap,
    insert,
    cut_tail,
    rewrite,
)


def tampering(n: int, place: Place, seed: int) -> Outcome:
    """n tamperings: each attack on random rows of a sealed file whose head is anchored outside."""
    found, chance, notary = Findings(), random.Random(seed), Notary()
    with place.desk(anchors=[notary], channels={"sms": lambda message: None}) as desk:
        for number in range(INCIDENTS):
            one = desk.declare(f"Down {number}", impact="high", urgency="high", assign="ana")
            for note in range(NOTES):
                _ = desk.note(one, f"note {number} {note}")
            if number % 4 == 3:
                desk.seal()
        found.expect(not desk.verify().problems, "a file that nobody touched is found bad")
    source = file_of(place)
    with closing(sqlite3.connect(source)) as db:
        ends = db.execute(
            "SELECT stream, max(seq) FROM journal WHERE stream LIKE 'incident/%' GROUP BY 1"
        ).fetchall()
    caught: dict[str, int] = {}
    named = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy.db")
        for trial in range(n):
            attack = ATTACKS[trial % len(ATTACKS)]
            stream, last = chance.choice(ends)
            target = (stream, chance.randint(2, last - 2), last)
            _ = shutil.copyfile(source, copy)
            with closing(sqlite3.connect(copy)) as db, db:
                place_of = attack(db, target, chance)
            with Desk.open(f"sqlite:///{copy}", entry_points=False, anchors=[notary]) as desk:
                verified = desk.verify()
            for beside in folder_of(copy):
                beside.unlink()
            where = f"{attack.__name__} at {target}"
            if found.expect(verified.problems and verified.anchored, f"{where}: was not found"):
                caught[attack.__name__] = caught.get(attack.__name__, 0) + 1
                said = verified.problems[0].partition(":")[0]
                right = said == place_of if "#" in place_of else said.startswith(place_of)
                named += right
                found.expect(right, f"{where}: it named {verified.problems[0]}")
    return found.outcome(n, found=caught, first_bad_row_named=named)


def folder_of(file: Path) -> Iterator[Path]:
    """The copy and what lies beside it."""
    return file.parent.glob(f"{file.name}*")


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
        "E49",
        "6 attacks on the journal: edit, delete, swap, insert, cut tail, rewrite",
        "all found against the seals and the anchored head; the first bad row is named",
        tampering,
        short=36,
        full=1_200,
    ),
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
