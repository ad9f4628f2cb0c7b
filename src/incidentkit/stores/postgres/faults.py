"""PostgreSQL's errors in the contract's words, by SQLSTATE and the state of the connection.

A lost connection often has no SQLSTATE, and codes unknown to the driver arrive under a general
class; so the class of the error and the state of the connection are looked at too, and never text.
Only the advice for a connection that was never made hangs on what the server said, because nothing
else tells a wrong password from a server that is down; in another language it is a general one.
"""

from __future__ import annotations

from typing import Any

import psycopg

from incidentkit.errors import IncidentKitError, InvalidValue, Retryable, StoreError, StoreFull
from incidentkit.stores.rows import Collision

REFUSED = "IK001"
"""Raised by `ik_require`: the batch is not true, and reading must tell why."""
CHANGED = "IK002"
"""Raised by `ik_enter`: the schema is no longer the one this process knows."""

_SERIAL = {"40001", "40P01", REFUSED}
_PASSING = {"40003", "55P03", "57014", "53300", "25006", "25P03", "25P04"}
_VALUES = {"21000", "22003", "22021", "22P05", "22P02", "22P03"}
_FULL = "53100"
_ADVICE = {
    "53200": "the server is out of memory: repeat with the same request id",
    "54000": "a text is larger than PostgreSQL keeps: make it smaller",
    "42501": (
        "the role may not do this: give it the rights named in the how-to on PostgreSQL, or "
        "migrate with a role that has them"
    ),
    "28P01": "the password was refused",
    "28000": "the role was refused",
    "3D000": "there is no such database: create it first",
    "42P01": "a table is missing: was the database restored in part?",
    "42703": "a column is missing: another release changed the tables; restart with that release",
    "XX001": "the database is damaged: stop writing and restore a backup",
    "XX002": "an index is damaged: reindex it, and look at the disk",
    "58030": "reading or writing failed: look at the server's disk",
}


_UNMADE = (
    ("password authentication failed",
     "the password in the URL is not that of the role: mend the URL, or PGPASSWORD, or ~/.pgpass"),
    ("no password supplied",
     "the server wants a password: put it into the URL, PGPASSWORD or ~/.pgpass"),
    ("role ", "the server knows no such role: mend the user in the URL, or CREATE ROLE"),
    ("database ", "the server has no such database: mend its name in the URL, or CREATE DATABASE"),
    ("pg_hba.conf", "the server lets nobody in from here: add a line to its pg_hba.conf"),
    ("Connection refused", "nothing listens there: start the server, or mend host and port"),
    ("No such file", "no server has that socket: start the server, or mend the host in the URL"),
    ("resolve host", "there is no host of that name: mend it in the URL, or look at the DNS"),
    ("timeout", "nobody answered in time: look at the network, and at host and port in the URL"),
)  # fmt: skip
_UNMADE_ELSE = "look at the URL, and whether the server runs and lets this role in"


class SchemaChanged(Exception):
    """The schema or a layout changed while this process ran; it must look again."""


def lost(error: Exception, connection: psycopg.BaseConnection[Any] | None) -> bool:
    """Whether the connection is gone, so that nobody knows what became of the statement."""
    if connection is not None and connection.broken:
        return True
    state = getattr(error, "sqlstate", None)
    if state is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return state[:2] == "08" or state[:3] == "57P" or state in ("25006", "25P03", "25P04")


def translated(
    error: Exception, shown: str, connection: psycopg.BaseConnection[Any] | None = None
) -> IncidentKitError | Collision | SchemaChanged:
    """The contract's error for one of psycopg's, about the database `shown`."""
    if isinstance(error, UnicodeEncodeError | OverflowError):
        return InvalidValue("value", f"PostgreSQL cannot keep it ({error})")
    state = getattr(error, "sqlstate", None)
    if state == _FULL:
        advice = "the disk is full: make room and repeat with the same request id"
        return StoreFull(f"{shown}: {state}: {advice} ({error})")
    if state in _ADVICE:
        return StoreError(f"{shown}: {state}: {_ADVICE[state]} ({error})")
    if connection is None and state is None and isinstance(error, psycopg.OperationalError):
        return Retryable(f"{shown}: no connection: {_unmade(str(error))}")
    if lost(error, connection):
        return Retryable(
            f"{shown}: there is no connection any more; repeat with the same request id ({error})"
        )
    if state is None:
        # The driver itself refused a value, before any statement ran.
        if isinstance(error, psycopg.DataError | psycopg.ProgrammingError):
            return InvalidValue("value", f"PostgreSQL cannot keep it ({error})")
        return StoreError(f"{shown}: {error}")
    if state == CHANGED:
        return SchemaChanged(shown)
    if state in _SERIAL or state[:2] == "23":
        return Collision(f"{shown}: {state}")
    if state in _PASSING or state[:2] in ("53", "57"):
        return Retryable(f"{shown}: {state}: repeat with the same request id")
    if state in _VALUES:
        return InvalidValue("value", f"PostgreSQL cannot keep it ({error})")
    return StoreError(f"{shown}: {state}: run `incidentkit doctor` ({error})")


def _unmade(said: str) -> str:
    """What to do about a connection that was not made, and what was said about it."""
    line = " ".join(said.split())
    missing = "does not exist" in line or "is not permitted" in line
    for words, advice in _UNMADE:
        if words in line and (missing or words not in ("role ", "database ")):
            return f"{advice} ({line[-300:]})"
    return f"{_UNMADE_ELSE} ({line[-300:]})"
