"""One sentence for each event of a review, of its follow-ups, and for what the incident hears."""

from __future__ import annotations

from incidentkit.model import review_changes as r
from incidentkit.model.journal import Event
from incidentkit.model.review import FollowUpState, ReviewState
from incidentkit.views.sentences_life import Sentence
from incidentkit.views.text import Teller, followed, name, plain, quoted, words

_MOVED = {
    ReviewState.DRAFT: "made it a draft again",
    ReviewState.IN_REVIEW: "submitted it",
    ReviewState.APPROVED: "approved it",
    ReviewState.PUBLISHED: "published it",
    ReviewState.WAIVED: "waived it",
}


def _opened(v: r.ReviewOpened, t: Teller) -> str:
    owner = f", owned by {name(v.owner)}" if v.owner else ""
    clock = v.clock
    due = f", due {t.near(clock.due_at)}" if clock is not None and clock.due_at else ""
    return f"{t.who} opened the review {plain(v.ref)} of {plain(v.incident_ref)}{owner}{due}"


def _edited(v: r.ReviewEdited, t: Teller) -> str:
    if not v.text:
        return f"{t.who} took away the section {quoted(v.section)}"
    return followed(f"{t.who} wrote the section {quoted(v.section)}", v.text)


def _assigned(v: r.ReviewAssigned, t: Teller) -> str:
    return f"{t.who} made {name(v.owner)} the owner (was {name(v.was)})"


def _moved(v: r.ReviewMoved, t: Teller) -> str:
    return followed(f"{t.who} {_MOVED[v.to]}", v.why)


def _warned(v: r.ReviewWarned, t: Teller) -> str:
    return f"it is due {t.near(v.due_at)}"


def _overdue(v: r.ReviewOverdue, t: Teller) -> str:
    return f"it was due {t.near(v.due_at)} and is not published"


def _added(v: r.FollowUpAdded, t: Teller) -> str:
    owner = f" for {name(v.owner)}" if v.owner else ""
    clock = v.clock
    due = f", due {t.near(clock.due_at)}" if clock is not None and clock.due_at else ""
    return f"{t.who} added {plain(v.id)} ({words(v.kind)}){owner}{due}: {plain(v.title)}"


def _changed(v: r.FollowUpChanged, t: Teller) -> str:
    clock = v.clock
    due = f", due {t.near(clock.due_at)}" if clock is not None and clock.due_at else ""
    return followed(f"{t.who} changed {plain(v.id)}: owner {name(v.owner)}{due}", v.why)


def _ended(v: r.FollowUpEnded, t: Teller) -> str:
    did = "completed" if v.to is FollowUpState.DONE else "cancelled"
    return followed(f"{t.who} {did} {plain(v.id)}", v.outcome)


def _follow_up_warned(v: r.FollowUpWarned, t: Teller) -> str:
    return f"{plain(v.id)} is due {t.near(v.due_at)}"


def _follow_up_overdue(v: r.FollowUpOverdue, t: Teller) -> str:
    return f"{plain(v.id)} was due {t.near(v.due_at)} and is not done"


def _begun(v: r.ReviewBegun, t: Teller) -> str:
    return f"{t.who} opened the review {plain(v.ref)}"


def _finished(v: r.ReviewFinished, _: Teller) -> str:
    return f"the review {plain(v.ref)} was {words(v.how)}"


REVIEW: dict[type[Event], Sentence] = {
    r.ReviewOpened: _opened,
    r.ReviewEdited: _edited,
    r.ReviewAssigned: _assigned,
    r.ReviewMoved: _moved,
    r.ReviewWarned: _warned,
    r.ReviewOverdue: _overdue,
    r.FollowUpAdded: _added,
    r.FollowUpChanged: _changed,
    r.FollowUpEnded: _ended,
    r.FollowUpWarned: _follow_up_warned,
    r.FollowUpOverdue: _follow_up_overdue,
    r.ReviewBegun: _begun,
    r.ReviewFinished: _finished,
}
"""Event -> its sentence."""
