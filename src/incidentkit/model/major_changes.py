"""The overlay of a major incident: what can be asked of it, and what happened to it.

ITIL practice gives a major incident a procedure of its own; here it is an overlay that anybody may
propose and the duty decides, never a priority.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event


@attrs.frozen(repr=False)
class ProposeMajor(Command):
    """This might be a major incident; the duty is asked, and the policy decides if it is silent."""

    action = "propose_major"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class AcceptMajor(Command):
    """It is a major incident from now on."""

    action = "accept_major"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class RejectMajor(Command):
    """The proposal was wrong: why it is no major incident."""

    action = "reject_major"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class StandDown(Command):
    """The procedure of a major incident is no longer needed; that it was one stays true."""

    action = "stand_down"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class Demote(Command):
    """It should never have been a major incident: why."""

    action = "demote"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class MajorProposed(Event):
    """It was proposed as a major incident, by somebody or by a rule of the policy (`rule`).

    `answer_by` is when the policy decides if nobody has.
    """

    why: str
    rule: str
    answer_by: datetime | None


@attrs.frozen(repr=False)
class MajorAccepted(Event):
    """It became a major incident: by somebody, by a rule, or because nobody answered in time."""

    why: str
    rule: str = ""


@attrs.frozen(repr=False)
class MajorRejected(Event):
    """The proposal was turned down, or the incident ended first."""

    why: str


@attrs.frozen(repr=False)
class MajorStoodDown(Event):
    """The procedure of the major incident ended."""

    why: str


@attrs.frozen(repr=False)
class MajorDemoted(Event):
    """It turned out not to be a major incident."""

    why: str


class MajorUnanswered(Event):
    """Nobody answered the proposal in time, and the policy does not decide in their place."""

    __slots__ = ()


@attrs.frozen(repr=False)
class MajorStaffing(Event):
    """Which needed roles nobody holds now, and when that becomes an alarm; none: all are held."""

    missing: tuple[str, ...]
    staff_by: datetime | None


@attrs.frozen(repr=False)
class MajorUnstaffed(Event):
    """For too long nobody has held these roles of a major incident."""

    missing: tuple[str, ...]
