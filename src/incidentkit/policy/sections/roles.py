"""`[roles.NAME]`: what is special about a role of an incident."""

from __future__ import annotations

from incidentkit.model.frozen import FrozenMap
from incidentkit.policy.table import Table
from incidentkit.rules.overlay_terms import ROLES, RoleTerm

ABOUT = {
    "": "Roles by name; one that is not listed has one holder and nothing special.",
    "*": "One role.",
    "*.holders": "Whether one party holds it at a time, or many.",
    "*.pages": "Whether its holder is called where nobody is assigned.",
    "*.needed_for_majors": "Whether a major incident without a holder is an alarm.",
}


def read(tables: Table) -> FrozenMap[str, RoleTerm]:
    """The roles; those that are special by themselves stay so unless said otherwise."""
    found = dict(ROLES)
    for name, table in tables.named():
        plain = ROLES.get(name, RoleTerm())
        one = "many" if plain.many else "one"
        found[name] = RoleTerm(
            table.choice("holders", ("one", "many"), one) == "many",
            table.flag("pages", default=plain.pages),
            table.flag("needed_for_majors", default=plain.needed_for_majors),
        )
        table.done()
    return FrozenMap(found)
