"""`python -m tests.benchmarks [NAME ...] [--rounds N] [--json FILE]`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks import (
    alerts,
    codecs,
    django_store,
    durable,
    finding,
    growth,
    importing,
    machine,
    postgres,
    replay,
    transitions,
)
from tests.benchmarks.measuring import Figure, Plan, rounded

BENCHMARKS: dict[str, Callable[[Plan], list[Figure]]] = {
    "import": importing.figures,
    "transitions": transitions.figures,
    "durable": durable.figures,
    "alerts": alerts.figures,
    "codec": codecs.figures,
    "replay": replay.figures,
    "finding": finding.figures,
    "postgres": postgres.figures,
    "growth": growth.figures,
    "django": django_store.figures,
}


def report(names: Sequence[str], plan: Plan) -> dict[str, Any]:
    """Every figure of these benchmarks, and what they were measured on."""
    found: list[dict[str, Any]] = []
    about = machine.described(plan)
    for name in names:
        for figure in BENCHMARKS[name](plan):
            found.append({"benchmark": name, **figure.written()})
            print(_line(figure), file=sys.stderr)
    about["plain_loop_ns_after"] = rounded(machine.loop_ns(plan.size(20, 1)))
    return {"machine": about, "figures": found}


def _line(figure: Figure) -> str:
    said = f"{figure.name}: {figure.median:,.4g} {figure.unit}"
    if figure.met is not None:
        said += f" ({'met' if figure.met else 'NOT MET'}: {figure.goal})"
    said += "".join(f"\n    {peer.ratio:.3g} of {peer.name}" for peer in figure.peers)
    return said + "".join(f"\n    {reason}" for reason in figure.missing)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print JSON; a line for each figure goes to standard error meanwhile."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}")
    parser.add_argument("--rounds", type=int, default=15, help="rounds of each side (default 15)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write there instead of printing")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.names if name not in BENCHMARKS]
    if unknown or given.rounds < 1:
        parser.error(f"there is {', '.join(BENCHMARKS)}; --rounds is at least 1")
    text = json.dumps(report(given.names or list(BENCHMARKS), Plan(given.rounds)), indent=2)
    if given.json is None:
        print(text)
    else:
        given.json.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
