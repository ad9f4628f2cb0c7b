"""`work`: do once what is due, and say when to come back."""

from __future__ import annotations

from incidentkit.cli.console import Console, Watcher, work
from incidentkit.cli.page import Tone, complain
from incidentkit.cli.running import FOUND, OK, Commands, Run, add_store, existing, writing
from incidentkit.timing.instants import show_instant
from incidentkit.views.text import many, name, plain, span, words


def add(commands: Commands) -> None:
    """Add the commands of this file."""
    about = (
        "Do what is due now: send messages, ring timers. Messages for the console are printed "
        "here; those for other channels need the package that brings the channel. Where pages of "
        "the store went out by such a channel and it is not here, nothing is done: exit code 1."
    )
    parser = commands.add_parser("work", help="do what is due, once", description=about)
    parser.add_argument(
        "--anyway", action="store_true", help="even if pages go elsewhere: print them here"
    )
    add_store(parser)
    parser.set_defaults(run=run_once)


def run_once(run: Run) -> int:
    """`work`."""
    existing(run).disconnect()  # a store that is not there is a mistake, not a new one
    console, watcher = Console(None if run.json else run.page), Watcher()
    with writing(run, {"console": console}, [watcher]) as desk:
        did = work(desk, watcher, anyway=run.args.anyway)
        now = desk.ports.now()
    if run.json:
        run.print_json(
            {
                "done": did.done,
                "messages": did.deliveries,
                "printed": console.sent,
                "next_at": did.next_at,
                "held": did.held,
                "elsewhere": did.elsewhere,
            }
        )
        return FOUND if did.refused else OK
    if did.refused:
        complain(f"error: {did.refused}")
        return FOUND
    for each in did.deliveries:
        detail = f": {plain(each.detail)}" if each.detail and each.channel != "console" else ""
        said = f"{each.kind} to {name(each.party)} on {plain(each.channel)}: {words(each.state)}"
        run.page.say(f"{plain(each.ref)}  {said}{detail}")
    run.page.say(f"{many(did.done, 'task')} done" if did.done else "nothing was due", Tone.STRONG)
    if did.next_at is None:
        run.page.say("nothing is planned", Tone.QUIET)
    else:
        wait = span(max(did.next_at - now, now - now))
        run.page.say(f"come back at {show_instant(did.next_at)}, in {wait}", Tone.QUIET)
    return OK
