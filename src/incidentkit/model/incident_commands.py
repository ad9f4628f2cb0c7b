"""What can be asked of an incident: one frozen value a command, in the imperative.

`subject` is a record's id or its human reference. `if_version` binds the command to the version it
was written against; without it a command that meets a conflicting change is decided again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

import attrs

from incidentkit.model import checks
from incidentkit.model.showing import Shown
from incidentkit.model.signals import NO_TEXTS, Texts
from incidentkit.model.words import CancelReason, LinkKind, Moment, Outcome, Priority


def priority(value: Priority | str | None) -> Priority | None:
    """A priority by its word, or none. Raises InvalidValue listing the priorities."""
    return None if value is None else checks.member(Priority, "priority", value)


def _outcome(value: Outcome | str | None) -> Outcome | None:
    return None if value is None else checks.member(Outcome, "outcome", value)


def _reason(value: CancelReason | str) -> CancelReason:
    return checks.member(CancelReason, "reason", value)


def _moment(value: Moment | str) -> Moment:
    return checks.member(Moment, "moment", value)


def _kind(value: LinkKind | str) -> LinkKind:
    return checks.member(LinkKind, "kind", value)


@attrs.frozen(repr=False)
class Command(Shown):
    """The base of every command: what it is about, and at which version."""

    action: ClassVar[str] = "command"
    about: ClassVar[str] = "incident"
    begins: ClassVar[bool] = False
    """Whether it makes a record; that has no version which it could be bound to."""

    subject: str = attrs.field(validator=checks.text(checks.TITLE_LIMIT))
    if_version: int | None = attrs.field(default=None, kw_only=True)


@attrs.frozen(repr=False)
class Declare(Command):
    """A person or a system says: this is an incident. `subject` is its title.

    `private` says why it is private from its first instant on, and `admits` who is let
    in beside the people in it and whoever declares it.
    """

    action = "declare"
    begins = True

    summary: str = attrs.field(default="", validator=checks.text())
    service: str | None = attrs.field(default=None, validator=checks.optional_name)
    impact: str | None = attrs.field(default=None, validator=checks.optional_name)
    urgency: str | None = attrs.field(default=None, validator=checks.optional_name)
    priority: Priority | None = attrs.field(default=None, converter=priority)
    assign: str | None = attrs.field(default=None, validator=checks.optional_name)
    owner: str | None = attrs.field(default=None, validator=checks.optional_name)
    reporter: str | None = attrs.field(default=None, validator=checks.optional_name)
    source: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    labels: Texts = attrs.field(default=NO_TEXTS, converter=checks.to_map)
    candidate: bool = False
    occurred_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    detected_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    successor_of: str | None = attrs.field(default=None, validator=checks.optional_name)
    category: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    team: str | None = attrs.field(default=None, validator=checks.optional_name)
    severity: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    private: str = attrs.field(default="", validator=checks.text())
    admits: tuple[str, ...] = attrs.field(default=(), converter=checks.to_names)


class Accept(Command):
    """A candidate is an incident; its targets start."""

    __slots__ = ()
    action = "accept"


@attrs.frozen(repr=False)
class Decline(Command):
    """A candidate is none."""

    action = "decline"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class Triage(Command):
    """Impact and urgency are settled, by someone or by a named rule."""

    action = "triage"
    impact: str | None = attrs.field(default=None, validator=checks.optional_name)
    urgency: str | None = attrs.field(default=None, validator=checks.optional_name)


class Start(Command):
    """Work begins."""

    __slots__ = ()
    action = "start"


@attrs.frozen(repr=False)
class Hold(Command):
    """It waits for somebody else: why, and whose court the ball is in."""

    action = "hold"
    reason: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    court: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))


class Resume(Command):
    """The wait is over: back to the last state that was not on_hold."""

    __slots__ = ()
    action = "resume"


@attrs.frozen(repr=False)
class Mitigate(Command):
    """The service is restored, though the work may go on."""

    action = "mitigate"
    restored_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)


@attrs.frozen(repr=False)
class Observe(Command):
    """Watch whether it holds, until an instant or under a condition in words."""

    action = "observe"
    until: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    condition: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class Regress(Command):
    """The fix did not hold."""

    action = "regress"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class Resolve(Command):
    """It is over: a code and a remedy, never a cause. `override` says why despite open ends.

    `children` are the references of those that stay open, which the desk looks up itself.
    """

    action = "resolve"
    code: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    remedy: str = attrs.field(default="", validator=checks.text())
    restored_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    override: str = attrs.field(default="", validator=checks.text())
    outcome: Outcome | None = attrs.field(default=None, converter=_outcome)
    children: tuple[str, ...] = attrs.field(default=(), converter=checks.to_tuple)


@attrs.frozen(repr=False)
class Close(Command):
    """Nothing is left to do; from an active state it needs what resolving needs."""

    action = "close"
    code: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    remedy: str = attrs.field(default="", validator=checks.text())
    restored_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    override: str = attrs.field(default="", validator=checks.text())
    children: tuple[str, ...] = attrs.field(default=(), converter=checks.to_tuple)


@attrs.frozen(repr=False)
class Reopen(Command):
    """It came back, or never went: into work, or on hold with what a hold needs.

    `by_rule`: a rule asks for it (an alert fires again), which has a window of its own.
    """

    action = "reopen"
    reason: str = attrs.field(default="", validator=checks.text())
    hold_reason: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    court: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    by_rule: bool = False


@attrs.frozen(repr=False)
class Cancel(Command):
    """It ends without being resolved; `target` names the record it duplicates or went to."""

    action = "cancel"
    reason: CancelReason = attrs.field(default=CancelReason.WITHDRAWN, converter=_reason)
    why: str = attrs.field(default="", validator=checks.text())
    target: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))


@attrs.frozen(repr=False)
class Acknowledge(Command):
    """I have it: a lease of the policy's length, renewed by whatever I do next."""

    action = "acknowledge"


@attrs.frozen(repr=False)
class Assign(Command):
    """Who works on it now, which group has it, and who stays accountable; what is None stays.

    With nothing given it is taken from its assignee.
    """

    action = "assign"
    assignee: str | None = attrs.field(default=None, validator=checks.optional_name)
    owner: str | None = attrs.field(default=None, validator=checks.optional_name)
    team: str | None = attrs.field(default=None, validator=checks.optional_name)


@attrs.frozen(repr=False)
class Watch(Command):
    """Somebody wants to hear of it, or no longer; nobody named means whoever says it."""

    action = "watch"
    party: str | None = attrs.field(default=None, validator=checks.optional_name)
    stop: bool = False


@attrs.frozen(repr=False)
class TakeRole(Command):
    """A role is taken over by its holder; whoever held it before steps down.

    Where the policy lets many hold it, the others keep it.
    """

    action = "take_role"
    role: str = attrs.field(validator=checks.name)
    holder: str | None = attrs.field(default=None, validator=checks.optional_name)


@attrs.frozen(repr=False)
class LeaveRole(Command):
    """A role is laid down, by `holder` where several hold it."""

    action = "leave_role"
    role: str = attrs.field(validator=checks.name)
    holder: str | None = attrs.field(default=None, validator=checks.optional_name)


@attrs.frozen(repr=False)
class AddNote(Command):
    """An internal note, never sent outside."""

    action = "note"
    text: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class Reply(Command):
    """A statement to the reporter: it goes out. Of many, `to` names one; left out, all hear it."""

    action = "reply"
    text: str = attrs.field(default="", validator=checks.text())
    to: str | None = attrs.field(default=None, validator=checks.optional_name)


@attrs.frozen(repr=False)
class Edit(Command):
    """Correct what people read. Fields left as None stay as they are."""

    action = "edit"
    title: str | None = None
    summary: str | None = None
    service: str | None = None
    labels: Texts | None = attrs.field(default=None, converter=checks.to_optional_map)
    category: str | None = None


@attrs.frozen(repr=False)
class Prioritise(Command):
    """Set impact and urgency, or the priority itself by hand with a reason.

    `by_rules`: a priority set by hand counts no more, why; the rules draw it from now on.
    """

    action = "prioritise"
    impact: str | None = attrs.field(default=None, validator=checks.optional_name)
    urgency: str | None = attrs.field(default=None, validator=checks.optional_name)
    priority: Priority | None = attrs.field(default=None, converter=priority)
    severity: str | None = attrs.field(default=None, validator=checks.optional_name)
    reason: str = attrs.field(default="", validator=checks.text())
    by_rules: bool = False


@attrs.frozen(repr=False)
class Correct(Command):
    """An instant was recorded wrongly; the old entry stays, a new one corrects it."""

    action = "correct"
    moment: Moment = attrs.field(converter=_moment)
    to: datetime = attrs.field(converter=checks.to_utc)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class LinkTo(Command):
    """Tie it to another record by a typed link; the other end gets the inverse."""

    action = "link"
    kind: LinkKind = attrs.field(converter=_kind)
    target: str = attrs.field(validator=checks.name)


@attrs.frozen(repr=False)
class Unlink(Command):
    """Take a link away; undoing `duplicate_of` lets a cancelled duplicate be reopened."""

    action = "unlink"
    kind: LinkKind = attrs.field(converter=_kind)
    target: str = attrs.field(validator=checks.name)


@attrs.frozen(repr=False)
class Notify(Command):
    """Say something to an audience: the policy's template for it, or `text` instead.

    `next_update_in` promises it another word within that time, in whole seconds: the notice says
    until when, and the promise is a clock of the incident named "next update to" the audience.
    Raises InvalidValue for a time that is not ahead, or for more than a year.
    """

    action = "notify"
    audience: str = attrs.field(validator=checks.name)
    text: str = attrs.field(default="", validator=checks.text())
    next_update_in: timedelta | None = attrs.field(default=None, validator=checks.span_ahead)


class Redecide(Command):
    """Look again: wake what is due on this record. Timers carry nothing more."""

    __slots__ = ()
    action = "wake"
