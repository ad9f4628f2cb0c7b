"""`overview` and `metrics`: what is going on, and how it has been going."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from incidentkit.cli.page import Tone
from incidentkit.cli.running import OK, Commands, Run, add_store, reading
from incidentkit.errors import InvalidValue
from incidentkit.timing.instants import parse_instant, show_instant
from incidentkit.views.metrics import MOST_SHOWN, Metric, amount
from incidentkit.views.overview import COLUMNS, courts, heading, headline, row
from incidentkit.views.text import many, plain, words


def add(commands: Commands) -> None:
    """Add the commands of this file."""
    about = "Lists of the incidents that are not over: late next, unacknowledged, without owner ..."
    parser = commands.add_parser("overview", help="what is going on", description=about)
    parser.add_argument("--for", dest="who", metavar="NAME", help="put this person's first")
    parser.add_argument("--team", action="append", default=[], help="and what this group has")
    parser.add_argument("--limit", type=int, default=10, help="a list's length (default: 10)")
    add_store(parser)
    parser.set_defaults(run=overview)
    about = (
        "Figures about the incidents declared in a window, each with its definition. Times are "
        "days (2026-03-01, in UTC) or instants with an offset."
    )
    parser = commands.add_parser("metrics", help="figures about a window", description=about)
    parser.add_argument("--since", metavar="TIME", help="from then (default: 30 days before)")
    parser.add_argument("--until", metavar="TIME", help="up to, not including, then (default: now)")
    parser.add_argument("--service", action="append", help="only of this service")
    parser.add_argument("--zone", default="UTC", help="where people live (default: UTC)")
    parser.add_argument("--define", action="store_true", help="say how each is defined")
    add_store(parser)
    parser.set_defaults(run=metrics)


def overview(run: Run) -> int:
    """`overview [--for NAME]`."""
    args = run.args
    with reading(run) as desk:
        found = desk.overview(args.who, teams=args.team, limit=args.limit)
    if run.json:
        run.print_json(
            {
                "at": found.at,
                "for": found.for_,
                "active": found.active,
                "counts": {each.name: dict(each.values) for each in found.counts},
                "lists": {
                    each.name: {"count": each.count, "items": each.items} for each in found.sections
                },
            }
        )
        return OK
    run.page.say(headline(found), Tone.STRONG)
    for section in found.sections:
        if section.count:
            run.page.heading(heading(section))
            run.page.table(COLUMNS, [row(each, found.at) for each in section.items])
            if section.name == "on_hold" and (waiting := courts(found)):
                run.page.say(waiting, Tone.QUIET)
    if not any(section.count for section in found.sections):
        run.page.say("nothing is going on", Tone.QUIET)
    return OK


def instant(text: str | None, option: str) -> datetime | None:
    """An instant, or the beginning of a day in UTC."""
    if text is None:
        return None
    try:
        return datetime.combine(datetime.strptime(text, "%Y-%m-%d").date(), time(), UTC)  # noqa: DTZ007
    except ValueError:
        pass
    try:
        return parse_instant(text, option)
    except InvalidValue:
        raise InvalidValue(
            option, f"{text!r} is neither a day (2026-03-01) nor an instant with an offset"
        ) from None


def metrics(run: Run) -> int:
    """`metrics [--since TIME] [--until TIME]`."""
    args = run.args
    since, until = instant(args.since, "--since"), instant(args.until, "--until")
    filters: dict[str, Any] = {} if args.service is None else {"service": tuple(args.service)}
    with reading(run) as desk:
        found = desk.metrics(since=since, until=until, zone=args.zone, **filters)
    if run.json:
        run.print_json(found)
        return OK
    window = f"declared from {show_instant(found.since)} up to {show_instant(found.until)}"
    run.page.say(window, Tone.STRONG)
    rows = [line for each in found.measured for line in _rows(each)]
    if rows:
        run.page.table(("metric", "n", "", "value"), rows)
    if found.silent:
        run.page.say(found.silent, Tone.QUIET)
    if args.define:
        for each in found.metrics:
            run.page.say(f"(version {each.version}) {each.definition}", label=words(each.name))
    return OK


def _rows(metric: Metric) -> list[tuple[str, str, str, str]]:
    """The lines of one metric in the table; of many values, the first."""
    values = list(metric.values.items())
    rows = [("", "", plain(words(name), 40), amount(metric, x)) for name, x in values[:MOST_SHOWN]]
    if len(values) > MOST_SHOWN:
        rows.append(("", "", "...", many(len(values) - MOST_SHOWN, "other")))
    _, _, name, value = rows[0]
    return [(words(metric.name), str(metric.n), name, value), *rows[1:]]
