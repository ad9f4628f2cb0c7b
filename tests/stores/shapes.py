"""The kit's short ways to write, under the names that the tests of single stores use."""

from __future__ import annotations

from incidentkit.testing.records import (
    MAIN,
    MINUTE,
    OTHER,
    SECOND,
    add,
    alert,
    entry,
    expect,
    incident,
    names,
    put,
    settle,
    task,
    touch,
    write,
)
from incidentkit.testing.threads import insist, together

__all__ = [
    "MAIN",
    "MINUTE",
    "OTHER",
    "SECOND",
    "add",
    "alert",
    "entry",
    "expect",
    "incident",
    "insist",
    "names",
    "put",
    "settle",
    "task",
    "together",
    "touch",
    "write",
]
