"""Payloads for the command line."""

from __future__ import annotations

import json
from typing import Any


def alert(name: str, severity: str, status: str = "firing", **labels: str) -> dict[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": name, "severity": severity, **labels},
        "annotations": {"summary": f"{name} on {labels.get('service', 'nothing')}"},
        "startsAt": "2026-03-03T03:58:00.123456789Z",
        "endsAt": "0001-01-01T00:00:00Z",
    }


def payload(*alerts: Any) -> bytes:
    return json.dumps({"version": "4", "groupKey": "g", "alerts": alerts}).encode()


CRITICAL = payload(
    alert("DiskFull", "critical", service="db"), alert("DiskSlow", "warning", service="db")
)
WARNING = payload(alert("DiskSlow", "warning", service="db"))
HALF = payload(alert("DiskFull", "critical", service="db"), 7)
