"""The rig itself: a checker that finds nothing, or a trap that never shuts, would prove nothing."""

from __future__ import annotations

import json
import random
import smtplib
import socket
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incidentkit import MemoryStore, Message, MessageKind, Retry, Sent
from incidentkit.errors import Retryable
from incidentkit.ids import TenantName
from incidentkit.ports.rows import Batch, Put, Ref, Row
from tests.proof import appending, failpoints
from tests.proof.__main__ import main
from tests.proof.cutting import CuttingProxy
from tests.proof.experiment import Experiment, Outcome, bound
from tests.proof.histories import Done, check
from tests.proof.moving import SharedTime
from tests.proof.places import place
from tests.proof.posting import Mailer, Poster
from tests.proof.receivers import HttpTrap, SmtpTrap

MESSAGE = Message("k1", MessageKind.PAGE, "sms", "ana", "+49", "Disk full", "", "INC-1", "P1")


# --- the checker ----------------------------------------------------------------------------------

T = Done
SOUND = (
    T(1, reads=(("x", ()),), appends=(("x", "1"),)),
    T(2, reads=(("x", ("1",)), ("y", ())), appends=(("y", "2"),)),
    T(3, reads=(("x", ("1",)), ("y", ("2",)))),
    T(4, appends=(("x", "4"),), held=False),
    T(5, appends=(("x", "5"),), held=None),
)
PLANTED = {
    "G0": (
        T(1, appends=(("x", "1"), ("y", "1"))),
        T(2, appends=(("x", "2"), ("y", "2"))),
        T(3, reads=(("x", ("1", "2")), ("y", ("2", "1")))),
    ),
    "G1a": (T(1, appends=(("x", "1"),), held=False), T(2, reads=(("x", ("1",)),))),
    "G1b": (
        T(1, appends=(("x", "1"), ("x", "1b"))),
        T(2, reads=(("x", ("1",)),)),
        T(3, reads=(("x", ("1", "1b")),)),
    ),
    "G1c": (
        T(1, reads=(("y", ("2",)),), appends=(("x", "1"),)),
        T(2, reads=(("x", ("1",)),), appends=(("y", "2"),)),
    ),
    "lost update": (
        T(1, reads=(("x", ()),), appends=(("x", "1"),)),
        T(2, reads=(("x", ()),), appends=(("x", "2"),)),
    ),
    "G2": (
        T(1, reads=(("x", ()), ("y", ())), appends=(("x", "1"),)),
        T(2, reads=(("x", ()), ("y", ())), appends=(("y", "2"),)),
        T(3, reads=(("x", ("1",)), ("y", ("2",)))),
    ),
}


def test_a_sound_history_is_sound() -> None:
    assert check(SOUND, {"x": ("1",), "y": ("2",)}) == ()
    assert check(SOUND, {"x": ("1", "5"), "y": ("2",)}) == ()


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_anomaly_is_found(name: str) -> None:
    assert name in {each.name for each in check(PLANTED[name])}


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("lost", {"x": (), "y": ("2",)}),
        ("duplicate", {"x": ("1", "1"), "y": ("2",)}),
        ("garbage", {"x": ("1", "?"), "y": ("2",)}),
        ("incompatible order", {"x": ("5", "1"), "y": ("2",)}),
        ("G1a", {"x": ("1", "4"), "y": ("2",)}),
    ],
)
def test_a_wrong_end_is_found(name: str, last: dict[str, tuple[str, ...]]) -> None:
    assert name in {each.name for each in check(SOUND, last)}


def test_half_of_an_unanswered_transaction_is_found() -> None:
    history = (T(1, appends=(("x", "1"), ("y", "1")), held=None),)
    assert [each.name for each in check(history, {"x": ("1",)})] == ["half-written"]
    assert check(history, {"x": ("1",), "y": ("1",)}) == check(history, {}) == ()


class Forgetful:
    """A store that forgets what was read: it commits whatever stands there now."""

    def __init__(self) -> None:
        self.inner = MemoryStore()
        self.inner.declare([appending.LISTS])

    def load(self, tenant: TenantName, refs: list[Ref]) -> tuple[Row | None, ...]:
        return self.inner.load(tenant, refs)

    def commit(self, batch: Batch) -> object:
        now = self.inner.load(batch.tenant, [Ref("list", put.row.id) for put in batch.puts])
        puts = [
            Put(Row("list", p.row.id, v + 1, 1, "h", (), p.row.body), v)
            for p, v in (
                (p, 0 if r is None else r.version) for p, r in zip(batch.puts, now, strict=True)
            )
        ]
        return self.inner.commit(Batch(batch.tenant, puts=tuple(puts)))


def test_a_store_that_loses_updates_is_caught_by_a_history() -> None:
    store, history = Forgetful(), list[Done]()
    lock = threading.Lock()

    def done(one: Done) -> None:
        with lock:
            history.append(one)

    chances = [random.Random(n) for n in range(2)]
    for number in range(40):
        # Two at once, step by step: both read, then both write.
        loads: list[Done] = []
        inner = store.inner
        frozen = {f"k{n}": inner.load(appending.MAIN, [Ref("list", f"k{n}")])[0] for n in range(2)}

        class Old:
            def load(self, tenant: TenantName, refs: list[Ref]) -> tuple[Row | None, ...]:
                return tuple(frozen[ref.id] for ref in refs)  # noqa: B023

            commit = store.commit

        for which in (0, 1):
            one, _ = appending.transaction(Old(), chances[which], 2 * number + which, 2)  # type: ignore[arg-type]
            loads.append(one)
        for one in loads:
            done(one)
    names = {each.name for each in check(history, appending.last_of(store.inner, 2))}
    assert names & {"lost update", "lost"}


# --- failpoints, time, traps, the proxy -----------------------------------------------------------


def test_a_failpoint_acts_before_or_after_the_call() -> None:
    for when, there in ((failpoints.BEFORE, 0), (failpoints.AFTER, 1)):
        store = failpoints.Failing(MemoryStore(), 2, when, failpoints.lose, {"numbers", "commit"})
        store.declare([appending.LISTS])
        store.numbers(appending.MAIN, "n", 1)
        row = Row("list", "k", 1, 1, "h", (), "[]")
        with pytest.raises(Retryable):
            store.commit(Batch(appending.MAIN, puts=(Put(row, 0),)))
        found = store.load(appending.MAIN, [Ref("list", "k")])
        assert len([each for each in found if each]) == there
        assert store.seen == ["numbers", "commit"]


def test_a_moved_time_is_seen_by_all(tmp_path: Path) -> None:
    one = SharedTime(tmp_path / "time", datetime(2026, 1, 5, tzinfo=UTC))
    other = SharedTime(tmp_path / "time")
    one.move(hours=2)
    assert other.now() == one.now() == datetime(2026, 1, 5, 2, tzinfo=UTC)
    one.close()
    other.close()


def test_an_http_trap_answers_as_it_is_told() -> None:
    with HttpTrap() as trap:
        trap.plan = ["ok", "500", "429", "reset", "hang"]
        post = Poster(trap.port, timeout=0.3)
        assert isinstance(post(MESSAGE), Sent)
        assert str(post(MESSAGE)) == str(Retry("status 500"))
        slow = post(MESSAGE)
        assert isinstance(slow, Retry)
        assert slow.after is not None
        for _ in range(2):
            with pytest.raises(OSError):
                post(MESSAGE)
        assert trap.keys == ["k1"] * 5
        post.close()


def test_an_smtp_trap_answers_as_it_is_told() -> None:
    with SmtpTrap() as trap:
        trap.plan = ["ok", "500", "429", "reset"]
        mail = Mailer(trap.port)
        assert isinstance(mail(MESSAGE), Sent)
        for code in (550, 451):
            with pytest.raises(smtplib.SMTPDataError) as caught:
                mail(MESSAGE)
            assert caught.value.smtp_code == code
        with pytest.raises(OSError):
            mail(MESSAGE)
        assert trap.keys == ["k1"] * 4


def echoing(server: socket.socket, seen: list[bytes]) -> None:
    """Answer each line with `done`."""
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        with client, client.makefile("rb") as lines:
            for line in lines:
                seen.append(line)
                client.sendall(b"done\n")


def test_the_proxy_cuts_between_the_deed_and_the_answer() -> None:
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=echoing, args=(server, seen), daemon=True).start()
        proxy = CuttingProxy(server.getsockname())
        with socket.create_connection(proxy.address) as client:
            client.sendall(b"BEGIN\n")
            assert client.recv(10) == b"done\n"
            proxy.arm(b"COMMIT")
            client.sendall(b"INSERT\n")
            assert client.recv(10) == b"done\n"
            client.sendall(b"COMMIT\n")
            with pytest.raises(ConnectionError):
                client.recv(10)
        assert seen == [b"BEGIN\n", b"INSERT\n", b"COMMIT\n"]
        assert proxy.cuts == 1
        with socket.create_connection(proxy.address) as client:
            client.sendall(b"COMMIT\n")
            assert client.recv(10) == b"done\n"
        proxy.close()
        server.shutdown(socket.SHUT_RDWR)


# --- the report -----------------------------------------------------------------------------------


def test_what_fails_is_said_to_fail() -> None:
    bad = Experiment("X", "x", "x", lambda n, here, seed: Outcome(n, ("it broke",)), 3, 3)
    with place("sqlite") as here:
        said = bad.conducted(here, 3, 1)
    assert (said["passed"], said["failures"], said["bound"]) == (False, 1, None)
    assert bound(1_000, 0) == 0.003
    nothing = Experiment("X", "x", "x", lambda n, here, seed: Outcome(0), 3, 3)
    with place("sqlite") as here:
        assert not nothing.conducted(here, 3, 1)["passed"], "no trial proves nothing"


def test_one_command_writes_one_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "proof.json"
    assert main(["--only", "E12", "--store", "sqlite", "--n", "50", "--out", str(out)]) == 0
    report = json.loads(out.read_text("utf-8"))
    assert {"machine", "versions", "seed", "full", "absent", "experiments"} == set(report)
    assert {"python", "sqlite", "psycopg", "incidentkit", "commit"} == set(report["versions"])
    (said,) = report["experiments"]
    assert (said["id"], said["store"], said["n"], said["passed"]) == ("E12", "sqlite", 50, True)
    assert said["bound"] == pytest.approx(0.06)
    with pytest.raises(SystemExit):
        main(["--only", "E0"])
