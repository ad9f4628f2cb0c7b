"""How a PostgreSQL database is named and used, and what a URL may say about it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import attrs

from incidentkit.errors import InvalidValue

SCHEMES = ("postgresql", "postgres")
POOLERS = ("none", "transaction")
PARTITIONS = ("none", "month")
POOL, LARGEST_POOL = 10, 1_000
"""Connections that one store opens at most."""
_OWN = ("pooler", "partition", "pool", "direct")


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
        parts = urlsplit(self.conninfo)
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

    Whatever else stands behind the question mark is libpq's (`host`, `sslmode`, ...).
    """
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise InvalidValue("url", f"{url[:40]!r} begins with neither postgresql:// nor postgres://")
    own: dict[str, str] = {}
    rest: list[tuple[str, str]] = []
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in _OWN:
            rest.append((name, value))
        elif name in own:
            raise InvalidValue("url", f"option {name!r} is given twice")
        else:
            own[name] = value
    conninfo = urlunsplit((*parts[:3], urlencode(rest), ""))
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
    return Settings(conninfo, direct or conninfo, pooler, partition, int(text))


def _among(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidValue(option, f"{value!r} is none of: {', '.join(allowed)}")
