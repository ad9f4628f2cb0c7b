"""Rows of the table of commands: what describes an incident, planned work, and silences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import incidentkit as ik
from tests.desk.cases import Case, inc

HASH = "0a" * 32
HOUR = timedelta(hours=1)


def done(*commands: ik.Command) -> Callable[[Any], None]:
    """These were carried out before."""

    def before(desk: Any) -> None:
        for command in commands:
            desk.execute(command)

    return before


REACHED = done(
    ik.StateAspect("INC-1", "security"),
    ik.MarkAffected("INC-1", "service", "checkout"),
    ik.InvolveOrganisation("INC-1", "ACME", "supplier"),
    ik.AddReference("INC-1", "jira", "OPS-1"),
)
ASSESSED = done(ik.AssessImpact("INC-1", "data", "major"))
IMPAIRED = done(ik.RecordImpactInterval("INC-1", "service", "checkout", "down"))
FOUND = done(
    ik.ProposeHypothesis("INC-1", "the pool leaks"),
    ik.NameCause("INC-1", "no limit was set"),
    ik.OfferWorkaround("INC-1", "restart it"),
)
ATTACHED = done(ik.Attach("INC-1", f"sha256:{HASH}", HASH, 5, "syslog"))

DESCRIBING: dict[type[ik.Command], Case] = {
    ik.StateAspect: Case(inc(lambda ref: ik.StateAspect(ref, "privacy")), "aspect_stated"),
    ik.DropAspect: Case(
        inc(lambda ref: ik.DropAspect(ref, "security", "none")), "aspect_dropped", REACHED
    ),
    ik.MarkAffected: Case(
        inc(lambda ref: ik.MarkAffected(ref, "service", "search")), "affected_marked"
    ),
    ik.ClearAffected: Case(
        inc(lambda ref: ik.ClearAffected(ref, "service", "checkout")), "affected_cleared", REACHED
    ),
    ik.InvolveOrganisation: Case(
        inc(lambda ref: ik.InvolveOrganisation(ref, "The bank", "customer")),
        "organisation_involved",
    ),
    ik.ReleaseOrganisation: Case(
        inc(lambda ref: ik.ReleaseOrganisation(ref, "ACME")), "organisation_released", REACHED
    ),
    ik.AddReference: Case(
        inc(lambda ref: ik.AddReference(ref, "jira", "OPS-2")), "reference_added"
    ),
    ik.RemoveReference: Case(
        inc(lambda ref: ik.RemoveReference(ref, "jira", "OPS-1")), "reference_removed", REACHED
    ),
    ik.SetLabel: Case(inc(lambda ref: ik.SetLabel(ref, "red")), "label_set"),
    ik.AssessImpact: Case(
        inc(lambda ref: ik.AssessImpact(ref, "people", "minor")), "impact_assessed"
    ),
    ik.WithdrawImpact: Case(
        inc(lambda ref: ik.WithdrawImpact(ref, "data", "another table")),
        "impact_withdrawn",
        ASSESSED,
    ),
    ik.RecordImpactInterval: Case(
        inc(lambda ref: ik.RecordImpactInterval(ref, "location", "Lyon", "down")),
        "impact_interval_recorded",
    ),
    ik.EndImpactInterval: Case(
        inc(lambda ref: ik.EndImpactInterval(ref, "I1")), "impact_interval_corrected", IMPAIRED
    ),
    ik.CorrectImpactInterval: Case(
        inc(lambda ref: ik.CorrectImpactInterval(ref, "I1", "slow", reason="the logs")),
        "impact_interval_corrected",
        IMPAIRED,
    ),
    ik.WithdrawImpactInterval: Case(
        inc(lambda ref: ik.WithdrawImpactInterval(ref, "I1", "it was another one")),
        "impact_interval_withdrawn",
        IMPAIRED,
    ),
    ik.AssertFact: Case(inc(lambda ref: ik.AssertFact(ref, "lost orders", 12)), "fact_asserted"),
    ik.ProposeHypothesis: Case(
        inc(lambda ref: ik.ProposeHypothesis(ref, "a bad cable")), "hypothesis_proposed"
    ),
    ik.JudgeHypothesis: Case(
        inc(lambda ref: ik.JudgeHypothesis(ref, "H1", "supported", "a graph")),
        "hypothesis_judged",
        FOUND,
    ),
    ik.NameCause: Case(inc(lambda ref: ik.NameCause(ref, "nobody reviewed it")), "cause_named"),
    ik.ConfirmCause: Case(inc(lambda ref: ik.ConfirmCause(ref, "C1")), "cause_confirmed", FOUND),
    ik.RejectCause: Case(
        inc(lambda ref: ik.RejectCause(ref, "C1", "a limit was set")), "cause_rejected", FOUND
    ),
    ik.OfferWorkaround: Case(
        inc(lambda ref: ik.OfferWorkaround(ref, "use the old page")), "workaround_offered"
    ),
    ik.JudgeWorkaround: Case(
        inc(lambda ref: ik.JudgeWorkaround(ref, "W1", "yes")), "workaround_judged", FOUND
    ),
    ik.DropWorkaround: Case(
        inc(lambda ref: ik.DropWorkaround(ref, "W1", "worse")), "workaround_dropped", FOUND
    ),
    ik.RecordDecision: Case(
        inc(lambda ref: ik.RecordDecision(ref, "Tell the bank?", "No.", "Nothing got out.")),
        "decision_recorded",
    ),
    ik.Attach: Case(inc(lambda ref: ik.Attach(ref, f"sha256:{HASH}", HASH, 5, "dump")), "attached"),
    ik.HandOverAttachment: Case(
        inc(lambda ref: ik.HandOverAttachment(ref, "A1", "the police")),
        "attachment_handed_over",
        ATTACHED,
    ),
    ik.LabelAttachment: Case(
        inc(lambda ref: ik.LabelAttachment(ref, "A1", "red")), "attachment_labelled", ATTACHED
    ),
    ik.WithdrawAttachment: Case(
        inc(lambda ref: ik.WithdrawAttachment(ref, "A1", "another incident")),
        "attachment_withdrawn",
        ATTACHED,
    ),
}


# --- planned work and silences --------------------------------------------------------------------


def plan(desk: Any) -> ik.Command:
    now = desk.ports.now()
    window = {"start": now, "end": now + HOUR}
    return ik.PlanMaintenance("Upgrade", **window, services=("checkout",), audiences=("board",))


def planned(desk: Any) -> None:
    desk.execute(plan(desk), by="bob")


def approved(desk: Any) -> None:
    planned(desk)
    desk.execute(ik.ApproveMaintenance("MNT-1"), by="cy")


def started(desk: Any) -> None:
    approved(desk)
    desk.execute(ik.StartMaintenance("MNT-1"), by="bob")


def silence(desk: Any) -> ik.Command:
    until = desk.ports.now() + HOUR
    return ik.SilenceAlerts('labels.alertname == "DiskFull"', until=until, reason="a known disk")


def mnt(make: Callable[[str], ik.Command]) -> Callable[[Any], ik.Command]:
    return lambda desk: make("MNT-1")


PLANNED: dict[type[ik.Command], Case] = {
    ik.PlanMaintenance: Case(plan, "maintenance_planned"),
    ik.ApproveMaintenance: Case(mnt(ik.ApproveMaintenance), "maintenance_approved", planned),
    ik.AnnounceMaintenance: Case(mnt(ik.AnnounceMaintenance), "maintenance_announced", approved),
    ik.StartMaintenance: Case(mnt(ik.StartMaintenance), "maintenance_started", approved),
    ik.VerifyMaintenance: Case(mnt(ik.VerifyMaintenance), "maintenance_verifying", started),
    ik.CompleteMaintenance: Case(mnt(ik.CompleteMaintenance), "maintenance_completed", started),
    ik.RollBackMaintenance: Case(
        mnt(lambda ref: ik.RollBackMaintenance(ref, "too slow")),
        "maintenance_rolled_back",
        started,
    ),
    ik.CancelMaintenance: Case(
        mnt(lambda ref: ik.CancelMaintenance(ref, "not needed")), "maintenance_cancelled", planned
    ),
    ik.RescheduleMaintenance: Case(
        lambda desk: ik.RescheduleMaintenance(
            "MNT-1", desk.ports.now() + HOUR, desk.ports.now() + 2 * HOUR, "a fair"
        ),
        "maintenance_rescheduled",
        planned,
    ),
    ik.ExtendMaintenance: Case(
        lambda desk: ik.ExtendMaintenance("MNT-1", desk.ports.now() + 2 * HOUR, "slow disks"),
        "maintenance_extended",
        started,
    ),
    ik.EditMaintenance: Case(
        mnt(lambda ref: ik.EditMaintenance(ref, summary="version 17")),
        "maintenance_edited",
        planned,
    ),
    ik.NoteMaintenance: Case(mnt(lambda ref: ik.NoteMaintenance(ref, "hm")), "noted", planned),
    ik.SilenceAlerts: Case(silence, "silence_begun"),
    ik.EndSilence: Case(
        lambda desk: ik.EndSilence("SIL-1"),
        "silence_ended",
        lambda desk: desk.execute(silence(desk)),
    ),
}
