"""From what a host says of its tickets to values: checked and clean, for both desks alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import cast

from incidentkit.desk.building import Subject, instant
from incidentkit.desk.building import labels as clean_labels
from incidentkit.errors import InvalidValue
from incidentkit.lang.conditions import Condition
from incidentkit.model.checks import NAME_LIMIT, check_count, check_name, check_text, member
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.hosting import FIELDS, Fields, TicketMove, TicketNote
from incidentkit.model.words import Mode, State
from incidentkit.policy.document import Policy
from incidentkit.policy.facts import vocabulary
from incidentkit.rules.adopting import Taken, standing_of
from incidentkit.timing.instants import earlier

LARGEST = 2**63 - 1
MOST_FACTS = 100
_NEEDED = frozenset(("title", "state", "priority", "impact", "urgency"))
"""Fields that are never empty on a record; a ticket that has none says nothing of them."""


def name(system: str, key: str) -> tuple[str, str]:
    """A system and the key of a ticket in it."""
    return check_name(system, "system"), check_name(key, "key")


def facts(given: Mapping[str, object] | None) -> FrozenMap[str, str]:
    """What the host states of a ticket, as text; what it does not know is left out."""
    if given is None:
        return FrozenMap()
    if not isinstance(cast("object", given), Mapping):
        raise InvalidValue("facts", f"must be names with values, not {type(given).__name__}")
    check_count(len(given), "facts", MOST_FACTS)
    known: dict[str, str] = {}
    for key, value in given.items():
        if value is not None:
            text = ("true" if value else "false") if isinstance(value, bool) else str(value)
            known[check_text(key, "facts", NAME_LIMIT)] = check_text(text, f"facts.{key}")
    return FrozenMap(known)


def mode(value: Mode | str | None) -> Mode | None:
    """A mode by its word, or none."""
    return None if value is None else member(Mode, "mode", value)


def stated(value: Mode | str | None, reason: str) -> tuple[Mode | None, str]:
    """A mode that a person says, which needs a reason."""
    chosen, text = mode(value), check_text(reason, "reason")
    if chosen is not None and not text.strip():
        raise InvalidValue("reason", "a mode that is said needs one")
    return chosen, text


def why(reason: str) -> str:
    """A reason that must be there."""
    text = check_text(reason, "reason")
    if not text.strip():
        raise InvalidValue("reason", "must say why")
    return text


def version(value: int) -> int:
    """The version of a ticket: a whole number from 0 on."""
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise InvalidValue("version", f"must be a whole number from 0 on, not {value!r:.80}")
    return value


def fields(given: Mapping[str, str | None] | None) -> Fields:
    """The fields that a host states, as text; None empties one. Raises InvalidValue."""
    if given is None:
        return FrozenMap()
    if not isinstance(cast("object", given), Mapping):
        raise InvalidValue("fields", f"must be names with texts, not {type(given).__name__}")
    clean: dict[str, str] = {}
    for field, value in given.items():
        if field not in FIELDS:
            raise InvalidValue("fields", f"{field!r:.80} is none; there are {', '.join(FIELDS)}")
        text = check_text("" if value is None else value, f"fields.{field}")
        if text or field not in _NEEDED:
            clean[field] = text
    return FrozenMap(clean)


def notes(given: Iterable[TicketNote]) -> tuple[TicketNote, ...]:
    """Notes as a host tells them."""
    found = tuple(given)
    for each in found:
        if not isinstance(cast("object", each), TicketNote):
            raise InvalidValue("notes", f"must be TicketNotes, not {type(each).__name__}")
    return found


def moves(given: Iterable[TicketMove], at: datetime) -> tuple[TicketMove, ...]:
    """The states that a ticket has been in, in order, none of them in the future."""
    found = tuple(given)
    for each in found:
        if not isinstance(cast("object", each), TicketMove):
            raise InvalidValue("history", f"must be TicketMoves, not {type(each).__name__}")
        _ = standing_of(each)
        if each.at > at:
            raise InvalidValue("history", f"{each.at.isoformat()} lies in the future")
    return tuple(sorted(found, key=lambda each: each.at))


def move(
    stated: Fields, at: datetime, by: str, reason: str, court: str, code: str, word: str
) -> TicketMove | None:
    """The state that a host states, as a move of now."""
    if "state" not in stated:
        return None
    found = TicketMove(at, stated["state"], by, reason, court, code, word)
    _ = standing_of(found)
    return found


def taken(
    system: str,
    key: str,
    ref: str,
    by: str,
    opened_at: datetime,
    stated: Mapping[str, str],
    *,
    state: str,
    code: str,
    history: Iterable[TicketMove],
    notes: Iterable[TicketNote],
    labels: Mapping[str, str] | None,
    reporter: str | None,
    acknowledged_at: datetime | None,
    acknowledged_by: str,
    responded_at: datetime | None,
    version: int,
    at: datetime,
) -> Taken:
    """A ticket as it is handed over. A state beyond its history was reached with its last instant.

    Raises InvalidValue for instants of the future or before the opening.
    """
    past = moves(history, at)
    told = _notes(notes)
    known = {
        "opened_at": opened_at,
        "acknowledged_at": acknowledged_at,
        "responded_at": responded_at,
        "history": past[0].at if past else None,
    }
    for field, value in known.items():
        if value is not None and value > at:
            raise InvalidValue(field, f"{value.isoformat()} lies in the future")
        if value is not None and value < opened_at:
            raise InvalidValue(field, f"{value.isoformat()} lies before the ticket was opened")
    last = past[-1].state if past else State.NEW.value
    if state and state != last:
        times = [opened_at, acknowledged_at, responded_at, past[-1].at if past else None]
        when = max(x for x in times if x is not None)
        final = TicketMove(when, state, by, code=code)
        past = (*past, final)
        _ = standing_of(final)
    return Taken(
        system,
        key,
        check_name(ref, "reference"),
        by,
        opened_at,
        fields(dict(stated)),
        clean_labels(labels),
        None if reporter is None else check_name(reporter, "reporter"),
        past,
        told,
        acknowledged_at,
        check_text(acknowledged_by, "acknowledged_by", NAME_LIMIT),
        responded_at,
        _version(version),
    )


_notes, _version = notes, version


def scope(
    of: Subject | None, key: str | None, where: str | None, everything: bool, policy: Policy
) -> Condition | None:
    """What is to be let go of: exactly one way of saying it; the condition, if that is the way."""
    if sum((of is not None, key is not None, where is not None, everything is True)) != 1:
        raise InvalidValue("scope", "name one incident, key=, where= or everything=True")
    if where is None:
        return None
    return Condition.parse(where, vocabulary(policy.facts).incident)


def window(
    since: datetime | None, until: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    """A window of time: the last 30 days where nothing else is said."""
    end = instant(until, "until") or now + timedelta(microseconds=1)
    start = instant(since, "since") or earlier(end, timedelta(days=30))
    if start >= end:
        raise InvalidValue("since", "lies after until")
    return start, end
