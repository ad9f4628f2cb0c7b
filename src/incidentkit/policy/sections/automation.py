"""`[[automation]]`: what a host lets happen by itself: event, condition, action, once for what."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from incidentkit.model.frozen import FrozenMap
from incidentkit.policy.table import Table

if TYPE_CHECKING:
    from incidentkit.policy.facts import Vocabulary
    from incidentkit.rules.automate import Automation
    from incidentkit.rules.bind import Action, Given

ABOUT = {
    "": "Rules that act by themselves when something happened to an incident.",
    "*.name": "What journals and explanations call the rule; each name once.",
    "*.on": "The events that it listens to.",
    "*.when": "And if this is true of the incident.",
    "*.do": "What it then does: commands, in order; all of them or none.",
    "*.do.*.action": "The name of a command.",
    "*.do.*.with": "The command's fields; texts may be templates.",
    "*.do.*.with.*": "The value of this field: text, a whole number, true or false, or texts.",
    "*.do.*.with.*.*": "One text of a field that is made of texts by name, such as labels.",
    "*.once_for": "Facts: it fires once for each combination of their values. Empty: every time.",
    "*.delay": "Wait so long, then ask the condition again.",
    "*.mode": "live, dry_run (only write down what it would do) or off.",
}
_MODES = ("live", "dry_run", "off")


def read(tables: list[Table], words: Vocabulary) -> tuple[Automation, ...]:
    """The rules, in the order of the document."""
    if not tables:
        return ()
    # A host without automation never imports what every command is.
    from incidentkit.rules.automate import Automation, Mode
    from incidentkit.rules.listening import events

    rules: list[Automation] = []
    for table in tables:
        name = table.text("name", table.path)
        if any(rule.name == name for rule in rules):
            table.wrong("name", f"{name!r} is the name of two rules")
        before = len(table.problems)
        on = table.choices("on", events())
        if not on and len(table.problems) == before:
            table.wrong("on", "needs at least one event")
        when = table.condition("when", words.incident)
        before = len(table.problems)
        actions = [_action(each, words) for each in table.tables("do", 1)]
        do = tuple(x for x in actions if x is not None)
        if not do and len(table.problems) == before:
            table.wrong("do", "needs at least one action")
        once_for = table.choices("once_for", words.fields, ("incident.ref",))
        delay = table.span("delay", timedelta())
        mode = Mode(table.choice("mode", _MODES, "live"))
        if on and do:
            rules.append(Automation(name, on, when, do, once_for, delay, mode))
        table.done()
    return tuple(rules)


def _action(table: Table, words: Vocabulary) -> Action | None:
    from incidentkit.rules.bind import Action, faults
    from incidentkit.rules.shortcomings import shortcomings

    before = len(table.problems)
    name = table.text("action")
    fields = table.table("with")
    given: dict[str, Given] = {}
    for key in fields:
        given[key] = fields.given(key, words.fields)
    table.done()
    if len(table.problems) > before:
        return None
    fields_given = FrozenMap(given)
    found = tuple(faults(name, fields_given))
    for fault in found:
        if fault.field in given:
            fields.wrong(fault.field, fault.problem)
        else:
            table.wrong("action", str(fault))
    if found:
        return None
    action = Action(name, fields_given)
    for fault in shortcomings(action):
        if fault.field in given:
            fields.refused(fault.field, fault.problem)
        else:
            table.refused("action", str(fault))
    return action
