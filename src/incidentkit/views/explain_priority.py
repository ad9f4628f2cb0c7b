"""Why a priority is what it is: the cell of the matrix, or who set it by hand."""

from __future__ import annotations

from collections.abc import Sequence

from incidentkit.errors import NotFound
from incidentkit.model import incident_events as e
from incidentkit.model.incident import Incident, Rating
from incidentkit.model.journal import JournalEntry
from incidentkit.model.reason import Reason
from incidentkit.rules import prioritise
from incidentkit.rules.rerun import rerun
from incidentkit.timing.instants import show_instant
from incidentkit.views.explanation import Explanation, found, listed, reasons, redacted, told
from incidentkit.views.text import plain, suffix, who


def explain_priority(
    incident: Incident, entries: Sequence[JournalEntry], topic: str = "priority"
) -> Explanation:
    """How the priority in force was drawn, and every rating before it."""
    drawn = found(entries, e.Prioritised)
    steps = tuple(entry for entry, _ in found(entries, (e.Rated, e.Prioritised)))
    lines = tuple(_step(entry) for entry in steps)
    last = max((x.seq for x in entries if x.kind == "prioritised"), default=0)
    if not drawn or drawn[-1][0].seq != last:
        gone = redacted(entries, "prioritised")
        answer = f"{incident.priority}; no entry that can be read says why{gone}"
        return Explanation(topic, answer, reasons(steps), lines)
    entry, event = drawn[-1]
    recorded = entry.recorded
    reason = None if recorded is None else recorded.reason
    if event.by_hand and recorded is not None:
        was = f" (was {event.was})" if event.was is not None and event.was != event.priority else ""
        at = show_instant(entry.at)
        answer = f"{event.priority}, set by hand by {who(recorded)} at {at}{was}"
    elif reason is not None and reason.rule == prioritise.RULE:
        answer = _as_rated(reason, incident.rating)
    elif reason is not None:
        answer = plain(str(reason))
    else:
        answer = f"{event.priority}; its entry gives no reason"
    return Explanation(topic, answer, reasons(steps), lines)


def formula(reason: Reason) -> str:
    """A matrix decision in words: `impact high x urgency high = P1 (matrix 'default')`."""
    given = {key: listed(value) for key, value in reason.inputs.items() if key != "cells"}
    impact, urgency = given.get("impact", "?"), given.get("urgency", "?")
    text = f"impact {impact} x urgency {urgency} = {listed(reason.outcome)}"
    text += f" (matrix '{given.get('matrix', '?')}')"
    if reason.unknowns:
        unknown = " and ".join(plain(each) for each in reason.unknowns)
        text += f", provisional: {unknown} unknown"
        if {"impact", "urgency"} & set(reason.unknowns):
            text += f", assumed {given.get('assume', '?')}"
    return text


def _as_rated(reason: Reason, rating: Rating) -> str:
    """The formula with today's levels: a rating that leaves the priority alone gives no new entry.

    The rule is run again on them; its answer stands only if it is the priority in force.
    """
    now = {"impact": rating.impact, "urgency": rating.urgency}
    if all(reason.inputs.get(key) == level for key, level in now.items()):
        return formula(reason)
    try:
        outcome = rerun(reason, **now)
    except (NotFound, KeyError, ValueError):
        outcome = None
    if outcome != rating.priority.value:
        return f"{formula(reason)}, as it was rated then"
    unknowns = tuple(key for key, level in now.items() if level == "unknown")
    inputs = reason.inputs.with_("impact", rating.impact).with_("urgency", rating.urgency)
    return formula(Reason(reason.rule, reason.version, inputs, outcome, reason.policy, unknowns))


def _step(entry: JournalEntry) -> str:
    reason = None if entry.recorded is None else entry.recorded.reason
    if reason is not None and reason.rule == prioritise.RULE:
        return f"{show_instant(entry.at)}  {formula(reason)}{suffix(reason)}"
    return told(entry)
