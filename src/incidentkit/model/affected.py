"""What an incident touches: services, components, locations and assets, surely or perhaps."""

from __future__ import annotations

from enum import StrEnum

import attrs

from incidentkit.model import checks


class Thing(StrEnum):
    """The kinds of thing that an incident may affect."""

    SERVICE = "service"
    COMPONENT = "component"
    LOCATION = "location"
    ASSET = "asset"


def thing(value: Thing | str) -> Thing:
    """A kind of thing by its word. Raises InvalidValue."""
    return checks.member(Thing, "kind", value)


@attrs.frozen
class Affected:
    """One thing that is affected, or (`certain` false) could be."""

    kind: Thing
    name: str = attrs.field(validator=checks.name)
    certain: bool = True
    note: str = attrs.field(default="", validator=checks.text())
