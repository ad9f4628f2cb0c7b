"""`parked` and `retry`: what was set aside for a person, and having it tried again."""

from __future__ import annotations

from incidentkit.cli.page import Tone
from incidentkit.cli.running import FOUND, OK, Commands, Run, add_store, existing, reading
from incidentkit.views.text import many, plain


def add(commands: Commands) -> None:
    """Add the commands of this file."""
    about = "Tasks that were set aside because they always fail, each with its reason."
    parser = commands.add_parser("parked", help="what was set aside", description=about)
    parser.add_argument("--after", default="", metavar="TASK", help="go on after this one")
    parser.add_argument("--limit", type=int, default=100, help="how many (default: 100)")
    add_store(parser)
    parser.set_defaults(run=parked)
    about = "Have a task tried again at once; a message that was given up starts afresh."
    parser = commands.add_parser("retry", help="try a task again", description=about)
    parser.add_argument("task", help="the id that `parked` shows")
    parser.add_argument("--by", metavar="NAME", help="in whose name")
    add_store(parser)
    parser.set_defaults(run=retry)


def parked(run: Run) -> int:
    """`parked`."""
    with reading(run) as desk:
        found = desk.parked(run.args.after, limit=run.args.limit)
    if run.json:
        run.print_json(found)
        return OK
    for each in found:
        run.page.say(plain(str(each), 1_000))
    said = f"{many(len(found), 'task')} set aside" if found else "nothing is set aside"
    run.page.say(said, Tone.STRONG)
    return OK


def retry(run: Run) -> int:
    """`retry TASK`."""
    with existing(run) as desk:
        goes = desk.retry(run.args.task, by=run.args.by)
    if run.json:
        run.print_json({"task": run.args.task, "held": not goes})
        return OK if goes else FOUND
    if not goes:
        note = (
            "is from before the restore of this store: a worker holds it instead of sending it; "
            "then `held` lists it, and `held --release ID` sends it"
        )
        run.page.say(f"{plain(run.args.task)} {note}", Tone.WARN)
        return FOUND
    run.page.say(f"{plain(run.args.task)} is due now; `work` does it", Tone.STRONG)
    return OK
