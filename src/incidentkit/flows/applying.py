"""Letting events happen to an incident, with all that the record itself owes to them."""

from __future__ import annotations

from collections.abc import Iterable

from incidentkit.flows.draft import Draft, Workbook
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.reason import Reason
from incidentkit.rules import lifecycle, react

SYSTEM = "system"


def apply(
    book: Workbook,
    draft: Draft,
    events: Iterable[Event],
    *,
    by: str = "",
    cause: str = "",
    depth: int = 0,
    reason: Reason | None = None,
) -> None:
    """Let events happen, and whatever the record itself owes to them."""
    setting = book.setting
    for event in events:
        draft.happened(event, setting, book.at, by=by, cause=cause, reason=reason)
        stream, seq = f"incident/{draft.incident.id}", draft.incident.version
        for command in react.react(draft.incident, event, setting.policy.lifecycle):
            if depth < react.DEPTH:
                here = f"{stream}#{seq}"
                followed = decide(book, draft, command, SYSTEM)
                apply(book, draft, followed, by=SYSTEM, cause=here, depth=depth + 1)
        for other in react.elsewhere(draft.incident, event):
            book.react_elsewhere(other.kind, other.id, stream, seq)


def decide(book: Workbook, draft: Draft, command: Command, by: str) -> tuple[Event, ...]:
    """The events of a command on a draft, by the policy's terms."""
    return lifecycle.decide(draft.incident, command, book.at, by, book.setting.policy.lifecycle)
