"""One sentence for each event of a problem's record and of its known error."""

from __future__ import annotations

from incidentkit.model import known_error_changes as n
from incidentkit.model import problem_changes as k
from incidentkit.model.journal import Event
from incidentkit.timing.instants import show_instant
from incidentkit.views.sentences_life import Sentence
from incidentkit.views.text import Teller, followed, listing, many, name, plain, quoted, words


def _edited(v: k.ProblemEdited, t: Teller) -> str:
    parts = (
        f"title {quoted(v.title)}" if v.title is not None else "",
        "summary" if v.summary is not None else "",
        f"service {name(v.service)}" if v.service is not None else "",
        f"category {name(v.category)}" if v.category is not None else "",
        f"origin {name(v.origin)}" if v.origin is not None else "",
        "labels" if v.labels is not None else "",
    )
    return f"{t.who} edited it: {listing(parts)}"


def _assigned(v: k.ProblemAssigned, t: Teller) -> str:
    parts = (
        f"its owner is {name(v.owner)}" if v.owner != v.owner_was else "",
        f"its team is {name(v.team)}" if v.team != v.team_was else "",
    )
    return f"{t.who} assigned it: {listing(parts)}"


def _rated(v: k.ProblemRated, t: Teller) -> str:
    if v.by_hand:
        return followed(f"{t.who} set its priority to {v.priority} by hand", v.why)
    unsure = ", provisional" if v.provisional else ""
    levels = f"impact {plain(v.impact)}, urgency {plain(v.urgency)}"
    return followed(f"{t.who} rated it: {levels}, so it is {v.priority}{unsure}", v.why)


def _noted(v: k.ProblemNoted, t: Teller) -> str:
    return f"{t.who} noted: {plain(v.text)}"


def _corrected(v: k.ProblemMomentCorrected, t: Teller) -> str:
    was = f", not {show_instant(v.was)}" if v.was is not None else ""
    said = f"{t.who} corrected the instant {words(v.moment)!r}: {show_instant(v.now)}{was}"
    return followed(said, v.why)


def _cause(v: k.CauseStated, t: Teller) -> str:
    return f"{t.who} stated the cause: {plain(v.text)}"


def _no_cause(v: k.CauseWithdrawn, t: Teller) -> str:
    return followed(f"{t.who} withdrew the cause {quoted(v.text)}", v.why)


def _workaround(v: k.WorkaroundStated, t: Teller) -> str:
    return f"{t.who} stated a workaround: {plain(v.text)}"


def _no_workaround(v: k.WorkaroundWithdrawn, t: Teller) -> str:
    return followed(f"{t.who} withdrew the workaround {quoted(v.text)}", v.why)


def _told_workaround(v: k.WorkaroundCommunicated, t: Teller) -> str:
    return f"{t.who} communicated the workaround to its incidents: {plain(v.text)}"


def _told_fix(v: k.FixCommunicated, t: Teller) -> str:
    return f"{t.who} communicated the fix to its incidents: {plain(v.text)}"


def _doubted(v: k.FixNotHolding, t: Teller) -> str:
    return followed(f"{t.who}: the fix does not hold, as {plain(v.ref)} shows", v.why)


def _change(v: k.ChangeDone, _t: Teller) -> str:
    return f"the change {plain(v.ref)} is done"


def _changes(v: k.ChangesDone, _t: Teller) -> str:
    return f"all changes that resolve it are done: {', '.join(map(plain, v.refs))}"


def _over(v: k.VerificationOver, t: Teller) -> str:
    return f"the verification is over since {t.near(v.until)}; somebody must decide"


def _called(v: k.ProblemOwnerCalled, t: Teller) -> str:
    told = many(v.messages, "message") if v.messages else "no channel takes the message"
    return f"{t.who} called {name(v.to)} ({words(v.occasion)}; {told}): {plain(v.text)}"


def _published(v: n.KnownErrorPublished, t: Teller) -> str:
    review = f", to be reviewed by {t.near(v.review_by)}" if v.review_by is not None else ""
    advice = plain(v.workaround) or "none yet"
    return (
        f"{t.who} published it as a known error for {name(v.audience)}{review}: "
        f"{plain(v.symptoms)}; workaround: {advice}"
    )


def _revised(v: n.KnownErrorRevised, t: Teller) -> str:
    parts = (
        "symptoms" if v.symptoms is not None else "",
        f"workaround {quoted(v.workaround)}" if v.workaround is not None else "",
        "how it is recognised" if v.match is not None else "",
        f"audience {name(v.audience)}" if v.audience is not None else "",
        f"to be reviewed by {t.near(v.review_by)}" if v.review_by is not None else "",
    )
    return f"{t.who} revised the known error: {listing(parts)}"


def _retired(v: n.KnownErrorRetired, t: Teller) -> str:
    return followed(f"{t.who} retired the known error", v.why)


_WORKED = {None: "", True: ", and it worked", False: ", and it did not work"}


def _used(v: n.KnownErrorUsed, t: Teller) -> str:
    if not v.first:
        worked = "worked" if v.worked else "did not work"
        return f"{t.who} said that the workaround {worked} in {plain(v.ref)}"
    return f"{t.who} used the workaround in {plain(v.ref)}{_WORKED[v.worked]}"


def _review(v: n.KnownErrorReviewDue, t: Teller) -> str:
    return f"the known error was to be reviewed by {t.near(v.review_by)}"


KNOWN_ERROR: dict[type[Event], Sentence] = {
    k.ProblemEdited: _edited,
    k.ProblemAssigned: _assigned,
    k.ProblemRated: _rated,
    k.ProblemNoted: _noted,
    k.ProblemMomentCorrected: _corrected,
    k.CauseStated: _cause,
    k.CauseWithdrawn: _no_cause,
    k.WorkaroundStated: _workaround,
    k.WorkaroundWithdrawn: _no_workaround,
    k.WorkaroundCommunicated: _told_workaround,
    k.FixCommunicated: _told_fix,
    k.FixNotHolding: _doubted,
    k.ChangeDone: _change,
    k.ChangesDone: _changes,
    k.VerificationOver: _over,
    k.ProblemOwnerCalled: _called,
    n.KnownErrorPublished: _published,
    n.KnownErrorRevised: _revised,
    n.KnownErrorRetired: _retired,
    n.KnownErrorUsed: _used,
    n.KnownErrorReviewDue: _review,
}
"""Event -> its sentence."""
