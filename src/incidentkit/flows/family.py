"""Children, as far as what happens to their parent rests on them."""

from __future__ import annotations

import attrs

from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow
from incidentkit.model import incident_commands as c
from incidentkit.model.words import LinkKind, State


def children(book: Workbook, draft: Draft) -> Flow[tuple[Draft, ...]]:
    """The children of an incident, in the order in which they were linked."""
    found: list[Draft] = []
    for link in draft.incident.ties.links:
        if link.kind is LinkKind.PARENT_OF:
            child = yield from book.incident(link.target.partition("/")[2])
            if child is not None:
                found.append(child)
    return tuple(found)


def open_children(book: Workbook, draft: Draft) -> Flow[tuple[str, ...]]:
    """The references of its children that are still active, where it waits for anything."""
    if draft.incident.life.state is not State.ON_HOLD or not draft.incident.ties.links:
        return ()
    return (yield from still_open(book, draft))


def still_open(book: Workbook, draft: Draft) -> Flow[tuple[str, ...]]:
    """The references of its children that are still active."""
    every = yield from children(book, draft)
    return tuple(x.incident.ref for x in every if x.incident.active)


def with_children(book: Workbook, draft: Draft, command: c.Command) -> Flow[c.Command]:
    """The command that ends an incident, with the children that would stay open; others as given.

    Which children resolve with their parent stands in the table of reactions; the rest must stand
    unchanged when the end is written.
    """
    if not isinstance(command, c.Resolve | c.Close):
        return command
    from incidentkit.rules.reactions import follows

    terms = book.setting.policy.lifecycle
    left: list[str] = []
    for child in (yield from children(book, draft)):
        incident = child.incident
        if incident.active and (incident.life.candidate or not follows(incident, terms)):
            left.append(incident.ref)
            book.reads.append(("incident", incident.id))
    if not left and not command.children:
        return command
    return attrs.evolve(command, children=tuple(left))
