"""A foreign source may yield anything; what cannot be kept is rejected, and kept as such."""

from __future__ import annotations

from typing import Any

import pytest

from incidentkit import Alert, AlertSeverity, AlertStatus, Desk, FrozenMap, SourceRequest


class Careless:
    name = "careless"

    def __init__(self, signal: Any) -> None:
        self.signal = signal

    def parse(self, request: SourceRequest) -> tuple[Any, ...]:
        return (self.signal, good())


def good(**changed: Any) -> Alert:
    fields: dict[str, Any] = {
        "source": "careless",
        "key": "good",
        "status": AlertStatus.FIRING,
        "title": "Disk full",
        "severity": AlertSeverity.CRITICAL,
        **changed,
    }
    return Alert(**fields)


@pytest.mark.parametrize(
    ("signal", "problem"),
    [
        (good(key="x", status="firing"), "status: must be one of AlertStatus"),
        (good(key="x", severity="critical"), "severity: must be one of AlertSeverity"),
        (good(key="x", labels={"a": "b"}), "labels: must be a FrozenMap"),
        (good(key="x", labels=FrozenMap({"a": 1})), "labels.a: must be text"),
        (good(key="x", annotations=FrozenMap({"a": "\ud800"})), "lone surrogate"),
        (good(key="x", group="a\0b"), "group: contains a NUL"),
        (object(), "object is no signal"),
    ],
)
def test_the_bad_one_is_rejected_and_the_good_one_taken(signal: Any, problem: str) -> None:
    with Desk.open("memory:", sources=[Careless(signal)], entry_points=False) as desk:
        received = desk.receive("careless", b"{}")
        ((path, said),) = received.rejected
        assert path == "signals[0]"
        assert problem in said
        assert received.opened == ("INC-1",)
