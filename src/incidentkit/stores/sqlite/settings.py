"""What may be set when a SQLite file is opened, and how a URL says it."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from urllib.parse import parse_qsl, unquote

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.ports.secret import without_password

SYNCHRONOUS = ("full", "normal", "off")
PROCESSES = ("one", "many")
OPTIONS: dict[str, tuple[str, ...]] = {"synchronous": SYNCHRONOUS, "processes": PROCESSES}
MEMORY = ":memory:"
CACHE, LARGEST_CACHE = 64, 4_096
"""MiB of pages that the writing connection may keep in memory."""
LARGEST_MAP = 1_048_576
"""MiB of the file that readers may map into memory at most."""


@attrs.frozen
class Settings:
    """How one file is opened. `path` is None for a database in memory."""

    path: Path | None
    synchronous: str = "full"
    processes: str = "one"
    cache: int = CACHE
    mmap: int = 0

    @property
    def shown(self) -> str:
        """The file as messages name it."""
        return MEMORY if self.path is None else str(self.path)

    @property
    def writer_file(self) -> Path | None:
        """The file whose lock says which process writes."""
        return None if self.path is None else self.path.with_name(self.path.name + "-writer")


def settings(
    path: str | Path,
    synchronous: str = "full",
    processes: str = "one",
    cache: int | str = CACHE,
    mmap: int | str = 0,
) -> Settings:
    """Check the options and find the file."""
    _check("synchronous", synchronous)
    _check("processes", processes)
    pages = _mebibytes("cache", cache, 1, LARGEST_CACHE)
    mapped = _mebibytes("mmap", mmap, 0, LARGEST_MAP)
    if str(path) == MEMORY:
        return Settings(None, synchronous, processes, pages, mapped)
    if not str(path):
        raise InvalidValue("path", "empty; name a file, or ':memory:'")
    return Settings(Path(path).resolve(), synchronous, processes, pages, mapped)


def _mebibytes(option: str, given: int | str, least: int, most: int) -> int:
    text = str(given)
    if not text.isascii() or not text.isdigit() or not least <= int(text[:9]) <= most:
        raise InvalidValue(option, f"{text[:20]!r} is no number of MiB from {least} to {most}")
    return int(text)


def from_url(url: str) -> Settings:
    """Read `sqlite:///relative`, `sqlite:////absolute` or `sqlite:///:memory:` with options."""
    prefix = "sqlite:///"
    if not url.startswith(prefix):
        raise InvalidValue("url", f"{without_password(url)!r} does not begin with {prefix!r}")
    path, _, query = url.removeprefix(prefix).partition("?")
    options: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in (*OPTIONS, "cache", "mmap"):
            raise InvalidValue("url", _unknown("option", name, (*OPTIONS, "cache", "mmap")))
        if name in options:
            raise InvalidValue("url", f"option {name!r} is given twice")
        options[name] = value
    return settings(unquote(path), **options)


def _check(option: str, value: str) -> None:
    allowed = OPTIONS[option]
    if value not in allowed:
        raise InvalidValue(option, _unknown("value", value, allowed))


def _unknown(what: str, given: str, allowed: tuple[str, ...]) -> str:
    near = get_close_matches(given, allowed, n=1, cutoff=0.0)
    choices = ", ".join(allowed)
    return f"unknown {what} {given!r}; did you mean {near[0]!r}? There are: {choices}"
