"""The recipes for Flask, FastAPI and Django, each in its real framework with its own client."""

from __future__ import annotations

import importlib.util
import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from incidentkit import Desk
from incidentkit.errors import Retryable
from tests.hosts.project import ROOT

ALERT = json.dumps({"title": "<b>Disk</b> full", "key": "db-1", "severity": "critical"}).encode()


class Answer(NamedTuple):
    status: int
    text: str


class Host(NamedTuple):
    """A framework under test: how to send to it, and how to break its store."""

    post: Callable[..., Answer]
    get: Callable[[str], Answer]
    ports: Callable[[], Any]


def module(name: str) -> Any:
    place = ROOT / "examples" / "hosts" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"recipe_{name}", place)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def flask_host(path: Path) -> Iterator[Host]:
    pytest.importorskip("flask")
    with Desk.open(f"sqlite:///{path}/i.db") as desk:
        client = module("flask_app").create_app(desk).test_client()

        def post(url: str, body: bytes, **headers: str) -> Answer:
            said = client.post(url, data=body, headers=headers)
            return Answer(said.status_code, said.text)

        def get(url: str) -> Answer:
            said = client.get(url)
            return Answer(said.status_code, said.text)

        yield Host(post, get, lambda: desk.ports)


def fastapi_host(path: Path) -> Iterator[Host]:
    pytest.importorskip("fastapi")
    pytest.importorskip("httpx")
    with warnings.catch_warnings():
        # It would rather have another name of httpx, which fewer people have installed.
        warnings.simplefilter("ignore")
        from fastapi.testclient import TestClient

    app = module("fastapi_app").create_app(f"sqlite:///{path}/i.db")
    with TestClient(app, raise_server_exceptions=False) as client:

        def post(url: str, body: bytes, **headers: str) -> Answer:
            said = client.post(url, content=body, headers=headers)
            return Answer(said.status_code, said.text)

        def get(url: str) -> Answer:
            said = client.get(url)
            return Answer(said.status_code, said.text)

        yield Host(post, get, lambda: app.state.desk.ports)


def django_host(path: Path) -> Iterator[Host]:
    pytest.importorskip("django")
    from tests.hosts.projects import migrated

    with migrated("sqlite", path, None):
        from django.test import Client
        from incidentkit_django import desk

        client = Client()

        def post(url: str, body: bytes, **headers: str) -> Answer:
            said = client.post(url, body, content_type="application/json", headers=headers)
            return Answer(said.status_code, said.content.decode())

        def get(url: str) -> Answer:
            said = client.get(url)
            return Answer(said.status_code, said.content.decode())

        yield Host(post, get, lambda: desk().ports)


@pytest.fixture(params=[flask_host, fastapi_host, django_host], ids=["flask", "fastapi", "django"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    yield from request.param(tmp_path)


def test_an_alert_is_taken_in_and_listed(host: Host) -> None:
    said = host.post("/alerts/generic", ALERT)
    assert said.status == 202
    assert json.loads(said.text) == {"opened": ["INC-1"]}
    assert json.loads(host.post("/alerts/generic", ALERT).text) == {"opened": []}
    page = host.get("/incidents")
    assert page.status == 200
    assert "INC-1" in page.text
    assert "&lt;b&gt;Disk" in page.text
    assert "<b>" not in page.text


def test_whose_fault_it_is_is_in_the_status(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = host.post("/alerts/nowhere", ALERT)
    assert unknown.status == 400
    assert "no source 'nowhere'" in unknown.text
    assert host.post("/alerts/generic", b"{").status == 422

    class Away:
        def __getattr__(self, name: str) -> Any:
            raise Retryable("the database went away")

    monkeypatch.setattr(host.ports(), "store", Away())
    assert host.post("/alerts/generic", ALERT).status == 503
