"""A pytest plugin that makes every secret of a run a canary, and looks whether one got out.

    pytest -p tests.proof.canaries --canaries=out.json tests/desk

Off unless it is named so. Every `Secret` that the tests make gets a mark behind its text (what is
offered is compared without it), and so does every token by which a page is answered. Everything is
logged at DEBUG. Searched for the mark are: what is logged, with the locals of each frame of the
library; errors that the tests expect, with the same; what plugins are blamed for; each record,
entry and key that is committed to any store; each pickle; files that a test leaves behind.

Tokens stand in the queue until their message is sent, so tasks are not searched for tokens.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import itertools
import json
import logging
import pickle
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import incidentkit
from incidentkit.desk import identity
from incidentkit.plugins.faults import FaultLog
from incidentkit.ports import secret
from incidentkit.ports.secret import Secret

SECRET, TOKEN = "~ikcanarysecret", "ikcanarytoken"
LIBRARY = str(Path(incidentkit.__file__).parent)
LARGEST = 50_000_000
"""Bytes of a file that is searched; the kit's own large ones hold no secret."""


class Canaries:
    """Marks secrets, searches texts, and counts both."""

    def __init__(self) -> None:
        self.planted: Counter[str] = Counter()
        self.searched: Counter[str] = Counter()
        self.hits: list[str] = []
        self.test = ""
        self._numbers = itertools.count()

    def marked(self, text: str) -> str:
        """A secret's text with a canary behind it."""
        self.planted["secrets"] += 1
        return f"{text}{SECRET}{next(self._numbers):05}"

    def search(self, where: str, text: str, *marks: str) -> None:
        """Look for the marks; both if none is named."""
        self.searched[where] += 1
        for mark in marks or (SECRET, TOKEN):
            at = text.find(mark)
            if at >= 0:
                around = text[max(0, at - 80) : at + 20].replace("\n", " ")
                self.hits.append(f"{where}, {self.test}: ...{around}")

    def search_error(self, where: str, error: BaseException) -> None:
        """An error with its traceback, and the locals of the library's own frames."""
        told = traceback.TracebackException.from_exception(error)
        self.search(where, "".join(told.format()))
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if frame.f_code.co_filename.startswith(LIBRARY):
                self.search(f"{where}: locals", shown(frame.f_locals), SECRET)

    def report(self) -> dict[str, Any]:
        """What was planted, what was searched, and what was found."""
        return {
            "planted": dict(self.planted),
            "searched": dict(self.searched),
            "hits": self.hits[:50],
            "found": len(self.hits),
        }


def shown(values: Mapping[str, object]) -> str:
    """Local variables as a traceback shows them; what is half made shows nothing."""
    texts: list[str] = []
    for name, value in values.items():
        with contextlib.suppress(Exception):
            texts.append(f"{name}={value!r}")
    return "\n".join(texts)


class Listening(logging.Handler):
    """Hears every logger."""

    def __init__(self, canaries: Canaries) -> None:
        super().__init__(logging.DEBUG)
        self._canaries = canaries

    def emit(self, record: logging.LogRecord) -> None:
        """Search what is logged."""
        self._canaries.search("log", record.getMessage())
        if record.exc_info and record.exc_info[1] is not None:
            self._canaries.search_error("log", record.exc_info[1])


def without(text: str) -> str:
    """A secret's text as the test gave it."""
    return text.partition(SECRET)[0]


def plant(canaries: Canaries, patch: pytest.MonkeyPatch) -> None:
    """Mark what is secret, and stand where texts go out."""
    checked: Callable[..., str] = vars(secret)["_checked"]

    def marked(value: object, field: str, where: str = "") -> str:
        return canaries.marked(without(checked(value, field, where)))

    def matches(self: Secret, offered: str | bytes) -> bool:
        given = offered.decode("latin-1") if isinstance(offered, bytes) else offered
        plain = Secret.__new__(Secret)
        text = without(self.reveal())
        object.__setattr__(plain, "_read", lambda: text)
        if SECRET not in given:
            return compared(plain, offered)
        return compared(plain, without(given))

    compared = Secret.matches
    patch.setattr(secret, "_checked", marked)
    patch.setattr(Secret, "matches", matches)
    new_token = identity.TimeOrderedIds.new_token

    def token(self: Any) -> str:
        canaries.planted["tokens"] += 1
        return new_token(self) + TOKEN

    patch.setattr(identity.TimeOrderedIds, "new_token", token)
    record = FaultLog.record

    def recorded(self: Any, *args: Any, **given: Any) -> Any:
        canaries.search("fault", repr((args, given)))
        return record(self, *args, **given)

    patch.setattr(FaultLog, "record", recorded)
    dumps = pickle.dumps

    def pickled(*args: Any, **given: Any) -> bytes:
        made = dumps(*args, **given)
        canaries.search("pickle", made.decode("latin-1"))
        return made

    patch.setattr(pickle, "dumps", pickled)
    for store in stores():
        for name in ("commit", "commit_group"):
            if name in vars(store):
                patch.setattr(store, name, searching(canaries, vars(store)[name]))


def stores() -> tuple[type[Any], ...]:
    """Every class of a store whose commits are looked at."""
    from incidentkit.stores.key_store import KeyStore
    from incidentkit.stores.memory import MemoryStore
    from incidentkit.stores.row_store import RowStore
    from incidentkit.stores.sqlite.store import SqliteStore

    found: list[type[Any]] = [MemoryStore, RowStore, KeyStore, SqliteStore]
    try:
        from incidentkit.stores.postgres.async_store import AsyncPostgresStore
        from incidentkit.stores.postgres.store import PostgresStore
    except ImportError:
        pass
    else:
        found += [PostgresStore, AsyncPostgresStore]
    return tuple(found)


def searching(canaries: Canaries, commit: Callable[..., Any]) -> Callable[..., Any]:
    """A commit that is looked at before it is done."""

    def search(given: Any) -> None:
        for batch in given if isinstance(given, tuple | list) else (given,):
            rest = {name: getattr(batch, name) for name in PARTS}
            canaries.search("commit", repr(rest))
            canaries.search("commit: tasks", repr(batch.tasks), SECRET)

    @functools.wraps(commit)
    def looked_at(self: Any, given: Any, *args: Any, **more: Any) -> Any:
        search(given)
        return commit(self, given, *args, **more)

    @functools.wraps(commit)
    async def awaited(self: Any, given: Any, *args: Any, **more: Any) -> Any:
        search(given)
        return await commit(self, given, *args, **more)

    # A desk asks a store by its class whether it has to be awaited.
    return awaited if inspect.iscoroutinefunction(commit) else looked_at


PARTS = ("puts", "expects", "touches", "entries", "keys", "request", "texts")
"""What of a batch is searched for tokens too."""


READ_BACK = frozenset(("tests/access/test_secrets.py::test_references",))
"""Tests of what `reveal` gives, which is another text here."""


class Plugin:
    """The hooks of pytest."""

    def __init__(self, out: Path) -> None:
        self.canaries = Canaries()
        self._out = out
        self._patch = pytest.MonkeyPatch()
        self._handler = Listening(self.canaries)

    def pytest_sessionstart(self) -> None:
        """Begin to listen."""
        plant(self.canaries, self._patch)
        raising(self.canaries, self._patch)
        root = logging.getLogger()
        root.addHandler(self._handler)
        root.setLevel(logging.DEBUG)

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave out what compares the text of a secret."""
        out = [item for item in items if item.nodeid in READ_BACK]
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in out]

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Whose texts they are."""
        self.canaries.test = item.nodeid

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """What the test left on the disk."""
        folder: Path | None = getattr(item, "funcargs", {}).get("tmp_path")
        for path in folder.rglob("*") if folder is not None else ():
            if path.is_file() and path.stat().st_size <= LARGEST:
                text = path.read_bytes().decode("latin-1")
                self.canaries.search("file", text, SECRET)

    def pytest_sessionfinish(self) -> None:
        """Write down what was found, and let go."""
        logging.getLogger().removeHandler(self._handler)
        self._patch.undo()
        self._out.write_text(json.dumps(self.canaries.report(), indent=2), encoding="utf-8")


def raising(canaries: Canaries, patch: pytest.MonkeyPatch) -> None:
    """Look at each error that a test expects."""
    left = pytest.RaisesExc.__exit__

    def searched(self: Any, kind: Any, error: Any, trace: Any) -> Any:
        if error is not None:
            canaries.search_error("error", error)
        return left(self, kind, error, trace)

    patch.setattr(pytest.RaisesExc, "__exit__", searched)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the report goes."""
    parser.addoption("--canaries", type=Path, default=None, help="where to write what got out")


def pytest_configure(config: pytest.Config) -> None:
    """Only when asked for."""
    out = config.getoption("--canaries")
    if out is not None:
        config.pluginmanager.register(Plugin(out.absolute()), "incidentkit-canaries")
