"""`python -m incidentkit`: the commands, and how errors leave.

An error is one line on stderr and an exit code, never a traceback (INCIDENTKIT_DEBUG=1 shows it).
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence

from incidentkit.cli import (
    capturing,
    checking,
    demo,
    drawing,
    finding,
    learning,
    policies,
    telling,
    working,
)
from incidentkit.cli.page import complain
from incidentkit.cli.running import USAGE, Command, Run, code_of, version
from incidentkit.cli.terminal import page_for
from incidentkit.errors import IncidentKitError
from incidentkit.ports.time import TimeSource
from incidentkit.views.text import plain

INTERRUPTED, PIPE_CLOSED = 130, 141
"""128 and the number of the signal, as a shell would say it."""

GROUPS = (
    demo,
    capturing,
    working,
    finding,
    learning,
    telling,
    checking,
    policies,
    drawing,
)


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
    parser = make_parser()
    args = parser.parse_args(argv)
    command: Command | None = getattr(args, "run", None)
    if command is None:
        parser.print_help(sys.stderr)
        return USAGE
    try:
        return command(Run(args, page_for(sys.stdout, os.environ), time))
    except IncidentKitError as error:
        if os.environ.get("INCIDENTKIT_DEBUG"):
            traceback.print_exc()
        complain(f"error: {plain(str(error), 2_000)}")
        return code_of(error)


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="incidentkit",
        description="Incident management from the command line: capture alerts, see what became "
        "of them and why.",
        epilog="Begin with: python -m incidentkit demo",
    )
    parser.add_argument("--version", action="version", version=f"incidentkit {version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for group in GROUPS:
        group.add(commands)
    return parser


def _let_go_of_stdout() -> None:
    """Whoever read has gone; without this the interpreter would complain at its end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return
