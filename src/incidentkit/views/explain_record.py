"""Where planned work or a silence stands, by what, and what may be done next."""

from __future__ import annotations

from collections.abc import Sequence

from incidentkit.errors import InvalidValue
from incidentkit.model.journal import JournalEntry
from incidentkit.model.maintenance import Maintenance
from incidentkit.model.silence import Silence
from incidentkit.rules import maintain, silence
from incidentkit.timing.instants import show_instant
from incidentkit.views.explanation import Explanation, reasons, told
from incidentkit.views.text import plain, words


def explain_record_status(
    record: Maintenance | Silence,
    entries: Sequence[JournalEntry],
    topic: str,
    topics: Sequence[str],
) -> Explanation:
    """The state of a record, everything that led to it, and the moves from here.

    Raises InvalidValue for another topic than `status`.
    """
    if topic not in ("status", *topics):
        raise InvalidValue("topic", f"{plain(topic, 60)!r} is not status")
    if topic != "status":
        told_ = f"{plain(record.ref)} is no incident; ask about its status"
        return Explanation(topic, told_)
    since = "" if record.since is None else f" since {show_instant(record.since)}"
    answer = f"{plain(record.ref)} is {words(record.state)}{since}"
    following = tuple(f"allowed next: {action}" for action in _allowed(record))
    return Explanation(topic, answer, reasons(entries), (*map(told, entries), *following))


def _allowed(record: Maintenance | Silence) -> tuple[str, ...]:
    if isinstance(record, Maintenance):
        return maintain.allowed(record.state)
    return silence.allowed(record.state)
