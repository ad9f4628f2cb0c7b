"""Which known errors an incident may be an instance of: scored, explained, the same every time.

Only what is published is offered, and only to its audience. A known error with a condition is
recognised by it and by nothing else; one without is recognised by the words of its symptoms. The
score, in per mille, orders what is found: how it was recognised, whether service and category
agree, and how many words of the symptoms the incident has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import attrs

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.known_error import KnownError
from incidentkit.model.problem import Problem
from incidentkit.model.reason import Plain, Reason
from incidentkit.rules import communicate
from incidentkit.rules.kept import condition_of, holds_again, keep_all
from incidentkit.rules.problem_terms import ProblemTerms

RULE = "known_error.match"
VERSION = 1
MOST_WORDS = 200
BY_CONDITION, BY_WORDS, SAME_SERVICE, SAME_CATEGORY = 600, 800, 100, 100
"""What a condition that is true counts; what all words of the symptoms count where there is none
(beside a condition they count for what is left to a thousand); a service, a category alike."""
BESIDE = 1_000 - BY_CONDITION - SAME_SERVICE - SAME_CATEGORY

_WORD = re.compile(r"\w{3,}")
_STOP = frozenset(("and", "are", "but", "can", "for", "from", "has", "not", "the", "was", "with"))

Known: TypeAlias = Mapping[str, object] | None
"""What is known of an incident and around it; None: what the incident says alone."""


@attrs.frozen
class Match:
    """A known error that an incident may be an instance of.

    `score` is per mille. `uses` and `successes` say how often its workaround was applied, and how
    often it was said to have worked.
    """

    ref: str
    id: str
    title: str
    score: int
    symptoms: str
    workaround: str
    uses: int
    successes: int
    reason: Reason

    def __str__(self) -> str:
        """One line: the problem, how sure, and what to do."""
        advice = self.workaround or "no workaround is known yet"
        return f"{self.ref} {self.title} ({self.score // 10} %): {advice}"


def words(text: str) -> tuple[str, ...]:
    """The words that say something, each once, in the order of the text."""
    found = (each.casefold() for each in _WORD.findall(text))
    return tuple(dict.fromkeys(each for each in found if each not in _STOP))[:MOST_WORDS]


def recognise(
    incident: Incident,
    problems: Iterable[Problem],
    terms: ProblemTerms,
    audiences: tuple[str, ...] | None = None,
    policy: str = "",
    known: Known = None,
) -> tuple[Match, ...]:
    """The published known errors that the incident may be an instance of, the likeliest first.

    `audiences` are those whose known errors may be shown; None: all. `known` is what is known of
    the incident and around it; left out, of the incident alone.
    """
    found: list[Match] = []
    for problem in problems:
        error = problem.known_error
        if error is None or not error.published:
            continue
        if audiences is not None and error.audience not in audiences:
            continue
        reason = score(incident, problem, error, terms, policy, known)
        if reason.outcome:
            found.append(_match(problem, error, reason))
    return tuple(sorted(found, key=lambda x: (-x.score, -x.successes, len(x.ref), x.ref)))


def _match(problem: Problem, known: KnownError, reason: Reason) -> Match:
    return Match(
        problem.ref,
        problem.id,
        problem.title,
        judge(reason.inputs),
        known.symptoms,
        known.workaround,
        known.uses,
        known.successes,
        reason,
    )


def score(
    incident: Incident,
    problem: Problem,
    error: KnownError,
    terms: ProblemTerms,
    policy: str = "",
    known: Known = None,
) -> Reason:
    """How well an incident fits a known error, whatever its audience; the outcome is the score.

    `known` as in `recognise`.
    """
    verdict = condition_of(error.match).evaluate(known or {"incident": communicate.facts(incident)})
    symptoms = words(error.symptoms)
    said = frozenset(words(f"{incident.card.title} {incident.card.summary}"))
    card = incident.card
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "problem": problem.ref,
            "match": error.match,
            "facts": keep_all(verdict.read),
            "symptoms": symptoms,
            "found": tuple(each for each in symptoms if each in said),
            "least": terms.symptoms,
            "same_service": bool(card.service) and card.service == problem.service,
            "same_category": bool(card.category) and card.category == problem.category,
        }
    )
    return Reason(RULE, VERSION, inputs, judge(inputs), policy, verdict.unknowns)


def judge(inputs: Mapping[str, Plain]) -> int:
    """The score drawn from plain inputs; 0 where it is not recognised."""
    symptoms, found = inputs["symptoms"], inputs["found"]
    every = len(symptoms) if isinstance(symptoms, tuple) else 0
    share = len(found) * 1_000 // every if isinstance(found, tuple) and every else 0
    if inputs["match"]:
        if not holds_again(inputs["match"], inputs["facts"]):
            return 0
        base = BY_CONDITION + share * BESIDE // 1_000
    else:
        least = inputs["least"]
        if not share or not isinstance(least, int) or share < least:
            return 0
        base = share * BY_WORDS // 1_000
    service = SAME_SERVICE if inputs["same_service"] else 0
    return base + service + (SAME_CATEGORY if inputs["same_category"] else 0)
