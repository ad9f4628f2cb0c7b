"""Situation B: the files of a clinic are encrypted, and it is not only a matter for technicians.

Told here: one incident with several sides, how far it reaches where nobody knows yet, decisions
with the facts they rest on, instants that the law asks for, danger to life as a fact that somebody
may state, labels, evidence with custody, a legal hold, and a duty to a regulator kept as a task.

`lines.py` says which work brings the rest: channels that are left out, titles for lock screens,
audiences in an order, statements to the outside.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import (
    AddTask,
    AssertFact,
    AssessImpact,
    CompleteTask,
    Condition,
    Correct,
    FrozenMap,
    HandOverAttachment,
    LabelAttachment,
    LiftLegalHold,
    ManualTime,
    MemoryBlobs,
    Merge,
    Moment,
    Opinion,
    Permission,
    PlaceLegalHold,
    RecordDecision,
    SetLabel,
    StateAspect,
    rerun,
)
from incidentkit.errors import MissingFields, NotAuthorised, TransitionNotAllowed
from tests.flows import world

Open = Callable[..., Any]
HOUSE: dict[str, Any] = {
    "paging": {"fallback": "duty-doctor"},
    "facts": {"danger_to_life": {"type": "bool"}},
    "overrides": [
        {
            "name": "danger to life",
            "when": "incident.fact.danger_to_life == true",
            "at_least": "P1",
        }
    ],
    "review": {"when": "incident.fact.danger_to_life == true", "within": "3d"},
    "autoclose": {"after": {"P1": "1d", "P2": "1d", "P3": "1d"}},
    "notices": [],
}
CLINICIANS = ("dr-may", "system")


class Rights:
    """Only clinicians say that somebody's life is in danger."""

    name = "rights"

    def may(self, actor: str, action: str, subject: str) -> Permission:
        if action == "assert_fact" and actor not in CLINICIANS:
            return Permission(Opinion.DENY, "a clinician says so")
        return Permission(Opinion.ALLOW)

    def scope(self, actor: str, kind: str) -> Condition:
        return Condition.parse("true")


class Clinic:
    """A desk, its time, and what went out."""

    def __init__(self, open_desk: Open, url: str, **given: Any) -> None:
        self.time, self.sms = ManualTime(), world.pager()
        given.setdefault("policy", HOUSE)
        self.desk = open_desk(
            url, time=self.time, channels={"sms": self.sms}, blobs=MemoryBlobs(), **given
        )
        self.desk.declare("Files cannot be opened", service="archive", urgency="high", by="ward-3")

    def do(self, command: Any, by: str = "ana") -> Any:
        return self.desk.execute(command, by=by)

    def told(self, ref: str = "INC-1") -> str:
        return "\n".join(map(str, self.desk.timeline(ref)))


@pytest.fixture
def clinic(open_desk: Open, url: str) -> Clinic:
    return Clinic(open_desk, url)


# --- what it is -----------------------------------------------------------------------------------


def test_one_incident_has_many_sides_and_more_come_at_any_time(clinic: Clinic) -> None:
    for aspect in ("security", "interruption"):
        clinic.do(StateAspect("INC-1", aspect))
    clinic.time.move(hours=5)
    clinic.do(StateAspect("INC-1", "safety", FrozenMap({"wards": "3 and 5"})), by="dr-may")
    clinic.desk.resolve("INC-1", code="fixed", remedy="restored", by="ana")
    clinic.desk.close("INC-1", by="ana")
    fields = FrozenMap({"records": "names, findings"})
    inc = clinic.do(StateAspect("INC-1", "privacy", fields), by="privacy-officer")
    aspects = {x.name: dict(x.fields) for x in inc.dossier.scope.aspects}
    assert list(aspects) == ["security", "interruption", "safety", "privacy"]
    assert aspects["safety"] == {"wards": "3 and 5"}
    assert aspects["privacy"] == {"records": "names, findings"}
    assert "privacy" in clinic.told()


def test_impact_is_known_estimated_or_unknown_in_each_dimension(clinic: Clinic) -> None:
    clinic.do(AssessImpact("INC-1", "service", "moderate", "two wards", 12, unit="beds"))
    clinic.do(AssessImpact("INC-1", "data", "moderate", "records", 3000, "estimated"))
    inc = clinic.do(AssessImpact("INC-1", "people"))
    judged = {x.dimension: (x.level, x.count.certainty) for x in inc.dossier.scope.impacts}
    assert judged == {
        "service": ("moderate", "known"),
        "data": ("moderate", "estimated"),
        "people": ("unknown", "unknown"),
    }
    assert inc.rating.provisional, "people could make it worse"
    told = str(clinic.desk.explain("INC-1", "impact"))
    for word in ("12 beds", "about 3000", "people unknown"):
        assert word in told


# --- what was decided, and when -------------------------------------------------------------------


def test_to_decide_against_it_is_a_decision(clinic: Clinic) -> None:
    clinic.do(AssertFact("INC-1", "records_out", "none", source="firewall logs"))
    clinic.do(
        RecordDecision(
            "INC-1",
            "Must the authority be told?",
            "No.",
            "Nothing left the house.",
            options=("yes", "no"),
            negative=True,
        ),
        by="privacy-officer",
    )
    (decision,) = clinic.desk.incident("INC-1").dossier.findings.decisions
    assert decision.negative
    clinic.time.move(hours=4)
    clinic.do(AssertFact("INC-1", "records_out", "3000", source="the provider", confidence="high"))
    again = RecordDecision(
        "INC-1",
        "Must the authority be told?",
        "Yes, within 72 hours.",
        "Records of patients left the house.",
        supersedes=decision.id,
    )
    clinic.do(again, by="privacy-officer")
    told = str(clinic.desk.explain("INC-1", "decisions"))
    for word in ("Nothing left the house.", "records_out = none", "records_out = 3000", "72 hours"):
        assert word in told
    assert "privacy-officer decided against" in clinic.told()


def test_aware_declared_and_classified_are_instants_of_their_own(clinic: Clinic) -> None:
    declared = clinic.time.now()
    aware, classified = declared - timedelta(hours=2), declared + timedelta(hours=6)
    clinic.time.set(classified)
    clinic.do(Correct("INC-1", Moment.AWARE, aware, "the night nurse saw it first"))
    inc = clinic.do(Correct("INC-1", Moment.CLASSIFIED, classified, "significant by our own table"))
    assert [inc.moment(x) for x in (Moment.AWARE, Moment.DECLARED, Moment.CLASSIFIED)] == [
        aware,
        declared,
        classified,
    ]
    assert "the night nurse saw it first" in clinic.told()


def test_a_merge_keeps_the_earlier_of_both_instants(clinic: Clinic) -> None:
    clinic.time.move(hours=3)
    clinic.desk.declare("Strange mail in the office", by="office")
    seen = clinic.time.now() - timedelta(days=1)
    clinic.do(Correct("INC-2", Moment.AWARE, seen, "the office saw the mail yesterday"))
    clinic.do(Correct("INC-1", Moment.AWARE, clinic.time.now(), "told by ward 3"))
    inc = clinic.do(Merge("INC-1", target="INC-2", reason="the mail was the way in"))
    assert inc.moment(Moment.AWARE) == seen
    assert clinic.desk.incident("INC-2").status == "cancelled"
    assert "the mail was the way in" in clinic.told()


def test_danger_to_life_is_a_fact_that_somebody_may_state_and_it_owes_a_review(
    open_desk: Open, url: str
) -> None:
    clinic = Clinic(open_desk, url, authoriser=Rights())
    words = "patients may die, life safety, emergency"
    clinic.desk.edit("INC-1", summary=words, by="ward-3")
    clinic.desk.note("INC-1", words, by="ward-3")
    before = clinic.desk.incident("INC-1")
    assert before.priority == "P2", "what people write states nothing"
    danger = AssertFact("INC-1", "danger_to_life", value=True, source="ward 3")
    with pytest.raises(NotAuthorised, match="a clinician says so"):
        clinic.do(danger, by="ward-3")
    inc = clinic.do(danger, by="dr-may")
    assert inc.priority == "P1"
    assert "danger to life" in clinic.desk.explain("INC-1", "priority").answer
    clinic.desk.run_due()
    assert [x.to for x in clinic.sms.messages if x.kind == "page"][-1] == "duty-doctor"
    (stated,) = [x for x in clinic.desk.journal("INC-1") if x.kind == "fact_asserted"]
    assert stated.recorded.by == "dr-may"
    clinic.desk.resolve("INC-1", code="fixed", remedy="restored", by="ana")
    clinic.desk.run_due()
    review = clinic.desk.get("REV-1")
    assert (review.incident_ref, review.state) == ("INC-1", "draft")


# --- how far it may travel, and what is kept ------------------------------------------------------


def test_a_label_is_a_level_and_compartments_and_lowering_it_needs_a_reason(clinic: Clinic) -> None:
    clinic.do(SetLabel("INC-1", "amber+strict", ("patients", "privileged")))
    assert str(clinic.desk.incident("INC-1").dossier.scope.label) == (
        "TLP:AMBER+STRICT (patients, privileged)"
    )
    with pytest.raises(MissingFields, match="reason"):
        clinic.do(SetLabel("INC-1", "green"))
    clinic.do(SetLabel("INC-1", "green", reason="the press has it anyway"))
    assert "the press has it anyway" in clinic.told()


def test_reading_what_stands_under_a_strict_label_is_written_down(clinic: Clinic) -> None:
    document = clinic.desk.policy().source
    policy = {**json.loads(document), "access": {"read_audit": "amber+strict"}}
    clinic.desk.adopt(policy, by="dr-may")
    clinic.do(SetLabel("INC-1", "red", ("patients",)))
    _ = clinic.desk.as_("nurse").timeline("INC-1")
    lines = [x.recorded for x in clinic.desk.readings("INC-1")]
    assert ("nurse", "TLP:RED (patients)") in {(x.by, x.event.label) for x in lines}
    assert "nurse read it under TLP:RED (patients)" in clinic.told()
    assert clinic.desk.verify().problems == ()


def test_evidence_has_a_hash_a_label_and_a_custody(clinic: Clinic) -> None:
    note = b"Your files are ours. Pay."
    clinic.desk.attach("INC-1", "note.txt", note, media_type="text/plain", label="red", by="bo")
    clinic.do(HandOverAttachment("INC-1", "A1", "police", "protocol 7"), by="bo")
    (kept,) = clinic.desk.incident("INC-1").dossier.findings.attachments
    assert (kept.size, str(kept.label), kept.holder) == (len(note), "TLP:RED", "police")
    assert len(kept.hash) >= 64
    assert clinic.desk.attachment("INC-1", "A1") == note
    with pytest.raises(MissingFields, match="reason"):
        clinic.do(LabelAttachment("INC-1", "A1", "green"))
    assert "protocol 7" in clinic.told()


def test_a_legal_hold_keeps_it_and_says_why(clinic: Clinic) -> None:
    clinic.desk.note("INC-1", "first seen at bed 12, Carl Carlson", by="ward-3")
    entry = next(x.seq for x in clinic.desk.timeline("INC-1") if "bed 12" in x.text)
    clinic.do(PlaceLegalHold("INC-1", reason="criminal complaint 88"), by="counsel")
    with pytest.raises(TransitionNotAllowed, match="by counsel: criminal complaint 88"):
        clinic.desk.redact("INC-1", [entry], reason="erasure request")
    assert any("bed 12" in x.text for x in clinic.desk.timeline("INC-1"))
    clinic.desk.resolve("INC-1", code="fixed", remedy="restored", by="ana")
    clinic.time.move(days=30)
    clinic.desk.run_due()
    assert clinic.desk.incident("INC-1").status == "resolved", "it does not close by itself"
    assert "criminal complaint 88" in str(clinic.desk.explain("INC-1", "closing"))
    inc = clinic.do(LiftLegalHold("INC-1", reason="settled"), by="counsel")
    assert inc.status == "closed"
    clinic.desk.redact("INC-1", [entry], reason="erasure request", by="privacy-officer")
    assert not any("bed 12" in x.text for x in clinic.desk.timeline("INC-1"))
    assert clinic.desk.verify().problems == ()


def test_a_legal_hold_keeps_off_retention_too(clinic: Clinic) -> None:
    clinic.desk.note("INC-1", "first seen at bed 12, Carl Carlson", by="ward-3")
    clinic.desk.close("INC-1", code="fixed", remedy="restored", override="told", by="ana")
    clinic.do(PlaceLegalHold("INC-1", reason="criminal complaint 88"), by="counsel")
    clinic.time.move(days=4_000)
    clinic.desk.seal()
    found = clinic.desk.purge(timedelta(days=3_650), reason="kept for ten years", expect=0)
    assert found.incidents == ()
    assert "by counsel: criminal complaint 88" in dict(found.left_out)["INC-1"]
    assert any("bed 12" in x.text for x in clinic.desk.timeline("INC-1"))
    clinic.do(LiftLegalHold("INC-1", reason="settled"), by="counsel")
    clinic.time.move(days=4_000)
    clinic.desk.seal()
    gone = clinic.desk.purge(timedelta(days=3_650), reason="kept for ten years", expect=1)
    assert gone.done
    assert not any("bed 12" in x.text for x in clinic.desk.timeline("INC-1"))
    assert clinic.desk.verify().problems == ()


def test_a_duty_to_a_regulator_is_a_task_with_an_owner_a_time_and_its_proof(clinic: Clinic) -> None:
    due = clinic.time.now() + timedelta(hours=72)
    clinic.do(AddTask("INC-1", title="Report to the authority", assignee="counsel", due_at=due))
    assert "counsel" in clinic.desk.brief("INC-1")
    clinic.time.set(due)
    clinic.desk.run_due()
    clinic.desk.run_due()
    paged = [x.text for x in clinic.sms.messages if x.to == "counsel"]
    assert any("Report to the authority" in text for text in paged), "the time was missed"
    with pytest.raises(MissingFields, match="open"):
        clinic.desk.resolve("INC-1", code="fixed", remedy="restored", by="ana")
    inc = clinic.do(CompleteTask("INC-1", task="T1", evidence="case 2026-118"), by="counsel")
    assert inc.dossier.tasks[0].evidence == "case 2026-118"
    assert "case 2026-118" in clinic.told()


def test_every_reason_of_it_can_be_decided_again(clinic: Clinic) -> None:
    clinic.do(AssertFact("INC-1", "danger_to_life", value=True))
    clinic.do(AssessImpact("INC-1", "people", "severe"))
    clinic.desk.resolve("INC-1", code="fixed", remedy="restored", by="ana")
    clinic.desk.run_due()
    for reason in world.reasons(clinic.desk.journal("INC-1")):
        assert rerun(reason) == reason.outcome
