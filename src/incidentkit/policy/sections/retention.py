"""`[retention]`: how long what is kept is kept."""

from __future__ import annotations

from incidentkit.policy.table import Table
from incidentkit.rules.retention import SORTS, RetentionTerms

ABOUT = {
    "": "How long what is kept is kept, since it last changed. What is left out is kept for ever; "
    "`desk.purge` honours it, and a legal hold comes before it.",
    "incidents": "What closed and cancelled incidents say, with their messages, reports and "
    "payloads.",
    "payloads": "What came in, as it came in.",
    "messages": "What settled messages said; that they went out, to whom and when, stays.",
    "requests": "The ids by which a repeated request is known; at least a day.",
    "readings": "Who read what.",
}
_LEAST = RetentionTerms()


def read(table: Table) -> RetentionTerms:
    """The terms of keeping."""
    terms = RetentionTerms(*(table.span(sort, getattr(_LEAST, sort)) for sort in SORTS))
    if 0 < terms.requests.total_seconds() < 86_400:
        table.wrong("requests", "must be at least a day: senders repeat what was not answered")
    table.done()
    return terms
