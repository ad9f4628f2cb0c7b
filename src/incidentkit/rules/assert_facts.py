"""Asserting facts: is the value of the declared type, and which assertion of a key wins.

The winner of two assertions of one key is the one known later; of those known at the same instant
the one with more confidence; of those alike in both the one entered later. So the order of entry
matters only where nothing else tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from incidentkit.errors import InvalidValue
from incidentkit.lang.conditions import FactType
from incidentkit.lang.names import nearest
from incidentkit.lang.values import text_of
from incidentkit.model.checks import check_count
from incidentkit.model.fact_changes import AssertFact, FactAsserted
from incidentkit.model.facts import Fact
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.reason import Plain
from incidentkit.rules.dossier_parts import with_findings
from incidentkit.rules.dossier_terms import DossierTerms
from incidentkit.rules.moves import not_after
from incidentkit.rules.table import EVERYWHERE, Move, Part
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.timing.instants import parse_instant
from incidentkit.timing.terms import Term, parse_span


def winner(earlier: Fact, later: Fact) -> Fact:
    """Which of two assertions of one key stands; `later` was entered later."""
    first = (earlier.known_at, earlier.confidence.rank)
    return earlier if first > (later.known_at, later.confidence.rank) else later


def winners(facts: Iterable[Fact]) -> FrozenMap[str, Fact]:
    """The winner of each key, from assertions in the order of entry; keys are sorted."""
    found: dict[str, Fact] = {}
    for fact in facts:
        known = found.get(fact.key)
        found[fact.key] = fact if known is None else winner(known, fact)
    return FrozenMap(dict(sorted(found.items())))


# --- values ---------------------------------------------------------------------------------------


def _text(value: Plain) -> Plain:
    text = text_of(value)
    return value if text is None else text


def _int(value: Plain) -> Plain:
    if isinstance(value, str):
        value = int(value) if value.removeprefix("-").isdecimal() and len(value) < 20 else value
    in_range = isinstance(value, int) and -(2**63) <= value < 2**63
    return value if in_range and not isinstance(value, bool) else None


def _decimal(value: Plain) -> Plain:
    if isinstance(value, bool) or not isinstance(value, int | str) or len(str(value)) > 64:
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return str(number) if number.is_finite() else None


def _bool(value: Plain) -> Plain:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value)
    return value if isinstance(value, bool) else None


def _instant(value: Plain) -> Plain:
    return parse_instant(value, "value").isoformat() if isinstance(value, str) else None


def _duration(value: Plain) -> Plain:
    if value == "0s":
        return value
    return str(Term(parse_span(value, "value"))) if isinstance(value, str) else None


def _list(value: Plain) -> Plain:
    return (value,) if isinstance(value, str) else value if isinstance(value, tuple) else None


_READ: Mapping[FactType, Callable[[Plain], Plain]] = {
    FactType.TEXT: _text,
    FactType.INT: _int,
    FactType.DECIMAL: _decimal,
    FactType.BOOL: _bool,
    FactType.INSTANT: _instant,
    FactType.DURATION: _duration,
    FactType.LIST: _list,
}
_WRITTEN: Mapping[FactType, str] = {
    FactType.TEXT: "text",
    FactType.INT: "a whole number",
    FactType.DECIMAL: "a number, written e.g. '0.5'",
    FactType.BOOL: "true or false",
    FactType.INSTANT: "an instant, e.g. '2026-03-01T12:00:00Z'",
    FactType.DURATION: "a length of time, e.g. '15m'",
    FactType.LIST: "a list of texts",
}


def checked(key: str, value: Plain, type_: FactType) -> Plain:
    """The value as it is kept under its type. Raises InvalidValue where it is of another."""
    try:
        kept = _READ[type_](value)
    except InvalidValue:
        kept = None
    if kept is None:
        raise InvalidValue(key, f"{str(value)[:80]!r} is not {_WRITTEN[type_]}")
    return kept


def type_of(key: str, terms: DossierTerms) -> FactType:
    """The declared type of a key; text for one that nobody declared, in an open world.

    Raises InvalidValue in a closed one, naming what was probably meant.
    """
    declared = terms.facts.get(key)
    if declared is not None:
        return FactType(declared)
    if terms.closed:
        hint = nearest(key, terms.facts)
        raise InvalidValue("key", f"{key!r} is not declared, and the policy is closed; {hint}")
    return FactType.TEXT


# --- the command and its event --------------------------------------------------------------------


def assert_fact(
    incident: Incident, command: AssertFact, at: datetime, _by: str, terms: LifecycleTerms
) -> tuple[Event, ...]:
    """One assertion, of the key's type; the very same again says nothing."""
    type_ = type_of(command.key, terms.dossier)
    value = command.value
    if value is not None:
        value = checked(command.key, value, type_)
    known_at = command.known_at or at
    not_after("known_at", known_at, at)
    fact = Fact(
        command.key,
        type_.value,
        value,
        known_at,
        command.occurred_at,
        command.source,
        command.confidence,
        command.label,
    )
    facts = incident.dossier.findings.facts
    if command.key not in facts:
        check_count(len(facts) + 1, "facts")
    return () if facts.get(command.key) == fact else (FactAsserted(fact),)


def asserted(i: Incident, v: FactAsserted, _at: datetime) -> Incident:
    """The winner of the key, with the new assertion among those that there are."""
    facts = i.dossier.findings.facts
    known = facts.get(v.fact.key)
    best = v.fact if known is None else winner(known, v.fact)
    return with_findings(i, facts=facts.with_(best.key, best))


PART = Part(
    moves=(Move(AssertFact, EVERYWHERE, None, (), assert_fact),),
    evolve=FrozenMap({FactAsserted: asserted}),
)
"""What facts bring to an incident's tables."""
