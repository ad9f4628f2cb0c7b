"""Random commands for stores, out of a small world, so that they meet each other often.

They are drawn from a `random.Random`: a seeded one for long runs, or one in Hypothesis's hands,
which then makes a failing run as short as it can.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType
from typing import TypeVar

import attrs

from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.query import AllOf, AnyOf, Compare, Filter, Not, OneOf, Op, Query
from incidentkit.ports.rows import (
    Again,
    Batch,
    Done,
    Entry,
    Expect,
    KeyChange,
    Move,
    Outcome,
    Park,
    Put,
    Request,
    Task,
    Touch,
)
from incidentkit.testing.records import (
    MAIN,
    OTHER,
    SECOND,
    START,
    alert,
    incident,
    task,
)

T = TypeVar("T")

NAMES = ("a", "b", "c", "é")
STATES = ("new", "done", "x")
SUBJECTS = ("s", "t")
OWNERS = (None, None, "a", "b")
SMALL = 4
"""Versions, ranks, orders and priorities lie between 0 and this."""


@attrs.frozen
class Command:
    """One thing that is done to a store: a method of `Agreement` and what it is handed."""

    name: str
    arguments: tuple[object, ...]

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(repr, self.arguments))})"


def few(r: Random, make: Callable[[Random], T], most: int = 2) -> tuple[T, ...]:
    """Often none, sometimes one or more."""
    return () if r.random() < 0.5 else tuple(make(r) for _ in range(r.randint(0, most)))


def tenant(r: Random) -> TenantName:
    """One of two."""
    return r.choice((MAIN, OTHER))


def instant(r: Random) -> int:
    """Within two seconds of the start."""
    return START + r.randint(-2 * SECOND, 2 * SECOND)


def small(r: Random) -> int:
    """A version, rank, order or priority."""
    return r.randint(0, SMALL)


def a_put(r: Random) -> Put:
    """An incident at some version."""
    expected = small(r)
    row = incident(
        r.choice(NAMES), expected + 1, state=r.choice(STATES), rank=small(r), is_open=_flag(r)
    )
    return Put(row, expected)


def an_alert(r: Random) -> Put:
    """An alert at some version."""
    return alert(r.choice(NAMES), small(r))


def an_expect(r: Random) -> Expect:
    """Something that was read."""
    return Expect(r.choice(("incident", "alert")), r.choice(NAMES), small(r))


def a_touch(r: Random) -> Touch:
    """A repeat, mostly of the signature that alerts have."""
    return Touch("alert", r.choice(NAMES), r.choice((7, 7, 7, 8)), small(r), instant(r))


def some_entries(r: Random) -> tuple[Entry, ...]:
    """None, one or two entries of one stream."""
    name, first = r.choice(NAMES), r.randint(1, 5)
    return tuple(
        Entry(f"incident/{name}", first + n, START + n, "k", "{}", "s", "d", "h")
        for n in range(r.randint(0, 2))
    )


def a_task(r: Random) -> Task:
    """Work of one of two subjects and channels."""
    return task(
        r.choice(NAMES),
        subject=r.choice(SUBJECTS),
        order=small(r),
        priority=small(r),
        due=instant(r),
        channel=r.choice(("mail", "sms")),
    )


def a_key(r: Random) -> KeyChange:
    """A key that changes hands, if it is where it is thought to be."""
    return KeyChange("ref", r.choice(NAMES), r.choice(OWNERS), r.choice(OWNERS))


def a_new_key(r: Random) -> KeyChange:
    """A key that nobody owned."""
    return KeyChange("ref", r.choice(NAMES), None, r.choice(OWNERS))


def a_request(r: Random) -> Request | None:
    """Often none; its fingerprint is mostly the same."""
    if _flag(r):
        return None
    return Request(r.choice(NAMES), r.choice(("f", "f", "g")), "result")


def a_batch(r: Random) -> Batch:
    """A batch of every part."""
    return Batch(
        tenant(r),
        None,
        a_request(r),
        few(r, a_put) + few(r, an_alert),
        few(r, an_expect),
        few(r, a_touch),
        some_entries(r),
        few(r, a_task),
        few(r, lambda r: Move(TaskId(r.choice(NAMES)), instant(r))),
        few(r, lambda r: TaskId(r.choice(NAMES))),
        few(r, a_key),
    )


def a_plain_batch(r: Random) -> Batch:
    """What an import writes: stores may have a path of their own for groups of these."""
    return Batch(tenant(r), puts=few(r, a_put), entries=some_entries(r), keys=few(r, a_new_key))


def a_filter(r: Random, depth: int = 2) -> Filter:
    """A filter over the columns of an incident, not deep."""
    if depth and r.random() < 0.4:
        parts = tuple(a_filter(r, depth - 1) for _ in range(r.randint(0, 3)))
        return r.choice((AllOf(parts), AnyOf(parts), Not(a_filter(r, depth - 1))))
    match r.randint(0, 3):
        case 0:
            return Compare("rank", r.choice(tuple(Op)), small(r))
        case 1:
            return Compare("state", r.choice(tuple(Op)), r.choice(STATES))
        case 2:
            return Compare("open", r.choice(tuple(Op)), _flag(r))
        case _:
            return OneOf("rank", tuple(small(r) for _ in range(r.randint(0, 3))))


def a_query(r: Random) -> Query:
    """A query for incidents, in pages of one to three."""
    order = r.choice(("id", "rank", "state", "open"))
    return Query("incident", a_filter(r), order, _flag(r), None, r.randint(1, 3))


def an_outcome(r: Random) -> Outcome:
    """What becomes of a task."""
    return r.choice((Done(), Again(instant(r), "later"), Park("no")))


def _flag(r: Random) -> bool:
    return r.random() < 0.5


def _commit(r: Random) -> Command:
    return Command("commit", (a_batch(r),))


def _commit_group(r: Random) -> Command:
    make = r.choice((a_batch, a_plain_batch))
    return Command("commit_group", (tuple(make(r) for _ in range(r.randint(0, 4))),))


def _wait(r: Random) -> Command:
    return Command("wait", (r.randint(0, 90) * SECOND,))


def _claim(r: Random) -> Command:
    whose = r.choice((None, MAIN, OTHER))
    return Command("claim", (r.randint(1, 4), whose, r.choice(((), ("mail",)))))


def _settle(r: Random) -> Command:
    return Command("settle", (r.randint(0, 5), an_outcome(r), _flag(r)))


def _turn(r: Random) -> Command:
    settles = tuple((r.randint(0, 5), an_outcome(r)) for _ in range(r.choice((0, 1, 1, 1, 2, 3))))
    return Command("turn", (settles, *_claim(r).arguments))


def _extend(r: Random) -> Command:
    return Command("extend", (r.randint(0, 5), instant(r)))


def _find(r: Random) -> Command:
    return Command("find", (tenant(r), a_query(r)))


def _numbers(r: Random) -> Command:
    return Command("numbers", (tenant(r), r.randint(1, 3)))


def _redact(r: Random) -> Command:
    seqs = tuple(r.randint(1, 4) for _ in range(r.randint(0, 3)))
    return Command("redact", (tenant(r), r.choice(NAMES), seqs))


def _purge(r: Random) -> Command:
    return Command("purge", (tenant(r), r.choice(NAMES), instant(r)))


def _reopen(_r: Random) -> Command:
    return Command("reopen", ())


COMMANDS: Mapping[str, Callable[[Random], Command]] = MappingProxyType(
    {
        "commit": _commit,
        "commit_group": _commit_group,
        "wait": _wait,
        "claim": _claim,
        "settle": _settle,
        "turn": _turn,
        "extend": _extend,
        "find": _find,
        "numbers": _numbers,
        "redact": _redact,
        "purge": _purge,
        "reopen": _reopen,
    }
)
"""How each command is drawn."""

WEIGHTS: Mapping[str, int] = MappingProxyType(
    {
        "commit": 30, "commit_group": 10, "wait": 6, "claim": 14, "settle": 14, "turn": 8,
        "extend": 4, "find": 10, "numbers": 4, "redact": 3, "purge": 3, "reopen": 1,
    }
)  # fmt: skip
"""How often each comes in a long run."""


def a_command(r: Random) -> Command:
    """Any command, by weight."""
    (name,) = r.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))
    return COMMANDS[name](r)
