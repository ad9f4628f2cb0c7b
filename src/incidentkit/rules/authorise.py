"""Whether an actor may: opinions folded into one decision, failing closed.

Any denial wins; nobody's opinion is a refusal once somebody was asked. When the authoriser itself
fails, a person can still acknowledge what they were paged for and use break-glass commands, which
are journaled as such: a broken login service must not keep people from an incident.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import attrs

BREAK_GLASS = frozenset(("acknowledge", "note", "start", "mitigate"))
"""What may be done while the authoriser cannot be asked, by somebody who was paged."""

CAPTURE = "receive"
BROKEN_GLASS = "break-glass: the authoriser could not be asked"


class Opinion(StrEnum):
    """What one authoriser says. Any denial wins; no opinion leaves it to the others."""

    ALLOW = "allow"
    DENY = "deny"
    NONE = "none"


@attrs.frozen
class Permission:
    """One authoriser's opinion, or the folded decision, and why."""

    opinion: Opinion
    why: str = ""

    @property
    def granted(self) -> bool:
        """Whether it may be done."""
        return self.opinion is Opinion.ALLOW


def fold(opinions: Iterable[Permission]) -> Permission:
    """One decision out of several opinions."""
    allowed: Permission | None = None
    for each in opinions:
        if each.opinion is Opinion.DENY:
            return each
        if each.opinion is Opinion.ALLOW and allowed is None:
            allowed = each
    return allowed or Permission(Opinion.DENY, "no authoriser allows it")


def without_authoriser(action: str, was_paged: bool) -> Permission:
    """The decision while the authoriser fails.

    What sources bring is taken in all the same: an alert that is turned away is lost.
    """
    if action == CAPTURE or (was_paged and action in BREAK_GLASS):
        return Permission(Opinion.ALLOW, BROKEN_GLASS)
    return Permission(Opinion.DENY, "the authoriser could not be asked")
