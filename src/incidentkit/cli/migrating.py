"""`migrate`: make the schema of a store, or bring it up to date, and say what was done."""

from __future__ import annotations

import argparse
import os

from incidentkit.cli.page import Tone
from incidentkit.cli.running import OK, Commands, Run, add_json, add_url, store_url
from incidentkit.desk.desk import Desk
from incidentkit.errors import InvalidValue
from incidentkit.ports.migration import Migrated, SupportsMigration
from incidentkit.ports.secret import without_password
from incidentkit.views.text import many, plain


def add(commands: Commands) -> None:
    """Add the commands of this file."""
    about = (
        "Make the tables of a store, or bring those of an earlier release up to date; with nothing "
        "to do it changes nothing. Run it with a role that may make tables, before the workers."
    )
    parser: argparse.ArgumentParser = commands.add_parser(
        "migrate", help="make or update the tables", description=about
    )
    add_url(parser)
    add_json(parser)
    parser.set_defaults(run=migrate)


def migrate(run: Run) -> int:
    """`migrate`."""
    url = store_url(run.args.store, os.environ)
    with Desk.open(url, time=run.time) as desk:
        store: object = desk.ports.store
        if not isinstance(store, SupportsMigration):
            raise InvalidValue("store", "this store has no schema of its own: nothing to migrate")
        done = store.migrate()
        records = desk.reindex()
    if run.json:
        run.print_json({"migrated": done, "reindexed": records})
        return OK
    run.page.say(f"{plain(without_password(url), 300)}: {told(done)}", Tone.STRONG)
    if done.tables:
        run.page.say(f"made: {', '.join(done.tables)}")
    if records:
        run.page.say(f"{many(records, 'record')} indexed anew")
    return OK


def told(done: Migrated) -> str:
    """What was done to the tables, in one line."""
    if not done.changed:
        return f"nothing to do, schema {done.after} is up to date"
    if done.before == 0:
        return f"schema {done.after} made, with {many(len(done.kinds), 'kind')} of records"
    said = [] if done.before == done.after else [f"schema {done.before} brought to {done.after}"]
    if done.kinds:
        said.append(f"tables made or changed for {', '.join(done.kinds)}")
    return "; ".join(said) or f"schema {done.after} is up to date"
