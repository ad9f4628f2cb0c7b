"""The signature of an alert: any change of its own changes it, an equal alert never does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.codec.signature import signature
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.signals import Alert
from incidentkit.model.words import AlertSeverity, AlertStatus
from tests.codec import examples, strategies

alerts = strategies.values(Alert)


@given(alerts, alerts)
def test_it_is_one_number_an_alert(one: Alert, other: Alert) -> None:
    other = attrs.evolve(other, context=one.context)
    assert (signature(one) == signature(other)) == (one == other)
    assert -(2**63) <= signature(one) < 2**63


@given(alerts, st.randoms(use_true_random=False))
def test_the_order_of_labels_does_not_matter(alert: Alert, random: Any) -> None:
    def shuffled(texts: FrozenMap[str, str]) -> FrozenMap[str, str]:
        items = list(texts.items())
        random.shuffle(items)
        return FrozenMap(items)

    other = attrs.evolve(
        alert,
        labels=shuffled(alert.labels),
        annotations=shuffled(alert.annotations),
        extra=shuffled(alert.extra),
    )
    assert signature(other) == signature(alert)


CHANGES: dict[str, Any] = {
    "source": "grafana",
    "key": "other",
    "status": AlertStatus.CLEARED,
    "title": "Other",
    "severity": AlertSeverity.UNKNOWN,
    "severity_as_sent": "",
    "service": None,
    "group": "",
    "labels": FrozenMap({"alertname": "Http503"}),
    "annotations": FrozenMap({"summary": "18 % of requests"}),
    "started_at": examples.AT + timedelta(microseconds=1),
    "ended_at": examples.AT,
    "started_as_sent": "2026-03-01T02:30:00.000000002Z",
    "ended_as_sent": "x",
    "url": "",
    "extra": FrozenMap(),
}


def test_every_field_counts() -> None:
    assert {*CHANGES, "context"} == {each.name for each in attrs.fields(Alert)}
    found = {signature(attrs.evolve(examples.ALERT, **{k: v})) for k, v in CHANGES.items()}
    found.add(signature(examples.ALERT))
    assert len(found) == len(CHANGES) + 1


def test_what_was_said_of_the_whole_payload_makes_no_other_alert() -> None:
    other = attrs.evolve(examples.ALERT, context=FrozenMap({"receiver": "other"}))
    assert signature(other) == signature(examples.ALERT)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"service": None}, {"service": ""}),
        ({"labels": FrozenMap({"a": "b"})}, {"annotations": FrozenMap({"a": "b"})}),
        ({"labels": FrozenMap({"a": "b", "c": "d"})}, {"labels": FrozenMap({"a": "c", "b": "d"})}),
        ({"annotations": FrozenMap({"a": "b"})}, {"extra": FrozenMap({"a": "b"})}),
        ({"labels": FrozenMap({"a": "b\0c"})}, {"labels": FrozenMap({"a\0b": "c"})}),
        ({"group": "a\0", "severity_as_sent": ""}, {"group": "", "severity_as_sent": "a\0"}),
        ({"group": "a\0b", "url": "c"}, {"group": "a", "url": "b\0c"}),
    ],
)
def test_text_cannot_move_between_fields(one: dict[str, Any], other: dict[str, Any]) -> None:
    bare = attrs.evolve(
        examples.ALERT,
        service=None,
        severity_as_sent="",
        group="",
        labels=FrozenMap(),
        annotations=FrozenMap(),
        extra=FrozenMap(),
        url="",
    )
    assert signature(attrs.evolve(bare, **one)) != signature(attrs.evolve(bare, **other))


def test_it_is_the_same_in_every_process() -> None:
    assert signature(examples.ALERT) == 1291987876071682666
