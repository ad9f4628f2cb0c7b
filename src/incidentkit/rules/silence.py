"""Silences: when one begins, when it ends, and what it holds back meanwhile."""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.errors import InvalidValue, MissingFields, TransitionNotAllowed
from incidentkit.ids import SilenceId
from incidentkit.lang.conditions import Condition
from incidentkit.model import silence as s
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.record_events import AlertsReleased
from incidentkit.model.suppressions import Holder
from incidentkit.model.words import SilenceState
from incidentkit.rules.record_terms import SilenceTerms


def begun(
    id_: str, ref: str, command: s.SilenceAlerts, at: datetime, by: str, terms: SilenceTerms
) -> s.SilenceBegun:
    """The silence that a command asks for.

    Raises MissingFields without an end or a reason; InvalidValue for an end that is past or too far
    away, or a condition that names nothing: that would silence everything.
    """
    missing = tuple(
        field
        for field, value in (("until", command.until), ("reason", command.reason.strip()))
        if not value
    )
    if missing or command.until is None:
        raise MissingFields(ref, command.action, missing)
    condition = Condition.parse(command.subject)
    if not condition.names():
        raise InvalidValue("subject", "would silence every alert; name what is to be silent")
    start = command.starts_at or at
    if command.until <= max(start, at):
        raise InvalidValue("until", "must lie after the start, and in the future")
    if command.until - start > terms.longest:
        raise InvalidValue("until", f"a silence lasts at most {terms.longest}; renew it instead")
    return s.SilenceBegun(id_, ref, str(condition), command.reason, by, start, command.until)


def birth(begun_: s.SilenceBegun, at: datetime) -> s.Silence:
    """The silence that was begun, at version 1."""
    return s.Silence(
        SilenceId(begun_.id),
        begun_.ref,
        1,
        begun_.when,
        begun_.reason,
        begun_.owner,
        begun_.starts_at,
        begun_.until,
        SilenceState.ACTIVE,
        at,
    )


def decide(silence: s.Silence, command: Command, _at: datetime) -> tuple[Event, ...]:
    """The events a command leads to. Raises TransitionNotAllowed for a silence that has ended."""
    if silence.state is not SilenceState.ACTIVE or not isinstance(command, s.EndSilence):
        possible = allowed(silence.state)
        raise TransitionNotAllowed(silence.ref, silence.state, command.action, possible)
    return (s.SilenceEnded(command.reason),)


def allowed(state: SilenceState) -> tuple[str, ...]:
    """The commands that make sense in a state."""
    return (s.EndSilence.action,) if state is SilenceState.ACTIVE else ()


def evolve(silence: s.Silence, event: Event, at: datetime) -> s.Silence:
    """The silence after the event, one version on."""
    nxt = silence.version + 1
    if isinstance(event, s.SilenceEnded):
        return attrs.evolve(silence, version=nxt, state=SilenceState.ENDED, since=at, release_at=at)
    if isinstance(event, AlertsReleased):
        return attrs.evolve(
            silence,
            version=nxt,
            release_at=silence.release_at if event.more else None,
            released=silence.released + event.decided,
            cleared=event.cleared,
        )
    return attrs.evolve(silence, version=nxt)


def wakes_at(silence: s.Silence) -> datetime | None:
    """When this silence must be looked at again by itself."""
    return silence.until if silence.state is SilenceState.ACTIVE else silence.release_at


def wake(silence: s.Silence, at: datetime) -> tuple[Event, ...]:
    """What time alone has made true: it is over."""
    over = silence.state is SilenceState.ACTIVE and silence.until <= at
    return (s.SilenceEnded(),) if over else ()


def holder(silence: s.Silence) -> Holder | None:
    """What it holds back now; None once it has ended."""
    if silence.state is not SilenceState.ACTIVE:
        return None
    name = f"silence/{silence.id}"
    return Holder(name, silence.ref, silence.starts_at, silence.until, silence.when)
