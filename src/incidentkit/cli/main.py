"""`python -m incidentkit`: the commands, and how errors leave.

An error is one line on stderr and an exit code, never a traceback (INCIDENTKIT_DEBUG=1 shows it).
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import traceback
from collections.abc import Mapping, Sequence

from incidentkit.cli.page import complain
from incidentkit.cli.running import USAGE, Command, Run, code_of, version
from incidentkit.cli.terminal import page_for
from incidentkit.errors import IncidentKitError, PolicyError
from incidentkit.ports.time import TimeSource
from incidentkit.views.text import plain

INTERRUPTED, PIPE_CLOSED = 130, 141
"""128 and the number of the signal, as a shell would say it."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "demo": ("demo",),
    "capturing": ("capture",),
    "working": ("work",),
    "parking": ("parked", "retry"),
    "finding": ("find",),
    "searching": ("search", "suggest"),
    "overseeing": ("overview", "metrics"),
    "hosting": ("shadow-report",),
    "learning": ("problems", "recurring", "pareto"),
    "telling": ("show", "timeline", "explain", "review"),
    "replaying": ("replay",),
    "checking": ("doctor", "verify"),
    "migrating": ("migrate",),
    "guarding": ("audit", "backup", "spool"),
    "restoring": ("restore", "restored", "held"),
    "policies": ("policy",),
    "drawing": ("diagram",),
}
"""The commands of each file beside this one: only the file of the one that is run is imported."""


def main(argv: Sequence[str] | None = None, *, time: TimeSource | None = None) -> int:
    """Run one command; its exit code.

    0: done. 1: something was rejected, found wrong or left. 2: wrong use or bad input. 3: the
    store failed. 4: a plugin failed. `time` replaces the time, for tests.
    """
    try:
        code = _run(argv, time)
        sys.stdout.flush()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _let_go_of_stdout()
        return PIPE_CLOSED
    return code


def _run(argv: Sequence[str] | None, time: TimeSource | None) -> int:
    words = sys.argv[1:] if argv is None else argv
    parser = make_parser(words[0] if words else "")
    args = parser.parse_args(words)
    command: Command | None = getattr(args, "run", None)
    if command is None:
        parser.print_help(sys.stderr)
        return USAGE
    try:
        return command(Run(args, page_for(sys.stdout, os.environ), time))
    except IncidentKitError as error:
        if os.environ.get("INCIDENTKIT_DEBUG"):
            traceback.print_exc()
        if isinstance(error, PolicyError):
            many = "1 problem" if len(error.problems) == 1 else f"{len(error.problems)} problems"
            complain(f"error: {many} in the {error.document}:")
            for path, problem in error.problems:
                complain(f"  {plain(path)}: {plain(problem, 1_000)}")
        else:
            complain(f"error: {plain(str(error), 2_000)}")
        return code_of(error)


def make_parser(command: str = "") -> argparse.ArgumentParser:
    """The parser of one command, or of all where there is no such one."""
    parser = argparse.ArgumentParser(
        prog="incidentkit",
        description="Incident management from the command line: capture alerts, see what became "
        "of them and why.",
        epilog="Begin with: python -m incidentkit demo",
    )
    parser.add_argument("--version", action="version", version=f"incidentkit {version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    one = [group for group, names in GROUPS.items() if command in names]
    for group in one or GROUPS:
        importlib.import_module(f"incidentkit.cli.{group}").add(commands)
    return parser


def _let_go_of_stdout() -> None:
    """Whoever read has gone; without this the interpreter would complain at its end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return
