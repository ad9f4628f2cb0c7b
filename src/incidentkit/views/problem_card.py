"""A problem at a glance: a few lines for a terminal, one row for a list."""

from __future__ import annotations

from datetime import datetime

from incidentkit.model.known_error import KnownError
from incidentkit.model.problem import Problem
from incidentkit.model.words import ProblemMoment
from incidentkit.timing.instants import show_instant
from incidentkit.views.explain_problem import use
from incidentkit.views.sentences_life import tie
from incidentkit.views.text import listing, name, plain, span, words

COLUMNS = ("ref", "priority", "state", "known error", "service", "owner", "age", "title")
"""The columns of `row`, in order."""

KNOWN_COLUMNS = ("ref", "audience", "used", "worked", "review by", "symptoms", "workaround")
"""The columns of `known_row`, in order."""
_SHOWN = 8


def card(problem: Problem) -> str:
    """What it is, where it stands, whose it is, what is known of it, what it is tied to."""
    service = f" on {name(problem.service)}" if problem.service else ""
    kind = listing((plain(problem.category), plain(problem.origin)))
    sort = f" ({kind})" if kind else ""
    team = f"team {name(problem.team)}" if problem.team else ""
    lines = [
        f"{plain(problem.ref)}  {_priority(problem)} problem{service}{sort}",
        plain(problem.title, 200),
        f"{words(problem.state)} since {show_instant(problem.since)}{_until(problem)}",
        listing((f"owner {name(problem.owner)}", team)),
        f"cause: {plain(problem.cause) or 'not known'}",
        f"workaround: {plain(problem.workaround) or 'none known'}",
    ]
    if problem.known_error is not None:
        lines.append(f"known error: {_known(problem.known_error)}")
    lines.append(_ties(problem))
    return "\n".join(lines)


def row(problem: Problem, now: datetime) -> tuple[str, ...]:
    """One problem for a list, in the order of `COLUMNS`."""
    known = problem.known_error
    began = problem.moments.get(ProblemMoment.RAISED, problem.since)
    return (
        plain(problem.ref),
        _priority(problem),
        words(problem.state),
        "-" if known is None else words(known.state),
        plain(problem.service or "-", 60),
        plain(problem.owner or "-", 60),
        span(now - began),
        plain(problem.title, 120),
    )


def known_row(problem: Problem) -> tuple[str, ...]:
    """One known error for a list, in the order of `KNOWN_COLUMNS`."""
    known = problem.known_error
    if known is None:
        return (plain(problem.ref), "-", "-", "-", "-", "-", "-")
    worked = "-" if known.efficacy is None else f"{known.successes} of {len(known.outcomes)}"
    review = "-" if known.review_by is None else show_instant(known.review_by)
    return (
        plain(problem.ref),
        plain(known.audience, 60),
        str(known.uses),
        worked,
        f"{review}{' (due)' if known.reviewing else ''}",
        plain(known.symptoms, 60),
        plain(known.workaround, 120) or "none yet",
    )


def _priority(problem: Problem) -> str:
    return f"{problem.priority}{'?' if problem.rating.provisional else ''}"


def _until(problem: Problem) -> str:
    until = f", until {show_instant(problem.until)}" if problem.until is not None else ""
    return f"{until}; {plain(problem.doubt)} speaks against the fix" if problem.doubt else until


def _known(known: KnownError) -> str:
    advice = plain(known.workaround) or "no workaround yet"
    return f"{words(known.state)} for {name(known.audience)}, used {use(known)}; {advice}"


def _ties(problem: Problem) -> str:
    links = ", ".join(tie(x.kind, x.ref) for x in problem.links[:_SHOWN])
    more = len(problem.links) - _SHOWN
    return f"{links or 'no incident is linked'}{f' and {more} more' if more > 0 else ''}"
