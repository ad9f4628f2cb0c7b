"""What was known at any time: a question to the journal, which keeps every assertion."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from incidentkit.model.fact_changes import FactAsserted
from incidentkit.model.facts import Fact
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.journal import JournalEntry
from incidentkit.rules.assert_facts import winners


def facts_as_known(
    entries: Iterable[JournalEntry], at: datetime, *, recorded: datetime | None = None
) -> FrozenMap[str, Fact]:
    """The facts that were known at an instant, by key, as the journal tells it now.

    What was entered late counts from when it was known. With `recorded` only what had been entered
    by then counts: what the record said at that instant, whatever was known. Redacted entries are
    left out.
    """
    found: list[Fact] = []
    for entry in entries:
        event = None if entry.recorded is None else entry.recorded.event
        if not isinstance(event, FactAsserted) or event.fact.known_at > at:
            continue
        if recorded is None or entry.at <= recorded:
            found.append(event.fact)
    return FrozenMap({key: fact for key, fact in winners(found).items() if fact.value is not None})
