"""`[directory]`: who there is, and how they are reached.

The same tables are read from a directory file of its own (`incidentkit.policy.people`).
"""

from __future__ import annotations

from functools import partial

from incidentkit.errors import InvalidValue
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.party import Party, PartyKind
from incidentkit.model.people import Contact
from incidentkit.policy.rings import rings
from incidentkit.policy.table import Table

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
_KINDS = tuple(each.value for each in PartyKind)
LONGEST_ADDRESS = 1_000


def read(tables: Table) -> FrozenMap[str, Party]:
    """The parties of a directory by name; a member that is not listed is a bare name."""
    found = {name: party(name, table) for name, table in tables.named()}
    for ring in rings({name: each.members for name, each in found.items()}):
        tables.wrong(ring[0], f"is a member of itself: {' > '.join(ring[:9])}")
    for name, each in found.items():
        if each.members and each.kind is PartyKind.PERSON:
            tables.wrong(name, "has members; a team or a role has, a person has none")
    return FrozenMap(found)


def party(name: str, table: Table) -> Party:
    """One party."""
    kind = PartyKind(table.choice("kind", _KINDS, PartyKind.PERSON.value))
    made = Party(
        name,
        kind,
        tuple(_contacts(table.table("contacts"))),
        table.names("members"),
        table.text("zone"),
        table.text("locale"),
        table.flag("vip", default=False),
    )
    table.done()
    return made


def _contacts(table: Table) -> list[Contact]:
    written = [(channel, address) for channel in table for address in table.one_or_more(channel)]
    made = [table.made(channel, partial(_contact, channel, to), None) for channel, to in written]
    return [contact for contact in made if contact is not None]


def _contact(channel: str, address: str) -> Contact:
    if not address.strip():
        raise InvalidValue("address", "is empty; leave the channel out instead")
    return Contact(channel, address)
