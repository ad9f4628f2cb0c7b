"""`[access]`: who may do and see what, where the built-in authoriser is switched on."""

from __future__ import annotations

import attrs

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.labels import Tlp
from incidentkit.model.words import State
from incidentkit.policy.facts import PLAIN_VOCABULARY, Vocabulary
from incidentkit.policy.table import Table
from incidentkit.rules.access import (
    ANYBODY,
    GROUP_NAMES,
    GROUPS,
    INSIDE,
    MOST_COMPARTMENTS,
    OPEN_WORLD,
    ROLES,
    AccessTerms,
    RoleGrant,
)

ABOUT = {
    "": "Who may do and see what, by the built-in authoriser.",
    "on": "Whether it judges; if not, everybody in the tenant may do and see everything.",
    "everybody": "The role on the tenant of whoever is a member of none; empty: no role.",
    "read_audit": "The level from which it is written down who reads; empty: never.",
    "read_audit_every": "How long one line stands for all reading by one party.",
    "break_glass_for": "How long whoever breaks the glass is let in.",
    "break_glass_tells": "Who hears of it beside whoever is responsible.",
    "private_when": "Incidents of which this comes to hold are private from that instant on.",
    "private_admits": "Who is let in to those beside the people in them.",
    "teams": "Parties by team: what a team is admitted to, each of them is.",
    "teams.*": "The members of one team.",
    "roles": "Roles on the tenant by name; what they are at first stays unless said otherwise.",
    "roles.*": "One role.",
    "roles.*.members": "Its parties or teams; `*` is everybody.",
    "roles.*.may": "Groups, actions or `*`; behind an `@` the states in which it counts.",
    "roles.*.label": "The highest level that its members see without taking part.",
    "roles.*.compartments": "The compartments they are cleared for; `*` is all of them.",
    "roles.*.private": "Whether private incidents are open to them without taking part.",
    "inside": "What a role in the incident lets its holder do there, whatever they are outside.",
    "inside.*": "Groups or actions, as for a role on the tenant.",
}
_STATES = frozenset(str(x) for x in State)


def read(table: Table, words: Vocabulary = PLAIN_VOCABULARY) -> AccessTerms:
    """The terms of access; without a word the world is open."""
    level = table.choice("read_audit", ("", *Tlp), "")
    teams = table.table("teams")
    terms = AccessTerms(
        table.flag("on", default=False),
        _roles(table.table("roles")),
        _inside(table.table("inside")),
        "",
        Tlp(level) if level else None,
        table.span("read_audit_every", OPEN_WORLD.read_audit_every),
        table.span("break_glass_for", OPEN_WORLD.glass_for),
        table.names("break_glass_tells"),
        FrozenMap({name: teams.names(name) for name in teams}),
        table.condition("private_when", words.incident) if table.text("private_when") else None,
        table.names("private_admits"),
    )
    everybody = table.text("everybody", OPEN_WORLD.everybody)
    if everybody and not table.known("everybody", everybody, terms.roles):
        everybody = ""
    table.done()
    return attrs.evolve(terms, everybody=everybody)


def _roles(tables: Table) -> FrozenMap[str, RoleGrant]:
    found = dict(ROLES)
    for name, table in tables.named():
        plain = ROLES.get(name, RoleGrant())
        inside = table.texts("compartments", plain.compartments)
        if len(inside) > MOST_COMPARTMENTS:
            table.wrong("compartments", f"are more than {MOST_COMPARTMENTS}; `*` stands for all")
        found[name] = RoleGrant(
            table.texts("members", plain.members),
            _entries(table, "may", plain.may),
            Tlp(table.choice("label", tuple(Tlp), plain.label)),
            inside,
            table.flag("private", default=plain.private),
        )
        table.done()
    return FrozenMap(found)


def _inside(table: Table) -> FrozenMap[str, tuple[str, ...]]:
    found = dict(INSIDE)
    for name in table:
        found[name] = _entries(table, name, ())
    return FrozenMap(found)


def _entries(table: Table, key: str, plain: tuple[str, ...]) -> tuple[str, ...]:
    """The entries of a role; each must name something that there is."""
    entries = table.texts(key, plain)
    for entry in entries:
        what, at, states = entry.partition("@")
        _ = table.known(key, what, (ANYBODY, *GROUP_NAMES, *GROUPS))
        for state in states.split(",") if at else ():
            _ = table.known(key, state, _STATES)
    return entries
