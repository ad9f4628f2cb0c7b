"""Payloads of our own making, in the shape that Alertmanager documents, and what they hold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.signals import Alert, Signal, SourceRequest

STARTED = "2026-03-01T02:30:00.123456789Z"
NOT_YET = "0001-01-01T00:00:00Z"


def alert(number: int = 0, **changes: Any) -> dict[str, Any]:
    return {
        "status": "firing",
        "labels": {
            "alertname": "QueueTooLong",
            "instance": f"queue-{number}:9100",
            "service": "checkout",
            "severity": "critical",
        },
        "annotations": {
            "summary": f"Queue {number} holds 12,000 orders",
            "description": "It grows by 40 a minute — see the board.",
        },
        "startsAt": STARTED,
        "endsAt": NOT_YET,
        "generatorURL": "http://metrics.example/graph?g0.expr=queue_length&g0.tab=1",
        "fingerprint": f"{number:016x}",
        **changes,
    }


def payload(*alerts: Any, **changes: Any) -> dict[str, Any]:
    return {
        "version": "4",
        "groupKey": '{}:{alertname="QueueTooLong"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "night",
        "groupLabels": {"alertname": "QueueTooLong"},
        "commonLabels": {"alertname": "QueueTooLong", "service": "checkout"},
        "commonAnnotations": {},
        "externalURL": "http://alerts.example:9093",
        "alerts": list(alerts) or [alert()],
        **changes,
    }


def without(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def request(document: Any, **headers: str) -> SourceRequest:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return SourceRequest(body, FrozenMap(headers))


def only_alert(signals: tuple[Signal, ...]) -> Alert:
    (signal,) = signals
    assert isinstance(signal, Alert), signal
    return signal


def leaves(value: Any) -> Iterator[str]:
    """Every text and number in a JSON value, as text; an empty text says nothing."""
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, str):
        if value:
            yield value
    elif value is not None:
        yield json.dumps(value)


def held(signal: Any) -> set[str]:
    """Every text that an alert holds, also inside the JSON texts of its extra fields."""
    found: set[str] = set()
    for value in attrs.asdict(signal, recurse=False).values():
        for text in value.values() if isinstance(value, Mapping) else [value]:
            if isinstance(text, str):
                found.add(str(text))
                try:
                    found.update(leaves(json.loads(text)))
                except ValueError:
                    continue
    return found
