"""The Django app as a project uses it: its transactions, checks, admin, worker and tests."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import unittest
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import pytest

pytest.importorskip("django")

from incidentkit import MessageKind, hookimpl
from incidentkit.errors import CannotJoin, Conflict, NotJoined, Retryable, StoreClosed, StoreError
from incidentkit.ids import TenantName
from incidentkit.ports.join import SupportsJoin
from incidentkit.ports.rows import Batch, Put, Row
from tests.hosts import project
from tests.hosts.projects import migrated

project.set_up()

from django.contrib.auth.models import Group, User
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client, TestCase, override_settings
from incidentkit_django import desk, joined
from incidentkit_django.store import DjangoStore

MAIN = TenantName("main")


class Told:
    def __init__(self) -> None:
        self.kinds: list[str] = []

    @hookimpl
    def incidentkit_on_committed(self, change: Any) -> None:
        self.kinds += [kind for record in change.records for kind in record.events]


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture(params=["sqlite", "postgres"])
def site(request: pytest.FixtureRequest, tmp_path: Path, told: Told) -> Iterator[str]:
    """A migrated project whose tickets are Django's groups."""
    uri = None if request.param == "sqlite" else request.getfixturevalue("server")
    pages = {"sms": lambda message: None}
    with migrated(request.param, tmp_path, uri, PLUGINS=[told], CHANNELS=pages):
        desk().declare("An earlier one")
        told.kinds.clear()
        yield str(request.param)


def notes() -> list[str]:
    found = [line.text for line in desk().timeline("INC-1") if line.kind == "noted"]
    return [text.partition(": ")[2] for text in found]


def raw(name: str, expected: int) -> Batch:
    row = Row("capture", name, expected + 1, 1, "h", ("generic", 0), "{}")
    return Batch(MAIN, puts=(Put(row, expected),))


# --- transactions ---------------------------------------------------------------------------------


def test_ticket_and_incident_are_one_transaction(site: str, told: Told) -> None:
    ana = User.objects.create(username="ana")
    told.kinds.clear()
    with transaction.atomic():
        Group.objects.create(name="ticket 1")
        with joined(ana) as inside:
            inc = inside.declare("No mail", impact="high", urgency="high", assign="ana")
            inside.start(inc)
            assert inside.incident(inc).people.assignee == "ana"
        assert told.kinds == []
    assert {"declared", "started"} <= set(told.kinds)
    assert str(desk().timeline("INC-2")[0]).split()[2] == "ana"
    desk().run_due()
    assert [x.party for x in desk().deliveries("INC-2")] == ["ana"]
    assert desk().verify().problems == ()


def test_a_rollback_leaves_nothing_and_nobody_hears(site: str, told: Told) -> None:
    def broken() -> None:
        with transaction.atomic():
            Group.objects.create(name="ticket 1")
            with joined() as inside:
                inside.resolve("INC-1", code="fixed", remedy="restarted", by="ana")
                inside.declare("Another")
            raise ZeroDivisionError

    before = desk().journal("INC-1")
    with pytest.raises(ZeroDivisionError):
        broken()
    assert told.kinds == []
    assert not Group.objects.exists()
    assert desk().journal("INC-1") == before
    assert desk().count() == 1
    desk().start("INC-1", by="ana")
    assert desk().declare("Another").ref == "INC-2"
    assert desk().verify().problems == ()


def test_of_an_inner_block_that_was_rolled_back_nobody_hears(site: str, told: Told) -> None:
    def broken(inside: Any) -> None:
        with transaction.atomic():
            inside.note("INC-1", "never said")
            raise ZeroDivisionError

    with transaction.atomic(), joined("ana") as inside:
        with pytest.raises(ZeroDivisionError):
            broken(inside)
        inside.note("INC-1", "said")
        with pytest.raises(CannotJoin, match="still open"):
            inside.committed()
    assert told.kinds == ["noted"]
    inside.committed()
    assert told.kinds == ["noted"]
    assert notes() == ["said"]


def test_a_commit_inside_a_transaction_it_was_not_told_of_is_refused(site: str) -> None:
    with transaction.atomic():
        # Looking is allowed, and sees what the project sees.
        assert [x.ref for x in desk().find().items] == ["INC-1"]
        with pytest.raises(NotJoined, match=r"desk\.using"):
            desk().note("INC-1", "could be rolled back")
        with pytest.raises(NotJoined):
            desk().run_due()
        # The refusal leaves the transaction usable.
        Group.objects.create(name="ticket 1")
    assert Group.objects.count() == 1
    assert notes() == []


def test_a_refusal_inside_leaves_the_transaction_usable(site: str) -> None:
    with transaction.atomic():
        Group.objects.create(name="ticket 1")
        with joined("ana") as inside:
            store = inside.ports.store
            store.commit(raw("c", 0))
            with pytest.raises(Conflict) as refused:
                store.commit(raw("c", 7))
            assert refused.value.found == (("capture", "c", 1),)
            inside.note("INC-1", "said")
        Group.objects.create(name="ticket 2")
    assert Group.objects.count() == 2
    assert notes() == ["said"]


def test_only_an_open_transaction_of_the_right_database_is_joined(site: str) -> None:
    with pytest.raises(CannotJoin, match="atomic"), joined():
        pass
    project.use("another", project.sqlite(Path()))
    for wrong in (connections["another"], object()):
        with pytest.raises(CannotJoin, match="'default'"), desk().using(wrong):
            pass
    inside = joined()
    with transaction.atomic(), inside:
        pass
    with transaction.atomic(), pytest.raises(StoreClosed):
        inside.note("INC-1", "after the block")
    assert isinstance(desk().ports.store, SupportsJoin)


def test_a_block_that_outlives_its_transaction_is_refused(site: str) -> None:
    with transaction.atomic():
        inside = joined("ana")
        inside.__enter__()
    with pytest.raises(CannotJoin, match="ended"):
        inside.note("INC-1", "alone")
    inside.disconnect()
    assert notes() == []


def test_threads_write_both_or_meet_and_try_again(site: str) -> None:
    def work(number: int) -> None:
        with closing(connections["default"]):
            for turn in range(4):
                while not one(f"{number}-{turn}"):
                    pass

    def one(name: str) -> bool:
        try:
            with transaction.atomic():
                Group.objects.create(name=name)
                with joined() as inside:
                    inside.note("INC-1", name)
        except (Conflict, Retryable, DatabaseError):
            return False  # rolled back as a whole: the host tries again
        return True

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(notes()) == sorted(Group.objects.values_list("name", flat=True))
    assert len(notes()) == 8
    assert desk().verify().problems == ()


class InATestCase(TestCase):
    """What a project's own tests do: everything in a transaction that is rolled back."""

    def test_a_desk_commits_as_if_it_were_the_outermost(self) -> None:
        assert desk().declare("In a test").ref == "INC-2"
        heard: Any = desk().ports.plugins
        assert heard is not None
        with self.captureOnCommitCallbacks(execute=True), transaction.atomic(), joined() as inside:
            inside.note("INC-2", "said")


def test_a_project_may_use_it_in_its_own_test_cases(site: str, told: Told) -> None:
    result = unittest.TextTestRunner(stream=io.StringIO()).run(
        unittest.defaultTestLoader.loadTestsFromTestCase(InATestCase)
    )
    assert result.testsRun == 1
    assert not result.failures, result.failures
    assert not result.errors, result.errors
    assert "noted" in told.kinds
    assert desk().count() == 1


def test_what_the_database_refuses_is_told_by_its_code(site: str) -> None:
    store = desk().ports.store
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE incidentkit_counter")
    with pytest.raises(StoreError) as refused:
        store.numbers(MAIN, "incident", 1)
    assert ("42P01" in str(refused.value)) == (site == "postgres")


def test_a_connection_that_was_cut_is_opened_again(site: str) -> None:
    if site == "sqlite":
        connections["default"].close()
        assert desk().count() == 1
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (number,) = cursor.fetchone()
    import psycopg

    said = connections["default"].get_connection_params()
    with psycopg.connect(host=said["host"], user=said["user"], dbname=said["dbname"]) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (number,))
    with pytest.raises(Retryable):
        desk().declare("Lost on the way")
    assert desk().declare("Found again", request="r-1").ref == "INC-2"


def test_on_a_server_the_time_is_the_servers(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = desk().ports.store
    present = store.now()
    monkeypatch.setattr("time.time_ns", lambda: 1_000_000_000)
    assert (store.now() >= present) == (site == "postgres")
    if site == "postgres":
        done = store.commit(raw("timed", 0))
        assert done.at >= present
        with transaction.atomic(), desk().using(connection) as inside:
            assert inside.ports.store.commit(raw("joined", 0)).at >= done.at


# --- what a project finds in its tools ------------------------------------------------------------


def test_the_migrations_are_complete() -> None:
    """After changing the columns of a kind: `makemigrations incidentkit_django`."""
    call_command("makemigrations", "incidentkit_django", check=True, dry_run=True, verbosity=0)


def found(**said: Any) -> list[str]:
    with override_settings(INCIDENTKIT=said):
        return [each.id or "" for each in run_checks() if "incidentkit" in (each.id or "")]


def test_the_checks_find_what_would_fail_at_night() -> None:
    assert found() == []
    assert found(CHANNELS={"mail": "print"}) == ["incidentkit.E004"]
    assert found(CHANELS={}) == ["incidentkit.E001"]
    assert found(DATABASE="nowhere") == ["incidentkit.E002"]
    assert found(DIRECTORY="no.such.Class") == ["incidentkit.E004"]
    assert found(POLICY={"no_such_table": {}}) == ["incidentkit.E004"]
    assert found(POLICY="itil", CHANNELS={"mail": "builtins.print"}) == []


def test_the_checks_know_the_databases(tmp_path: Path) -> None:
    other = {**project.sqlite(tmp_path), "ENGINE": "django.db.backends.dummy"}
    project.use("odd", other)
    assert found(DATABASE="odd") == ["incidentkit.E003"]
    project.use("wrapped", {**project.sqlite(tmp_path), "ATOMIC_REQUESTS": True})
    assert found(DATABASE="wrapped") == ["incidentkit.W001"]
    with override_settings(INCIDENTKIT={"DATABASE": "wrapped"}):
        risky = [x.id for x in run_checks(databases=["wrapped"])]
    from incidentkit.stores.sqlite.diagnosis import wal_reset_risk

    with connections["wrapped"].cursor() as cursor:
        version = cursor.execute("SELECT sqlite_version()").fetchone()[0]
    for alias in ("odd", "wrapped"):
        project.drop(alias)
    parts = tuple(int(part) for part in version.split("."))
    assert ("incidentkit.W002" in risky) == wal_reset_risk(parts)


def test_settings_name_objects_by_their_paths(tmp_path: Path) -> None:
    (tmp_path / "people.toml").write_text('[ana]\ncontacts = { sms = "+49 1" }\n')
    said = {
        "CHANNELS": {"sms": f"{__name__}.Texting", "mail": lambda message: None},
        "DIRECTORY": f"file:{tmp_path}/people.toml",
        "SOURCES": [f"{__name__}.Odd"],
        "PLUGINS": [f"{__name__}.Told"],
        "POLICY": "itil",
        "ENTRY_POINTS": False,
    }
    with migrated("sqlite", tmp_path, None, **said):
        plugins = desk().ports.plugins
        assert set(plugins.channels) >= {"sms", "mail"}
        assert "odd" in plugins.sources
        assert desk() is desk()
        desk().declare("Down", impact="high", urgency="high", assign="ana")
        desk().run_due()
        assert Texting.sent == ["+49 1"]


class Texting:
    name = "sms"
    kinds = frozenset({MessageKind.PAGE})
    sent: ClassVar[list[str]] = []

    def send(self, message: Any) -> None:
        self.sent.append(message.to)


class Odd:
    name = "odd"

    def parse(self, request: Any) -> tuple[object, ...]:
        return ()


def test_the_admin_shows_and_changes_nothing(site: str) -> None:
    User.objects.create_superuser("root", password="x")
    client = Client()
    assert client.login(username="root", password="x")
    listed = client.get("/admin/incidentkit_django/recordincident/")
    assert listed.status_code == 200
    assert b"INC-1" in listed.content
    (number,) = connection_rows("incidentkit_record_incident")
    shown = client.get(f"/admin/incidentkit_django/recordincident/{number}/change/")
    assert shown.status_code == 200
    assert b'name="_save"' not in shown.content
    for action in ("change", "delete"):
        url = f"/admin/incidentkit_django/recordincident/{number}/{action}/"
        assert client.post(url, {"tenant": "x"}).status_code == 403
    assert client.get("/admin/incidentkit_django/recordincident/add/").status_code == 403
    assert client.get("/admin/incidentkit_django/journal/").status_code == 200
    assert client.get("/admin/incidentkit_django/guard/").status_code == 404


def connection_rows(table: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "row" FROM "{table}"')
        return [line[0] for line in cursor.fetchall()]


def test_the_worker_does_what_is_due_once(site: str) -> None:
    desk().declare("Down", impact="high", urgency="high", assign="ana")
    said = io.StringIO()
    call_command("incidentkit_work", once=True, stdout=said)
    assert said.getvalue().startswith("again at ")
    assert [x.party for x in desk().deliveries("INC-2")] == ["ana"]


WORKING = """
import json, os
SECRET_KEY = "x"
USE_TZ = True
INSTALLED_APPS = ["incidentkit_django"]
DATABASES = json.loads(os.environ["THE_DATABASES"])
INCIDENTKIT = {"CHANNELS": {"sms": "their_settings.send"}}


def send(message):
    print("paged", message.to, flush=True)
"""


def test_the_worker_goes_on_until_it_is_told_to_stop(site: str, tmp_path: Path) -> None:
    desk().declare("Down", impact="high", urgency="high", assign="ana")
    (tmp_path / "their_settings.py").write_text(WORKING)
    default: Any = connections.settings["default"]
    kept = {key: str(value) for key, value in default.items() if isinstance(value, str)}
    places = [str(tmp_path), str(project.PACKAGE), str(project.ROOT / "src")]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        "PYTHONPATH": os.pathsep.join(places),
        "DJANGO_SETTINGS_MODULE": "their_settings",
        "THE_DATABASES": json.dumps({"default": {**kept, "OPTIONS": default["OPTIONS"]}}),
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "django", "incidentkit_work", "--poll", "0.05"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    with worker:
        assert worker.stdout is not None
        assert [worker.stdout.readline() for _ in range(2)] == ["working\n", "paged ana\n"]
        worker.send_signal(signal.SIGTERM)
        assert worker.stdout.read() == "stopped\n"
    assert worker.returncode == 0


def test_a_database_that_this_store_does_not_know_is_named() -> None:
    store = DjangoStore("nowhere")
    with pytest.raises(CannotJoin, match="'nowhere'"):
        store.joined(connections["default"])
    store.close()
    with pytest.raises(StoreClosed):
        store.now()
