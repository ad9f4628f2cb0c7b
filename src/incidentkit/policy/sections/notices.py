"""`[[notices]]`: which event owes which audience which words."""

from __future__ import annotations

from collections.abc import Mapping

from incidentkit.policy.facts import EVENT_NAMES, Vocabulary
from incidentkit.policy.table import Table
from incidentkit.rules.communicate import DYNAMIC, Audience, NoticeRule

ABOUT = {
    "": "What audiences hear, and when.",
    "*.name": "What explanations call it.",
    "*.audience": "Who hears it: an audience, or $watchers, $assignee, $owner, $reporter, $team or "
    "$responders for whoever that is then.",
    "*.on": "The events that owe it.",
    "*.when": "And if this is true of the incident.",
    "*.template": "What it says.",
}


def read(
    tables: list[Table], audiences: Mapping[str, Audience], words: Vocabulary
) -> tuple[NoticeRule, ...]:
    """The rules of notices, in the order of the document."""
    rules: list[NoticeRule] = []
    for table in tables:
        events = table.choices("on", EVENT_NAMES)
        audience = table.text("audience")
        _ = table.known("audience", audience, (*audiences, *DYNAMIC))
        template = table.template("template", words.fields)
        name = table.text("name", table.path)
        when = table.condition("when", words.incident)
        rules.append(NoticeRule(name, audience, events, when, template))
        table.done()
    return tuple(rules)
