"""What the first line of a program costs, over what it would cost without us.

Every sample is a fresh, isolated interpreter that imports attrs and pluggy first, which any host
of ours has anyway, and then times what comes on top.
"""

from __future__ import annotations

import subprocess
import sys

from tests.benchmarks.measuring import Figure, Plan, Sample, Side, compared, in_turns

_TIMED = """
import sys, time
a, c = time.perf_counter_ns(), time.process_time_ns()
import attrs, pluggy
b, d = time.perf_counter_ns(), time.process_time_ns()
{code}
e, f = time.perf_counter_ns(), time.process_time_ns()
{where}
"""
_BASE, _OVER = "print(b - a, d - c)", "print(e - b, f - d)"
IMPORT = "import incidentkit"
FIRST_USE = """
import incidentkit
desk = incidentkit.Desk.open("memory:")
desk.declare("The first one", impact="low", urgency="low")
"""


def _fresh(code: str, where: str) -> Side:
    text = _TIMED.format(code=code, where=where)

    def side() -> Sample:
        done = subprocess.run(
            [sys.executable, "-I", "-c", text], check=True, capture_output=True, text=True
        )
        wall, cpu = map(int, done.stdout.split()[-2:])
        return Sample(wall, cpu, 1)

    return side


def figures(plan: Plan) -> list[Figure]:
    """The import, and the first use of a desk."""
    rounds = plan.size(max(plan.rounds, 15), 1)
    sides = {
        "import attrs, pluggy": _fresh("", _BASE),
        "import incidentkit": _fresh(IMPORT, _OVER),
        "first use": _fresh(FIRST_USE, _OVER),
    }
    found = in_turns(sides, rounds)
    base = "import attrs, pluggy"
    return [
        compared(
            "import: over attrs and pluggy",
            "ms",
            {name: found[name] for name in ("import incidentkit", base)},
            "import incidentkit",
            goal="at most 3 ms",
            at_most=3,
        ),
        compared(
            "import: first use, a desk in memory and one declaration, over attrs and pluggy",
            "ms",
            {name: found[name] for name in ("first use", base)},
            "first use",
            goal="at most 100 ms",
            at_most=100,
        ),
    ]
