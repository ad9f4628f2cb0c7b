"""What may help with an incident: known errors, similar incidents, changes, and what came back.

Candidates come from a search for the incident's words and from its service and category, at most
so many of each; never from a reading of everything. All of it lies within what the actor may see.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import attrs

from incidentkit.errors import NotFound
from incidentkit.flows import reading
from incidentkit.flows.effects import Find, Flow, Kind, Load
from incidentkit.flows.kinds import CHANGE, INCIDENT, PROBLEM
from incidentkit.flows.recognising import matches
from incidentkit.flows.repeating import Repeat, repeats
from incidentkit.flows.searching import pages
from incidentkit.flows.setting import Setting
from incidentkit.lang.words import Needle
from incidentkit.model.alert import ChangeRecord
from incidentkit.model.incident import Incident
from incidentkit.model.reason import Reason
from incidentkit.model.words import Moment, ProblemState, State
from incidentkit.ports.query import AllOf, Compare, Filter, Op, Query
from incidentkit.ports.search import Among, TextQuery
from incidentkit.rules import suggest
from incidentkit.timing.instants import to_micros

if TYPE_CHECKING:
    from incidentkit.model.problem import Problem

MOST_WORDS, ENOUGH_WORDS = 8, 3
BY_WORDS, BY_COLUMN = 100, 50
"""Candidates that the search brings, and those that one column brings: 200 of a kind at most."""
LATE_NEWS = timedelta(hours=1)
"""How long after an incident began the news of an earlier change may still come."""
IN_FORCE = frozenset((ProblemState.ANALYSING, ProblemState.FIXING, ProblemState.VERIFYING))
"""States in which a problem with a workaround helps, where nothing was published about it."""
OVER = frozenset((State.RESOLVED, State.CLOSED))


class Sort(StrEnum):
    """What a suggestion is."""

    KNOWN_ERROR = "known_error"
    RECURRENCE = "recurrence"
    SIMILAR = "similar"
    CHANGE = "change"


@attrs.frozen
class Suggestion:
    """One record that may help. `score` is per mille; the reason can be run again.

    `advice` is what it says to do: a workaround, or the remedy of an incident that is over.
    """

    sort: Sort
    id: str
    ref: str
    title: str
    score: int
    advice: str
    reason: Reason

    def __str__(self) -> str:
        """One line."""
        advice = f": {self.advice}" if self.advice else ""
        return f"{self.ref}  {self.title} ({self.score // 10} %){advice}"


@attrs.frozen
class Suggestions:
    """What may help with one incident, the best of each sort first.

    `note` says what was left out where the store could not search; else it is empty. `repeats` are
    the groups that it belongs to by the policy's rules of recurrence, where their minimum is
    reached; `recurrences` go by likeness alone.
    """

    of: str
    known_errors: tuple[Suggestion, ...]
    recurrences: tuple[Suggestion, ...]
    similar: tuple[Suggestion, ...]
    changes: tuple[Suggestion, ...]
    note: str = ""
    repeats: tuple[Repeat, ...] = ()

    @property
    def all(self) -> tuple[Suggestion, ...]:
        """All that are one record, sort by sort."""
        return (*self.known_errors, *self.recurrences, *self.similar, *self.changes)


def suggestions(
    setting: Setting, name: str, limit: int, audiences: tuple[str, ...] | None = None
) -> Flow[Suggestions]:
    """What may help with an incident, at most `limit` of each sort.

    `audiences` are those whose known errors may be shown; None: all, and the problems with a
    workaround about which nothing was published to anybody.

    Raises NotFound when there is no such incident, or the actor may not see it.
    """
    incident = yield from reading.get(setting, name)
    if not isinstance(incident, Incident):
        raise NotFound("incident", name)
    policy = setting.policy.hash
    published = yield from _published(setting, name, audiences)
    problems, note = yield from _candidates(setting, incident, PROBLEM)
    unpublished = _ways_out(incident, problems, policy) if audiences is None else []
    others, _ = yield from _candidates(setting, incident, INCIDENT)
    changes = yield from _changes(incident, policy)
    alike = _alike(incident, others, policy)
    groups = yield from repeats(setting, incident)
    return Suggestions(
        incident.ref,
        _best((*published, *unpublished), limit),
        _best((x for x in alike if x.sort is Sort.RECURRENCE), limit),
        _best((x for x in alike if x.sort is Sort.SIMILAR), limit),
        _best(changes, limit),
        note,
        groups[:limit],
    )


def _best(found: Iterable[Suggestion], limit: int) -> tuple[Suggestion, ...]:
    return tuple(sorted(found, key=lambda each: (-each.score, each.id))[:limit])


def _score(reason: Reason) -> int:
    return reason.outcome if isinstance(reason.outcome, int) else 0


def _ways_out(incident: Incident, problems: Iterable[Problem], policy: str) -> list[Suggestion]:
    """Problems with a workaround about which nothing was published."""
    traits = suggest.at_hand(incident)
    sort = Sort.KNOWN_ERROR
    found: list[Suggestion] = []
    for problem in problems:
        if problem.known_error is not None or problem.state not in IN_FORCE:
            continue
        advice, title = problem.workaround, problem.title
        other = suggest.of_problem(problem, "")
        reason = suggest.likeness(traits, other, problem.ref, policy)
        score = _score(reason)
        if advice and score >= suggest.LEAST_OF_PROBLEM:
            found.append(Suggestion(sort, problem.id, problem.ref, title, score, advice, reason))
    return found


def _published(
    setting: Setting, name: str, audiences: tuple[str, ...] | None
) -> Flow[list[Suggestion]]:
    """The published known errors that it may be an instance of, for these audiences."""
    found = yield from matches(setting, name, audiences)
    sort = Sort.KNOWN_ERROR
    return [Suggestion(sort, x.id, x.ref, x.title, x.score, x.workaround, x.reason) for x in found]


def _alike(incident: Incident, others: Iterable[Incident], policy: str) -> list[Suggestion]:
    """Incidents that resemble this one; what is over and very much alike may have come back.

    One under a stricter label is not even counted: that it exists is a word too many.
    """
    traits = suggest.at_hand(incident)
    found: list[Suggestion] = []
    for other in others:
        if not suggest.may_carry(incident, other):
            continue
        reason = suggest.likeness(traits, suggest.of_incident(other), other.ref, policy)
        score = _score(reason)
        if other.id == incident.id or score < suggest.LEAST:
            continue
        back = other.status in OVER and score >= suggest.RECURRING
        sort = Sort.RECURRENCE if back else Sort.SIMILAR
        remedy = other.course.ending.remedy
        found.append(Suggestion(sort, other.id, other.ref, other.title, score, remedy, reason))
    return found


def _candidates(
    setting: Setting, incident: Incident, kind: Kind[Any]
) -> Flow[tuple[tuple[Any, ...], str]]:
    """Records of a kind that may resemble the incident, each once, and what was left out."""
    card = incident.card
    found: dict[str, Any] = {}
    needles = _needles(card.title, card.summary[:500])
    note = ""
    if needles:
        among = (Among(kind.name),)
        page, note = yield from pages(TextQuery(needles, among, None, BY_WORDS, either=True))
        records = yield from Load(kind, tuple([hit.id for hit in page.hits]))
        found.update({each.id: each for each in records if each is not None})
    columns = {"service": card.service, "category": card.category if kind is INCIDENT else ""}
    for column, value in columns.items():
        if value:
            where = Compare(column, Op.EQ, value)
            query = Query(kind.name, where, "changed_at", True, limit=BY_COLUMN)
            beside = yield from reading.find(setting, kind, query)
            found.update({each.id: each for each in beside.items})
    return tuple(found.values()), note


def _needles(title: str, summary: str) -> tuple[Needle, ...]:
    """What to search for: the words of the title, and of the summary where it has hardly any.

    Few, because each word in every second record makes the search read half of the index.
    """
    words = suggest.telling(title)
    if len(words) < ENOUGH_WORDS:
        words = (*words, *suggest.telling(summary))
    return tuple([Needle((word,)) for word in dict.fromkeys(words)][:MOST_WORDS])


def _changes(incident: Incident, policy: str) -> Flow[list[Suggestion]]:
    """Changes that were made within a day before it began, to its service or to none named."""
    moments = (Moment.OCCURRED, Moment.DETECTED, Moment.REPORTED, Moment.DECLARED)
    known = [at for each in moments if (at := incident.moment(each)) is not None]
    began = min(known, default=incident.life.since)
    found: list[Suggestion] = []
    for service in dict.fromkeys((incident.card.service or "", "")):
        parts: tuple[Filter, ...] = (
            Compare("service", Op.EQ, service),
            Compare("changed_at", Op.GE, to_micros(began - suggest.CHANGES_WITHIN)),
            Compare("changed_at", Op.LE, to_micros(began + LATE_NEWS)),
        )
        query = Query(CHANGE.name, AllOf(parts), "changed_at", True, limit=BY_COLUMN)
        page = yield from Find(CHANGE, query)
        found += [x for each in page.items if (x := _change(each, incident, began, policy))]
    return found


def _change(
    record: ChangeRecord, incident: Incident, began: datetime, policy: str
) -> Suggestion | None:
    change = record.change
    same = bool(change.service) and change.service == incident.card.service
    reason = suggest.nearness(began - change.at, change.key, same_service=same, policy=policy)
    score = _score(reason)
    if not score:
        return None
    return Suggestion(Sort.CHANGE, record.id, change.key, change.title, score, change.url, reason)
