"""Commands that only read: their transcripts, their JSON, and that they make nothing."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from incidentkit.cli.running import store_url
from incidentkit.desk.desk import Desk
from incidentkit.model.incident_commands import Declare
from incidentkit.testing import ManualTime
from incidentkit.views.diagram import MACHINES
from tests.cli import transcripts
from tests.cli.conftest import Cli

READING = (
    ["show", "INC-1"],
    ["show", "PRB-1"],
    ["timeline", "INC-1"],
    ["timeline", "PRB-1"],
    ["explain", "INC-1"],
    ["explain", "INC-1", "paging"],
    ["explain", "INC-1", "status"],
    ["explain", "INC-1", "notice"],
    ["explain", "INC-1", "alerts"],
    ["explain", "INC-1", "resolve"],
    ["explain", "PRB-1", "status"],
    ["review", "INC-1"],
    ["problems"],
    ["problems", "--state", "analysing"],
    ["recurring"],
    ["pareto"],
    ["pareto", "--by", "service"],
    ["explain", "PRB-1", "known_error"],
    ["find"],
    ["find", "--active"],
    ["find", "--priority", "p1", "--priority", "P2", "--service", "checkout"],
    ["search", "database"],
    ["suggest", "INC-1"],
    ["overview"],
    ["overview", "--for", "ana", "--team", "dba", "--limit", "1"],
    ["metrics", "--since", "2026-03-01", "--until", "2026-04-01"],
    ["metrics", "--service", "checkout", "--zone", "CET", "--define"],
    ["doctor"],
    ["verify"],
)


def at(shown: Path) -> str:
    return f"sqlite:///{(shown / 'incidents.db').as_posix()}"


@pytest.mark.parametrize("argv", READING, ids=" ".join)
def test_transcript(cli: Cli, shown: Path, argv: list[str]) -> None:
    done = cli(*argv, "--store", at(shown))
    assert (done.code, done.err) == (0, "")
    transcripts.check("-".join(argv).replace("---", "-").lower(), done.out, shown)


@pytest.mark.parametrize("argv", READING, ids=" ".join)
def test_json(cli: Cli, shown: Path, argv: list[str]) -> None:
    done = cli(*argv, "--store", at(shown), "--json")
    assert (done.code, done.err) == (0, "")
    assert done.out.isascii()
    assert json.loads(done.out)


def test_json_says_what_the_text_says(cli: Cli, shown: Path) -> None:
    def data(*argv: str) -> object:
        return json.loads(cli(*argv, "--store", at(shown), "--json").out)

    explained = data("explain", "INC-1")
    assert isinstance(explained, dict)
    assert explained["answer"] == "impact high x urgency high = P1 (matrix 'default')"
    assert explained["reasons"][-1]["rule"] == "prioritise.matrix"
    line = data("timeline", "INC-1")
    assert isinstance(line, list)
    assert set(line[0]) == {"at", "by", "text", "seq", "kind"}
    found = data("find", "--state", "closed")
    assert isinstance(found, dict)
    assert [x["ref"] for x in found["incidents"]] == ["INC-1"]
    assert found["more"] is False


def test_review_into_a_file(cli: Cli, shown: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.md"
    done = cli("review", "INC-1", "-o", str(file), "--store", at(shown))
    assert done.out == f"the review of INC-1 was written to {file}\n"
    printed = cli("review", "INC-1", "--store", at(shown)).out
    assert file.read_text(encoding="utf-8") == printed
    done = cli("review", "INC-1", "-o", str(tmp_path / "no" / "out.md"), "--store", at(shown))
    assert done.code == 2
    assert "cannot be written" in done.err


def test_store_by_environment_and_by_file_name(
    cli: Cli, shown: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_url = cli("show", "INC-1", "--store", at(shown)).out
    assert cli("show", "INC-1", "--store", str(shown / "incidents.db")).out == by_url
    monkeypatch.chdir(shown)
    assert cli("show", "INC-1").out == by_url
    monkeypatch.chdir("/")
    monkeypatch.setenv("INCIDENTKIT_STORE", at(shown))
    assert cli("show", "INC-1").out == by_url


def test_store_url() -> None:
    assert store_url(None, {}) == "sqlite:///incidents.db"
    assert store_url(None, {"INCIDENTKIT_STORE": "memory:"}) == "memory:"
    assert store_url("a b?.db", {"INCIDENTKIT_STORE": "memory:"}) == "sqlite:///a%20b%3F.db"
    assert store_url("/x/y.db", {}) == "sqlite:////x/y.db"


@pytest.mark.parametrize("argv", [*READING, ["work"]], ids=" ".join)
def test_no_store_is_made_by_looking(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = cli(*argv)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"error: store: there is no file {tmp_path / 'incidents.db'}; "
        "name the right one with --store or INCIDENTKIT_STORE\n"
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("url", ["memory:", "sqlite:///:memory:"])
def test_memory_is_nothing_to_read(cli: Cli, url: str) -> None:
    done = cli("find", "--store", url)
    assert done.code == 2
    assert "empty at every start" in done.err


def test_other_tenant(cli: Cli, shown: Path) -> None:
    done = cli("find", "--tenant", "other", "--store", at(shown))
    assert (done.code, done.out) == (0, "there are no incidents\n")


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (["show", "INC-9"], 2, "error: no record 'INC-9'"),
        (["review", "PRB-1"], 2, "error: no incident 'PRB-1'"),
        (["explain", "INC-1", "prority"], 2, "did you mean 'priority'?"),
        (["find", "--limit", "0"], 2, "error: limit: 0 is not between 1 and 1000"),
        (["find", "--tenant", ""], 2, "error: tenant: "),
        (["find", "--store", "nosuch://x"], 2, "there are: memory, postgres, postgresql, sqlite"),
        (["find", "--store", "sqlite:///x.db?color=red"], 2, "unknown option 'color'"),
    ],
)
def test_errors(cli: Cli, shown: Path, argv: list[str], code: int, said: str) -> None:
    where = [] if "--store" in argv else ["--store", at(shown)]
    done = cli(*argv, *where)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert done.err.count("\n") == 1
    assert done.err.startswith("error: ")


@pytest.mark.parametrize("command", ["find", "doctor"])
def test_no_database(cli: Cli, tmp_path: Path, command: str) -> None:
    file = tmp_path / "incidents.db"
    file.write_text("this is no database, only text\n" * 99)
    done = cli(command, "--store", str(file))
    assert (done.code, done.out) == (3, "")
    assert "this is no SQLite database" in done.err


def test_find_pages(cli: Cli, tmp_path: Path, now: ManualTime) -> None:
    url = f"sqlite:///{tmp_path}/many.db"
    with Desk.open(url, time=now) as desk:
        for number in range(3):
            desk.declare(f"Number {number} \x1b[2J", impact="low", urgency="low")
            now.move(hours=1)
    done = cli("find", "--limit", "2", "--store", url)
    assert done.code == 0
    assert "there are more than 2" in done.out
    assert "\x1b" not in done.out
    transcripts.check("find-pages", done.out)
    assert cli("find", "--state", "closed", "--store", url).out == "no incident matches\n"


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("form", ["mermaid", "table"])
def test_diagram(cli: Cli, machine: str, form: str) -> None:
    more = ["--table"] if form == "table" else []
    done = cli("diagram", machine, *more)
    assert (done.code, done.err) == (0, "")
    transcripts.check(f"diagram-{machine}-{form}", done.out)
    data = json.loads(cli("diagram", machine, *more, "--json").out)
    assert data["machine"] == machine
    assert data[form] == done.out


def test_a_region_of_a_policy_is_drawn(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "acme.toml"
    file.write_text(
        '[regions.security]\nstates = ["contain", "eradicate"]\n'
        'moves = [{ from = "contain", to = "eradicate", name = "contained" }]\n'
    )
    done = cli("diagram", "security", "--policy", str(file))
    assert done.code == 0
    assert "contain --> eradicate: contained" in done.out
    wrong = cli("diagram", "continuity", "--policy", str(file))
    assert (wrong.code, wrong.out) == (2, "")
    assert "'continuity' is none of incident, problem, response" in wrong.err
    assert "security" in wrong.err


# --- doctor and verify --------------------------------------------------------------------------


def copied(shown: Path, tmp_path: Path) -> str:
    file = tmp_path / "copy.db"
    with sqlite3.connect(at(shown).removeprefix("sqlite:///")) as source:
        with sqlite3.connect(file) as target:
            source.backup(target)
        target.close()
    source.close()
    return str(file)


def altered(file: str, statement: str) -> None:
    with sqlite3.connect(file) as db:
        db.execute(statement)
    db.close()


def test_verify_finds_a_changed_entry(cli: Cli, shown: Path, tmp_path: Path) -> None:
    file = copied(shown, tmp_path)
    assert cli("verify", "--store", file).code == 0
    altered(file, "UPDATE journal SET body = replace(body, 'rolled check', 'bowled check')")
    done = cli("verify", "--store", file)
    assert done.code == 1
    assert done.out.startswith("NOT INTACT: 1 problem in ")
    data = json.loads(cli("verify", "--json", "--store", file).out)
    assert len(data["problems"]) == 1


def test_verify_without_a_seal(cli: Cli, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    with Desk.open(url) as desk:
        desk.declare("One")
    done = cli("verify", "--store", url)
    assert done.code == 0
    assert "nothing was sealed yet" in done.out


def test_doctor_strict(cli: Cli, shown: Path) -> None:
    done = cli("doctor", "--strict", "--store", at(shown))
    assert done.code == 1
    assert "nothing is wrong; 2 pieces of advice" in done.out


def test_doctor_warns(cli: Cli, shown: Path, tmp_path: Path) -> None:
    file = copied(shown, tmp_path)
    done = cli("doctor", "--store", f"sqlite:///{file}?synchronous=off")
    assert done.code == 1
    assert "wrong   synchronous: off: a power cut may lose the last commits" in done.out
    assert "to mend" in done.out
    data = json.loads(cli("doctor", "--json", "--store", f"sqlite:///{file}?synchronous=off").out)
    assert (data["wrong"] > 0, data["advice"]) == (True, 2)
    assert {"level", "subject", "message"} == set(data["findings"][0])


def test_nothing_is_found(cli: Cli, shown: Path) -> None:
    done = cli("search", "--store", at(shown), "--active", "--kind", "incident", "nowhere")
    assert (done.code, done.out) == (1, "nothing was found\n")
    more = cli("search", "--store", at(shown), "--limit", "1", "c*")
    assert "there are more than 1" in more.out


@pytest.mark.parametrize("since", ["2026-13-01", "yesterday", "2026-03-01T00:00"])
def test_a_time_that_is_none_is_refused(cli: Cli, shown: Path, since: str) -> None:
    done = cli("metrics", "--store", at(shown), "--since", since)
    assert done.code == 2
    assert "neither a day" in done.err


def test_what_recurs_is_suggested(cli: Cli, tmp_path: Path, now: ManualTime) -> None:
    store = f"sqlite:///{(tmp_path / 'i.db').as_posix()}"
    with Desk.open(store, time=now) as desk:
        for title in ("One", "Another", "A third"):
            desk.execute(Declare(title, service="vpn", category="net"))
    done = cli("suggest", "INC-3", "--store", store)
    assert done.code == 0
    assert "Recurs, by the rules of the policy" in done.out
    assert "3rd of 3 with the same service vpn and category net within 30d" in done.out
    assert "because there are 3, and 3 are enough" in done.out
    assert "no problem is known of it" in done.out
    assert '"place": 3' in cli("suggest", "INC-3", "--store", store, "--json").out


def test_nothing_is_going_on(cli: Cli, tmp_path: Path) -> None:
    store = f"sqlite:///{(tmp_path / 'i.db').as_posix()}"
    with Desk.open(store) as desk:
        desk.declare("!!!")
        desk.resolve("INC-1", code="fixed", remedy="r")
    assert "nothing is going on" in cli("overview", "--store", store).out
    assert cli("suggest", "INC-1", "--store", store).out == (
        "nothing is known that resembles INC-1\n"
    )


def test_the_shadow_report_is_read_as_lines_as_a_page_and_as_data(cli: Cli, tmp_path: Path) -> None:
    store = f"sqlite:///{(tmp_path / 'i.db').as_posix()}"
    ever = ("--since", "2020-01-01", "--until", "2100-01-01", "--store", store)
    with Desk.open(store) as desk:
        desk.adopt_ticket(
            "HD-1", title="x", mode="shadow", priority="P4", impact="high", urgency="high"
        )
    lines = cli("shadow-report", *ever)
    assert (lines.code, lines.err) == (0, "")
    assert "looked on: 1 incident" in lines.out
    assert "  priority: HD-1: the host says P4, the policy P1" in lines.out
    page = cli("shadow-report", "--markdown", *ever).out
    assert page.startswith("# Shadow report\n")
    assert "| priorities that differ | 1 |" in page
    assert '"host": "P4"' in cli("shadow-report", "--json", *ever).out
    wrong = cli("shadow-report", "--since", "soon", "--store", store)
    assert (wrong.code, wrong.out) == (2, "")
