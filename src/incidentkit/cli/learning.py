"""What is learnt from incidents: problems, known errors, what recurs, where most comes from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from incidentkit.cli.page import Tone
from incidentkit.cli.running import OK, Commands, Run, add_store, reading
from incidentkit.model.words import ProblemState
from incidentkit.rules.grouping import KEYS
from incidentkit.timing.instants import parse_instant
from incidentkit.views import frequent
from incidentkit.views.problem_card import COLUMNS, KNOWN_COLUMNS, known_row, row


def add(commands: Commands) -> None:
    """Add the commands of this file."""
    about = "List problems, those that changed last first. An option given twice means either."
    parser = commands.add_parser("problems", help="list problems", description=about)
    states = tuple(map(str, ProblemState))
    parser.add_argument(
        "--state", action="append", choices=states, metavar="STATE", help=", ".join(states)
    )
    parser.add_argument("--service", action="append", help="the affected service")
    parser.add_argument("--owner", action="append", help="who is accountable")
    parser.add_argument(
        "--known-errors", action="store_true", help="the published known errors, and how they help"
    )
    parser.add_argument("--limit", type=int, default=50, help="at most so many (default: 50)")
    add_store(parser)
    parser.set_defaults(run=problems)
    about = "Groups of incidents that recur, by the rules of the policy."
    parser = commands.add_parser("recurring", help="what keeps coming back", description=about)
    parser.add_argument("--rule", help="only this rule of the policy")
    add_store(parser)
    parser.set_defaults(run=recurring)
    about = "Groups of incidents by their number and by their downtime, with running shares."
    parser = commands.add_parser("pareto", help="where most of it comes from", description=about)
    parser.add_argument(
        "--by", default="category", metavar="KEY", help=f"{', '.join(KEYS)} or labels.NAME"
    )
    parser.add_argument(
        "--since", metavar="TIME", help="declared at or after, ISO 8601 with offset"
    )
    parser.add_argument("--until", metavar="TIME", help="declared before (default: now)")
    add_store(parser)
    parser.set_defaults(run=pareto)


def problems(run: Run) -> int:
    """`problems`."""
    args = run.args
    filters: dict[str, Any] = {
        key: tuple(value) for key in ("state", "service", "owner") if (value := getattr(args, key))
    }
    if args.known_errors:
        filters["known_error"] = True
    with reading(run) as desk:
        found = desk.find_problems(limit=args.limit, **filters)
        now = desk.ports.now()
    if run.json:
        run.print_json({"problems": found.items, "more": found.next is not None})
        return OK
    if not found.items:
        run.page.say("no problem matches" if filters else "there are no problems", Tone.QUIET)
        return OK
    if args.known_errors:
        run.page.table(KNOWN_COLUMNS, [known_row(each) for each in found.items])
    else:
        run.page.table(COLUMNS, [row(each, now) for each in found.items])
    if found.next is not None:
        more = f"there are more than {args.limit}; narrow the search or raise --limit"
        run.page.say(more, Tone.QUIET)
    return OK


def recurring(run: Run) -> int:
    """`recurring`."""
    with reading(run) as desk:
        found = desk.recurring(run.args.rule)
    if run.json:
        run.print_json(found)
        return OK
    if found.found:
        run.page.table(frequent.RECURRING, [frequent.recurring_row(x) for x in found])
    else:
        run.page.say("nothing recurs", Tone.QUIET)
    looked = f"looked at {found.examined} incidents; {found.unkeyed} times a key was not said"
    run.page.say(looked, Tone.QUIET)
    return OK


def pareto(run: Run) -> int:
    """`pareto`."""
    args = run.args
    with reading(run) as desk:
        found = desk.pareto(
            args.by, since=_instant(args.since, "since"), until=_instant(args.until, "until")
        )
    if run.json:
        run.print_json(found)
        return OK
    if not found.count:
        run.page.say("there are no incidents", Tone.QUIET)
        return OK
    for order, rows in (("their number", found.by_count), ("their downtime", found.by_downtime)):
        run.page.heading(frequent.pareto_title(found, order))
        run.page.table(frequent.PARETO, [frequent.pareto_row(each) for each in rows])
    return OK


def _instant(text: str | None, field: str) -> datetime | None:
    return None if text is None else parse_instant(text, field)
