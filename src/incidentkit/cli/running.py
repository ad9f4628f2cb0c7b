"""What every command is handed, how it opens a desk, and which exit code an error has."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias
from urllib.parse import quote

import attrs

from incidentkit.cli.page import Page
from incidentkit.cli.wire import wire
from incidentkit.desk.desk import Desk
from incidentkit.errors import Blame, IncidentKitError, InvalidValue, NotMigrated
from incidentkit.ids import MAIN_TENANT
from incidentkit.ports.backup import RESTORED_KEY, RESTORED_SPACE
from incidentkit.ports.secret import is_dsn
from incidentkit.ports.time import TimeSource
from incidentkit.stores.sqlite import settings as sqlite

OK, FOUND, USAGE, STORE, PLUGIN = range(5)
"""Exit codes: done; something was found or left; wrong use; the store failed; a plugin failed."""

DEFAULT_STORE = "sqlite:///incidents.db"
STORE_VARIABLE = "INCIDENTKIT_STORE"
_CODES = {Blame.CALLER: USAGE, Blame.HOST: USAGE, Blame.STORE: STORE, Blame.PLUGIN: PLUGIN}


class Commands(Protocol):
    """The place where commands are added to the parser."""

    def add_parser(self, name: str, *, help: str, description: str) -> argparse.ArgumentParser:  # noqa: A002
        """A new command."""
        ...


@attrs.frozen
class Run:
    """One run of the command line: its arguments, what it prints on, and what time it is."""

    args: argparse.Namespace
    page: Page
    time: TimeSource | None = None

    @property
    def json(self) -> bool:
        """Whether a machine reads the output."""
        return bool(self.args.json)

    def print_json(self, value: object) -> None:
        """Print a record, or anything made of records, as JSON."""
        self.page.json(wire(value))


Command: TypeAlias = Callable[[Run], int]


def code_of(error: IncidentKitError) -> int:
    """The exit code of an error, by whose fault it is."""
    return _CODES[error.blame]


def add_json(parser: argparse.ArgumentParser) -> None:
    """The option `--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")


def add_url(parser: argparse.ArgumentParser) -> None:
    """The option `--store`."""
    parser.add_argument(
        "--store",
        metavar="URL",
        help=f"where the records are, a URL or a file; default: ${STORE_VARIABLE}, "
        f"else {DEFAULT_STORE}",
    )


def add_store(parser: argparse.ArgumentParser) -> None:
    """The options that say which records are meant, and `--json`."""
    add_url(parser)
    parser.add_argument("--tenant", default="main", help="whose records (default: %(default)s)")
    add_json(parser)


def store_url(given: str | None, environ: Mapping[str, str]) -> str:
    """The URL of the store; a bare file name means an SQLite file."""
    url = given or environ.get(STORE_VARIABLE) or DEFAULT_STORE
    if "://" not in url and is_dsn(url):
        raise InvalidValue("store", "is no URL; write postgresql://user:password@host/database")
    scheme, colon, _ = url.partition(":")
    return url if colon and len(scheme) > 1 else sqlite_url(url)


def sqlite_url(path: str | Path) -> str:
    """The URL of an SQLite file."""
    return f"sqlite:///{quote(Path(path).as_posix())}"


def existing(run: Run) -> Desk:
    """A desk that writes to a store that is there: a wrong name must not make a new one."""
    with reading(run) as desk:
        store: Any = desk.ports.store
        try:
            _ = store.owners(MAIN_TENANT, RESTORED_SPACE, (RESTORED_KEY,))
        except NotMigrated as error:
            if error.number == 0:
                raise
    return opened(run, store_url(run.args.store, os.environ))


def reading(run: Run) -> Desk:
    """A desk on a store that exists; nothing is made or migrated by looking."""
    url = store_url(run.args.store, os.environ)
    name = f"name the right one with --store or {STORE_VARIABLE}"
    if url.startswith("memory:"):
        raise InvalidValue("store", f"a memory store is empty at every start; {name}")
    if url.startswith("sqlite:"):
        path = sqlite.from_url(url).path
        if path is None:
            raise InvalidValue("store", f"a database in memory is empty at every start; {name}")
        if not path.exists():
            raise InvalidValue("store", f"there is no file {path}; {name}")
    return opened(run, url, migrate=False)


def writing(
    run: Run, channels: Mapping[str, Any], plugins: Sequence[object] = (), **given: Any
) -> Desk:
    """A desk that may write; a new SQLite file is made with its first record."""
    url = store_url(run.args.store, os.environ)
    return opened(run, url, channels=channels, plugins=plugins, **given)


def opened(run: Run, url: str, **given: Any) -> Desk:
    """A desk on the URL, for the tenant of the arguments."""
    desk = Desk.open(url, time=run.time, **given)
    tenant = str(run.args.tenant)
    return desk if tenant == desk.tenant_name else desk.tenant(tenant)


def read_file(name: str) -> bytes:
    """The bytes of a file, or of stdin for `-`."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise InvalidValue(name, f"cannot be read: {error.strerror or error}") from None


def write_file(path: Path, text: str) -> None:
    """Write a text file, replacing what was there."""
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise InvalidValue(str(path), f"cannot be written: {error.strerror or error}") from None


def version() -> str:
    """The version of this incidentkit, which stands in its front door."""
    return str(sys.modules["incidentkit"].__version__)
