"""The sections on planned work and silences; and lead times of audiences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incidentkit.errors import PolicyError
from incidentkit.policy.load import default_policy, load_policy
from incidentkit.policy.sections.maintenance import OCCASIONS
from incidentkit.rules.record_terms import MaintenanceTerms, SilenceTerms
from incidentkit.rules.retention import RetentionTerms, past


def test_the_default_differs_from_the_classes_in_words_and_condition_alone() -> None:
    policy = default_policy()
    plain = MaintenanceTerms(says=policy.maintenance.says)
    assert policy.maintenance == plain
    assert set(policy.maintenance.says) == set(OCCASIONS) - {"started"}
    assert policy.silences == SilenceTerms()


def test_everything_can_be_set() -> None:
    policy = load_policy(
        {
            "maintenance": {
                "priorities": ["standard", "emergency"],
                "approvals": 2,
                "own_approval": True,
                "ask_before": "1h",
                "propose": False,
                "says": {"announced": "$maintenance.title", "extended": ""},
            },
            "silences": {"longest": "8h"},
            "retention": {"payloads": "400d", "requests": "1d"},
            "notices": [],
            "audiences": {"board": {"members": ["eve"], "lead_time": "2d"}},
        }
    )
    work = policy.maintenance
    assert (work.priorities, work.approvals) == (("standard", "emergency"), 2)
    assert (work.own_approval, work.propose) == (True, False)
    assert work.ask_before == timedelta(hours=1)
    assert work.says["announced"].text == "$maintenance.title"
    assert "extended" not in work.says, "an empty text is not told"
    assert policy.silences.longest == timedelta(hours=8)
    kept, now = policy.retention, datetime(2026, 3, 3, tzinfo=UTC)
    assert kept == RetentionTerms(payloads=timedelta(days=400), requests=timedelta(days=1))
    assert past(kept, "requests", now) == datetime(2026, 3, 2, tzinfo=UTC)
    assert past(kept, "incidents", now) is None
    assert policy.audiences["board"].lead_time == timedelta(days=2)


@pytest.mark.parametrize(
    ("document", "path", "said"),
    [
        ({"maintenance": {"priorities": []}}, "maintenance.priorities", "at least one"),
        ({"maintenance": {"approvals": -1}}, "maintenance.approvals", "between 0 and 100"),
        ({"maintenance": {"says": {"done": "x"}}}, "maintenance.says.done", "not known"),
        (
            {"maintenance": {"says": {"overran": "$incident.ref"}}},
            "maintenance.says.overran",
            "no field",
        ),
        ({"retention": {"requests": "5m"}}, "retention.requests", "at least a day"),
        ({"retention": {"alerts": "5d"}}, "retention.alerts", "not known"),
        ({"silences": {"longest": "soon"}}, "silences.longest", "no term"),
        ({"series": {"maintenance": "mnt"}}, "series.maintenance", "capital letters"),
    ],
)
def test_what_is_wrong_is_said_with_its_path(document: Any, path: str, said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy(document)
    found = dict(caught.value.problems)
    assert set(found) == {path}
    assert said in found[path]
