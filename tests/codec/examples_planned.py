"""Examples of planned work, silences and reviews, for their golden files; see `examples`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from incidentkit.ids import IncidentId, MaintenanceId, ReviewId, SilenceId
from incidentkit.model import maintenance, record_events, review, silence, suppressions
from incidentkit.model import maintenance_changes as m
from incidentkit.model import review_changes as r
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Link
from incidentkit.model.words import (
    FollowUpKind,
    FollowUpState,
    LinkKind,
    MaintenanceState,
    ReviewState,
    SilenceState,
)
from incidentkit.timing.intervals import Interval

AT = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
LATER = datetime(2026, 3, 1, 3, 45, 6, 700_008, tzinfo=UTC)
RELATED = Link(LinkKind.RELATED, "incident/01I", "INC-1")
REVIEWS = Link(LinkKind.REVIEWS, "incident/01I", "INC-1")

CARD = maintenance.MaintenanceCard(
    "Upgrade of the database",
    "version 17",
    "elevated",
    ("checkout", "search"),
    ("db-1",),
    'labels.alertname == "DbDown"',
    "ana",
    "databases",
    ("bo", "cy"),
    ("customers",),
    "CHG-12",
    FrozenMap({"site": "fra"}),
    "restore the snapshot",
)
FOLLOW_UP = review.FollowUp(
    "F1",
    "Alert on the age of the backup",
    FollowUpKind.DETECTIVE,
    "ana",
    LATER,
    FollowUpState.DONE,
    "https://tickets.example/7",
    AT,
    LATER,
    LATER,
    "deployed",
)

KINDS: dict[str, tuple[Any, ...]] = {
    "maintenance": (
        maintenance.Maintenance(
            MaintenanceId("01M"),
            "MNT-1",
            9,
            CARD,
            MaintenanceState.VERIFYING,
            LATER,
            AT,
            LATER,
            ("bo",),
            FrozenMap({MaintenanceState.PLANNED: AT, MaintenanceState.IN_PROGRESS: LATER}),
            (Interval(LATER),),
            AT,
            LATER,
            LATER,
            3,
            2,
            (RELATED,),
            "incident/01I",
        ),
    ),
    "silence": (
        silence.Silence(
            SilenceId("01S"),
            "SIL-1",
            3,
            'service == "checkout"',
            "known and harmless",
            "ana",
            AT,
            LATER,
            SilenceState.ENDED,
            LATER,
            LATER,
            4,
            5,
        ),
    ),
    "suppressions": (
        suppressions.Suppressions(
            "suppressions",
            2,
            (
                suppressions.Holder(
                    "maintenance/01M", "MNT-1", AT, LATER, "true", ("checkout",), ("db-1",)
                ),
            ),
        ),
    ),
    "review": (
        review.Review(
            ReviewId("01R"),
            "REV-1",
            7,
            "Checkout answers 502",
            IncidentId("01I"),
            ReviewState.IN_REVIEW,
            LATER,
            "ana",
            LATER,
            FrozenMap({review.Section.WENT_WELL: review.SectionText("the rollback", True)}),
            (FOLLOW_UP,),
            "bo",
            "more to learn",
            AT,
            LATER,
            (REVIEWS,),
        ),
    ),
}

EVENTS: dict[str, tuple[Any, ...]] = {
    "record_linked": (record_events.RecordLinked(RELATED),),
    "record_unlinked": (record_events.RecordUnlinked(RELATED),),
    "message_answered": (record_events.MessageAnswered("ana", "done in ten minutes"),),
    "alerts_released": (record_events.AlertsReleased(3, 2, True),),
    "suppressions_changed": (suppressions.SuppressionsChanged("maintenance/01M", "MNT-1", LATER),),
    "silence_begun": (
        silence.SilenceBegun(
            "01S", "SIL-1", 'service == "checkout"', "known and harmless", "ana", AT, LATER
        ),
    ),
    "silence_ended": (silence.SilenceEnded("mended"),),
    "maintenance_planned": (m.MaintenancePlanned("01M", "MNT-1", CARD, AT, LATER),),
    "lead_time_short": (m.LeadTimeShort("customers", timedelta(days=7), timedelta(hours=20)),),
    "maintenance_approved": (m.MaintenanceApproved("bo", True),),
    "maintenance_announced": (m.MaintenanceAnnounced(("customers",)),),
    "maintenance_started": (m.MaintenanceStarted(AT, LATER),),
    "maintenance_verifying": (m.MaintenanceVerifying(),),
    "maintenance_completed": (m.MaintenanceCompleted(LATER, "all well"),),
    "maintenance_rescheduled": (m.MaintenanceRescheduled(AT, LATER, "a fair"),),
    "maintenance_extended": (m.MaintenanceExtended(LATER, AT, "slow disks", LATER),),
    "maintenance_asked": (m.MaintenanceAsked(),),
    "maintenance_overran": (m.MaintenanceOverran(LATER),),
    "incident_proposed": (m.IncidentProposed(RELATED),),
    "maintenance_rolled_back": (m.MaintenanceRolledBack(LATER, "too slow"),),
    "maintenance_cancelled": (m.MaintenanceCancelled("not needed"),),
    "maintenance_edited": (m.MaintenanceEdited(CARD, True),),
    "review_opened": (
        r.ReviewOpened("01R", "REV-1", "Checkout answers 502", REVIEWS, "ana", LATER, AT),
    ),
    "review_edited": (r.ReviewEdited(review.Section.LESSONS, "rehearse it", True),),
    "review_submitted": (r.ReviewSubmitted(),),
    "review_approved": (r.ReviewApproved("bo"),),
    "review_returned": (r.ReviewReturned("the impact is missing"),),
    "review_published": (r.ReviewPublished(),),
    "review_waived": (r.ReviewWaived("an exercise"),),
    "review_reopened": (r.ReviewReopened("a customer wrote"),),
    "review_assigned": (r.ReviewAssigned("bo", LATER, AT),),
    "review_warned": (r.ReviewWarned(LATER),),
    "review_overdue": (r.ReviewOverdue(LATER),),
    "follow_up_added": (r.FollowUpAdded(FOLLOW_UP),),
    "follow_up_done": (r.FollowUpDone("F1", "deployed"),),
    "follow_up_cancelled": (r.FollowUpCancelled("F1", "replaced in May"),),
    "follow_up_warned": (r.FollowUpWarned("F1", LATER),),
    "follow_up_overdue": (r.FollowUpOverdue("F1", LATER),),
}
