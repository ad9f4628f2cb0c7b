"""One sentence for each event of a post-incident review."""

from __future__ import annotations

from incidentkit.model import review_changes as r
from incidentkit.model.journal import Event
from incidentkit.views.sentences_life import Sentence
from incidentkit.views.text import Teller, followed, many, name, plain, quoted, words


def _opened(v: r.ReviewOpened, t: Teller) -> str:
    due = "" if v.due_at is None else f", due {t.near(v.due_at)}"
    return (
        f"{t.who} opened the review {plain(v.ref)} of {plain(v.incident.ref)}; "
        f"owner {name(v.owner)}{due}"
    )


def _edited(v: r.ReviewEdited, t: Teller) -> str:
    public = ", for the public as well" if v.public else ""
    return f"{t.who} wrote {words(v.section)} ({many(len(v.text), 'character')}{public})"


def _assigned(v: r.ReviewAssigned, t: Teller) -> str:
    due = "" if v.due_at is None else f", due {t.near(v.due_at)}"
    return f"{t.who} gave it to {name(v.owner)}{due}"


def _submitted(_: r.ReviewSubmitted, t: Teller) -> str:
    return f"{t.who} handed it in to be read"


def _approved(v: r.ReviewApproved, _: Teller) -> str:
    return f"{name(v.approver)} approved it"


def _returned(v: r.ReviewReturned, t: Teller) -> str:
    return followed(f"{t.who} returned it to its owner", v.reason)


def _published(_: r.ReviewPublished, t: Teller) -> str:
    return f"{t.who} published it"


def _waived(v: r.ReviewWaived, t: Teller) -> str:
    return followed(f"{t.who} decided that none is needed", v.reason)


def _reopened(v: r.ReviewReopened, t: Teller) -> str:
    return followed(f"{t.who} reopened it", v.reason)


def _warned(v: r.ReviewWarned, t: Teller) -> str:
    return f"it is due {t.near(v.due_at)}"


def _overdue(v: r.ReviewOverdue, t: Teller) -> str:
    return f"it was due {t.near(v.due_at)}"


def _added(v: r.FollowUpAdded, t: Teller) -> str:
    each = v.follow_up
    due = "" if each.due_at is None else f", due {t.near(each.due_at)}"
    return (
        f"{t.who} added follow-up {plain(each.id)} ({words(each.kind)}) {quoted(each.title)} "
        f"for {name(each.owner)}{due}"
    )


def _done(v: r.FollowUpDone, t: Teller) -> str:
    return followed(f"{t.who} completed follow-up {plain(v.id)}", v.note)


def _cancelled(v: r.FollowUpCancelled, t: Teller) -> str:
    return followed(f"{t.who} cancelled follow-up {plain(v.id)}", v.reason)


def _follow_up_warned(v: r.FollowUpWarned, t: Teller) -> str:
    return f"follow-up {plain(v.id)} is due {t.near(v.due_at)}"


def _follow_up_overdue(v: r.FollowUpOverdue, t: Teller) -> str:
    return f"follow-up {plain(v.id)} was due {t.near(v.due_at)}"


REVIEW: dict[type[Event], Sentence] = {
    r.ReviewOpened: _opened,
    r.ReviewEdited: _edited,
    r.ReviewAssigned: _assigned,
    r.ReviewSubmitted: _submitted,
    r.ReviewApproved: _approved,
    r.ReviewReturned: _returned,
    r.ReviewPublished: _published,
    r.ReviewWaived: _waived,
    r.ReviewReopened: _reopened,
    r.ReviewWarned: _warned,
    r.ReviewOverdue: _overdue,
    r.FollowUpAdded: _added,
    r.FollowUpDone: _done,
    r.FollowUpCancelled: _cancelled,
    r.FollowUpWarned: _follow_up_warned,
    r.FollowUpOverdue: _follow_up_overdue,
}
"""Event -> its sentence."""
