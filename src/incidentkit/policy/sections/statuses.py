"""`[[statuses]]`: a host's names for where an incident stands, each inside a category."""

from __future__ import annotations

from incidentkit.model.words import State
from incidentkit.policy.table import Table
from incidentkit.rules.overlay_terms import StatusTerm

ABOUT = {
    "": "Status names of the host's own, inside the categories of the life-cycle.",
    "*.name": "The name, as people read it.",
    "*.category": "The state of the life-cycle that it belongs to.",
    "*.default": "Whether a plain move into the category sets it; else the first of the category.",
    "*.hold_reason": "The reason of a hold that it begins.",
    "*.court": "In whose court the ball is then.",
}
_STATES = tuple(state.value for state in State)


def read(tables: list[Table]) -> tuple[StatusTerm, ...]:
    """The statuses, in the order of the document; each name once."""
    found: list[StatusTerm] = []
    for table in tables:
        name = table.name("name")
        if not name:
            table.wrong("name", "must name the status")
        elif any(each.name == name for each in found):
            table.wrong("name", f"{name!r} is there already")
        category = State(table.choice("category", _STATES, State.NEW.value))
        default = table.flag("default", default=False)
        if default and any(x.default and x.category is category for x in found):
            table.wrong("default", f"{category} has a default already")
        hold_reason, court = table.text("hold_reason"), table.text("court")
        if (hold_reason or court) and category is not State.ON_HOLD:
            table.wrong("hold_reason", "is for statuses of on_hold")
        found.append(StatusTerm(name, category, default, hold_reason, court))
        table.done()
    return tuple(found)
