"""E41, E44, E45: hostile texts in every field of every command, and naive instants everywhere."""

from __future__ import annotations

import inspect
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from typing import Any

import attrs

import incidentkit as ik
from incidentkit import Desk
from incidentkit.errors import CallerError, InvalidValue
from incidentkit.stores.memory import MemoryStore
from tests.codec.examples import ALERT, CHANGE
from tests.proof import pointing, postgres
from tests.proof.experiment import Experiment, Findings, Outcome
from tests.proof.experiments.points import whole
from tests.proof.places import POSTGRES, Place, file_of

INJECTIONS = tuple(
    pattern.format(word)
    for word in ("record_incident", "journal", "task", "id", "1", "x' OR 'x'='x")
    for pattern in (
        "'; DROP TABLE {}; --",
        '"; DROP TABLE {}; --',
        "') ; DELETE FROM {} ; --",
        "' OR {} = {}--".replace("{} = {}", "1=1 --{}"),
        "{}%' ESCAPE '\\",
        "{}_%\\",
        "' UNION SELECT * FROM {} --",
        "{}; PRAGMA writable_schema=1",
        "${{{}}} {{{{{}}}}} {{%{}%}}".replace("{{{{{}}}}} {{%{}%}}", "$x"),
        "$incident.{} ${{x}} %s ? :x @x",
        "{}\r\nBcc: a@b.example",
        "{} COLLATE NOCASE DESC, 1",
        "\\x27 {} \\' \\\" \\0",
        "{}/**/--#",
    )
)
HOSTILE = {
    "NUL": "a\0b",
    "a lone surrogate": "a\ud800b",
    "the other surrogate": "\udfff",
    "right to left": "abc\u202efdp.exe",
    "joined by nothing": "👩\u200d🚒 a\u200bb",
    "composed": "caf\u00e9",
    "decomposed": "cafe\u0301",
    "four bytes": "𝕏 🔥 𠜎",
    "empty": "",
    "blank": "   ",
    "a line of its own": "\u2028\u2029\x85\x0b\x0c\x1c",
    "not a character": "\uffff\ufdd0",
    "a megabyte": "x" * 1_000_000,
    "as long as may be": "é" * 256,
}


def text_fields(command: type[ik.Command]) -> tuple[str, ...]:
    """Fields of a command that take text."""
    return tuple(field.alias for field in attrs.fields(command) if "str" in str(field.type))


def drawn(n: int, seed: int) -> list[type[ik.Command]]:
    """n of the commands, or all."""
    kinds = sorted(pointing.CASES, key=lambda kind: kind.__name__)
    return kinds if n >= len(kinds) else random.Random(seed).sample(kinds, n)


def said(call: Callable[[], object]) -> str:
    """What came of a call: `done`, or the kind of refusal. Anything else is raised."""
    try:
        _ = call()
    except CallerError as refusal:
        return type(refusal).__name__
    return "done"


class Twice:
    """One command prepared on two stores, to see that they say the same."""

    def __init__(self, kind: type[ik.Command], place: Place) -> None:
        self.sides = [pointing.Prepared(kind, store) for store in (MemoryStore(), place.store())]

    def tried(self, name: str, text: str) -> tuple[str, str]:
        """What each store says to the command with the text in a field."""
        answers = []
        for side in self.sides:

            def call(side: pointing.Prepared = side) -> object:
                changed: dict[str, Any] = {name: text}
                return side.desk.execute(attrs.evolve(side.command, **changed), by="ana")

            answers.append(said(call))
        first, second = answers
        return first, second

    def close(self) -> None:
        """Let go of the stores."""
        for side in self.sides:
            side.desk.disconnect()


def every_field(
    n: int, place: Place, seed: int, texts: list[tuple[str, str]], found: Findings
) -> Iterator[tuple[str, str, Place]]:
    """Try the texts in every text field of n commands."""
    for kind in drawn(n, seed):
        with place.fresh(kind.__name__) as here:
            twice = Twice(kind, here)
            for name in text_fields(kind):
                for label, text in texts:
                    where = f"{kind.__name__}.{name}, {label}"
                    try:
                        first, second = twice.tried(name, text)
                    except Exception as error:
                        found.problems.append(f"{where}: {type(error).__name__}: {error}"[:200])
                        continue
                    found.expect(first == second, f"{where}: memory {first}, store {second}")
                    yield where, first, here
            one, other = (whole(side.desk.ports.store) for side in twice.sides)
            found.expect(one == other, f"{kind.__name__}: the stores differ afterwards")
            twice.close()


def hostile_texts(n: int, place: Place, seed: int) -> Outcome:
    """Hostile texts in every field of n commands, on memory and on the store."""
    found = Findings()
    outcomes: dict[str, int] = {}
    trials = 0
    for where, answer, _ in every_field(n, place, seed, list(HOSTILE.items()), found):
        trials += 1
        outcomes[answer] = outcomes.get(answer, 0) + 1
        if ", NUL" in where or "surrogate" in where:
            found.expect(answer != "done", f"{where}: was taken")
    with place.desk(channels={"sms": lambda message: None}) as desk:
        for label, text in HOSTILE.items():
            trials += 1
            if said(partial(desk.declare, text or "x", summary=text)) == "done":
                last = desk.find(order="id", limit=1).items[0]
                found.expect(last.card.summary == text, f"{label} came back as something else")
    return found.outcome(trials, **outcomes)


NAMED: dict[str, Callable[[Any, str], object]] = {
    "order": lambda desk, text: desk.find(order=text),
    "filter": lambda desk, text: desk.find(**{text: "x"}),
    "count": lambda desk, text: desk.count(**{text: "x"}),
    "kind": lambda desk, text: desk.find_records(text),
    "reference": lambda desk, text: desk.get(text),
    "topic": lambda desk, text: desk.explain("INC-1", text),
    "source": lambda desk, text: desk.receive(text, b"{}"),
    "task": lambda desk, text: desk.retry(text),
}
"""Where a name is expected, and none of these texts is one."""


def injections(n: int, place: Place, seed: int) -> Outcome:
    """Strings that would be SQL, templates or headers in every field, filter and name of order."""
    found = Findings()
    texts = [(text, text) for text in INJECTIONS]
    chosen = random.Random(seed).sample(texts, 12) if n < len(pointing.CASES) else texts
    trials = sum(1 for _ in every_field(n, place, seed, chosen, found))
    with place.desk(channels={"sms": lambda message: None}) as desk:
        _ = desk.declare("Down", service="checkout")
        before, rows = schema(place), whole(desk.ports.store)
        for text in INJECTIONS:
            for name, call in NAMED.items():
                trials += 1
                answer = said(partial(call, desk, text))
                found.expect(answer != "done", f"{text!r} as a {name} was taken")
            found.expect(desk.count(service=text) == 0, f"{text!r} as a value finds something")
            found.expect(not desk.find(ref=text).items, f"{text!r} as a value finds something")
            trials += 2
            _ = said(partial(desk.search, text))
        found.expect(schema(place) == before, "the tables are no longer what they were")
        found.expect(whole(desk.ports.store) == rows, "rows came or went")
        for text in INJECTIONS:
            noted = said(partial(desk.note, "INC-1", text))
            last = desk.journal("INC-1")[-1].recorded
            came = noted != "done" or (last and getattr(last.event, "text", None) == text)
            found.expect(came, f"{text!r} came back as something else")
    return found.outcome(trials, strings=len(INJECTIONS))


def schema(place: Place) -> list[Any]:
    """The tables of a place."""
    if place.name == POSTGRES:
        asked = "SELECT table_name, column_name, data_type FROM information_schema.columns "
        asked += "WHERE table_schema = 'public' ORDER BY 1, 2"
        return postgres.server().asked(asked, database=postgres.database_of(place))
    with closing(sqlite3.connect(file_of(place))) as db:
        return db.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()


# --- E45 ------------------------------------------------------------------------------------------

NAIVE = datetime.fromisoformat("2026-03-01T12:00:00")
WRONG = (NAIVE, NAIVE.replace(year=1), date(2026, 3, 1), "2026-03-01T12:00:00Z", 0)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _adopted(name: str, desk: Any, at: Any) -> object:
    return desk.adopt_ticket("HD-1", title="x", mode="shadow", **{name: at})


METHODS: dict[tuple[str, str], Callable[[Any, Any], object]] = {
    ("adopt", "effective_from"): lambda d, at: d.adopt({}, effective_from=at),
    ("declare", "occurred_at"): lambda d, at: d.declare("x", occurred_at=at),
    ("declare", "detected_at"): lambda d, at: d.declare("x", detected_at=at),
    ("metrics", "since"): lambda d, at: d.metrics(since=at),
    ("metrics", "until"): lambda d, at: d.metrics(until=at),
    ("mitigate", "restored_at"): lambda d, at: d.mitigate("INC-1", restored_at=at),
    ("pareto", "since"): lambda d, at: d.pareto(since=at),
    ("pareto", "until"): lambda d, at: d.pareto(until=at),
    ("recurring", "at"): lambda d, at: d.recurring(at=at),
    ("resolve", "restored_at"): lambda d, at: d.resolve(
        "INC-1", code="fixed", remedy="x", restored_at=at
    ),
    **{
        ("adopt_ticket", name): partial(_adopted, name)
        for name in ("opened_at", "acknowledged_at", "responded_at")
    },
    ("shadow_report", "since"): lambda d, at: d.shadow_report(since=at),
    ("shadow_report", "until"): lambda d, at: d.shadow_report(until=at),
}
"""Every instant that a method of Desk takes; one that is missing here fails the experiment."""


OF_WORKERS = frozenset(("after_round",))
"""What only the loop of a worker calls, with instants of its own."""


def instants_of_methods() -> set[tuple[str, str]]:
    """Parameters of Desk that take an instant, by introspection."""
    found: set[tuple[str, str]] = set()
    for name in dir(Desk):
        method = getattr(Desk, name)
        if name.startswith("_") or not callable(method) or name in OF_WORKERS:
            continue
        for parameter in inspect.signature(method).parameters.values():
            if "datetime" in str(parameter.annotation):
                found.add((name, parameter.name))
    return found


def examples() -> dict[type[Any], Any]:
    """A value of every class with instants that comes in from outside: signals and commands."""
    found: dict[type[Any], Any] = {type(each): each for each in (ALERT, CHANGE)}
    for kind in pointing.CASES:
        if any("datetime" in str(field.type) for field in attrs.fields(kind)):
            prepared = pointing.Prepared(kind, MemoryStore())
            found[kind] = prepared.command
            prepared.desk.disconnect()
    return found


def naive_instants(n: int, place: Place, seed: int) -> Outcome:
    """A naive instant in every parameter and field that takes one, found by introspection."""
    found = Findings()
    trials = 0
    missing = instants_of_methods() - set(METHODS)
    found.expect(not missing, f"instants nobody tries: {sorted(missing)}")
    with place.desk(time=ik.ManualTime(), channels={"sms": lambda message: None}) as desk:
        _ = desk.declare("Down")
        for (name, parameter), call in METHODS.items():
            for wrong in (
                NAIVE,
                NAIVE.replace(year=1),
                date(2026, 3, 1),
                "2026-03-01T12:00:00Z",
                0,
            ):
                trials += 1
                try:
                    _ = call(desk, wrong)
                    found.problems.append(f"{name}({parameter}={wrong!r}) was taken")
                except InvalidValue:
                    pass
                except Exception as error:
                    found.problems.append(f"{name}({parameter}={wrong!r}): {error!r}")
            for far in FAR:
                trials += 1
                try:
                    _ = said(partial(call, desk, far))
                except Exception as error:
                    found.problems.append(f"{name}({parameter}={far!r}): {error!r}")
    for kind, value in examples().items():
        for field in attrs.fields(kind):
            if "datetime" not in str(field.type) or "tuple" in str(field.type):
                continue
            trials += 1
            try:
                _ = attrs.evolve(value, **{field.alias: NAIVE})
                found.problems.append(f"{kind.__name__}.{field.name} takes a naive instant")
            except InvalidValue:
                pass
            except Exception as error:
                found.problems.append(f"{kind.__name__}.{field.name}: {error!r}")
    return found.outcome(trials, methods=len(METHODS), classes=len(examples()))


FAR = (
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-12))),
    NOON.replace(fold=1),
)

EXPERIMENTS = (
    Experiment(
        "E41",
        "injection strings in every text field, filter and name of order",
        "tables and rows stay, texts come back as they were, names of columns are refused",
        injections,
        short=4,
        full=1_000,
        stores=("sqlite", POSTGRES),
    ),
    Experiment(
        "E44",
        "NUL, surrogates, bidirectional, joined, long and empty texts in every field",
        "the same outcome on memory and on the store; what is refused is refused at the edge",
        hostile_texts,
        short=4,
        full=1_000,
        stores=("sqlite", POSTGRES),
    ),
    Experiment(
        "E45",
        "naive, wrong and far instants in every parameter that takes one",
        "all refused or handled; a new parameter without a trial fails",
        naive_instants,
        short=1,
        full=1,
    ),
)
