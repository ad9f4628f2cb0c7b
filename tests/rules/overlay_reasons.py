"""The reasons of what follows by itself beside the life-cycle, to be run again."""

from __future__ import annotations

from datetime import timedelta

from incidentkit.lang.conditions import ALWAYS, Condition
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model import major_changes as m
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import Priority, State
from incidentkit.rules import (
    autoclose,
    checklists,
    major_follow,
    overlay_calls,
    overlays,
    public,
    statuses,
)
from incidentkit.rules.escalate import PagingTerms
from incidentkit.rules.look import Look, Said
from incidentkit.rules.overlay_terms import (
    AutoClose,
    Checklist,
    ChecklistItem,
    MajorRule,
    MajorTerms,
    OverlayTerms,
    PublicTerms,
    StatusTerm,
)
from tests.rules.builders import after, at, declared, do, rated, standing

P1 = Condition.parse('incident.priority == "P1"')
TERMS = OverlayTerms(
    major=MajorTerms(duty="mim", rules=(MajorRule("every P1", P1),)),
    public=PublicTerms(when=ALWAYS),
    statuses=(StatusTerm("Open", State.NEW), StatusTerm("Active", State.IN_PROGRESS)),
    checklists=(Checklist("all", (ChecklistItem("Look"),), P1),),
    autoclose=AutoClose(FrozenMap({Priority.P1: timedelta(days=1), Priority.P3: timedelta(1)})),
)


def look(
    incident: Incident,
    *happened: Event,
    when: float = 60,
    touched: bool = True,
    terms: OverlayTerms = TERMS,
) -> Look:
    """A look so many minutes after the start."""
    return Look(incident, happened, at(when), touched, terms, "abc")


def reason(said: Said) -> Reason:
    """The reason of the first conclusion."""
    found = said[0][1]
    assert found is not None
    return found


URGENT = rated(declared(), Priority.P1)
PROPOSED = after(URGENT, m.MajorProposed("", "", at(15)))
RESOLVED = standing(State.RESOLVED)
_CALL = overlay_calls.called(PROPOSED, m.MajorProposed("", "x", at(15)), PagingTerms(), TERMS)
assert _CALL is not None
OVERLAY_REASONS: list[tuple[Reason, Plain, dict[str, Plain], Plain]] = [
    (
        reason(major_follow.trigger(look(URGENT))),
        "every P1: proposed",
        {"facts": FrozenMap({"incident.priority": "P2"})},
        "",
    ),
    (
        reason(major_follow.silence(look(PROPOSED))),
        "accepted",
        {"accept_when_silent": False},
        "unanswered",
    ),
    (
        reason(
            major_follow.problem(
                look(
                    after(PROPOSED, m.MajorAccepted(""), e.Started()),
                    e.Resolved("fixed", "x", at(3), "", URGENT.course.outcome),
                )
            )
        ),
        "a major incident was resolved and no problem is named as its cause",
        {"problems": ("PRB-1",)},
        "",
    ),
    (_CALL[0].reason, ("mim",), {"duty": ""}, ("on-call",)),
    (
        reason(overlays.acting(look(do(PROPOSED, c.Acknowledge("INC-1"), 2)))),
        "ana",
        {"held_before": True},
        "",
    ),
    (
        reason(checklists.follow(look(URGENT))),
        "all",
        {"facts": FrozenMap({"incident.priority": "P2"})},
        "",
    ),
    (reason(public.follow(look(URGENT))), "investigating", {"state": "mitigated"}, "monitoring"),
    (reason(statuses.follow(look(URGENT))), "Open", {"state": "in_progress"}, "Active"),
    (
        reason(autoclose.follow(look(RESOLVED))),
        (RESOLVED.life.since + timedelta(days=1)).isoformat(),
        {"hindrances": ("a hold",)},
        "",
    ),
]
