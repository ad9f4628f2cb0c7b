"""The short rules: who may, what is still wanted, who must hear, what follows, when to wake."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from incidentkit.ids import DeliveryId
from incidentkit.lang.conditions import Condition
from incidentkit.lang.templates import Template
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model import problem as p
from incidentkit.model.clock import Clock
from incidentkit.model.delivery import Delivery
from incidentkit.model.incident import Attention, Hold, Incident, Link
from incidentkit.model.incident_task_changes import AddTask
from incidentkit.model.journal import Event
from incidentkit.model.party import Party
from incidentkit.model.service import Criticality, Service
from incidentkit.model.words import (
    ACTIVE,
    CancelReason,
    ClockState,
    LinkKind,
    MessageKind,
    Priority,
    ProblemState,
    Response,
    State,
)
from incidentkit.policy.facts import INCIDENT_FACTS, TEMPLATE_FIELDS
from incidentkit.rules import problem_reactions
from incidentkit.rules.authorise import BREAK_GLASS, Opinion, Permission, fold, without_authoriser
from incidentkit.rules.communicate import NoticeRule, facts, owed, written
from incidentkit.rules.problem_reactions import on_problem_resolved
from incidentkit.rules.react import elsewhere, react
from incidentkit.rules.rerun import rerun
from incidentkit.rules.suppress import wanted
from incidentkit.rules.surroundings import surroundings
from incidentkit.rules.table import Elsewhere
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.rules.wake import wakes_at
from incidentkit.timing.intervals import Interval
from tests.rules.builders import TERMS, at, declared, do, firing, problem, rated, standing

# --- authorise ------------------------------------------------------------------------------------

ALLOW = Permission(Opinion.ALLOW, "on call")
DENY = Permission(Opinion.DENY, "a guest")
NONE = Permission(Opinion.NONE)


@pytest.mark.parametrize(
    ("opinions", "granted", "why"),
    [
        ((ALLOW,), True, "on call"),
        ((NONE, ALLOW, NONE), True, "on call"),
        ((ALLOW, Permission(Opinion.ALLOW, "an admin")), True, "on call"),
        ((DENY,), False, "a guest"),
        ((ALLOW, DENY), False, "a guest"),
        ((DENY, ALLOW), False, "a guest"),
        ((NONE,), False, "no authoriser allows it"),
        ((), False, "no authoriser allows it"),
    ],
)
def test_any_denial_wins_and_silence_refuses(
    opinions: tuple[Permission, ...], granted: bool, why: str
) -> None:
    folded = fold(opinions)
    assert (folded.granted, folded.why) == (granted, why)


def test_a_broken_login_keeps_nobody_from_what_they_were_paged_for() -> None:
    assert frozenset({"acknowledge", "note", "start", "mitigate"}) == BREAK_GLASS
    for action in BREAK_GLASS:
        assert without_authoriser(action, True).granted
        assert not without_authoriser(action, False).granted
    for action in ("close", "cancel", "assign", "read"):
        assert not without_authoriser(action, True).granted


# --- suppress -------------------------------------------------------------------------------------


def delivery(kind: MessageKind, round_: int = 1) -> Delivery:
    return Delivery(
        DeliveryId("d1"),
        1,
        kind,
        "incident/1",
        "INC-1",
        "ana",
        "+1",
        "sms",
        "t",
        "x",
        "P1",
        round_,
        "",
    )


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("response", Response)
def test_three_kinds_three_rules(state: State, response: Response) -> None:
    """The table in words: a page needs an active incident that waits; a notice a real one."""
    incident = standing(state)
    incident = attrs.evolve(incident, life=attrs.evolve(incident.life, response=response))
    outcomes = {kind: wanted(incident, delivery(kind), "abc") for kind in MessageKind}
    assert outcomes[MessageKind.SYNC].outcome == "send"
    notice = "incident cancelled" if state is State.CANCELLED else "send"
    assert outcomes[MessageKind.NOTICE].outcome == notice
    page = {
        Response.UNACKNOWLEDGED: "send",
        Response.LAPSED: "send",
        Response.ACKNOWLEDGED: "already acknowledged",
        Response.CLEARED: "alerts cleared",
    }[response]
    expected = page if state in ACTIVE else "incident no longer active"
    assert outcomes[MessageKind.PAGE].outcome == expected
    call = wanted(incident, delivery(MessageKind.PAGE, 0)).outcome
    assert call == ("send" if state in ACTIVE else expected), "a call is beside the ladder"
    for reason in outcomes.values():
        assert rerun(reason) == reason.outcome
        assert reason.policy == "abc"


# --- communicate ----------------------------------------------------------------------------------


def notice(when: str = "true", on: tuple[str, ...] = ("resolved",)) -> NoticeRule:
    template = Template.parse(
        "$incident.ref ($incident.priority): $incident.title", TEMPLATE_FIELDS
    )
    return NoticeRule("tell them", "customers", on, Condition.parse(when, INCIDENT_FACTS), template)


@pytest.mark.parametrize(
    ("event", "when", "owes"),
    [
        ("resolved", "true", True),
        ("closed", "true", False),
        ("resolved", 'incident.priority == "P1"', True),
        ("resolved", 'incident.priority == "P2"', False),
        ("resolved", 'incident.assignee == "bob"', False),
        ("resolved", "incident.reopened == 0 and incident.candidate == false", True),
    ],
)
def test_a_notice_is_owed_when_the_event_and_the_condition_fit(
    event: str, when: str, owes: bool
) -> None:
    rules = (notice(when), notice("false"))
    found = owed(rated(declared(), Priority.P1), event, rules, "abc")
    assert [rule for rule, _ in found] == list(rules[:1] if owes else ())
    for _, reason in found:
        assert reason.outcome == "customers" == rerun(reason)
        assert reason.policy == "abc"


def test_what_was_unknown_is_told() -> None:
    rule = notice('incident.assignee == "bob" or incident.priority == "P1"')
    incident = rated(declared(), Priority.P1)
    ((_, reason),) = owed(incident, "resolved", (rule,))
    assert reason.inputs["facts"]
    assert rerun(reason) == "customers"


def test_the_words_are_the_templates() -> None:
    assert written(rated(declared(), Priority.P1), notice()) == "INC-1 (P1): Checkout fails"


def test_the_facts_are_the_declared_ones() -> None:
    full = do(declared(), c.Assign("INC-1", assignee="bob", owner="ana", team="net"), 1)
    full = do(full, c.Edit("INC-1", category="network/vpn"), 2)
    full = do(full, c.Prioritise("INC-1", severity="sev1"), 3)
    links = (
        Link(LinkKind.CAUSED_BY, "problem/1", "PRB-1"),
        Link(LinkKind.WORKAROUND_FROM, "problem/1", "PRB-1"),
    )
    full = attrs.evolve(full, ties=attrs.evolve(full.ties, links=links))
    services = {"checkout": Service("checkout", "eve", "shop", Criticality.HIGH)}
    parties = {"carl": Party("carl", vip=True)}
    around: dict[str, Any] = surroundings(full, services, parties)
    names = {".".join(name.split(".")[:2]) for name in INCIDENT_FACTS.facts}
    assert {f"{part}.{name}" for part, known in around.items() for name in known} == names
    assert around["service"] == {"owner": "eve", "team": "shop", "criticality": "high"}
    assert around["reporter"] == {"kind": "person", "vip": True}
    missing = {"assignee", "owner", "reporter", "team", "category", "severity"}
    missing |= {"problem", "known_error"}
    assert set(facts(full)) - set(facts(declared(reporter=None))) == missing


def test_what_nobody_stated_of_a_service_or_a_reporter_is_unknown() -> None:
    assert set(surroundings(declared(), {}, {})) == {"incident"}
    bare = surroundings(declared(), {"checkout": Service("checkout")}, {})
    assert bare["service"] == {}


# --- react ----------------------------------------------------------------------------------------

REFIRES = [e.AlertRefired("a1", "CPU"), e.AlertJoined("a2", "CPU")]


@pytest.mark.parametrize("event", REFIRES, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.NEW, None),
        (State.TRIAGED, None),
        (State.IN_PROGRESS, None),
        (State.ON_HOLD, None),
        (State.MITIGATED, c.Regress),
        (State.OBSERVING, c.Regress),
        (State.RESOLVED, c.Reopen),
        (State.CLOSED, c.Reopen),
        (State.CANCELLED, None),
    ],
)
def test_an_alert_that_fires_shows_that_the_fix_did_not_hold(
    event: e.AlertRefired, state: State, expected: type[c.Command] | None
) -> None:
    owes = react(standing(state), event, TERMS)
    assert [type(command) for command in owes] == ([expected] if expected else [])
    for command in owes:
        assert do(standing(state), command, 60).life.state is State.IN_PROGRESS
    assert react(standing(state), event, LifecycleTerms(refire_reopens=False)) == ()


def test_what_stays_closed_is_not_asked_to_reopen() -> None:
    terms = LifecycleTerms(reopen_closed=False)
    assert react(standing(State.CLOSED), REFIRES[0], terms) == ()
    assert react(standing(State.RESOLVED), REFIRES[0], terms)


def test_other_events_owe_nothing() -> None:
    assert react(standing(State.RESOLVED), e.AlertCleared("a1", "CPU"), TERMS) == ()


LINK = Link(LinkKind.CAUSES, "incident/1", "INC-1")
LINKED = attrs.evolve(
    problem(),
    links=(
        LINK,
        Link(LinkKind.RELATED, "incident/2", "INC-2"),
        Link(LinkKind.CAUSES, "incident/3", "INC-3"),
    ),
)


@pytest.mark.parametrize(
    ("event", "others"),
    [
        (p.ProblemResolved(ProblemState.RESOLVED), ["1", "3"]),
        (p.ProblemMoved(ProblemState.CLOSED), []),
        (p.ProblemLinked(LINK), ["1"]),
        (p.ProblemUnlinked(LINK), ["1"]),
        (e.Linked(LinkKind.RELATED, "incident/7", "INC-7"), ["7"]),
        (e.Unlinked(LinkKind.RELATED, "incident/7", "INC-7"), ["7"]),
        (e.Resolved("fixed", "x", at(0), "", declared().course.outcome), []),
    ],
)
def test_who_else_must_hear(event: Event, others: list[str]) -> None:
    told = (*elsewhere(declared(), event), *problem_reactions.elsewhere(LINKED, event))
    assert told == tuple(Elsewhere("incident", x) for x in others)


def held_for(reason: str) -> Incident:
    return do(declared(), c.Hold("INC-1", reason=reason, court="bob"), 1)


FIXED = p.ProblemResolved(ProblemState.RESOLVED, remedy="the pool closes its connections")


def test_who_waits_for_the_problem_resolves_by_it() -> None:
    (command,) = on_problem_resolved(held_for("problem"), FIXED, "PRB-1")
    assert command == c.Resolve("INC-1", code="by_problem", remedy=FIXED.remedy)
    assert do(held_for("problem"), command, 9).life.state is State.RESOLVED
    bare = attrs.evolve(FIXED, remedy="")
    (command,) = on_problem_resolved(held_for("problem"), bare, "PRB-1")
    assert command == c.Resolve("INC-1", code="by_problem", remedy="resolved with PRB-1")


def test_who_still_fires_is_resumed() -> None:
    waiting = firing(held_for("problem"))
    assert on_problem_resolved(waiting, FIXED, "PRB-1") == (c.Resume("INC-1"),)
    tasked = do(held_for("problem"), AddTask("INC-1", "Tell the caller"), 2)
    assert on_problem_resolved(tasked, FIXED, "PRB-1") == (c.Resume("INC-1"),)


def test_who_waits_for_something_else_goes_on_waiting() -> None:
    assert on_problem_resolved(held_for("vendor"), FIXED, "PRB-1") == ()
    assert on_problem_resolved(do(held_for("problem"), c.Start("INC-1"), 2), FIXED, "PRB-1") == ()
    both = do(held_for("problem"), c.Hold("INC-1", reason="vendor", court="ACME"), 2)
    assert on_problem_resolved(both, FIXED, "PRB-1") == ()
    assert both.course.holds[0] == Hold("problem", "bob", Interval(at(1), at(2)))


# --- wake -----------------------------------------------------------------------------------------


def test_it_wakes_for_whatever_is_first() -> None:
    clock = Clock("resolve", ClockState.RUNNING, at(0), at(60))
    quiet = declared()
    ticking = attrs.evolve(quiet, clocks=(clock,))
    paging = attrs.evolve(quiet, attention=Attention((), 1, at(5)))
    assert wakes_at(quiet) is None
    assert wakes_at(ticking) == at(60)
    assert wakes_at(paging) == at(5)
    assert wakes_at(attrs.evolve(paging, clocks=(clock,))) == at(5)
    late = attrs.evolve(ticking, attention=Attention((), 1, at(70)))
    assert wakes_at(late) == at(60)


def test_cancelling_is_for_a_reason() -> None:
    gone = do(declared(), c.Cancel("INC-1", CancelReason.FALSE_ALARM), 1)
    assert wanted(gone, delivery(MessageKind.NOTICE)).inputs["cancelled"] == "false_alarm"
