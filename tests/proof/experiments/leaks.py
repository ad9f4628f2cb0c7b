"""E48: every secret of the suite is a canary, and none of them gets out."""

from __future__ import annotations

import json
from pathlib import Path

from tests.proof.experiment import Experiment, Outcome
from tests.proof.experiments.owned import ran
from tests.proof.places import SUITE, Place

SOME = (
    "tests/access/test_secrets.py",
    "tests/sources/test_secret.py",
    "tests/work/test_circuits.py",
    "tests/desk/test_spooling.py",
)
"""The short form: secrets themselves, tokens of sources, sends that fail, requests that wait."""
WHOLE = tuple(
    f"tests/{name}"
    for name in (
        "acceptance",
        "access",
        "channels",
        "cli",
        "desk",
        "flows",
        "hosts",
        "plugins",
        "scenarios",
        "sources",
        "stores",
        "testing",
        "views",
        "work",
    )
)
"""Whatever opens a desk or a store. The pure rooms know no secret; the other folders break things
or measure."""
LEAST = 20
"""Canaries without which nothing was tried."""
SEARCHED = ("log", "error", "error: locals", "fault", "commit", "commit: tasks", "pickle", "file")


def canaries(n: int, place: Place, seed: int) -> Outcome:
    """Run the everyday tests of these folders with canaries for secrets, and look for them."""
    out = place.folder / "canaries.json"
    more = ("-p", "tests.proof.canaries", f"--canaries={out}")
    outcome = ran(WHOLE if n > 1 else SOME, False, *more)
    if not out.exists():
        return Outcome(0, (*outcome.problems, "the canaries wrote no report"))
    return judged(outcome, out)


def judged(outcome: Outcome, out: Path) -> Outcome:
    """The tests passed, nothing got out, and there was something to get out."""
    said = json.loads(out.read_text(encoding="utf-8"))
    planted, searched = said["planted"], said["searched"]
    problems = [*outcome.problems, *said["hits"]]
    problems += [
        f"only {planted.get(sort, 0)} {sort} were planted"
        for sort in ("secrets", "tokens")
        if planted.get(sort, 0) < LEAST
    ]
    problems += [f"no {where} was searched" for where in SEARCHED if not searched.get(where)]
    figures = {**outcome.figures, "planted": planted, "searched": searched, "found": said["found"]}
    return Outcome(sum(planted.values()), tuple(problems), figures)


EXPERIMENTS = (
    Experiment(
        "E48",
        "every secret and every token of the suite a canary, at DEBUG, with sends that fail",
        "no canary in logs, errors, locals of frames, faults, records, pickles, files",
        canaries,
        short=1,
        full=2,
        stores=(SUITE,),
    ),
)
