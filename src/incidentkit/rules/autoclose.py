"""Closing by itself what was resolved and left alone.

ServiceNow and Jira Service Management close a resolved ticket after some days; here a policy gives
the days for each priority, and none means never. Major incidents, a legal hold, open children, open
tasks (those of the review too) and a review that is still owed hinder it. The instant is planned in
the record, so that one timer is enough and nobody has to look round for what is due.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from incidentkit.model import incident_events as e
from incidentkit.model.custody_changes import AutoClosePlanned
from incidentkit.model.incident import Incident
from incidentkit.model.reason import Plain
from incidentkit.model.words import MajorState, Moment, State
from incidentkit.rules.custody import held
from incidentkit.rules.look import Look, Said
from incidentkit.rules.open_ends import children, every_task
from incidentkit.timing.instants import parse_instant

RULE = "autoclose.plan"
_WAS_MAJOR = (MajorState.PROPOSED, MajorState.ACCEPTED, MajorState.STOOD_DOWN)


def hindrances(incident: Incident, open_children: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What keeps a resolved incident from closing by itself, each in words."""
    major = incident.dossier.overlays.major
    said = (
        f"major: {major.value}" if major in _WAS_MAJOR else "",
        held(incident),
        children(open_children),
        every_task(incident),
        f"open review {', '.join(reviews)}" if (reviews := incident.dossier.reviews) else "",
    )
    return tuple(each for each in said if each)


def follow(look: Look) -> Said:
    """Plan the close, put it off, drop it, or close because the time has come."""
    incident = look.incident
    after = look.terms.autoclose.after.get(incident.rating.priority)
    planned = incident.dossier.overlays.closes_at
    if incident.life.state is not State.RESOLVED or (after is None and planned is None):
        return ()
    inputs: dict[str, Plain] = {
        "priority": incident.rating.priority.value,
        "after_seconds": 0 if after is None else int(after.total_seconds()),
        "from": _from(look, after).isoformat(),
        "hindrances": hindrances(incident, look.open_children),
    }
    text = judge(inputs)
    closes_at = parse_instant(text) if text else None
    reason = look.reason(RULE, inputs, text)
    if closes_at is not None and closes_at <= look.at:
        return ((e.Closed(), reason),)
    if closes_at == planned and not (look.saw(e.Resolved) and closes_at is None):
        return ()
    hindered = inputs["hindrances"]
    why = "; ".join(map(str, hindered)) if isinstance(hindered, tuple) else ""
    return ((AutoClosePlanned(closes_at, why), reason),)


def _from(look: Look, after: timedelta | None) -> datetime:
    """The resolution; where updates count, the last change by a person."""
    incident = look.incident
    resolved = incident.moment(Moment.RESOLVED) or incident.life.since
    if not look.terms.autoclose.from_updates:
        return resolved
    if look.touched:
        return look.at
    planned = incident.dossier.overlays.closes_at
    return resolved if planned is None or after is None else max(resolved, planned - after)


def judge(inputs: Mapping[str, Plain]) -> str:
    """When it closes by itself, drawn from plain inputs; empty where it does not."""
    seconds = inputs["after_seconds"]
    if inputs["hindrances"] or not isinstance(seconds, int) or not seconds:
        return ""
    return (parse_instant(str(inputs["from"])) + timedelta(seconds=seconds)).isoformat()
