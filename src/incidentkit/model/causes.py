"""What made it happen: contributing causes and the root ones, as far as they were found."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import attrs

from incidentkit.model import checks

CAUSE_CATEGORIES = (
    "people",
    "process",
    "technology",
    "environment",
    "supplier",
    "change",
    "capacity",
    "configuration",
    "security",
)
"""What the default policy sorts causes by; after the branches of a cause-and-effect diagram."""


class CausePart(StrEnum):
    """What part a cause had: it contributed, or without it nothing would have happened."""

    CONTRIBUTING = "contributing"
    ROOT = "root"


def cause_part(value: CausePart | str) -> CausePart:
    """A part by its word. Raises InvalidValue."""
    return checks.member(CausePart, "part", value)


class CauseState(StrEnum):
    """Whether a cause is only stated, confirmed by somebody, or found to be none."""

    STATED = "stated"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


@attrs.frozen
class Cause:
    """One cause. `explains` names the cause or hypothesis whose "why" it answers, if any.

    `judged_by` and `judged_at` say who confirmed or rejected it; `why` on what grounds.
    """

    id: str
    text: str = attrs.field(validator=checks.text())
    category: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    part: CausePart = CausePart.CONTRIBUTING
    explains: str = ""
    state: CauseState = CauseState.STATED
    by: str = ""
    judged_by: str = ""
    judged_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    why: str = ""
