"""Examples of planned work, silences and reviews, for their golden files; see `examples`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from incidentkit.ids import MaintenanceId, SilenceId
from incidentkit.model import maintenance, record_events, silence, suppressions
from incidentkit.model import maintenance_changes as m
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Link
from incidentkit.model.words import (
    LinkKind,
    MaintenanceState,
    SilenceState,
)
from incidentkit.timing.intervals import Interval

AT = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
LATER = datetime(2026, 3, 1, 3, 45, 6, 700_008, tzinfo=UTC)
RELATED = Link(LinkKind.RELATED, "incident/01I", "INC-1")

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
}
