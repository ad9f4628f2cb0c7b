"""A party: whoever can be named, reached, and held to something."""

from __future__ import annotations

from enum import StrEnum

import attrs

from incidentkit.model import checks
from incidentkit.model.people import Contact


class PartyKind(StrEnum):
    """What a party is. An organisation is a customer, a supplier or an authority."""

    PERSON = "person"
    TEAM = "team"
    ROLE = "role"
    SCHEDULE = "schedule"
    ORGANISATION = "organisation"


@attrs.frozen
class Party:
    """One party of a directory.

    `members` are the parties a team or a role is made of; `zone` is an IANA time zone, `locale` a
    BCP 47 tag, both empty where not stated. `vip`: rules may treat what it reports as more urgent.
    """

    name: str = attrs.field(validator=checks.name)
    kind: PartyKind = PartyKind.PERSON
    contacts: tuple[Contact, ...] = ()
    members: tuple[str, ...] = ()
    zone: str = ""
    locale: str = ""
    vip: bool = False
