"""`replay`: bring a ticketing system's history in, and say what it comes to."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from incidentkit.cli.page import Tone
from incidentkit.cli.policies import named
from incidentkit.cli.progress import bar_for
from incidentkit.cli.running import FOUND, OK, Commands, Run, add_store, store_url, writing
from incidentkit.cli.wire import wire
from incidentkit.desk.replaying import Imported, reported
from incidentkit.desk.replaying import replay as bring_in
from incidentkit.sources.histories.shipped import mapping_of, shipped
from incidentkit.views.history_report import lines
from incidentkit.views.text import many, plain

_CACHE, _CACHE_BY_TIME = 2, 8
"""MiB."""
_TOLD = 5
"""How many rejected rows are told of."""
_YOUNG = 50_000
"""Objects between two looks of the garbage collector: an import makes many and few circles."""


def add(commands: Commands) -> None:
    """Add the commands of this file."""
    about = (
        "Bring the history of a ticketing system into the store, as it happened, from a CSV file "
        "with one row for each change (plain or gzipped). The same file again changes nothing; an "
        "import that was interrupted is run again and goes on. Exit code 1 when rows were "
        "rejected; they are kept with the reason."
    )
    parser = commands.add_parser("replay", help="import a history", description=about)
    parser.add_argument("file", metavar="FILE", help="the history, CSV or CSV.gz")
    parser.add_argument(
        "--mapping",
        required=True,
        metavar="NAME-or-FILE",
        help=f"how to read it: {', '.join(shipped())}, or a TOML file of your own",
    )
    parser.add_argument(
        "--in-time-order",
        action="store_true",
        help="take the rows in the order of time, each decided and journaled by itself; the result "
        "is the same as case by case",
    )
    parser.add_argument(
        "--policy",
        metavar="NAME-or-FILE",
        help="the policy to adopt with the first row: a profile (default, sre, itil) or a file; "
        "otherwise the store's own, or the default",
    )
    add_store(parser)
    parser.set_defaults(run=replay)


def replay(run: Run) -> int:
    """`replay FILE --mapping NAME-or-FILE`."""
    mapping = mapping_of(run.args.mapping)
    given: dict[str, Any] = {}
    if run.args.policy is not None:
        given["policy"] = named(run, run.args.policy)
    pages = _CACHE_BY_TIME if run.args.in_time_order else _CACHE
    run.args.store = _lean(store_url(run.args.store, os.environ), pages)
    with writing(run, {}, **given) as desk:
        bar = bar_for(sys.stderr)
        with _few_collections(), bar:
            did = bring_in(
                desk,
                run.args.file,
                mapping,
                in_time_order=run.args.in_time_order,
                progress=bar.told,
            )
        report = reported(desk, mapping.name)
    rate = did.rows / did.seconds if did.seconds else 0.0
    code = FOUND if did.refused else OK
    if run.json:
        found = report.written()
        run.page.json(
            {
                "incidents": found.pop("incidents"),
                "rows": did.rows,
                **found,
                "rejected": did.refused,
                "seconds": round(did.seconds, 3),
                "rows_per_second": round(rate, 1),
                "peak_rss_mb": peak_memory(),
                **({"first_rejected": wire(did.first_refused)} if did.refused else {}),
            }
        )
        return code
    entries = "1 new entry" if did.entries == 1 else f"{did.entries} new entries"
    run.page.say(f"{many(did.rows, 'row')} of {mapping.name}: {entries}", Tone.STRONG)
    for line in lines(report):
        run.page.say(line.strip(), indent=2 if line.startswith(" ") else 0)
    if did.refused:
        _rejected(run, did)
    took = f"{did.seconds:.1f} s, {rate:,.0f} rows a second"
    memory = peak_memory()
    run.page.say(f"{took}, at most {memory} MB" if memory else took, Tone.QUIET)
    return code


def _rejected(run: Run, did: Imported) -> None:
    """How many rows were rejected, the first of them with why, and where the others are."""
    run.page.say(f"{many(did.refused, 'row')} rejected, kept with the reason", Tone.BAD)
    for row in did.first_refused[:_TOLD]:
        run.page.say(f"{plain(row.place)}: {plain(row.problem, 300)}", indent=2)
    if did.refused > _TOLD:
        left = f"and {did.refused - _TOLD} more; incidentkit.refused_rows(desk, {did.source!r})"
        run.page.say(f"{left} reads them all", Tone.QUIET, indent=2)


def _lean(url: str, pages: int) -> str:
    """An import case by case needs few pages of the store in memory, one by time some more."""
    if not url.startswith("sqlite:") or "cache=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}cache={pages}"


@contextmanager
def _few_collections() -> Generator[None]:
    """Let the garbage collector look less often while millions of small values come and go."""
    before = gc.get_threshold()
    gc.set_threshold(_YOUNG, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def peak_memory(status: Path = Path("/proc/self/status")) -> float | None:
    """The most memory this process ever had, in MB; None where the system does not say.

    Linux hands a process the peak of the one that started it, unless its own table is asked.
    """
    try:
        found = re.search(r"^VmHWM:\s+(\d+) kB$", status.read_text(), re.MULTILINE)
        if found is not None:
            return round(int(found[1]) * 1024 / 1_000_000, 1)
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024
    return round(most * unit / 1_000_000, 1)
