"""What is found out and decided: hypotheses, causes, workarounds, decisions, and their events."""

from __future__ import annotations

import attrs

from incidentkit.model import checks
from incidentkit.model.causes import Cause, CausePart, cause_part
from incidentkit.model.decisions import Decision
from incidentkit.model.hypotheses import Hypothesis, HypothesisState, verdict
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.workarounds import Effective, Workaround, effective

_SHORT = checks.text(checks.NAME_LIMIT)

# --- commands -------------------------------------------------------------------------------------


@attrs.frozen(repr=False)
class ProposeHypothesis(Command):
    """It might be so. `explains` names the hypothesis or cause (H1, C1) that it would explain."""

    action = "propose_hypothesis"
    text: str = attrs.field(default="", validator=checks.text())
    explains: str = attrs.field(default="", validator=_SHORT)


@attrs.frozen(repr=False)
class JudgeHypothesis(Command):
    """A hypothesis is supported, refuted or confirmed, and by what evidence."""

    action = "judge_hypothesis"
    hypothesis: str = attrs.field(validator=checks.name)
    verdict: HypothesisState = attrs.field(converter=verdict)
    evidence: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class NameCause(Command):
    """This made it happen, or contributed. `explains` names the cause whose "why" it answers."""

    action = "name_cause"
    text: str = attrs.field(default="", validator=checks.text())
    category: str = attrs.field(default="", validator=_SHORT)
    part: CausePart = attrs.field(default=CausePart.CONTRIBUTING, converter=cause_part)
    explains: str = attrs.field(default="", validator=_SHORT)


@attrs.frozen(repr=False)
class ConfirmCause(Command):
    """A stated cause is one. Confirming a root cause states when the cause was identified."""

    action = "confirm_cause"
    cause: str = attrs.field(validator=checks.name)
    why: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class RejectCause(Command):
    """A stated or confirmed cause is none."""

    action = "reject_cause"
    cause: str = attrs.field(validator=checks.name)
    why: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class OfferWorkaround(Command):
    """There is a way around it; `source` is a known error's reference, or who found it."""

    action = "offer_workaround"
    text: str = attrs.field(default="", validator=checks.text())
    source: str = attrs.field(default="", validator=_SHORT)


@attrs.frozen(repr=False)
class JudgeWorkaround(Command):
    """A workaround helps here, or it does not."""

    action = "judge_workaround"
    workaround: str = attrs.field(validator=checks.name)
    effective: Effective = attrs.field(converter=effective)


@attrs.frozen(repr=False)
class DropWorkaround(Command):
    """A workaround is not to be used any more."""

    action = "drop_workaround"
    workaround: str = attrs.field(validator=checks.name)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class RecordDecision(Command):
    """What was decided and why; `negative` when it was decided not to do it.

    `facts` names the facts that it rests on; None means all that are known. `supersedes` is the id
    of the decision that it replaces.
    """

    action = "record_decision"
    question: str = attrs.field(default="", validator=checks.text(checks.TITLE_LIMIT))
    outcome: str = attrs.field(default="", validator=checks.text())
    reasons: str = attrs.field(default="", validator=checks.text())
    options: tuple[str, ...] = attrs.field(default=(), converter=checks.to_tuple)
    negative: bool = False
    facts: tuple[str, ...] | None = attrs.field(default=None, converter=checks.to_optional_tuple)
    supersedes: str = attrs.field(default="", validator=_SHORT)


# --- events ---------------------------------------------------------------------------------------


@attrs.frozen(repr=False)
class HypothesisProposed(Event):
    """Somebody thinks that it might be so."""

    hypothesis: Hypothesis


@attrs.frozen(repr=False)
class HypothesisJudged(Event):
    """A hypothesis was supported, refuted or confirmed."""

    id: str
    verdict: HypothesisState
    evidence: str
    by: str


@attrs.frozen(repr=False)
class CauseNamed(Event):
    """Somebody named what made it happen."""

    cause: Cause


@attrs.frozen(repr=False)
class CauseConfirmed(Event):
    """A stated cause is one."""

    id: str
    by: str
    why: str


@attrs.frozen(repr=False)
class CauseRejected(Event):
    """A cause is none."""

    id: str
    by: str
    why: str


@attrs.frozen(repr=False)
class WorkaroundOffered(Event):
    """There is a way around it."""

    workaround: Workaround


@attrs.frozen(repr=False)
class WorkaroundJudged(Event):
    """A workaround helps here, or it does not."""

    id: str
    effective: Effective


@attrs.frozen(repr=False)
class WorkaroundDropped(Event):
    """A workaround is not to be used any more."""

    id: str
    reason: str


@attrs.frozen(repr=False)
class DecisionRecorded(Event):
    """Something was decided, or decided against; `supersedes` names what it replaces."""

    decision: Decision
    supersedes: str = ""
