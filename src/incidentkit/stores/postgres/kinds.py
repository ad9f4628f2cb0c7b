"""The tables of declared kinds, their index columns, and what of them waits to be filled again.

A process that changes the columns of a kind raises the `epoch`. Every writing statement names the
epoch its process knows, so another release that is still running writes no row without the new
columns: it is refused, looks again, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from incidentkit.errors import SchemaTooNew, StoreError
from incidentkit.ids import TenantName
from incidentkit.ports.rows import ColumnType, Row
from incidentkit.ports.search import Lag, Reindexed, Stale
from incidentkit.stores import sql_text as sql
from incidentkit.stores.layouts import written
from incidentkit.stores.postgres import texts
from incidentkit.stores.postgres.functions import MIGRATION_LOCK
from incidentkit.stores.postgres.migrations import Execute
from incidentkit.stores.postgres.statements import KindSql
from incidentkit.stores.tables import COLUMN_PREFIX, Kind, Stored

_TYPES = {
    Stored.TEXT: 'text COLLATE "C" NOT NULL',
    Stored.INT64: "bigint NOT NULL",
    Stored.BOOL: "boolean NOT NULL",
    Stored.MAYBE_TEXT: "text",
}
_NOTHING = {"text": "''", "int64": "0", "instant": "0", "bool": "false"}
_NO_LISTS = "WITH (deduplicate_items = off)"
"""Every key ends with the id, so lists of equal keys save nothing, and a full page is searched for
them each time before it is split: a sixth of what a changed alert cost the server."""
_EXPECT = (
    "INSERT INTO ik_indexing (kind, lag, done, tenant, id) VALUES (%s, %s, %s, '', '') "
    "ON CONFLICT (kind, lag) DO UPDATE SET done = excluded.done, tenant = '', id = ''"
)


def shortlist_text(kind: Kind) -> str:
    """The shortlist of a kind as one text."""
    return " ".join(kind.spec.shortlist)


def creation(kind: Kind) -> list[str]:
    """The tables of a kind. A tally belongs to a record of the same tenant."""
    record = sql.quoted(f"ik_{kind.record.name}")
    columns = ", ".join(f"{sql.quoted(c.name)} {_TYPES[c.stored]}" for c in kind.record.columns)
    key = f"PRIMARY KEY (tenant, id) {_NO_LISTS}"
    made = [f"CREATE TABLE {record} ({columns}, {key}) WITH (fillfactor = 85)"]
    if kind.tally is not None:
        counted = ", ".join(f"{sql.quoted(c.name)} {_TYPES[c.stored]}" for c in kind.tally.columns)
        made.append(
            f"CREATE TABLE {sql.quoted(f'ik_{kind.tally.name}')} ({counted}, "
            f"PRIMARY KEY (tenant, id), FOREIGN KEY (tenant, id) REFERENCES {record} (tenant, id)) "
            "WITH (fillfactor = 60)"
        )
    return made


def indexes(kind: Kind) -> list[str]:
    """An index for each column by which many records are told apart.

    Every index is written at nearly every commit. So flags have one of those records alone for
    which they are true, and of the columns on the shortlist only instants do: the others are found
    through the index of the few.
    """
    table, few = sql.quoted(f"ik_{kind.record.name}"), set(kind.spec.shortlist)
    made: list[str] = []
    for column in kind.spec.columns:
        if column.name in few and column.type is not ColumnType.INSTANT:
            continue
        name = sql.quoted(f"ik_x{len(made)}_{kind.spec.name}")
        stored = COLUMN_PREFIX + column.name
        if column.type is ColumnType.BOOL:
            columns, only = sql.listed(("tenant", "id")), f" WHERE {sql.quoted(stored)}"
        else:
            columns, only = sql.listed(("tenant", stored, "id")), ""
        made.append(f"CREATE INDEX {name} ON {table} ({columns}) {_NO_LISTS}{only}")
    if kind.spec.shortlist:
        flag, *others = [COLUMN_PREFIX + name for name in kind.spec.shortlist]
        name = sql.quoted(f"ik_few_{kind.spec.name}")
        columns = sql.listed(("tenant", *others, "id"))
        made.append(
            f"CREATE INDEX {name} ON {table} ({columns}) {_NO_LISTS} WHERE {sql.quoted(flag)}"
        )
    return made


@attrs.frozen
class Standing:
    """What the database says of a kind."""

    columns: str
    touchable: bool
    shortlist: str


def standings(execute: Execute) -> dict[str, Standing]:
    """The kinds the database has."""
    found = execute("SELECT kind, columns, touchable, shortlist FROM ik_kind").fetchall()
    return {name: Standing(*rest) for name, *rest in found}


def same(kind: Kind, there: Standing | None) -> bool:
    """Whether the database has the kind as it is declared."""
    return there == Standing(written(kind), kind.spec.touchable, shortlist_text(kind))


def unlike(kinds: Iterable[Kind], there: Mapping[str, Standing], shown: str) -> list[Kind]:
    """The kinds whose tables have to be made or changed."""
    found: list[Kind] = []
    for kind in kinds:
        standing = there.get(kind.spec.name)
        if standing is not None and standing.touchable != kind.spec.touchable:
            raise StoreError(
                f"{shown}: kind {kind.spec.name!r} was declared before with other tables; give it "
                "another name, or export and import into a new database"
            )
        if not same(kind, standing):
            found.append(kind)
    return found


def settle(execute: Execute, kinds: Sequence[Kind], known: set[str], shown: str) -> None:
    """Make the tables of all kinds what they should be.

    Those in `known` were as declared when this process first looked: if they are not any more,
    another release changed them, and this one must not change them back.
    """
    there = standings(execute)
    asked = [kind for kind in kinds if kind.spec.searchable]
    waiting = execute("SELECT kind FROM ik_indexing WHERE lag = %s", (Lag.TEXTS.value,)).fetchall()
    texts_known = {name for (name,) in waiting}
    fresh_texts = [kind for kind in asked if kind.spec.name not in texts_known]
    if not unlike(kinds, there, shown) and not fresh_texts:
        return
    execute("BEGIN")
    try:
        execute(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        there = standings(execute)
        changed = False
        for kind in unlike(kinds, there, shown):
            name = kind.spec.name
            if name in known:
                raise SchemaTooNew(
                    f"{shown}: the index columns of kind {name!r} were changed by another release "
                    "while this process ran: restart it with that release"
                )
            before = there.get(name)
            if before is None:
                for statement in (*creation(kind), *indexes(kind)):
                    execute(statement)
            else:
                _change(execute, kind, before)
                changed = True
            execute(
                "INSERT INTO ik_kind (kind, columns, touchable, shortlist) VALUES (%s, %s, %s, %s) "
                "ON CONFLICT (kind) DO UPDATE SET columns = excluded.columns, "
                "shortlist = excluded.shortlist",
                (name, written(kind), kind.spec.touchable, shortlist_text(kind)),
            )
        for kind in fresh_texts:
            _expect(execute, kind, Lag.TEXTS)
        if changed:
            execute("UPDATE ik_schema SET epoch = epoch + 1")
        execute("COMMIT")
    except BaseException:
        execute("ROLLBACK")
        raise


def _change(execute: Execute, kind: Kind, before: Standing) -> None:
    table = f"ik_{kind.record.name}"
    found = execute(
        "SELECT i.relname FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid "
        "WHERE x.indrelid = %s::regclass AND NOT x.indisprimary",
        (sql.quoted(table),),
    ).fetchall()
    for (name,) in found:
        execute(f"DROP INDEX {sql.quoted(name)}")
    was = dict(each.split(":") for each in before.columns.split())
    wanted = {column.name: column.type.value for column in kind.spec.columns}
    for name, type_ in was.items():
        if wanted.get(name) != type_:
            column = sql.quoted(COLUMN_PREFIX + name)
            execute(f"ALTER TABLE {sql.quoted(table)} DROP COLUMN {column}")
    added = [name for name, type_ in wanted.items() if was.get(name) != type_]
    types = {column.name: _TYPES[column.stored] for column in kind.record.columns}
    for name in added:
        column = COLUMN_PREFIX + name
        execute(
            f"ALTER TABLE {sql.quoted(table)} ADD COLUMN {sql.quoted(column)} {types[column]} "
            f"DEFAULT {_NOTHING[wanted[name]]}"
        )
    for text in indexes(kind):
        execute(text)
    if added:
        _expect(execute, kind, Lag.COLUMNS)


def _expect(execute: Execute, kind: Kind, lag: Lag) -> None:
    """All records there are must be read again; where there are none, nothing is behind."""
    table = sql.quoted(f"ik_{kind.record.name}")
    nothing = execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is None
    execute(_EXPECT, (kind.spec.name, lag.value, nothing))


def stale(execute: Execute) -> frozenset[Stale]:
    """What waits in this database."""
    found = execute("SELECT kind, lag FROM ik_indexing WHERE NOT done").fetchall()
    return frozenset(Stale(kind, Lag(lag)) for kind, lag in found)


def waiting(
    execute: Execute, kind: KindSql, what: Stale, limit: int
) -> tuple[tuple[TenantName, Row], ...]:
    """The next records after the last that was done."""
    at = execute(
        "SELECT tenant, id FROM ik_indexing WHERE kind = %s AND lag = %s AND NOT done",
        (what.kind, what.lag.value),
    ).fetchone()
    if at is None:
        return ()
    found = execute(kind.next, (*at, limit)).fetchall()
    return tuple([(TenantName(line[-1]), kind.row(line)) for line in found])


def fill(execute: Execute, kind: KindSql, what: Stale, done: Sequence[Reindexed]) -> None:
    """Write the index of these records and note how far that is; a transaction is open."""
    where = (what.kind, what.lag.value)
    if not done:
        execute("UPDATE ik_indexing SET done = true WHERE kind = %s AND lag = %s", where)
        return
    if what.lag is Lag.COLUMNS:
        names = tuple(COLUMN_PREFIX + column.name for column in kind.kind.spec.columns)
        text = sql.update(f"ik_{kind.kind.record.name}", names, ("tenant", "id", "version"), "%s")
        for each in done if names else ():
            execute(text, (*each.columns, each.tenant, each.id, each.version))
    else:
        done = _fill_texts(execute, kind, done)
        if not done:
            return
    last = done[-1]
    execute(
        "UPDATE ik_indexing SET tenant = %s, id = %s WHERE kind = %s AND lag = %s",
        (last.tenant, last.id, *where),
    )


def _fill_texts(execute: Any, kind: KindSql, done: Sequence[Reindexed]) -> Sequence[Reindexed]:
    """Write texts up to the first record that has changed meanwhile; it is read again."""
    for number, each in enumerate(done):
        found = execute(kind.locked, (each.tenant, each.id)).fetchone()
        if found is not None and found[0] != each.version:
            return done[:number]
        if each.text is not None:
            execute(*texts.written(each.tenant, (each.text,)))
    return done
