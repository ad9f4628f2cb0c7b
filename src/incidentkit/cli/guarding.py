"""`audit`, `backup`, `held`, `spool`: is the work whole, and when the store is not."""

from __future__ import annotations

from incidentkit.cli.page import Tone
from incidentkit.cli.running import (
    FOUND,
    OK,
    Commands,
    Run,
    add_json,
    add_store,
    existing,
    reading,
)
from incidentkit.desk.spool import looked_at, put_back
from incidentkit.timing.instants import show_instant
from incidentkit.views.text import many, plain


def add(commands: Commands) -> None:
    """Add the commands of this file."""
    about = (
        "Look for work that should wait in the queue and does not, and for what hangs or fails "
        "quietly. Changes nothing without --heal. Exit code 1 when a person must look."
    )
    parser = commands.add_parser("audit", help="is any work missing or stuck?", description=about)
    parser.add_argument("--heal", action="store_true", help="put missing timers and messages back")
    add_store(parser)
    parser.set_defaults(run=audit)
    about = "Copy the store into a new file while others write to it; SQLite only."
    parser = commands.add_parser("backup", help="copy the store", description=about)
    parser.add_argument("file", metavar="FILE", help="the new file; it must not exist")
    add_store(parser)
    parser.set_defaults(run=backup)
    about = (
        "Say what waits in a spool folder. Exit code 1 when something waits or was set aside; the "
        "store is not asked."
    )
    parser = commands.add_parser("spool", help="what waits in a spool?", description=about)
    parser.add_argument("folder", metavar="FOLDER")
    help_ = "let what was set aside wait again, once its cause is mended"
    parser.add_argument("--again", action="store_true", help=help_)
    add_json(parser)
    parser.set_defaults(run=spool)


def audit(run: Run) -> int:
    """`audit`."""
    with (existing if run.args.heal else reading)(run) as desk:
        found = desk.audit(heal=run.args.heal)
    code = FOUND if found.problems else OK
    if run.json:
        run.print_json(found)
        return code
    for each in found.loose_ends:
        tone = Tone.WARN if each.healed else Tone.BAD
        run.page.say(plain(str(each), 1_000), tone)
    if not found.loose_ends:
        run.page.say("all work is where it should be", Tone.GOOD)
    return code


def backup(run: Run) -> int:
    """`backup`."""
    with reading(run) as desk:
        done = desk.backup(run.args.file)
    if run.json:
        run.print_json(done)
    else:
        run.page.say(f"{plain(done.path, 500)}: {done.size} bytes", Tone.GOOD)
    return OK


def spool(run: Run) -> int:
    """`spool`."""
    again = put_back(run.args.folder) if run.args.again else 0
    state = looked_at(run.args.folder)
    code = FOUND if state.waiting or state.set_aside else OK
    if run.json:
        run.print_json(state)
        return code
    if again:
        run.page.say(f"{many(again, 'request')} put back, to be fed again", Tone.STRONG)
    if state.oldest_at is None:
        run.page.say("nothing waits", Tone.GOOD)
    else:
        since = show_instant(state.oldest_at)
        said = f"{many(state.waiting, 'request')} waiting since {since}, {state.size} bytes"
        run.page.say(said, Tone.WARN)
    if state.set_aside:
        said = f"{many(state.set_aside, 'request')} set aside, each with its reason beside it"
        run.page.say(said, Tone.BAD)
    return code
