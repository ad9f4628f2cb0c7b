"""From a document (TOML, JSON or a dict) to a Policy, or to the list of all that is wrong in it.

What a document leaves out is taken from the default profile, part by part, so that a host writes
down only where it differs.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

from incidentkit.errors import PolicyError
from incidentkit.lang.conditions import ALWAYS, Condition, Declared
from incidentkit.lang.templates import Template
from incidentkit.model.checks import check_name
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.reason import Plain
from incidentkit.model.words import AlertSeverity, Moment, Priority
from incidentkit.policy.document import Policy, canonical, content_hash
from incidentkit.policy.facts import ALERT_FACTS, EVENT_NAMES, INCIDENT_FACTS, TEMPLATE_FIELDS
from incidentkit.policy.reading import Problems, Table, plain
from incidentkit.rules.clocks import Target
from incidentkit.rules.communicate import Audience, NoticeRule
from incidentkit.rules.correlate import AlertRule, AlertTerms, Verdict, rate
from incidentkit.rules.escalate import CALLS, PagingTerms
from incidentkit.rules.prioritise import Matrix
from incidentkit.rules.react import BY_PROBLEM
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.timing.terms import Term, parse_span

_PRIORITIES = tuple(Priority.__members__)
_RULE_ACTIONS = (Verdict.OPEN.value, Verdict.CANDIDATE.value, Verdict.RECORD.value, "suppress")


def load_policy(document: Mapping[str, Any] | str) -> Policy:
    """Read a policy from a table, or from TOML text.

    Raises PolicyError listing every problem with its path.
    """
    problems: Problems = []
    merged = _merged(_profile("default"), plain(_parsed(document), "", problems))
    policy = _read(Table(merged, "", problems), canonical(merged))
    if problems:
        raise PolicyError(tuple(problems))
    return policy


def _parsed(document: object) -> Mapping[Any, Any]:
    if isinstance(document, str):
        try:
            return tomllib.loads(document)
        except (ValueError, RecursionError) as error:
            hint = "; hand a file over as Path(...)" if "\n" not in document else ""
            raise PolicyError((("(document)", f"is not TOML: {error}{hint}"),)) from None
    if isinstance(document, Mapping):
        return cast("Mapping[Any, Any]", document)
    kind = type(document).__name__
    raise PolicyError((("(document)", f"must be a table or TOML text, not {kind}"),))


def default_policy() -> Policy:
    """The policy that stands until a host adopts another."""
    return _default()


@cache
def _default() -> Policy:
    return load_policy({})


def _profile(name: str) -> dict[str, Any]:
    # importlib.resources would cost as much at import as the whole of this module.
    place = Path(__file__).with_name("profiles") / f"{name}.toml"
    return tomllib.loads(place.read_text("utf-8"))


_WHOLE = frozenset(("cells", "within", "levels", "audiences"))
"""Tables that a host writes as a whole: half a matrix of theirs and half of ours is nobody's."""


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        below = base.get(key)
        if key not in _WHOLE and isinstance(value, dict) and isinstance(below, dict):
            merged[key] = _merged(cast("dict[str, Any]", below), cast("dict[str, Any]", value))
        else:
            merged[key] = value
    return merged


def _read(top: Table, source: str) -> Policy:
    audiences = _audiences(top.table("audiences"))
    matrix = _matrix(top.table("matrix"))
    policy = Policy(
        name=top.value("name", str, "default"),
        matrix=matrix,
        lifecycle=_lifecycle(top.table("lifecycle")),
        paging=_paging(top.table("paging")),
        alerts=_alerts(top.table("alerts"), matrix),
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


_SPARE = Matrix("", ("medium",), ("medium",), FrozenMap({"medium/medium": "P3"}))
"""Stands in for a matrix that cannot be used, while the rest of the document is read."""


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
    make = partial(Matrix, name, impacts, urgencies, FrozenMap(cells), assume)
    return table.made("cells", make, _SPARE)


def _lifecycle(table: Table) -> LifecycleTerms:
    plain = LifecycleTerms()
    terms = LifecycleTerms(
        table.texts("codes", plain.codes),
        table.value("reopen_closed", bool, plain.reopen_closed),
        table.value("refire_reopens", bool, plain.refire_reopens),
        _span(table, "refire_reopens_for", plain.refire_reopens_for),
        _span(table, "lease_for", plain.lease_for),
    )
    if BY_PROBLEM not in terms.codes:
        table.wrong("codes", f"must have {BY_PROBLEM!r}: what waits for a problem resolves by it")
    table.done()
    return terms


def _span(table: Table, key: str, default: timedelta) -> timedelta:
    text = table.value(key, str, "")
    span = table.made(key, partial(parse_span, text, key), default) if text else default
    return span if _is_short(table, key, Term(span)) else default


_LONGEST = Term(timedelta(days=36_525), 1_200)


def _is_short(table: Table, key: str, term: Term) -> bool:
    """Whether sums with this term stay on the calendar."""
    short = term.elapsed <= _LONGEST.elapsed and term.months <= _LONGEST.months
    if not short:
        table.wrong(key, "must be at most 100 years")
    return short


def _paging(table: Table) -> PagingTerms:
    plain = PagingTerms()
    named = table.texts("priorities", tuple(plain.priorities))
    known = tuple(Priority(x) for x in named if table.known("priorities", x, _PRIORITIES))
    rounds = table.value("rounds", int, plain.rounds)
    if rounds < 1:
        table.wrong("rounds", "must be at least 1")
    fallback = table.value("fallback", str, plain.fallback)
    if fallback.strip():
        _named(table, "fallback", fallback)
    else:
        table.wrong("fallback", "must name somebody: pages must end at a human")
    calls = table.texts("calls", CALLS)
    calls = tuple(x for x in calls if table.known("calls", x, CALLS))
    terms = PagingTerms(known, fallback, _span(table, "wait", plain.wait), rounds, calls)
    table.done()
    return terms


def _named(table: Table, key: str, name: str) -> None:
    """Write it down if this is no name: rules make values of it that refuse anything else."""
    _ = table.made(key, partial(check_name, name, "name"), "")


def _alerts(table: Table, matrix: Matrix) -> AlertTerms:
    plain = AlertTerms()
    severities = tuple(x.value for x in AlertSeverity)
    opens = table.texts("opens", tuple(plain.opens))
    known = tuple(AlertSeverity(x) for x in opens if table.known("opens", x, severities))
    written = table.table("levels")
    levels = {key: written.value(key, str, "medium") for key in written}
    for key in levels:
        _ = written.known(key, key, severities)
    if matrix is not _SPARE:
        _on_the_scales(written, FrozenMap(levels), matrix)
    rules = tuple(_alert_rule(each) for each in table.tables("rules"))
    table.done()
    return AlertTerms(rules, known, FrozenMap(levels))


def _on_the_scales(table: Table, levels: FrozenMap[str, str], matrix: Matrix) -> None:
    """An alert whose levels the matrix does not know could open nothing."""
    for severity in levels:
        impact, urgency = rate({"severity": severity, "levels": cast("Plain", levels)})
        for field, level in (("impact", impact), ("urgency", urgency)):
            _ = table.made(severity, partial(matrix.check, field, level), "")


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
    return table.made("when", partial(Condition.parse, text, facts), ALWAYS)


_HOUR = Term.parse("1h")
_SILENCE = Template.parse("")


def _targets(tables: Table) -> tuple[Target, ...]:
    moments = tuple(moment.value for moment in Moment)
    targets: list[Target] = []
    for name in tables:
        table = tables.table(name)
        _named(tables, name, name)
        within = table.table("within")
        terms: dict[str, Term] = {}
        for priority in within:
            text = within.value(priority, str, "1h")
            if within.known(priority, priority, _PRIORITIES):
                term = within.made(priority, partial(Term.parse, text), _HOUR)
                if _is_short(within, priority, term):
                    terms[priority] = term
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
        _named(tables, name, name)
        found[name] = Audience(name, table.texts("members"), table.value("channel", str, ""))
        table.done()
    return FrozenMap(found)


def _notices(tables: list[Table], audiences: Mapping[str, Audience]) -> tuple[NoticeRule, ...]:
    rules: list[NoticeRule] = []
    for table in tables:
        events = table.texts("on")
        for event in events:
            _ = table.known("on", event, EVENT_NAMES)
        audience = table.value("audience", str, "")
        _ = table.known("audience", audience, audiences)
        text = table.value("template", str, "")
        template = table.made("template", partial(Template.parse, text, TEMPLATE_FIELDS), _SILENCE)
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
