"""The ten-line recipes, each in its real framework: take in, list, acknowledge, refuse."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hosts.project import ROOT
from tests.hosts.test_recipes import ALERT, Answer, module

Send = Callable[..., Answer]


def flask_short(path: Path) -> Iterator[Send]:
    pytest.importorskip("flask")
    made = module("flask_short")
    client = made.app.test_client()

    def send(url: str, body: Any = None, **form: str) -> Answer:
        said = client.get(url) if body is None else client.post(url, data=form or body)
        return Answer(said.status_code, said.text)

    yield send
    made.desk.disconnect()


def fastapi_short(path: Path) -> Iterator[Send]:
    pytest.importorskip("fastapi")
    pytest.importorskip("httpx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fastapi.testclient import TestClient

    made = module("fastapi_short")
    with TestClient(made.app) as client:

        def send(url: str, body: Any = None, **form: str) -> Answer:
            said = client.get(url) if body is None else client.post(url, content=body, params=form)
            return Answer(said.status_code, said.text)

        yield send
    made.desk.disconnect()


def django_short(path: Path) -> Iterator[Send]:
    pytest.importorskip("django")
    from tests.hosts.projects import migrated

    with migrated("sqlite", path, None):
        from django.test import Client, override_settings

        urls = "tests.hosts.short_urls"
        problems = ["incidentkit_django.middleware.Problems"]
        with override_settings(ROOT_URLCONF=urls, MIDDLEWARE=problems):
            client = Client()

            def send(url: str, body: Any = None, **form: str) -> Answer:
                if form:
                    said = client.post(url, form)
                elif body is not None:
                    said = client.post(url, body, content_type="application/json")
                else:
                    said = client.get(url)
                return Answer(said.status_code, said.content.decode())

            yield send


@pytest.fixture(
    params=[flask_short, fastapi_short, django_short], ids=["flask", "fastapi", "django"]
)
def send(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Send]:
    monkeypatch.chdir(tmp_path)
    yield from request.param(tmp_path)


def test_in_listed_acknowledged_and_refused(send: Send) -> None:
    said = send("/alerts/generic", ALERT)
    assert (said.status, json.loads(said.text)) == (202, {"opened": ["INC-1"]})
    assert json.loads(send("/incidents").text) == ["INC-1 <b>Disk</b> full"]
    done = send("/incidents/INC-1/acknowledge", b"", by="ana")
    assert (done.status, json.loads(done.text)) == (200, {"acknowledged": "INC-1"})
    assert send("/alerts/generic", b"{").status == 422
    unknown = send("/incidents/INC-9/acknowledge", b"", by="ana")
    assert unknown.status == 404
    problem = json.loads(unknown.text)
    assert (problem["title"], problem["status"]) == ("NotFound", 404)
    assert "INC-9" in problem["detail"]


@pytest.mark.parametrize(
    ("name", "most"), [("flask_short", 10), ("fastapi_short", 12), ("django_short", 12)]
)
def test_about_ten_lines(name: str, most: int) -> None:
    text = (ROOT / "examples" / "hosts" / f"{name}.py").read_text(encoding="utf-8")
    code = [line for line in text.splitlines()[1:] if line.strip()]
    imports = [line for line in code if line.startswith(("import ", "from "))]
    assert len(code) - len(imports) <= most
