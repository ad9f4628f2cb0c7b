"""By what incidents are alike, which of them count, and how long each was down.

Recurrence and Pareto count the same things in the same way.
"""

from __future__ import annotations

from datetime import datetime

from incidentkit.errors import InvalidValue
from incidentkit.model.incident import Incident
from incidentkit.model.words import LinkKind, Moment, Outcome, State
from incidentkit.timing.intervals import Interval

KEYS = (
    "service",
    "category",
    "team",
    "priority",
    "code",
    "source",
    "reporter",
    "assignee",
    "cause",
    "symptom",
    "location",
    "asset",
)
"""What incidents can be grouped by, beside any label as `labels.NAME`."""
LABEL = "labels."

_LABELLED = frozenset(("symptom", "location", "asset"))
_BEGAN = (Moment.OCCURRED, Moment.DETECTED, Moment.DECLARED, Moment.REPORTED)
_RESTORED = (Moment.MITIGATED, Moment.RESOLVED)
_NO_IMPACT = frozenset((Outcome.FALSE_ALARM, Outcome.NO_FAULT_FOUND, Outcome.NEAR_MISS))
_UNREAL = frozenset((Outcome.FALSE_ALARM, Outcome.EXERCISE))


FORM = f"^({'|'.join(KEYS)}|{LABEL.replace('.', '[.]')}.+)$"
"""The same as a pattern, for editors."""


def check_key(field: str, key: str) -> str:
    """The key itself. Raises InvalidValue for one by which nothing can be grouped."""
    if key not in KEYS and not (key.startswith(LABEL) and len(key) > len(LABEL)):
        choices = ", ".join((*KEYS, f"{LABEL}NAME"))
        raise InvalidValue(field, f"{key[:80]!r} is no key to group by; there is {choices}")
    return key


def value(incident: Incident, key: str) -> str:
    """What an incident has under a key; empty where nobody said.

    The `cause` is the problem that it was linked to, else its label `cause`: the apparent one.
    `symptom`, `location` and `asset` are the labels of that name.
    """
    card, people = incident.card, incident.people
    if key.startswith(LABEL):
        return card.labels.get(key[len(LABEL) :], "")
    if key in _LABELLED:
        return card.labels.get(key, "")
    if key == "cause":
        return next(iter(problems(incident)), card.labels.get("cause", ""))
    found = {
        "service": card.service,
        "category": card.category,
        "team": people.team,
        "priority": incident.rating.priority.value,
        "code": incident.course.ending.code,
        "source": card.source,
        "reporter": card.reporter,
        "assignee": people.assignee,
    }
    return found[key] or ""


def problems(incident: Incident) -> tuple[str, ...]:
    """The problems that it is linked to as its cause, by reference."""
    return tuple(x.ref for x in incident.ties.links if x.kind is LinkKind.CAUSED_BY)


def real(incident: Incident) -> bool:
    """Whether it happened: no candidate, nothing cancelled, no false alarm and no exercise."""
    life = incident.life
    gone = life.candidate or life.state is State.CANCELLED
    return not gone and incident.course.outcome not in _UNREAL


def began(incident: Incident) -> datetime:
    """When it began, as far as anybody knows."""
    moments = incident.course.moments
    return next((moments[x] for x in _BEGAN if x in moments), incident.life.since)


def declared(incident: Incident) -> datetime:
    """When it was declared, or reported: by this it falls into a window."""
    moments = incident.course.moments
    return moments.get(Moment.DECLARED) or moments.get(Moment.REPORTED) or incident.life.since


def down(incident: Incident, at: datetime) -> Interval | None:
    """From its beginning to its restoration, or to now; None where nothing was impaired."""
    if incident.course.outcome in _NO_IMPACT:
        return None
    moments = incident.course.moments
    end = next((moments[x] for x in _RESTORED if x in moments), at)
    start = began(incident)
    return Interval(start, end) if start < end else None
