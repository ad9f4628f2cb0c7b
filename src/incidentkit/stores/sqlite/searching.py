"""Full text in SQLite: one FTS5 document for each record, ranked by BM25.

What people typed reaches FTS5 only as quoted words, so that it is never taken for syntax. Notes
stand in one column, each after its number, so that a redaction can take one of them out.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

from incidentkit.ids import TenantName
from incidentkit.lang.words import Needle
from incidentkit.ports.query import EVERYTHING
from incidentkit.ports.rows import SearchText
from incidentkit.ports.search import Among, SearchCursor, TextHit, TextPage, TextQuery
from incidentkit.stores.search_texts import WEIGHTS, numbered, said, without
from incidentkit.stores.sqlite.reading import begun, filtered, shortlisted, source
from incidentkit.stores.sqlite.statements import KindSql

Execute: TypeAlias = Callable[[str, Sequence[Any]], Any]

SCALE = 1_000_000_000
"""BM25 of a word that stands in most records is tiny; as a whole number it must not become 0."""
FIRST = 2_000
"""Hits looked at first; only where filters leave too few of them, all are."""

_FIELDS = ("title", "keywords", "body", "notes")
_CREATE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5("
    "title, keywords, body, notes, tokenize = 'porter unicode61 remove_diacritics 2')"
)
_DOC = "SELECT doc FROM searched WHERE tenant = ? AND kind = ? AND id = ?"
_NEW_DOC = "INSERT INTO searched (tenant, kind, id) VALUES (?, ?, ?)"
_NOTES = "SELECT notes FROM search WHERE rowid = ?"
_INSERT = "INSERT INTO search (rowid, title, keywords, body, notes) VALUES (?, ?, ?, ?, ?)"
_SET_NOTES = "UPDATE search SET notes = ? WHERE rowid = ?"
_SET_CARD = "UPDATE search SET title = ?, keywords = ?, body = ? WHERE rowid = ?"
_SET_ALL = "UPDATE search SET title = ?, keywords = ?, body = ?, notes = ? WHERE rowid = ?"
_RANKED = (
    "SELECT doc, score FROM (SELECT rowid AS doc, "
    f"CAST(round(-{SCALE} * bm25(search, {', '.join(map(str, WEIGHTS))})) AS INTEGER) AS score "
    "FROM search WHERE search MATCH ?)"
)
_TEXTS = (
    "SELECT rowid, title, keywords, body, notes FROM search "
    "WHERE rowid IN (SELECT value FROM json_each(?))"
)


def able(db: sqlite3.Connection) -> bool:
    """Whether the linked SQLite has FTS5; nearly every one has."""
    found = db.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").fetchone()
    return found is not None


def create(db: sqlite3.Connection) -> None:
    """Make the index where it is missing; a transaction is open."""
    db.execute(_CREATE)


def write(execute: Execute, tenant: str, text: SearchText) -> None:
    """Index the text of a record; a transaction is open."""
    address = (tenant, text.kind, text.id)
    found = execute(_DOC, address).fetchone()
    added = numbered(text.notes)
    if found is None:
        doc = execute(_NEW_DOC, address).lastrowid
        execute(_INSERT, (doc, text.title or "", text.keywords, text.body, added))
        return
    doc = found[0]
    card = (text.title or "", text.keywords, text.body)
    if text.anew:
        execute(_SET_ALL, (*card, added, doc))
        return
    if added:
        before = execute(_NOTES, (doc,)).fetchone()[0]
        if text.title is None:
            execute(_SET_NOTES, (before + added, doc))
        else:
            execute(_SET_ALL, (*card, before + added, doc))
    elif text.title is not None:
        execute(_SET_CARD, (*card, doc))


def forget(execute: Execute, tenant: str, stream: str, seqs: Collection[int]) -> None:
    """Take the notes of these entries out of the index; a transaction is open."""
    kind, _, name = stream.partition("/")
    found = execute(_DOC, (tenant, kind, name)).fetchone()
    if found is not None:
        before = execute(_NOTES, (found[0],)).fetchone()[0]
        after = without(before, seqs)
        if after != before:
            execute(_SET_NOTES, (after, found[0]))


def expression(needles: Sequence[Needle], *, either: bool = False) -> str:
    """Needles as FTS5 understands them: quoted words, all or some of which must match."""
    quoted = (f'"{" ".join(each.words)}"{" *" if each.prefix else ""}' for each in needles)
    return (" OR " if either else " AND ").join(quoted)


def search(
    db: sqlite3.Connection, kinds: Mapping[str, KindSql], tenant: TenantName, query: TextQuery
) -> TextPage:
    """One page: the best that lie among what is asked for."""
    wanted = expression(query.needles, either=query.either)
    found = _page(db, kinds, tenant, query, wanted, FIRST)
    if found is None:
        found = _page(db, kinds, tenant, query, wanted, -1) or []
    shown = found[: query.limit]
    docs = json.dumps([doc for doc, _, _, _ in shown])
    texts: dict[int, tuple[str, str, str, str]] = {
        doc: (title, keywords, body, said(notes))
        for doc, title, keywords, body, notes in db.execute(_TEXTS, (docs,)).fetchall()
    }
    hits = tuple([TextHit(kind, name, score, texts[doc]) for doc, score, kind, name in shown])
    more = len(found) > query.limit
    last = SearchCursor(shown[-1][1], shown[-1][0]) if more else None
    return TextPage(hits, last)


def _page(
    db: sqlite3.Connection,
    kinds: Mapping[str, KindSql],
    tenant: TenantName,
    query: TextQuery,
    wanted: str,
    best: int,
) -> list[tuple[int, int, str, str]] | None:
    """Documents, their scores, kinds and ids. None where the `best` first did not suffice."""
    values: list[Any] = [wanted]
    text = _RANKED
    if query.after is not None:
        text += " WHERE (-score, doc) > (?, ?)"
        values += [-query.after.score, query.after.place]
    values += [best, tenant]
    tests = [_among(db, kinds, tenant, each, values, best > 0) for each in query.among]
    text = (
        f"WITH ranked AS MATERIALIZED ({text} ORDER BY score DESC, doc LIMIT ?) "
        "SELECT x.doc, x.score, d.kind, d.id, (SELECT count(*) FROM ranked) FROM ranked AS x "
        f"JOIN searched AS d ON d.doc = x.doc WHERE d.tenant = ? AND ({' OR '.join(tests)}) "
        "ORDER BY x.score DESC, x.doc LIMIT ?"
    )
    found = db.execute(text, (*values, query.limit + 1)).fetchall()
    enough = len(found) > query.limit
    if best > 0 and not enough and (not found or found[0][4] >= best):
        return None
    return [(doc, score, kind, name) for doc, score, kind, name, _ in found]


def _among(
    db: sqlite3.Connection,
    kinds: Mapping[str, KindSql],
    tenant: TenantName,
    among: Among,
    values: list[Any],
    some: bool,
) -> str:
    """The test of a document of one kind whose record passes; `some`: of not so many documents."""
    values.append(among.kind)
    if among.where == EVERYTHING:
        return "d.kind = ?"
    values.append(tenant)
    kind = kinds[among.kind]
    begins = begun(db, kind, tenant, among.where, "")
    if some and not begins and not shortlisted(kind, among.where):
        # Many records may pass: each is looked at when the words have found it.
        return (
            f"(d.kind = ? AND EXISTS (SELECT 1 FROM {source(kind, among.where)} "
            f"WHERE r.tenant = ? AND r.id = d.id{filtered(kind, among.where, values, 'id')}))"
        )
    # The filter is answered once, by its own index, whatever the words match.
    return (
        f"(d.kind = ? AND d.id IN (SELECT r.id FROM {source(kind, among.where)} "
        f"WHERE r.tenant = ?{filtered(kind, among.where, values, begins)}))"
    )
