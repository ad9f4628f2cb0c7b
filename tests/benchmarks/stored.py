"""Batches as a desk sends them, built before any clock starts."""

from __future__ import annotations

import itertools
import os
import time
from typing import Any

from incidentkit.codec.kinds import KINDS
from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.rows import Batch, Entry, KeyChange, Put, Ref, Request, Row, Tally, Task

TENANT = TenantName("main")
SPEC = KINDS["incident"].spec
AT = 1_700_000_000_000_000
LEASE = 60_000_000
ALERTS = KINDS["alert"].spec
_VALUES: dict[str, Any] = {"text": "web", "int64": 1, "bool": True, "instant": AT}
COLUMNS = tuple(_VALUES[column.type.value] for column in SPEC.columns)
_ALERT = tuple(_VALUES[column.type.value] for column in ALERTS.columns)
_STAMPS = itertools.count(time.time_ns() // 1_000_000 << 12)


def named() -> str:
    """A name nobody has, later than all before, in the form of a desk's ids."""
    return f"{next(_STAMPS):015x}{os.getpid():017x}"


def entries(name: str, first: int, count: int, kind: str = "incident") -> tuple[Entry, ...]:
    """Journal entries of about 450 bytes each."""
    return tuple(
        Entry(
            f"{kind}/{name}", seq, AT, "Noted", '{"a": "' + "b" * 150 + '"}', "s" * 32, "d" * 64,
            "h" * 64,
        )
        for seq in range(first, first + count)
    )  # fmt: skip


def row(name: str, version: int, columns: tuple[Any, ...] = COLUMNS) -> Row:
    """A record of about 800 bytes and its index columns."""
    return Row("incident", name, version, 7, "h" * 64, columns, '{"x": "' + "x" * 800 + '"}')


def incident() -> Batch:
    """An incident of seven events: one record, two tasks, two unique keys, a request."""
    name = named()
    tasks = tuple(
        Task(TaskId(f"{each}:{name}"), "timer", f"{each}:{name}", 0, 2, AT, "mail", "{}")
        for each in ("wake", "send")
    )
    return Batch(
        TENANT,
        request=Request(name, "f", "r"),
        puts=(Put(row(name, 7), 0),),
        entries=entries(name, 1, 7),
        tasks=tasks,
        keys=(KeyChange("ref", name, None, name), KeyChange("alert", name, None, name)),
    )


def commands() -> tuple[Batch, ...]:
    """The same incident, a commit for each of its events."""
    name = named()
    return tuple(
        Batch(
            TENANT,
            request=Request(f"{name}/{version}", "f", "r"),
            puts=(Put(row(name, version), version - 1),),
            entries=entries(name, version, 1),
        )
        for version in range(1, 8)
    )


def messages(count: int) -> list[Batch]:
    """Tasks that may all be claimed."""
    tasks = [
        Task(TaskId(named()), "message", named(), 0, 0, AT, "mail", "{}") for _ in range(count)
    ]
    return [Batch(TENANT, tasks=tuple(tasks[n : n + 500])) for n in range(0, count, 500)]


def alert_ref(name: str) -> Ref:
    """Where the alert of that name is."""
    return Ref("alert", name)


def alerts(names: list[str], version: int) -> Batch:
    """Alerts first seen (version 1) or changed: a record, its tally and an entry each."""
    body = '{"x": "' + "x" * 500 + '"}'
    return Batch(
        TENANT,
        puts=tuple(
            [
                Put(Row("alert", name, version, 7, "h" * 64, _ALERT, body, Tally(version, 1, AT)),
                    version - 1)
                for name in names
            ]
        ),
        entries=tuple([entries(name, version, 1, "alert")[0] for name in names]),
    )  # fmt: skip
