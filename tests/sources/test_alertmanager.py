"""What becomes of each field of an Alertmanager payload."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from incidentkit.model.signals import Alert, Rejected
from incidentkit.model.words import AlertSeverity, AlertStatus
from incidentkit.ports.source import Item, SupportsItems
from incidentkit.sources.alertmanager import Alertmanager
from tests.sources.payloads import NOT_YET, STARTED, alert, only_alert, payload, request, without

SOURCE = Alertmanager()


def read(document: Any) -> Alert:
    return only_alert(SOURCE.parse(request(document)))


def labelled(**labels: Any) -> Alert:
    return read(payload(alert(labels={"alertname": "X", **labels}, annotations={})))


def test_every_field_has_its_place() -> None:
    assert read(payload()) == Alert(
        source="alertmanager",
        key="0000000000000000",
        status=AlertStatus.FIRING,
        title="Queue 0 holds 12,000 orders",
        severity=AlertSeverity.CRITICAL,
        severity_as_sent="critical",
        service="checkout",
        group='{}:{alertname="QueueTooLong"}',
        labels=alert()["labels"],
        annotations=alert()["annotations"],
        started_at=datetime(2026, 3, 1, 2, 30, 0, 123456, tzinfo=UTC),
        ended_at=None,
        started_as_sent=STARTED,
        ended_as_sent=NOT_YET,
        url="http://metrics.example/graph?g0.expr=queue_length&g0.tab=1",
        context={  # type: ignore[arg-type]
            "version": "4",
            "truncated_alerts": "0",
            "group_status": "firing",
            "receiver": "night",
            "group_labels": '{"alertname":"QueueTooLong"}',
            "common_labels": '{"alertname":"QueueTooLong","service":"checkout"}',
            "common_annotations": "{}",
            "external_url": "http://alerts.example:9093",
        },
    )


def test_a_source_has_its_own_name() -> None:
    assert only_alert(Alertmanager("prod").parse(request(payload()))).source == "prod"
    assert isinstance(SOURCE, SupportsItems)


def test_a_bare_list_is_read() -> None:
    first, second = SOURCE.parse(request([alert(1), without(alert(2), "status", "fingerprint")]))
    assert isinstance(first, Alert)
    assert isinstance(second, Alert)
    assert (first.group, first.extra) == ("", {})
    assert second.status is AlertStatus.FIRING


# --- status and times ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "group", "status", "kept"),
    [
        ("firing", "resolved", AlertStatus.FIRING, None),
        ("resolved", "firing", AlertStatus.CLEARED, None),
        ("Resolved", "firing", AlertStatus.CLEARED, "Resolved"),
        ("suppressed", "resolved", AlertStatus.FIRING, "suppressed"),
        ({"state": "active"}, "firing", AlertStatus.FIRING, '{"state":"active"}'),
        (None, "resolved", AlertStatus.CLEARED, "null"),
        (None, "odd", AlertStatus.FIRING, "null"),
    ],
)
def test_status(own: object, group: str, status: AlertStatus, kept: str | None) -> None:
    found = read(payload(alert(status=own), status=group))
    assert found.status is status
    assert found.extra.get("status") == kept


def test_an_alert_without_status_takes_its_groups() -> None:
    assert read(payload(without(alert(), "status"), status="resolved")).status == "cleared"


def test_the_year_1_is_no_instant_even_when_resolved() -> None:
    found = read(payload(alert(status="resolved")))
    assert (found.status, found.ended_at, found.ended_as_sent) == ("cleared", None, NOT_YET)


def test_a_cleared_alert_has_its_end() -> None:
    found = read(payload(alert(status="resolved", endsAt="2026-03-01T02:35:00.5+02:00")))
    assert found.ended_at == datetime(2026, 3, 1, 0, 35, 0, 500000, tzinfo=UTC)
    assert found.ended_as_sent == "2026-03-01T02:35:00.5+02:00"


def test_the_end_of_a_firing_alert_is_a_forecast() -> None:
    found = read([without(alert(endsAt="2026-03-01T02:35:00Z"), "status")])
    assert (found.ended_at, found.ended_as_sent) == (None, "2026-03-01T02:35:00Z")


@pytest.mark.parametrize(
    "sent", ["yesterday", "2026-03-01T02:30:00", "2026-W09-7T02:30:00Z", "2026-02-30T02:30:00Z"]
)
def test_a_time_that_is_none_costs_nothing(sent: str) -> None:
    found = read(payload(alert(startsAt=sent)))
    assert (found.started_at, found.started_as_sent) == (None, sent)


@pytest.mark.parametrize("sent", [1772332200, None, ["x"], "9" * 300])
def test_a_time_that_is_no_short_text_stands_in_extra(sent: object) -> None:
    found = read(payload(alert(startsAt=sent)))
    assert (found.started_at, found.started_as_sent) == (None, "")
    kept = found.extra["startsAt"]
    assert kept == sent or json.loads(kept) == sent


# --- key, title, severity, service --------------------------------------------------------------


def test_without_fingerprint_the_key_is_of_the_labels_whatever_their_order() -> None:
    one = read([{"labels": {"alertname": "A", "zone": "b"}}])
    two = read([{"labels": {"zone": "b", "alertname": "A"}, "fingerprint": ""}])
    other = read([{"labels": {"alertname": "A", "zone": "c"}}])
    assert one.key == two.key != other.key
    assert two.extra["fingerprint"] == ""


def test_keys_are_one_spelling_of_a_character() -> None:
    composed = read([{"labels": {"alertname": "caf\u00e9"}}])
    split = read([{"labels": {"alertname": "cafe\u0301"}}])
    assert composed.key == split.key
    assert composed.labels != split.labels
    sent = read(payload(alert(fingerprint="cafe\u0301")))
    assert (sent.key, sent.extra["fingerprint"]) == ("caf\u00e9", "cafe\u0301")


def test_a_key_too_long_to_keep_is_digested() -> None:
    found = read(payload(alert(fingerprint="f" * 5_000)))
    assert len(found.key) == 32
    assert found.extra["fingerprint"] == "f" * 5_000


@pytest.mark.parametrize(
    ("labels", "annotations", "title"),
    [
        ({"alertname": "A", "summary": "label"}, {"summary": "annotation"}, "annotation"),
        ({"alertname": "A", "summary": "label"}, {"description": "text"}, "label"),
        ({"alertname": "A"}, {"description": "text"}, "A"),
        ({"alertname": "A"}, {"summary": "  "}, "A"),
        ({"job": "x"}, {"description": "text"}, "text"),
        ({"job": "x", "zone": "b"}, {}, "job=x, zone=b"),
        ({"alertname": "A"}, {"summary": "two\nlines "}, "two lines"),
        ({"alertname": "A"}, {"summary": "x" * 1_001}, "x" * 999 + "…"),
    ],
)
def test_title(labels: dict[str, str], annotations: dict[str, str], title: str) -> None:
    found = read(payload(alert(labels=labels, annotations=annotations)))
    assert found.title == title
    assert found.annotations == annotations


@pytest.mark.parametrize(
    ("labels", "severity", "sent"),
    [
        ({"severity": "Major"}, AlertSeverity.ERROR, "Major"),
        ({"severity": "purple"}, AlertSeverity.UNKNOWN, "purple"),
        ({"priority": "P1"}, AlertSeverity.CRITICAL, "P1"),
        ({}, AlertSeverity.UNKNOWN, ""),
    ],
)
def test_severity(labels: dict[str, str], severity: AlertSeverity, sent: str) -> None:
    found = labelled(**labels)
    assert (found.severity, found.severity_as_sent) == (severity, sent)


@pytest.mark.parametrize(
    ("labels", "service"),
    [
        ({"service": "a", "app": "b"}, "a"),
        ({"app": "b", "job": "c"}, "b"),
        ({"job": "c", "app.kubernetes.io/name": "d"}, "d"),
        ({"job": "c"}, "c"),
        ({"service": "two\nlines", "app": "b"}, "b"),
        ({"service": ""}, None),
        ({}, None),
    ],
)
def test_service(labels: dict[str, str], service: str | None) -> None:
    assert labelled(**labels).service == service


# --- nothing is lost ----------------------------------------------------------------------------


def test_unknown_fields_stand_in_extra() -> None:
    found = read(payload(alert(values={"B": 1.5, "A": None}, silenceURL="http://s"), orgId=7))
    assert found.extra["values"] == '{"A":null,"B":1.5}'
    assert found.extra["silenceURL"] == "http://s"
    assert found.context["payload.orgId"] == "7"


def test_no_field_hides_another() -> None:
    sent: dict[str, Any] = {"receiver": "own", "alert.receiver": "own too", "payload.x": "y"}
    found = read(payload(alert(**sent), x="z"))
    assert set(sent.values()) <= set(found.extra.values())
    assert {"night", "z"} <= set(found.context.values())


def test_labels_that_are_no_texts_become_texts() -> None:
    assert labelled(shard=3, up=True, nested={"b": [1]}).labels == {
        "alertname": "X",
        "shard": "3",
        "up": "true",
        "nested": '{"b":[1]}',
    }


@pytest.mark.parametrize("sent", ["free text", ["a"], 7])
def test_annotations_that_are_no_object_are_kept(sent: object) -> None:
    kept = read(payload(alert(annotations=sent))).extra["annotations"]
    assert kept == sent or json.loads(kept) == sent


def test_a_url_that_is_no_text_is_kept() -> None:
    found = read(payload(alert(generatorURL=["http://x"])))
    assert (found.url, found.extra["generatorURL"]) == ("", '["http://x"]')


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (b"", "body"),
        (b"\xff", "body"),
        (b'"text"', "body"),
        ({"title": "x"}, "alerts"),
        ({"alerts": {"a": 1}}, "alerts"),
        (["text"], "alerts[0]"),
        ([{}], "alerts[?].labels"),
        ([{"labels": ["x"]}], 'alerts[["x"]].labels'),
        ([alert(labels="x", fingerprint="f")], "alerts[f].labels"),
        ([alert(labels={str(n): "" for n in range(257)}, fingerprint="f")], "alerts[f].labels"),
        ([alert(labels={"a": "x" * 65_536}, fingerprint="f")], "alerts[f].labels"),
        ([alert(extra="x" * 65_536, fingerprint="f")], "alerts[f].extra"),
        ([alert(status="a\0b")], "alerts[0]"),
        ([{**alert(), "\ud800": "x"}], "alerts[0]"),
    ],
)
def test_refused(document: Any, path: str) -> None:
    (found,) = SOURCE.parse(request(document))
    assert isinstance(found, Rejected)
    assert found.path == path
    assert found.problem


@pytest.mark.parametrize("bad", ["text", None, alert(9, status="a\0b"), alert(9, labels=[])])
def test_one_bad_alert_costs_no_other(bad: object) -> None:
    signals = SOURCE.parse(request(payload(alert(1), bad, alert(2))))
    assert [type(each) for each in signals] == [Alert, Rejected, Alert]


def test_a_damaged_field_of_the_payload_costs_no_alert() -> None:
    refused, found = SOURCE.parse(request(payload(receiver="a\0b")))
    assert isinstance(refused, Rejected)
    assert refused.path == "receiver"
    assert isinstance(found, Alert)
    assert "receiver" not in found.extra


def test_what_alerts_share_is_bounded() -> None:
    refused, found = SOURCE.parse(request(payload(commonAnnotations={"a": "x" * 20_000})))
    assert isinstance(refused, Rejected)
    assert refused.path == "common_annotations"
    assert isinstance(found, Alert)
    assert found.context["receiver"] == "night"


def test_alerts_over_the_limit_are_counted() -> None:
    small = b'{"labels":{"a":"b"}}'
    signals = SOURCE.parse(request(b"[" + b",".join([small] * 10_003) + b"]"))
    assert len(signals) == 10_001
    last = signals[-1]
    assert isinstance(last, Rejected)
    assert (last.path, last.problem[:8]) == ("alerts[10000:]", "3 alerts")


def test_an_emoji_sent_as_escapes_is_no_damage() -> None:
    body = json.dumps(payload(alert(annotations={"summary": "disk \U0001f525 \\u0000"}))).encode()
    assert b"\\ud83d" in body
    assert read(body).title == "disk \U0001f525 \\u0000"
    assert SOURCE.items(request(body)) is not None


# --- items --------------------------------------------------------------------------------------


def test_items_build_what_parse_yields() -> None:
    documents = [
        payload(alert(1), alert(2, status="resolved"), alert(3, labels=[])),
        [alert(4), without(alert(5), "fingerprint"), {}],
        payload(alert(labels={"a": 1}, fingerprint=5)),
    ]
    for document in documents:
        items = SOURCE.items(request(document))
        assert items is not None
        assert tuple(map(SOURCE.build, items)) == SOURCE.parse(request(document))


def test_hints() -> None:
    items = SOURCE.items(
        request(
            [alert(7), {"labels": {"a": "x", "b": "y"}}, {"labels": 3}, {"labels": {"a": 1}}, {}]
        )
    )
    assert items is not None
    assert [item.hint for item in items] == ["0000000000000007", "a|b|x|y", "3", '{"a":1}', "?"]


def test_equal_items_are_repeats_and_only_those() -> None:
    def raw(document: Any) -> object:
        items = SOURCE.items(request(document))
        assert items is not None
        return items[0].raw

    assert raw(payload()) == raw(payload())
    assert raw(payload()) == raw(payload(receiver="day", commonLabels={}))
    assert raw(payload()) != raw(payload(alert(annotations={})))
    bare = without(alert(), "status")
    assert raw(payload(bare)) == raw(payload(bare))
    assert raw(payload(bare)) != raw(payload(bare, status="resolved"))


@pytest.mark.parametrize(
    "document",
    [b"", {}, ["text"], payload(receiver="a\0"), [alert(status="\0")], [alert()] * 10_001],
)
def test_unusual_requests_need_parse(document: Any) -> None:
    assert SOURCE.items(request(document)) is None


@pytest.mark.parametrize("raw", [{}, {"alert": {}}, {"alert": [], "payload": {}}])
def test_a_foreign_item_is_refused(raw: dict[str, object]) -> None:
    assert isinstance(SOURCE.build(Item("x", {}, raw)), Rejected)
