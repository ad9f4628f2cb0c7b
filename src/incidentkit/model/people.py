"""Who: the owner who stays accountable, the assignee who works now, and roles taken over."""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks

COMMANDER = "commander"
"""Who leads the response (incident commander, major incident manager); rules know the name."""


@attrs.frozen
class RoleAssignment:
    """A role held for an interval; `until=None` means it is held now.

    `acting`: nobody named the holder, who stands in because somebody must.
    """

    role: str = attrs.field(validator=checks.name)
    holder: str = attrs.field(validator=checks.name)
    since: datetime = attrs.field(validator=checks.utc)
    until: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    acting: bool = False


@attrs.frozen
class People:
    """The parties of an incident by name; the directory knows their contacts.

    `team` is the group whose work it is; `assignee`, if any, does it. `watchers` hear of it.
    """

    owner: str | None = attrs.field(default=None, validator=checks.optional_name)
    assignee: str | None = attrs.field(default=None, validator=checks.optional_name)
    roles: tuple[RoleAssignment, ...] = ()
    team: str | None = attrs.field(default=None, validator=checks.optional_name)
    watchers: tuple[str, ...] = ()

    def holder(self, role: str) -> str | None:
        """Who holds the role now; the longest, where several do."""
        for each in self.roles:
            if each.role == role and each.until is None:
                return each.holder
        return None

    def holders(self, role: str) -> tuple[str, ...]:
        """Everybody who holds the role now."""
        return tuple(x.holder for x in self.roles if x.role == role and x.until is None)


@attrs.frozen
class Contact:
    """How a party is reached: the name of a channel and an address on it."""

    channel: str = attrs.field(validator=checks.name)
    address: str = attrs.field(validator=checks.text(1_000))


NOBODY = People()
