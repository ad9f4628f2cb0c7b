"""What a row of a history means for an incident: from a snapshot's news to events.

A ticketing system's record is true as it stands there, so nothing is refused for lack of a field.
A move that the life-cycle does not have is kept as an `Imported` entry with its reason, and the
record then stands where its source says. The priority is the one that the source states; it is
explained by the source's own matrix where that gives the same, and counts as set by hand otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.history import End, HistoryRow, Imported, RowImported, Standing
from incidentkit.model.incident import Card, Incident
from incidentkit.model.journal import Event, Recorded
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.signals import NO_TEXTS
from incidentkit.model.words import ACTIVE, CancelReason, Moment, Outcome, Priority, State
from incidentkit.rules.clocks import Target, follow, ring
from incidentkit.rules.evolve import birth, evolve
from incidentkit.rules.lifecycle import TABLE
from incidentkit.rules.prioritise import Drawn, Matrix, prioritise
from incidentkit.rules.terms import LifecycleTerms

RULE = "importing.move"
VERSION = 1
SYSTEM = "system"
STATED = "as the source states it"
_NO_FAULT = "no_fault_found"


class Importing:
    """The terms of one import: how its source draws priorities, and what the host allows.

    `matrix` is the source's own, or the policy's where the mapping has none; `targets` are the
    duties whose clocks run; `drawn_by` is the policy that the matrix is of, if it is a policy's.
    """

    def __init__(
        self,
        matrix: Matrix,
        terms: LifecycleTerms,
        policy: str,
        targets: tuple[Target, ...] = (),
        drawn_by: str = "",
    ) -> None:
        self.matrix = matrix
        self.terms = terms
        self.policy = policy
        self.drawn_by = drawn_by
        self.targets: tuple[Target, ...] = tuple([x for x in targets if x.within])
        self._drawn: dict[tuple[str, str], Drawn] = {}
        self._lead: dict[tuple[State, State], tuple[type[c.Command] | None, Reason]] = {}

    def draw(self, impact: str, urgency: str) -> Drawn:
        """The priority by the matrix.

        Raises InvalidValue for a level that it does not know.
        """
        found = self._drawn.get((impact, urgency))
        if found is None:
            found = prioritise(impact, urgency, self.matrix, self.drawn_by)
            self._drawn[impact, urgency] = found
        return found

    def lead(self, was: State, to: State) -> tuple[type[c.Command] | None, Reason]:
        """The command that leads from one state to the other, or None; and why."""
        found = self._lead.get((was, to))
        if found is None:
            inputs: FrozenMap[str, Plain] = FrozenMap(
                {"from": was.value, "to": to.value, "reopen_closed": self.terms.reopen_closed}
            )
            action = judge(inputs)
            reason = Reason(RULE, VERSION, inputs, action, self.policy)
            found = self._lead[was, to] = _COMMANDS.get(action), reason
        return found


_LEADING: dict[State, tuple[type[c.Command], ...]] = {
    State.NEW: (),
    State.TRIAGED: (c.Triage,),
    State.IN_PROGRESS: (c.Start, c.Regress, c.Reopen),
    State.ON_HOLD: (c.Hold, c.Reopen),
    State.MITIGATED: (c.Mitigate,),
    State.OBSERVING: (c.Observe,),
    State.RESOLVED: (c.Resolve,),
    State.CLOSED: (c.Close,),
    State.CANCELLED: (c.Cancel,),
}
"""What may lead into a state; the first that the table has from where the record stands."""
_COMMANDS = {each.action: each for several in _LEADING.values() for each in several}


def judge(inputs: Mapping[str, Plain]) -> str:
    """The action that leads from one state to another, drawn from plain inputs; empty for none."""
    was, to = State(str(inputs["from"])), State(str(inputs["to"]))
    if was is State.CLOSED and to in ACTIVE and not inputs["reopen_closed"]:
        return ""
    if was is State.RESOLVED and to is State.CANCELLED:
        return ""  # what was resolved can only turn out to be double or none; a row says neither
    for command in _LEADING[to]:
        if command in TABLE[was]:
            return command.action
    return ""


def begin(id_: str, row: HistoryRow) -> tuple[Incident, Recorded]:
    """The incident that the first row of a case begins, declared when the case was opened."""
    fields = row.fields
    card = Card(
        fields.get("title") or row.case,
        "",
        fields.get("service"),
        NO_TEXTS if row.labels is None else row.labels,
        row.source,
        fields.get("reporter"),
        fields.get("category", ""),
    )
    born = e.Declared(id_, row.case, card, False)
    opening = row.opening
    return birth(born, opening.at), Recorded(opening.at, opening.by, born)


def conclude(
    incident: Incident, at: datetime, importing: Importing
) -> tuple[Incident, list[Recorded]]:
    """The incident with its clocks as they stood at a row's time, and the entries about them."""
    told: list[Recorded] = []
    moves: list[tuple[Event, Reason | None]] = list(
        follow(incident, importing.targets, importing.policy)
    )
    for moved, reason in moves:
        incident = evolve(incident, moved, at, SYSTEM)
        told.append(Recorded(at, SYSTEM, moved, reason))
    for said in ring(incident, at):
        incident = evolve(incident, said, at, SYSTEM)
        told.append(Recorded(at, SYSTEM, said))
    return incident, told


class Told:
    """An incident while one row is told to it."""

    __slots__ = ("at", "by", "incident", "recorded", "word")

    def __init__(self, incident: Incident, row: HistoryRow, recorded: list[Recorded]) -> None:
        self.incident: Incident = incident
        self.recorded: list[Recorded] = recorded
        self.at: datetime = row.at
        self.by: str = row.by
        replayed = incident.dossier.replayed
        self.word: str = "" if replayed is None else replayed.status

    def happened(self, event: Event, by: str = "", reason: Reason | None = None) -> None:
        """Let an event happen to it at the row's time."""
        by = by or self.by
        self.incident = evolve(self.incident, event, self.at, by)
        self.recorded.append(Recorded(self.at, by, event, reason))


def bring(
    incident: Incident | None, id_: str, row: HistoryRow, importing: Importing
) -> tuple[Incident, list[Recorded]]:
    """The incident after a row, and the entries that made it so.

    Raises InvalidValue for what no record may hold; then nothing happened.
    """
    recorded: list[Recorded] = []
    new = incident is None
    if incident is None:
        incident, born = begin(id_, row)
        recorded.append(born)
    told = Told(incident, row, recorded)
    word = "" if row.standing is None else row.standing.word
    reporter = None if new else row.fields.get("reporter")
    told.happened(
        RowImported(row.source, row.case, row.number, word, row.stated, row.figures, reporter)
    )
    if not new:
        _edited(told, row)
    if row.fields or new:
        rated(told, row, importing, new)
        handed(told, row)
    if row.standing is not None:
        moved(told, row.standing, row, importing)
    if row.end is not None:
        _ended(told, row.end)
    return told.incident, recorded


def _edited(told: Told, row: HistoryRow) -> None:
    opened = row.opening.at
    declared = told.incident.course.moments.get(Moment.DECLARED)
    if declared is not None and declared != opened:
        told.happened(e.MomentCorrected(Moment.DECLARED, declared, opened, STATED))
    fields = row.fields
    if not fields and row.labels is None:
        return
    title, service, category = fields.get("title"), fields.get("service"), fields.get("category")
    if title is not None or service is not None or category is not None or row.labels is not None:
        told.happened(e.Edited(title, None, service, row.labels, category))


def rated(told: Told, row: HistoryRow, importing: Importing, new: bool) -> None:
    """Levels as stated; the priority as stated, or as the matrix draws it where none is."""
    fields, was = row.fields, told.incident.rating
    impact, urgency = fields.get("impact", was.impact), fields.get("urgency", was.urgency)
    rated = (impact, urgency) != (was.impact, was.urgency)
    stated = fields.get("priority")
    if not rated and stated is None and not new:
        return
    drawn = importing.draw(impact, urgency)
    if rated:
        told.happened(e.Rated(impact, urgency, was.severity))
    before = None if new else was.priority
    by_hand = stated is not None and stated != drawn.priority
    if stated is None and was.by_hand:
        return  # what was stated stands until something else is
    if by_hand:
        after = e.Prioritised(Priority(str(stated)), before, False, True, STATED)
        told.happened(after)
    elif new or (drawn.priority, drawn.provisional, False) != (
        was.priority,
        was.provisional,
        was.by_hand,
    ):
        after = e.Prioritised(drawn.priority, before, drawn.provisional, False)
        told.happened(after, SYSTEM, drawn.reason)


def handed(told: Told, row: HistoryRow) -> None:
    """Who has it: the accountable owner, the team, and who works on it."""
    fields, people = row.fields, told.incident.people
    owner, team = fields.get("owner"), fields.get("team")
    assignee = fields.get("assignee")
    if owner is not None and owner != people.owner:
        told.happened(e.OwnerChanged(owner, people.owner))
    if team is not None and team != people.team:
        told.happened(e.TeamChanged(team, people.team))
    if assignee is not None and assignee != people.assignee:
        told.happened(e.Assigned(assignee, people.assignee))


def moved(told: Told, standing: Standing, row: HistoryRow, importing: Importing) -> None:
    """Into the category of the status word: by a move of the table, or as an imported entry."""
    life, to = told.incident.life, standing.state
    was = life.state
    if was is to and to is not State.ON_HOLD:
        return
    if was is to:
        last = told.incident.course.holds[-1]
        if (last.reason, last.court) == (standing.reason, standing.court):
            return
    if was is State.ON_HOLD and to is not State.ON_HOLD and to is life.resume_to:
        told.happened(e.Resumed(to))
        return
    command, reason = importing.lead(was, to)
    if command is None:
        said = f"{told.word or was.value} -> {standing.word}"
        hold, court = standing.reason, standing.court
        told.happened(Imported(to, was, said, hold, court), "", reason)
        return
    for event in _events(command, told.incident, standing, row):
        told.happened(event)


def _events(
    command: type[c.Command], incident: Incident, standing: Standing, row: HistoryRow
) -> tuple[Event, ...]:
    """What a command of the table leads to, with what the row knows of its fields."""
    if command is c.Start:
        return (e.Started(),)
    if command is c.Hold:
        return (e.Held(standing.reason, standing.court),)
    if command is c.Resolve:
        return (_resolved(incident, row),)
    if command is c.Close:
        first = (_resolved(incident, row),) if incident.life.state is not State.RESOLVED else ()
        return (*first, e.Closed())
    if command is c.Reopen:
        why = f"the source says {standing.word}"
        if standing.state is State.ON_HOLD:
            held = e.Held(standing.reason, standing.court)
            return (e.Reopened(State.ON_HOLD, why), held)
        return (e.Reopened(State.IN_PROGRESS, why),)
    if command is c.Triage:
        return (e.Triaged(),)
    if command is c.Mitigate:
        return (e.Mitigated(row.at),)
    if command is c.Observe:
        return (e.ObservationBegun(None, standing.word),)
    if command is c.Regress:
        return (e.Regressed(f"the source says {standing.word}"),)
    return (e.Cancelled(CancelReason.WITHDRAWN, standing.word, ""),)


def _resolved(incident: Incident, row: HistoryRow) -> e.Resolved:
    end = row.end or End()
    outcome = Outcome.NO_FAULT_FOUND if end.code == _NO_FAULT else incident.course.outcome
    return e.Resolved(end.code, "", end.resolved_at or row.at, "", outcome)


def _ended(told: Told, end: End) -> None:
    """Instants that the source states for an end that was reached, where it knows better."""
    moments = told.incident.course.moments
    for moment, stated in (
        (Moment.RESOLVED, end.resolved_at),
        (Moment.CLOSED, end.closed_at),
    ):
        known = moments.get(moment)
        if stated is not None and known is not None and known != stated:
            told.happened(e.MomentCorrected(moment, known, stated, STATED))
