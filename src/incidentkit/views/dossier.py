"""What only some incidents have, in words: reach and findings, for cards, reviews, explanations.

Each part is told only where there is something to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias, TypeVar

from incidentkit.model.attachments import Attachment
from incidentkit.model.causes import Cause, CauseState
from incidentkit.model.decisions import Decision
from incidentkit.model.findings import Findings
from incidentkit.model.hypotheses import Hypothesis
from incidentkit.model.impact import ImpactInterval
from incidentkit.model.incident import Incident
from incidentkit.model.reason import show
from incidentkit.model.scope import Scope
from incidentkit.model.workarounds import Workaround
from incidentkit.timing.instants import show_instant
from incidentkit.views.sentences_findings import fact
from incidentkit.views.sentences_scope import assessment, label
from incidentkit.views.text import followed, name, plain, words

Pairs: TypeAlias = tuple[tuple[str, str], ...]
T = TypeVar("T")

SHOWN = 10
"""How many of one list stand in one line; the record has all of them."""


def pairs(incident: Incident, limit: int = SHOWN) -> Pairs:
    """The parts that there are, each as (name, what it holds)."""
    if incident.more is None:
        return ()
    found = (*_scope(incident.more.scope, limit), *_findings(incident.more.findings, limit))
    return tuple(pair for pair in found if pair[1])


def lines(incident: Incident, limit: int = SHOWN) -> tuple[str, ...]:
    """The parts that there are, one line each."""
    return tuple(f"{title.lower()}: {text}" for title, text in pairs(incident, limit))


def _many(items: Iterable[T], tell: Callable[[T], str], limit: int, between: str = "; ") -> str:
    every = tuple(items)
    told = between.join(tell(each) for each in every[:limit])
    return f"{told}{between}and {len(every) - limit} more" if len(every) > limit else told


def _scope(scope: Scope, limit: int) -> Pairs:
    affected = [x for x in scope.affected if x.certain]
    perhaps = [x for x in scope.affected if not x.certain]
    standing = [x for x in scope.intervals if not x.withdrawn]
    return (
        ("Label", "" if scope.label is None else label(scope.label)),
        ("Aspects", _many(scope.aspects, lambda x: plain(x.name), limit, ", ")),
        ("Impact", _many(scope.impacts, assessment, limit)),
        ("Affected", _many(affected, lambda x: f"{words(x.kind)} {name(x.name)}", limit, ", ")),
        ("Perhaps", _many(perhaps, lambda x: f"{words(x.kind)} {name(x.name)}", limit, ", ")),
        ("Impaired", _many(standing, interval, limit)),
        (
            "Organisations",
            _many(
                scope.organisations,
                lambda x: f"{name(x.name)} ({plain(x.role) or words(x.kind)})",
                limit,
                ", ",
            ),
        ),
        (
            "References",
            _many(scope.references, lambda x: f"{plain(x.system)} {plain(x.key)}", limit, ", "),
        ),
    )


def _findings(findings: Findings, limit: int) -> Pairs:
    known = [x for x in findings.facts.values() if x.value is not None]
    usable = [x for x in findings.workarounds if not x.withdrawn]
    causes = [x for x in findings.causes if x.state is not CauseState.REJECTED]
    attached = [x for x in findings.attachments if not x.withdrawn]
    standing = [x for x in findings.decisions if not x.superseded_by]
    return (
        ("Facts", _many(known, fact, limit)),
        ("Hypotheses", _many(findings.hypotheses, hypothesis, limit)),
        ("Causes", _many(causes, cause, limit)),
        ("Workarounds", _many(usable, workaround, limit)),
        ("Decisions", _many(standing, decision, limit)),
        ("Attachments", _many(attached, attachment, limit)),
    )


def interval(value: ImpactInterval) -> str:
    """An impact interval in words, with its instants in full."""
    span = value.interval
    until = "still impaired" if span.end is None else f"until {show_instant(span.end)}"
    what = f"{plain(value.id)} {words(value.kind)} {name(value.place)} {plain(value.level)}"
    return f"{what} from {show_instant(span.start)}, {until}"


def hypothesis(value: Hypothesis) -> str:
    """A hypothesis and where it stands."""
    return f"{plain(value.id)} {words(value.state)}: {plain(value.text, 200)}"


def cause(value: Cause) -> str:
    """A cause, its part and category, and whether it is confirmed."""
    category = f", {plain(value.category)}" if value.category else ""
    what = f"{plain(value.id)} {words(value.part)}{category}, {words(value.state)}"
    return f"{what}: {plain(value.text, 200)}"


def workaround(value: Workaround) -> str:
    """A workaround and whether it helps."""
    told = f"{plain(value.id)} (effective: {words(value.effective)})"
    return followed(told, value.text[:200])


def decision(value: Decision) -> str:
    """A decision: the question and the outcome."""
    against = " (decided against)" if value.negative else ""
    return f"{plain(value.id)} {plain(value.question, 200)} {plain(value.outcome, 200)}{against}"


def known_then(value: Decision) -> str:
    """The facts that stood when it was decided."""
    return "; ".join(f"{plain(k)} = {plain(show(v), 200)}" for k, v in value.facts.items())


def attachment(value: Attachment) -> str:
    """An attachment, its label and who holds it."""
    marked = "" if value.label is None else f", {label(value.label)}"
    return f"{plain(value.id)} {name(value.name)} (with {name(value.holder)}{marked})"
