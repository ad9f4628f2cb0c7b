"""The text of each sort of part of the statement that writes a batch.

A part is a CTE over `e`, the first of them. Whether its rows are counted against a parameter, or
only wanted at all, is said beside the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from incidentkit.stores import sql_text as sql
from incidentkit.stores.postgres import texts
from incidentkit.stores.postgres.statements import KindSql

_JOURNAL = "tenant, stream, seq, at, kind, body, salt, digest, hash"
_JOURNAL_TYPES = ("text", "bigint", "bigint", "text", "text", "text", "text", "text")


def arrays(types: Iterable[str]) -> str:
    """Array parameters of these types."""
    return ", ".join(f"%b::{each}[]" for each in types)


def scalars(types: Iterable[str]) -> str:
    """Parameters of these types."""
    return ", ".join(f"%b::{each}" for each in types)


SETTLE = "ik_settle(%b::text, %b::text[], %b::text[], %b::text[], %b::bigint[], %b::text[])"
ADD = (
    "ik_add_all(%b::text, %b::text[], %b::text[], %b::text[], %b::bigint[], %b::bigint[], "
    "%b::bigint[], %b::text[], %b::text[])"
)
CALLS = {
    "settle": f"true = ALL ({SETTLE})",
    "cancel": "ik_cancel(%b::text, %b::text[])",
    "move": "ik_move(%b::text, %b::text[], %b::bigint[])",
    "add": ADD,
}
"""What the last part says of the queue, in the order in which it is done."""


def _insert_1(n: int, kind: KindSql) -> tuple[str, bool]:
    return (
        f"p{n} AS (INSERT INTO {kind.record} (tenant, id, {sql.listed(kind.written)}) "
        f"SELECT {scalars(('text', 'text', *kind.types))} FROM e RETURNING 1)"
    ), False


def _insert_n(n: int, kind: KindSql) -> tuple[str, bool]:
    return (
        f"p{n} AS (INSERT INTO {kind.record} (tenant, id, {sql.listed(kind.written)}) "
        f"SELECT %b::text, u.* FROM e, unnest({arrays(('text', *kind.types))}) AS u RETURNING 1)"
    ), False


def _update_1(n: int, kind: KindSql) -> tuple[str, bool]:
    changes = ", ".join(
        f"{sql.quoted(name)} = %b::{type_}"
        for name, type_ in zip(kind.written, kind.types, strict=True)
    )
    return (
        f"p{n} AS (UPDATE {kind.record} AS r SET {changes} FROM e WHERE r.tenant = %b::text "
        "AND r.id = %b::text AND r.version = %b::bigint RETURNING 1)"
    ), True


def _met(n: int, table: str, arrays_of: str, names: str, match: str, strength: str) -> str:
    """The rows an update is about, each looked up by its key, locked in the order of the arrays.

    A join would be planned by what is known of the table: where that is old, it reads all rows of
    the tenant. What was found is then changed where it lies.
    """
    return (
        f"l{n} AS MATERIALIZED (SELECT x.place, u.* FROM e, unnest({arrays_of}) AS u({names}), "
        f"LATERAL (SELECT r.ctid AS place FROM {table} AS r WHERE r.tenant = %b::text AND {match} "
        f"FOR {strength}) AS x), "
    )


def _update_n(n: int, kind: KindSql) -> tuple[str, bool]:
    names = [f"v{place}" for place in range(len(kind.written))]
    changes = ", ".join(
        f"{sql.quoted(column)} = u.{name}" for column, name in zip(kind.written, names, strict=True)
    )
    types, listed = ("text", "bigint", *kind.types), f"id, expected, {', '.join(names)}"
    match = "r.id = u.id AND r.version = u.expected"
    return (
        _met(n, kind.record, arrays(types), listed, match, "NO KEY UPDATE")
        + f"p{n} AS (UPDATE {kind.record} AS r SET {changes} FROM l{n} AS u "
        "WHERE r.ctid = u.place RETURNING 1)"
    ), True


_TALLY = "tenant, id, signature, seen, last_seen"
_TALLY_TYPES = ("text", "bigint", "bigint", "bigint")
_COUNTED = (
    "ON CONFLICT (tenant, id) DO UPDATE SET signature = excluded.signature, "
    "seen = t.seen + excluded.seen, last_seen = greatest(t.last_seen, excluded.last_seen) "
    "RETURNING 1)"
)


def _tally_1(n: int, kind: KindSql) -> tuple[str, bool]:
    return (
        f"p{n} AS (INSERT INTO {kind.tally} AS t ({_TALLY}) "
        f"SELECT {scalars(('text', *_TALLY_TYPES))} FROM e {_COUNTED}"
    ), False


def _tally_n(n: int, kind: KindSql) -> tuple[str, bool]:
    return (
        f"p{n} AS (INSERT INTO {kind.tally} AS t ({_TALLY}) "
        f"SELECT %b::text, u.* FROM e, unnest({arrays(_TALLY_TYPES)}) AS u {_COUNTED}"
    ), False


def _touch_1(n: int, kind: KindSql) -> tuple[str, bool]:
    return (
        f"p{n} AS (UPDATE {kind.tally} AS t SET seen = t.seen + %b::bigint, "
        "last_seen = greatest(t.last_seen, %b::bigint) FROM e WHERE t.tenant = %b::text "
        "AND t.id = %b::text AND t.signature = %b::bigint RETURNING 1)"
    ), True


def _touch_n(n: int, kind: KindSql) -> tuple[str, bool]:
    assert kind.tally is not None
    # Those without a signature are only locked: another part counts them anew.
    return (
        _met(n, kind.tally, arrays(_TALLY_TYPES), "id, signature, seen, last_seen",
             "r.id = u.id", "NO KEY UPDATE")
        + f"p{n} AS (UPDATE {kind.tally} AS t SET seen = t.seen + u.seen, "
        f"last_seen = greatest(t.last_seen, u.last_seen) FROM l{n} AS u "
        "WHERE t.ctid = u.place AND t.signature = u.signature RETURNING 1)"
    ), True  # fmt: skip


_KEY_MATCH = "r.space = u.space AND r.key = u.key AND r.owner = u.was"


def _set_key(n: int) -> tuple[str, bool]:
    names = "space, key, was, becomes"
    return (
        _met(n, "ik_key", arrays(("text",) * 4), names, _KEY_MATCH, "UPDATE")
        + f"p{n} AS (UPDATE ik_key AS k SET owner = u.becomes FROM l{n} AS u "
        "WHERE k.ctid = u.place RETURNING 1)"
    ), True


def _drop_key(n: int) -> tuple[str, bool]:
    return (
        _met(n, "ik_key", arrays(("text",) * 3), "space, key, was", _KEY_MATCH, "UPDATE")
        + f"p{n} AS (DELETE FROM ik_key AS k USING l{n} AS u WHERE k.ctid = u.place RETURNING 1)"
    ), True


def _plain(table: str, columns: str, types: Sequence[str], many: bool) -> Callable[..., Any]:
    def made(n: int) -> tuple[str, bool]:
        rows = f"SELECT {scalars(('text', *types))} FROM e"
        if many:
            rows = f"SELECT %b::text, u.* FROM e, unnest({arrays(types)}) AS u"
        return f"p{n} AS (INSERT INTO {table} ({columns}) {rows} RETURNING 1)", False

    return made


def _request(many: bool) -> Callable[..., Any]:
    def made(n: int) -> tuple[str, bool]:
        rows = f"SELECT {scalars(('text',) * 4)}, coalesce(%b::bigint, e.at) FROM e"
        if many:
            rows = (
                "SELECT %b::text, u.id, u.fingerprint, u.result, coalesce(u.at, e.at) FROM e, "
                f"unnest({arrays(('text', 'text', 'text', 'bigint'))}) "
                "AS u(id, fingerprint, result, at)"
            )
        columns = "tenant, id, fingerprint, result, at"
        return f"p{n} AS (INSERT INTO ik_request ({columns}) {rows} RETURNING 1)", False

    return made


def _stream_on_1(n: int) -> tuple[str, bool]:
    return (
        f"p{n} AS (UPDATE ik_stream AS s SET seq = %b::bigint FROM e WHERE s.tenant = %b::text "
        "AND s.stream = %b::text AND s.seq = %b::bigint RETURNING 1)"
    ), True


def _stream_on_n(n: int) -> tuple[str, bool]:
    match = "r.stream = u.stream AND r.seq = u.before"
    types = arrays(("text", "bigint", "bigint"))
    return (
        _met(n, "ik_stream", types, "stream, before, after", match, "NO KEY UPDATE")
        + f"p{n} AS (UPDATE ik_stream AS s SET seq = u.after FROM l{n} AS u "
        "WHERE s.ctid = u.place RETURNING 1)"
    ), True


def _text(text: str) -> Callable[..., tuple[str, bool]]:
    def made(n: int) -> tuple[str, bool]:
        return f"p{n} AS ({text} RETURNING 1)", False

    return made


PARTS: dict[str, Callable[..., tuple[str, bool]]] = {
    "insert 1": _insert_1,
    "insert n": _insert_n,
    "update 1": _update_1,
    "update n": _update_n,
    "tally 1": _tally_1,
    "tally n": _tally_n,
    "touch 1": _touch_1,
    "touch n": _touch_n,
    "set key": _set_key,
    "drop key": _drop_key,
    "add key 1": _plain("ik_key", "tenant, space, key, owner", ("text",) * 3, many=False),
    "add key n": _plain("ik_key", "tenant, space, key, owner", ("text",) * 3, many=True),
    "request 1": _request(many=False),
    "request n": _request(many=True),
    "stream 1": _plain("ik_stream", "tenant, stream, seq", ("text", "bigint"), many=False),
    "stream n": _plain("ik_stream", "tenant, stream, seq", ("text", "bigint"), many=True),
    "stream on 1": _stream_on_1,
    "stream on n": _stream_on_n,
    "entry 1": _plain("ik_journal", _JOURNAL, _JOURNAL_TYPES, many=False),
    "entry n": _plain("ik_journal", _JOURNAL, _JOURNAL_TYPES, many=True),
    **{sort: _text(text) for sort, text in texts.PARTS.items()},
}
