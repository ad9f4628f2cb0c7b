"""`[public]`: how what the public is told follows the life-cycle."""

from __future__ import annotations

from incidentkit.lang.conditions import NEVER, Declared
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.words import PublicState, State
from incidentkit.policy.table import Table
from incidentkit.rules.overlay_terms import FOLLOWS, PublicTerms

ABOUT = {
    "": "What the public is told of where it stands.",
    "when": "Which incidents get a public state by themselves; the others get one by command.",
    "follows": "State of the life-cycle to the public state that it brings.",
    "follows.*": "The public state.",
}
_STATES = tuple(state.value for state in State)
_PUBLIC = tuple(state.value for state in PublicState)


def read(table: Table, facts: Declared) -> PublicTerms:
    """The terms of public states, whose condition may ask for these facts."""
    when = table.condition("when", facts, "false")
    rows = table.table("follows")
    follows = dict(FOLLOWS)
    for state in rows.among(_STATES):
        follows[State(state)] = PublicState(rows.choice(state, _PUBLIC, "investigating"))
    rows.done()
    table.done()
    return PublicTerms(None if when.root == NEVER.root else when, FrozenMap(follows))
