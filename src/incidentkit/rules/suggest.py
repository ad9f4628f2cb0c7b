"""How alike two records are, and how near a change lies: what may help with an incident.

Likeness is the weighted share of traits that two records have in common, in per mille (a weighted
Jaccard index): words of title and summary, labels, service and category. There are no learned
weights and no counts over all records, so that the same two records are always equally alike and
the Reason says all there is to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import attrs

from incidentkit.lang.stems import stem
from incidentkit.lang.words import spellings, split
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.labels import Label, Tlp
from incidentkit.model.problem import Problem
from incidentkit.model.reason import Plain, Reason

LIKENESS, NEARNESS, VERSION = "suggest.likeness", "suggest.nearness", 1
"""The rules, and their version."""

WORD, LABEL, SERVICE, CATEGORY = 1, 2, 4, 4
"""What a trait of each sort weighs; a word of a title weighs twice that of a summary."""

LEAST = 250
"""Less alike than this, in per mille, is no suggestion."""
LEAST_OF_PROBLEM = 100
"""The same for a problem, which says more than one incident shows."""
RECURRING = 500
"""An incident that is over and at least so much alike may have come back."""
CHANGES_WITHIN = timedelta(hours=24)
"""How long before an incident began a change may lie to be suggested."""

_STOP = frozenset(
    (
        "a", "an", "and", "are", "as", "at", "be", "been", "by", "can", "cannot", "could", "did",
        "do", "does", "for", "from", "had", "has", "have", "he", "i", "in", "is", "it", "its",
        "my", "no", "not", "of", "on", "or", "our", "she", "so", "that", "the", "their", "there",
        "they", "this", "to", "us", "was", "we", "were", "what", "when", "which", "will", "with",
        "you", "your",
    )
)  # fmt: skip
_LONGEST = 4_000

UNLABELLED = Label(Tlp.AMBER)
"""What an incident without a label counts as: whoever works here may read it (TLP 2.0)."""


def may_carry(incident: Incident, other: Incident) -> bool:
    """Whether what the other says may stand beside the incident.

    Nothing is carried from a stricter label to where more people read: the incident's own must be
    at least as strict, in level and in compartments.
    """
    own = incident.dossier.scope.label or UNLABELLED
    return own.covers(other.dossier.scope.label)


UNWRITTEN: FrozenMap[str, str] = FrozenMap()


@attrs.frozen
class Traits:
    """What likeness is drawn from: each trait with its weight, such as `word:login` with 2.

    `written` has, of a record that people read, the words behind the stems as they were first
    written, in their order. Nothing is drawn from it; it is there to be read.
    """

    weights: FrozenMap[str, int]
    written: FrozenMap[str, str] = attrs.field(default=UNWRITTEN, eq=False)


def words(title: str, text: str) -> dict[str, int]:
    """The words that say something, those of the title twice as heavy."""
    found = dict.fromkeys(_stems(text[:_LONGEST]), WORD)
    found.update(dict.fromkeys(_stems(title), 2 * WORD))
    return {f"word:{word}": weight for word, weight in found.items()}


def telling(text: str) -> tuple[str, ...]:
    """The words of a text that say something, in its order.

    >>> telling("The login is slow")
    ('login', 'slow')
    """
    return tuple([word for word in split(text) if word not in _STOP])


def _stems(text: str) -> list[str]:
    return [stem(word) for word in telling(text)]


def _written(text: str) -> FrozenMap[str, str]:
    """Of each stem the first word behind it, as it was written."""
    spelt, found = spellings(text), dict[str, str]()
    for word in telling(text):
        found.setdefault(stem(word), spelt.get(word, word))
    return FrozenMap(found)


def _traits(
    title: str, text: str, labels: Mapping[str, str], service: str | None, category: str
) -> Traits:
    weights = words(title, text)
    weights.update({f"label:{key}={value}": LABEL for key, value in labels.items()})
    if service:
        weights[f"service:{service}"] = SERVICE
    if category:
        weights[f"category:{category}"] = CATEGORY
    return Traits(FrozenMap(dict(sorted(weights.items()))))


def of_incident(incident: Incident) -> Traits:
    """The traits of an incident."""
    card = incident.card
    return _traits(card.title, card.summary, card.labels, card.service, card.category)


def at_hand(incident: Incident) -> Traits:
    """The traits of the incident that somebody asks about, with its words as they were written."""
    card = incident.card
    written = _written(f"{card.title}\n{card.summary[:_LONGEST]}")
    return attrs.evolve(of_incident(incident), written=written)


def of_problem(problem: Problem, symptoms: str = "") -> Traits:
    """The traits of a problem, with the symptoms of its known error where it has one."""
    text = f"{problem.summary} {symptoms}"
    return _traits(problem.title, text, {}, problem.service, problem.category)


def likeness(one: Traits, other: Traits, about: str, policy: str = "") -> Reason:
    """How alike two records are; the outcome is per mille. `about` names the other record.

    The words in common stand in the Reason as the first record has them.
    """
    both = one.weights.keys() & other.weights.keys()
    shared = {name: min(one.weights[name], other.weights[name]) for name in sorted(both)}
    every = one.weights.keys() | other.weights.keys()
    whole = sum(max(one.weights.get(x, 0), other.weights.get(x, 0)) for x in every)
    roots = [name.removeprefix("word:") for name in shared if name.startswith("word:")]
    words = {root: word for root, word in one.written.items() if root in roots}
    words.update({root: root for root in roots if root not in words})
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "record": about,
            "shared": FrozenMap[str, Plain](shared),
            "whole": whole,
            "words": tuple(words.values()),
        }
    )
    return Reason(LIKENESS, VERSION, inputs, judge(inputs), policy)


def judge(inputs: Mapping[str, Plain]) -> int:
    """Likeness in per mille from plain inputs: the weight in common over the whole weight."""
    shared, whole = inputs["shared"], _whole(inputs["whole"])
    if not isinstance(shared, dict) or whole <= 0:
        return 0
    return sum(_whole(each) for each in shared.values()) * 1_000 // whole


def _whole(value: Plain) -> int:
    return value if isinstance(value, int) else 0


def nearness(before: timedelta, about: str, *, same_service: bool, policy: str = "") -> Reason:
    """How near before the beginning a change lies; the outcome is per mille.

    Half of it is for the time, half for being made to the very service.
    """
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "record": about,
            "seconds_before": before // timedelta(seconds=1),
            "within_seconds": CHANGES_WITHIN // timedelta(seconds=1),
            "same_service": same_service,
        }
    )
    return Reason(NEARNESS, VERSION, inputs, judge_nearness(inputs), policy)


def judge_nearness(inputs: Mapping[str, Plain]) -> int:
    """Nearness in per mille from plain inputs; 0 for a change that came later or too early."""
    before, within = _whole(inputs["seconds_before"]), _whole(inputs["within_seconds"])
    if not 0 <= before <= within:
        return 0
    return 500 * (within - before) // max(within, 1) + (500 if inputs["same_service"] else 0)
