"""What is measured with: an incident of some size, and payloads as Alertmanager sends them."""

from __future__ import annotations

import json
from typing import Any

from incidentkit import Desk, Incident

LABELS = {f"label_{number:02d}": f"value-{number:04d}" for number in range(20)}
TITLES = ("Checkout is down", "Checkout is down in the EU")
GROUP = '{}/{service="checkout"}:{alertname="HighLatency"}'


def declared(desk: Desk, level: str = "high") -> Incident:
    """An incident with 20 labels; clocks run on an urgent one, and its first page is queued."""
    return desk.declare(
        TITLES[0], impact=level, urgency=level, service="checkout", labels=LABELS, by="ana"
    )


def alert(number: int) -> dict[str, Any]:
    """One alert, about 500 bytes."""
    host = f"host-{number:06d}"
    return {
        "status": "firing",
        "labels": {
            "alertname": "HighLatency",
            "severity": "critical",
            "service": "checkout",
            "instance": f"{host}:9100",
            "region": "eu-west-1",
            "team": "payments",
        },
        "annotations": {
            "summary": f"Latency on {host} is high",
            "description": "The 99th percentile is above 2 s for 10 minutes",
            "runbook_url": "https://runbooks.example/latency",
        },
        "startsAt": "2026-03-07T06:33:21.873Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus:9090/graph?g0.expr=latency",
        "fingerprint": f"{number:016x}",
    }


def payload(first: int, size: int, turned: int = 0) -> bytes:
    """One request of Alertmanager with so many alerts, all of one group.

    `turned` of them stand at the end instead of the beginning.
    """
    numbers = range(first, first + size)
    return json.dumps(
        {
            "version": "4",
            "groupKey": GROUP,
            "truncatedAlerts": 0,
            "status": "firing",
            "receiver": "incidentkit",
            "groupLabels": {"alertname": "HighLatency"},
            "commonLabels": {"alertname": "HighLatency", "service": "checkout"},
            "commonAnnotations": {},
            "externalURL": "http://alertmanager:9093",
            "alerts": [alert(number) for number in (*numbers[turned:], *numbers[:turned])],
        }
    ).encode()
