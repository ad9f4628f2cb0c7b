"""`policy`: documents shown, checked and compared, with the exit codes that scripts rely on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from incidentkit import Desk
from incidentkit.cli import policies
from incidentkit.policy.load import default_policy, load_policy
from incidentkit.policy.merging import PROFILES
from incidentkit.policy.schema import json_schema
from tests.cli.conftest import Cli

WISE = """
name = "shop"
[paging]
fallback = "duty"
[audiences.stakeholders]
members = ["eve"]
"""
STEEP = """
name = "shop"
[paging]
fallback = "duty"
wait = "3m"
[audiences.stakeholders]
members = ["eve"]
[matrix.cells]
high = { high = "P1", medium = "P1", low = "P3" }
medium = { high = "P2", medium = "P3", low = "P4" }
low = { high = "P3", medium = "P4", low = "P5" }
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "wise.toml").write_text(WISE, "utf-8")
    (tmp_path / "steep.toml").write_text(STEEP, "utf-8")
    (tmp_path / "wrong.toml").write_text('naem = "x"\n[paging]\nrounds = 0\n', "utf-8")
    (tmp_path / "binary.toml").write_bytes(b"\xff")
    return tmp_path


# --- lint -----------------------------------------------------------------------------------------


def test_a_wise_document(cli: Cli, files: Path) -> None:
    done = cli("policy", "lint", str(files / "wise.toml"))
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("'shop', version ")
    assert done.out.endswith(": nothing unwise\n")


def test_an_unwise_one(cli: Cli) -> None:
    done = cli("policy", "lint")
    assert done.code == 1
    first, second, last = done.out.splitlines()
    assert first.startswith("paging.fallback: nobody is named")
    assert second.startswith("audiences.stakeholders: has no members")
    assert last == f"'default', version {default_policy().hash}: 2 findings"


def test_a_wrong_one_names_everything(cli: Cli, files: Path) -> None:
    done = cli("policy", "lint", str(files / "wrong.toml"))
    assert (done.code, done.out) == (2, "")
    assert "naem" in done.err
    assert "paging.rounds" in done.err


@pytest.mark.parametrize("name", ["missing.toml", "binary.toml"])
def test_a_file_that_cannot_be_read(cli: Cli, files: Path, name: str) -> None:
    done = cli("policy", "lint", str(files / name))
    assert (done.code, done.out) == (2, "")
    assert name in done.err


def test_findings_for_machines(cli: Cli) -> None:
    done = cli("policy", "lint", "--json")
    said = json.loads(done.out)
    assert done.code == 1
    assert said["hash"] == default_policy().hash
    assert [x["path"] for x in said["findings"]] == ["paging.fallback", "audiences.stakeholders"]


# --- show, schema ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_is_shown_complete(cli: Cli, name: str) -> None:
    done = cli("policy", "show", name)
    head, _, document = done.out.partition("\n")
    policy = load_policy({"profile": name})
    assert (done.code, head) == (0, f"'{name}', version {policy.hash}")
    assert load_policy(json.loads(document)) == policy
    said = json.loads(cli("policy", "show", name, "--json").out)
    assert said == {"hash": policy.hash, "document": json.loads(policy.source)}


def test_a_file_called_like_a_profile_comes_first(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sre").write_text(WISE, "utf-8")
    assert cli("policy", "show", "sre").out.startswith("'shop'")


def test_the_schema(cli: Cli) -> None:
    done = cli("policy", "schema")
    assert done.code == 0
    assert json.loads(done.out) == json_schema()
    assert cli("policy", "schema", "--json").out == done.out


def test_the_command_alone_is_no_use(cli: Cli) -> None:
    done = cli("policy")
    assert done.code == 2
    assert "COMMAND" in done.err


# --- diff -----------------------------------------------------------------------------------------


def diff(cli: Cli, files: Path, *more: str) -> Any:
    return cli("policy", "diff", str(files / "wise.toml"), str(files / "steep.toml"), *more)


def test_no_difference(cli: Cli) -> None:
    done = cli("policy", "diff", "default", "default")
    assert (done.code, done.out) == (0, "no difference\n")


def test_what_differs(cli: Cli, files: Path) -> None:
    done = diff(cli, files)
    assert done.code == 1
    assert done.out.splitlines() == [
        "impact high x urgency medium: P2 -> P1",
        "paging.wait: 5m -> 3m (How long a round may go unanswered.)",
        "2 differences",
    ]


@pytest.fixture
def store(tmp_path: Path) -> str:
    path = tmp_path / "incidents.db"
    desk = Desk.open(f"sqlite:///{path}", channels={"sms": print})
    for _ in range(25):
        desk.declare("Slow", impact="high", urgency="medium")
    desk.declare("Down", impact="high", urgency="high")
    inc = desk.declare("Odd", impact="high", urgency="medium")
    desk.prioritise(inc, priority="P5", reason="a demo")
    desk.disconnect()
    return str(path)


def test_the_back_test_counts_real_incidents(cli: Cli, files: Path, store: str) -> None:
    done = diff(cli, files, "--back-test", "--store", store)
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[3] == (
        "of 27 incidents, 25 would be higher and 0 lower; 0 have levels that one of the policies "
        "does not know; 1 are set by hand"
    )
    assert lines[4].endswith(": P2 -> P1")
    assert len(lines) == 4 + 20 + 1
    assert lines[-1] == "  and 5 more"


def test_every_page_of_a_store_is_looked_at(
    cli: Cli, files: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "PAGE", 9)
    said = json.loads(diff(cli, files, "--back-test", "--store", store, "--json").out)
    assert said["back_test"]["seen"] == 27


def test_a_scale_that_the_store_does_not_use(cli: Cli, store: str) -> None:
    done = cli("policy", "diff", "default", "sre", "--back-test", "--store", store)
    assert "26 have levels that one of the policies does not know" in done.out
    assert "-> none (impact: 'high' is none of sev1" in done.out


def test_the_back_test_for_machines(cli: Cli, files: Path, store: str) -> None:
    said = json.loads(diff(cli, files, "--back-test", "--store", store, "--json").out)
    assert [x["path"] for x in said["differences"]] == [
        "impact high x urgency medium",
        "paging.wait",
    ]
    tested = said["back_test"]
    assert (tested["seen"], tested["by_hand"], len(tested["redrawn"])) == (27, 1, 25)
    assert json.loads(diff(cli, files, "--json").out)["back_test"] is None


def test_a_back_test_needs_a_store(cli: Cli, files: Path) -> None:
    done = diff(cli, files, "--back-test", "--store", str(files / "none.db"))
    assert (done.code, done.out) == (2, "")
    assert "there is no file" in done.err


# --- the one in force -----------------------------------------------------------------------------


def test_the_policy_in_force_is_compared_with_one_to_come(
    cli: Cli, files: Path, store: str
) -> None:
    where = ("--store", store)
    shown = cli("policy", "show", "adopted", *where)
    assert (shown.code, shown.out.partition(",")[0]) == (0, "'default'")
    done = cli("policy", "diff", "adopted", str(files / "steep.toml"), *where)
    assert done.code == 1
    assert "impact high x urgency medium: P2 -> P1" in done.out
    assert cli("policy", "diff", "adopted", "default", *where).code == 0
    assert cli("policy", "lint", "adopted", *where).code == 1


def test_what_is_in_force_nowhere(cli: Cli, files: Path) -> None:
    done = cli("policy", "show", "adopted", "--store", str(files / "none.db"))
    assert (done.code, done.out) == (2, "")
