"""What Django raises about the database, in the contract's words; by code, never by text."""

from __future__ import annotations

import sqlite3

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError

from incidentkit.errors import InvalidValue, Retryable, StoreError, StoreFull
from incidentkit.stores.rows import Collision
from incidentkit.stores.sqlite.faults import translated

FAULTS = (DatabaseError, InterfaceError, OverflowError)
_BETWEEN = {"40001", "40P01", "55P03"}
"""Could not serialise, deadlock, lock not available: to be run again."""
_LOST = {"08", "57", "53"}
"""Classes: connection, operator intervention, resources."""
_FULL = "53100"


def translate(error: Exception, shown: str) -> Exception:
    """The contract's error for one of Django's."""
    if isinstance(error, OverflowError):
        return InvalidValue("value", f"does not fit into a signed 64-bit integer ({error})")
    if isinstance(error, IntegrityError):
        return Collision(f"{shown}: a row came between")
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return translated(cause, shown)
    state = str(getattr(cause, "sqlstate", None) or "")
    if state in _BETWEEN:
        return Collision(f"{shown}: {state}")
    if state == _FULL:
        return StoreFull(f"{shown}: the disk is full: make room and repeat with the same id")
    # A lost connection often has no code, only the class of the error.
    lost = not state and isinstance(error, OperationalError | InterfaceError)
    if lost or state[:2] in _LOST:
        return Retryable(f"{shown}: the database went away; repeat with the same request id")
    return StoreError(f"{shown}: {state or type(error).__name__}: {error}")
