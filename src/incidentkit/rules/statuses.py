"""A host's own status names inside the categories of the life-cycle.

A status never allows what the life-cycle refuses: setting one in another category is the move that
leads there, with all that it needs. A plain move sets the default status of where it leads.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from difflib import get_close_matches

from incidentkit.errors import InvalidValue, TransitionNotAllowed
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.reason import Plain
from incidentkit.model.status_changes import SetStatus
from incidentkit.model.words import ACTIVE, State
from incidentkit.rules import lifecycle
from incidentkit.rules.look import Look, Said
from incidentkit.rules.overlay_terms import StatusTerm
from incidentkit.rules.table import EVERYWHERE, Move, Part
from incidentkit.rules.terms import LifecycleTerms

RULE = "status.default"
_FIXED = (State.MITIGATED, State.OBSERVING)


def set_status(
    incident: Incident, command: SetStatus, at: datetime, by: str, terms: LifecycleTerms
) -> tuple[Event, ...]:
    """The move into the status's category where it stands in another, and the status itself.

    Inside `on_hold` a status with another hold reason or court begins a new hold, because the
    clocks go by it.
    """
    wanted = _known(command.status, terms.overlays.statuses)
    was = incident.dossier.overlays.status
    moved: tuple[Event, ...] = ()
    move = _move(incident, command, wanted)
    if move is not None:
        moved = lifecycle.decide(incident, move, at, by, terms)
    elif incident.life.candidate:
        moved = (e.Accepted(),)
    return (*moved, e.StatusStated(wanted.name, was)) if moved or wanted.name != was else ()


def _known(name: str, statuses: tuple[StatusTerm, ...]) -> StatusTerm:
    """The status of that name; letters count as they are written."""
    for each in statuses:
        if each.name == name:
            return each
    names = [each.name for each in statuses]
    if not names:
        raise InvalidValue("status", f"{name!r} is not known: the policy declares no statuses")
    close = get_close_matches(name[:80], names, 1, 0.0)
    raise InvalidValue("status", f"{name!r} is not known; did you mean {close[0]!r}?")


def _move(incident: Incident, command: SetStatus, wanted: StatusTerm) -> c.Command | None:
    """The command of the life-cycle that leads into the category; None where it stands there."""
    state, ref, why = incident.life.state, incident.ref, command.reason
    hold, court = why or wanted.hold_reason, command.court or wanted.court
    if wanted.category is state:
        if state is not State.ON_HOLD or not (hold or court):
            return None
        last = incident.course.holds[-1]
        now = (hold or last.reason, court or last.court)
        return None if now == (last.reason, last.court) else c.Hold(ref, *now)
    over = state not in ACTIVE
    if wanted.category is State.ON_HOLD and over:
        return c.Reopen(ref, why, hold, court)
    if wanted.category is State.IN_PROGRESS and (over or state in _FIXED):
        return c.Reopen(ref, why) if over else c.Regress(ref, why)
    made = {
        State.TRIAGED: c.Triage(ref),
        State.IN_PROGRESS: c.Start(ref),
        State.ON_HOLD: c.Hold(ref, hold, court),
        State.MITIGATED: c.Mitigate(ref, command.restored_at),
        State.OBSERVING: c.Observe(ref, command.until, why),
        State.RESOLVED: c.Resolve(
            ref, command.code, command.remedy, command.restored_at, command.override
        ),
        State.CLOSED: c.Close(
            ref, command.code, command.remedy, command.restored_at, command.override
        ),
        State.CANCELLED: c.Cancel(ref, why=why),
    }.get(wanted.category)
    if made is None:
        raise TransitionNotAllowed(
            ref, state.value, f"set_status {wanted.name}", lifecycle.allowed(state)
        )
    return made


def follow(look: Look) -> Said:
    """A move into another category sets its default status."""
    if not look.terms.statuses:
        return ()
    was = look.incident.dossier.overlays.status
    inputs: dict[str, Plain] = {
        "state": look.incident.life.state.value,
        "was": was,
        "statuses": tuple(map(_plain, look.terms.statuses)),
    }
    to = judge(inputs)
    if to == was:
        return ()
    return ((e.StatusStated(to, was), look.reason(RULE, inputs, to)),)


def _plain(status: StatusTerm) -> FrozenMap[str, Plain]:
    return FrozenMap(
        {"name": status.name, "category": status.category.value, "default": status.default}
    )


def judge(inputs: Mapping[str, Plain]) -> str:
    """The status drawn from plain inputs: as it was inside its category, else the default's name.

    The default is the status that says so, else the first of the category; empty where it has none.
    """
    statuses = inputs["statuses"]
    here = [
        (str(x["name"]), bool(x["default"]))
        for x in (statuses if isinstance(statuses, tuple) else ())
        if isinstance(x, dict) and x["category"] == inputs["state"]
    ]
    names = [name for name, _ in here]
    if inputs["was"] in names:
        return str(inputs["was"])
    return next((name for name, default in here if default), names[0] if names else "")


PART = Part(
    (Move(SetStatus, EVERYWHERE, None, ("what its category needs",), set_status, (), True),), {}
)
