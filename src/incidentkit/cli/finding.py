"""`find`: the list of incidents, newest change first."""

from __future__ import annotations

from typing import Any

from incidentkit.cli.page import Tone
from incidentkit.cli.running import OK, Commands, Run, add_store, reading
from incidentkit.model.words import Priority, State
from incidentkit.views.summary import COLUMNS, row


def add(commands: Commands) -> None:
    """Add the commands of this file."""
    about = "List incidents, those that changed last first. An option given twice means either."
    parser = commands.add_parser("find", help="list incidents", description=about)
    states, priorities = tuple(map(str, State)), tuple(map(str, Priority))
    parser.add_argument(
        "--state", action="append", choices=states, metavar="STATE", help=_or(states)
    )
    parser.add_argument(
        "--priority",
        action="append",
        choices=priorities,
        type=str.upper,
        metavar="P",
        help=_or(priorities),
    )
    parser.add_argument("--service", action="append", help="the affected service")
    parser.add_argument("--assignee", action="append", help="who works on it")
    parser.add_argument("--active", action="store_true", help="only those not over yet")
    parser.add_argument("--limit", type=int, default=50, help="at most so many (default: 50)")
    add_store(parser)
    parser.set_defaults(run=find)


def _or(choices: tuple[str, ...]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}"


def find(run: Run) -> int:
    """`find`."""
    args = run.args
    filters: dict[str, Any] = {
        key: tuple(value)
        for key in ("state", "priority", "service", "assignee")
        if (value := getattr(args, key))
    }
    if args.active:
        filters["active"] = True
    with reading(run) as desk:
        found = desk.find(limit=args.limit, **filters)
        now = desk.ports.now()
    if run.json:
        run.print_json({"incidents": found.items, "more": found.next is not None})
        return OK
    if not found.items:
        run.page.say("no incident matches" if filters else "there are no incidents", Tone.QUIET)
        return OK
    run.page.table(COLUMNS, [row(incident, now) for incident in found.items])
    if found.next is not None:
        more = f"there are more than {args.limit}; narrow the search or raise --limit"
        run.page.say(more, Tone.QUIET)
    return OK
