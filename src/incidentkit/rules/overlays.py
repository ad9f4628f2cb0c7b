"""Everything beside the life-cycle that follows by itself from what happened, in one order.

The status first, so that conditions see it; then the major, who leads it and who is missing; then
what is to be done and what is late; then what the public sees; last whether it closes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from incidentkit.model import incident_events as e
from incidentkit.rules import (
    autoclose,
    checklists,
    incident_tasks,
    major_follow,
    public,
    roles,
    statuses,
)
from incidentkit.rules.look import Look, Said

Step: TypeAlias = Callable[[Look], Said]


def acting(look: Look) -> Said:
    """Whoever acknowledged first leads, where nobody was named."""
    inputs = roles.acting(look.incident, always=look.terms.acting_always)
    holder = roles.judge_acting(inputs)
    if not look.incident.active or not holder:
        return ()
    taken = e.RoleTaken(str(inputs["role"]), holder, None, acting=True)
    return ((taken, look.reason(roles.ACTING, inputs, holder)),)


STEPS: tuple[Step, ...] = (
    statuses.follow,
    major_follow.trigger,
    major_follow.silence,
    major_follow.end,
    acting,
    major_follow.staffing,
    checklists.follow,
    incident_tasks.ring,
    public.follow,
    major_follow.problem,
    autoclose.follow,
)
"""Each looks at the incident as the one before left it."""
