"""`problems`, `recurring` and `pareto` on a store with something to learn from."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from incidentkit import Analyse, Declare, PublishKnownError, RaiseProblem, UseKnownError
from incidentkit.desk.desk import Desk
from incidentkit.testing import ManualTime
from tests.cli import transcripts
from tests.cli.conftest import Cli

COMMANDS = (
    ["problems"],
    ["problems", "--known-errors"],
    ["problems", "--service", "login", "--owner", "bo"],
    ["problems", "--limit", "1"],
    ["recurring"],
    ["recurring", "--rule", "same service and category"],
    ["pareto"],
    ["pareto", "--by", "labels.site", "--since", "2026-02-03T00:00:00Z"],
    ["show", "PRB-1"],
    ["explain", "PRB-1", "known_error"],
    ["explain", "PRB-1", "matches"],
    ["explain", "PRB-1", "verification"],
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Four slow logins, a dead printer, two problems, a known error that was used."""
    url = f"sqlite:///{tmp_path}/learning.db"
    time = ManualTime()
    with Desk.open(url, time=time, channels={"sms": lambda _: None}) as desk:
        time.move(days=28)
        for n in range(4):
            time.move(days=1)
            command = Declare("Login is slow", service="login", category="auth", source="phone")
            desk.execute(command, by="ana")
            time.move(minutes=10 + n)
            desk.resolve(f"INC-{n + 1}", code="workaround", remedy="waited")
        labels = {"site": "Graz"}
        desk.declare("No paper \x1b[2J", service="print", labels=labels, by="ana")
        time.move(minutes=90)
        refs = ("INC-1", "INC-2", "INC-3")
        raised = RaiseProblem("Logins are slow", incidents=refs, owner="bo", origin="recurrence")
        desk.execute(raised, by="ana")
        desk.execute(RaiseProblem("Printers starve", service="print"), by="ana")
        time.move(minutes=1)
        desk.execute(Analyse("PRB-1"), by="bo")
        publish = PublishKnownError(
            "PRB-1", symptoms="login is slow", workaround="wait ten minutes"
        )
        desk.execute(publish, by="bo")
        desk.execute(UseKnownError("PRB-1", incident="INC-3", worked=True), by="ana")
        desk.run_due()
    return url


@pytest.fixture
def later(now: ManualTime) -> None:
    now.set(ManualTime().now() + timedelta(days=33))


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_transcript(cli: Cli, url: str, argv: list[str]) -> None:
    done = cli(*argv, "--store", url)
    assert (done.code, done.err) == (0, "")
    assert "\x1b" not in done.out
    name = "-".join(x.strip("-").replace(" ", "_") for x in argv).replace(":", "").lower()
    transcripts.check(f"learning-{name}", done.out)
    data = json.loads(cli(*argv, "--store", url, "--json").out)
    assert data


@pytest.mark.usefixtures("later")
def test_json_says_what_the_text_says(cli: Cli, url: str) -> None:
    found = json.loads(cli("recurring", "--store", url, "--json").out)
    assert found["found"][0]["incidents"] == ["INC-1", "INC-2", "INC-3", "INC-4"]
    counted = json.loads(cli("pareto", "--by", "service", "--store", url, "--json").out)
    assert [x["group"] for x in counted["by_count"]] == ["login", "print"]
    problems = json.loads(cli("problems", "--store", url, "--json").out)
    assert {x["ref"] for x in problems["problems"]} == {"PRB-1", "PRB-2"}
    assert problems["more"] is False


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (["recurring", "--rule", "x"], 2, "error: no rule of recurrence 'x'"),
        (["pareto", "--by", "servce"], 2, "error: by: 'servce' is no key to group by"),
        (["pareto", "--since", "yesterday"], 2, "error: since: "),
        (["problems", "--limit", "0"], 2, "error: limit: 0"),
    ],
)
def test_errors(cli: Cli, url: str, argv: list[str], code: int, said: str) -> None:
    done = cli(*argv, "--store", url)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


def test_nothing_to_learn_from(cli: Cli, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    with Desk.open(url) as desk:
        desk.declare("One")
    assert cli("problems", "--store", url).out == "there are no problems\n"
    assert cli("problems", "--owner", "x", "--store", url).out == "no problem matches\n"
    assert cli("problems", "--tenant", "other", "--store", url).out == "there are no problems\n"
    assert cli("pareto", "--tenant", "other", "--store", url).out == "there are no incidents\n"
