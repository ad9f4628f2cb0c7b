"""Why a priority is what it is: the cell of the matrix, what overrode it, or who set it by hand."""

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
from incidentkit.views.overriding import overriding
from incidentkit.views.text import plain, quoted, suffix, who


def explain_priority(
    incident: Incident, entries: Sequence[JournalEntry], topic: str = "priority"
) -> Explanation:
    """How the priority in force was drawn, and every rating before it."""
    drawn = found(entries, e.Prioritised)
    told_of = (e.Rated, e.Prioritised, e.PriorityQuestioned, e.PriorityReturned)
    steps = tuple(entry for entry, _ in found(entries, told_of))
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
    answer += _returned(entries, last) + _questioned(entries, last)
    return Explanation(topic, answer, reasons(steps), lines)


def formula(reason: Reason) -> str:
    """A matrix decision in words: `impact high x urgency high = P1 (matrix 'default')`."""
    given = {key: listed(value) for key, value in reason.inputs.items() if key not in _BULKY}
    impact, urgency = given.get("impact", "?"), given.get("urgency", "?")
    steps = overriding(reason)
    drawn = steps[0].was.value if steps else listed(reason.outcome)
    text = f"impact {impact} x urgency {urgency} = {drawn}"
    text += f" (matrix '{given.get('matrix', '?')}')"
    unknown = [plain(each) for each in reason.unknowns if _in_doubt(each)]
    if unknown:
        text += f", provisional: {' and '.join(unknown)} unknown"
        if set(unknown) & set(_LEVELS):
            text += f", assumed {given.get('assume', '?')}"
    return text + "".join(f", {step.priority} by {quoted(step.name)}" for step in steps)


_BULKY = frozenset(("cells", "overrides", "facts"))
_LEVELS = ("impact", "urgency")


def _in_doubt(unknown: str) -> bool:
    """Whether this makes the priority provisional: a level, or one dimension of the impact."""
    return unknown in _LEVELS or unknown.startswith("impact on ")


def _returned(entries: Sequence[JournalEntry], drawn: int) -> str:
    """Who gave it back to the rules, if it was set by hand before it was drawn."""
    since = max((x.seq for x, event in found(entries, e.Prioritised) if event.by_hand), default=0)
    for entry, event in found(entries, e.PriorityReturned):
        if since < entry.seq < drawn and entry.recorded is not None:
            by, at = who(entry.recorded), show_instant(entry.at)
            return f"; given back to the rules by {by} at {at}: {plain(event.why)}"
    return ""


def _questioned(entries: Sequence[JournalEntry], since: int) -> str:
    """Whether the priority was put in question after it was set or drawn."""
    asked = [x for x in found(entries, e.PriorityQuestioned) if x[0].seq > since]
    if not asked:
        return ""
    entry, event = asked[-1]
    at = show_instant(entry.at)
    why = plain(event.why) or f"as it was rated then it would be {event.drawn}"
    return f"; in question since {at}: {why}"


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
    unknowns += tuple(each for each in reason.unknowns if each not in _LEVELS)
    inputs = reason.inputs.with_("impact", rating.impact).with_("urgency", rating.urgency)
    return formula(Reason(reason.rule, reason.version, inputs, outcome, reason.policy, unknowns))


def _step(entry: JournalEntry) -> str:
    reason = None if entry.recorded is None else entry.recorded.reason
    if reason is not None and reason.rule == prioritise.RULE:
        return f"{show_instant(entry.at)}  {formula(reason)}{suffix(reason)}"
    return told(entry)
