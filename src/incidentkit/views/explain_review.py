"""How far a review has got, what is still to be done about it, and what may be done next."""

from __future__ import annotations

from collections.abc import Sequence

from incidentkit.model import review_changes as r
from incidentkit.model.journal import Event, JournalEntry
from incidentkit.model.review import FollowUpState, Review
from incidentkit.rules import review as rules
from incidentkit.timing.instants import show_instant
from incidentkit.views.explanation import Explanation, found, reasons, told
from incidentkit.views.text import many, name, plain, words

_MOVES: tuple[type[Event], ...] = (r.ReviewOpened, r.ReviewMoved, r.ReviewOverdue)


def explain_review_status(
    review: Review, entries: Sequence[JournalEntry], topic: str = "status"
) -> Explanation:
    """The state of a review: since when, by what, and the commands from here."""
    todo = [each for each in review.follow_ups if each.state is FollowUpState.OPEN]
    answer = (
        f"{plain(review.ref)} is {words(review.state)} since {show_instant(review.since)}, "
        f"owned by {name(review.owner)}; {many(len(todo), 'follow-up')} to do"
    )
    steps = tuple(entry for entry, _ in found(entries, _MOVES))
    needs = {move.command.action: move.needs for move in rules.REVIEW_MOVES}
    following = tuple(_next(action, needs[action]) for action in rules.allowed(review.state))
    return Explanation(topic, answer, reasons(steps), (*map(told, steps), *following))


def _next(action: str, needs: tuple[str, ...]) -> str:
    return f"allowed next: {words(action)}" + (f" (needs {', '.join(needs)})" if needs else "")


def review_card(review: Review) -> tuple[str, ...]:
    """A review at a glance: what it is of, how far it has got, who owes it, what is to be done."""
    clock = review.clock
    due = f", due {show_instant(clock.due_at)}" if clock is not None and clock.due_at else ""
    written = ", ".join(plain(each) for each in review.sections) or "nothing yet"
    rows = tuple(
        f"{each.id} {words(each.state)} {plain(each.title, 100)}, {name(each.owner)}"
        for each in review.follow_ups
    )
    return (
        f"{plain(review.ref)}  review of {plain(review.incident_ref)}",
        plain(review.title, 200),
        f"{words(review.state)} since {show_instant(review.since)}{due}",
        f"owner {name(review.owner)}",
        f"written: {written}",
        *rows,
    )
