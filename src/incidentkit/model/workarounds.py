"""What helps meanwhile: a way around the fault, whom it came from, and whether it works."""

from __future__ import annotations

from enum import StrEnum

import attrs

from incidentkit.model import checks


class Effective(StrEnum):
    """Whether a workaround helps here."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def effective(value: Effective | str) -> Effective:
    """Whether it helps, by its word. Raises InvalidValue."""
    return checks.member(Effective, "effective", value)


@attrs.frozen
class Workaround:
    """One way around it. `source` is a known error's reference, or who found it.

    `withdrawn` says why it is no longer to be used; empty while it stands.
    """

    id: str
    text: str = attrs.field(validator=checks.text())
    source: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    effective: Effective = Effective.UNKNOWN
    withdrawn: str = attrs.field(default="", validator=checks.text())
