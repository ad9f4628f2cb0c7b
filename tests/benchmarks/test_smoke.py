"""The benchmarks run, and their report has the promised form. Nothing is said about speed here."""

from __future__ import annotations

import json

import pytest

from tests.benchmarks.__main__ import BENCHMARKS, main, report
from tests.benchmarks.measuring import Plan


@pytest.mark.parametrize("name", [*BENCHMARKS])
def test_a_benchmark_reports_what_it_promises(name: str) -> None:
    found = json.loads(json.dumps(report([name], Plan(rounds=1, tiny=True))))
    assert {"cpu", "python", "sqlite", "libraries", "fsync_us"} <= found["machine"].keys()
    assert found["figures"]
    for figure in found["figures"]:
        assert figure["benchmark"] == name
        assert figure["unit"] in ("us", "ms", "per second")
        assert figure["min"] <= figure["median"] <= figure["max"]
        assert figure["rounds"] >= 1
        assert figure["met"] in (True, False, None)
        assert figure["goal"] or figure["met"] is None
        for peer in figure["peers"]:
            assert peer["name"]
            assert {"median", "min", "max", "ratio"} <= peer.keys()


def test_figures_have_names_of_their_own() -> None:
    found = report(["transitions", "codec"], Plan(rounds=1, tiny=True))["figures"]
    names = [figure["name"] for figure in found]
    assert len({*names}) == len(names)


def test_an_unknown_benchmark_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["nonsense"])
    assert "there is import, transitions" in capsys.readouterr().err
