"""A policy is the default with what a host changed, or every mistake at once with its path."""

from __future__ import annotations

import json
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import attrs
import pytest

from incidentkit.errors import PolicyError
from incidentkit.lang.templates import Template
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.words import AlertSeverity, Moment, Priority
from incidentkit.policy.document import Policy, canonical, content_hash
from incidentkit.policy.load import default_policy, load_policy
from incidentkit.rules.correlate import AlertTerms, Verdict
from incidentkit.rules.dossier_terms import DEFAULT_TERMS
from incidentkit.rules.escalate import PagingTerms
from incidentkit.rules.overlay_terms import MajorTerms, OverlayTerms
from incidentkit.rules.relation_terms import HoldTerms, ParentTerms, ReportTerms
from incidentkit.rules.sending import DeliveryTerms
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.timing.terms import Term


def problems(document: Any) -> dict[str, str]:
    """What is wrong with a document, by path."""
    with pytest.raises(PolicyError) as caught:
        load_policy(document)
    found = dict(caught.value.problems)
    assert len(found) == len(caught.value.problems), "one problem a path in these tests"
    return found


# --- the default profile --------------------------------------------------------------------------


def plain_terms(policy: Policy) -> LifecycleTerms:
    """The terms of the life-cycle without those that have tests of their own."""
    return attrs.evolve(policy.lifecycle, overlays=OverlayTerms(), dossier=DEFAULT_TERMS)


def test_the_default_is_what_people_read_in_it() -> None:
    policy = default_policy()
    assert policy.name == policy.matrix.name == "default"
    assert (
        attrs.evolve(policy.lifecycle, overlays=OverlayTerms(), dossier=DEFAULT_TERMS)
        == LifecycleTerms()
    )
    assert attrs.evolve(policy.lifecycle.overlays, major=MajorTerms()) == OverlayTerms()
    major = policy.lifecycle.overlays.major
    assert [(x.name, x.accepts) for x in major.rules] == [
        ("every P1", False),
        ("a critical service", False),
        ("more than 20 children", False),
    ]
    assert attrs.evolve(major, rules=()) == MajorTerms()
    assert policy.paging == PagingTerms()
    assert policy.alerts == AlertTerms()
    assert policy.reports == ReportTerms()
    assert policy.delivery == DeliveryTerms()
    assert not policy.closed
    assert (policy.sync, len(policy.services), len(policy.parties)) == ("", 0, 0)
    assert policy.series == {
        "incident": "INC",
        "problem": "PRB",
        "maintenance": "MNT",
        "silence": "SIL",
        "review": "REV",
        "report": "REP",
    }
    acknowledge, resolve = policy.targets
    assert (acknowledge.name, acknowledge.until) == ("acknowledge", Moment.ACKNOWLEDGED)
    assert (acknowledge.pausing, resolve.pausing) == ((), ("*",))
    assert {k: str(v) for k, v in acknowledge.within.items()} == {
        "P1": "15m",
        "P2": "30m",
        "P3": "4h",
    }
    assert {k: str(v) for k, v in resolve.within.items()} == {
        "P1": "4h",
        "P2": "8h",
        "P3": "3d",
        "P4": "10d",
    }
    assert [(x.audience, len(x.on)) for x in policy.notices] == [("stakeholders", 5)]
    assert policy.notices[0].audience in policy.audiences


def test_the_default_is_one_object() -> None:
    assert default_policy() is default_policy()
    assert load_policy({}) == load_policy("") == default_policy()


# --- merging --------------------------------------------------------------------------------------


def test_a_host_writes_only_where_it_differs() -> None:
    plain = default_policy()
    own = load_policy({"name": "shop", "paging": {"fallback": "duty", "wait": "10m"}})
    assert own.name == "shop"
    assert own.paging == PagingTerms(fallback="duty", wait=timedelta(minutes=10))
    for part in ("matrix", "lifecycle", "alerts", "targets", "notices", "audiences", "series"):
        assert getattr(own, part) == getattr(plain, part)
    assert own.hash != plain.hash


def test_some_tables_are_written_as_a_whole() -> None:
    """Half a list of audiences of the host's and half of ours would be nobody's."""
    notice = {"audience": "board", "on": ["closed"], "template": "$incident.ref"}
    own = load_policy({"audiences": {"board": {"members": ["cfo"]}}, "notices": [notice]})
    assert set(own.audiences) == {"board"}
    assert own.audiences["board"].members == ("cfo",)
    terms = load_policy({"targets": {"resolve": {"within": {"P1": "1h"}}}}).targets[1]
    assert set(terms.within) == {"P1"}
    assert terms.until is Moment.RESOLVED
    levels = load_policy({"alerts": {"levels": {"critical": "low"}}}).alerts.levels
    assert dict(levels) == {"critical": "low"}


EVERYTHING = """
name = "clinic"
closed = true
sync = "ticket"
services = ["ward"]
parties = ["ana"]

[series]
incident = "EV"

[matrix]
name = "clinic"
impacts = ["patients", "staff"]
urgencies = ["now", "later"]
assume = "staff/now"

[matrix.cells]
patients = { now = "P1", later = "P2" }
staff = { now = "P3", later = "P5" }

[lifecycle]
codes = ["by_problem", "done"]
reopen_closed = false
refire_reopens = false
refire_reopens_for = "1d"
lease_for = "1h"
reopen_within = "3d"
reporter_reopens_major = false
successor_copies = ["service"]

[parent]
depth = 2
start = false
hold = ["family"]
resolve = false
close = true
cancel = true
reopen = "nobody"

[holds.family]
resume_on = ["reporter", "child"]
court = "the family"
remind_every = "1d"
reminders = 2
then = "resolve"
code = "done"
remedy = "no word from the family"
template = "$incident.ref?"

[reports]
join = "join"
within = "30m"
rejection_reopens = false

[reports.told]
send = false
template = "$incident.remedy"

[delivery]
first_wait = "5s"
longest_wait = "1m"
longest_asked = "10m"
tries = 4
expire_page_after = "30m"
expire_notice_after = "4h"
expire_sync_after = "7d"
pending_pages = 1

[paging]
priorities = ["P1"]
fallback = "duty"
wait = "3m"
rounds = 9

[alerts]
opens = ["critical"]
levels = { critical = "patients/now", error = "staff/later" }

[[alerts.rules]]
name = "noise"
when = 'labels.env == "test"'
action = "suppress"

[targets.visit]
until = "responded"
within = { P1 = "10m", P5 = "1mo" }
warn_percent = 50
pausing = ["family"]

[audiences.board]
members = ["cfo"]
channel = "mail"

[[notices]]
name = "the board"
audience = "board"
on = ["declared"]
when = 'incident.impact == "patients"'
template = "$incident.title"
"""


def test_everything_can_be_set() -> None:
    policy = load_policy(EVERYTHING)
    assert (policy.closed, policy.sync) == (True, "ticket")
    assert (tuple(policy.services), tuple(policy.parties)) == (("ward",), ("ana",))
    assert policy.series == {
        "incident": "EV",
        "problem": "PRB",
        "maintenance": "MNT",
        "silence": "SIL",
        "review": "REV",
        "report": "REP",
    }
    assert policy.matrix.cells["staff/later"] == "P5"
    assert policy.matrix.assume == "staff/now"
    day, said = timedelta(days=1), "no word from the family"
    family = HoldTerms(
        ("reporter", "child"), "the family", day, 2, True, "done", said,
        Template.parse("$incident.ref?"),
    )  # fmt: skip
    assert plain_terms(policy) == LifecycleTerms(
        ("by_problem", "done"), False, False, day, timedelta(hours=1), timedelta(days=3), False,
        ("service",), ParentTerms(2, False, ("family",), False, True, True, "nobody"),
        default_policy().lifecycle.holds.with_("family", family),
    )  # fmt: skip
    told = Template.parse("$incident.remedy")
    assert policy.reports == ReportTerms("join", timedelta(minutes=30), False, False, told)
    second, minute, hour = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
    assert policy.delivery == DeliveryTerms(
        5 * second, minute, 10 * minute, 4, 30 * minute, 4 * hour, 7 * day, 1
    )
    assert policy.paging == PagingTerms((Priority.P1,), "duty", timedelta(minutes=3), 9)
    assert policy.alerts.opens == (AlertSeverity.CRITICAL,)
    (rule,) = policy.alerts.rules
    assert (rule.name, rule.action) == ("noise", Verdict.SUPPRESS)
    visit = policy.targets[-1]
    assert (visit.name, visit.until, visit.warn_percent) == ("visit", Moment.RESPONDED, 50)
    assert visit.within == {"P1": Term(timedelta(minutes=10)), "P5": Term(timedelta(), 1)}
    assert visit.pausing == ("family",)
    assert policy.audiences["board"].channel == "mail"
    assert policy.notices[0].name == "the board"


def test_what_has_no_name_is_called_after_its_place() -> None:
    rule = {"when": "true", "action": "open"}
    assert load_policy({"alerts": {"rules": [rule]}}).alerts.rules[0].name == "alerts.rules[0]"


# --- one content, one hash ------------------------------------------------------------------------


def test_the_hash_is_of_the_content_not_of_its_order() -> None:
    one = {"name": "shop", "paging": {"rounds": 2, "fallback": "duty"}}
    other = {"paging": {"fallback": "duty", "rounds": 2}, "name": "shop"}
    text = '[paging]\nfallback = "duty"\nrounds = 2\n'
    hashes = {
        load_policy(one).hash,
        load_policy(other).hash,
        load_policy(f'name = "shop"\n{text}').hash,
        load_policy(MappingProxyType(other)).hash,
        load_policy(FrozenMap(other)).hash,
    }
    assert len(hashes) == 1
    assert load_policy({**one, "name": "other"}).hash not in hashes


def test_writing_the_default_down_changes_nothing() -> None:
    assert load_policy({"paging": {"rounds": 3}}).hash == default_policy().hash
    assert load_policy({"paging": {"priorities": (Priority.P1, Priority.P2)}}) == default_policy()


@pytest.mark.parametrize("document", [{}, EVERYTHING], ids=["default", "everything"])
def test_the_source_is_the_policy(document: Any) -> None:
    policy = load_policy(document)
    again = load_policy(json.loads(policy.source))
    assert again == policy
    assert content_hash(policy.source) == policy.hash
    assert canonical(json.loads(policy.source)) == policy.source
    assert len(policy.hash) == 16


# --- mistakes -------------------------------------------------------------------------------------

BROKEN = """
naem = "shop"
closed = "yes"
services = "ward"

[series]
incident = "inc"

[matrix.cells]
high = { high = "P1", medium = "P9" }

[lifecycle]
codes = ["fixed"]
lease_for = "soon"
refire_reopens_for = "200w999999d"

[paging]
priorities = ["P1", "P8"]
fallback = "  "
rounds = 0
wait = "1mo"

[alerts]
opens = ["critcal"]
levels = { loud = "high" }
rules = [{ when = "severty == 'info'", action = "ignore", whne = "" }]

[targets.resolve]
until = "resolvd"
warn_percent = 101
within = { P1 = "1000000d", P7 = "1h", P2 = "9999mo" }

[targets." ab"]
until = "closed"

[audiences.board]
members = [1, "cfo"]

[[notices]]
audience = "bord"
on = ["resolvd"]
template = "$incident.titel"
when = "incident.titel"
"""


GOLDEN = """\
29 problem(s) in the policy:
  audiences.board.members: must be a list of texts
  matrix.cells.high.medium: 'P9' is not known; there is P1, P2, P3, P4, P5
  matrix.cells: matrix default: has no priority for high/low, low/high, \
low/low, low/medium, medium/high, medium/low, medium/medium
  lifecycle.refire_reopens_for: must be at most 100 years
  lifecycle.lease_for: lease_for: 'soon' is no term; write e.g. '15m', '4h', '3d', '1mo'
  lifecycle.codes: must have 'by_problem': what waits for a problem resolves by it
  paging.priorities: 'P8' is not known; there is P1, P2, P3, P4, P5
  paging.rounds: must be at least 1
  paging.fallback: must name somebody: pages must end at a human
  paging.wait: wait: '1mo' has months, which have no fixed length here
  alerts.opens: 'critcal' is not known; did you mean 'critical'?
  alerts.levels.loud: 'loud' is not known; there is critical, error, info, unknown, warning
  alerts.rules[0].when: there is no fact 'severty'; did you mean 'severity'? \
(at character 0 of "severty == 'info'")
  alerts.rules[0].action: 'ignore' is not known; there is candidate, open, record, suppress
  alerts.rules[0].whne: is not known; did you mean 'when'?
  targets.resolve.within.P1: term: '1000000d' is no term; write e.g. '15m', '4h', '3d', '1mo'
  targets.resolve.within.P7: 'P7' is not known; there is P1, P2, P3, P4, P5
  targets.resolve.within.P2: must be at most 100 years
  targets.resolve.warn_percent: must be between 1 and 100
  targets.resolve.until: 'resolvd' is not known; did you mean 'resolved'?
  targets. ab: name: ' ab' is no name: one printable line is needed
  notices[0].on: 'resolvd' is not known; did you mean 'resolved'?
  notices[0].audience: 'bord' is not known; did you mean 'board'?
  notices[0].template: there is no field 'incident.titel'; did you mean 'incident.title'? \
(at character 0 of '$incident.titel')
  notices[0].when: there is no fact 'incident.titel'; did you mean 'incident.title'? \
(at character 0 of 'incident.titel')
  series.incident: 'inc' is no series; write capital letters, e.g. 'INC'
  services: must be a list of texts
  closed: must be bool, not str
  naem: is not known; did you mean 'name'?"""


def test_all_mistakes_at_once_with_paths_and_nearest_names() -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy(BROKEN)
    assert str(caught.value) == GOLDEN


def test_the_message_lists_them_all() -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy({"naem": "x", "paging": {"rounds": "3"}})
    assert str(caught.value) == (
        "2 problem(s) in the policy:\n"
        "  paging.rounds: must be int, not str\n"
        "  naem: is not known; did you mean 'name'?"
    )


@pytest.mark.parametrize(
    ("document", "path", "told"),
    [
        ("name = ", "(document)", "is not TOML: "),
        ("a = " + "[" * 5_000, "(document)", "is not TOML: "),
        ("a = " + "9" * 5_000, "(document)", "is not TOML: "),
        ([], "(document)", "must be a table or TOML text, not list"),
        (None, "(document)", "must be a table or TOML text, not NoneType"),
        (b"name = 'x'", "(document)", "must be a table or TOML text, not bytes"),
        ("name = 2026-03-01", "name", "not date"),
        (
            {"name": None},
            "name",
            "must be text, a number, true, false, a list or a table, not null",
        ),
        ({"name": {1, 2}}, "name", "not set"),
        ({"name": 1.5}, "name", "must be str, not float"),
        ({"name": float("nan")}, "name", "must be str, not float"),
        ({"name": "a\0b"}, "name", "contains a NUL"),
        ({"name": "\ud800"}, "name", "contains a lone surrogate"),
        ({"name": "x" * 70_000}, "name", "at most 65536"),
        ({"n\0": "x"}, "n\0", "contains a NUL"),
        ({10**5_000: "x"}, "(document)", "a name must be text, not int"),
        ({7: "x"}, "(document)", "a name must be text, not int"),
        ({"paging": {None: 1}}, "paging", "a name must be text, not NoneType"),
        ({"paging": {"rounds": True}}, "paging.rounds", "must be int, not bool"),
        ({"paging": {"rounds": 2**63}}, "paging.rounds", "is too large a number"),
        ({"paging": {"rounds": -(10**5_000)}}, "paging.rounds", "is too large a number"),
        ({"paging": []}, "paging", "must be a table, not list"),
        ({"paging": {"fallback": "a\nb"}}, "paging.fallback", "is no name"),
        ({"notices": {}}, "notices", "must be a list of tables"),
        ({"notices": ["x"]}, "notices[0]", "must be a table, not str"),
        ({"services": [["x"]]}, "services", "must be a list of texts"),
        ({"audiences": {" a": {}}, "notices": []}, "audiences. a", "is no name"),
        ({"alerts": {"levels": {"critical": "hgih"}}}, "alerts.levels.critical", "'hgih' is none"),
        ({"alerts": {"levels": {"info": "low/now"}}}, "alerts.levels.info", "urgency: 'now'"),
        ({"series": {"problem": ""}}, "series.problem", "'' is no series"),
        ({"parent": {"depth": 1}}, "parent.depth", "between 2 and 10"),
        ({"parent": {"reopen": "all"}}, "parent.reopen", "'all' is not known"),
        ({"holds": {"x": {"reminders": 1}}}, "holds.x.reminders", "needs remind_every"),
        ({"holds": {"x": {"then": "resolve", "code": "fixed"}}}, "holds.x.then", "remind_every"),
        (
            {"holds": {"x": {"then": "resolve", "code": "magic", "remind_every": "1d"}}},
            "holds.x.code",
            "'magic' is not known",
        ),
        ({"holds": {"x": {"resume_on": ["luck"]}}}, "holds.x.resume_on", "'luck' is not known"),
        ({"reports": {"join": "maybe"}}, "reports.join", "'maybe' is not known"),
        ({"reports": {"told": {"template": "$x"}}}, "reports.told.template", "no field 'x'"),
        ({"delivery": {"first_wait": "1h"}}, "delivery.longest_wait", "not be shorter"),
        ({"delivery": {"tries": 0}}, "delivery.tries", "between 1 and 1000"),
        ({"delivery": {"longest_asked": "0s"}}, "delivery.longest_asked", "is no term"),
        ({"delivery": {"expire_page_after": "soon"}}, "delivery.expire_page_after", "soon"),
        ({"delivery": {"pending_pages": 0}}, "delivery.pending_pages", "between 1 and 100"),
        ({"series": {"problem": "Ä1"}}, "series.problem", "is no series"),
    ],
    ids=lambda x: x if isinstance(x, str) and len(x) < 60 else type(x).__name__,
)
def test_refused_with_its_path(document: Any, path: str, told: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy(document)
    mine = [problem for place, problem in caught.value.problems if place == path]
    assert mine
    assert told in mine[0]
    assert len(str(caught.value)) < 1_000


def test_depth_is_bounded() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    (problem,) = problems({"name": deep}).values()
    assert problem == "is nested too deeply"
    within: Any = {}
    for _ in range(100_000):
        within = {"name": within}
    assert list(problems(within).values()) == ["is nested too deeply", "must be str, not dict"]


def test_a_matrix_that_alerts_do_not_fit_is_refused_before_an_alert_is_lost() -> None:
    cells = {"big": {"now": "P1", "later": "P2"}, "small": {"now": "P3", "later": "P4"}}
    matrix = {
        "impacts": ["big", "small"],
        "urgencies": ["now", "later"],
        "cells": cells,
        "assume": "big/now",
    }
    with pytest.raises(PolicyError) as caught:
        load_policy({"matrix": matrix})
    paths = {path for path, _ in caught.value.problems}
    assert paths == {f"alerts.levels.{x}" for x in ("critical", "error", "warning", "info")}
    own = load_policy({"matrix": matrix, "alerts": {"levels": {"critical": "big/now"}}})
    assert own.alerts.levels == {"critical": "big/now"}


def test_a_long_list_of_choices_is_not_told() -> None:
    many = {f"audience {x}": {"members": ["a"]} for x in range(30)}
    notice = {"audience": "zzz", "on": ["closed"], "template": "x"}
    found = problems({"audiences": many, "notices": [notice]})
    assert found == {"notices[0].audience": "'zzz' is not known"}
    none = problems({"audiences": {}, "notices": [notice]})
    assert none["notices[0].audience"].startswith(
        "'zzz' is not known; there is $assignee, $offered"
    )
