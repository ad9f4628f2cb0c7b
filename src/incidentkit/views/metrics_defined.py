"""The metrics there are, each a definition in words and the few lines that carry it out.

What they are about: `counted` are all incidents of the window but candidates nobody accepted and
exercises; `over` are those of them that stand resolved or closed now. A moment that lies before
the declaration counts as the declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import attrs

from incidentkit.model.maintenance import Maintenance
from incidentkit.model.words import Outcome
from incidentkit.rules.measure import Measured
from incidentkit.timing.intervals import ZERO, total
from incidentkit.views.metrics import Metric, Metrics, Unit, Value, values
from incidentkit.views.metrics_downtime import planned, unplanned
from incidentkit.views.metrics_numbers import counted, hours, per_mille, spread

AGAIN_WITHIN = timedelta(days=7)


@attrs.frozen
class Window:
    """The incidents of a window, sorted out once, and the zones of people.

    `now` is when somebody asks, `works` is planned work that may have impaired what they are about.
    """

    every: tuple[Measured, ...]
    zones: Mapping[str, ZoneInfo]
    zone: ZoneInfo
    now: datetime
    works: tuple[Maintenance, ...]

    @property
    def candidates(self) -> list[Measured]:
        """What nobody accepted: it waits, or was declined."""
        return [x for x in self.every if x.candidate or x.declined]

    @property
    def counted(self) -> list[Measured]:
        """Incidents proper."""
        return [
            x
            for x in self.every
            if not (x.candidate or x.declined) and x.outcome is not Outcome.EXERCISE
        ]

    @property
    def over(self) -> list[Measured]:
        """Those that stand resolved or closed."""
        return [x for x in self.counted if x.over]

    @property
    def ended_once(self) -> list[Measured]:
        """Those that were resolved at least once."""
        return [x for x in self.counted if x.first_resolved_at is not None]


Found = tuple[Mapping[str, Value], int, Iterable[Measured | Maintenance]]
"""The values of a metric, what it rests on, and the incidents (and planned work) behind it."""


def _since(x: Measured, at: datetime) -> timedelta:
    return max(at - x.declared_at, ZERO)


def _durations(found: Sequence[tuple[Measured, timedelta]]) -> Found:
    return spread(each for _, each in found), len(found), [x for x, _ in found]


def _share(part: Sequence[Measured], whole: Sequence[Measured]) -> Found:
    share = {"share": per_mille(len(part), len(whole))} if whole else {}
    return share, len(whole), part


def _counts(of: Callable[[Measured], str]) -> Callable[[Window], Found]:
    return lambda w: (counted(of(x) for x in w.counted), len(w.counted), w.counted)


def _outcomes(w: Window) -> Found:
    real = [x for x in w.every if not (x.candidate or x.declined)]
    return counted(x.outcome.value for x in real), len(real), real


def _acknowledge(w: Window) -> Found:
    return _durations([(x, _since(x, x.acknowledged_at)) for x in w.counted if x.acknowledged_at])


def _restore(w: Window) -> Found:
    return _durations([(x, _since(x, x.mitigated_at)) for x in w.counted if x.mitigated_at])


def _resolve(w: Window) -> Found:
    return _durations([(x, _since(x, x.resolved_at)) for x in w.over if x.resolved_at])


def _resolve_working(w: Window) -> Found:
    return _durations(
        [
            (x, _since(x, x.resolved_at) - total(x.holds, x.declared_at, x.resolved_at))
            for x in w.over
            if x.resolved_at
        ]
    )


def _reopened_for(w: Window) -> Found:
    return _durations([(x, x.reopened_for) for x in w.over if x.reopened])


def _reopened(w: Window) -> Found:
    return _share([x for x in w.ended_once if x.reopened], w.ended_once)


def _again(w: Window) -> Found:
    back = [
        x
        for x in w.ended_once
        if x.first_resolved_at is not None
        and x.first_reopened_at is not None
        and x.first_reopened_at - x.first_resolved_at <= AGAIN_WITHIN
    ]
    return _share(back, w.ended_once)


def _first_contact(w: Window) -> Found:
    return _share([x for x in w.over if x.at_first_contact], w.over)


def _reassigned(w: Window) -> Found:
    some = [x for x in w.counted if x.reassigned or x.moved]
    to_people, to_teams = sum(x.reassigned for x in some), sum(x.moved for x in some)
    return {"to people": to_people, "to teams": to_teams, "incidents": len(some)}, len(some), some


def _breached(w: Window) -> Found:
    ran = [(x, name, missed) for x in w.counted for name, missed in x.targets]
    shares: dict[str, Value] = {
        target: per_mille(
            sum(missed for _, name, missed in ran if name == target),
            sum(name == target for _, name, _ in ran),
        )
        for target in sorted({name for _, name, _ in ran})
    }
    late = {x.id: x for x, _, missed in ran if missed}
    return shares, len(ran), late.values()


def _planned(w: Window) -> Found:
    return planned(w.counted, w.works, w.now)


def _unplanned(w: Window) -> Found:
    return unplanned(w.counted, w.works, w.now)


def _alerts(w: Window) -> Found:
    noisy = [x for x in w.counted if x.alerts]
    numbers = sorted(x.alerts for x in noisy)
    said = {"alerts": sum(numbers), "most": numbers[-1]} if numbers else {}
    return said, len(noisy), noisy


def _false_alarms(w: Window) -> Found:
    return _share([x for x in w.counted if x.outcome is Outcome.FALSE_ALARM], w.counted)


def _candidates(w: Window) -> Found:
    found = w.candidates
    declined = sum(x.declined for x in found)
    said = {"declined": declined, "waiting": len(found) - declined} if found else {}
    return said, len(found), found


def _pages(w: Window) -> Found:
    paged = [x for x in w.every if x.pages]
    people = counted(page.to for x in paged for page in x.pages)
    return people, sum(people.values()), paged


def _interruptions(w: Window) -> Found:
    paged = [x for x in w.every if x.pages]
    found = counted(
        f"{page.to} {hours(page.at, w.zones.get(page.to, w.zone))}"
        for x in paged
        for page in x.pages
    )
    return found, sum(found.values()), paged


@attrs.frozen
class Definition:
    """A metric before it is applied to a window."""

    name: str
    version: int
    unit: Unit
    text: str
    find: Callable[[Window], Found]


_SPREAD = "Median and 90th percentile by nearest rank, and mean."
_IMPAIRED = (
    "The time in which a place was impaired, by the impact intervals of incidents (one that nobody "
    "ended lasts until the service was restored, else until now): of each place and of any place, "
    "overlaps counted once."
)
DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        "incidents_by_priority",
        1,
        Unit.COUNT,
        "Incidents of the window by their present priority.",
        _counts(lambda x: x.priority.value),
    ),
    Definition(
        "incidents_by_state",
        1,
        Unit.COUNT,
        "Incidents of the window by their present state.",
        _counts(lambda x: x.state.value),
    ),
    Definition(
        "incidents_by_service",
        1,
        Unit.COUNT,
        "Incidents of the window by their present service; `unknown` where none is named.",
        _counts(lambda x: x.service or "unknown"),
    ),
    Definition(
        "incidents_by_outcome",
        1,
        Unit.COUNT,
        "Incidents of the window by what they turned out to be, exercises included.",
        _outcomes,
    ),
    Definition(
        "time_to_acknowledge",
        1,
        Unit.DURATION,
        "From the declaration to the first acknowledgement by a person; a rule's, an assignment, "
        f"a silence or the resolution is none. {_SPREAD}",
        _acknowledge,
    ),
    Definition(
        "time_to_restore",
        1,
        Unit.DURATION,
        "From the declaration until the service was restored (mitigated), holds included; of one "
        f"that regressed or was reopened, until it was last restored. {_SPREAD}",
        _restore,
    ),
    Definition(
        "time_to_resolve",
        1,
        Unit.DURATION,
        "From the first declaration to the last resolution, holds and reopened times included; "
        f"only what stands resolved or closed. {_SPREAD}",
        _resolve,
    ),
    Definition(
        "time_to_resolve_without_holds",
        1,
        Unit.DURATION,
        f"As time_to_resolve, less the time it was on hold. {_SPREAD}",
        _resolve_working,
    ),
    Definition(
        "time_reopened",
        1,
        Unit.DURATION,
        "Of incidents that were reopened and stand resolved: how long they were open again, from "
        f"each reopening to the next resolution. {_SPREAD}",
        _reopened_for,
    ),
    Definition(
        "reopened",
        1,
        Unit.PER_MILLE,
        "Of incidents that were ever resolved: those reopened at least once.",
        _reopened,
    ),
    Definition(
        "reopened_within_7_days",
        1,
        Unit.PER_MILLE,
        "Of incidents that were ever resolved: those first reopened at most 7 days after they "
        "were first resolved.",
        _again,
    ),
    Definition(
        "resolved_at_first_contact",
        1,
        Unit.PER_MILLE,
        "Of incidents that stand resolved: those never on hold, never handed to another assignee "
        "or team, and never reopened.",
        _first_contact,
    ),
    Definition(
        "reassignments",
        1,
        Unit.COUNT,
        "How often work went from one assignee or team to another (a first assignment is none), "
        "and in how many incidents.",
        _reassigned,
    ),
    Definition(
        "targets_missed",
        1,
        Unit.PER_MILLE,
        "Of the clocks of a target that ran and were not cancelled: those that were breached, "
        "each target by itself. Every promise of a next update counts.",
        _breached,
    ),
    Definition(
        "planned_downtime",
        1,
        Unit.DURATION,
        f"{_IMPAIRED} What of it fell into planned work on that very service or component while "
        "the work went on as planned: from its real start, no earlier than its window, to its real "
        "end, less what went beyond the end then in force. The ids are of the incidents with "
        "planned time, then of the work.",
        _planned,
    ),
    Definition(
        "unplanned_downtime",
        1,
        Unit.DURATION,
        f"{_IMPAIRED} What of it was not planned: all that does not count as planned_downtime. "
        "Rests on the incidents with such intervals; the ids are of those with unplanned time.",
        _unplanned,
    ),
    Definition(
        "alerts",
        1,
        Unit.COUNT,
        "Alerts that joined incidents, and the most that joined one.",
        _alerts,
    ),
    Definition(
        "false_alarms",
        1,
        Unit.PER_MILLE,
        "Of incidents: those that turned out to be false alarms.",
        _false_alarms,
    ),
    Definition(
        "candidates",
        1,
        Unit.COUNT,
        "What was not accepted: declined, or still waiting. Of the window is what was reported in "
        "it or, of what nobody reported, what was declined or began to wait in it.",
        _candidates,
    ),
    Definition(
        "pages_by_person",
        1,
        Unit.COUNT,
        "Pages queued to each person, whatever became of them; candidates and exercises included.",
        _pages,
    ),
    Definition(
        "pages_by_hours",
        1,
        Unit.COUNT,
        "The same by what they interrupt in the person's zone: business (8 to 18, Monday to "
        "Friday), sleep (22 to 8), off (the rest).",
        _interruptions,
    ),
)
"""All metrics, in the order in which they are given."""


def metrics(
    measured: Iterable[Measured],
    since: datetime,
    until: datetime,
    zones: Mapping[str, ZoneInfo],
    zone: ZoneInfo,
    now: datetime,
    works: Iterable[Maintenance] = (),
) -> Metrics:
    """All metrics of what was measured of the incidents of a window.

    `now` is when somebody asks; `works` is planned work, of which only some may concern them.
    """
    window = Window(tuple(measured), zones, zone, now, tuple(works))
    return Metrics(since, until, tuple([_metric(each, window) for each in DEFINITIONS]))


def _metric(of: Definition, window: Window) -> Metric:
    said, n, behind = of.find(window)
    ids = tuple(dict.fromkeys(x.id for x in behind))
    return Metric(of.name, of.version, of.text, of.unit, values(said), n, ids)
