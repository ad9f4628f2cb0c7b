"""What can be asked of a problem beside its moves, and what happened to it."""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.incident_commands import priority
from incidentkit.model.journal import Event
from incidentkit.model.problem import ProblemCommand
from incidentkit.model.signals import Texts
from incidentkit.model.words import Priority, ProblemMoment


def _moment(value: ProblemMoment | str) -> ProblemMoment:
    return checks.member(ProblemMoment, "moment", value)


@attrs.frozen(repr=False)
class EditProblem(ProblemCommand):
    """Correct what people read. Fields left as None stay as they are."""

    action = "edit_problem"
    title: str | None = None
    summary: str | None = None
    service: str | None = attrs.field(default=None, validator=checks.optional_name)
    category: str | None = None
    origin: str | None = None
    labels: Texts | None = attrs.field(default=None, converter=checks.to_optional_map)


@attrs.frozen(repr=False)
class AssignProblem(ProblemCommand):
    """Who stays accountable, and which group has the work; what is None stays.

    With nothing given it is taken from its owner.
    """

    action = "assign_problem"
    owner: str | None = attrs.field(default=None, validator=checks.optional_name)
    team: str | None = attrs.field(default=None, validator=checks.optional_name)


@attrs.frozen(repr=False)
class PrioritiseProblem(ProblemCommand):
    """Set impact and urgency, or the priority itself by hand with a reason."""

    action = "prioritise_problem"
    impact: str | None = attrs.field(default=None, validator=checks.optional_name)
    urgency: str | None = attrs.field(default=None, validator=checks.optional_name)
    priority: Priority | None = attrs.field(default=None, converter=priority)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class NoteProblem(ProblemCommand):
    """An internal note, never sent outside."""

    action = "note_problem"
    text: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class CorrectProblem(ProblemCommand):
    """An instant was recorded wrongly; the old entry stays, a new one corrects it."""

    action = "correct_problem"
    moment: ProblemMoment = attrs.field(converter=_moment)
    to: datetime = attrs.field(converter=checks.to_utc)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class StateCause(ProblemCommand):
    """What is held to be the cause from now on; earlier statements stay in the history."""

    action = "state_cause"
    text: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class WithdrawCause(ProblemCommand):
    """It was not that."""

    action = "withdraw_cause"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class StateWorkaround(ProblemCommand):
    """How to get by until the cause is gone; earlier statements stay in the history."""

    action = "state_workaround"
    text: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class WithdrawWorkaround(ProblemCommand):
    """It does not help, or does harm."""

    action = "withdraw_workaround"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class CommunicateWorkaround(ProblemCommand):
    """Tell every active incident of it: `text`, else the workaround as it stands."""

    action = "communicate_workaround"
    text: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class CommunicateFix(ProblemCommand):
    """Tell every active incident of it how the cause is, or was, taken away."""

    action = "communicate_fix"
    text: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class ProblemEdited(Event):
    """What people read was corrected; None means unchanged."""

    title: str | None = None
    summary: str | None = None
    service: str | None = None
    category: str | None = None
    origin: str | None = None
    labels: Texts | None = None


@attrs.frozen(repr=False)
class ProblemAssigned(Event):
    """Who is accountable and which group has the work, from now on."""

    owner: str | None
    team: str | None
    owner_was: str | None = None
    team_was: str | None = None


@attrs.frozen(repr=False)
class ProblemRated(Event):
    """Impact and urgency as stated, and the priority drawn from them or set by hand."""

    impact: str
    urgency: str
    priority: Priority
    provisional: bool = False
    by_hand: bool = False
    why: str = ""


@attrs.frozen(repr=False)
class ProblemNoted(Event):
    """An internal note."""

    text: str


@attrs.frozen(repr=False)
class ProblemMomentCorrected(Event):
    """An instant was put right."""

    moment: ProblemMoment
    was: datetime | None
    now: datetime
    why: str = ""


@attrs.frozen(repr=False)
class CauseStated(Event):
    """What is held to be the cause from now on."""

    text: str


@attrs.frozen(repr=False)
class CauseWithdrawn(Event):
    """It is held to be the cause no longer."""

    text: str
    why: str


@attrs.frozen(repr=False)
class WorkaroundStated(Event):
    """How to get by from now on."""

    text: str


@attrs.frozen(repr=False)
class WorkaroundWithdrawn(Event):
    """The workaround is recommended no longer."""

    text: str
    why: str


@attrs.frozen(repr=False)
class WorkaroundCommunicated(Event):
    """The incidents of the problem are told how to get by."""

    text: str


@attrs.frozen(repr=False)
class FixCommunicated(Event):
    """The incidents of the problem are told how the cause is taken away."""

    text: str


@attrs.frozen(repr=False)
class FixNotHolding(Event):
    """An incident speaks against the fix that is being verified."""

    incident: str
    ref: str
    why: str


@attrs.frozen(repr=False)
class ChangeDone(Event):
    """A change that resolves the problem is done, as its record says."""

    target: str
    ref: str


@attrs.frozen(repr=False)
class ChangesDone(Event):
    """All changes that resolve the problem are done."""

    refs: tuple[str, ...]


@attrs.frozen(repr=False)
class VerificationOver(Event):
    """The time of the verification is over, nothing spoke against the fix, and somebody decides."""

    until: datetime


@attrs.frozen(repr=False)
class ProblemOwnerCalled(Event):
    """Whoever has the problem was called for an occasion; `messages` went out."""

    occasion: str
    to: str
    text: str
    messages: int
