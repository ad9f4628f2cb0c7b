"""A Reason is enough to decide again; and had an input been another, so had the decision."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from incidentkit.errors import NotFound
from incidentkit.lang.conditions import Condition
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.impact_changes import AssessImpact
from incidentkit.model.incident import Rating
from incidentkit.model.incident_commands import Hold
from incidentkit.model.labels import Label, Tlp
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.signals import Report
from incidentkit.model.suppressions import Holder
from incidentkit.model.words import MessageKind, Moment, Priority, State
from incidentkit.policy.load import default_policy
from incidentkit.rules import sending
from incidentkit.rules.assess import conclude
from incidentkit.rules.automate import Automation
from incidentkit.rules.bind import Action
from incidentkit.rules.call_owner import call_owner
from incidentkit.rules.clocks import Target, follow
from incidentkit.rules.communicate import Audience, owed
from incidentkit.rules.correlate import AlertTerms, correlate, levels
from incidentkit.rules.dossier_parts import with_scope
from incidentkit.rules.dossier_terms import DEFAULT_TERMS
from incidentkit.rules.escalate import PagingTerms, call, escalate
from incidentkit.rules.hide import hides
from incidentkit.rules.importing import Importing
from incidentkit.rules.join import propose
from incidentkit.rules.labelling import judge, raised
from incidentkit.rules.lead_time import short_notice
from incidentkit.rules.match import score
from incidentkit.rules.merge_rating import weigh
from incidentkit.rules.override import Effect, Override
from incidentkit.rules.owe_review import owed as owed_review
from incidentkit.rules.prioritise import prioritise
from incidentkit.rules.problem_call import call as problem_call
from incidentkit.rules.problem_terms import ProblemTerms
from incidentkit.rules.question import question
from incidentkit.rules.relation_terms import HoldTerms, ReportTerms
from incidentkit.rules.rerun import RULES, rerun
from incidentkit.rules.sending import SENDING
from incidentkit.rules.suggest import likeness, nearness, of_incident
from incidentkit.rules.suppress import wanted, wanted_of_record
from incidentkit.rules.suppress_alerts import held_back
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.rules.verification import against
from incidentkit.rules.waits import follow_up
from incidentkit.timing.terms import Term
from tests.rules.builders import START, at, declared, do, minutes, problem, rated
from tests.rules.overlay_reasons import OVERLAY_REASONS
from tests.rules.test_correlate import ALERT
from tests.rules.test_hosting import REASONS as HOSTING_REASONS
from tests.rules.test_problem_keeping import KNOWN
from tests.rules.test_recognising import SERVICE, incident, known, verifying
from tests.rules.test_recur import found, made
from tests.rules.test_small_rules import delivery, notice

URGENT = rated(declared(), Priority.P1)
HOLDER = Holder("maintenance/1", "MNT-1", at(0), at(9), "true", (ALERT.service or "",))
TARGET = Target("resolve", Moment.RESOLVED, FrozenMap({"P1": Term(minutes(60))}))
CLOCK = follow(URGENT, (TARGET,))[0][1]
NOTICE = owed(URGENT, "resolved", (notice('incident.priority == "P1"'),))[0][1]
_ERROR = known(match=SERVICE)
_ROUND = escalate(URGENT, PagingTerms(), at(0))
_CALL = call(URGENT, "clock_breached", PagingTerms())
OVERRIDDEN = prioritise(
    "low",
    "medium",
    default_policy().matrix,
    overrides=(Override("vip", Condition.parse("reporter.vip == true"), Effect.AT_LEAST, "P2"),),
    facts={"reporter": {"vip": True}},
).reason
_MERGED = weigh(
    declared(),
    attrs.evolve(declared(), rating=Rating("high", "high", Priority.P1, False)),
    default_policy().matrix,
)
assert _MERGED is not None
_QUESTION = question(
    Rating("low", "low", Priority.P4, False, True),
    Rating("high", "low", Priority.P4, False, True),
    Priority.P3,
    default_policy().matrix,
)
_FIRED = Automation(
    "r", ("declared",), Condition.parse('incident.priority == "P1"'), (Action("start"),)
).fires(URGENT, 0)
_OWED = owed_review(URGENT, Condition.parse('incident.priority == "P1"'))
assert _OWED is not None
assert _FIRED is not None
_HELD = held_back(ALERT, (HOLDER,), at(1), raised=False)
_SHORT = short_notice(at(60), at(0), (Audience("customers", ("all",), "", minutes(90)),))
assert _HELD is not None
ALIKE = likeness(of_incident(URGENT), of_incident(URGENT), "INC-2")
NEAR = nearness(minutes(12 * 60), "deploy-7", same_service=True)
assert _ROUND is not None
assert _QUESTION is not None
assert _CALL is not None
_FOLD = conclude(
    declared(), do(declared(), AssessImpact("INC-1", "people", "severe"), 1), DEFAULT_TERMS
)
assert _FOLD is not None
_MATCH = score(incident("Printer"), _ERROR, _ERROR.known_error or KNOWN, ProblemTerms())
_DOUBT = against(verifying(SERVICE), incident(), False, ProblemTerms())
assert _DOUBT is not None
_RECURS = found([made(1), made(2), made(3)]).found[0]
_ASKED = HoldTerms(("reporter",), "", minutes(60), 3, True, "fixed")
_TERMS = LifecycleTerms(holds=FrozenMap({"caller": _ASKED}))
_WAIT = follow_up(do(declared(), Hold("INC-1", "caller"), 0, terms=_TERMS), at(60), _TERMS)
assert _WAIT is not None
_REPORT = Report("No shop", "eve", service="checkout")
_JOIN = propose(_REPORT, [declared()], ReportTerms("join"), at(60))
assert _JOIN is not None
_HELDBY = with_scope(declared(), label=Label(Tlp.GREEN, ("legal",)))
_LABEL = raised(_HELDBY, with_scope(declared(), label=Label(Tlp.RED)))
assert _LABEL is not None
# The reason of each rule, its outcome, and one input changed with what is decided then.
REASONS: list[tuple[Reason, Plain, dict[str, Plain], Plain]] = [
    (prioritise("high", "high", default_policy().matrix).reason, "P1", {"urgency": "low"}, "P3"),
    (
        levels(ALERT, AlertTerms())[2],
        FrozenMap({"impact": "high", "urgency": "high"}),
        {"severity": "info"},
        FrozenMap({"impact": "low", "urgency": "low"}),
    ),
    (correlate(ALERT, "", AlertTerms()).reason, "candidate", {"incident": "INC-1"}, "join"),
    (
        wanted(URGENT, delivery(MessageKind.PAGE)),
        "send",
        {"response": "acknowledged"},
        "already acknowledged",
    ),
    (CLOCK, at(60).isoformat(), {"within": "30m"}, at(30).isoformat()),
    (_ROUND.reason, ("on-call",), {"assignee": "ana"}, ("ana",)),
    (NOTICE, "customers", {"event": "closed"}, ""),
    (_CALL.reason, ("on-call",), {"occasion": "held"}, ()),
    (OVERRIDDEN, "P2", {"facts": FrozenMap({"reporter.vip": False})}, "P4"),
    (_QUESTION, True, {"set": "P1"}, False),
    (_FIRED.reason, "act", {"facts": FrozenMap({"incident.priority": "P2"})}, ""),
    (_OWED, True, {"facts": FrozenMap({"incident.priority": "P2"})}, False),
    (_MATCH, 700, {"facts": FrozenMap({"incident.service": "web"})}, 0),
    (_DOUBT, "condition", {"watch": ""}, ""),
    (
        problem_call(problem(), "verified", ProblemTerms(), PagingTerms()),
        ("bob", "notice"),
        {"owner": ""},
        ("on-call", "notice"),
    ),
    (_RECURS.reason, 1_000, {"count": 2}, 0),
    (
        wanted_of_record(delivery(MessageKind.PAGE), over=False),
        "send",
        {"over": True},
        "nothing is left to do about it",
    ),
    (_HELD[1], "suppress", {"raised": True}, ""),
    (_SHORT[0][1], "short", {"lead_time": "30m"}, "in time"),
    (call_owner("due_soon", "ana", "on-call"), "ana", {"owner": ""}, "on-call"),
    (_WAIT.reason, "remind", {"reminded": 3}, "resolve"),
    (_JOIN.reason, "join INC-1", {"service": "mail"}, ""),
    (
        Importing(default_policy().matrix, LifecycleTerms(), "").lead(State.CLOSED, State.NEW)[1],
        "",
        {"to": "in_progress"},
        "reopen",
    ),
    (ALIKE, 1000, {"whole": 16}, 500),
    (NEAR, 750, {"same_service": False}, 250),
    (_LABEL[1], "TLP:RED (legal)", {"other": None}, "TLP:GREEN (legal)"),
    (_MERGED, "rated", {"other_impact": "low", "other_urgency": "low"}, "questioned"),
    (_FOLD[1], "high", {"levels": FrozenMap({"people": "minor"})}, "low"),
]
REASONS += OVERLAY_REASONS + HOSTING_REASONS
_LATE = sending.expired(delivery(MessageKind.PAGE), at(-180), at(0), SENDING)
_HIDDEN = hides(Condition.parse('service == "hr"'), {"service": "hr"})
assert _HIDDEN is not None
REASONS += [
    (
        _LATE,
        "too late",
        {"expires_after": 0},
        "send",
    ),
    (sending.bundled(3, "ana", "sms", SENDING, ""), "bundle", {"waiting": 2}, "queue"),
    (sending.held_up("sms", 5, 5, ""), "held up", {"failures": 1}, "send"),
    (_HIDDEN, True, {"when": 'service == "shop"'}, False),
]
IDS = [row[0].rule for row in REASONS]


def test_two_without_a_label_have_none() -> None:
    assert raised(declared(), declared()) is None
    assert judge({"own": None, "other": None}) == ""


def test_every_rule_is_here() -> None:
    assert {(row[0].rule, row[0].version) for row in REASONS} == set(RULES)


@pytest.mark.parametrize(("reason", "outcome", "changed", "other"), REASONS, ids=IDS)
def test_the_same_again_and_another_with_another_input(
    reason: Reason, outcome: Plain, changed: dict[str, Plain], other: Plain
) -> None:
    assert reason.outcome == outcome
    assert rerun(reason) == outcome
    assert set(changed) <= set(reason.inputs)
    assert rerun(reason, **changed) == other
    assert other != outcome


@pytest.mark.parametrize(
    ("changed", "due"),
    [
        ({"pauses": (f"{at(10).isoformat()}/{at(20).isoformat()}",)}, at(70).isoformat()),
        ({"pauses": (f"{at(10).isoformat()}/",)}, ""),
        ({"pauses": ""}, at(60).isoformat()),
        ({"within": ""}, ""),
        ({"from": ""}, ""),
        ({"from": at(5).isoformat()}, at(65).isoformat()),
    ],
)
def test_clocks_by_their_inputs(changed: dict[str, Any], due: str) -> None:
    assert rerun(CLOCK, **changed) == due


@pytest.mark.parametrize(
    ("reason", "changed", "other"),
    [
        (NOTICE, {"facts": FrozenMap({"incident.priority": "P2"})}, ""),
        (NOTICE, {"facts": ""}, ""),
        (NOTICE, {"on": ""}, ""),
        (REASONS[0][0], {"cells": FrozenMap({"high/high": "P4"})}, "P4"),
        (REASONS[1][0], {"levels": ""}, {"impact": "unknown", "urgency": "unknown"}),
        (REASONS[2][0], {"opens": ""}, "record"),
        (REASONS[2][0], {"action": "open"}, "open"),
        (REASONS[5][0], {"priorities": ""}, ()),
        (REASONS[7][0], {"priorities": ""}, ()),
        (REASONS[7][0], {"calls": ""}, ()),
        (_FOLD[1], {"levels": ""}, "unknown"),
        (_FOLD[1], {"folds": ""}, "unknown"),
        (_FOLD[1], {"impacts": ""}, "unknown"),
    ],
)
def test_other_inputs_other_outcomes(reason: Reason, changed: dict[str, Any], other: Plain) -> None:
    assert rerun(reason, **changed) == other


def test_a_rule_that_this_release_lacks_is_named() -> None:
    with pytest.raises(NotFound, match="no rule 'suppress version 9'"):
        rerun(attrs.evolve(REASONS[3][0], version=9))
    assert at(0) == START
