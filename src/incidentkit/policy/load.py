"""From a document (TOML, JSON or a dict) to a Policy, or to the list of all that is wrong in it.

What a document leaves out is taken from the default profile, part by part, so that a host writes
down only where it differs.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from incidentkit.errors import PolicyError
from incidentkit.lang.conditions import ALWAYS, Condition, Declared
from incidentkit.lang.templates import Template
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.words import AlertSeverity, Moment, Priority
from incidentkit.policy.document import Policy, canonical, content_hash
from incidentkit.policy.facts import ALERT_FACTS, EVENT_NAMES, INCIDENT_FACTS, TEMPLATE_FIELDS
from incidentkit.policy.reading import Table
from incidentkit.rules.clocks import Target
from incidentkit.rules.communicate import Audience, NoticeRule
from incidentkit.rules.correlate import AlertRule, AlertTerms, Verdict
from incidentkit.rules.escalate import PagingTerms
from incidentkit.rules.prioritise import Matrix
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.timing.terms import Term, parse_span

_PRIORITIES = tuple(Priority.__members__)
_RULE_ACTIONS = (Verdict.OPEN.value, Verdict.CANDIDATE.value, Verdict.RECORD.value, "suppress")


def load(document: Mapping[str, Any] | str) -> Policy:
    """Read a policy from a table, or from TOML text.

    Raises PolicyError listing every problem with its path.
    """
    if isinstance(document, str):
        try:
            document = tomllib.loads(document)
        except tomllib.TOMLDecodeError as error:
            raise PolicyError((("(document)", f"is not TOML: {error}"),)) from None
    merged = _merged(_profile("default"), document)
    problems: list[tuple[str, str]] = []
    policy = _read(Table(merged, "", problems), canonical(merged))
    if problems:
        raise PolicyError(tuple(problems))
    return policy


def default_policy() -> Policy:
    """The policy that stands until a host adopts another."""
    return _default()


@cache
def _default() -> Policy:
    return load({})


def _profile(name: str) -> dict[str, Any]:
    text = resources.files("incidentkit.policy").joinpath(f"profiles/{name}.toml")
    return tomllib.loads(text.read_text("utf-8"))


_WHOLE = frozenset(("cells", "within", "levels", "audiences"))
"""Tables that a host writes as a whole: half a matrix of theirs and half of ours is nobody's."""


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        below = base.get(key)
        if key not in _WHOLE and isinstance(value, Mapping) and isinstance(below, Mapping):
            merged[key] = _merged(below, value)
        else:
            merged[key] = value
    return merged


def _read(top: Table, source: str) -> Policy:
    audiences = _audiences(top.table("audiences"))
    policy = Policy(
        name=top.value("name", str, "default"),
        matrix=_matrix(top.table("matrix")),
        lifecycle=_lifecycle(top.table("lifecycle")),
        paging=_paging(top.table("paging")),
        alerts=_alerts(top.table("alerts")),
        targets=_targets(top.table("targets")),
        audiences=audiences,
        notices=_notices(top.tables("notices"), audiences),
        series=_series(top.table("series")),
        services=top.texts("services"),
        parties=top.texts("parties"),
        closed=top.value("closed", bool, default=False),
        sync=top.value("sync", str, ""),
        source=source,
        hash=content_hash(source),
    )
    top.done()
    return policy


def _matrix(table: Table) -> Matrix:
    name = table.value("name", str, "default")
    impacts = table.texts("impacts")
    urgencies = table.texts("urgencies")
    assume = table.value("assume", str, "medium")
    rows = table.table("cells")
    cells: dict[str, str] = {}
    for impact in rows:
        row = rows.table(impact)
        for urgency in row:
            cells[f"{impact}/{urgency}"] = row.choice(urgency, _PRIORITIES, "P3")
    table.done()
    spare = Matrix(name, ("medium",), ("medium",), FrozenMap({"medium/medium": "P3"}))
    return table.made(
        "cells", lambda: Matrix(name, impacts, urgencies, FrozenMap(cells), assume), spare
    )


def _lifecycle(table: Table) -> LifecycleTerms:
    plain = LifecycleTerms()
    terms = LifecycleTerms(
        table.texts("codes", plain.codes),
        table.value("reopen_closed", bool, plain.reopen_closed),
        table.value("refire_reopens", bool, plain.refire_reopens),
        _span(table, "refire_reopens_for", plain.refire_reopens_for),
        _span(table, "lease_for", plain.lease_for),
    )
    table.done()
    return terms


def _span(table: Table, key: str, default: Any) -> Any:
    text = table.value(key, str, "")
    return table.made(key, lambda: parse_span(text, key), default) if text else default


def _paging(table: Table) -> PagingTerms:
    plain = PagingTerms()
    named = table.texts("priorities", tuple(plain.priorities))
    known = tuple(Priority(x) for x in named if table.known("priorities", x, _PRIORITIES))
    rounds = table.value("rounds", int, plain.rounds)
    if rounds < 1:
        table.wrong("rounds", "must be at least 1")
    fallback = table.value("fallback", str, plain.fallback)
    if not fallback.strip():
        table.wrong("fallback", "must name somebody: pages must end at a human")
    terms = PagingTerms(known, fallback, _span(table, "wait", plain.wait), rounds)
    table.done()
    return terms


def _alerts(table: Table) -> AlertTerms:
    plain = AlertTerms()
    severities = tuple(x.value for x in AlertSeverity)
    opens = table.texts("opens", tuple(plain.opens))
    known = tuple(AlertSeverity(x) for x in opens if table.known("opens", x, severities))
    written = table.table("levels")
    levels = {key: written.value(key, str, "medium") for key in written}
    for key in levels:
        written.known(key, key, severities)
    rules = tuple(_alert_rule(each) for each in table.tables("rules"))
    table.done()
    return AlertTerms(rules, known, FrozenMap(levels))


def _alert_rule(table: Table) -> AlertRule:
    rule = AlertRule(
        table.value("name", str, table.path),
        _condition(table, ALERT_FACTS),
        Verdict(table.choice("action", _RULE_ACTIONS, "record")),
    )
    table.done()
    return rule


def _condition(table: Table, facts: Declared) -> Condition:
    text = table.value("when", str, "true")
    return table.made("when", lambda: Condition.parse(text, facts), ALWAYS)


def _targets(tables: Table) -> tuple[Target, ...]:
    moments = tuple(moment.value for moment in Moment)
    targets: list[Target] = []
    for name in tables:
        table = tables.table(name)
        within = table.table("within")
        terms: dict[str, Term] = {}
        for priority in within:
            text = within.value(priority, str, "1h")
            if within.known(priority, priority, _PRIORITIES):
                terms[priority] = within.made(
                    priority, lambda text=text: Term.parse(text), Term.parse("1h")
                )
        percent = table.value("warn_percent", int, 75)
        if not 0 < percent <= 100:
            table.wrong("warn_percent", "must be between 1 and 100")
        until = Moment(table.choice("until", moments, "resolved"))
        pausing = table.texts("pausing", ("*",))
        targets.append(Target(name, until, FrozenMap(terms), percent, pausing))
        table.done()
    return tuple(targets)


def _audiences(tables: Table) -> FrozenMap[str, Audience]:
    found: dict[str, Audience] = {}
    for name in tables:
        table = tables.table(name)
        found[name] = Audience(name, table.texts("members"), table.value("channel", str, ""))
        table.done()
    return FrozenMap(found)


def _notices(
    tables: list[Table], audiences: Mapping[str, Audience]
) -> tuple[NoticeRule, ...]:
    rules: list[NoticeRule] = []
    for table in tables:
        events = table.texts("on")
        for event in events:
            table.known("on", event, EVENT_NAMES)
        audience = table.value("audience", str, "")
        table.known("audience", audience, audiences)
        text = table.value("template", str, "")
        template = table.made(
            "template",
            lambda text=text: Template.parse(text, TEMPLATE_FIELDS),
            Template.parse(""),
        )
        rules.append(
            NoticeRule(
                table.value("name", str, table.path),
                audience,
                events,
                _condition(table, INCIDENT_FACTS),
                template,
            )
        )
        table.done()
    return tuple(rules)


def _series(table: Table) -> FrozenMap[str, str]:
    series = {key: table.value(key, str, "") for key in ("incident", "problem")}
    for key, value in series.items():
        if not value or not value.isalnum() or not value.isascii() or not value.isupper():
            table.wrong(key, f"{value!r} is no series; write capital letters, e.g. 'INC'")
    table.done()
    return FrozenMap(series)
