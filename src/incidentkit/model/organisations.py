"""The organisations that an incident involves, each in its role."""

from __future__ import annotations

from enum import StrEnum

import attrs

from incidentkit.model import checks


class OrganisationKind(StrEnum):
    """What an organisation is to whoever handles the incident."""

    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    AUTHORITY = "authority"
    OTHER = "other"


def organisation_kind(value: OrganisationKind | str) -> OrganisationKind:
    """A kind of organisation by its word. Raises InvalidValue."""
    return checks.member(OrganisationKind, "kind", value)


@attrs.frozen
class Organisation:
    """One organisation in one role; the same one may be involved in several."""

    name: str = attrs.field(validator=checks.name)
    kind: OrganisationKind = OrganisationKind.OTHER
    role: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    note: str = attrs.field(default="", validator=checks.text())
