"""Whom to page, how often, and when to stop.

The assignee is paged first; without one, or when a round passes unanswered, the tenant's fallback
is paged as well, so that an incident of high priority always ends at a human. An acknowledgement
is a lease: when its holder does nothing for its length, paging begins again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import attrs

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import Priority, Response, State

RULE = "escalate.round"
VERSION = 1
_DONE = frozenset((State.RESOLVED, State.CLOSED, State.CANCELLED))
_QUIET = frozenset((Response.ACKNOWLEDGED, Response.CLEARED))


CALL = "escalate.call"
CALLS = (
    "clock_warned",
    "clock_breached",
    "fix_in_doubt",
    "problem_gone",
    "priority_questioned",
    "major_proposed",
    "major_unstaffed",
    "task_overdue",
    "parent_gone",
)
"""Occasions on which somebody who already has the incident must hear more."""


@attrs.frozen
class PagingTerms:
    """What a host sets about paging.

    `fallback` is paged when nobody else is named; `wait` is how long a round may go unanswered;
    after `rounds` rounds the ladder ends. Candidates are paged whatever their priority. `calls`
    names the events that page whoever works on it at once, beside the ladder, acknowledged or not.
    """

    priorities: tuple[Priority, ...] = (Priority.P1, Priority.P2)
    fallback: str = "on-call"
    wait: timedelta = timedelta(minutes=5)
    rounds: int = 3
    calls: tuple[str, ...] = CALLS


@attrs.frozen
class Round:
    """One decision about paging: whom, and when the next round is due; or why nobody."""

    number: int
    to: tuple[str, ...]
    next_at: datetime | None
    reason: Reason


def escalate(
    incident: Incident, terms: PagingTerms, at: datetime, policy: str = ""
) -> Round | None:
    """The round of pages that is due now; None where nothing is to be decided.

    A decision not to page (its reason's outcome is empty) is one, and is journaled.
    """
    if incident.life.state in _DONE or incident.life.response in _QUIET:
        return None
    attention = incident.attention
    if attention.round and (attention.next_page_at is None or attention.next_page_at > at):
        return None
    number = attention.round + 1
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "round": number,
            "priority": incident.rating.priority.value,
            "candidate": incident.life.candidate,
            "assignee": incident.people.assignee or "",
            "fallback": terms.fallback,
            "priorities": tuple(priority.value for priority in terms.priorities),
            "rounds": terms.rounds,
        }
    )
    to = judge(inputs)
    next_at = at + terms.wait if to and number < terms.rounds else None
    return Round(number, to, next_at, Reason(RULE, VERSION, inputs, to, policy))


def judge(inputs: Mapping[str, Plain]) -> tuple[str, ...]:
    """Whom to page in a round, drawn from plain inputs; nobody when it is not urgent enough."""
    urgent = inputs["priorities"]
    if not inputs["candidate"] and not (isinstance(urgent, tuple) and inputs["priority"] in urgent):
        return ()
    assignee, fallback = str(inputs["assignee"]), str(inputs["fallback"])
    if not assignee:
        return (fallback,)
    if inputs["round"] == 1 or assignee == fallback:
        return (assignee,)
    return (assignee, fallback)


def call(
    incident: Incident,
    occasion: str,
    terms: PagingTerms,
    policy: str = "",
    priority: Priority | None = None,
    *,
    leads: tuple[str, ...] = (),
    to: str = "",
) -> Round | None:
    """One page beside the ladder for an occasion; None where the incident is over.

    `priority` is how urgent the occasion itself is, where the incident's own does not say it;
    `leads` are the roles whose holder is called where nobody is assigned; `to` is called first.
    """
    if incident.life.state in _DONE:
        return None
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "occasion": occasion,
            "calls": terms.calls,
            "priority": (priority or incident.rating.priority).value,
            "priorities": tuple(priority.value for priority in terms.priorities),
            "assignee": to or incident.people.assignee or "",
            "lead": next((x for role in leads if (x := incident.people.holder(role))), ""),
            "fallback": terms.fallback,
        }
    )
    called = judge_call(inputs)
    return Round(0, called, None, Reason(CALL, VERSION, inputs, called, policy))


def judge_call(inputs: Mapping[str, Plain]) -> tuple[str, ...]:
    """Whom an occasion calls: who works on it, else who leads it, else the fallback."""
    calls, urgent = inputs["calls"], inputs["priorities"]
    if not isinstance(calls, tuple) or inputs["occasion"] not in calls:
        return ()
    if not isinstance(urgent, tuple) or inputs["priority"] not in urgent:
        return ()
    return (str(inputs["assignee"] or inputs.get("lead") or inputs["fallback"]),)


def lapsed(incident: Incident, at: datetime) -> tuple[str, ...]:
    """The holders whose lease has run out."""
    return tuple(lease.holder for lease in incident.attention.leases if lease.until <= at)


def pages_at(incident: Incident) -> datetime | None:
    """When the next round or the next lapse of a lease would be due."""
    attention = incident.attention
    times = [lease.until for lease in attention.leases]
    if attention.next_page_at is not None and incident.life.response not in _QUIET:
        times.append(attention.next_page_at)
    return min(times, default=None)
