"""Questions about a problem: its status, its known error, what was matched with it, its fix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from incidentkit.model import known_error_changes as n
from incidentkit.model import problem as p
from incidentkit.model import problem_changes as k
from incidentkit.model.journal import Event, JournalEntry
from incidentkit.model.known_error import KnownError
from incidentkit.model.words import LinkKind, ProblemState
from incidentkit.rules.kept import condition_of
from incidentkit.timing.instants import show_instant
from incidentkit.views.explain_priority import formula
from incidentkit.views.explain_status import explain_problem_status
from incidentkit.views.explanation import Explanation, found, reasons, redacted, told
from incidentkit.views.text import many, name, plain, reason_of, words

Explain: TypeAlias = Callable[[p.Problem, Sequence[JournalEntry], str], Explanation]

_KNOWN: tuple[type[Event], ...] = (
    n.KnownErrorPublished,
    n.KnownErrorRevised,
    n.KnownErrorRetired,
    n.KnownErrorReviewDue,
)
_FIX: tuple[type[Event], ...] = (
    p.FixBegun,
    p.VerificationBegun,
    k.FixNotHolding,
    k.ChangeDone,
    k.ChangesDone,
    k.VerificationOver,
    p.ProblemResolved,
)
_MATCHED: tuple[type[Event], ...] = (n.KnownErrorUsed, k.FixNotHolding)


def explain_known_error(
    problem: p.Problem, entries: Sequence[JournalEntry], topic: str = "known_error"
) -> Explanation:
    """What is published about it, for whom, until when, and how well it helps."""
    known = problem.known_error
    steps = tuple(entry for entry, _ in found(entries, _KNOWN))
    if known is None:
        gone = redacted(entries, "known_error_published")
        return Explanation(topic, f"{plain(problem.ref)} is not published as a known error{gone}")
    state = f"{plain(problem.ref)} is a known error, {words(known.state)}"
    answer = f"{state} for {name(known.audience)}; {plain(known.workaround) or 'no workaround yet'}"
    lines = (
        f"symptoms: {plain(known.symptoms)}",
        f"recognised by: {plain(known.match) or 'the words of its symptoms'}",
        f"review: {_review(known)}",
        use(known),
        *map(told, steps),
    )
    return Explanation(topic, answer, reasons(steps), lines)


def _review(known: KnownError) -> str:
    if known.review_by is None:
        return "none is planned"
    due = "due since" if known.reviewing else "by"
    return f"{due} {show_instant(known.review_by)}"


def use(known: KnownError) -> str:
    """How often its workaround was applied, and how often it worked."""
    if not known.uses:
        return "not used yet"
    said = f"used {many(known.uses, 'time')}"
    if known.efficacy is None:
        return f"{said}; nobody said whether it worked"
    worked = f"worked in {known.successes} of {len(known.outcomes)} ({known.efficacy // 10} %)"
    return f"{said}; {worked}"


def explain_matches(
    problem: p.Problem, entries: Sequence[JournalEntry], topic: str = "matches"
) -> Explanation:
    """Which incidents it causes, where its workaround was used, and which spoke against its fix."""
    causes = [x.ref for x in problem.links if x.kind is LinkKind.CAUSES]
    used = [x.ref for x in problem.links if x.kind is LinkKind.WORKAROUND_FOR]
    answer = (
        f"{plain(problem.ref)} causes {many(len(causes), 'incident')}, "
        f"and its workaround was used in {len(used)}"
    )
    steps = tuple(entry for entry, _ in found(entries, _MATCHED))
    lines = (
        *((f"causes: {', '.join(map(plain, causes))}",) if causes else ()),
        *((f"workaround used in: {', '.join(map(plain, used))}",) if used else ()),
        *map(told, steps),
    )
    return Explanation(topic, answer, reasons(steps), lines)


def explain_verification(
    problem: p.Problem, entries: Sequence[JournalEntry], topic: str = "verification"
) -> Explanation:
    """How its fix is, or was, judged, and what spoke against it."""
    steps = tuple(entry for entry, _ in found(entries, _FIX))
    lines = tuple(map(told, steps))
    if problem.state is ProblemState.VERIFYING:
        until = f" until {show_instant(problem.until)}" if problem.until is not None else ""
        answer = f"the fix of {plain(problem.ref)} is being verified{until}: "
        answer += plain(problem.criterion)
        how = plain(problem.watch) or "a link to the problem, or its known error"
        condition = problem.watch and str(condition_of(problem.criterion)) == problem.watch
        read = "a condition" if condition else "words, for people"
        lines = (f"the criterion is read as {read}", *lines)
        lines = (f"an incident speaks against it by: {how}", *lines)
        if problem.doubt:
            answer += f"; {plain(problem.doubt)} speaks against it"
    elif steps:
        answer = f"{plain(problem.ref)} is {words(problem.state)}; its fix is not being verified"
    else:
        answer = f"no fix of {plain(problem.ref)} was begun{redacted(entries, 'fix_begun')}"
    return Explanation(topic, answer, reasons(steps), lines)


def explain_problem_priority(
    problem: p.Problem, entries: Sequence[JournalEntry], topic: str = "priority"
) -> Explanation:
    """How its priority was drawn, or who set it by hand."""
    rated = found(entries, k.ProblemRated)
    steps = tuple(entry for entry, _ in rated)
    lines = tuple(map(told, steps))
    why = reason_of(steps[-1]) if steps else None
    if why is not None:
        answer = formula(why)
    elif rated and rated[-1][1].by_hand:
        answer = f"{problem.priority}, set by hand"
    else:
        gone = redacted(entries, "problem_rated")
        answer = f"{problem.priority}, since nobody has rated {plain(problem.ref)} yet{gone}"
    return Explanation(topic, answer, reasons(steps), lines)


PROBLEM_TOPICS: dict[str, Explain] = {
    "status": explain_problem_status,
    "priority": explain_problem_priority,
    "known_error": explain_known_error,
    "matches": explain_matches,
    "verification": explain_verification,
}
"""What can be asked of a problem."""
