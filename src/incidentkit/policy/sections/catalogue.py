"""`categories` and `origins`: how incidents and problems are sorted."""

from __future__ import annotations

from incidentkit.policy.catalogue import Catalogue
from incidentkit.policy.table import Table

ABOUT = {
    "categories": "The categories of incidents and problems.",
    "closed_categories": "Whether any other category is refused.",
    "origins": "Where problems come from: how they were found, or what kind of thing they are.",
    "closed_origins": "Whether any other origin is refused.",
}


def read(top: Table) -> Catalogue:
    """The lists; a closed one must have words."""
    lists = {key: top.names(key) for key in ("categories", "origins")}
    closed = {key: top.flag(f"closed_{key}", default=False) for key in lists}
    for key, words in lists.items():
        if closed[key] and not words:
            top.wrong(f"closed_{key}", f"refuses every word, for {key} is empty; list some")
    return Catalogue(lists["categories"], closed["categories"], lists["origins"], closed["origins"])
