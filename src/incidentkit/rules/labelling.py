"""How the label of one incident follows from that of another: upwards by itself, never downwards.

Whoever takes in what another knows may be read by no more people than the other. To lower a label
is a person's decision, with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.labels import Label, Tlp, highest
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.scope_changes import LabelSet

RULE, VERSION = "label.highest", 1


def raised(taker: Incident, giver: Incident, policy: str = "") -> tuple[LabelSet, Reason] | None:
    """The label of both together, where it is stricter than the taker's own; and why."""
    own, theirs = taker.dossier.scope.label, giver.dossier.scope.label
    label = highest(own, theirs)
    if label is None or label == own:
        return None
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {"own": _plain(own), "other": _plain(theirs), "of": giver.ref}
    )
    reason = Reason(RULE, VERSION, inputs, judge(inputs), policy)
    return LabelSet(label, own, f"as {giver.ref}"), reason


def judge(inputs: Mapping[str, Plain]) -> str:
    """The label of both, drawn from plain inputs; empty where neither has one."""
    label = highest(_label(inputs["own"]), _label(inputs["other"]))
    return "" if label is None else str(label)


def stricter(now: Label | None, before: Label | None) -> bool:
    """Whether a label reaches less far than an earlier one, in level or by a compartment."""
    return now is not None and (before is None or not before.covers(now))


def _plain(label: Label | None) -> Plain:
    if label is None:
        return None
    known: dict[str, Plain] = {"level": label.level.value, "compartments": label.compartments}
    return FrozenMap(known)


def _label(plain: Plain) -> Label | None:
    if not isinstance(plain, dict):
        return None
    return Label(Tlp(str(plain["level"])), cast("tuple[str, ...]", plain["compartments"]))
