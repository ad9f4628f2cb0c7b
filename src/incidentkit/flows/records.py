"""What happens to a record other than an incident, and who else must hear of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from incidentkit.flows.draft import Workbook
from incidentkit.flows.record_draft import RecordDraft
from incidentkit.model.journal import Event


def happen(
    book: Workbook,
    draft: RecordDraft[Any],
    events: Iterable[Event],
    *,
    by: str = "",
    cause: str = "",
) -> None:
    """Let events happen to a record, and let the records that must hear of them react."""
    for event in events:
        draft.happened(event, book.setting, book.at, by=by, cause=cause)
        name = f"{draft.of.kind.name}/{draft.value.id}"
        for other in draft.of.elsewhere(draft.value, event):
            book.react_elsewhere(other.kind, other.id, name, draft.value.version)
