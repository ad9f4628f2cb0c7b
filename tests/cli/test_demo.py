"""The demonstration: five steps, files that stay, lines that can be pasted."""

from __future__ import annotations

import json
import os
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from incidentkit.cli import demo_story
from tests.cli import payloads, transcripts
from tests.cli.conftest import Cli

STEPS = ("capture", "categorise_and_prioritise", "analyse", "fix", "document")


def text_of(shown: Path) -> str:
    return (shown / "transcript.txt").read_text(encoding="utf-8")


def test_transcript(shown: Path) -> None:
    transcripts.check("demo", text_of(shown), shown)


def test_fits_eighty_columns(shown: Path) -> None:
    before, _, after = text_of(shown).partition("What to try next")
    files = next(line for line in before.split("\n") if line.startswith("files"))
    assert max(len(line) for line in before.replace(files, "").split("\n")) <= 80
    assert " -m incidentkit verify" in after


def test_leaves_its_files(shown: Path) -> None:
    assert {"incidents.db", "outbox.txt", "payload.json", "review.md"} <= {
        x.name for x in shown.iterdir()
    }
    outbox = (shown / "outbox.txt").read_text(encoding="utf-8")
    assert outbox.startswith("PAGE P1 INC-1 to ana <+44 20 7946 0018>")
    assert outbox.count("NOTICE P1 INC-1 to shop-status") == 4
    review = (shown / "review.md").read_text(encoding="utf-8")
    assert review.startswith("# Review of INC-1: Checkout answers 38% of requests with 5xx")
    assert (shown / "payload.json").read_bytes() == demo_story.own_payload()


def test_what_it_shows_is_in_the_store(shown: Path) -> None:
    with sqlite3.connect(shown / "incidents.db") as db:
        kinds = {kind for (kind,) in db.execute("SELECT DISTINCT kind FROM journal")}
        waiting = db.execute("SELECT count(*) FROM task").fetchone()[0]
    db.close()
    assert not waiting
    wanted = {"resolved", "closed", "acknowledged", "role_taken", "problem_raised", "seal_made"}
    missing = {each for each in wanted if not any(kind.startswith(each) for kind in kinds)}
    assert not missing, kinds


def test_lines_to_paste_work(cli: Cli, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    done = cli("demo", "--json", "--dir", str(tmp_path / "here is one"))
    assert done.code == 0
    ideas = json.loads(done.out)["next"]
    assert len(ideas) >= 6
    for idea in ideas:
        stdin = b""
        if idea.startswith("echo "):
            echo, _, idea = idea.partition(" | ")
            stdin = shlex.split(echo)[1].encode()
        words = shlex.split(idea)
        argv = words[words.index("incidentkit") + 1 :]
        result = cli(*argv, stdin=stdin)
        assert (result.code, result.err) == (0, ""), idea
        assert result.out, idea


def test_json_has_the_five_steps(cli: Cli, tmp_path: Path) -> None:
    done = cli("demo", "--json", "--dir", str(tmp_path))
    data = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert tuple(data) == ("demo", *STEPS, "next")
    assert data["demo"]["simulated_time"]["from"] == "2026-03-03T02:58:00+00:00"
    capture = data["capture"]
    assert (capture["alerts"], capture["opened"]) == (4, ["INC-1"])
    assert capture["repeat"] == {"repeats": 4, "opened": [], "entries": 11}
    assert capture["incident"]["life"]["candidate"] is True
    prioritised = data["categorise_and_prioritise"]
    assert prioritised["priority"] == {"value": "P1", "label": "critical"}
    assert prioritised["page"]["party"] == "ana"
    assert "answer_token" not in done.out
    assert data["analyse"]["incident_commander"] == "ana"
    assert data["analyse"]["problem"]["ref"] == "PRB-1"
    cleared = data["fix"]["cleared"]
    assert (cleared["cleared"], cleared["firing"]) == (4, 0)
    assert cleared["state_after"] == "mitigated"
    assert data["fix"]["incident"]["life"]["state"] == "resolved"
    document = data["document"]
    assert document["incident"]["life"]["state"] == "closed"
    assert document["problem"]["state"] == "analysing"
    assert document["verified"]["problems"] == []
    assert document["verified"]["seals"] == 1
    assert len(document["timeline"]) == document["incident"]["version"]


def test_own_payload_goes_through_all_steps(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes(payloads.HALF)
    done = cli("demo", "--payload", str(file), "--dir", str(tmp_path / "d"))
    assert (done.code, done.err) == (0, "")
    transcripts.check("demo_own_payload", done.out, tmp_path)


def test_several_incidents_from_a_bare_list(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    alerts = [payloads.alert("A", "error"), payloads.alert("B", "purple", service="b")]
    file.write_text(json.dumps(alerts), encoding="utf-8")
    done = cli("demo", "--payload", str(file), "--dir", str(tmp_path / "d"))
    assert done.code == 0
    assert "also opened: INC-2; the story goes on with INC-1" in done.out
    assert "ana acknowledged" in done.out
    assert "P2 high" in done.out


def test_unknown_levels_are_settled_by_triage(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes(payloads.payload(payloads.alert("A", "purple")))
    done = cli("demo", "--payload", str(file), "--dir", str(tmp_path / "d"))
    assert done.code == 0
    assert 'desk.triage("INC-1", impact="high", urgency="high", by="ana")' in done.out


@pytest.mark.parametrize("body", [payloads.WARNING, b"[]", b'{"alerts": [7]}'])
def test_nothing_to_show_is_said(cli: Cli, tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes(body)
    done = cli("demo", "--payload", str(file), "--dir", str(tmp_path / "d"))
    assert (done.code, done.err) == (1, "")
    assert "Nothing in this payload opens an incident" in done.out
    assert "2. " not in done.out
    if body == payloads.WARNING:
        transcripts.check("demo_nothing", done.out, tmp_path)


def test_nothing_to_show_as_json(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes(payloads.WARNING)
    done = cli("demo", "--json", "--payload", str(file), "--dir", str(tmp_path / "d"))
    assert done.code == 1
    data = json.loads(done.out)
    assert tuple(data) == ("demo", "capture", "next")
    assert (data["capture"]["opened"], data["next"]) == ([], [])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "is not JSON"),
        (b"\xff\xfe\x00", "is not JSON"),
        (b'{"alerts": 5}', "alerts: are not there"),
        (b'"text"', "alerts: are not there"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_bad_payload(cli: Cli, tmp_path: Path, body: bytes, said: str) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes(body)
    done = cli("demo", "--payload", str(file), "--dir", str(tmp_path / "d"))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {file}: ")
    assert done.err.count("\n") == 1
    assert said in done.err
    assert not (tmp_path / "d").exists()


def test_missing_payload(cli: Cli, tmp_path: Path) -> None:
    done = cli("demo", "--payload", str(tmp_path / "none.json"))
    assert done.code == 2
    assert "No such file" in done.err


def test_a_used_directory_is_refused(cli: Cli, shown: Path) -> None:
    done = cli("demo", "--dir", str(shown))
    assert done.code == 2
    assert "holds an incidents.db already" in done.err


def test_a_file_is_no_directory(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert cli("demo", "--dir", str(tmp_path / "file")).code == 2


def test_keep_counts_up(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "incidentkit-demo-1").mkdir()
    done = cli("demo", "--keep")
    assert done.code == 0
    assert (tmp_path / "incidentkit-demo-2" / "incidents.db").exists()
    assert "--store sqlite:///incidentkit-demo-2/incidents.db" in done.out
    assert "from this directory" in done.out


def test_temporary_directory_is_the_default(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert cli("demo", "--json").code == 0
    assert [each.name.startswith("incidentkit-demo-") for each in tmp_path.iterdir()] == [True]


@pytest.mark.short
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_in_a_process_of_its_own(tmp_path: Path, more: list[str]) -> None:
    command = [sys.executable, "-W", "error", "-m", "incidentkit", "demo", *more]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COV", "PYTHON"))}
    environment |= {"TMPDIR": str(tmp_path), "TEMP": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    if more:
        assert set(STEPS) < set(json.loads(done.stdout))
    else:
        assert "no entry was changed" in done.stdout
