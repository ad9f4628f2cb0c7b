"""Why: the rule, its version and its inputs, enough to decide again.

A Reason is data, journaled with the event it explains. From `rule` and `inputs` alone the rule can
be run again (`incidentkit.rules.rerun`); why some other rule did not match is recomputed, never
stored.
"""

from __future__ import annotations

from typing import TypeAlias

import attrs

from incidentkit.model.frozen import FrozenMap

Plain: TypeAlias = "bool | int | str | tuple[Plain, ...] | FrozenMap[str, Plain] | None"
"""JSON-like data in frozen form; floats are kept out because stores disagree about them."""


@attrs.frozen
class Reason:
    """One decision, explained.

    `policy` is the content hash of the policy in force; `unknowns` are inputs that were missing
    and would have mattered.
    """

    rule: str
    version: int
    inputs: FrozenMap[str, Plain]
    outcome: Plain
    policy: str = ""
    unknowns: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The reason as one sentence."""
        return sentence(self)


def sentence(reason: Reason) -> str:
    """One sentence for people: the inputs that are plain words, the outcome, the rule."""
    said = ", ".join(
        f"{key} {value}"
        for key, value in reason.inputs.items()
        if isinstance(value, str | int) and not isinstance(value, bool) and value != ""
    )
    unknown = f"; unknown: {', '.join(reason.unknowns)}" if reason.unknowns else ""
    return f"{said or 'no inputs'} -> {show(reason.outcome)} ({reason.rule}{unknown})"


def show(value: Plain) -> str:
    """Plain data for people."""
    if isinstance(value, tuple):
        return ", ".join(show(each) for each in value) or "nothing"
    if isinstance(value, dict):
        return ", ".join(f"{key} {show(each)}" for key, each in value.items()) or "nothing"
    return "nothing" if value is None else str(value)
