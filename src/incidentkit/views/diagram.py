"""Life-cycles as diagrams and tables, drawn from the rules' own tables so that they cannot differ.

The response region has no table of commands; its arrows are found by letting each event happen to
an incident, with the same `evolve` that a desk uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.ids import IncidentId
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model import maintenance_changes as m
from incidentkit.model import problem as p
from incidentkit.model import review_changes as r
from incidentkit.model import silence as s
from incidentkit.model.incident import Attention, Card, Incident, Lease, Life, Rating
from incidentkit.model.journal import Event
from incidentkit.model.review import FollowUpState, ReviewState
from incidentkit.model.words import (
    ACTIVE,
    IncidentTaskState,
    MaintenanceState,
    MajorState,
    ProblemState,
    Response,
    SilenceState,
    State,
)
from incidentkit.rules import lifecycle, maintain, problem_lifecycle
from incidentkit.rules import review as review_rules
from incidentkit.rules.evolve import evolve
from incidentkit.rules.handover import HANDOVER_WAYS
from incidentkit.rules.incident_tasks import TASK_WAYS
from incidentkit.rules.major import MAJOR_WAYS
from incidentkit.rules.overlay_terms import RegionTerm
from incidentkit.rules.public import PUBLIC_WAYS
from incidentkit.rules.regions import ways as host_ways
from incidentkit.rules.ways import Way
from incidentkit.views.markdown import table as markdown_table
from incidentkit.views.text import words

Regions: TypeAlias = Mapping[str, RegionTerm]
NO_REGIONS: Regions = {}
"""A policy's `lifecycle.overlays.regions` stand here where a host declares some."""


@attrs.frozen
class Arrow:
    """One row: by this command or event, from these states, to those."""

    label: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    needs: tuple[str, ...] = ()


@attrs.frozen
class _Machine:
    first: str
    birth: str
    arrows: tuple[Arrow, ...]
    together: tuple[tuple[str, tuple[str, ...]], ...] = ()
    birth_needs: str = ""


def mermaid(machine: str, regions: Regions = NO_REGIONS) -> str:
    """A Mermaid state diagram of one of `MACHINES`, or of a region that a host declares.

    Raises InvalidValue for another name.
    """
    drawn = _machine(machine, regions)
    pairs: dict[tuple[str, str], list[str]] = {}
    for arrow in drawn.arrows:
        for source in arrow.sources:
            for target in arrow.targets:
                pairs.setdefault((source, target), []).append(arrow.label)
    lines = ["stateDiagram-v2", f"    [*] --> {drawn.first}: {drawn.birth}"]
    lines += [f"    {a} --> {b}: {', '.join(labels)}" for (a, b), labels in pairs.items()]
    return "\n".join(lines) + "\n"


def table(machine: str, regions: Regions = NO_REGIONS) -> str:
    """The same as a Markdown table: what leads from where to where, and what it needs.

    Raises InvalidValue for another name.
    """
    drawn = _machine(machine, regions)
    rows = [(drawn.birth, "", words(drawn.first), drawn.birth_needs)]
    for arrow in drawn.arrows:
        sources = _grouped(arrow.sources, drawn.together)
        targets = ", ".join(map(words, arrow.targets)) or "(stays)"
        rows.append((arrow.label, sources, targets, ", ".join(arrow.needs)))
    return markdown_table(("What", "From", "To", "Needs"), rows) + "\n"


def _grouped(states: tuple[str, ...], together: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    for said, group in together:
        if set(group) <= set(states):
            rest = (words(state) for state in states if state not in group)
            return ", ".join((said, *rest))
    return ", ".join(map(words, states))


def _ordered(states: Iterable[str], order: Iterable[str]) -> tuple[str, ...]:
    known = set(states)
    return tuple(state for state in order if state in known)


def _machine(name: str, regions: Regions) -> _Machine:
    made = _MACHINES.get(name)
    if made is not None:
        return made()
    region = regions.get(name)
    if region is None:
        known = ", ".join((*_MACHINES, *regions))
        raise InvalidValue("machine", f"{name[:60]!r} is none of {known}")
    return _Machine(region.states[0], "declare", _arrows(host_ways(region)))


def _arrows(ways: Iterable[Way]) -> tuple[Arrow, ...]:
    return tuple(Arrow(x.command, x.sources, (x.to,), x.needs) for x in ways)


def _major() -> _Machine:
    return _Machine(MajorState.NONE.value, c.Declare.action, _arrows(MAJOR_WAYS))


def _public() -> _Machine:
    return _Machine("none", c.Declare.action, _arrows(PUBLIC_WAYS))


def _task() -> _Machine:
    return _Machine(IncidentTaskState.OPEN.value, "add_task", _arrows(TASK_WAYS))


def _handover() -> _Machine:
    return _Machine("none", "take_role", _arrows(HANDOVER_WAYS))


def _incident() -> _Machine:
    arrows = tuple(
        Arrow(x.action, _ordered(x.sources, State), _ordered(x.targets, State), x.needs)
        for x in lifecycle.MOVES
    )
    active = ("any active", _ordered(ACTIVE, State))
    return _Machine(State.NEW.value, c.Declare.action, arrows, (active,))


# Cancelling has a second target, chosen by what it names.
_ALSO: dict[type[c.Command], tuple[ProblemState, ...]] = {
    p.CancelProblem: (ProblemState.DUPLICATE,)
}


def _problem() -> _Machine:
    arrows = tuple(
        Arrow(
            x.command.action,
            _ordered(x.sources, ProblemState),
            (*((x.to.value,) if x.to else ()), *_ALSO.get(x.command, ())),
            x.needs,
        )
        for x in problem_lifecycle.PROBLEM_MOVES
    )
    return _Machine(ProblemState.NEW.value, p.RaiseProblem.action, arrows)


def _maintenance() -> _Machine:
    arrows = tuple(
        Arrow(
            x.command.action,
            _ordered(x.sources, MaintenanceState),
            (x.to.value,) if x.to else (),
            x.needs,
        )
        for x in maintain.MAINTENANCE_MOVES
    )
    return _Machine(MaintenanceState.PLANNED.value, m.PlanMaintenance.action, arrows)


def _silence() -> _Machine:
    ended = (SilenceState.ENDED.value,)
    arrows = tuple(
        Arrow(label, (SilenceState.ACTIVE.value,), ended)
        for label in (s.EndSilence.action, "its time is over")
    )
    needs = "until, reason"
    birth = s.SilenceAlerts.action
    return _Machine(SilenceState.ACTIVE.value, birth, arrows, birth_needs=needs)


def _review() -> _Machine:
    arrows = tuple(
        Arrow(
            x.command.action,
            _ordered(x.sources, ReviewState),
            (x.to.value,) if x.to else (),
            x.needs,
        )
        for x in review_rules.REVIEW_MOVES
    )
    return _Machine(ReviewState.DRAFT.value, r.OpenReview.action, arrows)


def _follow_up() -> _Machine:
    open_ = (FollowUpState.OPEN.value,)
    arrows = (
        Arrow(r.CompleteFollowUp.action, open_, (FollowUpState.DONE.value,), ("id",)),
        Arrow(
            r.CancelFollowUp.action,
            open_,
            (FollowUpState.CANCELLED.value,),
            ("id", "reason"),
        ),
    )
    return _Machine(FollowUpState.OPEN.value, r.AddFollowUp.action, arrows, birth_needs="title")


_AT = datetime(2026, 1, 1, tzinfo=UTC)
_U, _A, _L, _C = Response
# Reopening comes after an end, which has ended all leases.
_RESPONSES: tuple[tuple[str, Event, tuple[Response, ...]], ...] = (
    ("acknowledge", e.Acknowledged("ana", _AT), (_U, _A, _L, _C)),
    ("the lease lapses", e.LeaseLapsed("ana"), (_A,)),
    ("all alerts clear", e.ResponseCleared(), (_U,)),
    ("an alert fires again", e.ResponseRefired(), (_C,)),
    ("reopen", e.Reopened(State.IN_PROGRESS, "-"), (_U, _A, _L, _C)),
)


def _response() -> _Machine:
    arrows: list[Arrow] = []
    for label, event, sources in _RESPONSES:
        reached: dict[str, list[str]] = {}
        for source in sources:
            after = evolve(_specimen(source, event), event, _AT, "system").life.response
            reached.setdefault(after.value, []).append(source.value)
        arrows += [Arrow(label, tuple(froms), (to,)) for to, froms in reached.items()]
    return _Machine(Response.UNACKNOWLEDGED.value, c.Declare.action, tuple(arrows))


def _specimen(response: Response, event: Event) -> Incident:
    ended = isinstance(event, e.Reopened)
    state = State.RESOLVED if ended else State.IN_PROGRESS
    held = response is Response.ACKNOWLEDGED and not ended
    leases = (Lease("ana", _AT, _AT),) if held else ()
    life = Life(state, _AT, response=response)
    return Incident(IncidentId("1"), "-", 1, Card("-"), Rating(), life, attention=Attention(leases))


_Make: TypeAlias = Callable[[], _Machine]
_MACHINES: dict[str, _Make] = {
    "incident": _incident,
    "problem": _problem,
    "response": _response,
    "major": _major,
    "public": _public,
    "task": _task,
    "handover": _handover,
    "maintenance": _maintenance,
    "silence": _silence,
    "review": _review,
    "follow_up": _follow_up,
}
MACHINES = tuple(_MACHINES)
"""The life-cycles that can be drawn."""
