"""What a host may set about majors, public states, statuses, regions, roles, checklists, closing.

Values only, read by the rules beside this file and filled by the sections of a policy.
"""

from __future__ import annotations

from datetime import timedelta

import attrs

from incidentkit.lang.conditions import Condition
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident_task import RESPONSE
from incidentkit.model.people import COMMANDER
from incidentkit.model.words import Priority, PublicState, State


@attrs.frozen
class MajorRule:
    """Where the condition holds, an incident is proposed as a major, or accepted at once."""

    name: str
    when: Condition
    accepts: bool = False


@attrs.frozen
class MajorTerms:
    """When an incident is proposed as a major, who decides, and what is watched then.

    Rules are asked in order, and only where a `duty` is named who decides; it is paged. A proposal
    that is not answered within `answer_within` is accepted where `accept_when_silent` says so.
    """

    duty: str = ""
    rules: tuple[MajorRule, ...] = ()
    answer_within: timedelta = timedelta(minutes=15)
    accept_when_silent: bool = True
    staffed_within: timedelta = timedelta(minutes=5)
    proposes_problem: bool = True


@attrs.frozen
class RoleTerm:
    """What is special about a role.

    `many` may hold it at once; its holder is called (`pages`) where nobody is assigned; a major
    incident `needed_for_majors` without a holder is an alarm.
    """

    many: bool = False
    pages: bool = False
    needed_for_majors: bool = False


PLAIN_ROLE = RoleTerm()
ROLES: FrozenMap[str, RoleTerm] = FrozenMap(
    {
        COMMANDER: RoleTerm(pages=True, needed_for_majors=True),
        "communications": RoleTerm(needed_for_majors=True),
    }
)
"""The roles that are special unless the policy says otherwise."""

FOLLOWS: FrozenMap[State, PublicState] = FrozenMap(
    {
        State.MITIGATED: PublicState.MONITORING,
        State.OBSERVING: PublicState.MONITORING,
        State.RESOLVED: PublicState.RESOLVED,
        State.CLOSED: PublicState.RESOLVED,
        State.CANCELLED: PublicState.RESOLVED,
    }
)
"""Which public state each state of the life-cycle brings."""


@attrs.frozen
class PublicTerms:
    """How the public state follows the life-cycle, once there is one; `when` begins it."""

    when: Condition | None = None
    follows: FrozenMap[State, PublicState] = FOLLOWS


@attrs.frozen
class StatusTerm:
    """A host's name for a status inside a category of the life-cycle.

    `default`: what a plain move into the category sets. `hold_reason` and `court` are those of a
    hold that this status begins.
    """

    name: str
    category: State
    default: bool = False
    hold_reason: str = ""
    court: str = ""


@attrs.frozen
class RegionTerm:
    """A region that a host declares: its states, the first one first, and the moves between them.

    A move is (from, to, what it is called).
    """

    name: str
    states: tuple[str, ...]
    moves: tuple[tuple[str, str, str], ...] = ()


@attrs.frozen
class ChecklistItem:
    """A task that a checklist adds; `after` are the numbers of the items that come before it.

    `assign` is a party, or `$assignee`, `$owner`, `$commander` for whoever that is then.
    """

    title: str
    assign: str = ""
    due: timedelta | None = None
    phase: str = RESPONSE
    after: tuple[int, ...] = ()


@attrs.frozen
class Checklist:
    """Tasks kept ready; added by hand, or by themselves where the condition is true."""

    name: str
    items: tuple[ChecklistItem, ...]
    when: Condition | None = None


_NO_TIMES: FrozenMap[Priority, timedelta] = FrozenMap()
_NO_REGIONS: FrozenMap[str, RegionTerm] = FrozenMap()


@attrs.frozen
class AutoClose:
    """How long after its resolution an incident of each priority closes by itself.

    No priority has a time unless the policy gives one. `from_updates`: every change by a person
    begins the time anew.
    """

    after: FrozenMap[Priority, timedelta] = _NO_TIMES
    from_updates: bool = False


@attrs.frozen
class OverlayTerms:
    """All of it, in one value. `acting_always`: not only a major gets an acting commander."""

    major: MajorTerms = MajorTerms()
    roles: FrozenMap[str, RoleTerm] = ROLES
    acting_always: bool = False
    public: PublicTerms = PublicTerms()
    statuses: tuple[StatusTerm, ...] = ()
    regions: FrozenMap[str, RegionTerm] = _NO_REGIONS
    checklists: tuple[Checklist, ...] = ()
    autoclose: AutoClose = AutoClose()

    def role(self, name: str) -> RoleTerm:
        """What is special about a role; nothing, where the policy does not list it."""
        return self.roles.get(name, PLAIN_ROLE)

    @property
    def paged_roles(self) -> tuple[str, ...]:
        """The roles whose holders are called where nobody is assigned, in the policy's order."""
        return tuple(name for name, term in self.roles.items() if term.pages)

    @property
    def asks(self) -> tuple[str, ...]:
        """The facts that conditions here may read."""
        conditions = [rule.when for rule in self.major.rules]
        others = (self.public.when, *(each.when for each in self.checklists))
        conditions += [each for each in others if each is not None]
        return tuple(name for each in conditions for name in each.names())

    @property
    def idle(self) -> bool:
        """Whether nothing here can concern an incident that has no dossier."""
        return not (
            self.statuses
            or self.acting_always
            or self.autoclose.after
            or self.public.when is not None
            or (self.major.duty and self.major.rules)
            or any(each.when is not None for each in self.checklists)
        )


NO_OVERLAY_TERMS = OverlayTerms()
