"""Decisions of people: recorded with what was known then, replaced but never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from incidentkit.errors import InvalidValue, LimitExceeded, NotFound
from incidentkit.model.checks import check_count, check_text
from incidentkit.model.decisions import FACTS_LIMIT, Decision
from incidentkit.model.facts import Fact
from incidentkit.model.findings_changes import DecisionRecorded, RecordDecision
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.reason import Plain
from incidentkit.rules.dossier_parts import changed, existing, next_id, with_findings
from incidentkit.rules.moves import need
from incidentkit.rules.table import EVERYWHERE, Evolve, Move
from incidentkit.rules.terms import LifecycleTerms

_OPTIONS_LIMIT = 100


def record(
    incident: Incident, command: RecordDecision, at: datetime, by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """A decision answers a question, with reasons; it may replace one that still stands."""
    need(
        incident,
        command,
        question=command.question.strip(),
        outcome=command.outcome.strip(),
        reasons=command.reasons.strip(),
    )
    check_count(len(command.options), "options", _OPTIONS_LIMIT)
    options = tuple(check_text(x, "options", 4_096) for x in command.options)
    findings = incident.dossier.findings
    if command.supersedes:
        old = findings.decision(command.supersedes)
        before = existing(old, "decision", command.supersedes, findings.decisions)
        if before.superseded_by:
            problem = f"{before.id} was replaced by {before.superseded_by}; supersede that one"
            raise InvalidValue("supersedes", problem)
    decision = Decision(
        next_id("D", findings.decisions, "decisions"),
        command.question,
        command.outcome,
        command.reasons,
        by,
        at,
        options,
        command.negative,
        snapshot(findings.facts, command.facts),
    )
    return (DecisionRecorded(decision, command.supersedes),)


def snapshot(facts: FrozenMap[str, Fact], wanted: tuple[str, ...] | None) -> FrozenMap[str, Plain]:
    """The values that stand now, of the facts named, or of all that are known.

    Raises NotFound for a key of which nothing is known, LimitExceeded for more than a decision
    keeps.
    """
    known = {key: fact.value for key, fact in facts.items() if fact.value is not None}
    keys = tuple(known) if wanted is None else tuple(dict.fromkeys(wanted))
    if len(keys) > FACTS_LIMIT:
        problem = f"are {len(keys)}; name the {FACTS_LIMIT} or fewer that it rests on"
        raise LimitExceeded("facts", problem)
    if missing := [key for key in keys if key not in known]:
        raise NotFound("fact", missing[0], tuple(sorted(known))[:20])
    return FrozenMap({key: known[key] for key in keys})


def recorded(i: Incident, v: DecisionRecorded, _at: datetime) -> Incident:
    """One decision more; the one that it replaces says so."""
    known = i.dossier.findings.decisions
    if v.supersedes:
        known = changed(known, v.supersedes, superseded_by=v.decision.id)
    return with_findings(i, decisions=(*known, v.decision))


MOVES = (Move(RecordDecision, EVERYWHERE, None, ("question", "outcome", "reasons"), record),)
EVOLVE: Mapping[type[Event], Evolve] = {DecisionRecorded: recorded}
