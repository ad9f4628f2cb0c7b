"""What a host may set about parents and children, waits, and the reports of people."""

from __future__ import annotations

from datetime import timedelta

import attrs

from incidentkit.lang.templates import Template
from incidentkit.model.frozen import FrozenMap

TRIGGERS = ("reporter", "problem", "change", "child")
"""What may end a wait by itself: an answer, a problem resolved, a change made, the last child."""

AGENTS, ANYBODY, NOBODY = "agents", "anybody", "nobody"


@attrs.frozen
class ParentTerms:
    """What children do when their parent does something; ServiceNow's table of parent and child.

    `depth` is how many generations there may be. `hold` names the reasons of a wait that children
    share: a parent that waits for its caller waits alone. `reopen` says whose reopening of the
    parent reopens children: that of `agents` (not of a reporter, nor by a re-fire), of `anybody`,
    of `nobody`.
    """

    depth: int = 3
    start: bool = True
    hold: tuple[str, ...] = ("change", "problem", "vendor")
    resolve: bool = True
    close: bool = False
    cancel: bool = False
    reopen: str = AGENTS


PARENTS = ParentTerms()
REMINDER = "$incident.ref waits for your answer: $incident.title"
_REMINDER = Template.parse(REMINDER, ("incident.ref", "incident.title"))


@attrs.frozen
class HoldTerms:
    """What ends a wait of one reason by itself, and who is reminded meanwhile.

    `court` is whose court the ball is in where a hold names nobody. After `reminders` reminders,
    one every `remind_every`, nothing happens or the incident is resolved with `code`, which is
    what GLPI does with its pending reasons.
    """

    resume_on: tuple[str, ...] = ()
    court: str = ""
    remind_every: timedelta | None = None
    reminders: int = 0
    resolves: bool = False
    code: str = ""
    remedy: str = "nobody answered"
    template: Template = _REMINDER


NO_HOLD_TERMS = HoldTerms()
HOLDS: FrozenMap[str, HoldTerms] = FrozenMap(
    {
        "caller": HoldTerms(("reporter",)),
        "problem": HoldTerms(("problem",)),
        "change": HoldTerms(("change",)),
        "child": HoldTerms(("child",)),
    }
)

OFF, SUGGEST, JOIN = "off", "suggest", "join"
TOLD = "$incident.ref is resolved: $incident.remedy. Did that help?"
_TOLD = Template.parse(TOLD, ("incident.ref", "incident.remedy"))


@attrs.frozen
class ReportTerms:
    """What becomes of reports that name no incident, and what reporters hear in the end.

    `join`: a report may be proposed to join an open incident of the same service (and category,
    where both have one) declared within `within`, or join it at once. `tell`: whether reporters
    hear of a resolution. `rejection_reopens`: whether their no reopens.
    """

    join: str = OFF
    within: timedelta = timedelta(hours=4)
    tell: bool = True
    rejection_reopens: bool = True
    told: Template = _TOLD


REPORTS = ReportTerms()
