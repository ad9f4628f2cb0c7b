"""How a PostgreSQL database is named and used, and what a URL may say about it."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from functools import cache
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

import attrs

from incidentkit.errors import InvalidValue

SCHEMES = ("postgresql", "postgres")
POOLERS = ("none", "transaction")
PARTITIONS = ("none", "month")
POOL, LARGEST_POOL = 10, 1_000
"""Connections that one store opens at most."""
_OWN = ("pooler", "partition", "pool", "direct")
_ENCODED = "write %40 for an @, %23 for #, %2F for /, %3F for ?, %25 for %, %20 for a space"


@attrs.frozen
class Settings:
    """How a database is used.

    `conninfo` is what libpq understands, `direct` the same past a pooler (for migrations and for
    waking). With `pooler="transaction"` nothing is kept in a session: no prepared statements.
    """

    conninfo: str
    direct: str
    pooler: str = "none"
    partition: str = "none"
    pool: int = POOL

    @property
    def shown(self) -> str:
        """The database as messages name it: without a password."""
        try:
            parts = urlsplit(self.conninfo)
        except ValueError:
            return "the database"
        if parts.scheme not in SCHEMES:
            return "the database"
        _, _, place = parts.netloc.rpartition("@")
        return f"{parts.scheme}://{place}{parts.path}"

    @property
    def prepares(self) -> bool:
        """Whether statements may be prepared and sessions have a state."""
        return self.pooler == "none"


def from_url(url: str) -> Settings:
    """Read `postgresql://user@host/name?pooler=transaction&direct=URL&partition=month&pool=20`.

    Whatever else stands behind the question mark is libpq's (`host`, `sslmode`, ...). Raises
    InvalidValue, whose words never hold a password.
    """
    parts = _split(url, "url")
    own: dict[str, str] = {}
    rest: list[tuple[str, str]] = []
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in _OWN:
            if name not in _of_libpq():
                # A password with a bare question mark in it would stand here.
                raise InvalidValue("url", _unread() if "@" in parts.query else _unknown(name))
            rest.append((name, value))
        elif name in own:
            raise InvalidValue("url", f"option {name!r} is given twice")
        else:
            own[name] = value
    if "direct" in own:
        direct = _split(own["direct"], "direct")
        for name, _ in parse_qsl(direct.query, keep_blank_values=True):
            if name not in _of_libpq():
                problem = "has an option of this store; those stand before it"
                raise InvalidValue("direct", problem if name in _OWN else _unread())
    # Not by urlunsplit, which leaves out the slashes before an empty host.
    query = f"?{urlencode(rest)}" if rest else ""
    conninfo = f"{parts.scheme}://{parts.netloc}{parts.path}{query}"
    return settings(
        conninfo,
        direct=own.get("direct"),
        pooler=own.get("pooler", "none"),
        partition=own.get("partition", "none"),
        pool=own.get("pool", POOL),
    )


def settings(
    conninfo: str,
    direct: str | None = None,
    pooler: str = "none",
    partition: str = "none",
    pool: int | str = POOL,
) -> Settings:
    """Check the options."""
    _among("pooler", pooler, POOLERS)
    _among("partition", partition, PARTITIONS)
    text = str(pool)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= LARGEST_POOL:
        raise InvalidValue("pool", f"{text[:20]!r} is no number from 1 to {LARGEST_POOL}")
    for name, given in (("conninfo", conninfo), ("direct", direct or conninfo)):
        if not _libpq_reads(given):
            raise InvalidValue(name, _unread())
    return Settings(conninfo, direct or conninfo, pooler, partition, int(text))


def _split(url: str, field: str) -> SplitResult:
    """The parts of a URL, if it is one without doubt: what might be a password is not shown."""
    if url.partition("://")[0] not in SCHEMES:
        raise InvalidValue(field, "begins with neither postgresql:// nor postgres://")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise InvalidValue(field, _unread()) from None
    user, at, place = parts.netloc.rpartition("@")
    ports = [each.rpartition("]")[2].partition(":")[2] for each in place.split(",")]
    doubtful = (
        "@" in user
        or "@" in parts.path
        or "#" in url
        or any(character.isspace() for character in url)
        or any(port and not port.isdigit() for port in ports)
    )
    if doubtful or not _libpq_reads(f"{parts.scheme}://{user}{at}{place}{parts.path}"):
        raise InvalidValue(field, _unread())
    return parts


def _unread() -> str:
    return f"cannot be read: in a user, a password and a name {_ENCODED}; a port is a number"


def _unknown(name: str) -> str:
    near = get_close_matches(name[:80], (*_OWN, *_of_libpq()), n=1)
    meant = f"did you mean {near[0]!r}? " if near else ""
    there = ", ".join(_OWN)
    return f"unknown option {name[:40]!r}; {meant}there are: {there}, and those of libpq"


@cache
def _of_libpq() -> Collection[str]:
    """The options that libpq reads in a URL; `ssl` is what others call `sslmode`."""
    from psycopg import pq

    return frozenset((*(x.keyword.decode() for x in pq.Conninfo.get_defaults()), "ssl"))


def _libpq_reads(url: str) -> bool:
    from psycopg import Error, pq

    try:
        _ = pq.Conninfo.parse(url.encode())
    except (Error, UnicodeEncodeError):
        return False
    return True


def _among(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidValue(option, f"{value!r} is none of: {', '.join(allowed)}")
