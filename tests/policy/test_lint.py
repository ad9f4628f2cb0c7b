"""What is allowed and yet unwise: each finding alone, and none where a host has decided."""

from __future__ import annotations

from typing import Any

import pytest

from incidentkit.policy.lint import lint
from incidentkit.policy.load import default_policy, load_policy
from incidentkit.policy.merging import merged

WISE: dict[str, Any] = {
    "paging": {"fallback": "duty"},
    "audiences": {"stakeholders": {"members": ["ana"]}},
}


def test_a_wise_policy_has_no_finding() -> None:
    assert lint(load_policy(WISE)) == ()


def test_roles_of_ones_own_are_no_mistake() -> None:
    own = {"roles": {"auditors": {"may": ["report"]}}, "inside": {"scribe": ["comment"]}}
    assert lint(load_policy({**WISE, "access": own})) == ()


def test_the_default_says_what_to_set_first() -> None:
    assert lint(default_policy())[0].path == "paging.fallback"


@pytest.mark.parametrize(
    ("change", "path", "told"),
    [
        ({"paging": {"fallback": "on-call"}}, "paging.fallback", "bare name 'on-call'"),
        (
            {"audiences": {"stakeholders": {"members": []}}},
            "audiences.stakeholders",
            "its notices reach nobody",
        ),
        ({"targets": {"resolve": {"within": {}}}}, "targets.resolve", "it never runs"),
        (
            {"access": {"roles": {"respnder": {"members": ["ana"]}}}},
            "access.roles.respnder",
            "its members may do nothing: it says no `may`; did you mean 'responder'?",
        ),
        (
            {"access": {"roles": {"Manager": {"may": ["respond"]}}}},
            "access.roles.Manager",
            "is a role of its own; did you mean 'manager'?",
        ),
        (
            {"access": {"roles": {"auditors": {"members": ["ana"]}}}},
            "access.roles.auditors",
            "its members may do nothing: it says no `may`",
        ),
        (
            {"access": {"inside": {"asignee": ["comment"]}}},
            "access.inside.asignee",
            "is a role of its own; did you mean 'assignee'?",
        ),
        ({"targets": {"visit": {}}}, "targets.visit", "it never runs"),
        # people
        ({"paging": {"fallback": "duty", "priorities": ["P2"]}}, "paging.priorities", "P1"),
        ({"lifecycle": {"lease_for": "1m"}}, "lifecycle.lease_for", "shorter than paging.wait"),
        (
            {"parties": ["ana"], "paging": {"fallback": "dtuy"}},
            "paging.fallback",
            "'dtuy' is not among the parties",
        ),
        (
            {"parties": ["duty", "ana"], "services": {"db": {"owner": "eve"}}},
            "services.db.owner",
            "'eve' is not among the parties",
        ),
        (
            {"parties": ["duty", "ana"], "directory": {"t": {"kind": "team", "members": ["x"]}}},
            "parties.t.members",
            "'x' is not among the parties",
        ),
        (
            {
                "directory": {
                    "duty": {"contacts": {"sms": "+1"}},
                    "ana": {"contacts": {"sms": "+2"}},
                    "bo": {},
                }
            },
            "parties.bo",
            "neither contacts nor members",
        ),
        (
            {"services": {"a": {"depends_on": ["b"]}}},
            "services.a.depends_on",
            "'b' is not listed",
        ),
        (
            {"services": {"a": {"depends_on": ["b"]}, "b": {"depends_on": ["b"]}}},
            "services.b.depends_on",
            "leads back to itself",
        ),
        # priorities
        (
            {"overrides": [{"name": "x", "at_most": "P1"}]},
            "overrides[0]",
            "'x' changes nothing: every priority is at most P1",
        ),
        ({"overrides": [{"at_least": "P5"}]}, "overrides[0]", "every priority is at least P5"),
        ({"overrides": [{"name": "x", "set": "P1"}]}, "overrides[0]", "no longer count"),
        ({"alerts": {"levels": {"critical": "high"}}}, "alerts.levels", "no level for 'error'"),
        # duties
        ({"targets": {"resolve": {"until": "aware"}}}, "targets.resolve.until", "no step"),
        ({"targets": {"resolve": {"until": "detected"}}}, "targets.resolve.until", "at once"),
        ({"targets": {"resolve": {"warn_percent": 100}}}, "targets.resolve.warn_percent", "late"),
        (
            {"targets": {"acknowledge": {"pausing": ["vendor"]}}},
            "targets.acknowledge.pausing",
            "can put it off",
        ),
        (
            {"targets": {"resolve": {"within": {"P1": "2d", "P2": "1d"}}}},
            "targets.resolve.within.P1",
            "2d is longer than the 1d of P2",
        ),
        (
            {"targets": {"resolve": {"within": {"P3": "1h"}}}},
            "targets.acknowledge.within.P3",
            "ends after the 1h of 'resolve'",
        ),
        (
            {"notices": [{"audience": "stakeholders", "template": "x"}]},
            "notices[0]",
            "on no event",
        ),
        (
            {"notices": [{"audience": "stakeholders", "on": ["closed"]}]},
            "notices[0]",
            "empty messages",
        ),
        # conditions
        (
            {"overrides": [{"when": 'incident.priority == "P9"', "set": "P1"}]},
            "overrides[0].when",
            "incident.priority is never 'P9'",
        ),
        (
            {"overrides": [{"when": 'incident.impact in ["hihg"]', "set": "P1"}]},
            "overrides[0].when",
            "did you mean 'high'?",
        ),
        (
            {"overrides": [{"when": "false", "set": "P1"}]},
            "overrides[0].when",
            "never true",
        ),
        (
            {"overrides": [{"when": "reporter.vip == true", "set": "P1"}]},
            "overrides[0].when",
            "asks for reporter.vip, which no entry of parties states",
        ),
        (
            {
                "services": {"a": {"owner": ""}},
                "overrides": [{"when": 'service.criticality == "high"', "set": "P1"}],
            },
            "overrides[0].when",
            "asks for service.criticality, which no entry of services states",
        ),
        (
            {
                "categories": ["net"],
                "closed_categories": True,
                "overrides": [{"when": 'incident.category == "nte"', "set": "P1"}],
            },
            "overrides[0].when",
            "did you mean 'net'?",
        ),
        (
            {
                "closed": True,
                "services": ["db"],
                "overrides": [{"when": 'incident.service != "dbb"', "set": "P1"}],
            },
            "overrides[0].when",
            "did you mean 'db'?",
        ),
        (
            {"review": {"when": 'incident.priority == "p1"'}},
            "review.when",
            "is never 'p1'; there is P1, P2",
        ),
        (
            {
                "automation": [
                    {
                        "name": "x",
                        "on": ["declared"],
                        "when": 'incident.state == "nwe"',
                        "do": [{"action": "assign", "with": {"assignee": "ana"}}],
                    }
                ]
            },
            "automation[0].when",
            "did you mean 'new'?",
        ),
        (
            {"major": {"duty": "mim", "rules": [{"when": 'incident.priority == "P0"'}]}},
            "major.rules[0].when",
            "incident.priority is never 'P0'; there is P1",
        ),
        (
            {"major": {"duty": "mim", "rules": [{"name": "x"}]}},
            "major.rules[0]",
            "'x' is always true: everything is proposed as a major",
        ),
        (
            {"major": {"duty": "mim", "rules": [{"name": "x", "action": "accept"}]}},
            "major.rules[0]",
            "everything is a major",
        ),
        (
            {"public": {"when": 'incident.major == "acepted"'}},
            "public.when",
            "did you mean 'accepted'?",
        ),
        (
            {"checklists": {"leak": {"when": 'incident.impact == "huge"', "items": []}}},
            "checklists.leak.when",
            "incident.impact is never 'huge'",
        ),
        (
            {"recurrence": [{"keys": ["service"], "minimum": 3, "when": "false"}]},
            "recurrence[0].when",
            "is never true",
        ),
        (
            {"recurrence": [{"keys": ["service"], "minimum": 3, "when": 'service.team == "x"'}]},
            "recurrence[0].when",
            "asks for service.team, which no entry of services states",
        ),
        (
            {
                "statuses": [{"name": "Awaiting parts", "category": "on_hold"}],
                "review": {"when": 'incident.status == "Awaiting part"'},
            },
            "review.when",
            "did you mean 'Awaiting parts'?",
        ),
        (
            {"alerts": {"rules": [{"name": "x", "when": 'severity == "bad"'}]}},
            "alerts.rules[0].when",
            "severity is never 'bad'",
        ),
        (
            {"alerts": {"rules": [{"name": "x", "when": "true", "action": "suppress"}]}},
            "alerts.rules[0]",
            "'x' takes every alert",
        ),
        (
            {
                "alerts": {
                    "rules": [
                        {"name": "x", "when": 'title == "t"', "action": "open"},
                        {"name": "y", "when": "true", "action": "open"},
                        {"name": "z", "when": 'labels.a == "b"', "action": "open"},
                    ]
                }
            },
            "alerts.rules[2]",
            "'z' is never asked: 'y' is always true",
        ),
    ],
)
def test_each_finding(change: dict[str, Any], path: str, told: str) -> None:
    (finding,) = lint(load_policy(merged(WISE, change)))
    assert finding.path == path
    assert told in finding.problem


def test_a_rule_of_majors_that_is_never_asked() -> None:
    rules = [{"name": "a", "when": "incident.children > 3"}, {"name": "b"}, {"name": "c"}]
    document = {"major": {"duty": "mim", "rules": rules}}
    found = [(x.path, x.problem) for x in lint(load_policy(merged(WISE, document)))]
    assert [path for path, _ in found] == ["major.rules[1]", "major.rules[2]"]
    assert found[1][1] == "'c' is never asked: 'b' is always true"


def test_what_happens_by_hand_alone_has_no_finding() -> None:
    never = {
        "public": {"when": "false"},
        "review": {"when": "false"},
        "checklists": {"leak": {"when": "false", "items": [{"title": "Call legal"}]}},
    }
    assert lint(load_policy(merged(WISE, never))) == ()


def test_a_matrix_written_the_other_way_round_is_noticed() -> None:
    turned = {"impacts": ["low", "medium", "high"], "urgencies": ["low", "medium", "high"]}
    found = lint(load_policy(merged(WISE, {"matrix": turned})))
    assert len(found) == 12
    assert found[0].path == "matrix.cells.low.low"
    assert "P5 is lower than the P4 of the better medium/low" in found[0].problem


def test_a_rule_that_always_sets_wipes_out_those_before_it() -> None:
    rules = [
        {"name": "a", "when": 'incident.urgency == "low"', "at_most": "P4"},
        {"name": "b", "set": "P3"},
        {"name": "c", "when": 'incident.impact == "high"', "raise_by": 1},
    ]
    found = [(x.path, x.problem) for x in lint(load_policy(merged(WISE, {"overrides": rules})))]
    assert [path for path, _ in found] == ["overrides[0]", "overrides[1]"]
    assert "after it 'b' sets the priority" in found[0][1]
    assert "'b' always sets the priority" in found[1][1]


def test_words_of_open_sets_are_not_judged() -> None:
    when = 'incident.category == "x" or incident.service == "y" or incident.reopened == 2'
    rules = [{"when": when, "set": "P1"}, {"when": "has incident.owner", "set": "P2"}]
    assert lint(load_policy(merged(WISE, {"overrides": rules}))) == ()


@pytest.mark.parametrize(("when", "never"), [
    ("reporter.vip == true or incident.reopened > 1", False),
    ("reporter.vip == true and incident.reopened > 1", True),
    ("not (reporter.vip == true and incident.reopened > 1)", False),
    ("not (reporter.vip == true or incident.reopened > 1)", True),
    ("not reporter.vip == true", True),
    ("not has reporter.vip", False),
    ("has reporter.vip", True),
    ("reporter.vip == true and not false", True),
])  # fmt: skip
def test_a_condition_that_can_hold_without_a_fact_may_ask_for_it(when: str, never: bool) -> None:
    found = lint(load_policy(merged(WISE, {"overrides": [{"when": when, "set": "P1"}]})))
    assert [x.path for x in found] == (["overrides[0].when"] if never else [])


def test_what_is_stated_somewhere_can_be_asked_for() -> None:
    when = 'service.team == "t" or service.owner == "o" or reporter.kind == "organisation"'
    document = {
        "parties": ["ana", "duty", "t", "o"],
        "services": {"a": {"team": "t", "owner": "o"}},
        "overrides": [{"when": when, "raise_by": 1}],
    }
    assert lint(load_policy(merged(WISE, document))) == ()
