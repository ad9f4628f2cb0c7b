"""`[targets.NAME]`: the deadlines that an incident owes."""

from __future__ import annotations

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.words import Moment
from incidentkit.policy.sections.matrix import PRIORITIES
from incidentkit.policy.table import Table
from incidentkit.rules.clocks import PROMISE, Target
from incidentkit.timing.terms import Term

ABOUT = {
    "": "Deadlines, each under a name.",
    "*": "One deadline.",
    "*.until": "What ends it.",
    "*.within": "Priority to term: how long it may take; written as a whole. A priority that is "
    "left out has no such target.",
    "*.within.*": "How long it may take at this priority, such as 4h or 3d.",
    "*.warn_percent": "How much of it may pass before the warning.",
    "*.pausing": "The hold reasons that pause it; '*' stands for all.",
    "*.major_never_pauses": "Whether nothing pauses it while the incident is a major.",
}
_MOMENTS = tuple(moment.value for moment in Moment)
_HOUR = Term.parse("1h")


def read(tables: Table) -> tuple[Target, ...]:
    """The targets by name, so that a document means the same in whatever order it is kept."""
    targets: list[Target] = []
    for name, table in tables.named():
        if name.startswith(PROMISE):
            tables.wrong(name, "is how the clock of a promise is named; call the target otherwise")
        within = table.table("within")
        terms = {key: within.term(key, _HOUR) for key in within.among(PRIORITIES)}
        percent = table.number("warn_percent", 75, 1, 100)
        until = Moment(table.choice("until", _MOMENTS, "resolved"))
        pausing = table.texts("pausing", ("*",))
        steady = table.flag("major_never_pauses", default=False)
        targets.append(Target(name, until, FrozenMap(terms), percent, pausing, steady))
        table.done()
    return tuple(sorted(targets, key=lambda target: target.name))
