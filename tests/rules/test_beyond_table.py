"""Commands beyond those of every day that no other table here has, in every state, written out.

They describe an incident: what it reaches, what it does to people and services, what is known of it
and what was decided. All of that may be put right when the incident is over, so most cells say so;
the small machines behind (a hypothesis, a cause, a workaround, an attachment, an interval) have
tables of their own. Last, that no command of the library is in no table at all.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module

import attrs
import pytest

import incidentkit.model
from incidentkit.errors import InvalidValue, MissingFields, NotFound, TransitionNotAllowed
from incidentkit.model import attachment_changes as a
from incidentkit.model import fact_changes as k
from incidentkit.model import findings_changes as f
from incidentkit.model import impact_changes as m
from incidentkit.model import incident_commands as c
from incidentkit.model import reaction_commands as reactions
from incidentkit.model import scope_changes as s
from incidentkit.model import silence as quiet
from incidentkit.model.incident import Incident
from incidentkit.model.words import SilenceState, State
from incidentkit.rules import beyond, lifecycle, silence
from incidentkit.rules.record_terms import SilenceTerms
from tests.rules import (
    test_lifecycle_table,
    test_maintenance,
    test_overlay_tables,
    test_problem_keeping,
    test_problem_lifecycle,
    test_relations_table,
    test_review,
)
from tests.rules.builders import START, TERMS, at, declared, do, standing
from tests.rules.tables import cells

HASH = "0a" * 32
SECURITY = s.StateAspect("INC-1", "security")
REACHED = (
    SECURITY,
    s.MarkAffected("INC-1", "service", "checkout"),
    s.InvolveOrganisation("INC-1", "ACME", "supplier"),
    s.AddReference("INC-1", "jira", "OPS-1"),
    s.SetLabel("INC-1", "green"),
)
HIT = (
    m.AssessImpact("INC-1", "data", "major", "orders", 12, "estimated"),
    m.RecordImpactInterval("INC-1", "service", "checkout", "degraded", at(0)),
)
KNOWN = (
    f.ProposeHypothesis("INC-1", "the pool leaks"),
    f.NameCause("INC-1", "no limit was set", part="root"),
    f.OfferWorkaround("INC-1", "restart it"),
    a.Attach("INC-1", f"sha256:{HASH}", HASH, 5, "syslog", label="green"),
)
BEFORE: tuple[c.Command, ...] = (*REACHED, *HIT, *KNOWN)
COMMANDS: dict[str, c.Command] = {
    "state_aspect": s.StateAspect("INC-1", "privacy"),
    "drop_aspect": s.DropAspect("INC-1", "security"),
    "mark_affected": s.MarkAffected("INC-1", "service", "search"),
    "clear_affected": s.ClearAffected("INC-1", "service", "checkout"),
    "involve_organisation": s.InvolveOrganisation("INC-1", "The bank", "customer"),
    "release_organisation": s.ReleaseOrganisation("INC-1", "ACME"),
    "add_reference": s.AddReference("INC-1", "jira", "OPS-2"),
    "remove_reference": s.RemoveReference("INC-1", "jira", "OPS-1"),
    "set_label": s.SetLabel("INC-1", "red"),
    "assess_impact": m.AssessImpact("INC-1", "people", "minor"),
    "withdraw_impact": m.WithdrawImpact("INC-1", "data", "the count was of another table"),
    "record_impact_interval": m.RecordImpactInterval("INC-1", "location", "Lyon", "down"),
    "end_impact_interval": m.EndImpactInterval("INC-1", "I1"),
    "correct_impact_interval": m.CorrectImpactInterval("INC-1", "I1", "down", reason="the logs"),
    "withdraw_impact_interval": m.WithdrawImpactInterval("INC-1", "I1", "it was another one"),
    "assert_fact": k.AssertFact("INC-1", "lost orders", 12),
    "propose_hypothesis": f.ProposeHypothesis("INC-1", "a bad cable"),
    "judge_hypothesis": f.JudgeHypothesis("INC-1", "H1", "supported", "a graph"),
    "name_cause": f.NameCause("INC-1", "nobody reviewed it"),
    "confirm_cause": f.ConfirmCause("INC-1", "C1"),
    "reject_cause": f.RejectCause("INC-1", "C1", "a limit was set"),
    "offer_workaround": f.OfferWorkaround("INC-1", "use the old page"),
    "judge_workaround": f.JudgeWorkaround("INC-1", "W1", "yes"),
    "drop_workaround": f.DropWorkaround("INC-1", "W1", "it makes it worse"),
    "record_decision": f.RecordDecision("INC-1", "Tell the bank?", "No.", "Nothing got out."),
    "attach": a.Attach("INC-1", f"sha256:{HASH}", HASH, 5, "dump"),
    "hand_over_attachment": a.HandOverAttachment("INC-1", "A1", "the police"),
    "label_attachment": a.LabelAttachment("INC-1", "A1", "red"),
    "withdraw_attachment": a.WithdrawAttachment("INC-1", "A1", "it is of another incident"),
}
# + done, the state stays; . refused. N new  T triaged  W in progress  H on hold  M mitigated
# O observing  R resolved  C closed  X cancelled. Nothing of this is refused anywhere: what comes to
# light after the end must be written down, and what is no longer true taken away.
TABLE = """
                          N T W H M O R C X
state_aspect              + + + + + + + + +
drop_aspect               + + + + + + + + +
mark_affected             + + + + + + + + +
clear_affected            + + + + + + + + +
involve_organisation      + + + + + + + + +
release_organisation      + + + + + + + + +
add_reference             + + + + + + + + +
remove_reference          + + + + + + + + +
set_label                 + + + + + + + + +
assess_impact             + + + + + + + + +
withdraw_impact           + + + + + + + + +
record_impact_interval    + + + + + + + + +
end_impact_interval       + + + + + + + + +
correct_impact_interval   + + + + + + + + +
withdraw_impact_interval  + + + + + + + + +
assert_fact               + + + + + + + + +
propose_hypothesis        + + + + + + + + +
judge_hypothesis          + + + + + + + + +
name_cause                + + + + + + + + +
confirm_cause             + + + + + + + + +
reject_cause              + + + + + + + + +
offer_workaround          + + + + + + + + +
judge_workaround          + + + + + + + + +
drop_workaround           + + + + + + + + +
record_decision           + + + + + + + + +
attach                    + + + + + + + + +
hand_over_attachment      + + + + + + + + +
label_attachment          + + + + + + + + +
withdraw_attachment       + + + + + + + + +
"""
LETTERS = dict(zip("NTWHMORCX", State, strict=True))
CELLS = cells(TABLE, LETTERS)


def go(incident: Incident, *commands: c.Command) -> Incident:
    for count, command in enumerate(commands, 1):
        incident = do(incident, command, count)
    return incident


@pytest.mark.parametrize(("name", "state", "cell"), CELLS, ids=lambda x: getattr(x, "value", x))
def test_cell(name: str, state: State, cell: str) -> None:
    incident = attrs.evolve(standing(state), more=go(declared(), *BEFORE).more, version=30)
    if cell == ".":
        with pytest.raises(TransitionNotAllowed):
            lifecycle.decide(incident, COMMANDS[name], at(60), "ana", TERMS)
        return
    events = lifecycle.decide(incident, COMMANDS[name], at(60), "ana", TERMS)
    after = do(incident, COMMANDS[name], 60)
    assert events
    assert "Accepted" not in [type(event).__name__ for event in events]
    assert after.version == incident.version + len(events)
    assert after.dossier != incident.dossier, "something is written down"
    assert after.life.state is state
    assert after.life.since == incident.life.since


@pytest.mark.parametrize("name", COMMANDS)
def test_who_describes_a_candidate_accepts_it(name: str) -> None:
    incident = attrs.evolve(declared(candidate=True), more=go(declared(), *BEFORE).more)
    first, *_ = lifecycle.decide(incident, COMMANDS[name], at(60), "ana", TERMS)
    assert type(first).__name__ == "Accepted"
    assert not do(incident, COMMANDS[name], 60).life.candidate


# --- said again, and said of what is not there ----------------------------------------------------

AGAIN = {
    "state_aspect": "nothing",
    "drop_aspect": "not found",
    "mark_affected": "nothing",
    "clear_affected": "not found",
    "involve_organisation": "nothing",
    "release_organisation": "not found",
    "add_reference": "nothing",
    "remove_reference": "not found",
    "set_label": "nothing",
    "assess_impact": "nothing",
    "withdraw_impact": "not found",
    "record_impact_interval": "another",
    "end_impact_interval": "invalid",
    "correct_impact_interval": "nothing",
    "withdraw_impact_interval": "invalid",
    "assert_fact": "another",
    "propose_hypothesis": "another",
    "judge_hypothesis": "another",
    "name_cause": "another",
    "confirm_cause": "nothing",
    "reject_cause": "nothing",
    "offer_workaround": "another",
    "judge_workaround": "nothing",
    "drop_workaround": "invalid",
    "record_decision": "another",
    "attach": "another",
    "hand_over_attachment": "nothing",
    "label_attachment": "nothing",
    "withdraw_attachment": "invalid",
}
"""What the same command does a second time: nothing, another entry, or it is refused and why."""
REFUSALS: dict[str, type[Exception]] = {"not found": NotFound, "invalid": InvalidValue}


@pytest.mark.parametrize(("name", "expected"), AGAIN.items())
def test_the_same_again(name: str, expected: str) -> None:
    once = do(go(declared(), *BEFORE), COMMANDS[name], 60)
    if expected in REFUSALS:
        with pytest.raises(REFUSALS[expected]):
            lifecycle.decide(once, COMMANDS[name], at(61), "ana", TERMS)
        return
    assert bool(lifecycle.decide(once, COMMANDS[name], at(61), "ana", TERMS)) is (
        expected == "another"
    )


NAMES_SOMETHING = [
    *("drop_aspect", "clear_affected", "release_organisation", "remove_reference"),
    *("withdraw_impact", "end_impact_interval", "correct_impact_interval"),
    *("withdraw_impact_interval", "judge_hypothesis", "confirm_cause", "reject_cause"),
    *("judge_workaround", "drop_workaround", "hand_over_attachment", "label_attachment"),
    "withdraw_attachment",
]


@pytest.mark.parametrize("name", NAMES_SOMETHING)
def test_what_is_not_there_is_not_found(name: str) -> None:
    with pytest.raises(NotFound):
        lifecycle.decide(declared(), COMMANDS[name], at(60), "ana", TERMS)


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        (s.SetLabel("INC-1", "clear"), ("reason (the label is lowered)",)),
        (m.WithdrawImpact("INC-1", "data"), ("reason",)),
        (m.CorrectImpactInterval("INC-1", "I1", "down"), ("reason",)),
        (m.WithdrawImpactInterval("INC-1", "I1"), ("reason",)),
        (f.ProposeHypothesis("INC-1"), ("text",)),
        (f.JudgeHypothesis("INC-1", "H1", "refuted"), ("evidence",)),
        (f.NameCause("INC-1", " "), ("text",)),
        (f.RejectCause("INC-1", "C1"), ("why",)),
        (f.OfferWorkaround("INC-1"), ("text",)),
        (f.DropWorkaround("INC-1", "W1"), ("reason",)),
        (f.RecordDecision("INC-1"), ("question", "outcome", "reasons")),
        (f.RecordDecision("INC-1", "Tell?", "No."), ("reasons",)),
        (a.LabelAttachment("INC-1", "A1", "clear"), ("reason (the label is lowered)",)),
        (a.WithdrawAttachment("INC-1", "A1"), ("reason",)),
    ],
    ids=lambda x: getattr(x, "action", None),
)
def test_missing_fields_are_named(command: c.Command, missing: tuple[str, ...]) -> None:
    with pytest.raises(MissingFields) as caught:
        lifecycle.decide(go(declared(), *BEFORE), command, at(60), "ana", TERMS)
    assert caught.value.fields == missing


# --- the small machines ---------------------------------------------------------------------------

# A word is where it leads, = nothing happens, ! refused as a value. The heads are where it stands.
HYPOTHESIS = """
            proposed   supported  refuted    confirmed
proposed    !          !          !          !
supported   supported  supported  supported  supported
refuted     refuted    refuted    refuted    refuted
confirmed   confirmed  confirmed  confirmed  confirmed
"""
CAUSE = """
         stated     confirmed  rejected
confirm  confirmed  =          confirmed
reject   rejected   rejected   =
"""
WORKAROUND = """
         unknown  yes      no       dropped
yes      yes      =        yes      !
no       no       no       =        !
unknown  =        unknown  unknown  !
drop     dropped  dropped  dropped  !
"""
ATTACHMENT = """
          green      red       withdrawn
green     =          needs     !
red       red        =         !
withdraw  withdrawn  withdrawn  !
"""
INTERVAL = """
          open       ended      withdrawn
end       ended      !          !
reopen    =          open       !
withdraw  withdrawn  withdrawn  !
"""


def small(table: str) -> list[tuple[str, str, str]]:
    head, *lines = table.strip().splitlines()
    return [
        (line.split()[0], state, cell)
        for line in lines
        for state, cell in zip(head.split(), line.split()[1:], strict=True)
    ]


def check(
    before: Incident, command: c.Command, cell: str, shows: Callable[[Incident], str]
) -> None:
    refusals: dict[str, type[Exception]] = {"!": InvalidValue, "needs": MissingFields}
    if cell in refusals:
        with pytest.raises(refusals[cell]):
            lifecycle.decide(before, command, at(60), "ana", TERMS)
    elif cell == "=":
        assert lifecycle.decide(before, command, at(60), "ana", TERMS) == ()
    else:
        assert shows(do(before, command, 60)) == cell


def judge(verdict: str) -> c.Command:
    return f.JudgeHypothesis("INC-1", "H1", verdict, "a graph")


@pytest.mark.parametrize(("verdict", "stands", "cell"), small(HYPOTHESIS))
def test_a_hypothesis(verdict: str, stands: str, cell: str) -> None:
    before = go(declared(), *BEFORE, *(() if stands == "proposed" else (judge(stands),)))
    check(before, judge(verdict), cell, lambda x: x.dossier.findings.hypotheses[0].state.value)


CONFIRM, REJECT = f.ConfirmCause("INC-1", "C1"), f.RejectCause("INC-1", "C1", "a graph")


@pytest.mark.parametrize(("move", "stands", "cell"), small(CAUSE))
def test_a_cause(move: str, stands: str, cell: str) -> None:
    ways: dict[str, tuple[c.Command, ...]] = {
        "stated": (), "confirmed": (CONFIRM,), "rejected": (REJECT,),
    }  # fmt: skip
    before = go(declared(), *BEFORE, *ways[stands])
    command = CONFIRM if move == "confirm" else REJECT
    check(before, command, cell, lambda x: x.dossier.findings.causes[0].state.value)


def workaround(move: str) -> c.Command:
    if move in ("drop", "dropped"):
        return f.DropWorkaround("INC-1", "W1", "it makes it worse")
    return f.JudgeWorkaround("INC-1", "W1", move)


def shown_workaround(incident: Incident) -> str:
    found = incident.dossier.findings.workarounds[0]
    return "dropped" if found.withdrawn else found.effective.value


@pytest.mark.parametrize(("move", "stands", "cell"), small(WORKAROUND))
def test_a_workaround(move: str, stands: str, cell: str) -> None:
    before = go(declared(), *BEFORE, *(() if stands == "unknown" else (workaround(stands),)))
    check(before, workaround(move), cell, shown_workaround)


def attachment(move: str) -> c.Command:
    if move.startswith("withdraw"):
        return a.WithdrawAttachment("INC-1", "A1", "it is of another incident")
    return a.LabelAttachment("INC-1", "A1", move)


def shown_attachment(incident: Incident) -> str:
    found = incident.dossier.findings.attachments[0]
    return "withdrawn" if found.withdrawn else found.label.level.value if found.label else ""


@pytest.mark.parametrize(("move", "stands", "cell"), small(ATTACHMENT))
def test_an_attachment(move: str, stands: str, cell: str) -> None:
    before = go(declared(), *BEFORE, *(() if stands == "green" else (attachment(stands),)))
    check(before, attachment(move), cell, shown_attachment)


END = m.EndImpactInterval("INC-1", "I1")
REOPEN = m.CorrectImpactInterval("INC-1", "I1", still_open=True, reason="it is down yet")
DROP = m.WithdrawImpactInterval("INC-1", "I1", "it was another one")


def shown_interval(incident: Incident) -> str:
    found = incident.dossier.scope.intervals[0]
    return "withdrawn" if found.withdrawn else "ended" if found.interval.end else "open"


@pytest.mark.parametrize(("move", "stands", "cell"), small(INTERVAL))
def test_an_interval(move: str, stands: str, cell: str) -> None:
    ways: dict[str, tuple[c.Command, ...]] = {"open": (), "ended": (END,), "withdrawn": (DROP,)}
    before = go(declared(), *BEFORE, *ways[stands])
    check(before, {"end": END, "reopen": REOPEN, "withdraw": DROP}[move], cell, shown_interval)


SILENCE = """
             active  ended
end_silence  ended   .
"""


@pytest.mark.parametrize(("name", "state", "cell"), small(SILENCE))
def test_a_silence(name: str, state: str, cell: str) -> None:
    assert name == quiet.EndSilence.action
    ask = quiet.SilenceAlerts('service == "checkout"', at(60), "known and harmless")
    found = silence.birth(silence.begun("1", "SIL-1", ask, START, "ana", SilenceTerms()), START)
    if state == SilenceState.ENDED:
        found = silence.evolve(found, quiet.SilenceEnded(), at(5))
    assert found.state.value == state
    if cell == ".":
        with pytest.raises(TransitionNotAllowed, match="SIL-1 is ended"):
            silence.decide(found, quiet.EndSilence("SIL-1"), at(9))
        return
    (event,) = silence.decide(found, quiet.EndSilence("SIL-1", "mended"), at(9))
    assert silence.evolve(found, event, at(9)).state.value == cell


# --- nothing is in no table -----------------------------------------------------------------------


def test_the_table_here_is_whole() -> None:
    assert {name for name, _, _ in CELLS} == set(COMMANDS) == set(AGAIN)
    assert all(name == command.action for name, command in COMMANDS.items())
    assert len(CELLS) == len(COMMANDS) * len(State)


def test_every_command_of_every_part_is_in_a_table() -> None:
    tabled = {type(x) for x in COMMANDS.values()}
    tabled |= {type(x) for x, _, _ in test_overlay_tables.CELLS}
    tabled |= {type(x) for x in test_relations_table.COMMANDS.values()}
    assert tabled == {move.command for part in beyond.every_part() for move in part.moves}


# Commands that begin a record: there is no state yet from which they could be refused.
BEGINNINGS = {
    "Declare", "OpenReview", "PlanMaintenance", "RaiseProblem", "SilenceAlerts",
}  # fmt: skip


def test_every_command_of_the_library_is_in_a_table() -> None:
    named = {
        type(command)
        for table in (
            COMMANDS,
            test_lifecycle_table.COMMANDS,
            test_relations_table.COMMANDS,
            test_maintenance.COMMANDS,
            test_problem_keeping.COMMANDS,
            test_problem_lifecycle.COMMANDS,
            test_review.COMMANDS,
        )
        for command in table.values()
    }
    named |= {type(x) for x, _, _ in test_overlay_tables.CELLS}
    named |= {type(test_relations_table.CONFIRM), type(test_relations_table.REJECT)}
    named |= {quiet.EndSilence}
    every = {
        value
        for found in pkgutil.iter_modules(incidentkit.model.__path__, "incidentkit.model.")
        for value in vars(import_module(found.name)).values()
        if isinstance(value, type) and issubclass(value, c.Command) and "action" in vars(value)
    }
    left = sorted(x.__name__ for x in every - named if x.__module__ != reactions.__name__)
    assert left == sorted({"Command"} | BEGINNINGS)
