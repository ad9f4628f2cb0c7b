"""Sealing and verifying: a journal row cannot be changed unseen.

Guarded here: each way of tampering with a real SQLite file is found, by the chain itself, by a seal
or by the head that was anchored outside; and what is redacted still verifies.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest

from incidentkit import ManualTime
from incidentkit.codec.chain import digest, link
from incidentkit.ids import MAIN_TENANT
from incidentkit.ports.rows import Batch, Entry, Put, Ref
from tests.acceptance.both import plainly
from tests.flows import world
from tests.flows.stories import varied

Open = Callable[..., Any]


class Notary:
    """An anchor that keeps the last head."""

    name = "notary"

    def __init__(self) -> None:
        self.kept: dict[str, tuple[int, str]] = {}

    def keep(self, tenant: str, seq: int, head: str) -> None:
        self.kept[tenant] = (seq, head)

    def latest(self, tenant: str) -> tuple[int, str] | None:
        return self.kept.get(tenant)


class Sealed:
    """A file with one incident of six entries, sealed twice and let go of."""

    def __init__(self, open_desk: Open, path: Path) -> None:
        self.open_desk, self.path, self.notary = open_desk, path, Notary()
        desk = self.desk()
        self.inc = desk.declare("Down")
        desk.note(self.inc, "first")
        desk.seal()
        desk.note(self.inc, "second")
        desk.note(self.inc, "third")
        desk.seal()
        self.last = desk.incident(self.inc).version
        desk.disconnect()
        self.stream = f"incident/{self.inc.id}"

    def desk(self) -> Any:
        return self.open_desk(f"sqlite:///{self.path}", anchors=[self.notary])

    def edit(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.path)) as db, db:
            for statement in statements:
                text = statement.format(
                    stream=f"stream = '{self.stream}'", last=self.last, id=self.inc.id
                )
                assert db.execute(text).rowcount > 0, text

    def problems(self) -> tuple[str, ...]:
        desk = self.desk()
        verified = desk.verify()
        desk.disconnect()
        assert verified.anchored
        found: tuple[str, ...] = verified.problems
        return found


@pytest.fixture
def sealed(open_desk: Open, tmp_path: Path) -> Sealed:
    return Sealed(open_desk, tmp_path / "i.db")


def test_what_nobody_touched_is_clean(sealed: Sealed) -> None:
    desk = sealed.desk()
    verified = desk.verify()
    assert (verified.problems, verified.anchored, verified.seals) == ((), True, 2)
    assert verified.streams == 2, "the incident and the adopted policy"
    assert verified.entries == sealed.last + 1
    desk.note(sealed.inc, "after the seal")
    assert desk.verify().problems == ()


TAMPERING = {
    "edited body": ["UPDATE journal SET body = replace(body, 'first', 'FIRST') WHERE {stream}"],
    "edited salt": ["UPDATE journal SET salt = '00' WHERE {stream} AND seq = 2"],
    "edited time": ["UPDATE journal SET at = at + 1 WHERE {stream} AND seq = 2"],
    "edited kind": ["UPDATE journal SET kind = 'closed' WHERE {stream} AND seq = 2"],
    "deleted entry": ["DELETE FROM journal WHERE {stream} AND seq = 2"],
    "deleted first entry": ["DELETE FROM journal WHERE {stream} AND seq = 1"],
    "swapped entries": [
        "UPDATE journal SET seq = 1000 WHERE {stream} AND seq = 2",
        "UPDATE journal SET seq = 2 WHERE {stream} AND seq = 3",
        "UPDATE journal SET seq = 3 WHERE {stream} AND seq = 1000",
    ],
    "cut tail": ["DELETE FROM journal WHERE {stream} AND seq = {last}"],
    "cut tail and head put back": [
        """
        UPDATE record_incident SET version = {last} - 1, head =
        (SELECT hash FROM journal WHERE {stream} AND seq = {last} - 1) WHERE id = '{id}'
        """,
        "DELETE FROM journal WHERE {stream} AND seq = {last}",
    ],
    "deleted record": ["DELETE FROM record_incident WHERE id = '{id}'"],
    "deleted record and entries": [
        "DELETE FROM record_incident WHERE id = '{id}'",
        "DELETE FROM journal WHERE {stream}",
    ],
    "changed head": ["UPDATE record_incident SET head = 'ffff' WHERE id = '{id}'"],
    "deleted seal": ["DELETE FROM journal WHERE stream = 'seal/seal' AND seq = 1"],
    "cut seals": [
        "DELETE FROM journal WHERE stream = 'seal/seal' AND seq = 2",
        """
        UPDATE record_seal SET version = 1, head =
        (SELECT hash FROM journal WHERE stream = 'seal/seal' AND seq = 1)
        """,
    ],
    "no seals at all": [
        "DELETE FROM journal WHERE stream = 'seal/seal'",
        "DELETE FROM record_seal",
    ],
}


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_is_found(sealed: Sealed, name: str) -> None:
    sealed.edit(*TAMPERING[name])
    problems = sealed.problems()
    assert len(problems) == 1, problems
    place = "seal/seal" if "seal" in name else sealed.stream
    assert problems[0].startswith(place)


def test_a_rewritten_store_contradicts_the_anchor(
    open_desk: Open, sealed: Sealed, tmp_path: Path
) -> None:
    kept = dict(sealed.notary.kept)
    other = Sealed(open_desk, tmp_path / "other.db")
    assert other.problems() == ()
    other.notary.kept = kept
    (problem,) = other.problems()
    assert problem == "seal/seal#2: not the head that was kept"


def test_without_an_anchor_it_says_so(open_desk: Open, sealed: Sealed) -> None:
    desk = open_desk(f"sqlite:///{sealed.path}")
    assert (desk.verify().anchored, desk.verify().problems) == (False, ())


def test_an_anchor_that_fails_is_a_fault_and_no_proof(open_desk: Open) -> None:
    class Broken(Notary):
        def keep(self, tenant: str, seq: int, head: str) -> None:
            raise OSError("the notary is closed")

        def latest(self, tenant: str) -> Any:
            return "rubbish"

    desk = open_desk("memory:", anchors=[Broken()])
    desk.declare("Down")
    desk.seal()
    assert desk.verify().anchored is False
    assert [(fault.plugin, fault.hook) for fault in desk.faults] == [("notary", "keep")]


def test_what_is_redacted_still_verifies(open_desk: Open, url: str) -> None:
    notary = Notary()
    desk = open_desk(url, anchors=[notary])
    inc = desk.declare("Down")
    version = desk.note(inc, "a name that must go").version
    desk.seal()
    asked = desk.ports.store.redact(MAIN_TENANT, f"incident/{inc.id}", [version])
    assert plainly(desk, asked) == 1
    assert desk.verify().problems == ()
    entry = desk.journal(inc)[-1]
    assert (entry.seq, entry.recorded) == (version, None)
    assert "must go" not in "\n".join(map(str, desk.timeline(inc)))
    desk.note(inc, "life goes on")
    desk.seal()
    assert desk.verify().problems == ()


def test_a_long_story_is_clean_and_sealing_again_adds_only_what_changed(
    open_desk: Open, url: str
) -> None:
    desk = varied(open_desk, url, anchors=[Notary()])
    for _ in range(2):
        desk.seal()
        desk.ports.time.move(hours=1)
    verified = desk.verify()
    assert (verified.problems, verified.seals, verified.anchored) == ((), 2, True)
    assert verified.streams > 20
    desk.note("INC-2", "one more")
    desk.seal()
    sync = desk.deliveries("INC-2")[-1]
    event: Any = world.entries(desk, "seal", "seal")[-1].recorded
    assert {head.partition("#")[0] for head in event.event.heads} == {
        f"incident/{desk.incident('INC-2').id}",
        f"delivery/{sync.id}",
    }


def test_a_journal_of_more_than_a_page_is_checked_to_its_end(open_desk: Open) -> None:
    desk = open_desk("memory:", time=ManualTime())
    inc = desk.declare("Down")
    for n in range(1_005):
        desk.note(inc, f"{n}")
    assert len(desk.journal(inc)) == desk.incident(inc).version > 1_005
    verified = desk.verify()
    assert (verified.problems, verified.entries) == ((), desk.incident(inc).version + 1)


def test_what_is_chained_but_cannot_be_read_is_found(open_desk: Open, tmp_path: Path) -> None:
    """A store of one's own, or a tool, may have written nonsense whose hashes are right."""
    sealed = Sealed(open_desk, tmp_path / "incidents.db")
    desk = sealed.desk()
    (before,) = desk.ports.store.journal(MAIN_TENANT, sealed.stream, sealed.last - 1, 1)
    (row,) = desk.ports.store.load(MAIN_TENANT, [Ref("incident", str(sealed.inc.id))])
    seq, body = sealed.last + 1, '{"by":"x","event":{"text":5,"to":""}}'
    content = digest("0" * 32, body)
    hash_ = link(before.hash, sealed.stream, seq, before.at, "noted", content)
    bad = Entry(sealed.stream, seq, before.at, "noted", body, "0" * 32, content, hash_)
    put = Put(attrs.evolve(row, version=seq, head=hash_), sealed.last)
    desk.ports.store.commit(Batch(MAIN_TENANT, puts=(put,), entries=(bad,)))
    (problem,) = desk.verify().problems
    assert problem.startswith(f"{sealed.stream}#{seq}: ")
    assert "$.event.text" in problem
