"""`[directory]`: who there is, and how they are reached.

The same tables are read from a directory file of its own (`incidentkit.policy.people`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from incidentkit.errors import InvalidValue
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.people import Contact
from incidentkit.policy.reading import nearest
from incidentkit.policy.rings import rings
from incidentkit.policy.table import Table
from incidentkit.timing.zones import no_zone, zone_names

if TYPE_CHECKING:
    from incidentkit.model.party import Party

ABOUT = {
    "": "Who there is and how they are reached, where no directory is connected. A policy is kept "
    "in the journal for ever: keep personal addresses in a directory file instead.",
    "*": "One party, under the name that incidents use.",
    "*.kind": "What it is.",
    "*.contacts": "Channel to address, or to a list of addresses.",
    "*.contacts.*": "The address on this channel, or several.",
    "*.members": "The parties that a team or role is made of; a page to it reaches them where it "
    "has no contact of its own.",
    "*.zone": "Its IANA time zone, e.g. Europe/Berlin.",
    "*.locale": "Its language as a BCP 47 tag, e.g. de-AT.",
    "*.vip": "Whether rules may treat what it reports as more urgent.",
}
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")
_LOCALE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,8}")


def read(tables: Table) -> FrozenMap[str, Party]:
    """The parties of a directory by name; a member that is not listed is a bare name."""
    found = listed(tables)
    for name, problem in circles(found):
        tables.refused(name, problem)
    return FrozenMap(found)


def listed(tables: Table) -> dict[str, Party]:
    """The same, whoever is a member of whom; other parties may stand beside them."""
    found = {name: party(name, table) for name, table in tables.named()}
    for name, each in found.items():
        if each.members and each.kind == "person":
            tables.wrong(name, "has members; a team or a role has, a person has none")
    return found


def circles(found: Mapping[str, Party]) -> Iterator[tuple[str, str]]:
    """Parties that are members of themselves, by way of others too, and what to say of each."""
    for ring in rings({name: each.members for name, each in found.items()}):
        yield ring[0], f"is a member of itself: {' > '.join(ring[:9])}"


def party(name: str, table: Table) -> Party:
    """One party."""
    from incidentkit.model.party import Party, PartyKind  # many policies list none

    kinds = tuple(each.value for each in PartyKind)
    kind = PartyKind(table.choice("kind", kinds, PartyKind.PERSON.value))
    made = Party(
        name,
        kind,
        tuple(_contacts(table.table("contacts"))),
        table.names("members"),
        _zone(table),
        _written(table, "locale", _LOCALE, "de-AT"),
        table.flag("vip", default=False),
    )
    table.done()
    return made


def _written(table: Table, key: str, form: re.Pattern[str], example: str) -> str:
    """A text of a form."""
    text = table.text(key)
    if text and not form.fullmatch(text):
        table.wrong(key, f"{text[:80]!r} is no {key}; write e.g. {example!r}")
        return ""
    return text


def _zone(table: Table) -> str:
    """A zone that there is; of an adopted document only the machine that uses it can know."""
    name = _written(table, "zone", _ZONE, "Europe/Berlin")
    if name and no_zone(name):
        hint = nearest(name, zone_names())
        table.refused("zone", f"no time zone is called {name[:80]!r}{hint}")
    return name


def _contacts(table: Table) -> list[Contact]:
    written = [(channel, address) for channel in table for address in table.one_or_more(channel)]
    made = [table.made(channel, partial(_contact, channel, to), None) for channel, to in written]
    return [contact for contact in made if contact is not None]


def _contact(channel: str, address: str) -> Contact:
    if not address.strip():
        raise InvalidValue("address", "is empty; leave the channel out instead")
    return Contact(channel, address)
