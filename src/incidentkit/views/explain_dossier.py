"""Why its impact is what it is, what is known and since when, and what was decided on that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from incidentkit.model import fact_changes as x
from incidentkit.model import findings_changes as f
from incidentkit.model import impact_changes as p
from incidentkit.model import incident_events as e
from incidentkit.model.causes import Cause, CauseState
from incidentkit.model.facts import Fact
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.hypotheses import Hypothesis
from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry
from incidentkit.model.reason import Plain, Reason
from incidentkit.rules import assess, merge_rating
from incidentkit.rules.impair import impact_times
from incidentkit.rules.investigate import chain
from incidentkit.timing.instants import show_instant
from incidentkit.views import dossier
from incidentkit.views.explain_relations import kept_elsewhere
from incidentkit.views.explanation import Explanation, found, listed, reasons, redacted, told
from incidentkit.views.sentences_findings import fact
from incidentkit.views.sentences_scope import assessment
from incidentkit.views.text import name, plain, span

_ASSESSED = (p.ImpactAssessed, p.ImpactWithdrawn)
_IMPAIRED = (p.ImpactIntervalRecorded, p.ImpactIntervalCorrected, p.ImpactIntervalWithdrawn)


def explain_impact(
    incident: Incident, entries: Sequence[JournalEntry], topic: str = "impact"
) -> Explanation:
    """The impact in force: folded from assessments, or stated by a person since."""
    rated = found(entries, e.Rated)
    steps = tuple(entry for entry, _ in found(entries, (e.Rated, *_ASSESSED, *_IMPAIRED)))
    impact = incident.rating.impact
    last = rated[-1][0].recorded if rated else None
    reason = None if last is None else last.reason
    answer = f"impact {plain(impact)}"
    if reason is not None and reason.rule == assess.RULE:
        answer = f"{answer}: {formula(reason)}"
    elif reason is not None and reason.rule == merge_rating.RULE:
        answer = f"{answer}, as {plain(str(reason.inputs['other']))} was rated, which is the same"
    elif last is not None:
        answer = f"{answer}, as {name(last.by)} stated it at {show_instant(rated[-1][0].at)}"
    else:
        answer += f"; no entry that can be read says why{redacted(entries, 'rated')}"
    until = entries[-1].at if entries else incident.life.since
    impaired = tuple(
        f"{place.replace('/', ' ', 1)} was impaired for {span(took)} in all"
        for place, took in impact_times(incident, until).items()
    )
    standing = tuple(f"now: {assessment(each)}" for each in incident.dossier.scope.impacts)
    text = (*(told(entry) for entry in steps), *standing, *map(plain, impaired))
    return Explanation(topic, answer, reasons(steps), text)


def formula(reason: Reason) -> str:
    """A fold in words: `data major = high, people minor = low; the highest counts`."""
    folds = _table(reason.inputs.get("folds"))
    parts: list[str] = []
    for dimension, level in _table(reason.inputs.get("levels")).items():
        amounts = _table(folds.get(dimension)).get(str(level))
        amount = "" if amounts is None else f" = {listed(amounts)}"
        parts.append(f"{plain(dimension)} {listed(level)}{amount}")
    doubt = f"; unknown and perhaps worse: {listed(reason.unknowns)}" if reason.unknowns else ""
    return f"{', '.join(parts) or 'nothing is assessed'}; the highest counts{doubt}"


def _table(value: Plain) -> FrozenMap[str, Plain]:
    return value if isinstance(value, FrozenMap) else FrozenMap()


def explain_facts(
    incident: Incident, entries: Sequence[JournalEntry], topic: str = "facts"
) -> Explanation:
    """What is known, and every assertion that led to it."""
    facts = incident.dossier.findings.facts
    standing = [each for each in facts.values() if each.value is not None]
    count = "1 fact is known" if len(standing) == 1 else f"{len(standing)} facts are known"
    answer = f"{count}: {'; '.join(map(fact, standing[:20]))}" if standing else "nothing is known"
    more = f"; and {len(standing) - 20} more" if len(standing) > 20 else ""
    lines = tuple(_judged(entry, event, facts) for entry, event in found(entries, x.FactAsserted))
    gone = redacted(entries, "fact_asserted")
    return Explanation(topic, f"{answer}{more}{gone}", (), (*lines, *kept_elsewhere(incident)))


def _judged(entry: JournalEntry, event: x.FactAsserted, facts: Mapping[str, Fact]) -> str:
    stands = facts.get(event.fact.key) == event.fact
    return f"{told(entry)}; {'this one stands' if stands else 'another one stands'}"


def explain_decisions(
    incident: Incident, entries: Sequence[JournalEntry], topic: str = "decisions"
) -> Explanation:
    """What was decided, by whom and why, and what was known at that moment."""
    decisions = incident.dossier.findings.decisions
    standing = [each for each in decisions if not each.superseded_by]
    if decisions:
        of = f"{len(standing)} of {len(decisions)} decisions stand"
        answer = f"{of}: {'; '.join(map(dossier.decision, standing[:20]))}"
    else:
        answer = "nothing was decided"
    lines: list[str] = []
    for entry, event in found(entries, f.DecisionRecorded):
        known = dossier.known_then(event.decision)
        lines.append(f"{told(entry)}; known then: {known or 'nothing'}")
        if event.decision.options:
            lines.append(f"  options: {'; '.join(plain(o) for o in event.decision.options)}")
    gone = redacted(entries, "decision_recorded")
    return Explanation(topic, f"{answer}{gone}", (), (*lines, *kept_elsewhere(incident)))


def explain_causes(
    incident: Incident, entries: Sequence[JournalEntry], topic: str = "causes"
) -> Explanation:
    """What made it happen: causes, hypotheses with their evidence, and each chain of whys."""
    findings = incident.dossier.findings
    causes = [x for x in findings.causes if x.state is CauseState.CONFIRMED]
    answer = (
        f"confirmed: {'; '.join(map(dossier.cause, causes))}" if causes else "no cause is confirmed"
    )
    wanted = (
        f.HypothesisProposed,
        f.HypothesisJudged,
        f.CauseNamed,
        f.CauseConfirmed,
        f.CauseRejected,
    )
    steps = tuple(told(entry) for entry, _ in found(entries, wanted))
    every: tuple[Cause | Hypothesis, ...] = (*findings.causes, *findings.hypotheses)
    explained = {each.explains for each in every}
    whys = tuple(
        "why: " + " <- ".join(f"{plain(y.id)} {plain(y.text, 80)}" for y in reversed(way))
        for each in every
        if each.explains and each.id not in explained and (way := chain(findings, each.id))
    )
    return Explanation(topic, answer, (), (*steps, *whys, *kept_elsewhere(incident)))
