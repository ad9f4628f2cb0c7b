"""What a review record adds to the page: what people wrote, the follow-ups, how far it has got."""

from __future__ import annotations

from collections.abc import Sequence

from incidentkit.model.review import NO_SECTIONS, FollowUp, Review
from incidentkit.timing.instants import show_instant
from incidentkit.views.review_parts import Pairs, Rows
from incidentkit.views.text import name, plain, words


def written(record: Review | None, headings: Sequence[str]) -> Pairs:
    """Each heading and what people wrote under it; sections of an older policy come last."""
    known = NO_SECTIONS if record is None else record.sections
    listed = dict.fromkeys((*headings, *known))
    return tuple((x, known[x].text if x in known else "") for x in listed)


def follow_ups(record: Review | None) -> Rows:
    """One row for each follow-up, in the order they were added."""
    return () if record is None else tuple(_row(each) for each in record.follow_ups)


def _row(item: FollowUp) -> tuple[str, ...]:
    clock = item.clock
    due = "" if clock is None or clock.due_at is None else show_instant(clock.due_at)
    late = ", late" if clock is not None and clock.breached_at is not None else ""
    ended = f": {plain(item.outcome)}" if item.outcome else ""
    link = f" ({plain(item.link)})" if item.link else ""
    state = f"{words(item.state)}{late}{ended}"
    title = f"{plain(item.title, 1_000)}{link}"
    return (item.id, title, name(item.owner), words(item.kind), due, state)


def about(record: Review | None) -> Pairs:
    """The record itself: its reference, how far it has got, who owes it, who approved it."""
    if record is None:
        return ()
    clock = record.clock
    said = [
        ("Review", plain(record.ref)),
        ("State", f"{words(record.state)} since {show_instant(record.since)}"),
        ("Owner", name(record.owner)),
        ("Approved by", name(record.approved_by) if record.approved_by else ""),
        ("Due", show_instant(clock.due_at) if clock is not None and clock.due_at else ""),
        ("Why", plain(record.reason)),
    ]
    return tuple(pair for pair in said if pair[1])
