"""How long what is kept is kept: a term for each sort, and what is past it.

A retention policy is the host's to set and to answer for (GDPR Art. 5(1)(e)); none is in force by
itself, and a legal hold comes before all of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

FOR_EVER = timedelta()


@attrs.frozen
class RetentionTerms:
    """How long each sort is kept since it last changed; zero: for ever.

    `incidents`: what closed and cancelled incidents say, with their messages, reports and payloads.
    `payloads`: what came in, as it came in. `messages`: what settled messages said. `requests`: the
    ids by which a repeated request is known. `readings`: who read what.
    """

    incidents: timedelta = FOR_EVER
    payloads: timedelta = FOR_EVER
    messages: timedelta = FOR_EVER
    requests: timedelta = FOR_EVER
    readings: timedelta = FOR_EVER


NO_RETENTION = RetentionTerms()
SORTS = ("incidents", "payloads", "messages", "requests", "readings")


def past(terms: RetentionTerms, sort: str, now: datetime) -> datetime | None:
    """Before when what did not change since is past its term; None where it is kept for ever."""
    term: timedelta = getattr(terms, sort)
    return now - term if term > FOR_EVER else None
