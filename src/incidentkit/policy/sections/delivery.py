"""`[delivery]`: how often a message is tried, and when it is too late for it."""

from __future__ import annotations

from incidentkit.policy.table import Table
from incidentkit.rules.sending import SENDING, DeliveryTerms

ABOUT = {
    "": "How messages are tried again, and when they are too late.",
    "first_wait": "The longest wait before the second try; the shortest is half of it. Each "
    "further wait is twice as long.",
    "longest_wait": "What waits grow to.",
    "longest_asked": "The longest wait that is granted to a channel which names one itself.",
    "tries": "After so many a message is given up and set aside.",
    "expire_page_after": "A page older than this is not sent any more.",
    "expire_notice_after": "The same of notices.",
    "expire_sync_after": "The same of what keeps other systems in step; left out: never too old.",
    "pending_pages": "So many pages about one incident may wait for one person on one channel; "
    "further ones are bundled with them.",
}


def read(table: Table) -> DeliveryTerms:
    """The terms of sending."""
    plain = SENDING
    terms = DeliveryTerms(
        table.span("first_wait", plain.first_wait),
        table.span("longest_wait", plain.longest_wait),
        table.span("longest_asked", plain.longest_asked),
        table.number("tries", plain.tries, 1, 1_000),
        table.span("expire_page_after", plain.expire_page_after),
        table.span("expire_notice_after", plain.expire_notice_after),
        table.span("expire_sync_after", plain.expire_sync_after),
        table.number("pending_pages", plain.pending_pages, 1, 100),
    )
    if terms.longest_wait < terms.first_wait:
        table.wrong("longest_wait", "must not be shorter than first_wait")
    table.done()
    return terms
