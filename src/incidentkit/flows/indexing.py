"""What of a record can be found by its words, and which events change that.

Words stand in four fields of falling weight: the title; what it is filed under; what the record
says; and notes, which only the journal keeps. A command that changes none of these writes none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from incidentkit.flows.kinds import INCIDENT, PROBLEM
from incidentkit.model import incident_events as e
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event, Recorded
from incidentkit.ports.rows import SearchText

if TYPE_CHECKING:
    from incidentkit.model.problem import Problem

Card: TypeAlias = tuple[str, str, str]
"""Title, keywords and body."""

LONGEST = 8_192
"""How much of one note, and of one field, is indexed; the record keeps all of it."""


def _joined(*parts: str | None) -> str:
    return "\n".join(part for part in parts if part)[:LONGEST]


def _incident(value: Incident) -> Card:
    card, ending = value.card, value.course.ending
    filed = (card.service, card.category.replace("/", " "), *card.labels.values())
    return card.title, _joined(value.ref, *filed), _joined(card.summary, ending.remedy)


def _incident_stands(was: Incident, now: Incident) -> bool:
    return was.card is now.card and was.course.ending is now.course.ending


def _problem(value: Problem) -> Card:
    filed = (value.service, value.category.replace("/", " "))
    said = (value.summary, value.cause, value.workaround, value.remedy)
    return value.title, _joined(value.ref, *filed), _joined(*said, *known_error(value))


def known_error(value: Problem) -> tuple[str, ...]:
    """The texts of a problem's known error, where it has one: symptoms and workaround."""
    found: Any = getattr(value, "known_error", None)
    texts: list[str] = []
    for name in ("symptoms", "workaround"):
        text: object = getattr(found, name, "")
        if isinstance(text, str):
            texts.append(text)
        elif isinstance(text, tuple):
            texts += [x for x in cast("tuple[object, ...]", text) if isinstance(x, str)]
    return tuple(texts)


_CARDS: dict[str, Callable[[Any], Card]] = {INCIDENT.name: _incident, PROBLEM.name: _problem}
SEARCHED = frozenset(_CARDS)
"""The kinds that are found by their words."""

_NOTES: dict[type[Event], Callable[[Any], str]] = {
    e.Noted: lambda event: event.text,
    e.Replied: lambda event: event.text,
    e.ReportJoined: lambda event: _joined(event.title, event.text, event.location),
    e.Cancelled: lambda event: event.why,
    e.Reopened: lambda event: event.reason,
    e.Regressed: lambda event: event.reason,
    e.NoticeQueued: lambda event: event.text,
}


def card_of(kind: str, value: Any) -> Card:
    """What the record itself says, for one of the kinds in `SEARCHED`."""
    return _CARDS[kind](value)


def notes_of(recorded: Sequence[Recorded], first: int) -> tuple[tuple[int, str], ...]:
    """What only the journal says, each under its number; `first` is that of the first entry."""
    found: list[tuple[int, str]] = []
    for seq, entry in enumerate(recorded, start=first):
        text_of = _NOTES.get(type(entry.event))
        if text_of is not None and (text := text_of(entry.event)):
            found.append((seq, text[:LONGEST]))
    return tuple(found)


def changed(
    kind: str, was: Any, now: Any, recorded: Sequence[Recorded], first: int
) -> SearchText | None:
    """What a commit changes of a record's text; None where it changes nothing.

    `was` is the record as it was loaded, None for a new one.
    """
    notes = notes_of(recorded, first)
    if was is not None and kind == INCIDENT.name and _incident_stands(was, now):
        return SearchText(kind, now.id, None, notes=notes) if notes else None
    card = card_of(kind, now)
    if was is not None and card == card_of(kind, was):
        return SearchText(kind, now.id, None, notes=notes) if notes else None
    return SearchText(kind, now.id, *card, notes=notes)
