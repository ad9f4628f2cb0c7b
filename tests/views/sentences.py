"""The sentences of what an incident reaches and of what is known of it."""

from __future__ import annotations

import attrs

from incidentkit.model import attachment_changes as a
from incidentkit.model import fact_changes as x
from incidentkit.model import findings_changes as f
from incidentkit.model import impact_changes as i
from incidentkit.model import scope_changes as s
from incidentkit.model.affected import Affected, Thing
from incidentkit.model.attachments import Attachment, Custody
from incidentkit.model.causes import Cause, CausePart
from incidentkit.model.decisions import Decision
from incidentkit.model.facts import Confidence, Fact
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.hypotheses import Hypothesis, HypothesisState
from incidentkit.model.impact import Certainty, Count, ImpactAssessment, ImpactInterval, Place
from incidentkit.model.journal import Event
from incidentkit.model.labels import Label, Tlp
from incidentkit.model.organisations import Organisation, OrganisationKind
from incidentkit.model.references import Reference
from incidentkit.model.workarounds import Effective, Workaround
from incidentkit.timing.intervals import Interval
from tests.views.story import START, minutes

SOON = START + minutes(30)
SPELL = ImpactInterval("I1", Place.COMPONENT, "db", "down", Interval(START, SOON))
FILE = Attachment(
    "A1", "sha256:0a", "0a" * 32, 5, "text/plain", "syslog", None, (Custody("ana", START),)
)
DOSSIER: list[tuple[Event, str]] = [
    (
        s.AspectStated("privacy", FrozenMap({"records": "names"}), primary=True),
        "ana stated the aspect privacy, its primary one: records=names",
    ),
    (s.AspectStated("safety", FrozenMap(), primary=False), "ana stated the aspect safety"),
    (
        s.AspectDropped("privacy", "safety", "no names in it"),
        "ana dropped the aspect privacy (safety is the primary one): no names in it",
    ),
    (s.AspectDropped("safety", "", ""), "ana dropped the aspect safety"),
    (
        s.AffectedMarked(Affected(Thing.SERVICE, "shop", certain=False, note="perhaps")),
        "ana: the service shop could be affected: perhaps",
    ),
    (s.AffectedMarked(Affected(Thing.ASSET, "srv")), "ana: the asset srv is affected"),
    (s.AffectedCleared(Thing.ASSET, "srv", ""), "ana: the asset srv is not affected"),
    (
        s.OrganisationInvolved(Organisation("ACME", OrganisationKind.SUPPLIER, "processor")),
        "ana involved ACME (supplier) as processor",
    ),
    (s.OrganisationInvolved(Organisation("CERT")), "ana involved CERT (other)"),
    (
        s.OrganisationReleased("ACME", "processor", "an error"),
        "ana released ACME as processor: an error",
    ),
    (s.OrganisationReleased("CERT", "", ""), "ana released CERT"),
    (
        s.ReferenceAdded(Reference("jira", "OPS-1", "https://jira.example/1", "The ticket")),
        "ana added the reference jira OPS-1 (https://jira.example/1): The ticket",
    ),
    (s.ReferenceAdded(Reference("slack", "#inc")), "ana added the reference slack #inc"),
    (s.ReferenceRemoved("slack", "#inc", "closed"), "ana removed the reference slack #inc: closed"),
    (
        s.LabelSet(Label(Tlp.RED, ("legal",)), None, ""),
        "ana raised the label to TLP:RED (legal) (was no label)",
    ),
    (
        s.LabelSet(Label(Tlp.CLEAR), Label(Tlp.RED), "published"),
        "ana lowered the label to TLP:CLEAR (was TLP:RED): published",
    ),
    (
        i.ImpactAssessed(
            ImpactAssessment("data", "major", "the archive", Count(7, Certainty.ESTIMATED, "files"))
        ),
        "ana assessed the impact on data major (about 7 files): the archive",
    ),
    (i.ImpactAssessed(ImpactAssessment("people")), "ana assessed the impact on people unknown"),
    (i.ImpactWithdrawn("data", "no data"), "ana withdrew the impact on data: no data"),
    (
        i.ImpactIntervalRecorded(SPELL),
        "ana recorded I1: the component db down from 02:30:00+00:00 until 03:00:00+00:00",
    ),
    (
        i.ImpactIntervalRecorded(attrs.evolve(SPELL, interval=Interval(START), note="failover")),
        "ana recorded I1: the component db down from 02:30:00+00:00: failover",
    ),
    (
        i.ImpactIntervalCorrected(
            attrs.evolve(SPELL, level="slow", interval=Interval(START - minutes(5))), SPELL, "logs"
        ),
        (
            "ana corrected I1, the component db: slow (was down), from 02:25:00+00:00 (was "
            "02:30:00+00:00), still impaired (was 03:00:00+00:00): logs"
        ),
    ),
    (
        i.ImpactIntervalCorrected(SPELL, attrs.evolve(SPELL, interval=Interval(START)), ""),
        "ana ended I1, the component db, at 03:00:00+00:00",
    ),
    (
        i.ImpactIntervalWithdrawn("I1", "another place"),
        "ana withdrew the impact interval I1: another place",
    ),
    (
        x.FactAsserted(Fact("lost", "int", 7, START)),
        "ana asserted lost = 7 (confidence medium)",
    ),
    (
        x.FactAsserted(
            Fact(
                "lost",
                "int",
                None,
                START - minutes(1),
                START - minutes(5),
                "logs",
                Confidence.HIGH,
                Label(Tlp.RED),
            )
        ),
        (
            "ana asserted lost is not known any more (of 02:25:00+00:00, known since "
            "02:29:00+00:00, source logs, confidence high, TLP:RED)"
        ),
    ),
    (
        f.HypothesisProposed(Hypothesis("H2", "the pool leaks", "ana", START, "H1")),
        "ana proposed H2 (why H1): the pool leaks",
    ),
    (
        f.HypothesisJudged("H1", HypothesisState.REFUTED, "the pool is full", "ana"),
        "ana: H1 is refuted: the pool is full",
    ),
    (
        f.CauseNamed(Cause("C1", "no limit", "process", CausePart.ROOT)),
        "ana named the root cause C1, process: no limit",
    ),
    (
        f.CauseNamed(Cause("C2", "no review", explains="C1")),
        "ana named the contributing cause C2 (why C1): no review",
    ),
    (f.CauseConfirmed("C1", "ana", ""), "ana confirmed the cause C1"),
    (f.CauseRejected("C1", "ana", "not deployed"), "ana rejected the cause C1: not deployed"),
    (
        f.WorkaroundOffered(Workaround("W1", "restart it", "PRB-7")),
        "ana offered the workaround W1 from PRB-7: restart it",
    ),
    (f.WorkaroundJudged("W1", Effective.NO), "ana: the workaround W1 does not help"),
    (f.WorkaroundDropped("W1", "it hurts"), "ana withdrew the workaround W1: it hurts"),
    (
        f.DecisionRecorded(
            Decision("D2", "Notifiable?", "No.", "nothing left", "ana", START, negative=True), "D1"
        ),
        "ana decided against it (D2, instead of D1): Notifiable? No.; because nothing left",
    ),
    (
        f.DecisionRecorded(Decision("D1", "Fail over?", "Yes.", "it is faster", "ana", START)),
        "ana decided (D1): Fail over? Yes.; because it is faster",
    ),
    (
        a.Attached(FILE),
        "ana attached A1 syslog (text/plain, 5 bytes, sha-256 0a0a0a0a0a0a)",
    ),
    (
        a.Attached(attrs.evolve(FILE, label=Label(Tlp.RED), custody=(Custody("bob", START),))),
        "ana attached A1 syslog (text/plain, 5 bytes, sha-256 0a0a0a0a0a0a, TLP:RED), held by bob",
    ),
    (
        a.AttachmentHandedOver("A1", "bob", "ana", "with the key"),
        "ana handed A1 over to bob (was with ana): with the key",
    ),
    (
        a.AttachmentLabelled("A1", Label(Tlp.GREEN), Label(Tlp.RED), "blacked out"),
        "ana set the label of A1 to TLP:GREEN (was TLP:RED): blacked out",
    ),
    (a.AttachmentWithdrawn("A1", "another case"), "ana withdrew the attachment A1: another case"),
]
