"""The own shape of any JSON: alerts and all other signals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.signals import (
    Alert,
    Answer,
    AnswerVerb,
    Beat,
    Change,
    Receipt,
    Rejected,
    Report,
    Signal,
)
from incidentkit.model.words import AlertSeverity, AlertStatus
from incidentkit.sources.generic import GenericJson
from tests.sources.payloads import only_alert, request

SOURCE = GenericJson()
AT = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


def signals(document: Any) -> tuple[Signal, ...]:
    return SOURCE.parse(request(document))


def read(**fields: Any) -> Alert:
    return only_alert(signals({"title": "Disk full", **fields}))


def test_every_field_has_its_place() -> None:
    sent = {
        "type": "alert",
        "title": "Disk full",
        "key": "disk/db-1",
        "status": "resolved",
        "severity": "High",
        "service": "db",
        "group": "disks",
        "labels": {"host": "db-1"},
        "annotations": {"runbook": "http://r"},
        "started_at": "2026-03-01T02:30:00Z",
        "ended_at": "2026-03-01T02:30:00.000000001Z",
        "url": "http://x",
        "disk": {"free": 0},
    }
    assert only_alert(signals(sent)) == Alert(
        source="generic",
        key="disk/db-1",
        status=AlertStatus.CLEARED,
        title="Disk full",
        severity=AlertSeverity.ERROR,
        severity_as_sent="High",
        service="db",
        group="disks",
        labels=FrozenMap({"host": "db-1"}),
        annotations=FrozenMap({"runbook": "http://r"}),
        started_at=AT,
        ended_at=AT,
        started_as_sent="2026-03-01T02:30:00Z",
        ended_as_sent="2026-03-01T02:30:00.000000001Z",
        url="http://x",
        extra=FrozenMap({"status": "resolved", "disk": '{"free":0}'}),
    )


def test_a_title_is_enough() -> None:
    found = read()
    assert (found.status, found.severity, found.service) == ("firing", "unknown", None)
    assert found.extra == {}
    assert read().key == read(status="ok", severity="low").key
    assert read().key != read(labels={"host": "b"}).key != read(service="b").key


@pytest.mark.parametrize("name", ["summary", "message", "name"])
def test_other_names_of_a_title(name: str) -> None:
    found = only_alert(signals({name: "Disk full"}))
    assert (found.title, found.extra) == ("Disk full", {name: "Disk full"})


@pytest.mark.parametrize(
    ("field", "sent", "stands"),
    [
        ("title", "a\nb", "a\nb"),
        ("key", ["a"], '["a"]'),
        ("key", " ", " "),
        ("status", "OK", "OK"),
        ("status", {"a": 1}, '{"a":1}'),
        ("severity", {"level": 3}, '{"level":3}'),
        ("service", "two\nlines", "two\nlines"),
        ("service", "x" * 257, "x" * 257),
        ("labels", ["a"], '["a"]'),
        ("annotations", "text", "text"),
        ("started_at", {"seconds": 1}, '{"seconds":1}'),
        ("url", ["http://x"], '["http://x"]'),
        ("type", "metric alert", "metric alert"),
    ],
)
def test_what_does_not_fit_stands_in_extra(field: str, sent: object, stands: str) -> None:
    assert read(**{field: sent}).extra[field] == stands


def test_an_epoch_is_not_guessed() -> None:
    found = read(started_at=1772332200, ended_at="soon")
    assert (found.started_at, found.started_as_sent) == (None, "1772332200")
    assert (found.ended_at, found.ended_as_sent) == (None, "soon")


def test_lists_and_payloads() -> None:
    two = [{"title": "a"}, {"title": "b"}]
    assert [each.title for each in signals(two) if isinstance(each, Alert)] == ["a", "b"]
    for found in signals({"alerts": two, "sender": "s"}):
        assert isinstance(found, Alert)
        assert found.extra == {"payload.sender": "s"}


def test_what_stands_beside_other_signals_is_refused_not_dropped() -> None:
    beat, refused = signals({"alerts": [{"type": "beat", "key": "b", "every": 5}], "sender": "s"})
    assert isinstance(beat, Beat)
    assert isinstance(refused, Rejected)
    assert "sender" in refused.excerpt


@pytest.mark.parametrize(
    ("sent", "signal"),
    [
        (
            {
                "type": "report",
                "title": "No login",
                "reporter": "ana",
                "text": "since 8",
                "on_behalf_of": "bo",
                "service": "idp",
                "location": "HQ",
                "contact": "x@y",
                "incident": "INC-1",
                "key": "m1",
            },
            Report(
                *("No login", "ana", "since 8", "bo", "idp", "HQ", "x@y", "INC-1", "m1"),
            ),
        ),
        ({"type": "report", "title": "a", "reporter": "ana"}, Report("a", "ana")),
        (
            {"type": "answer", "token": "t", "verb": "Acknowledge", "key": "m1", "text": "on it"},
            Answer("t", AnswerVerb.ACKNOWLEDGE, "m1", "on it"),
        ),
        (
            {"type": "receipt", "token": "t", "delivered": False, "detail": "bounced", "key": "k"},
            Receipt("t", False, "bounced", "k"),
        ),
        (
            {
                "type": "change",
                "title": "4.2.1",
                "key": "d1",
                "at": "2026-03-01T03:30+01:00",
                "by": "bo",
                "service": "shop",
                "url": "u",
                "labels": {"a": "b"},
                "sha": 1,
            },
            Change(
                *("generic", "d1", "4.2.1", AT, "bo", "shop", "u"),
                FrozenMap({"a": "b", "sha": "1"}),
            ),
        ),
        (
            {"type": "beat", "key": "backup", "every": 90, "service": "db"},
            Beat("generic", "backup", timedelta(seconds=90), "db"),
        ),
        (
            {"type": "beat", "key": "backup", "every": "1h30m"},
            Beat("generic", "backup", timedelta(minutes=90)),
        ),
    ],
)
def test_the_other_signals(sent: dict[str, Any], signal: Signal) -> None:
    assert signals(sent) == (signal,)
    assert signals([sent]) == (signal,)


def test_a_change_without_key_has_a_stable_one() -> None:
    sent = {"type": "change", "title": "4.2.1", "at": "2026-03-01T02:30:00Z"}
    assert signals(sent) == signals(sent)


def test_a_field_that_a_signal_lacks_is_refused_beside_it() -> None:
    report, refused = signals({"type": "report", "title": "a", "reporter": "ana", "mood": "bad"})
    assert report == Report("a", "ana")
    assert isinstance(refused, Rejected)
    assert refused.excerpt == '{"mood": "bad"}'


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ("text", "body"),
        ({}, "body.title"),
        ({"title": " "}, "body.title"),
        ([{"title": "a\0b"}], "[0]"),
        ({"alerts": [7]}, "alerts[0]"),
        ({"title": "a", "labels": {str(n): "" for n in range(257)}}, "body.labels"),
        ({"type": "report", "title": "a"}, "body.reporter"),
        ({"type": "report", "title": "a", "reporter": "two\nlines"}, "body.reporter"),
        ({"type": "report", "title": ["a"], "reporter": "ana"}, "body.title"),
        ({"type": "answer", "token": "t", "verb": "resolve"}, "body.verb"),
        ({"type": "receipt", "token": "t", "delivered": "yes"}, "body.delivered"),
        ({"type": "change", "title": "a"}, "body.at"),
        ({"type": "change", "title": "a", "at": "2026-03-01"}, "body.at"),
        ({"type": "beat", "key": "b", "every": 0}, "body.every"),
        ({"type": "beat", "key": "b", "every": True}, "body.every"),
        ({"type": "beat", "key": "b", "every": 10**60}, "body.every"),
        ({"type": "beat", "key": "b", "every": "often"}, "body.every"),
        ({"type": "beat", "key": "b", "every": "1mo"}, "body.every"),
        ({"type": "beat", "key": "b", "every": "5mm"}, "body.every"),
        ({"type": "beat", "every": 5}, "body.key"),
    ],
)
def test_refused(sent: Any, path: str) -> None:
    (found,) = signals(sent)
    assert isinstance(found, Rejected)
    assert found.path == path
    assert found.problem


@pytest.mark.parametrize(
    "sent",
    [
        {"type": "answer", "token": "s3cret", "verb": "resolve"},
        {"type": "answer", "token": "s3cret", "verb": "note", "other": 1},
        {"type": "receipt", "token": "s3cret", "delivered": 1},
        {"type": "receipt", "token": "s3cret", "delivered": "a\0b"},
    ],
)
def test_the_token_of_an_answer_is_in_no_reject(sent: dict[str, Any]) -> None:
    for found in signals(sent):
        assert not isinstance(found, Rejected) or "s3cret" not in repr(found)


def test_a_refusal_is_in_good_english() -> None:
    answer, left = signals({"type": "answer", "token": "t", "verb": "acknowledge", "other": 1})
    assert not isinstance(answer, Rejected)
    assert isinstance(left, Rejected)
    assert left.problem.startswith("an answer has no such fields")


def test_items_over_the_limit_are_counted() -> None:
    found = signals([{"title": "a"}] * 10_002)
    last = found[-1]
    assert len(found) == 10_001
    assert isinstance(last, Rejected)
    assert (last.path, last.problem[:7]) == ("[10000:]", "2 items")
