"""`[holds.REASON]`: what ends a wait by itself, and who is reminded meanwhile."""

from __future__ import annotations

from datetime import timedelta

from incidentkit.model.frozen import FrozenMap
from incidentkit.policy.facts import Vocabulary
from incidentkit.policy.table import Table
from incidentkit.rules.relation_terms import REMINDER, TRIGGERS, HoldTerms

ABOUT = {
    "": "Waits, each under the reason of the hold.",
    "*": "A wait for this reason.",
    "*.resume_on": "What ends it by itself: the reporter's answer, the problem resolved, the "
    "change announced, the last child over.",
    "*.court": "Whose court the ball is in where a hold names nobody.",
    "*.remind_every": "How long after the last word whoever is waited for is reminded; left out: "
    "never.",
    "*.reminders": "How many reminders there are.",
    "*.then": "What happens after as long again without an answer.",
    "*.code": "The code by which it resolves then.",
    "*.remedy": "The remedy that is written down then.",
    "*.template": "What a reminder says.",
}
_THEN = ("nothing", "resolve")


def read(tables: Table, codes: tuple[str, ...], words: Vocabulary) -> FrozenMap[str, HoldTerms]:
    """The terms of waits by the reason of the hold; the codes are those of the life-cycle."""
    found: dict[str, HoldTerms] = {}
    for reason, table in tables.named():
        every = table.span("remind_every", timedelta())
        reminders = table.number("reminders", 0, 0, 100)
        resolves = table.choice("then", _THEN, "nothing") == "resolve"
        code = table.text("code")
        if resolves and table.known("code", code, codes) and not every:
            table.wrong("then", "needs remind_every: how long an answer may take")
        if reminders and not every:
            table.wrong("reminders", "needs remind_every: how far apart they are")
        found[reason] = HoldTerms(
            table.choices("resume_on", TRIGGERS),
            table.name("court"),
            every or None,
            reminders,
            resolves,
            code,
            table.text("remedy", "nobody answered"),
            table.template("template", words.fields, REMINDER),
        )
        table.done()
    return FrozenMap(found)
