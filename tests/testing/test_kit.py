"""What the kit promises of itself: names, reports, pytest classes, coroutines, cheap imports."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import attrs
import pytest

import incidentkit.testing
from incidentkit import testing
from incidentkit.ports.search import SupportsReindex, SupportsSearch, SupportsTally
from incidentkit.ports.store import Store
from incidentkit.stores.memory import MemoryStore
from incidentkit.testing import (
    Case,
    CaseFailed,
    ManualTime,
    Result,
    StoreHarness,
    StoreTime,
    authoriser_cases,
    blob_cases,
    blocking,
    channel_cases,
    check_store,
    directory_cases,
    source_cases,
    store_cases,
)
from incidentkit.testing.classes import StoreContract
from incidentkit.testing.expecting import equal, of_type, present, refused, true
from incidentkit.testing.store_trial import StoreTrial
from incidentkit.testing.threads import Stuck, together, within
from tests.stores.processes import environment

EVERY: tuple[Case[Any], ...] = (
    *store_cases(),
    *channel_cases(),
    *source_cases(),
    *directory_cases(),
    *authoriser_cases(),
    *blob_cases(),
)


def memory(now: StoreTime) -> Store:
    return MemoryStore(now=now)


# --- cases ----------------------------------------------------------------------------------------


def test_ids_are_one_of_a_kind_and_every_case_says_what_it_asks_for() -> None:
    ids = [case.id for case in EVERY]
    assert len(set(ids)) == len(ids)
    for case in EVERY:
        assert re.fullmatch(r"[a-z]+(\.[a-z0-9-]+)+", case.id), case.id
        assert re.fullmatch(r"[A-Z][^.]*(\.\S[^.]*)*\.", case.sentence), case.sentence
        assert str(case) == case.id


def test_names_are_there_when_they_are_asked_for() -> None:
    assert "check_store" in dir(incidentkit.testing)
    for name in incidentkit.testing.__all__:
        assert getattr(incidentkit.testing, name) is not None
    assert incidentkit.testing.ManualTime is ManualTime
    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        _ = incidentkit.testing.nothing_of_this_name


def test_neither_pytest_nor_hypothesis_is_imported() -> None:
    code = (
        "import sys\n"
        "from incidentkit.testing import *\n"
        "from incidentkit import MemoryStore\n"
        "report = check_store(lambda now: MemoryStore(now=now), store_cases()[:20])\n"
        "assert report.ok, report\n"
        "print(*{'pytest', 'hypothesis', '_pytest'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-O", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_the_package_alone_imports_next_to_nothing() -> None:
    code = "import sys, incidentkit.testing; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"asyncio", "sqlite3", "attrs", "json"} & set(done.stdout.split())


# --- expecting ------------------------------------------------------------------------------------


def test_what_is_expected_says_both_sides() -> None:
    with pytest.raises(CaseFailed, match="the sum: found 1, wanted 2"):
        equal(1, 2, "the sum")
    with pytest.raises(CaseFailed, match="does not hold: a rule"):
        true(0, "a rule")
    with pytest.raises(CaseFailed, match="instead of a row"):
        present(None, "a row")
    with pytest.raises(CaseFailed, match="found 1, wanted a str"):
        of_type(1, str)
    with pytest.raises(CaseFailed, match=r"\(4002 characters\)"):
        equal("x" * 4_000, "")
    equal(1, 1)
    assert present(0) == 0


def test_a_refusal_that_is_due() -> None:
    with refused(ValueError, "no") as caught:
        raise ValueError("no way")
    assert str(caught.value) == "no way"
    with (
        pytest.raises(CaseFailed, match="nothing was raised, ValueError is due"),
        refused(ValueError),
    ):
        pass
    with pytest.raises(CaseFailed, match="KeyError is due"), refused(KeyError):
        raise ValueError("other")
    with pytest.raises(CaseFailed, match="does not stand in"), refused(ValueError, "yes"):
        raise ValueError("no")
    with pytest.raises(CaseFailed, match="mine"), refused(ValueError):
        raise CaseFailed("mine")
    with pytest.raises(KeyboardInterrupt), refused(ValueError):
        raise KeyboardInterrupt


# --- reports --------------------------------------------------------------------------------------


def passes(trial: StoreTrial) -> None:
    """It passes."""
    trial.store.now()


def fails(trial: StoreTrial) -> None:
    """It fails."""
    equal(trial.store.now(), 0)


def exits(trial: StoreTrial) -> None:
    """It ends the process."""
    sys.exit(3)


CASES: tuple[Case[StoreTrial], ...] = (
    Case("x.passes", passes),
    Case("x.fails", fails),
    Case("x.exits", exits),
    Case("x.advised", fails, advisory=True),
    Case("x.needs", fails, ("wings", "tally")),
)


def test_a_report_for_people_and_for_machines() -> None:
    report = check_store(memory, CASES)
    assert (report.ok, report.failed) == (False, ("x.fails", "x.exits"))
    assert report.of(Result.ADVISED) == ("x.advised",)
    assert report.of(Result.SKIPPED) == ("x.needs",)
    read = json.loads(report.as_json())
    assert read["counts"] == {"passed": 1, "failed": 2, "advised": 1, "skipped": 1}
    assert (read["contract"], read["ok"]) == ("store", False)
    assert read["subject"] == "incidentkit.stores.memory.MemoryStore"
    assert read["capabilities"] == ["search", "tally"]
    whys = {each["id"]: each["why"] for each in read["cases"]}
    assert whys["x.needs"] == "needs wings"
    assert whys["x.exits"] == "raised SystemExit: 3"
    text = str(report)
    assert "failed   x.fails\n" in text
    assert "It fails." in text
    assert "1 passed, 2 failed, 1 advised, 1 skipped" in text
    assert "skipped  1 that need wings" in text


def test_only_advice_is_no_failure() -> None:
    assert check_store(memory, CASES[3:]).ok


def test_a_case_needs_what_it_requires() -> None:
    with StoreTrial(memory) as trial, pytest.raises(TypeError, match="no `reopen`"):
        trial.reopen(trial.store)


def test_what_a_trial_made_is_closed_though_the_case_failed() -> None:
    closed: list[Store] = []

    class Closing(MemoryStore):
        def close(self) -> None:
            super().close()
            closed.append(self)

    check_store(lambda now: Closing(now=now), CASES[1:2])
    assert len(closed) == 3  # of the name, of the capabilities, of the case


def test_a_thread_that_fails_is_heard() -> None:
    def divides(number: int) -> None:
        assert 1 // (number - 1)

    with pytest.raises(ZeroDivisionError):
        together(3, divides)


# --- pytest classes -------------------------------------------------------------------------------

MODULE = """
import pytest
from incidentkit import MemoryStore
from incidentkit.channels.memory import MemoryChannel
from incidentkit.sources.generic import GenericJson
from incidentkit.testing import *


class TestStore(StoreContract):
    def make(self, now):
        return MemoryStore(now=now)


class TestBroken(StoreContract):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path):
        self.path = tmp_path

    def make(self, now):
        assert self.path.is_dir()
        store = MemoryStore(now=now)
        store.count = lambda tenant, query: 0
        return store


class TestNotSaid(StoreContract):
    pass


class TestChannel(ChannelContract):
    def harness(self):
        return ChannelHarness(MemoryChannel)


class TestSource(SourceContract):
    def harness(self):
        return SourceHarness(GenericJson)
"""


def test_the_classes_make_a_test_of_every_case(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(MODULE, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", "utf-8")
    # Of the broken one only the cases that are asked about below; of the others every case.
    some = "not TestBroken or find or journal"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rA", "-k", some]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout
    told = {line.split(" - ")[0] for line in done.stdout.splitlines()}
    assert "PASSED test_it.py::TestStore::test_contract[store.threads.one-record]" in told
    assert "FAILED test_it.py::TestBroken::test_contract[store.find.filters.by-id]" in told
    assert "PASSED test_it.py::TestBroken::test_contract[store.journal.pages]" in told
    assert "PASSED test_it.py::TestChannel::test_contract[channel.kinds]" in told
    assert "PASSED test_it.py::TestSource::test_contract[source.junk.null]" in told
    assert not [x for x in told if x.startswith("FAILED") and "::TestStore::" in x]
    assert "needs reopen" in done.stdout
    assert "TestNotSaid needs a method make(self, now)" in done.stdout


def test_other_tests_of_such_a_class_are_left_alone() -> None:
    class Metafunc:
        def __init__(self) -> None:
            self.fixturenames = ["tmp_path"]

        def parametrize(self, *values: Any, **named: Any) -> None:
            raise AssertionError("not asked for")

    StoreContract().pytest_generate_tests(Metafunc())


# --- coroutines -----------------------------------------------------------------------------------


class AsyncMemory:
    """The memory store for an event loop, which notices another one."""

    def __init__(self, now: StoreTime) -> None:
        self.inner = MemoryStore(now=now)
        self.loop: asyncio.AbstractEventLoop | None = None

    def declare(self, kinds: Any) -> None:
        self.inner.declare(kinds)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.inner, name)

        async def call(*values: Any, **named: Any) -> Any:
            running = asyncio.get_running_loop()
            self.loop = self.loop or running
            assert running is self.loop
            await asyncio.sleep(0)
            return method(*values, **named)

        return call


async def opened(now: StoreTime) -> AsyncMemory:
    store = AsyncMemory(now)
    store.loop = asyncio.get_running_loop()
    return store


def test_an_async_store_is_checked_as_a_plain_one() -> None:
    made = StoreHarness(lambda now: blocking(opened(now)), crowd=8)
    report = check_store(made)
    assert report.ok, str(report)


def test_what_a_store_can_do_can_be_done_through_the_loop() -> None:
    store: object = blocking(AsyncMemory(StoreTime()))
    assert isinstance(store, SupportsSearch)
    assert isinstance(store, SupportsTally)
    assert not isinstance(store, SupportsReindex)


def test_the_loop_ends_with_its_store() -> None:
    before = set(threading.enumerate())
    store = blocking(AsyncMemory(StoreTime(7)))
    assert store.now() == 7
    (loop,) = set(threading.enumerate()) - before
    del store
    gc.collect()
    loop.join(5)
    assert not loop.is_alive()


def test_a_case_is_a_value() -> None:
    case = store_cases()[0]
    assert attrs.evolve(case, advisory=True).advisory
    with StoreTrial(memory) as trial:
        case.run(trial)


@pytest.mark.parametrize(
    "kind",
    [
        testing.StoreHarness,
        testing.HostBlock,
        testing.ChannelHarness,
        testing.SourceHarness,
        testing.DirectoryHarness,
        testing.AuthoriserHarness,
        testing.BlobHarness,
    ],
    ids=lambda kind: kind.__name__,
)
def test_every_part_of_every_harness_is_in_the_reference(kind: type) -> None:
    page = (Path(__file__).parents[2] / "docs/reference/harnesses.md").read_text(encoding="utf-8")
    told = page.partition(f"{kind.__name__}")[2]
    for field in attrs.fields(kind):
        assert re.search(rf"`{field.name}[`(]", told), field.name


def test_threads_that_hang_are_given_up() -> None:
    done = threading.Event()

    def hangs(number: int) -> None:
        if number:
            done.wait(5)

    with pytest.raises(Stuck, match="1 of 2 threads have not come back"):
        together(2, hangs, 0.05)
    done.set()
    with pytest.raises(Stuck, match="the claim has not come back"):
        within(0.05, "the claim", lambda: time.sleep(0.3))
    assert within(5, "two", lambda: 2) == 2
