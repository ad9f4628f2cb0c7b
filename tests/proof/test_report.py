"""The report, its joining, the tests that are run by name, and the canaries: each can fail."""

from __future__ import annotations

import json
import logging
import pickle
from pathlib import Path
from typing import Any

import pytest

from incidentkit import Desk, Secret
from tests.proof import canaries
from tests.proof.__main__ import main
from tests.proof.catalogue import EXPERIMENTS, in_order
from tests.proof.experiment import Outcome
from tests.proof.experiments import leaks, owned
from tests.proof.joining import joined, table
from tests.proof.places import PLACES, POSTGRES, place


def report(path: Path, seed: int, n: int, failures: int = 0, id_: str = "E12") -> Path:
    said = {
        "versions": {"commit": f"c{seed}"},
        "machine": {"cores": 2},
        "absent": [],
        "experiments": [
            {
                "id": id_,
                "title": "t",
                "criterion": "c",
                "store": "sqlite",
                "seed": seed,
                "asked": n,
                "n": n,
                "failures": failures,
                "figures": {"done": n},
                "problems": ["it broke"] * failures,
                "at": "2026-01-05T09:00:00+00:00",
                "seconds": 1.5,
                "passed": not failures,
            }
        ],
    }
    path.write_text(json.dumps(said))
    return path


def test_pieces_are_added_up(tmp_path: Path) -> None:
    first, second = report(tmp_path / "a", 1, 4_000), report(tmp_path / "b", 2, 6_000)
    again = report(tmp_path / "c", 2, 6_000)
    both = joined([first, second, again], EXPERIMENTS)
    (said,) = both["experiments"]
    assert (said["n"], said["failures"], said["bound"]) == (10_000, 0, 0.0003)
    assert [x["versions"]["commit"] for x in said["pieces"]] == both["commits"] == ["c1", "c2"]
    assert both["passed"]
    assert not any(each.startswith("E12 sqlite") for each in both["lacking"])
    assert any(each == "E1 sqlite: not run" for each in both["lacking"])
    assert "| E12 | sqlite | 10,000 | 0 | 0.0003 |" in table(both)
    whole = tmp_path / "all"
    whole.write_text(json.dumps(both))
    assert joined([whole], EXPERIMENTS)["experiments"] == both["experiments"], "joined once more"


def test_a_piece_that_failed_fails_the_whole(tmp_path: Path) -> None:
    out = tmp_path / "all"
    pieces = [report(tmp_path / "a", 1, 4_000), report(tmp_path / "b", 2, 10, failures=1)]
    assert main(["--join", *map(str, pieces), "--out", str(out)]) == 1
    both = json.loads(out.read_text())
    assert both["experiments"][0]["problems"] == ["it broke"]
    assert both["experiments"][0]["bound"] is None
    assert "E12 sqlite: 4010 of 10000" in both["lacking"]


def test_experiments_stand_in_order() -> None:
    assert list(EXPERIMENTS) == sorted(EXPERIMENTS, key=in_order)
    assert in_order("E7") < in_order("E7b") < in_order("E10")


# --- tests that are run by their names ------------------------------------------------------------


def test_every_test_that_is_named_is_there() -> None:
    assert owned.ABSENT == ()
    assert not owned.is_there("tests/work/test_backlogs.py::test_nothing_of_the_kind")
    assert not owned.is_there("tests/nowhere/test_nothing.py")


@pytest.mark.proof
def test_a_name_that_picks_nothing_is_a_failure() -> None:
    there = "tests/rules/test_lifecycle_table.py::test_the_table_here_is_whole"
    gone = "tests/rules/test_lifecycle_table.py::test_no_such_thing"
    assert owned.ran((there, gone), False).problems
    assert owned.ran((there,), False) == Outcome(1, (), {"tests": 1, "skipped": 0})


# --- canaries -------------------------------------------------------------------------------------


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> canaries.Canaries:
    made = canaries.Canaries()
    canaries.plant(made, monkeypatch)
    canaries.raising(made, monkeypatch)
    return made


def test_what_is_well_kept_is_not_found(planted: canaries.Canaries, tmp_path: Path) -> None:
    secret = Secret("correct horse")
    assert secret.matches("correct horse")
    assert secret == Secret("correct horse")
    assert not secret.matches("correct")
    with Desk.open(f"sqlite:///{tmp_path}/x.db", channels={"sms": lambda message: None}) as desk:
        desk.declare("Down", impact="high", urgency="high", assign="ana", summary=str(secret))
        desk.run_due()
    assert planted.planted["tokens"]
    assert planted.searched["commit"]
    assert planted.hits == []


def test_what_gets_out_is_found(planted: canaries.Canaries) -> None:
    secret = Secret("correct horse")
    listening = canaries.Listening(planted)
    logger = logging.getLogger("tests.canaries")
    logger.addHandler(listening)
    try:
        logger.warning("logged in with %s", secret.reveal())
    finally:
        logger.removeHandler(listening)
    _ = pickle.dumps({"password": secret.reveal()})
    with pytest.raises(ValueError, match="cannot"):
        raise ValueError(f"cannot log in with {secret.reveal()}")

    def leaking(message: Any) -> None:
        raise OSError(f"{message.answer_token} was refused, as was {secret.reveal()}")

    with Desk.open("memory:", channels={"sms": leaking}) as desk:
        desk.declare("Down", impact="high", urgency="high", assign="ana")
        desk.note("INC-1", f"the password is {secret.reveal()}")
        desk.run_due()
    found = {each.partition(",")[0] for each in planted.hits}
    assert found >= {"log", "pickle", "error", "fault", "commit"}


def test_a_run_without_canaries_fails(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text(json.dumps(canaries.Canaries().report()))
    said = leaks.judged(Outcome(5), out)
    assert said.trials == 0
    assert "only 0 secrets were planted" in said.problems
    assert "no log was searched" in said.problems


@pytest.mark.proof
@pytest.mark.skipif(POSTGRES not in PLACES, reason="no PostgreSQL is at hand")
def test_a_database_is_put_back() -> None:
    from tests.proof import postgres

    with place(POSTGRES) as here:
        with here.desk() as desk:
            desk.declare("First")
            kept = postgres.Kept(here.url)
            desk.declare("Second")
        kept.put_back()
        with here.desk() as desk:
            assert [one.ref for one in desk.find().items] == ["INC-1"]
            assert desk.declare("Again").ref == "INC-2"
            assert desk.verify().problems == ()
