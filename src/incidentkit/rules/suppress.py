"""Whether a message is still wanted when its turn comes: three kinds, three rules.

A page is a call to act: nobody needs it once somebody has acted; a call beside the ladder (round 0)
is for whoever already has it. A notice informs: it goes out
unless the incident turned out to be none. A sync closes a ticket elsewhere: it always goes out,
and a silence never stops it.
"""

from __future__ import annotations

from collections.abc import Mapping

from incidentkit.model.delivery import Delivery
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import ACTIVE, MessageKind, Response, State

RULE = "suppress"
OF_RECORD = "suppress.record"
VERSION = 1
_ACTIVE = frozenset(state.value for state in ACTIVE)


def wanted(incident: Incident, delivery: Delivery, policy: str = "") -> Reason:
    """Is the message still wanted? The reason's outcome is `send`, or why not."""
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "kind": delivery.kind.value,
            "state": incident.life.state.value,
            "response": incident.life.response.value,
            "to": delivery.party,
            "round": delivery.round,
            "assignee": incident.people.assignee or "",
            "cancelled": incident.course.ending.cancelled or "",
        }
    )
    return Reason(RULE, VERSION, inputs, judge(inputs), policy)


def judge(inputs: Mapping[str, Plain]) -> str:
    """`send`, or the words for why it is not wanted any more."""
    kind = inputs["kind"]
    if kind == MessageKind.SYNC.value:
        return "send"
    if kind == MessageKind.NOTICE.value:
        return "incident cancelled" if inputs["state"] == State.CANCELLED.value else "send"
    if inputs["state"] not in _ACTIVE:
        return "incident no longer active"
    if inputs["round"] == 0:
        return "send"
    if inputs["response"] == Response.ACKNOWLEDGED.value:
        return "already acknowledged"
    if inputs["response"] == Response.CLEARED.value:
        return "alerts cleared"
    return "send"


def wanted_of_record(delivery: Delivery, *, over: bool, policy: str = "") -> Reason:
    """The same for a record that is no incident: a page is wanted until the record is over."""
    inputs: FrozenMap[str, Plain] = FrozenMap({"kind": delivery.kind.value, "over": over})
    return Reason(OF_RECORD, VERSION, inputs, judge_of_record(inputs), policy)


def judge_of_record(inputs: Mapping[str, Plain]) -> str:
    """`send`, or why it is not wanted any more, drawn from plain inputs."""
    page = inputs["kind"] == MessageKind.PAGE.value
    return "nothing is left to do about it" if page and inputs["over"] else "send"
