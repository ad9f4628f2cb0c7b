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
    history,
    impact_changes,
    incident,
    incident_events,
    known_error_changes,
    problem,
    problem_changes,
    relation_changes,
    report,
    report_changes,
    review,
    scope_changes,
)
from incidentkit.model import custody_changes as custody
from incidentkit.model import handover_changes as handover
from incidentkit.model import incident_task_changes as tasks
from incidentkit.model import major_changes as major
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
from incidentkit.model.impact import Certainty, Count, ImpactAssessment, ImpactInterval, Place
from incidentkit.model.incident_task import IncidentTask
from incidentkit.model.known_error import KnownError
from incidentkit.model.labels import Label, Tlp
from incidentkit.model.organisations import Organisation, OrganisationKind
from incidentkit.model.overlays import Handover, LegalHold, MajorRun, Overlays, PublicStanding
from incidentkit.model.people import People, RoleAssignment
from incidentkit.model.public_changes import PublicStated
from incidentkit.model.reason import Reason
from incidentkit.model.references import Reference
from incidentkit.model.region_changes import RegionMoved
from incidentkit.model.replayed import Figures, Replayed
from incidentkit.model.scope import Scope
from incidentkit.model.signals import Alert, Beat, Change
from incidentkit.model.words import (
    AlertSeverity,
    AlertStatus,
    CancelReason,
    ClockState,
    DeliveryState,
    HandoverState,
    IncidentTaskState,
    KnownErrorState,
    LinkKind,
    MajorState,
    MessageKind,
    Moment,
    Outcome,
    Priority,
    ProblemMoment,
    ProblemState,
    PublicState,
    Response,
    State,
)
from incidentkit.model.workarounds import Effective, Workaround
from incidentkit.timing.intervals import Interval
from tests.codec import examples_access, examples_hosting, examples_planned

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
TASK = IncidentTask(
    "T1",
    "Open the bridge",
    IncidentTaskState.DONE,
    "bo",
    LATER,
    "response",
    ("T0",),
    "majors",
    1,
    "bridge 7",
    "ana",
    LATER,
    "",
    LATER,
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
            9,
            CARD,
            incident.Rating(),
            incident.Life(State.RESOLVED, AT),
            People("shop", "ana", (RoleAssignment("commander", "ana", AT, None, True),)),
            more=Dossier(
                overlays=Overlays(
                    MajorState.ACCEPTED,
                    "Fixed",
                    MajorRun(LATER, ("communications",), LATER, (Interval(AT),), True),
                    PublicStanding(PublicState.RESOLVED, LATER, PublicState.IDENTIFIED),
                    FrozenMap({"security": "contain"}),
                    (Handover("commander", "ana", "bo", HandoverState.BRIEFED, LATER),),
                    LegalHold(AT, "cy", "claim 7"),
                    LATER,
                ),
                tasks=(TASK,),
                checklists=("majors",),
            ),
        ),
        incident.Incident(
            IncidentId("01I"),
            "INC-1",
            9,
            CARD,
            incident.Rating(),
            incident.Life(State.ON_HOLD, AT, State.NEW),
            course=incident.Course(
                holds=(incident.Hold("caller", "cy", Interval(AT), 2, LATER),),
            ),
            ties=incident.Ties((LINK,), 4, 2, 30),
        ),
        incident.Incident(
            IncidentId("01I"),
            "INC0000045",
            9,
            CARD,
            incident.Rating(),
            incident.Life(State.NEW, AT),
            more=Dossier(
                replayed=Replayed(
                    "servicenow-log",
                    "INC0000045",
                    4,
                    LATER,
                    "Closed",
                    Figures(1, 2, False, AT),
                    True,
                    FrozenMap({"New -> Closed": 1}),
                    FrozenMap({"Closed -> Active": 2}),
                )
            ),
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
        incident.Incident(
            IncidentId("01I"),
            "INC-1",
            12,
            CARD,
            incident.Rating(),
            incident.Life(State.NEW, AT),
            ties=incident.Ties((incident.Link(LinkKind.PARENT_OF, "incident/01J", "INC-2"),)),
            more=Dossier(ended=("incident/01J",)),
        ),
        incident.Incident(
            IncidentId("01I"),
            "HD-17",
            12,
            CARD,
            incident.Rating(),
            incident.Life(State.NEW, AT),
            more=Dossier(hosted=examples_hosting.HOSTED),
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
        problem.Problem(
            ProblemId("01P"),
            "PRB-7",
            30,
            "Pool runs dry",
            ProblemState.VERIFYING,
            AT,
            cause="too small",
            until=LATER,
            origin="recurrence",
            team="dba",
            labels=FrozenMap({"symptom": "slow"}),
            rating=incident.Rating("high", "low", Priority.P2, False, True),
            causes=(
                problem.Statement("a leak", AT, LATER, "no leak"),
                problem.Statement("too small", LATER),
            ),
            workarounds=(problem.Statement("restart", AT),),
            known_error=KnownError(
                KnownErrorState.PUBLISHED,
                "staff",
                "slow at nine",
                "restart",
                'incident.service == "login"',
                LATER,
                AT,
                LATER,
                True,
                2,
                FrozenMap({"incident/01I": True, "incident/01J": False}),
            ),
            moments=FrozenMap({ProblemMoment.RAISED: AT, ProblemMoment.FIXED: LATER}),
            watch='incident.service == "login"',
            doubt="INC-9",
            done=("change/01H",),
        ),
    ),
    "alert": (
        alert.AlertRecord(AlertId("01A"), 4, ALERT, IncidentId("01I"), AT),
        alert.AlertRecord(AlertId("01A"), 5, ALERT, None, AT, held_by="maintenance/01M"),
    ),
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
        delivery.Delivery(
            DeliveryId("01D"),
            1,
            MessageKind.NOTICE,
            "incident/01I",
            "INC-1",
            "cy",
            "cy@example.org",
            "mail",
            "INC-1",
            "It is resolved.",
            "P3",
            0,
            "b2:fe",
            report="01R",
        ),
        delivery.Delivery(
            DeliveryId("01D"),
            3,
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
            DeliveryState.DELAYED,
            1,
            "sms failed 5 times in a row",
            queued_at=AT,
        ),
        examples_hosting.DRAFT,
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
    "report": (
        report.Report(
            "01R",
            "REP-4",
            3,
            "bo",
            "Cannot pay",
            "01I",
            AT,
            "since noon",
            "cy",
            "Berlin",
            "1234",
            "report",
            report.ReportState.REJECTED,
            1,
            "still not",
        ),
    ),
}

_of = incident_events
_kept = problem_changes
_known = known_error_changes

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
    "held": (
        _of.Held("waiting", "supplier"),
        _of.Held("caller", "cy", LATER),
    ),
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
    "role_taken": (
        _of.RoleTaken("commander", "ana", "bo"),
        _of.RoleTaken("commander", "ana", None, True, True),
    ),
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
    "report_joined": (
        _of.ReportJoined("cy", "Cannot pay", "since noon", "", "Berlin", "1234"),
        _of.ReportJoined("cy", "Cannot pay", "since noon", "", "Berlin", "1234", "REP-4"),
    ),
    "page_queued": (_of.PageQueued("01D", "ana", "sms", 1), examples_hosting.PAGE_KEPT),
    "page_withheld": (_of.PageWithheld(2),),
    "paging_planned": (_of.PagingPlanned(2, LATER),),
    "notice_queued": (
        _of.NoticeQueued("customers", "We know.", 3),
        _of.NoticeQueued("customers", "Next update by 03:45", 3, LATER),
        examples_hosting.NOTICE_KEPT,
    ),
    "delivery_settled": (
        _of.DeliverySettled("01D", MessageKind.PAGE, "ana", "sms", "sent", "accepted"),
    ),
    "clock_moved": (_of.ClockMoved(CLOCK),),
    "clock_warned": (_of.ClockWarned("resolve", LATER),),
    "clock_breached": (_of.ClockBreached("resolve", LATER),),
    "problem_raised": (
        problem.ProblemRaised("01P", "PRB-7", "Pool runs dry", "", "checkout", "capacity", None),
        problem.ProblemRaised(
            "01P",
            "PRB-7",
            "Pool runs dry",
            "",
            "checkout",
            "capacity",
            None,
            "recurrence",
            "dba",
            FrozenMap({"symptom": "slow"}),
        ),
    ),
    "problem_moved": (problem.ProblemMoved(ProblemState.ANALYSING, "often"),),
    "fix_begun": (problem.FixBegun(ProblemState.FIXING, "", "too small", "restart"),),
    "verification_begun": (
        problem.VerificationBegun(ProblemState.VERIFYING, "", LATER, "no 502"),
        problem.VerificationBegun(
            ProblemState.VERIFYING, "", LATER, "no 502", 'incident.title contains "502"', "larger"
        ),
    ),
    "problem_resolved": (
        problem.ProblemResolved(ProblemState.RESOLVED, "", "larger pool"),
        problem.ProblemResolved(ProblemState.RESOLVED, "it held", "larger pool", True),
    ),
    "risk_accepted": (problem.RiskAccepted(ProblemState.RISK_ACCEPTED, "rare", LATER),),
    "problem_linked": (problem.ProblemLinked(LINK),),
    "problem_unlinked": (problem.ProblemUnlinked(LINK),),
    "alert_received": (alert.AlertReceived(ALERT, "01C"),),
    "alert_judged": (
        alert.AlertJudged("opened", "01I"),
        alert.AlertJudged("suppress", "", "MNT-1"),
    ),
    "payload_captured": (
        alert.PayloadCaptured("alertmanager", '{"alerts":[]}', "utf-8", 2, 1),
        alert.PayloadCaptured("alertmanager", '{"alerts":[]}', "utf-8", 2, 1, LATER),
        alert.PayloadCaptured("mon", "x", "utf-8", 1, 0, None, "ab" * 32, ("authorization",)),
    ),
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
    "priority_returned": (_of.PriorityReturned(Priority.P1, "the visit is over"),),
    "priority_questioned": (
        _of.PriorityQuestioned(Priority.P4, Priority.P2),
        _of.PriorityQuestioned(Priority.P4, Priority.P2, "INC-2, which is the same, was P2"),
    ),
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
    "major_proposed": (major.MajorProposed("many call", "every P1", LATER),),
    "major_accepted": (major.MajorAccepted("it is", "hospital"),),
    "major_rejected": (major.MajorRejected("a test"),),
    "major_stood_down": (major.MajorStoodDown("quiet"),),
    "major_demoted": (major.MajorDemoted("one desk"),),
    "major_unanswered": (major.MajorUnanswered(),),
    "major_staffing": (major.MajorStaffing(("commander",), LATER),),
    "major_unstaffed": (major.MajorUnstaffed(("commander",)),),
    "public_stated": (
        PublicStated(PublicState.MONITORING, PublicState.IDENTIFIED, "It looks better."),
    ),
    "region_moved": (RegionMoved("security", "eradicate", "contain", "contained", "isolated"),),
    "handover_offered": (handover.HandoverOffered("commander", "ana", "bo"),),
    "handover_briefed": (handover.HandoverBriefed("commander", "bo", "all is quiet"),),
    "handover_accepted": (handover.HandoverAccepted("commander", "ana", "bo", True),),
    "handover_declined": (handover.HandoverDeclined("commander", "bo", "asleep"),),
    "handover_withdrawn": (handover.HandoverWithdrawn("commander", "bo", "not needed"),),
    "task_added": (tasks.TaskAdded(TASK),),
    "task_started": (tasks.TaskStarted("T1"),),
    "task_completed": (tasks.TaskCompleted("T1", "ana", "bridge 7"),),
    "task_cancelled": (tasks.TaskCancelled("T1", "no bridge"),),
    "task_assigned": (tasks.TaskAssigned("T1", "bo", LATER),),
    "task_reopened": (tasks.TaskReopened("T1", "again"),),
    "task_overdue": (tasks.TaskOverdue("T1", "Open the bridge", "bo", LATER),),
    "checklist_attached": (tasks.ChecklistAttached("majors", 2),),
    "legal_hold_placed": (custody.LegalHoldPlaced("claim 7", "cy"),),
    "legal_hold_lifted": (custody.LegalHoldLifted("settled"),),
    "redacted": (
        custody.Redacted((3, 4), "names"),
        custody.Redacted((3,), "names", ("report/R1#1",), ("title", "summary")),
    ),
    "auto_close_planned": (custody.AutoClosePlanned(LATER, ""),),
    "problem_proposed": (_of.ProblemProposed("3 alike in 30d", ("INC-1", "INC-2")),),
    "problem_edited": (
        _kept.ProblemEdited("Pool leaks", None, "db", labels=FrozenMap({"a": "b"})),
    ),
    "problem_assigned": (_kept.ProblemAssigned("ana", "dba", None, "web"),),
    "problem_rated": (_kept.ProblemRated("high", "low", Priority.P2, False, True, "VIP"),),
    "problem_noted": (_kept.ProblemNoted("the vendor knows"),),
    "problem_moment_corrected": (
        _kept.ProblemMomentCorrected(ProblemMoment.FIXED, LATER, AT, "by the log"),
    ),
    "cause_stated": (_kept.CauseStated("too small"),),
    "cause_withdrawn": (_kept.CauseWithdrawn("too small", "it was not"),),
    "workaround_stated": (_kept.WorkaroundStated("restart"),),
    "workaround_withdrawn": (_kept.WorkaroundWithdrawn("restart", "loses carts"),),
    "workaround_communicated": (_kept.WorkaroundCommunicated("restart"),),
    "fix_communicated": (_kept.FixCommunicated("a larger pool tonight"),),
    "fix_not_holding": (_kept.FixNotHolding("incident/01I", "INC-1", "it is linked"),),
    "change_done": (_kept.ChangeDone("change/01H", "4.2.1"),),
    "changes_done": (_kept.ChangesDone(("4.2.1", "CHG-9")),),
    "verification_over": (_kept.VerificationOver(LATER),),
    "problem_owner_called": (_kept.ProblemOwnerCalled("review_due", "ana", "PRB-7 P3", 1),),
    "known_error_published": (
        _known.KnownErrorPublished("staff", "slow", "wait", 'incident.service == "x"', LATER),
    ),
    "known_error_revised": (_known.KnownErrorRevised(None, "clear the cache", None, None, LATER),),
    "known_error_retired": (_known.KnownErrorRetired("the problem is resolved"),),
    "known_error_used": (_known.KnownErrorUsed("incident/01I", "INC-1", False, True),),
    "known_error_review_due": (_known.KnownErrorReviewDue(LATER),),
    "alert_moved": (alert.AlertMoved("INC-2", "INC-1", "the same cable"),),
    "report_received": (
        report_changes.ReportReceived(
            "01R",
            "REP-4",
            "bo",
            "Cannot pay",
            "01I",
            "INC-1",
            "since noon",
            "cy",
            "Berlin",
            "1234",
            "report",
        ),
    ),
    "join_suggested": (report_changes.JoinSuggested("incident/01I", "INC-1"),),
    "report_redacted": (report_changes.ReportRedacted(),),
    "report_moved": (report_changes.ReportMoved("01J", "INC-2", "INC-1", "the same cable"),),
    "report_told": (report_changes.ReportTold("cy", 1),),
    "resolution_confirmed": (report_changes.ResolutionConfirmed("thanks"),),
    "resolution_rejected": (report_changes.ResolutionRejected("still not"),),
    "absorbed": (
        relation_changes.Absorbed(
            "incident/01J",
            "INC-2",
            CancelReason.MERGED,
            ("01A",),
            1,
            ("01R",),
            (LINK,),
            ("cy",),
            FrozenMap({Moment.OCCURRED: AT}),
            FrozenMap({Moment.OCCURRED: LATER}),
            why="the same cable",
        ),
        relation_changes.Absorbed(
            "incident/01J", "INC-2", CancelReason.MERGED, scope=SCOPE, scope_was=Scope(label=LABEL)
        ),
        relation_changes.Absorbed("incident/01J", "INC-2", CancelReason.DUPLICATE, tasks=("T3",)),
    ),
    "given_up": (
        relation_changes.GivenUp(
            "incident/01I",
            "INC-1",
            CancelReason.MERGED,
            ("01A",),
            1,
            ("01R",),
            (LINK,),
            "the same cable",
        ),
        relation_changes.GivenUp(
            "incident/01I", "INC-1", CancelReason.DUPLICATE, tasks=FrozenMap({"T1": "T3"})
        ),
    ),
    "child_turned": (relation_changes.ChildTurned("incident/01J", "INC-2", True),),
    "released": (
        relation_changes.Released(
            "incident/01J",
            "INC-2",
            ("01A",),
            1,
            ("01R",),
            ("cy",),
            FrozenMap({Moment.OCCURRED: LATER}),
            (Moment.AWARE,),
            why="two cables",
        ),
        relation_changes.Released("incident/01J", "INC-2", scope=SCOPE),
    ),
    "contents_moved_in": (
        relation_changes.ContentsMovedIn("incident/01J", "INC-2", ("01A",), 1, ("01R",), "split"),
    ),
    "contents_moved_out": (
        relation_changes.ContentsMovedOut("incident/01J", "INC-2", ("01A",), 1, ("01R",), "split"),
    ),
    "reporter_answered": (relation_changes.ReporterAnswered("cy", "the blue one", "REP-4"),),
    "hold_reminded": (relation_changes.HoldReminded("cy", 2, LATER),),
    "row_imported": (
        history.RowImported(
            "servicenow-log",
            "INC0000045",
            4,
            "Closed",
            FrozenMap({"notify": "Do Not Notify"}),
            Figures(1, 2, False, AT),
            "cy",
        ),
    ),
    "imported": (
        history.Imported(State.ON_HOLD, State.CLOSED, "Closed -> Awaiting", "vendor", "ACME"),
    ),
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
    "page_bundled": (_of.PageBundled("ana", "sms", 4, 3),),
    "delivery_requeued": (delivery.DeliveryRequeued("given up after 12 tries: busy"),),
}
KINDS |= examples_planned.KINDS
KINDS["incident"] = (*KINDS["incident"], examples_access.private(KINDS["incident"][0]))
EVENTS |= examples_planned.EVENTS
KINDS |= examples_access.KINDS | examples_hosting.KINDS
EVENTS |= examples_access.EVENTS | examples_hosting.EVENTS
EVENTS["payload_captured"] = (*EVENTS["payload_captured"], examples_access.TOKENLESS)
