"""Handing a role over: offered, briefed, and accepted, declined or withdrawn.

Google's and PagerDuty's guides to incident command ask for an explicit handover with a briefing and
an acknowledgement; until it is accepted the old holder stays responsible.
"""

from __future__ import annotations

import attrs

from incidentkit.model import checks
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event


@attrs.frozen(repr=False)
class OfferHandover(Command):
    """Offer a role to another; with a `brief` they are briefed at once.

    `role` is any role, or `assignee` or `owner`; `holder` says whose, where several hold it.
    """

    action = "offer_handover"
    role: str = attrs.field(validator=checks.name)
    to: str = attrs.field(validator=checks.name)
    holder: str | None = attrs.field(default=None, validator=checks.optional_name)
    brief: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class BriefHandover(Command):
    """Tell whoever takes over what they must know."""

    action = "brief_handover"
    role: str = attrs.field(validator=checks.name)
    brief: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class AcceptHandover(Command):
    """Take the role over; only the party to whom it was offered can."""

    action = "accept_handover"
    role: str = attrs.field(validator=checks.name)


@attrs.frozen(repr=False)
class DeclineHandover(Command):
    """Do not take the role over: why; only the party to whom it was offered can."""

    action = "decline_handover"
    role: str = attrs.field(validator=checks.name)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class WithdrawHandover(Command):
    """Take the offer back."""

    action = "withdraw_handover"
    role: str = attrs.field(validator=checks.name)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class HandoverOffered(Event):
    """A role was offered by its holder, or for them, to another."""

    role: str
    holder: str
    to: str


@attrs.frozen(repr=False)
class HandoverBriefed(Event):
    """Whoever takes over was told this."""

    role: str
    to: str
    brief: str


@attrs.frozen(repr=False)
class HandoverAccepted(Event):
    """The role passed on; a lease of the old holder passes with an assignment or a command."""

    role: str
    holder: str
    to: str
    lease: bool = False


@attrs.frozen(repr=False)
class HandoverDeclined(Event):
    """The role was not taken over; its holder stays."""

    role: str
    to: str
    why: str = ""


@attrs.frozen(repr=False)
class HandoverWithdrawn(Event):
    """The offer was taken back; the holder stays."""

    role: str
    to: str
    why: str = ""
