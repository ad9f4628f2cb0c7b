"""`[checklists.NAME]`: tasks kept ready."""

from __future__ import annotations

from datetime import timedelta

from incidentkit.lang.conditions import NEVER, Declared
from incidentkit.model.incident_task import RESPONSE
from incidentkit.policy.table import Table
from incidentkit.rules.overlay_terms import Checklist, ChecklistItem

ABOUT = {
    "": "Checklists: tasks that are added together, by hand or by their condition.",
    "*": "One checklist.",
    "*.when": "Added by itself, once, where this is true of the incident; left out: by hand only.",
    "*.items": "Its tasks, in their order.",
    "*.items.*.title": "What is to be done.",
    "*.items.*.assign": "Who does it: a party, $assignee, $owner or $commander.",
    "*.items.*.due": "How long after it was added it is due.",
    "*.items.*.phase": "When it belongs: response, review, or a name of yours. Tasks of the review "
    "do not hinder resolving.",
    "*.items.*.after": "The numbers of earlier items that come before it, from 1.",
}
_NEVER = timedelta()
_MOST = 1_000
"""No checklist is longer; the first item may name none, and is told so in words."""


def read(tables: Table, facts: Declared) -> tuple[Checklist, ...]:
    """The checklists, in the order of the document; conditions may ask for these facts."""
    found: list[Checklist] = []
    for name, table in tables.named():
        when = table.condition("when", facts, "false")
        items = tuple(_item(each, at) for at, each in enumerate(table.tables("items")))
        found.append(Checklist(name, items, None if when.root == NEVER.root else when))
        table.done()
    return tuple(found)


def _item(table: Table, before: int) -> ChecklistItem:
    title = table.text("title")
    if not title.strip():
        table.wrong("title", "must say what is to be done")
    due = table.span("due", _NEVER)
    after = table.numbers("after", 1, before or _MOST)
    if after and not before:
        table.wrong("after", "nothing comes before the first item")
    item = ChecklistItem(
        title,
        table.name("assign"),
        due or None,
        table.name("phase", RESPONSE),
        after if before else (),
    )
    table.done()
    return item
