"""`restore`, `restored`, `held`: a store as it was, and what it does not send by itself since."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import attrs

from incidentkit.cli.page import Tone
from incidentkit.cli.running import (
    FOUND,
    OK,
    Commands,
    Run,
    add_store,
    existing,
    opened,
    reading,
    store_url,
)
from incidentkit.desk.desk import Desk
from incidentkit.errors import InvalidValue
from incidentkit.flows.restoring import read_mark, to_be_held
from incidentkit.ids import MAIN_TENANT
from incidentkit.ports.backup import RESTORED_KEY, RESTORED_SPACE
from incidentkit.timing.instants import from_micros, show_instant
from incidentkit.views.text import many, plain

AT_ONCE = 1_000
"""How many messages `held` lists at most."""


def add(commands: Commands) -> None:
    """Add the commands of this file."""
    about = (
        "Put a backup in the place of an SQLite store that nobody has open: the old file is kept "
        "under another name, a log left beside it too. What was queued before is held."
    )
    parser = commands.add_parser("restore", help="put a backup back", description=about)
    parser.add_argument("file", metavar="FILE", help="what `backup` wrote, or another copy")
    parser.add_argument("--over", action="store_true", help="in the place of a store that is there")
    add_store(parser)
    parser.set_defaults(run=restore)
    about = (
        "Say that the store was restored from a backup, before any worker starts: messages from "
        "before are held, and reference numbers skip ahead. `restore` does it by itself, and a "
        "file made by `backup` needs it not."
    )
    parser = commands.add_parser("restored", help="this store is a restored one", description=about)
    add_store(parser)
    parser.set_defaults(run=restored)
    about = (
        "List the messages that are held after a restore, and release them. Exit code 1 while "
        "some are held or are still to be."
    )
    parser = commands.add_parser("held", help="messages held after a restore", description=about)
    parser.add_argument("--release", metavar="ID", action="append", default=[], help="send it")
    parser.add_argument("--release-all", action="store_true", help="send all of them")
    add_store(parser)
    parser.set_defaults(run=held)


def restore(run: Run) -> int:
    """`restore FILE`."""
    from incidentkit.stores.sqlite import settings as sqlite
    from incidentkit.stores.sqlite.restoring import put_back

    url = store_url(run.args.store, os.environ)
    if not url.startswith("sqlite:"):
        problem = (
            "only SQLite files are restored by this: use the database's own tools, then "
            "`incidentkit restored` before any worker starts"
        )
        raise InvalidValue("store", problem)
    done = put_back(Path(run.args.file), sqlite.from_url(url), over=run.args.over)
    with opened(run, url) as desk:
        store: Any = desk.ports.store
        store.migrate()  # the first write finds the mark
        waiting = _waiting(desk)
    if run.json:
        run.print_json({**attrs.asdict(done), "to_be_held": waiting})
        return OK
    run.page.say(f"{plain(done.path, 500)} is {plain(run.args.file, 500)} now", Tone.GOOD)
    if done.before:
        run.page.say(f"what was there is kept: {plain(done.before, 500)}", Tone.QUIET)
    if done.logs:
        run.page.say(f"a log left there went with it: {plain(', '.join(done.logs), 500)}")
    _say_marked(run, waiting)
    return OK


def restored(run: Run) -> int:
    """`restored`."""
    with existing(run) as desk:
        desk.restored()
        waiting = _waiting(desk)
    if run.json:
        run.print_json({"restored": True, "to_be_held": waiting})
        return OK
    run.page.say("marked as restored: what was queued before is held", Tone.STRONG)
    _say_marked(run, waiting)
    return OK


def _say_marked(run: Run, waiting: int) -> None:
    if waiting:
        run.page.say(f"{_to_come(waiting)}; `held --release ID` then sends one", Tone.WARN)
    else:
        run.page.say("no message was queued: nothing is to be held", Tone.QUIET)
    note = "reference numbers skip 1,000; what is still open pages again at its next step"
    run.page.say(note, Tone.QUIET)


def _mark(desk: Desk) -> int:
    store: Any = desk.ports.store
    return read_mark(store.owners(MAIN_TENANT, RESTORED_SPACE, (RESTORED_KEY,)))


def _waiting(desk: Desk) -> int:
    """How many messages of the tenant no worker has held yet."""
    mark = _mark(desk)
    return desk.run(lambda: to_be_held(desk.setting(), mark), "held")


def _to_come(waiting: int) -> str:
    verb = "waits" if waiting == 1 else "wait"
    return (
        f"{many(waiting, 'message')} from before the restore {verb} in the queue: the next worker "
        "that has the channel holds it and sends nothing; from then on `held` lists it"
    )


def held(run: Run) -> int:
    """`held`."""
    writes = run.args.release or run.args.release_all
    with (existing if writes else reading)(run) as desk:
        released = [desk.release(each) for each in run.args.release]
        while run.args.release_all and (found := desk.held(limit=AT_ONCE)):
            released += [desk.release(each.id) for each in found]
        left = desk.held(limit=AT_ONCE)
        waiting, mark = _waiting(desk), _mark(desk)
    code = FOUND if left or waiting else OK
    if run.json:
        run.print_json({"released": released, "held": left, "to_be_held": waiting})
        return code
    for each in left:
        said = f"{each.id}  {each.ref}  {each.kind} to {each.party} on {each.channel}: {each.text}"
        run.page.say(plain(said, 500))
    if len(left) == AT_ONCE:
        run.page.say(f"these are the first {AT_ONCE}; there are more", Tone.WARN)
    if released:
        run.page.say(f"{many(len(released), 'message')} released", Tone.STRONG)
    if waiting:
        run.page.say(_to_come(waiting), Tone.WARN)
    if not left and not released and not waiting:
        since = f"; restored at {show_instant(from_micros(mark))}" if mark else ""
        run.page.say(f"no message is held{since}", Tone.GOOD)
    return code
