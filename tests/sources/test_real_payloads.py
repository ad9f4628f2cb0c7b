"""Payloads that real senders sent, kept outside of the project: every text of them is found."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from incidentkit.model.signals import Alert
from incidentkit.sources.alertmanager import Alertmanager
from incidentkit.sources.generic import GenericJson
from tests.sources.payloads import held, leaves, request

SOURCE = Alertmanager()


def document(shared_data: Path, *names: str) -> Any:
    return json.loads(shared_data.joinpath("alerts", *names).read_text(encoding="utf-8"))


def read(payload: Any, source: Alertmanager | GenericJson = SOURCE) -> list[Alert]:
    signals = source.parse(request(payload))
    alerts = [signal for signal in signals if isinstance(signal, Alert)]
    assert len(alerts) == len(signals), signals
    return alerts


def test_nine_digits_and_two_statuses(shared_data: Path) -> None:
    payloads = document(shared_data, "misc", "alertmonitor_alertmanager_payloads.json")["payloads"]
    fired, cleared = map(read, payloads)
    assert {alert.status.value for alert in fired} == {"firing"}
    assert {alert.status.value for alert in cleared} == {"cleared"}
    assert [alert.key for alert in fired] == [alert.key for alert in cleared]
    assert len({alert.key for alert in fired}) == 3
    for alert in fired:
        assert alert.started_as_sent == "2019-09-27T16:27:56.612666101Z"
        assert alert.started_at == datetime(2019, 9, 27, 16, 27, 56, 612666, tzinfo=UTC)
        assert (alert.ended_at, alert.ended_as_sent) == (None, "0001-01-01T00:00:00Z")
        assert (alert.severity, alert.severity_as_sent) == ("error", "major")
        assert alert.title == alert.labels["summary"]
        assert alert.service == "blackbox-icmp"
    for payload, alerts in zip(payloads, (fired, cleared), strict=True):
        for sent, alert in zip(payload["alerts"], alerts, strict=True):
            lost = {*leaves(sent), *leaves({**payload, "alerts": []})} - held(alert)
            assert lost <= {"resolved"}, "which is said by the alert's status"


def test_an_offset_and_no_status_of_its_own(shared_data: Path) -> None:
    payload = document(shared_data, "misc", "prometheus_msteams_prom_post_request.json")
    (alert,) = read(payload)
    assert alert.started_as_sent == "2018-03-07T06:33:21.873077559-05:00"
    assert alert.started_at == datetime(2018, 3, 7, 11, 33, 21, 873077, tzinfo=UTC)
    assert (alert.status, alert.title) == ("firing", "Server High Memory usage")
    assert (alert.severity, alert.service) == ("warning", "docker_nodes")
    assert not set(leaves(payload)) - held(alert)


def test_items_of_real_payloads(shared_data: Path) -> None:
    payloads = document(shared_data, "misc", "alertmonitor_alertmanager_payloads.json")["payloads"]
    for payload in payloads:
        items = SOURCE.items(request(payload))
        assert items is not None
        assert [SOURCE.build(item) for item in items] == read(payload)


def test_every_case_of_a_neighbour_is_read(shared_data: Path) -> None:
    cases = document(shared_data, "goalert", "payloads.json")["cases"]
    payloads = [payload for case in cases for payload in case["payloads"]]
    assert payloads
    for payload in payloads:
        if "alerts" in payload:
            (alert,) = read(payload)
            assert alert.title == payload["alerts"][0]["annotations"]["summary"]
        elif {"title", "summary", "message", "name"} & payload.keys():
            (alert,) = read(payload, GenericJson())
        else:
            mapping = {"fields": {"title": "$.INCIDENT_REASON", "key": "$.MONITORNAME"}}
            (alert,) = read(payload, GenericJson("site", mapping))
        assert not set(leaves(payload)) - held(alert)


@pytest.mark.parametrize("name", ["prometheus.json", "grafana.json"])
def test_alerts_of_a_collection_are_read_in_the_own_shape(shared_data: Path, name: str) -> None:
    mapping = {
        "fields": {
            "title": {"from": ["$.summary", "$.title", "$.annotations.summary"], "required": True},
            "severity": "$.labels.severity",
            "service": "$.labels.service",
            "labels": "$.labels",
        }
    }
    for each in document(shared_data, "keep", name)["ALERTS"].values():
        for source in (GenericJson(), GenericJson("mapped", mapping)):
            (alert,) = read(each["payload"], source)
            assert not set(leaves(each["payload"])) - held(alert)
