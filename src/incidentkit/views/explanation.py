"""What an explanation is made of, and the small questions that every topic asks of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import attrs

from incidentkit.model.journal import Event, JournalEntry
from incidentkit.model.reason import Plain, Reason
from incidentkit.views.text import plain, reason_of, suffix
from incidentkit.views.timeline import line

E = TypeVar("E", bound=Event)


@attrs.frozen
class Explanation:
    """An answer to one question about a record.

    `answer` is one sentence. `lines` show how it came about, each decision with its rule, version
    and policy at the end; `reasons` are those decisions as data, for `rules.rerun`.
    """

    topic: str
    answer: str
    reasons: tuple[Reason, ...] = ()
    lines: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The answer, and under it how it came about."""
        return "\n".join((self.answer, *(f"  {each}" for each in self.lines)))


def found(
    entries: Iterable[JournalEntry], event_type: type[E] | tuple[type[E], ...]
) -> tuple[tuple[JournalEntry, E], ...]:
    """The entries of these events that can still be read, each with its event."""
    return tuple(
        (entry, entry.recorded.event)
        for entry in entries
        if entry.recorded is not None and isinstance(entry.recorded.event, event_type)
    )


def told(entry: JournalEntry) -> str:
    """An entry as its line of the timeline, with the rule at its end where one decided."""
    reason = reason_of(entry)
    unknown = f"; unknown: {listed(reason.unknowns)}" if reason and reason.unknowns else ""
    return f"{line(entry)}{unknown}{suffix(reason) if reason else ''}"


def reasons(entries: Iterable[JournalEntry]) -> tuple[Reason, ...]:
    """The reasons of these entries in order, each once."""
    known: list[Reason] = []
    for entry in entries:
        reason = reason_of(entry)
        if reason is not None and reason not in known:
            known.append(reason)
    return tuple(known)


def listed(value: Plain) -> str:
    """Plain data of a reason in words; a list with commas, nothing as `nobody`."""
    if isinstance(value, tuple):
        return ", ".join(plain(str(each)) for each in value) or "nobody"
    return plain(str(value))


def redacted(entries: Sequence[JournalEntry], *kinds: str) -> str:
    """A clause that says so when entries which would have told are redacted."""
    count = sum(entry.recorded is None and entry.kind in kinds for entry in entries)
    return f" ({count} redacted)" if count else ""
