"""Whether a message about a host's ticket goes out: what the mode lets out, and what it keeps.

Everything is decided and written down as if it were sent. In shadow it stays at that; under advice
it is a draft that a person may let go. What was kept is kept for ever: another mode sends nothing
of before, and what was queued in an earlier turn of the mode is not wanted any more.
"""

from __future__ import annotations

from collections.abc import Mapping

from incidentkit.model.delivery import Delivery
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.hosting import Hosted
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import DeliveryState, MessageKind, Mode

RULE = "hosting.send"
DETACH = "hosting.detach"
VERSION = 1
SEND = "send"
DETACHED = "detached from its ticket"
TURNED = "the mode was changed since"
KEPT = {
    SEND: DeliveryState.QUEUED,
    Mode.SHADOW.value: DeliveryState.SHADOWED,
    Mode.ADVISE.value: DeliveryState.DRAFTED,
}
"""What a message begins as, by the outcome of the rule; all else is not wanted."""


def sends(hosted: Hosted, kind: MessageKind, policy: str = "") -> Reason:
    """What becomes of a message that is decided now: `send`, the mode that keeps it, or why not."""
    return _reason(hosted, kind, hosted.turn, "", policy)


def still(hosted: Hosted, delivery: Delivery, policy: str = "") -> Reason:
    """The same when its turn to be sent has come; a draft was let go by a person."""
    return _reason(hosted, delivery.kind, delivery.turn, delivery.released_by, policy)


def _reason(hosted: Hosted, kind: MessageKind, turn: int, released: str, policy: str) -> Reason:
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "kind": kind.value,
            "mode": hosted.mode.value,
            "turn": hosted.turn,
            "of_turn": turn,
            "released_by": released,
            "detached": hosted.detached_at is not None,
        }
    )
    return Reason(RULE, VERSION, inputs, judge(inputs), policy)


def judge(inputs: Mapping[str, Plain]) -> str:
    """`send`, `shadow`, `advise`, or why it is not wanted, drawn from plain inputs."""
    if inputs["detached"]:
        return DETACHED
    if inputs["of_turn"] != inputs["turn"]:
        return TURNED
    mode = str(inputs["mode"])
    if mode == Mode.ENFORCE.value or (mode == Mode.ADVISE.value and inputs["released_by"]):
        return SEND
    return Mode.ADVISE.value if mode == Mode.ADVISE.value else Mode.SHADOW.value


def let_go(clock: str, why: str, policy: str = "") -> Reason:
    """Why a clock is cancelled that nothing else would have stopped."""
    inputs: FrozenMap[str, Plain] = FrozenMap({"clock": clock, "why": why})
    return Reason(DETACH, VERSION, inputs, judge_detach(inputs), policy)


def judge_detach(inputs: Mapping[str, Plain]) -> str:
    """What becomes of a clock of what is let go."""
    return f"{inputs['clock']} is cancelled"
