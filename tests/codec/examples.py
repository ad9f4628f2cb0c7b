"""One value of every kind and event, written out, with the golden file that each is kept in.

Golden files are never changed once released. When a class changes, the old file stays and must
decode to what it always meant; a further example with the next number says how it is written now.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from incidentkit.ids import AlertId, DeliveryId, IncidentId, PolicyHash, ProblemId
from incidentkit.model import (
    adoption,
    alert,
    attachment_changes,
    automation,
    delivery,
    fact_changes,
    facts,
    findings_changes,
    impact_changes,
    incident,
    incident_events,
    problem,
    review,
    scope_changes,
)
from incidentkit.model import review_changes as reviewing
from incidentkit.model.affected import Affected, Thing
from incidentkit.model.aspects import Aspect
from incidentkit.model.attachments import Attachment, Custody
from incidentkit.model.causes import Cause, CausePart, CauseState
from incidentkit.model.clock import Clock
from incidentkit.model.decisions import Decision
from incidentkit.model.dossier import Dossier
from incidentkit.model.findings import Findings
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.hypotheses import Evidence, Hypothesis, HypothesisState
from incidentkit.model.impact import (
    Certainty,
    Count,
    ImpactAssessment,
    ImpactInterval,
    Place,
)
from incidentkit.model.labels import Label, Tlp
from incidentkit.model.organisations import Organisation, OrganisationKind
from incidentkit.model.overlays import Overlays
from incidentkit.model.people import People, RoleAssignment
from incidentkit.model.reason import Reason
from incidentkit.model.references import Reference
from incidentkit.model.scope import Scope
from incidentkit.model.signals import Alert, Beat, Change
from incidentkit.model.words import (
    AlertSeverity,
    AlertStatus,
    CancelReason,
    ClockState,
    DeliveryState,
    LinkKind,
    MajorState,
    MessageKind,
    Moment,
    Outcome,
    Priority,
    ProblemState,
    Response,
    State,
)
from incidentkit.model.workarounds import Effective, Workaround
from incidentkit.timing.intervals import Interval

AT = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
LATER = datetime(2026, 3, 1, 3, 45, 6, 700_008, tzinfo=UTC)

CARD = incident.Card(
    'Checkout "answers" 502',
    "Seit 4.2.1 \\ München\n\tund überall\x1f",
    "checkout",
    FrozenMap({"team": "shop", "日本": "はい"}),
    "alertmanager",
    "ana",
)
CLOCK = Clock(
    "resolve",
    ClockState.PAUSED,
    AT,
    None,
    LATER,
    LATER,
    None,
    None,
    (Interval(AT, LATER), Interval(LATER)),
    (AT, LATER),
)
LABEL = Label(Tlp.AMBER_STRICT, ("legal", "patients"))
SCOPE = Scope(
    (Aspect("privacy", FrozenMap({"records": "names"})), Aspect("security")),
    (
        ImpactAssessment(
            "data", "major", "the archive", Count(1200, Certainty.ESTIMATED, "records"), "ana", AT
        ),
        ImpactAssessment("people"),
    ),
    (
        ImpactInterval("I1", Place.COMPONENT, "db", "down", Interval(AT, LATER), "failover", ""),
        ImpactInterval("I2", Place.LOCATION, "Graz", "slow", Interval(AT), "", "a test"),
    ),
    (Affected(Thing.SERVICE, "checkout", False, "perhaps"),),
    (Organisation("ACME", OrganisationKind.SUPPLIER, "processor", "hosts it"),),
    (Reference("jira", "OPS-1", "https://jira.example/OPS-1", "The ticket"),),
    LABEL,
)
FACT = facts.Fact("lost", "int", 1200, AT, AT, "logs", facts.Confidence.HIGH, LABEL)
FINDINGS = Findings(
    FrozenMap({"lost": FACT}),
    (
        Hypothesis(
            "H1",
            "The pool leaks",
            "ana",
            AT,
            "C1",
            HypothesisState.SUPPORTED,
            (Evidence(HypothesisState.SUPPORTED, "a graph", "bo", LATER),),
        ),
    ),
    (
        Cause(
            "C1",
            "No limit was set",
            "process",
            CausePart.ROOT,
            "H1",
            CauseState.CONFIRMED,
            "ana",
            "bo",
            LATER,
            "seen",
        ),
    ),
    (Workaround("W1", "Restart it", "PRB-7", Effective.YES, "it loses orders"),),
    (
        Decision(
            "D1",
            "Is it notifiable?",
            "No.",
            "Nothing left the house.",
            "ana",
            AT,
            ("yes", "no"),
            True,
            FrozenMap({"lost": 1200}),
            "D2",
        ),
    ),
    (
        Attachment(
            "A1",
            "sha256:" + "0a" * 32,
            "0a" * 32,
            4_096,
            "text/plain",
            "syslog.txt",
            LABEL,
            (Custody("ana", AT, ""), Custody("bo", LATER, "the key as well")),
            "another case",
        ),
    ),
)
LINK = incident.Link(LinkKind.CAUSED_BY, "problem/01P", "PRB-7")
ALERT = Alert(
    "alertmanager",
    "checkout/502",
    AlertStatus.FIRING,
    "Checkout answers 502",
    AlertSeverity.CRITICAL,
    "page",
    "checkout",
    "shop",
    FrozenMap({"alertname": "Http502"}),
    FrozenMap({"summary": "17 % of requests"}),
    AT,
    None,
    "2026-03-01T02:30:00.000000001Z",
    "",
    "https://prometheus.example/g0",
    FrozenMap({"receiver": "shop"}),
    FrozenMap({"truncatedAlerts": "0"}),
)
CHANGE = Change(
    "ci", "4.2.1", "Deploy 4.2.1", AT, "bo", "checkout", "https://ci", FrozenMap({"env": "live"})
)
BEAT = Beat("cron", "backup", timedelta(days=1, seconds=5, microseconds=100), "backup")
REASON = Reason(
    "matrix",
    1,
    FrozenMap({"impact": "high", "round": 2, "open": True, "who": None, "of": ("a", ("b", 1))}),
    FrozenMap({"priority": "P1", "also": ()}),
    "sha256:0a",
    ("urgency",),
)

KINDS: dict[str, tuple[Any, ...]] = {
    "incident": (
        incident.Incident(
            IncidentId("01I"),
            "INC-1",
            9,
            CARD,
            incident.Rating("high", "low", Priority.P1, False, True, "sev1"),
            incident.Life(State.ON_HOLD, AT, State.TRIAGED, True, 2, Response.ACKNOWLEDGED),
            People("shop", "ana", (RoleAssignment("scribe", "bo", AT, LATER),)),
            incident.Course(
                FrozenMap({Moment.DECLARED: AT, Moment.MITIGATED: LATER}),
                (incident.Hold("waiting", "supplier", Interval(AT, LATER)),),
                incident.Ending("fixed", "rolled back", CancelReason.DUPLICATE, "INC-0"),
                Outcome.NEAR_MISS,
            ),
            incident.Attention((incident.Lease("ana", AT, LATER),), 3, LATER),
            (CLOCK,),
            incident.Ties((LINK,), 4, 2),
        ),
        incident.Incident(
            IncidentId("01I"),
            "INC-1",
            9,
            attrs.evolve(CARD, category="network/vpn"),
            incident.Rating(),
            incident.Life(State.NEW, AT),
            People("shop", "ana", (), "net", ("cy",)),
            more=Dossier(overlays=Overlays(MajorState.ACCEPTED, "Awaiting caller")),
        ),
        incident.Incident(
            IncidentId("01I"),
            "INC-1",
            40,
            CARD,
            incident.Rating("high", "unknown"),
            incident.Life(State.NEW, AT),
            more=Dossier(SCOPE, FINDINGS, Overlays()),
        ),
    ),
    "problem": (
        problem.Problem(
            ProblemId("01P"),
            "PRB-7",
            3,
            "Pool runs dry",
            ProblemState.VERIFYING,
            AT,
            "sum",
            "checkout",
            "capacity",
            "bo",
            "too small",
            "restart",
            "larger pool",
            LATER,
            "no 502 for a week",
            (LINK,),
        ),
    ),
    "alert": (alert.AlertRecord(AlertId("01A"), 4, ALERT, IncidentId("01I"), AT),),
    "capture": (alert.Capture("01C", 1, "alertmanager", LATER, 4_096),),
    "change": (alert.ChangeRecord("01H", 1, CHANGE),),
    "heartbeat": (alert.Heartbeat("01B", 2, BEAT, LATER, True),),
    "delivery": (
        delivery.Delivery(
            DeliveryId("01D"),
            2,
            MessageKind.PAGE,
            "incident/01I",
            "INC-1",
            "ana",
            "+49 30 1",
            "sms",
            "P1 INC-1",
            "Checkout answers 502",
            "P1",
            1,
            "b2:ff",
            DeliveryState.SENT,
            2,
            "accepted",
            True,
        ),
    ),
    "adoption": (
        adoption.Adoption("adopted", 2, (adoption.AdoptedVersion(PolicyHash("sha256:0a"), AT),)),
    ),
    "seal": (adoption.Seal("seal", 5, LATER),),
    "review": (
        review.Review(
            "01R",
            "REV-1",
            4,
            "01I",
            "INC-1",
            "Pool runs dry",
            AT,
            review.ReviewState.IN_REVIEW,
            "ana",
            FrozenMap({"summary": review.Section("cold\ncache", "ana", LATER)}),
            (
                review.FollowUp(
                    "F1",
                    "Warm it",
                    "cy",
                    review.FollowUpKind.CORRECTIVE,
                    review.FollowUpState.DONE,
                    CLOCK,
                    "https://t",
                    "deployed",
                ),
            ),
            CLOCK,
            "bo",
            "because",
        ),
    ),
}

_of = incident_events

EVENTS: dict[str, tuple[Any, ...]] = {
    "declared": (
        _of.Declared("01I", "INC-1", CARD, True, AT, None),
        _of.Declared("01I", "INC-1", attrs.evolve(CARD, category="network/vpn"), True, AT, None),
    ),
    "rated": (_of.Rated("high", "unknown", ""),),
    "prioritised": (_of.Prioritised(Priority.P1, Priority.P3, False, True, "VIP"),),
    "accepted": (_of.Accepted(),),
    "triaged": (_of.Triaged(),),
    "started": (_of.Started(),),
    "held": (_of.Held("waiting", "supplier"),),
    "resumed": (_of.Resumed(State.IN_PROGRESS),),
    "mitigated": (_of.Mitigated(LATER),),
    "observation_begun": (_of.ObservationBegun(LATER, "no 502"),),
    "regressed": (_of.Regressed("again"),),
    "resolved": (_of.Resolved("fixed", "rolled back", AT, "", Outcome.ACTUAL),),
    "closed": (_of.Closed(),),
    "reopened": (_of.Reopened(State.IN_PROGRESS, "again"),),
    "cancelled": (_of.Cancelled(CancelReason.WITHDRAWN, "mistake", ""),),
    "acknowledged": (_of.Acknowledged("ana", LATER),),
    "lease_lapsed": (_of.LeaseLapsed("ana"),),
    "response_cleared": (_of.ResponseCleared(),),
    "response_refired": (_of.ResponseRefired(),),
    "assigned": (_of.Assigned("ana", None),),
    "owner_changed": (_of.OwnerChanged(None, "bo"),),
    "role_taken": (_of.RoleTaken("commander", "ana", "bo"),),
    "role_left": (_of.RoleLeft("commander", "ana"),),
    "noted": (_of.Noted("looking at it"),),
    "replied": (_of.Replied("cy", "we are on it"),),
    "edited": (
        _of.Edited(None, "summary", "checkout", FrozenMap({"team": "shop"})),
        _of.Edited(None, None, None, None, "network/vpn"),
    ),
    "moment_corrected": (_of.MomentCorrected(Moment.OCCURRED, None, AT, "logs"),),
    "linked": (_of.Linked(LinkKind.RELATED, "incident/01J", "INC-2"),),
    "unlinked": (_of.Unlinked(LinkKind.RELATED, "incident/01J", "INC-2"),),
    "alert_joined": (_of.AlertJoined("01A", "Http502"),),
    "alert_cleared": (_of.AlertCleared("01A", "Http502"),),
    "alert_refired": (_of.AlertRefired("01A", "Http502"),),
    "report_joined": (_of.ReportJoined("cy", "Cannot pay", "since noon", "", "Berlin", "1234"),),
    "page_queued": (_of.PageQueued("01D", "ana", "sms", 1),),
    "page_withheld": (_of.PageWithheld(2),),
    "paging_planned": (_of.PagingPlanned(2, LATER),),
    "notice_queued": (_of.NoticeQueued("customers", "We know.", 3),),
    "delivery_settled": (
        _of.DeliverySettled("01D", MessageKind.PAGE, "ana", "sms", "sent", "accepted"),
    ),
    "clock_moved": (_of.ClockMoved(CLOCK),),
    "clock_warned": (_of.ClockWarned("resolve", LATER),),
    "clock_breached": (_of.ClockBreached("resolve", LATER),),
    "problem_raised": (
        problem.ProblemRaised("01P", "PRB-7", "Pool runs dry", "", "checkout", "capacity", None),
    ),
    "problem_moved": (problem.ProblemMoved(ProblemState.ANALYSING, "often"),),
    "fix_begun": (problem.FixBegun(ProblemState.FIXING, "", "too small", "restart"),),
    "verification_begun": (problem.VerificationBegun(ProblemState.VERIFYING, "", LATER, "no 502"),),
    "problem_resolved": (problem.ProblemResolved(ProblemState.RESOLVED, "", "larger pool"),),
    "risk_accepted": (problem.RiskAccepted(ProblemState.RISK_ACCEPTED, "rare", LATER),),
    "problem_linked": (problem.ProblemLinked(LINK),),
    "problem_unlinked": (problem.ProblemUnlinked(LINK),),
    "alert_received": (alert.AlertReceived(ALERT, "01C"),),
    "alert_judged": (alert.AlertJudged("opened", "01I"),),
    "payload_captured": (alert.PayloadCaptured("alertmanager", '{"alerts":[]}', "utf-8", 2, 1),),
    "signal_rejected": (alert.SignalRejected("$.alerts[0]", "no labels", "{}"),),
    "change_seen": (alert.ChangeSeen(CHANGE),),
    "beat_started": (alert.BeatStarted(BEAT),),
    "beat_missed": (alert.BeatMissed(),),
    "delivery_queued": (delivery.DeliveryQueued(MessageKind.NOTICE, "ana", "mail"),),
    "delivery_tried": (delivery.DeliveryTried(DeliveryState.RETRYING, "timed out"),),
    "delivery_receipted": (delivery.DeliveryReceipted(False, "no such number"),),
    "policy_adopted": (adoption.PolicyAdopted(PolicyHash("sha256:0a"), LATER, "[policy]\n"),),
    "seal_made": (adoption.SealMade(("incident/01I=9:ff", "problem/01P=3:0a")),),
    "team_changed": (_of.TeamChanged("net", None),),
    "watchers_changed": (_of.WatchersChanged(("bo", "cy"), ("cy",), ("dan",)),),
    "status_stated": (_of.StatusStated("Awaiting caller", "Active"),),
    "priority_questioned": (_of.PriorityQuestioned(Priority.P4, Priority.P2),),
    "automated": (automation.Automated("VIP", ("assign assignee=ana",), True),),
    "automation_put_off": (automation.AutomationPutOff("VIP", LATER),),
    "automation_skipped": (automation.AutomationSkipped("VIP", "its condition no longer holds"),),
    "automation_failed": (automation.AutomationFailed("VIP", "resume", "it is new"),),
    "review_opened": (reviewing.ReviewOpened("01R", "REV-1", "01I", "INC-1", "x", "ana", CLOCK),),
    "review_edited": (reviewing.ReviewEdited("summary", "cold\ncache", "ana"),),
    "review_assigned": (reviewing.ReviewAssigned("bo", None),),
    "review_moved": (reviewing.ReviewMoved(review.ReviewState.APPROVED, "well", "bo"),),
    "review_warned": (reviewing.ReviewWarned(LATER),),
    "review_overdue": (reviewing.ReviewOverdue(LATER),),
    "follow_up_added": (
        reviewing.FollowUpAdded("F1", "x", "cy", review.FollowUpKind.DETECTIVE, CLOCK, "https://t"),
    ),
    "follow_up_changed": (reviewing.FollowUpChanged("F1", "cy", None, "", "agreed"),),
    "follow_up_ended": (reviewing.FollowUpEnded("F1", review.FollowUpState.DONE, "deployed"),),
    "follow_up_warned": (reviewing.FollowUpWarned("F1", LATER),),
    "follow_up_overdue": (reviewing.FollowUpOverdue("F1", LATER),),
    "review_begun": (reviewing.ReviewBegun("REV-1"),),
    "review_finished": (reviewing.ReviewFinished("REV-1", review.ReviewState.WAIVED),),
    "aspect_stated": (
        scope_changes.AspectStated("privacy", FrozenMap({"records": "names"}), True),
    ),
    "aspect_dropped": (scope_changes.AspectDropped("security", "privacy", "an error"),),
    "affected_marked": (scope_changes.AffectedMarked(SCOPE.affected[0]),),
    "affected_cleared": (scope_changes.AffectedCleared(Thing.ASSET, "srv-1", "not there"),),
    "organisation_involved": (scope_changes.OrganisationInvolved(SCOPE.organisations[0]),),
    "organisation_released": (scope_changes.OrganisationReleased("ACME", "processor", ""),),
    "reference_added": (scope_changes.ReferenceAdded(SCOPE.references[0]),),
    "reference_removed": (scope_changes.ReferenceRemoved("jira", "OPS-1", "another one"),),
    "label_set": (scope_changes.LabelSet(LABEL, Label(Tlp.GREEN), "patients"),),
    "impact_assessed": (impact_changes.ImpactAssessed(SCOPE.impacts[0]),),
    "impact_withdrawn": (impact_changes.ImpactWithdrawn("data", "no data"),),
    "impact_interval_recorded": (impact_changes.ImpactIntervalRecorded(SCOPE.intervals[0]),),
    "impact_interval_corrected": (
        impact_changes.ImpactIntervalCorrected(
            SCOPE.intervals[0], SCOPE.intervals[1], "from the logs"
        ),
    ),
    "impact_interval_withdrawn": (impact_changes.ImpactIntervalWithdrawn("I1", "a test"),),
    "fact_asserted": (
        fact_changes.FactAsserted(FACT),
        fact_changes.FactAsserted(facts.Fact("sites", "list", ("Graz", "Wien"), AT)),
    ),
    "hypothesis_proposed": (findings_changes.HypothesisProposed(FINDINGS.hypotheses[0]),),
    "hypothesis_judged": (
        findings_changes.HypothesisJudged("H1", HypothesisState.REFUTED, "logs", "bo"),
    ),
    "cause_named": (findings_changes.CauseNamed(FINDINGS.causes[0]),),
    "cause_confirmed": (findings_changes.CauseConfirmed("C1", "bo", "seen in the code"),),
    "cause_rejected": (findings_changes.CauseRejected("C1", "bo", "it was not deployed"),),
    "workaround_offered": (findings_changes.WorkaroundOffered(FINDINGS.workarounds[0]),),
    "workaround_judged": (findings_changes.WorkaroundJudged("W1", Effective.YES),),
    "workaround_dropped": (findings_changes.WorkaroundDropped("W1", "it loses orders"),),
    "decision_recorded": (findings_changes.DecisionRecorded(FINDINGS.decisions[0], "D0"),),
    "attached": (attachment_changes.Attached(FINDINGS.attachments[0]),),
    "attachment_handed_over": (attachment_changes.AttachmentHandedOver("A1", "bo", "ana", "key"),),
    "attachment_labelled": (attachment_changes.AttachmentLabelled("A1", LABEL, None, "patients"),),
    "attachment_withdrawn": (attachment_changes.AttachmentWithdrawn("A1", "another case"),),
}
