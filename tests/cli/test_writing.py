"""Commands that write: capture and work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from incidentkit.channels.memory import MemoryChannel
from incidentkit.cli import capturing, console, running
from incidentkit.cli.main import main
from incidentkit.cli.running import Run, version
from incidentkit.desk.desk import Desk
from incidentkit.testing import ManualTime
from tests.cli import payloads, transcripts
from tests.cli.conftest import Cli


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{(tmp_path / 'mine.db').as_posix()}"


def test_capture(cli: Cli, url: str, tmp_path: Path) -> None:
    file = tmp_path / "payload.json"
    file.write_bytes(payloads.CRITICAL)
    done = cli("capture", str(file), "--store", url)
    assert (done.code, done.err) == (0, "")
    transcripts.check("capture", done.out)
    again = cli("capture", str(file), "--store", url)
    assert again.code == 0
    transcripts.check("capture-again", again.out)


def test_capture_from_stdin_with_rejects(cli: Cli, url: str) -> None:
    done = cli("capture", "-", "--store", url, stdin=payloads.HALF)
    assert (done.code, done.err) == (1, "")
    transcripts.check("capture-rejected", done.out)


def test_capture_that_opens_nothing(cli: Cli, url: str) -> None:
    done = cli("capture", "-", "--store", url, stdin=payloads.WARNING)
    assert (done.code, done.err) == (0, "")
    transcripts.check("capture-nothing", done.out)


def test_capture_that_clears(cli: Cli, url: str) -> None:
    fires, clears = (
        payloads.payload(payloads.alert("DiskFull", "critical", status))
        for status in ("firing", "resolved")
    )
    assert cli("capture", "-", "--store", url, stdin=fires).code == 0
    done = cli("capture", "-", "--store", url, stdin=clears)
    assert done.code == 0
    assert '"DiskFull on nothing": cleared' in done.out


def test_capture_generic(cli: Cli, url: str) -> None:
    body = json.dumps(
        [
            {"title": "Line 3 stands still", "severity": "high", "service": "plant"},
            {"type": "report", "title": "No hot water", "reporter": "room 12"},
        ]
    ).encode()
    done = cli("capture", "-", "--source", "generic", "--store", url, stdin=body)
    assert (done.code, done.err) == (0, "")
    transcripts.check("capture-generic", done.out)


def test_capture_as_json(cli: Cli, url: str) -> None:
    done = cli("capture", "-", "--json", "--store", url, stdin=payloads.HALF)
    assert (done.code, done.err) == (1, "")
    data = json.loads(done.out)
    assert data["received"]["opened"] == ["INC-1"]
    assert data["received"]["rejected"] == [["alerts[1]", "must be an object, not int"]]
    (alert,) = data["alerts"]
    assert (alert["verdict"], alert["severity"]) == ("candidate", "critical")
    (page,) = data["printed"]
    assert (page["kind"], page["party"], page["channel"]) == ("page", "on-call", "console")
    assert "answer_token" not in page
    assert data["messages"][0]["state"] == "sent"
    (told,) = data["incidents"]
    assert told["priority"]["answer"].endswith("= P1 (matrix 'default')")
    assert data["next_at"] == "2026-03-03T04:05:00+00:00"


def test_capture_of_no_json_is_kept(cli: Cli, url: str, tmp_path: Path) -> None:
    done = cli("capture", "-", "--store", url, stdin=b"<html>")
    assert done.code == 1
    assert "rejected  body: is not JSON" in done.out
    assert (tmp_path / "mine.db").exists()


def test_capture_tells_of_many(cli: Cli, url: str) -> None:
    body = json.dumps(
        [{"title": f"Host {n} down", "severity": "critical"} for n in range(25)] + [1] * 25
    ).encode()
    done = cli("capture", "-", "--source", "generic", "--store", url, stdin=body)
    assert done.code == 1
    assert "and 5 more incidents: see `find`" in done.out
    assert "rejected  and 5 more" in done.out
    assert "  and 5 more\n" in done.out
    assert done.out.count("PAGE P1") == 25


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["/no/such/file"], "error: /no/such/file: cannot be read: No such file or directory"),
        (["-", "--source", "carrier-pigeon"], "error: no source 'carrier-pigeon'; there is "),
        (["-", "--store", "sqlite:///"], "error: path: empty; name a file"),
    ],
)
def test_capture_errors(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = cli("capture", *argv, stdin=payloads.CRITICAL)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(said)
    assert not list(tmp_path.iterdir())


def test_no_place_to_write(cli: Cli, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/none/x.db"
    done = cli("capture", "-", "--store", url, stdin=payloads.CRITICAL)
    assert (done.code, done.out) == (3, "")
    assert "does the directory exist" in done.err


def test_work(cli: Cli, url: str, now: ManualTime) -> None:
    cli("capture", "-", "--store", url, stdin=payloads.CRITICAL)
    assert cli("work", "--store", url).out == (
        "nothing was due\ncome back at 2026-03-03 04:05:00+00:00, in 5m\n"
    )
    now.move(minutes=5)
    done = cli("work", "--store", url)
    assert (done.code, done.err) == (0, "")
    transcripts.check("work", done.out)


def test_work_as_json(cli: Cli, url: str, now: ManualTime) -> None:
    cli("capture", "-", "--store", url, stdin=payloads.CRITICAL)
    now.move(minutes=5)
    data = json.loads(cli("work", "--json", "--store", url).out)
    assert data["done"] >= 2
    assert [page["ref"] for page in data["printed"]] == ["INC-1"]
    assert data["next_at"] == "2026-03-03T04:10:00+00:00"
    assert data["held"] == {}


def test_messages_for_other_channels_are_not_wasted(cli: Cli, url: str, now: ManualTime) -> None:
    sms = MemoryChannel("sms")
    with Desk.open(url, time=now, channels={"sms": sms}) as desk:
        desk.declare("Down", impact="high", urgency="high", assign="ana")
    done = cli("work", "--store", url)
    assert (done.code, done.out) == (1, "")
    assert "messages wait for channels that are not installed here (1 for 'sms')" in done.err
    done = cli("work", "--json", "--store", url)
    assert (done.code, json.loads(done.out)["held"]) == (1, {"sms": 1})
    done = cli("capture", "-", "--store", url, stdin=payloads.CRITICAL)
    assert done.code == 1
    assert "opened    INC-2" in done.out
    assert "nothing was sent" in done.err
    with Desk.open(url, time=now, channels={"sms": sms, "console": sms.send}) as desk:
        assert all(each.tries <= 1 for each in desk.tasks())
    done = cli("work", "--anyway", "--store", url)
    assert done.code == 0
    assert "page to ana on sms" not in done.out
    assert "PAGE P1 INC-2 to on-call" in done.out


def test_alerts_that_join_later(cli: Cli, url: str) -> None:
    first = payloads.payload(payloads.alert("DiskFull", "critical"))
    later = payloads.payload(payloads.alert("DiskSlow", "warning"))
    assert cli("capture", "-", "--store", url, stdin=first).code == 0
    done = cli("capture", "-", "--store", url, stdin=later)
    assert done.code == 0
    assert "joined    INC-1" in done.out
    assert '"DiskSlow on nothing": joined INC-1 (severity warning)' in done.out


def test_a_long_queue_is_looked_through(
    cli: Cli, url: str, now: ManualTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "AT_ONCE", 2)
    with Desk.open(url, time=now, channels={"sms": MemoryChannel("sms")}) as desk:
        for _ in range(5):
            desk.declare("Down", impact="high", urgency="high", assign="ana")
    data = json.loads(cli("work", "--json", "--store", url).out)
    assert data["held"] == {"sms": 5}


def test_what_a_plugin_sent_is_told(
    cli: Cli, url: str, monkeypatch: pytest.MonkeyPatch, now: ManualTime
) -> None:
    with Desk.open(url, time=now) as desk:
        desk.declare("Down", impact="high", urgency="high", assign="ana")
    sms = MemoryChannel("sms")
    writing = running.writing

    def with_sms(run: Run, channels: dict[str, object], plugins: tuple[object, ...]) -> Desk:
        return writing(run, {**channels, "sms": sms}, plugins)

    monkeypatch.setattr(capturing, "writing", with_sms)
    done = cli("capture", "-", "--store", url, stdin=payloads.CRITICAL)
    assert done.code == 0
    assert "page to on-call on sms: sent" in done.out
    assert sms.messages[0].ref == "INC-2"


def test_nothing_planned(cli: Cli, url: str, now: ManualTime) -> None:
    with Desk.open(url, time=now) as desk:
        desk.cancel(desk.declare("One", impact="low", urgency="low").ref, why="a test")
        desk.run_due()
    assert cli("work", "--store", url).out == "nothing was due\nnothing is planned\n"


def test_version(cli: Cli) -> None:
    assert cli("--version").out == f"incidentkit {version()}\n"


def test_headers_reach_the_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    payload = tmp_path / "one.json"
    payload.write_text('{"title": "Disk full", "severity": "critical"}')
    store = f"sqlite:///{tmp_path}/i.db"
    argv = ["capture", str(payload), "--source", "generic", "--store", store]
    assert main([*argv, "--header", "X-Signature: abc"]) == 0
    assert main([*argv, "--header", "no colon"]) == 2
    assert "is written 'Name: value'" in capsys.readouterr().err
