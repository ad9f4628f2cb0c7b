"""Ransomware at a hospital, told through both desks: reach, facts, decisions, and what they do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import (
    AssertFact,
    AssessImpact,
    ConfirmCause,
    Correct,
    ManualTime,
    Moment,
    NameCause,
    ProposeHypothesis,
    RecordDecision,
    RecordImpactInterval,
    SetLabel,
    StateAspect,
    WithdrawImpact,
    facts_as_known,
    impact_times,
    rerun,
)
from incidentkit.errors import InvalidValue, VersionMismatch
from incidentkit.model import incident_events as e
from incidentkit.rules.beyond import every_part
from incidentkit.rules.evolve import birth, evolve
from incidentkit.rules.table import EVERYWHERE

Open = Callable[..., Any]


def rating(desk: Any) -> tuple[str, str, bool]:
    found = desk.incident("INC-1").rating
    return found.impact, found.priority.value, found.provisional


def test_assessments_rate_and_explain(open_desk: Open, url: str) -> None:
    desk = open_desk(url, time=ManualTime())
    desk.declare("Ransomware", urgency="high")
    assert rating(desk) == ("unknown", "P2", True)
    desk.execute(AssessImpact("INC-1", "service", "moderate"), by="ana")
    assert rating(desk) == ("medium", "P2", False)
    desk.execute(AssessImpact("INC-1", "people", "unknown"), by="ana")
    assert rating(desk) == ("medium", "P2", True), "people could make it worse"
    assert desk.explain("INC-1", "priority").answer == (
        "impact medium x urgency high = P2 (matrix 'default'), "
        "provisional: impact on people unknown"
    )
    desk.execute(AssessImpact("INC-1", "people", "severe", "two wards", 40, "estimated"), by="bob")
    assert rating(desk) == ("high", "P1", False)
    told = desk.explain("INC-1", "impact")
    assert told.answer == (
        "impact high: service moderate = medium, people severe = high; the highest counts"
    )
    assert rerun(told.reasons[-1]) == "high"
    assert told.reasons[-1].policy == desk.policy().hash
    desk.prioritise("INC-1", impact="medium", by="ana")
    assert rating(desk) == ("medium", "P2", False), "a person has the last word"
    assert desk.explain("INC-1", "impact").answer.startswith("impact medium, as ana stated it")
    desk.execute(AssessImpact("INC-1", "data", "minor"))
    assert rating(desk)[0] == "high", "until the next assessment"
    desk.execute(WithdrawImpact("INC-1", "people", "they were not there"))
    assert rating(desk)[0] == "medium"


def test_a_priority_set_by_hand_stays(open_desk: Open) -> None:
    desk = open_desk("memory:")
    desk.declare("Ransomware", urgency="high", priority="P4")
    desk.execute(AssessImpact("INC-1", "people", "severe"))
    assert rating(desk) == ("high", "P4", False)


def test_the_dimensions_are_the_policys(open_desk: Open) -> None:
    policy = {"impact": {"animals": {"levels": ["herd", "one"]}}}
    desk = open_desk("memory:", policy=policy)
    desk.declare("Fence down", urgency="low")
    desk.execute(AssessImpact("INC-1", "animals", "herd"))
    assert rating(desk)[0] == "high"
    with pytest.raises(InvalidValue, match="none of herd, one, unknown"):
        desk.execute(AssessImpact("INC-1", "animals", "severe"))


def test_a_hospital(open_desk: Open, url: str) -> None:
    time = ManualTime()
    desk = open_desk(url, time=time, channels={"sms": lambda m: None})
    start = time.now()
    desk.declare("Files are encrypted", service="archive", by="ana", urgency="high")
    for aspect in ("security", "interruption", "safety", "privacy"):
        desk.execute(StateAspect("INC-1", aspect))
    desk.execute(SetLabel("INC-1", "amber+strict", ("patients",)))
    desk.execute(RecordImpactInterval("INC-1", "location", "ward 3", "closed"))
    time.move(minutes=30)
    desk.execute(AssertFact("INC-1", "records_out", "none"), by="ana")
    no = RecordDecision("INC-1", "Notifiable?", "No.", "Nothing left.", negative=True)
    desk.execute(no, by="dpo")
    time.move(minutes=30)
    late = start + timedelta(minutes=10)
    desk.execute(AssertFact("INC-1", "records_out", "3000", known_at=late), by="bob")
    desk.execute(AssertFact("INC-1", "records_out", "3000", source="isp"), by="bob")
    yes = RecordDecision("INC-1", "Notifiable?", "Yes.", "3000 records.", supersedes="D1")
    desk.execute(yes, by="dpo")
    desk.execute(Correct("INC-1", Moment.AWARE, late, "that is when we were told"), by="dpo")
    desk.execute(ProposeHypothesis("INC-1", "a mail with a macro"), by="bob")
    desk.execute(NameCause("INC-1", "macros were allowed", "process", "root", "H1"), by="bob")
    desk.execute(ConfirmCause("INC-1", "C1"), by="bob")

    incident = desk.incident("INC-1")
    assert str(incident.dossier.scope.label) == "TLP:AMBER+STRICT (patients)"
    assert incident.dossier.scope.primary == "security"
    first, second = incident.dossier.findings.decisions
    assert (first.facts, first.superseded_by) == ({"records_out": "none"}, "D2")
    assert second.facts == {"records_out": "3000"}
    assert incident.moment(Moment.AWARE) == late
    assert incident.moment(Moment.CAUSE_IDENTIFIED) == time.now()
    assert impact_times(incident, time.now()) == {"location/ward 3": timedelta(hours=1)}

    entries = desk.journal("INC-1")
    then = start + timedelta(minutes=40)
    assert facts_as_known(entries, late)["records_out"].value == "3000"
    assert facts_as_known(entries, then, recorded=then)["records_out"].value == "none"
    born: Any = entries[0].recorded
    again = birth(born.event, entries[0].at)
    for entry in entries[1:]:
        again = evolve(again, entry.recorded.event, entry.at, entry.recorded.by)
    assert again.dossier == incident.dossier, "the journal is the record"


TYPED: dict[str, Any] = {
    "closed": True,
    "services": ["shop"],
    "facts": {"lost": {"type": "int"}, "away": {"type": "duration"}},
    "overrides": [{"name": "much", "when": "incident.fact.lost > 1000", "at_least": "P1"}],
    "audiences": {"board": {"members": ["eve"]}},
    "parties": ["eve"],
    "notices": [
        {
            "name": "n",
            "audience": "board",
            "on": ["resolved"],
            "when": "incident.fact.away >= 90m",
            "template": "$incident.ref lost $incident.fact.lost",
        }
    ],
}


def test_declared_facts_are_in_priorities_and_notices(open_desk: Open) -> None:
    sent: list[str] = []

    def sms(message: Any) -> None:
        sent.append(message.text)

    desk = open_desk("memory:", policy=TYPED, channels={"sms": sms})
    desk.declare("Down", impact="low", urgency="low")
    desk.execute(AssertFact("INC-1", "lost", 1000))
    assert rating(desk)[1] == "P5"
    desk.execute(AssertFact("INC-1", "lost", 1001))
    assert rating(desk)[1] == "P1"
    with pytest.raises(InvalidValue, match="'many' is not a whole number"):
        desk.execute(AssertFact("INC-1", "lost", "many"))
    with pytest.raises(InvalidValue, match="did you mean 'lost'"):
        desk.execute(AssertFact("INC-1", "lots", 5))
    desk.execute(AssertFact("INC-1", "away", "2h"))
    desk.resolve("INC-1", code="fixed", remedy="x")
    desk.run_due()
    assert sent[-1] == "INC-1 lost 1001"
    for entry in desk.journal("INC-1"):
        reason = entry.recorded.reason
        assert reason is None or rerun(reason) == reason.outcome


def test_commands_beyond_every_day_keep_their_version(open_desk: Open) -> None:
    desk = open_desk("memory:")
    version = desk.declare("Down").version
    desk.execute(AssertFact("INC-1", "lost", "5", if_version=version))
    with pytest.raises(VersionMismatch):
        desk.execute(AssertFact("INC-1", "lost", "6", if_version=version))


def test_a_repeated_request_says_it_once(open_desk: Open, url: str) -> None:
    desk = open_desk(url)
    desk.declare("Down")
    for _ in range(2):
        desk.execute(ProposeHypothesis("INC-1", "a leak"), request="r1")
    assert len(desk.incident("INC-1").dossier.findings.hypotheses) == 1


def test_a_candidate_is_accepted_by_whoever_works_on_it(open_desk: Open) -> None:
    desk = open_desk("memory:")
    desk.declare("Perhaps", candidate=True)
    desk.execute(AssertFact("INC-1", "lost", "5"))
    incident = desk.incident("INC-1")
    assert not incident.life.candidate
    kinds = [x.kind for x in desk.journal("INC-1")]
    assert kinds.index("accepted") < kinds.index("fact_asserted")


SCOPE = """
    state_aspect drop_aspect mark_affected clear_affected involve_organisation
    release_organisation add_reference remove_reference set_label assess_impact withdraw_impact
    record_impact_interval end_impact_interval correct_impact_interval withdraw_impact_interval
    assert_fact propose_hypothesis judge_hypothesis name_cause confirm_cause reject_cause
    offer_workaround judge_workaround drop_workaround record_decision attach
    hand_over_attachment label_attachment withdraw_attachment
"""


def test_they_make_sense_in_every_state_and_lead_nowhere() -> None:
    """What is found out later, after an incident was closed or cancelled, is found out too."""
    found = {move.action: move for part in every_part() for move in part.moves}
    for action in SCOPE.split():
        assert found[action].sources == EVERYWHERE, action
        assert found[action].targets == (), action


def test_rated_events_of_an_assessment_are_the_systems(open_desk: Open) -> None:
    desk = open_desk("memory:")
    desk.declare("Down")
    desk.execute(AssessImpact("INC-1", "data", "major"), by="ana")
    rated = [x.recorded for x in desk.journal("INC-1") if isinstance(x.recorded.event, e.Rated)]
    assert [(x.by, x.reason.rule) for x in rated] == [("system", "assess.fold")]
