"""What a host's automation did to an incident, or would have done, or could not do.

Every firing of a rule leaves one of these in the journal, so that nobody wonders at three in the
morning who assigned it to them.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model.journal import Event


@attrs.frozen(repr=False)
class Automated(Event):
    """A rule of the host fired. In a dry run `did` is what it would have done."""

    rule: str
    did: tuple[str, ...]
    dry_run: bool = False


@attrs.frozen(repr=False)
class AutomationPutOff(Event):
    """A rule fired that waits first, and asks its condition again then."""

    rule: str
    until: datetime


@attrs.frozen(repr=False)
class AutomationSkipped(Event):
    """A rule did nothing after all: its condition no longer holds, or too much hung on it."""

    rule: str
    why: str


@attrs.frozen(repr=False)
class AutomationFailed(Event):
    """An action of a rule was refused; none of the rule's actions were carried out."""

    rule: str
    action: str
    problem: str
