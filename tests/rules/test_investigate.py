"""Hypotheses, causes, workarounds, decisions and attachments: what each command leaves behind."""

from __future__ import annotations

from typing import Any, cast

import attrs
import pytest

from incidentkit.errors import InvalidValue, LimitExceeded, MissingFields, NotFound
from incidentkit.model import attachment_changes as a
from incidentkit.model import findings_changes as f
from incidentkit.model.attachments import Attachment, Custody
from incidentkit.model.causes import CausePart, CauseState
from incidentkit.model.fact_changes import AssertFact
from incidentkit.model.findings import Findings
from incidentkit.model.hypotheses import Evidence, HypothesisState
from incidentkit.model.incident import Incident
from incidentkit.model.incident_commands import Command, Correct
from incidentkit.model.labels import Label, Tlp
from incidentkit.model.words import Moment
from incidentkit.model.workarounds import Effective
from incidentkit.rules.dossier_terms import DossierTerms
from incidentkit.rules.investigate import chain
from incidentkit.rules.terms import LifecycleTerms
from tests.rules.builders import at, declared, do

HASH = "0a" * 32


def after(*commands: Command) -> Incident:
    incident = declared()
    for count, command in enumerate(commands, 1):
        incident = do(incident, command, count)
    return incident


def findings(*commands: Command) -> Findings:
    return after(*commands).dossier.findings


H1 = f.ProposeHypothesis("INC-1", "the pool leaks")
C1 = f.NameCause("INC-1", "no limit was set", "process", "root")
W1 = f.OfferWorkaround("INC-1", "restart it", "PRB-7")
D1 = f.RecordDecision("INC-1", "Notifiable?", "No.", "Nothing left the house.", ("yes", "no"), True)
A1 = a.Attach("INC-1", f"sha256:{HASH}", HASH, 5, "syslog", label="amber")


def test_a_hypothesis_is_judged_by_evidence() -> None:
    judged = f.JudgeHypothesis("INC-1", "H1", "supported", "a graph")
    refuted = f.JudgeHypothesis("INC-1", "H1", "refuted", "the pool is full")
    (found,) = findings(H1, judged, refuted).hypotheses
    assert (found.id, found.text, found.by, found.at) == ("H1", "the pool leaks", "ana", at(1))
    assert found.state is HypothesisState.REFUTED
    assert found.evidence == (
        Evidence(HypothesisState.SUPPORTED, "a graph", "ana", at(2)),
        Evidence(HypothesisState.REFUTED, "the pool is full", "ana", at(3)),
    )
    two = findings(H1, f.ProposeHypothesis("INC-1", "another"), judged).hypotheses
    assert [x.state.value for x in two] == ["supported", "proposed"]


def test_five_whys_are_a_chain() -> None:
    found = findings(
        H1,
        f.NameCause("INC-1", "connections are not given back", explains="H1"),
        f.NameCause("INC-1", "the error path returns early", explains="C1"),
        f.ProposeHypothesis("INC-1", "nobody reviewed it", explains="C2"),
    )
    assert [x.id for x in chain(found, "H2")] == ["H2", "C2", "C1", "H1"]
    assert chain(found, "") == ()
    assert chain(found, "C9") == ()


def test_a_confirmed_root_cause_says_when_it_was_identified() -> None:
    confirm = f.ConfirmCause("INC-1", "C1", "seen in the code")
    incident = after(C1, confirm)
    (cause,) = incident.dossier.findings.causes
    assert (cause.state, cause.part) == (CauseState.CONFIRMED, CausePart.ROOT)
    assert (cause.judged_by, cause.judged_at, cause.why) == ("ana", at(2), "seen in the code")
    assert incident.moment(Moment.CAUSE_IDENTIFIED) == at(2)
    assert do(incident, confirm, 3) is incident
    stated = Correct("INC-1", Moment.CAUSE_IDENTIFIED, at(0), "it was known before")
    assert after(stated, C1, confirm).moment(Moment.CAUSE_IDENTIFIED) == at(0)
    contributing = f.NameCause("INC-1", "a storm", "environment")
    assert after(contributing, confirm).moment(Moment.CAUSE_IDENTIFIED) is None


def test_a_cause_is_rejected_and_may_be_confirmed_after_all() -> None:
    reject = f.RejectCause("INC-1", "C1", "it was not deployed")
    incident = after(C1, reject)
    assert incident.dossier.findings.causes[0].state is CauseState.REJECTED
    assert do(incident, reject, 3) is incident
    again = do(incident, f.ConfirmCause("INC-1", "C1"), 4)
    assert again.dossier.findings.causes[0].state is CauseState.CONFIRMED


def test_a_closed_world_knows_its_categories() -> None:
    closed = LifecycleTerms(dossier=DossierTerms(closed=True))
    do(declared(), C1, 1, terms=closed)
    do(declared(), f.NameCause("INC-1", "x"), 1, terms=closed)
    with pytest.raises(InvalidValue, match="did you mean 'process'"):
        do(declared(), f.NameCause("INC-1", "x", "proces"), 1, terms=closed)
    assert findings(f.NameCause("INC-1", "x", "magic")).causes[0].category == "magic"


def test_a_workaround_helps_or_not_and_is_withdrawn() -> None:
    helps = f.JudgeWorkaround("INC-1", "W1", "yes")
    incident = after(W1, helps)
    (found,) = incident.dossier.findings.workarounds
    assert (found.id, found.source, found.effective) == ("W1", "PRB-7", Effective.YES)
    assert do(incident, helps, 3) is incident
    gone = do(incident, f.DropWorkaround("INC-1", "W1", "it loses orders"), 4)
    assert gone.dossier.findings.workarounds[0].withdrawn == "it loses orders"
    with pytest.raises(InvalidValue, match="it loses orders"):
        do(gone, helps, 5)
    assert findings(f.OfferWorkaround("INC-1", "x")).workarounds[0].source == "ana"


def test_a_decision_keeps_what_was_known_then() -> None:
    incident = after(AssertFact("INC-1", "lost", "5"), AssertFact("INC-1", "site", "Graz"), D1)
    (found,) = incident.dossier.findings.decisions
    assert (found.id, found.by, found.at, found.negative) == ("D1", "ana", at(3), True)
    assert found.options == ("yes", "no")
    assert found.facts == {"lost": "5", "site": "Graz"}
    incident = do(incident, AssertFact("INC-1", "lost", "900"), 4)
    assert incident.dossier.findings.decisions[0].facts["lost"] == "5"
    new = f.RecordDecision("INC-1", "Notifiable?", "Yes.", "900", facts=("lost",), supersedes="D1")
    incident = do(incident, new, 5)
    first, second = incident.dossier.findings.decisions
    assert (first.superseded_by, second.superseded_by) == ("D2", "")
    assert second.facts == {"lost": "900"}
    with pytest.raises(InvalidValue, match="D1 was replaced by D2"):
        do(incident, new, 6)


def test_a_decision_keeps_only_so_many_facts() -> None:
    incident = after(*(AssertFact("INC-1", f"k{x}", "v") for x in range(101)))
    with pytest.raises(LimitExceeded, match="name the 100 or fewer"):
        do(incident, D1, 200)
    do(incident, attrs.evolve(D1, facts=("k1",)), 200)
    with pytest.raises(NotFound, match="no fact 'other'"):
        do(incident, attrs.evolve(D1, facts=("other",)), 200)


def test_custody_is_a_chain() -> None:
    over = a.HandOverAttachment("INC-1", "A1", "bob", "with the key")
    incident = after(A1, over)
    (found,) = incident.dossier.findings.attachments
    assert found.custody == (Custody("ana", at(1)), Custody("bob", at(2), "with the key"))
    assert found.holder == "bob"
    assert do(incident, over, 3) is incident
    assert Attachment("A1", "x", HASH, 0, "a/b", "n").holder == ""
    assert findings(attrs.evolve(A1, holder="cy")).attachments[0].holder == "cy"


def test_the_label_of_an_attachment_is_lowered_with_a_reason() -> None:
    raised = after(A1, a.LabelAttachment("INC-1", "A1", Label(Tlp.RED)))
    assert raised.dossier.findings.attachments[0].label == Label(Tlp.RED)
    assert do(raised, a.LabelAttachment("INC-1", "A1", "red"), 5) is raised
    with pytest.raises(MissingFields, match="reason"):
        do(raised, a.LabelAttachment("INC-1", "A1", "green"), 5)
    low = do(raised, a.LabelAttachment("INC-1", "A1", "green", "names are blacked out"), 5)
    assert low.dossier.findings.attachments[0].label == Label(Tlp.GREEN)


def test_what_is_withdrawn_stays_as_it_was() -> None:
    incident = after(A1, a.WithdrawAttachment("INC-1", "A1", "another case"))
    assert incident.dossier.findings.attachments[0].withdrawn == "another case"
    with pytest.raises(InvalidValue, match="another case"):
        do(incident, a.HandOverAttachment("INC-1", "A1", "bob"), 5)


@pytest.mark.parametrize(
    ("command", "error", "said"),
    [
        (f.ProposeHypothesis("x"), MissingFields, "text"),
        (f.ProposeHypothesis("x", "y", "C9"), NotFound, "there is C1, H1"),
        (f.JudgeHypothesis("x", "H1", "refuted"), MissingFields, "evidence"),
        (f.JudgeHypothesis("x", "H1", "proposed", "y"), InvalidValue, "must be supported"),
        (f.JudgeHypothesis("x", "H9", "refuted", "y"), NotFound, "there is H1"),
        (f.NameCause("x"), MissingFields, "text"),
        (f.NameCause("x", "y", explains="H9"), NotFound, "there is C1, H1"),
        (f.ConfirmCause("x", "C9"), NotFound, "there is C1"),
        (f.RejectCause("x", "C1"), MissingFields, "why"),
        (f.OfferWorkaround("x", " "), MissingFields, "text"),
        (f.JudgeWorkaround("x", "W9", "yes"), NotFound, "there is W1"),
        (f.DropWorkaround("x", "W1"), MissingFields, "reason"),
        (f.RecordDecision("x"), MissingFields, "question, outcome, reasons"),
        (attrs.evolve(D1, supersedes="D9"), NotFound, "there is D1"),
        (attrs.evolve(D1, options=("x",) * 101), LimitExceeded, "at most 100"),
        (attrs.evolve(D1, facts=("lost",)), NotFound, "no fact 'lost'"),
        (a.HandOverAttachment("x", "A9", "bob"), NotFound, "there is A1"),
        (a.WithdrawAttachment("x", "A1"), MissingFields, "reason"),
    ],
)
def test_what_is_refused(command: Command, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        do(after(H1, C1, W1, D1, A1), command, 9)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: f.JudgeHypothesis("x", "H1", "sure"), "none of proposed, supported"),
        (lambda: f.NameCause("x", "y", part="main"), "none of contributing, root"),
        (lambda: f.JudgeWorkaround("x", "W1", "maybe"), "none of yes, no, unknown"),
        (lambda: attrs.evolve(A1, hash="0A" * 32), "hash: must be a SHA-256"),
        (lambda: attrs.evolve(A1, hash=cast("Any", 5)), "hash: must be a SHA-256"),
        (lambda: attrs.evolve(A1, size=-1), "size: must be a whole number"),
        (lambda: attrs.evolve(A1, size=True), "size: must be a whole number"),
        (lambda: attrs.evolve(A1, media_type="text"), "no media type"),
    ],
)
def test_what_cannot_be_said(make: Any, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        make()


def test_lists_have_an_end() -> None:
    incident = declared()
    for _ in range(1_000):
        incident = do(incident, W1, 1)
    with pytest.raises(LimitExceeded, match="workarounds: are 1001"):
        do(incident, W1, 1)
