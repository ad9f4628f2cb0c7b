"""`replay`: its JSON, its words, its exit codes; the bar on a terminal and nowhere else."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from incidentkit import Desk, refused_rows
from incidentkit.cli import progress, replaying
from incidentkit.cli.main import main
from tests.cli.conftest import Cli
from tests.desk import histories
from tests.desk.histories import PLAIN, QUIRKS, REOPENED, case, step, written

KEYS = [
    *("incidents", "rows", "entries", "by_priority", "reopened", "reassignments", "resolved"),
    *("mttr_hours", "met_sla_share", "moves", "moves_outside_table", "rejected", "seconds"),
    *("rows_per_second", "peak_rss_mb"),
]


def replay(cli: Cli, path: Path, *more: str) -> tuple[int, str, str]:
    store = f"sqlite:///{(path.parent / 'incidents.db').as_posix()}"
    return cli("replay", str(path), "--mapping", "servicenow-log", "--store", store, *more)


@pytest.mark.parametrize("order", [(), ("--in-time-order",)])
def test_json(cli: Cli, tmp_path: Path, order: tuple[str, ...]) -> None:
    path = written(tmp_path / "log.csv.gz", [*PLAIN, *REOPENED])
    code, out, err = replay(cli, path, "--json", *order)
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert list(found) == KEYS
    expected = histories.rounded(histories.counted(path))
    assert {key: histories.rounded(found)[key] for key in expected} == expected
    assert (found["moves_outside_table"], found["rejected"]) == ({}, 0)
    assert found["rows_per_second"] > 0
    assert found["peak_rss_mb"] > 10
    again = json.loads(replay(cli, path, "--json", *order)[1])
    fleeting = ("seconds", "rows_per_second", "peak_rss_mb")
    assert {k: v for k, v in again.items() if k not in fleeting} == {
        k: v for k, v in found.items() if k not in fleeting
    }


def test_in_words(cli: Cli, tmp_path: Path) -> None:
    code, out, err = replay(cli, written(tmp_path / "log.csv", QUIRKS))
    assert (code, err) == (0, "")
    first, *rest = out.splitlines()
    assert first.startswith("21 rows of servicenow-log: ")
    assert rest[:5] == [
        f"3 incidents, {first.split()[4]} journal entries",
        "priorities at the end: P1 1, P3 2",
        "reopened: 1; reassignments: 1",
        "met their SLA: 33.3%",
        "time to resolve: mean 10.2 h, median 10.2 h of 2",
    ]
    assert "moves outside the life-cycle: none" in rest
    assert "rejected" not in out
    assert rest[-1].endswith(" MB")


def test_rows_that_say_nothing_new_are_one_line_of_its_timeline(cli: Cli, tmp_path: Path) -> None:
    idle = [step(f"29/2 {hour}:00") for hour in range(10, 14)]
    path = written(tmp_path / "log.csv", case(*idle, step("29/2 15:00", "Active")))
    replay(cli, path)
    store = f"sqlite:///{(tmp_path / 'incidents.db').as_posix()}"
    lines = cli("timeline", "INC0000001", "--store", store)[1].splitlines()
    (folded,) = [line for line in lines if "nothing new" in line]
    assert "saved it 4 times in servicenow-log between 10:00:00+00:00 and 13:00:00+00:00" in folded
    every = json.loads(cli("timeline", "INC0000001", "--store", store, "--json")[1])
    assert len(every) == len(lines) + 3


def test_rejected_rows_are_told_and_the_exit_code_says_so(cli: Cli, tmp_path: Path) -> None:
    path = written(tmp_path / "log.csv", [*PLAIN, {**PLAIN[-1], "incident_state": "Lost"}])
    code, out, _ = replay(cli, path)
    assert code == 1
    assert "1 row rejected, kept with the reason\n  row 6: incident_state: 'Lost' has no" in out
    found = json.loads(replay(cli, path, "--json")[1])
    assert found["rejected"] == 1
    assert [x["place"] for x in found["first_rejected"]] == ["row 6"]


def test_of_many_rejected_rows_the_first_are_told(cli: Cli, tmp_path: Path) -> None:
    lost = [{**PLAIN[-1], "number": f"INC{x}", "incident_state": "Lost"} for x in range(30)]
    path = written(tmp_path / "log.csv", lost)
    out = replay(cli, path)[1]
    assert out.count("has no meaning here") == 5
    assert "and 25 more; incidentkit.refused_rows(desk, 'servicenow-log') reads them all" in out
    found = json.loads(replay(cli, path, "--json")[1])
    assert (found["rejected"], len(found["first_rejected"])) == (30, 20)
    with Desk.open(f"sqlite:///{(tmp_path / 'incidents.db').as_posix()}") as desk:
        kept = list(refused_rows(desk, "servicenow-log"))
    assert len(kept) == 30, "the second import keeps nothing twice"
    assert all("has no meaning" in x.problem and "Lost" in x.text for x in kept)


def test_a_policy_may_be_named(cli: Cli, tmp_path: Path) -> None:
    path = written(tmp_path / "log.csv", REOPENED)
    found = json.loads(replay(cli, path, "--json", "--policy", "itil")[1])
    assert found["moves_outside_table"] == {"Closed -> Active": 1}
    store = f"sqlite:///{(tmp_path / 'incidents.db').as_posix()}"
    told = cli("explain", "INC0000002", "status", "--store", store).out
    assert "which the life-cycle does not have from closed" in told


def test_what_is_wrong_in_a_mapping_is_told_one_a_line(cli: Cli, tmp_path: Path) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text('name = "x"\nnonsense = 1\nmore = 2\n')
    store = str(tmp_path / "i.db")
    code, out, err = cli("replay", "none.csv", "--mapping", str(mapping), "--store", store)
    first, *rest = err.splitlines()
    assert (code, out) == (2, "")
    assert first == f"error: {len(rest)} problems in the mapping:"
    assert [x.partition(":")[0] for x in rest if "nonsense" in x or "more" in x]
    assert all(x.startswith("  ") for x in rest)
    mapping.write_text("name = ")
    _, _, err = cli("replay", "none.csv", "--mapping", str(mapping), "--store", store)
    assert err.startswith("error: 1 problem in the mapping:\n")


def test_an_empty_history(cli: Cli, tmp_path: Path) -> None:
    code, out, _ = replay(cli, written(tmp_path / "log.csv", []))
    assert code == 0
    assert "time to resolve: nothing was resolved" in out
    assert "priorities at the end: none" in out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--mapping", "nobodys"], "no mapping 'nobodys'; there is servicenow-log"),
        (["--mapping", "servicenow-log"], "none.csv: cannot be read"),
    ],
)
def test_wrong_use_is_told_in_one_line(
    cli: Cli, tmp_path: Path, argv: list[str], said: str
) -> None:
    store = f"sqlite:///{(tmp_path / 'incidents.db').as_posix()}"
    code, out, err = cli("replay", str(tmp_path / "none.csv"), "--store", store, *argv)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_the_store_keeps_few_pages_unless_told_otherwise() -> None:
    lean = replaying._lean  # pyright: ignore[reportPrivateUsage]
    assert lean("sqlite:///a.db", 4) == "sqlite:///a.db?cache=4"
    assert lean("sqlite:///a.db?processes=many", 4) == "sqlite:///a.db?processes=many&cache=4"
    assert lean("sqlite:///a.db?cache=64", 4) == "sqlite:///a.db?cache=64"
    assert lean("memory:", 4) == "memory:"


def test_memory_is_only_told_where_the_system_says_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = tmp_path / "status"
    status.write_text("Name:\tpython\nVmHWM:\t   2000 kB\n")
    assert replaying.peak_memory(status) == 2.0
    assert (replaying.peak_memory(tmp_path / "none") or 0) > 10
    monkeypatch.setitem(sys.modules, "resource", None)
    assert replaying.peak_memory(tmp_path / "none") is None


# --- the bar --------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_no_bar_goes_into_a_pipe() -> None:
    stream = io.StringIO()
    with progress.bar_for(stream) as bar:
        bar.told(10, 0.5)
    assert stream.getvalue() == ""


def test_a_plain_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich.console", None)
    stream = Terminal()
    with progress.bar_for(stream) as bar:
        assert isinstance(bar, progress.PlainBar)
        bar.told(1_500, 0.5)
        bar.told(1_501, 0.5)
    shown, _, wiped = stream.getvalue().partition("/s")
    assert shown.startswith("\r[###############...............]  50%  1,500 rows, ")
    assert wiped.endswith("\r" + " " * 78 + "\r")
    assert "1,501" not in wiped


def test_a_bar_by_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich")
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with progress.bar_for(stream) as bar:
        assert isinstance(bar, progress.RichBar)
        bar.told(1_500, 0.5)
    assert "1,500 rows" in stream.getvalue()


def test_the_bar_moves_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "rich.console", None)
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    path = written(tmp_path / "log.csv", PLAIN)
    store = f"sqlite:///{(tmp_path / 'incidents.db').as_posix()}"
    code = main(["replay", str(path), "--mapping", "servicenow-log", "--store", store, "--json"])
    assert code == 0
    assert "100%  4 rows" in stream.getvalue()
    assert json.loads(capsys.readouterr().out)["rows"] == 4
