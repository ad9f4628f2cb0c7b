"""One sentence for each event of a problem."""

from __future__ import annotations

from incidentkit.model import problem as p
from incidentkit.model.journal import Event
from incidentkit.model.words import ProblemState
from incidentkit.views.sentences_life import Sentence, tie
from incidentkit.views.text import Teller, followed, name, plain, quoted, words

_MOVED = {
    ProblemState.ASSESSING: "began to assess it",
    ProblemState.ANALYSING: "began to analyse it",
    ProblemState.CLOSED: "closed it",
    ProblemState.DUPLICATE: "cancelled it",
    ProblemState.CANCELLED: "cancelled it",
}


def _raised(v: p.ProblemRaised, t: Teller) -> str:
    service = f" on {name(v.service)}" if v.service else ""
    origin = f" (origin {words(plain(v.origin))})" if v.origin else ""
    return f"{t.who} raised the problem {plain(v.ref)} {quoted(v.title)}{service}{origin}"


def _moved(v: p.ProblemMoved, t: Teller) -> str:
    return followed(f"{t.who} {_MOVED.get(v.to, f'moved it to {words(v.to)}')}", v.why)


def _fixing(v: p.FixBegun, t: Teller) -> str:
    cause = f"cause: {plain(v.cause)}" if v.cause else "cause not stated"
    workaround = f"; workaround: {plain(v.workaround)}" if v.workaround else ""
    return f"{t.who} began to fix it; {cause}{workaround}"


def _verifying(v: p.VerificationBegun, t: Teller) -> str:
    until = f" until {t.near(v.until)}" if v.until is not None else ""
    how = "" if v.watch in ("", v.criterion) else f" (watching for {plain(v.watch)})"
    return followed(f"{t.who} began to verify the fix{until}", f"{v.criterion}{how}")


def _resolved(v: p.ProblemResolved, t: Teller) -> str:
    if v.verified:
        return followed(f"{t.who} resolved it, for the fix has held", v.remedy)
    return followed(f"{t.who} resolved it", v.remedy)


def _accepted(v: p.RiskAccepted, t: Teller) -> str:
    until = f" until {t.near(v.expires_at)}" if v.expires_at is not None else ""
    return followed(f"{t.who} accepted the risk{until}", v.why)


def _linked(v: p.ProblemLinked, t: Teller) -> str:
    return f"{t.who} linked it: {tie(v.link.kind, v.link.ref)}"


def _unlinked(v: p.ProblemUnlinked, t: Teller) -> str:
    return f"{t.who} unlinked it: no longer {tie(v.link.kind, v.link.ref)}"


PROBLEM: dict[type[Event], Sentence] = {
    p.ProblemRaised: _raised,
    p.ProblemMoved: _moved,
    p.FixBegun: _fixing,
    p.VerificationBegun: _verifying,
    p.ProblemResolved: _resolved,
    p.RiskAccepted: _accepted,
    p.ProblemLinked: _linked,
    p.ProblemUnlinked: _unlinked,
}
"""Event -> its sentence."""
