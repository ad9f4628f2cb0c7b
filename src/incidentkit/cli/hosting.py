"""`shadow-report`: what would have happened on tickets where the library only looks on."""

from __future__ import annotations

from incidentkit.cli.overseeing import instant
from incidentkit.cli.running import OK, Commands, Run, add_store, reading
from incidentkit.views.shadow import to_markdown, to_text


def add(commands: Commands) -> None:
    """Add the commands of this file."""
    about = (
        "What the library would have done on tickets where it looks on or advises: pages, "
        "notices, missed targets, priorities that differ. Times are days (2026-03-01, in UTC) or "
        "instants with an offset."
    )
    parser = commands.add_parser(
        "shadow-report", help="what would have happened", description=about
    )
    parser.add_argument("--since", metavar="TIME", help="from then (default: 30 days before)")
    parser.add_argument("--until", metavar="TIME", help="up to, not including, then (default: now)")
    parser.add_argument("--markdown", action="store_true", help="as a Markdown page")
    add_store(parser)
    parser.set_defaults(run=report)


def report(run: Run) -> int:
    """`shadow-report [--since TIME] [--until TIME] [--markdown]`."""
    args = run.args
    since, until = instant(args.since, "--since"), instant(args.until, "--until")
    with reading(run) as desk:
        found = desk.shadow_report(since, until)
    if run.json:
        run.print_json(found)
    elif args.markdown:
        run.page.block(to_markdown(found))
    else:
        for line in to_text(found).splitlines():
            run.page.say(line.strip(), indent=2 if line.startswith(" ") else 0)
    return OK
