"""No request makes a source raise, and what it yields is bounded by what came in."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incidentkit.model.signals import Alert, Rejected, SourceRequest
from incidentkit.sources.alertmanager import Alertmanager
from incidentkit.sources.generic import GenericJson
from tests.sources.payloads import alert, held, leaves, payload, request

TEXT = st.text(max_size=30)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
JSON = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
MAPPING = {
    "each": "alerts",
    "when": "status != 'ignored'",
    "fields": {
        "title": ["$.annotations.summary", "$.labels.alertname"],
        "severity": {"from": "$.labels.severity", "values": {"major": "error"}},
        "started_at": "$.startsAt",
        "labels": "$.labels",
        "labels.receiver": "$root.receiver",
    },
}
SOURCES: list[Any] = [Alertmanager(), GenericJson(), GenericJson("mapped", MAPPING)]
every_source = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)


def check(source: Any, body: bytes) -> None:
    signals = list(source.parse(SourceRequest(body)))
    assert signals == list(source.parse(SourceRequest(body))), "parse is not pure"
    assert len(signals) <= len(body) + 1
    for signal in signals:
        hash(signal)
        repr(signal).encode()
        if isinstance(signal, Rejected):
            assert signal.path
            assert signal.problem
            assert len(signal.excerpt) <= 2_000
            json.dumps([signal.path, signal.problem, signal.excerpt], ensure_ascii=False).encode()
    if isinstance(source, Alertmanager):
        items = source.items(SourceRequest(body))
        if items is not None:
            assert [source.build(item) for item in items] == signals


@every_source
@given(body=st.binary(max_size=200))
def test_random_bytes(source: Any, body: bytes) -> None:
    check(source, body)


@every_source
@given(document=JSON | st.fixed_dictionaries({"alerts": st.lists(JSON, max_size=4)}))
def test_random_json(source: Any, document: Any) -> None:
    check(source, json.dumps(document).encode())


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            found += places(value[key], (*path, key))
    return found


VALID = payload(alert(1), alert(2, values={"B": 1}))
OWN = {
    "alerts": [
        {"title": "a", "status": "ok", "labels": {"x": "y"}, "started_at": "2026-01-01T00:00Z"},
        {"type": "report", "title": "a", "reporter": "ana", "incident": "INC-1"},
        {"type": "answer", "token": "t", "verb": "acknowledge"},
        {"type": "receipt", "token": "t", "delivered": True},
        {"type": "change", "title": "a", "at": "2026-01-01T00:00:00Z", "key": "c"},
        {"type": "beat", "key": "b", "every": 5},
    ],
    "receiver": "night",
}


@every_source
@given(data=st.data())
def test_mutated_payloads(source: Any, data: st.DataObject) -> None:
    document = copy.deepcopy(data.draw(st.sampled_from([VALID, OWN])))
    for _ in range(data.draw(st.integers(1, 4))):
        found = places(document)
        if not found:
            break
        path = data.draw(st.sampled_from(found))
        inner = document
        for step in path[:-1]:
            inner = inner[step]
        if data.draw(st.booleans()):
            inner[path[-1]] = data.draw(JSON)
        else:
            del inner[path[-1]]
    check(source, json.dumps(document).encode())


@every_source
@given(data=st.data())
def test_damaged_bytes_of_a_payload(source: Any, data: st.DataObject) -> None:
    body = bytearray(json.dumps(data.draw(st.sampled_from([VALID, OWN]))).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    check(source, bytes(body))


# --- nothing is lost ----------------------------------------------------------------------------

SOUND = st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20
)
NUMBER = st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False)
NESTED = st.recursive(
    st.none() | st.booleans() | NUMBER | SOUND,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SOUND, inner, max_size=3),
    max_leaves=6,
)
TABLE = st.dictionaries(SOUND, SOUND | NUMBER, min_size=1, max_size=5)
STATUS = st.sampled_from(["firing", "resolved", "Firing", "odd"])


@st.composite
def alertmanager_alerts(draw: st.DrawFn) -> dict[str, Any]:
    extra = draw(st.dictionaries(SOUND, NESTED, max_size=4))
    optional = {
        "annotations": TABLE | SOUND,
        "startsAt": SOUND | st.just("2026-03-01T02:30:00.123456789Z"),
        "endsAt": SOUND,
        "generatorURL": SOUND | NESTED,
        "fingerprint": SOUND | NESTED,
        "status": STATUS | NESTED,
    }
    return {**extra, "labels": draw(TABLE), **draw(st.fixed_dictionaries({}, optional=optional))}


@given(
    alerts=st.lists(alertmanager_alerts(), min_size=1, max_size=3),
    head=st.dictionaries(SOUND, NESTED, max_size=4),
)
def test_every_text_of_an_alertmanager_payload_is_found(
    alerts: list[dict[str, Any]], head: dict[str, Any]
) -> None:
    signals = SOURCES[0].parse(request({**payload(), **head, "alerts": alerts}))
    assert len(signals) == len(alerts)
    for sent, signal in zip(alerts, signals, strict=True):
        assert isinstance(signal, Alert)
        found = held(signal)
        if signal.status == "cleared":
            found.add("resolved")
        lost = {*leaves(sent), *leaves({**payload(), **head, "alerts": []})} - found
        assert not lost


@st.composite
def own_alerts(draw: st.DrawFn) -> dict[str, Any]:
    extra = draw(st.dictionaries(SOUND.filter(lambda name: name != "alerts"), NESTED, max_size=4))
    names = ("key", "status", "severity", "service", "group", "url", "started_at", "ended_at")
    optional = {
        "labels": TABLE | NESTED,
        "annotations": TABLE | NESTED,
        **dict.fromkeys(names, SOUND | NESTED),
    }
    title = draw(SOUND.filter(lambda text: bool(text.strip())))
    return {**extra, "title": title, **draw(st.fixed_dictionaries({}, optional=optional))}


EMPTY_KEY = {
    **dict.fromkeys(("severity", "service", "group", "url", "started_at", "ended_at"), "x"),
    "title": "a",
    "key": "",
}
"""Every field but the key says something; a key that is empty is none, and one is made."""


@example(sent=EMPTY_KEY)
@given(sent=own_alerts())
def test_every_text_of_an_own_alert_is_found(sent: dict[str, Any]) -> None:
    sent.pop("type", None)
    (signal,) = SOURCES[1].parse(request(sent))
    assert isinstance(signal, Alert)
    assert not set(leaves(sent)) - held(signal)


@given(sent=alertmanager_alerts(), head=st.dictionaries(SOUND, NESTED, max_size=4))
def test_every_text_of_a_mapped_alert_is_found(sent: dict[str, Any], head: dict[str, Any]) -> None:
    sent = {**sent, "labels": {**sent["labels"], "alertname": "A"}, "status": "x"}
    document = {**payload(), **head, "alerts": [sent]}
    (signal,) = SOURCES[2].parse(request(document))
    assert isinstance(signal, Alert)
    assert not {*leaves(sent), *leaves({**document, "alerts": []})} - held(signal)
