"""E49: six attacks on the journal, by somebody who may write to the database as they like."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeAlias

from incidentkit import Desk
from incidentkit.codec.chain import GENESIS, digest, link
from incidentkit.ids import MAIN_TENANT
from tests.desk.test_audit import Notary
from tests.proof import postgres
from tests.proof.experiment import Experiment, Findings, Outcome
from tests.proof.places import POSTGRES, Place, file_of

INCIDENTS, NOTES = 12, 6
Db: TypeAlias = Any
"""A connection whose SQL is written as for SQLite."""
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
    if isinstance(db, Server):
        _ = db.execute("UPDATE ik_stream SET seq = ? WHERE stream = ?", (seq, stream))


ATTACKS: tuple[Callable[[Db, Target, random.Random], str], ...] = (
    edit,
    delete,
    swap,
    insert,
    cut_tail,
    rewrite,
)


# --- where they are done --------------------------------------------------------------------------


class Server:
    """A connection to PostgreSQL that takes the SQL of the attacks, and no reference stops."""

    def __init__(self, db: Any) -> None:
        self.db = db
        db.execute("SET session_replication_role = replica")

    def execute(self, text: str, values: tuple[Any, ...] = ()) -> Any:
        """SQL as it is written for SQLite."""
        for word in ("journal", "record_"):
            text = text.replace(f" {word}", f" ik_{word}")
        return self.db.execute(text.replace("?", "%s"), values)


class File:
    """A file whose copies are attacked."""

    def __init__(self, place: Place) -> None:
        self._source = file_of(place)
        self._copy = place.folder / "copy.db"
        self.url = f"sqlite:///{self._copy}"
        self.put_back()

    @contextmanager
    def attacked(self) -> Iterator[Db]:
        """A connection whose changes are kept."""
        with closing(sqlite3.connect(self._copy)) as db, db:
            yield db

    def put_back(self) -> None:
        """As nobody had touched it."""
        for beside in self._copy.parent.glob(f"{self._copy.name}*"):
            beside.unlink()
        _ = shutil.copyfile(self._source, self._copy)


class Database:
    """A database that is put back after each attack."""

    def __init__(self, place: Place) -> None:
        self.url = place.url
        self._kept = postgres.Kept(place.url)

    @contextmanager
    def attacked(self) -> Iterator[Db]:
        """A connection whose changes are kept."""
        import psycopg

        with psycopg.connect(self.url) as db:
            yield Server(db)

    def put_back(self) -> None:
        """As nobody had touched it."""
        self._kept.put_back()


def tampering(n: int, place: Place, seed: int) -> Outcome:
    """n tamperings: each attack on random rows of a sealed store whose head is anchored outside."""
    found, chance, notary = Findings(), random.Random(seed), Notary()
    with place.desk(anchors=[notary], channels={"sms": lambda message: None}) as desk:
        for number in range(INCIDENTS):
            one = desk.declare(f"Down {number}", impact="high", urgency="high", assign="ana")
            for note in range(NOTES):
                _ = desk.note(one, f"note {number} {note}")
            if number % 4 == 3:
                desk.seal()
        found.expect(not desk.verify().problems, "a store that nobody touched is found bad")
    target_of: File | Database = Database(place) if place.name == POSTGRES else File(place)
    with target_of.attacked() as db:
        ends = db.execute(
            "SELECT stream, max(seq) FROM journal WHERE substr(stream, 1, 9) = 'incident/' "
            "GROUP BY stream ORDER BY stream"
        ).fetchall()
    caught: dict[str, int] = {}
    named = 0
    for trial in range(n):
        attack = ATTACKS[trial % len(ATTACKS)]
        stream, last = chance.choice(ends)
        target = (stream, chance.randint(2, last - 2), last)
        target_of.put_back()
        with target_of.attacked() as db:
            place_of = attack(db, target, chance)
        with Desk.open(target_of.url, entry_points=False, anchors=[notary]) as desk:
            verified = desk.verify()
        where = f"{attack.__name__} at {target}"
        if found.expect(verified.problems and verified.anchored, f"{where}: was not found"):
            caught[attack.__name__] = caught.get(attack.__name__, 0) + 1
            said = verified.problems[0].partition(":")[0]
            right = said == place_of if "#" in place_of else said.startswith(place_of)
            named += right
            found.expect(right, f"{where}: it named {verified.problems[0]}")
    return found.outcome(n, found=caught, first_bad_row_named=named)


EXPERIMENTS = (
    Experiment(
        "E49",
        "6 attacks on the journal: edit, delete, swap, insert, cut tail, rewrite",
        "all found against the seals and the anchored head; the first bad row is named",
        tampering,
        short=36,
        full=1_200,
        stores=("sqlite", POSTGRES),
    ),
)
