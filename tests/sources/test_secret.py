"""Requests without the shared secret are refused whole."""

from __future__ import annotations

import base64

import pytest

from incidentkit.errors import InvalidValue
from incidentkit.model.signals import Alert, Rejected
from incidentkit.sources.alertmanager import Alertmanager
from incidentkit.sources.generic import GenericJson
from incidentkit.sources.severity import WORDS, severity_of
from tests.sources.payloads import payload, request


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


SOURCES = [Alertmanager(token="hush:é"), GenericJson(token="hush:é")]
both = pytest.mark.parametrize("source", SOURCES, ids=["alertmanager", "generic"])


@both
@pytest.mark.parametrize(
    "header", ["Bearer hush:é", "bearer  hush:é ", basic("hush:é"), basic("prometheus:hush:é")]
)
def test_let_in(source: Alertmanager | GenericJson, header: str) -> None:
    body = {"title": "a", **payload()} if isinstance(source, GenericJson) else payload()
    body["alerts"][0]["title"] = "a"
    assert isinstance(source.parse(request(body, authorization=header))[0], Alert)


@both
@pytest.mark.parametrize(
    "header",
    [
        *("", "Bearer", "Bearer ", "Bearer hush", "hush:é", "Token hush:é", "Bearer hush:é x"),
        *("Basic", "Basic é", "Basic !!!!", basic("hush"), basic(""), basic("a:hush"), "\ud800"),
    ],
)
def test_kept_out(source: Alertmanager | GenericJson, header: str) -> None:
    (found,) = source.parse(request(payload(), authorization=header))
    assert isinstance(found, Rejected)
    assert found.path == "headers.authorization"
    assert "hush" not in repr(found)


def test_kept_out_of_items() -> None:
    assert Alertmanager(token="hush").items(request(payload())) is None
    assert Alertmanager(token="hush").items(request(payload(), authorization="Bearer hush"))


@pytest.mark.parametrize("token", ["", "  ", "a\0b", 5])
def test_a_blank_token_is_refused(token: str) -> None:
    for make in (Alertmanager, GenericJson):
        with pytest.raises(InvalidValue, match="token"):
            make(token=token)


def test_the_token_is_not_shown() -> None:
    for source in SOURCES:
        assert "hush" not in repr(source)


@pytest.mark.parametrize("name", ["", " a", "a\nb", "x" * 257])
def test_names_are_checked(name: str) -> None:
    for make in (Alertmanager, GenericJson):
        with pytest.raises(InvalidValue, match="name"):
            make(name)


def test_each_severity_word_stands_once_and_case_does_not_matter() -> None:
    words = [word for each in WORDS.values() for word in each]
    assert len(words) == len(set(words))
    for level, each in WORDS.items():
        for word in each:
            assert severity_of(word) == severity_of(f" {word.upper()} ") == level
