"""Decide again from a Reason alone: same rule, same inputs, same outcome, on any machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TypeAlias, cast

from incidentkit.errors import NotFound
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.reason import Plain, Reason
from incidentkit.rules import (
    assess,
    autoclose,
    automate,
    call_owner,
    checklists,
    clocks,
    communicate,
    correlate,
    escalate,
    importing,
    join,
    lead_time,
    major_follow,
    overlay_calls,
    owe_review,
    prioritise,
    public,
    question,
    roles,
    sending,
    statuses,
    suggest,
    suppress,
    suppress_alerts,
    waits,
)

Rule: TypeAlias = Callable[[Mapping[str, Plain]], Plain]


def _rate(inputs: Mapping[str, Plain]) -> Plain:
    impact, urgency = correlate.rate(inputs)
    return FrozenMap({"impact": impact, "urgency": urgency})


def _late(module: str, function: str = "judge") -> Rule:
    """A rule of a module that few processes need; imported when the rule is run again."""

    def again(inputs: Mapping[str, Plain]) -> Plain:
        rule = cast("Rule", getattr(import_module(f"incidentkit.rules.{module}"), function))
        return rule(inputs)

    return again


RULES: dict[tuple[str, int], Rule] = {
    (prioritise.RULE, 1): prioritise.judge,
    (prioritise.RULE, 2): prioritise.judge,
    (question.RULE, 1): question.judge,
    ("rate.by_severity", 1): _rate,
    (correlate.RULE, 1): lambda inputs: correlate.judge(inputs).value,
    (suppress.RULE, 1): suppress.judge,
    (clocks.RULE, 1): clocks.judge,
    (escalate.RULE, 1): escalate.judge,
    (escalate.CALL, 1): escalate.judge_call,
    (communicate.RULE, 1): communicate.judge,
    (automate.RULE, 1): automate.judge,
    (owe_review.RULE, 1): owe_review.judge,
    ("access.private", 1): _late("hide"),
    (assess.RULE, 1): assess.judge,
    (major_follow.TRIGGER, 1): major_follow.judge_trigger,
    (major_follow.SILENCE, 1): major_follow.judge_silence,
    (major_follow.PROBLEM, 1): major_follow.judge_problem,
    (overlay_calls.RULE, 1): overlay_calls.judge,
    (roles.ACTING, 1): roles.judge_acting,
    (checklists.RULE, 1): checklists.judge,
    (public.RULE, 1): public.judge,
    (statuses.RULE, 1): statuses.judge,
    (autoclose.RULE, 1): autoclose.judge,
    (suggest.LIKENESS, 1): suggest.judge,
    (suggest.NEARNESS, 1): suggest.judge_nearness,
    ("known_error.match", 1): _late("match"),
    ("problems.fix_holding", 1): _late("verification"),
    ("problems.call", 1): _late("problem_call"),
    ("problems.recurrence", 1): _late("recur"),
    (suppress.OF_RECORD, 1): suppress.judge_of_record,
    (sending.EXPIRY, 1): sending.judge_expiry,
    (sending.BUNDLE, 1): sending.judge_bundle,
    (sending.HELD_UP, 1): sending.judge_channel,
    (suppress_alerts.RULE, 1): suppress_alerts.judge,
    (lead_time.RULE, 1): lead_time.judge,
    (call_owner.RULE, 1): call_owner.judge,
    (waits.RULE, 1): waits.judge,
    (join.RULE, 1): join.judge,
    (importing.RULE, 1): importing.judge,
    ("enrol.decide", 1): _late("enrol"),
    ("ownership.field", 1): _late("ownership"),
    ("hosting.send", 1): _late("sends"),
    ("hosting.past", 1): _late("adopting"),
    ("hosting.detach", 1): _late("sends", "judge_detach"),
    ("label.highest", 1): _late("labelling"),
    ("merge.rating", 1): _late("merge_rating"),
}
"""Every rule that gives a Reason, by name and version; old versions stay."""


def rerun(reason: Reason, **changed: Plain) -> Plain:
    """The outcome of the reason's rule on its inputs, some of them changed if you like.

    Raises NotFound for a rule or a version that this release does not have.
    """
    rule = RULES.get((reason.rule, reason.version))
    if rule is None:
        raise NotFound("rule", f"{reason.rule} version {reason.version}")
    return rule({**reason.inputs, **changed})
