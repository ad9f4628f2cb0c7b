"""Actions of automation: what can never work is refused, what fails under this document is linted.

Guarded here too: what was adopted before such a refusal stays readable.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from incidentkit.errors import PolicyError
from incidentkit.policy.lint import lint
from incidentkit.policy.load import adopted_policy, load_policy
from incidentkit.policy.merging import completed

WISE: dict[str, Any] = {
    "paging": {"fallback": "duty"},
    "audiences": {"stakeholders": {"members": ["ana"]}},
}
HERE = "automation[0].do[0]"


def doing(action: str, fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A wise document whose one rule takes one action."""
    do = [{"action": action, "with": fields}]
    return {**WISE, "automation": [{"name": "a", "on": ["accepted"], "do": do, **more}]}


@pytest.mark.parametrize(
    ("action", "fields", "path", "told"),
    [
        ("resolve", {}, "action", "resolve: needs code, remedy"),
        ("resolve", {"code": "fixed", "remedy": " "}, "action", "resolve: needs remedy"),
        ("merge", {"reason": "same"}, "action", "merge: needs target"),
        ("split", {"title": "x"}, "action", "split: needs alerts or reports"),
        ("hold", {}, "action", "hold: needs reason"),
        ("observe", {}, "action", "observe: needs until or condition"),
        ("note", {}, "action", "note: needs text"),
        ("prioritise", {"priority": "P1"}, "action", "prioritise: needs reason"),
        ("cancel", {"reason": "duplicate"}, "action", "cancel: needs target"),
        ("cancel", {"reason": "merged"}, "with.reason", "an action of its own: merge"),
        ("add_task", {"title": ""}, "with.title", "must not be empty"),
        ("notify", {"audience": "a\nb"}, "with.audience", "is no name"),
        ("assign", {"assignee": ""}, "with.assignee", "is no name"),
    ],
)
def test_what_can_never_work_is_refused(
    action: str, fields: dict[str, Any], path: str, told: str
) -> None:
    document = doing(action, fields)
    with pytest.raises(PolicyError) as caught:
        load_policy(document)
    ((where, problem),) = caught.value.problems
    assert where == f"{HERE}.{path}"
    assert told in problem
    adopted = json.dumps(completed(document))
    (rule,) = adopted_policy(adopted).automation
    assert rule.do[0].action == action, "it was adopted before this was refused, and is still read"


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("resolve", {"code": "fixed", "remedy": "$incident.title"}),
        ("close", {}),
        ("cancel", {}),
        ("cancel", {"reason": "duplicate", "target": "INC-1"}),
        ("prioritise", {"priority": "P1", "reason": "x"}),
        ("prioritise", {"impact": "high"}),
        ("observe", {"condition": "quiet"}),
        ("observe", {"until": "2030-01-01T00:00:00Z"}),
        ("hold", {"reason": "vendor"}),
        ("split", {"title": "$incident.title", "reports": "REP-1"}),
        ("triage", {"impact": "high", "urgency": "low"}),
        ("edit", {"labels": {"a": "b"}}),
        ("watch", {"party": "$incident.reporter", "stop": True}),
        ("raise_problem", {"subject": ""}),
        ("raise_problem", {"subject": "Why?"}),
        ("notify", {"audience": "stakeholders", "next_update_in": "1h"}),
        ("notify", {"audience": "$$watchers"}),
        ("set_status", {"status": "$incident.title"}),
    ],
)
def test_what_can_work_is_neither_refused_nor_linted(action: str, fields: dict[str, Any]) -> None:
    assert lint(load_policy(doing(action, fields))) == ()


@pytest.mark.parametrize(
    ("action", "fields", "path", "told"),
    [
        (
            "resolve",
            {"code": "fixd", "remedy": "x"},
            "with.code",
            "'fixd' is not in this policy: the action fails; did you mean 'fixed'?",
        ),
        ("close", {"code": "magic", "remedy": "x"}, "with.code", "there is by_change"),
        ("notify", {"audience": "bord"}, "with.audience", "there is $assignee"),
        ("attach_checklist", {"checklist": "a"}, "with.checklist", "there is nothing"),
        ("set_status", {"status": "Asleep"}, "with.status", "there is nothing"),
        ("triage", {}, "", "gives no impact and no urgency: it fails wherever"),
        ("triage", {"impact": "hgih", "urgency": "low"}, "with.impact", "did you mean 'high'"),
        ("prioritise", {"urgency": "xyz"}, "with.urgency", "there is high, low, medium"),
        ("move_region", {"region": "stok", "to": "sold"}, "with.region", "did you mean 'stock'"),
        ("move_region", {"region": "stock", "to": "sodl"}, "with.to", "did you mean 'sold'"),
    ],
)
def test_what_fails_under_this_document_is_linted(
    action: str, fields: dict[str, Any], path: str, told: str
) -> None:
    regions = {"regions": {"stock": {"states": ["here", "sold"]}}}
    (found,) = lint(load_policy({**doing(action, fields), **regions}))
    assert found.path == f"{HERE}.{path}".rstrip(".")
    assert told in found.problem
    off = lint(load_policy({**doing(action, fields, mode="off"), **regions}))
    assert off == (), "a rule that is off does nothing"


def test_a_region_is_moved_to_a_state_that_it_has() -> None:
    regions = {"regions": {"stock": {"states": ["here", "sold"]}}}
    for to in ("sold", "$incident.title"):
        document = {**doing("move_region", {"region": "stock", "to": to}), **regions}
        assert lint(load_policy(document)) == ()
