"""`[parent]`: what children do when their parent does something."""

from __future__ import annotations

from incidentkit.policy.table import Table
from incidentkit.rules.relation_terms import AGENTS, ANYBODY, NOBODY, ParentTerms

ABOUT = {
    "": "Parents and children: what a child does when its parent does something.",
    "depth": "How many generations there may be.",
    "start": "Whether work on the parent starts work on its children.",
    "hold": "The hold reasons that children share with their parent.",
    "resolve": "Whether children resolve with their parent; one whose alerts fire never does.",
    "close": "Whether resolved children close with their parent.",
    "cancel": "Whether children are cancelled with their parent.",
    "reopen": "Whose reopening of the parent reopens resolved children.",
}


def read(table: Table) -> ParentTerms:
    """The table of parents and children."""
    plain = ParentTerms()
    terms = ParentTerms(
        table.number("depth", plain.depth, 2, 10),
        table.flag("start", default=plain.start),
        table.names("hold", plain.hold),
        table.flag("resolve", default=plain.resolve),
        table.flag("close", default=plain.close),
        table.flag("cancel", default=plain.cancel),
        table.choice("reopen", (AGENTS, ANYBODY, NOBODY), plain.reopen),
    )
    table.done()
    return terms
