"""What an event makes of an incident. Total and free of choice: every decision was made before.

Built by positional constructors: `attrs.evolve` costs twice as much, and this runs for every event.
A command of somebody who holds a lease renews it here, so that a hard-working commander is never
asked whether they are still there.
"""

from __future__ import annotations

from datetime import datetime

from incidentkit.ids import IncidentId
from incidentkit.model import incident_events as e
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Course, Incident, Life, Rating
from incidentkit.model.journal import Event
from incidentkit.model.words import Moment, State
from incidentkit.rules import beyond
from incidentkit.rules import evolve_life as life
from incidentkit.rules import evolve_parts as parts
from incidentkit.rules.table import Evolve

EVOLVE: dict[type[Event], Evolve] = {
    e.Rated: parts.rated,
    e.Prioritised: parts.prioritised,
    e.Accepted: life.accepted,
    e.Triaged: life.triaged,
    e.Started: life.started,
    e.Held: life.held,
    e.Resumed: life.resumed,
    e.Mitigated: life.mitigated,
    e.ObservationBegun: life.observing,
    e.Regressed: life.regressed,
    e.Resolved: life.resolved,
    e.Closed: life.closed,
    e.Reopened: life.reopened,
    e.Cancelled: life.cancelled,
    e.Acknowledged: life.acknowledged,
    e.LeaseLapsed: life.lapsed,
    e.ResponseCleared: life.response_cleared,
    e.ResponseRefired: life.response_refired,
    e.Assigned: parts.assigned,
    e.OwnerChanged: parts.owner_changed,
    e.TeamChanged: parts.team_changed,
    e.WatchersChanged: parts.watched,
    e.StatusStated: parts.status_stated,
    e.RoleTaken: parts.role_taken,
    e.RoleLeft: parts.role_left,
    e.Noted: life.same,
    e.Replied: life.same,
    e.Edited: parts.edited,
    e.MomentCorrected: parts.corrected,
    e.Linked: parts.linked,
    e.Unlinked: parts.unlinked,
    e.AlertJoined: parts.alert_joined,
    e.AlertCleared: parts.alert_cleared,
    e.AlertRefired: parts.alert_refired,
    e.ProblemProposed: parts.problem_proposed,
    e.ReportJoined: parts.report_joined,
    e.PageQueued: life.same,
    e.PageBundled: life.same,
    e.PageWithheld: life.withheld,
    e.PagingPlanned: life.paging,
    e.NoticeQueued: life.same,
    e.DeliverySettled: life.same,
    e.ClockMoved: parts.clock_moved,
    e.ClockWarned: parts.clock_warned,
    e.ClockBreached: parts.clock_breached,
    e.PriorityQuestioned: life.same,
    e.PriorityReturned: parts.priority_returned,
}
"""What each event of every day makes of an incident; `beyond` has the others.

`Declared` makes the incident in the first place (`birth`).
"""


def evolve(incident: Incident, event: Event, at: datetime, by: str) -> Incident:
    """The incident after the event, one version on."""
    rule = EVOLVE.get(type(event)) or beyond.evolution(type(event))
    after = rule(incident, event, at)
    return life.renewed(after, at, by) if after.attention.leases else after


def birth(declared: e.Declared, at: datetime) -> Incident:
    """The incident that a declaration begins, at version 1."""
    moments: dict[Moment, datetime] = {}
    if declared.occurred_at is not None:
        moments[Moment.OCCURRED] = declared.occurred_at
    if declared.detected_at is not None:
        moments[Moment.DETECTED] = declared.detected_at
    if not declared.candidate:
        moments[Moment.DECLARED] = at
    return Incident(
        IncidentId(declared.id),
        declared.ref,
        1,
        declared.card,
        Rating(),
        Life(State.NEW, at, None, declared.candidate),
        course=Course(FrozenMap(moments)),
    )
