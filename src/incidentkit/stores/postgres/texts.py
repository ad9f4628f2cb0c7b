"""Full text in PostgreSQL: the words of the library, kept as `tsvector` and found by GIN.

Words are split and cut here, not by a configuration of the server, so that every store finds the
same. Each word carries a mark of its tenant, so that the index is read for one tenant alone. The
score is made of how often and in which field a word stands, of how rare it is and how long the
text is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from incidentkit.ids import TenantName
from incidentkit.lang.stems import stem
from incidentkit.lang.words import Needle, split
from incidentkit.ports.query import EVERYTHING
from incidentkit.ports.rows import SearchText
from incidentkit.ports.search import Among, SearchCursor, TextHit, TextPage, TextQuery
from incidentkit.stores import sql_text as sql
from incidentkit.stores.filters import equalities, renamed
from incidentkit.stores.postgres.reading import flagged
from incidentkit.stores.postgres.statements import KindSql
from incidentkit.stores.search_texts import numbered, said, without
from incidentkit.stores.tables import COLUMN_PREFIX

SCALE = 1_000_000_000
RARE = 2_000
"""A word that stands in so many records is not counted further."""
LONGEST_WORD = 200
MOST_BYTES, MOST_PLACES = 400_000, 16_000
"""What goes into one vector: PostgreSQL keeps a megabyte and 16,383 places in each."""
_WEIGHTS = "'{0.125, 0.25, 0.5, 1}'::float4[]"
_USUAL = 64.0
_K1, _B = 1.2, 0.75

_COLUMNS = "tenant, kind, id, title, keywords, body, notes, card, said, words"
_TYPES = ("text",) * 9 + ("bigint",)
_CARD = (
    "title = excluded.title, keywords = excluded.keywords, body = excluded.body, "
    "card = excluded.card"
)
# Concatenation puts the places of the added words behind all others; beyond a bound it is left.
_NOTES = (
    "notes = x.notes || excluded.notes, said = CASE WHEN length(x.said) < 20000 "
    "THEN x.said || excluded.said ELSE x.said END, words = x.words + excluded.words"
)
_SETS = {
    "card": f"{_CARD}, {_NOTES}",
    "notes": _NOTES,
    "anew": f"{_CARD}, notes = excluded.notes, said = excluded.said, words = excluded.words",
}


def _insert(mode: str, many: bool) -> str:
    source = f"{'%b::text, ' * 7}%b::text::tsvector, %b::text::tsvector, %b::bigint FROM e"
    if many:
        arrays = ", ".join(f"%b::{each}[]" for each in _TYPES)
        source = (
            "u.a, u.b, u.c, u.d, u.e, u.f, u.g, u.h::tsvector, u.i::tsvector, u.j "
            f"FROM e, unnest({arrays}) AS u(a, b, c, d, e, f, g, h, i, j)"
        )
    return (
        f"INSERT INTO ik_text AS x ({_COLUMNS}) SELECT {source} "
        f"ON CONFLICT (tenant, kind, id) DO UPDATE SET {_SETS[mode]}"
    )


PARTS = {f"text {mode} {'n' if many else '1'}": _insert(mode, many)
         for mode in _SETS for many in (False, True)}  # fmt: skip
"""Parts of the statement that writes a batch, by mode and number; `e` is its first part."""


def _mode(text: SearchText) -> str:
    if text.anew:
        return "anew"
    return "notes" if text.title is None else "card"


def _values(tenant: str, text: SearchText) -> tuple[Any, ...]:
    title = text.title or ""
    card, words = _vector(tenant, ((title, "A"), (text.keywords, "B"), (text.body, "C")))
    notes = numbered(text.notes)
    spoken, more = _vector(tenant, ((said(notes), ""),))
    count = more if _mode(text) == "notes" else words + more
    return (
        tenant, text.kind, text.id, title, text.keywords, text.body, notes, card, spoken, count
    )  # fmt: skip


def parts(tenant: str, texts: Sequence[SearchText]) -> Iterable[tuple[str, Sequence[Any]]]:
    """The parts that write these texts, each of another record, with their values."""
    by_mode: dict[str, list[tuple[Any, ...]]] = {}
    for text in sorted(texts, key=lambda each: (each.kind, each.id)):
        by_mode.setdefault(_mode(text), []).append(_values(tenant, text))
    for mode, lines in sorted(by_mode.items()):
        if len(lines) == 1:
            yield f"text {mode} 1", lines[0]
        else:
            yield f"text {mode} n", [list(column) for column in zip(*lines, strict=True)]


def written(tenant: str, texts: Sequence[SearchText]) -> tuple[str, list[Any]]:
    """One statement that writes these texts, each of another record, in an open transaction."""
    ctes, values = ["e AS (SELECT 1)"], list[Any]()
    for number, (sort, some) in enumerate(parts(tenant, texts)):
        ctes.append(f"p{number} AS ({PARTS[sort]})")
        values += some
    return f"WITH {', '.join(ctes)} SELECT 1", values


def mark(tenant: str) -> str:
    """What the words of a tenant begin with."""
    return sha256(tenant.encode()).hexdigest()[:8] + ":"


def _vector(tenant: str, fields: Iterable[tuple[str, str]]) -> tuple[str, int]:
    """A `tsvector` as text, and how many words it has."""
    begin, places = mark(tenant), dict[str, list[str]]()
    place = count = size = 0
    for text, weight in fields:
        found = split(text)
        count += len(found)
        for each in found:
            place += 1
            if place > MOST_PLACES or size > MOST_BYTES:
                break
            word = stem(each)[:LONGEST_WORD]
            size += 4
            there = places.get(word)
            if there is None:
                there = places[word] = []
                size += len(word.encode()) + 16
            there.append(f"{place}{weight}")
        # A gap, so that no phrase reaches from one field into the next.
        place += 1
    return " ".join(f"'{begin}{word}':{','.join(at)}" for word, at in places.items()), count


def query_of(tenant: str, needle: Needle) -> str:
    """A needle as `tsquery`: quoted words side by side, never taken for syntax."""
    begin = mark(tenant)
    words = [f"'{begin}{stem(word)[:LONGEST_WORD]}'" for word in needle.words]
    if needle.prefix:
        words[-1] += ":*"
    return " <-> ".join(words)


def search(
    kinds: Mapping[str, KindSql], tenant: TenantName, query: TextQuery
) -> tuple[str, list[Any]]:
    """The statement of one page, with one hit more to know whether there is another."""
    wanted = [query_of(tenant, needle) for needle in query.needles]
    asked, rare, tests, scores = list[str](), list[str](), list[str](), list[str]()
    values: list[Any] = []
    for n, text in enumerate(wanted):
        asked.append(f"q{n}")
        values += [text]
        has = f"(t.card @@ q.q{n} OR t.said @@ q.q{n})"
        tests.append(has)
        rare.append(
            f"(SELECT 1 / ln(2.0::float8 + count(*)) FROM (SELECT 1 FROM ik_text AS t "
            f"WHERE t.tenant = %b AND (t.card @@ asked.q{n} OR t.said @@ asked.q{n}) "
            f"LIMIT {RARE}) AS c) AS r{n}"
        )
        found = (
            f"(CASE WHEN t.card @@ q.q{n} THEN greatest(ts_rank({_WEIGHTS}, t.card, q.q{n}), "
            f"0.001) ELSE 0 END + CASE WHEN t.said @@ q.q{n} THEN "
            f"greatest(ts_rank({_WEIGHTS}, t.said, q.q{n}), 0.001) ELSE 0 END)::float8"
        )
        share = f"({_K1} * ({1 - _B} + {_B} * t.words / {_USUAL}))"
        scores.append(f"q.r{n} * {found} / ({found} + {share})")
    columns = ", ".join(f"%b::text::tsquery AS {name}" for name in asked)
    values += [tenant] * len(wanted)
    how = " OR " if query.either else " AND "
    # Named in the text as well, so that the planner finds the index: it sees no other constants.
    text = (
        f"WITH asked AS MATERIALIZED (SELECT {columns}), "
        f"q AS MATERIALIZED (SELECT asked.*, {', '.join(rare)} FROM asked) "
        "SELECT f.doc, f.score, f.kind, f.id, f.title, f.keywords, f.body, f.notes FROM ("
        f"SELECT t.*, round({SCALE} * ({' + '.join(scores)}))::bigint AS score "
        f"FROM q, ik_text AS t WHERE t.tenant = %b AND ({how.join(tests)})) AS f WHERE "
    )
    values.append(tenant)
    if query.after is not None:
        text += "(-f.score, f.doc) > (%b, %b) AND "
        values += [-query.after.score, query.after.place]
    among = [_among(kinds, tenant, each, values) for each in query.among] or ["false"]
    values.append(query.limit + 1)
    return f"{text}({' OR '.join(among)}) ORDER BY f.score DESC, f.doc LIMIT %b", values


def _among(
    kinds: Mapping[str, KindSql], tenant: TenantName, among: Among, values: list[Any]
) -> str:
    """The test of a hit of one kind whose record passes the filter."""
    values.append(among.kind)
    if among.where == EVERYTHING:
        return "f.kind = %b"
    values.append(tenant)
    kind = kinds[among.kind]
    stored = renamed(among.where, lambda name: COLUMN_PREFIX + name)
    if next(equalities(among.where), None) is None:
        # Many records may pass, as of what somebody may see: each hit is looked at by itself.
        # Without the offset the planner would rather read all records once.
        return (
            f"(f.kind = %b AND EXISTS (SELECT 1 FROM {kind.record} AS r WHERE r.tenant = %b "
            f"AND r.id = f.id AND {sql.condition(stored, '%b', values)} OFFSET 0))"
        )
    few = flagged(among.where)
    return (
        f"(f.kind = %b AND f.id IN (SELECT r.id FROM {kind.record} AS r WHERE r.tenant = %b "
        f"AND {sql.condition(stored, '%b', values)}{few}))"
    )


def page(found: Sequence[tuple[Any, ...]], query: TextQuery) -> TextPage:
    """The hits of one page."""
    shown = found[: query.limit]
    hits = tuple(
        [
            TextHit(kind, name, score, (title, keywords, body, said(notes)))
            for _, score, kind, name, title, keywords, body, notes in shown
        ]
    )
    more = len(found) > query.limit
    return TextPage(hits, SearchCursor(shown[-1][1], shown[-1][0]) if more else None)


def forget(execute: Any, tenant: str, stream: str, seqs: Collection[int]) -> None:
    """Take the notes of these entries out of the index; a transaction is open."""
    kind, _, name = stream.partition("/")
    address = (tenant, kind, name)
    found = execute(
        "SELECT title, keywords, body, notes FROM ik_text "
        "WHERE tenant = %s AND kind = %s AND id = %s FOR UPDATE",
        address,
    ).fetchone()
    if found is None:
        return
    *card, before = found
    after = without(before, seqs)
    if after != before:
        _, words = _vector(tenant, [(text, "") for text in card])
        spoken, more = _vector(tenant, ((said(after), ""),))
        execute(
            "UPDATE ik_text SET notes = %s, said = %s::tsvector, words = %s "
            "WHERE tenant = %s AND kind = %s AND id = %s",
            (after, spoken, words + more, *address),
        )
