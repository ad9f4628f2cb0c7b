"""Transitions: the function objects that a desk itself calls, `decide` and then `evolve`.

A cycle has seven transitions and ends in the state it began in: hold, resume, mitigate, regress,
mitigate, resolve, reopen. Each cycle begins with the same incident, because a real one would keep
every hold it ever had. The peers go through the same cycle; they keep one word, without instants,
checks, events, or an incident around it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from incidentkit import (
    Desk,
    FrozenMap,
    Hold,
    Incident,
    Mitigate,
    Reason,
    Regress,
    Reopen,
    Resolve,
    Resume,
    Start,
    State,
)
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Recorded
from incidentkit.rules.evolve import evolve
from incidentkit.rules.lifecycle import decide
from incidentkit.rules.terms import LifecycleTerms
from tests.benchmarks import peers
from tests.benchmarks.examples import declared
from tests.benchmarks.measuring import Figure, Plan, Side, clocked, compared, in_turns

AT = datetime(2030, 1, 1, tzinfo=UTC)
WORDS = ("hold", "resume", "mitigate", "regress", "mitigate", "resolve", "reopen")
PLAIN, REASONED = "decide and evolve", "decide, evolve, reason and record"
STATEMACHINE, TABLE = "python-statemachine", "a table in a dict"


def begun() -> tuple[Incident, tuple[Command, ...]]:
    """An incident in progress, and the commands of a cycle."""
    with Desk.open("memory:", entry_points=False) as desk:
        incident = desk.start(declared(desk), by="ana")
    name = f"incident/{incident.id}"
    commands: dict[str, Command] = {
        "start": Start(name),
        "hold": Hold(name, reason="vendor", court="acme"),
        "resume": Resume(name),
        "mitigate": Mitigate(name),
        "regress": Regress(name, reason="latency is back"),
        "resolve": Resolve(name, code="fixed", remedy="rolled back"),
        "reopen": Reopen(name, reason="latency is back"),
    }
    return incident, tuple(commands[word] for word in WORDS)


def plain(cycles: int) -> Side:
    """Commands to events to incidents, as a desk does it."""
    first, commands = begun()
    terms = LifecycleTerms()

    def cycle() -> Incident:
        now = first
        for _ in range(cycles):
            now = first
            for command in commands:
                for event in decide(now, command, AT, "ana", terms):
                    now = evolve(now, event, AT, "ana")
        return now

    assert cycle().status is State.IN_PROGRESS
    return lambda: clocked(cycle, cycles * len(WORDS))


def reasoned(cycles: int) -> Side:
    """The same, each event recorded with a reason of its own."""
    first, commands = begun()
    terms = LifecycleTerms()

    def cycle() -> list[Recorded]:
        journal: list[Recorded] = []
        for _ in range(cycles):
            now = first
            journal = []
            for command in commands:
                for event in decide(now, command, AT, "ana", terms):
                    now = evolve(now, event, AT, "ana")
                    reason = Reason(
                        "lifecycle",
                        1,
                        FrozenMap({"state": now.life.state.value, "command": command.action}),
                        "yes",
                        "0123456789abcdef",
                    )
                    journal.append(Recorded(AT, "ana", event, reason))
        return journal

    assert len(cycle()) == len(WORDS)
    return lambda: clocked(cycle, cycles * len(WORDS))


NEXT = {
    "in_progress": {"hold": "on_hold", "mitigate": "mitigated"},
    "on_hold": {"resume": "in_progress"},
    "mitigated": {"regress": "in_progress", "resolve": "resolved"},
    "resolved": {"reopen": "in_progress"},
}


def table(cycles: int) -> Side:
    """The least that can be done: one word, looked up."""

    def cycle() -> None:
        state = "in_progress"
        for _ in range(cycles):
            for word in WORDS:
                state = NEXT[state][word]

    return lambda: clocked(cycle, cycles * len(WORDS))


def python_statemachine(cycles: int) -> Side:
    """python-statemachine, by the methods it makes."""
    library = peers.need("statemachine")
    state: Any = library.State
    made: dict[str, Any] = {name: state(initial=name == "in_progress") for name in NEXT}
    moves: dict[str, Any] = {}
    for source, leads in NEXT.items():
        for word, target in leads.items():
            moves[word] = made[source].to(made[target])
    machine = type("Machine", (library.StateMachine,), {**made, **moves})()
    return _sent({word: getattr(machine, word) for word in WORDS}, cycles)


def transitions_library(cycles: int) -> Side:
    """`transitions`, by the triggers it adds to a model."""
    library = peers.need("transitions")

    class Model:
        state = "in_progress"

    model = Model()
    library.Machine(
        model,
        states=list(NEXT),
        initial="in_progress",
        auto_transitions=False,
        transitions=[
            [word, source, target]
            for source, leads in NEXT.items()
            for word, target in leads.items()
        ],
    )
    return _sent({word: getattr(model, word) for word in WORDS}, cycles)


def _sent(calls: dict[str, Callable[[], object]], cycles: int) -> Side:
    ordered = [calls[word] for word in WORDS]

    def cycle() -> None:
        for _ in range(cycles):
            for call in ordered:
                call()

    return lambda: clocked(cycle, cycles * len(WORDS))


def figures(plan: Plan) -> list[Figure]:
    """Transitions bare, and with reasons."""
    cycles, few = plan.size(2000), plan.size(100)
    missing: list[str] = []
    sides: dict[str, Side] = {
        PLAIN: plain(cycles),
        REASONED: reasoned(cycles),
        TABLE: table(cycles),
    }
    peers.add(sides, missing, STATEMACHINE, lambda: python_statemachine(few))
    peers.add(sides, missing, "transitions", lambda: transitions_library(few))
    found = in_turns(sides, plan.rounds)
    others = {name: found[name] for name in found if name not in (PLAIN, REASONED)}
    bare = compared(
        "transitions: decide and evolve, 20 labels",
        "per second",
        {PLAIN: found[PLAIN], **others},
        PLAIN,
        goal="at least 400,000/s",
        at_least=400_000,
    )
    full = compared(
        "transitions: with a reason, recorded",
        "per second",
        {REASONED: found[REASONED], **others},
        REASONED,
        goal="at least 250,000/s, or 25 times python-statemachine",
    )
    full.met = full.median >= 250_000 or (full.ratio(STATEMACHINE) or 0) >= 25
    bare.missing = full.missing = missing
    return [bare, full]
