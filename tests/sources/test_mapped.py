"""Foreign JSON through a mapping."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from incidentkit.errors import PolicyError
from incidentkit.lang.mappings import DocumentMapping
from incidentkit.model.signals import Alert, Rejected
from incidentkit.sources.generic import GenericJson
from incidentkit.sources.mapped import TARGETS
from tests.sources.payloads import only_alert, request

RULES: dict[str, Any] = {
    "each": "data.problems",
    "when": "kind != 'test'",
    "fields": {
        "title": {"template": "$name on $host", "required": True},
        "key": "$.id",
        "status": {"from": "$.state", "values": {"1": "firing", "0": "cleared"}},
        "severity": {"from": "$.level", "values": {"4": "critical"}},
        "started_at": {"from": "$.clock", "as": "epoch"},
        "labels": "$.tags",
        "labels.env": {"from": "$.env", "values": {"p": "production"}},
        "url": "$root.data.url",
    },
}
PROBLEM = {
    "id": 77,
    "kind": "problem",
    "name": "No ping",
    "host": "web-1",
    "state": 1,
    "level": 4,
    "clock": 1772332200,
    "tags": {"team": {"name": "web"}},
    "env": "p",
    "ack": {"by": None, "count": 3},
}


def document(*problems: Any) -> dict[str, Any]:
    return {"data": {"problems": list(problems), "url": "http://x"}, "sender": "s"}


def test_every_field_and_what_was_not_read() -> None:
    found = only_alert(GenericJson("zabbix", RULES).parse(request(document(PROBLEM))))
    assert (found.title, found.key, found.status) == ("No ping on web-1", "77", "firing")
    assert (found.severity, found.severity_as_sent) == ("critical", "4")
    assert found.started_at == datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
    assert found.started_as_sent == "1772332200"
    assert found.labels == {"team.name": "web", "env": "production"}
    assert found.url == "http://x"
    assert found.extra == {
        "payload.data.url": "http://x",
        "payload.sender": "s",
        "labels.env": "p",
        "status": "1",
        "kind": "problem",
        "ack": '{"by":null,"count":3}',
    }


def test_a_mapping_may_be_made_before() -> None:
    mapping = DocumentMapping.parse(RULES, TARGETS)
    one, two = GenericJson("z", mapping), GenericJson("z", RULES)
    assert one.parse(request(document(PROBLEM))) == two.parse(request(document(PROBLEM)))


def test_a_wrong_mapping_lists_its_problems() -> None:
    with pytest.raises(PolicyError) as caught:
        GenericJson("z", {"fields": {"titel": "$.a"}})
    assert "titel" in str(caught.value)


def test_what_the_condition_leaves_out_is_no_signal() -> None:
    source = GenericJson("z", RULES)
    assert source.parse(request(document({**PROBLEM, "kind": "test"}))) == ()


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        (document({"kind": "problem"}), "$root.data.problems[0]"),
        (document({**PROBLEM, "state": "a\0b"}), "$root.data.problems[0]"),
        (document({**PROBLEM, "tags": {str(n): "" for n in range(257)}}), ".labels"),
        ({"data": {}}, "$root.data.problems"),
        ([], "$root.data.problems"),
    ],
)
def test_refused(sent: Any, path: str) -> None:
    refused = [
        each for each in GenericJson("z", RULES).parse(request(sent)) if isinstance(each, Rejected)
    ]
    assert any(each.path.endswith(path) for each in refused), refused


def test_one_bad_item_costs_no_other() -> None:
    signals = GenericJson("z", RULES).parse(request(document(PROBLEM, {"kind": "p"}, PROBLEM)))
    assert [type(each) for each in signals] == [Alert, Rejected, Alert]


def test_places_in_lists() -> None:
    rules = {"each": "$[1].alerts", "fields": {"title": "$.t"}}
    sent = [{"meta": 1}, {"alerts": [{"t": "a"}], "more": 2}]
    found = only_alert(GenericJson("z", rules).parse(request(sent)))
    assert found.extra == {"payload.[0]": '{"meta":1}', "payload.[1].more": "2"}


def test_items_over_the_limit_are_counted() -> None:
    found = GenericJson("z", RULES).parse(request(document(*[PROBLEM] * 10_002)))
    refused = [each for each in found if isinstance(each, Rejected)]
    assert len(found) == 10_001
    assert [each.problem[:7] for each in refused] == ["2 items"]
