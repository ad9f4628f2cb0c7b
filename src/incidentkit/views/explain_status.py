"""How a record came to stand where it stands, and what may be done next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import attrs

from incidentkit.model import incident_events as e
from incidentkit.model import problem as p
from incidentkit.model.history import Imported
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event, JournalEntry
from incidentkit.model.words import State
from incidentkit.rules import lifecycle, problem_lifecycle
from incidentkit.rules.open_ends import open_ends
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.timing.instants import show_instant
from incidentkit.views.explanation import Explanation, found, reasons, told
from incidentkit.views.text import name, plain, quoted, words

_MOVES: tuple[type[Event], ...] = (
    e.Declared, e.Accepted, e.Triaged, e.Started, e.Held, e.Resumed, e.Mitigated,
    e.ObservationBegun, e.Regressed, e.Resolved, e.Closed, e.Reopened, e.Cancelled,
    e.StatusStated,
    Imported,
)  # fmt: skip
_PROBLEM_MOVES: tuple[type[Event], ...] = (p.ProblemRaised, p.ProblemMoved)


@attrs.frozen
class Around:
    """What the rules of a life-cycle read beside the record: the terms of the host, and the time.

    The way from an incident that stays shut is a command that is none of its moves.
    """

    terms: LifecycleTerms
    at: datetime


_CANDIDATE = ("accept", "decline")


def explain_status(
    incident: Incident,
    entries: Sequence[JournalEntry],
    topic: str = "status",
    around: Around | None = None,
) -> Explanation:
    """The state of an incident: since when, by what, and the moves from here.

    `around` is under which terms, and when, the moves are asked for; left out, by the table alone.
    """
    life = incident.life
    what = f"{plain(incident.ref)} is {words(life.state)} since {show_instant(life.since)}"
    if incident.dossier.overlays.status:
        what += f", called {quoted(incident.dossier.overlays.status, 120)}"
    if life.candidate:
        what += ", a candidate not accepted yet"
    if life.state is State.ON_HOLD and incident.course.holds:
        hold = incident.course.holds[-1]
        what += f", {plain(hold.reason)}, waiting for {name(hold.court)}"
    if life.reopened:
        what += f", reopened {life.reopened} times" if life.reopened > 1 else ", reopened once"
    answer = f"{what}; {words(life.response)}" if incident.active else what
    steps = tuple(entry for entry, _ in found(entries, _MOVES))
    return Explanation(
        topic,
        answer,
        reasons(steps),
        (*(told(entry) for entry in steps), *_next(incident, around)),
    )


def _next(incident: Incident, around: Around | None) -> tuple[str, ...]:
    life = incident.life
    moves = lifecycle.allowed(life.state)
    if around is not None:
        moves = lifecycle.open_to(incident, around.at, around.terms)
    table = {move.action: move.needs for move in lifecycle.MOVES}
    lines: list[str] = []
    for action in moves:
        if action in _CANDIDATE and not life.candidate:
            continue
        needs = tuple(need.partition(" (")[0] for need in table.get(action, ("reason",)))
        if action == "close" and life.state is State.RESOLVED:
            needs = ()
        open_ = open_ends(incident)
        if action in ("resolve", "close") and needs and open_:
            needs = (*needs, f"override ({' and '.join(open_)})")
        lines.append(_may(action, needs))
    return tuple(lines)


def _may(action: str, needs: tuple[str, ...]) -> str:
    needed = f" (needs {', '.join(needs)})" if needs else ""
    return f"allowed next: {action}{needed}"


def explain_problem_status(
    problem: p.Problem, entries: Sequence[JournalEntry], topic: str = "status"
) -> Explanation:
    """The state of a problem: since when, by what, and the moves from here."""
    answer = f"{plain(problem.ref)} is {words(problem.state)} since {show_instant(problem.since)}"
    if problem.until is not None:
        answer += f", until {show_instant(problem.until)}"
    steps = tuple(entry for entry, _ in found(entries, _PROBLEM_MOVES))
    table = {move.command.action: move.needs for move in problem_lifecycle.PROBLEM_MOVES}
    allowed = problem_lifecycle.allowed(problem.state)
    following = tuple(_may(action, table[action]) for action in allowed)
    return Explanation(topic, answer, reasons(steps), (*map(told, steps), *following))
