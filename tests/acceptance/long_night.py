"""One night with everything in it: a major incident, and all that people write down beside it.

Told once, for the tests of what can be reached and of what people see. Each scene uses nothing but
what a host can import from `incidentkit`; later scenes stand on the earlier ones.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import incidentkit as ik
from tests.flows.world import Pager

POLICY: dict[str, Any] = {
    "paging": {"fallback": "ana"},
    "major": {"duty": "duty-manager", "answer_within": "15m"},
    "public": {"when": 'incident.major == "accepted"'},
    "regions": {
        "security": {
            "states": ["open", "contained"],
            "moves": [{"from": "open", "to": "contained", "name": "contain"}],
        }
    },
    "statuses": [
        {
            "name": "Waiting for the bank",
            "category": "on_hold",
            "hold_reason": "supplier",
            "court": "The bank",
        }
    ],
    "roles": {"scribe": {"holders": "many"}},
    "checklists": {
        "bridge": {
            "when": 'incident.major == "accepted"',
            "items": [
                {"title": "Open the bridge", "assign": "$commander", "due": "10m"},
                {"title": "First statement", "after": [1]},
            ],
        }
    },
    "facts": {"orders_lost": {"type": "int", "description": "orders that must be entered again"}},
    "audiences": {
        "shops": {"members": ["shop-desk"]},
        "stakeholders": {"members": ["director"]},
    },
    "services": {"checkout": {"owner": "shop-team", "criticality": "critical"}},
}


class Night:
    """The stage: a desk, its time, its pager, and the references of what was recorded."""

    def __init__(self, desk: Any, time: ik.ManualTime, pager: Pager) -> None:
        self.desk, self.time, self.pager = desk, time, pager
        self.ref = ""
        self.seen: list[str] = []

    def do(self, command: Any, by: str = "ana") -> Any:
        return self.desk.execute(command, by=by)

    def later(self, **by: float) -> None:
        self.time.move(**by)
        self.desk.run_due()

    def post(self, **signal: Any) -> Any:
        return self.desk.receive("generic", json.dumps(signal))

    def sent(self, kind: str, to: str = "") -> Any:
        """The newest message of that kind, to that person if one is named."""
        found = [x for x in self.pager.messages if x.kind == kind and to in ("", x.to)]
        return found[-1]


def stage(open_desk: Any, url: str, blobs: Any) -> Night:
    time, pager = ik.ManualTime(), Pager("sms")
    desk = open_desk(
        url,
        time=time,
        channels={"sms": pager},
        sources=[ik.GenericJson("generic")],
        policy=POLICY,
        blobs=blobs,
    )
    return Night(desk, time, pager)


FIRING = {"labels": {"alertname": "Errors"}, "severity": "critical", "service": "checkout"}


def capture(night: Night) -> None:
    """Signals of all kinds: a change, a beat, an alert, reports, an answer, a receipt, junk."""
    at = (night.time.now() - timedelta(minutes=9)).isoformat()
    night.post(
        type="change", title="Release 4.2.1", at=at, key="r421", service="checkout", by="eva"
    )
    night.post(type="beat", key="backup", every="5m", service="backup")
    night.post(title="Checkout answers 502", key="c1", status="firing", **FIRING)
    night.ref = "INC-1"
    night.desk.run_due()
    page = night.sent("page", "ana")
    night.desk.receive(
        "sms", json.dumps({"type": "receipt", "token": page.answer_token, "ok": True})
    )
    night.later(minutes=1)
    said = {"type": "acknowledge", "token": page.answer_token, "id": "a1"}
    night.desk.receive("sms", json.dumps(said))
    night.desk.report(
        "I cannot pay",
        reporter="carl",
        on_behalf_of="Mrs Miller",
        location="Lyon",
        contact="+33 1 99 00 12 34",
        text="The card is refused.",
        incident=night.ref,
    )
    night.desk.report("Paying does not work", reporter="dora", incident=night.ref)
    night.seen = [x[1] for x in night.desk.receive("generic", "{").rejected]
    night.do(
        ik.SilenceAlerts(
            'service == "search"', until=night.time.now() + timedelta(hours=1), reason="known"
        )
    )


def rate(night: Night) -> None:
    """Rated as far as it is known: one dimension is not, which makes the priority provisional."""
    night.do(
        ik.AssessImpact(night.ref, "service", "major", "all shops", 4000, "estimated", "orders")
    )
    night.do(ik.AssessImpact(night.ref, "people"))
    night.desk.prioritise(night.ref, severity="sev1", by="ana")
    night.desk.triage(night.ref, impact="high", urgency="high", by="ana")
    night.do(ik.StateAspect(night.ref, "operations"))
    night.do(ik.StateAspect(night.ref, "privacy", ik.FrozenMap({"records": "names"})))
    night.do(ik.SetLabel(night.ref, "amber", ("bank",)))
    night.do(ik.MarkAffected(night.ref, "service", "checkout"))
    night.do(ik.MarkAffected(night.ref, "component", "checkout-db"))
    night.do(ik.MarkAffected(night.ref, "location", "Lyon"))
    night.do(ik.MarkAffected(night.ref, "asset", "terminal 7", False))
    night.do(ik.InvolveOrganisation(night.ref, "The bank", "supplier"))
    night.do(ik.InvolveOrganisation(night.ref, "Data protection office", "authority"))
    night.do(ik.AddReference(night.ref, "jira", "OPS-17"))
    night.do(
        ik.RecordImpactInterval(
            night.ref, "service", "checkout", "down", night.time.now() - timedelta(minutes=9)
        )
    )


def lead(night: Night) -> None:
    """A major: roles, a handover, tasks, the public state, a region, watchers, an owner."""
    if night.desk.incident(night.ref).dossier.overlays.major != "accepted":
        night.do(ik.AcceptMajor(night.ref, reason="all shops"), by="duty-manager")
    night.do(ik.Assign(night.ref, assignee="bob", owner="eva", team="payments"))
    night.do(ik.Watch(night.ref), by="wim")
    night.do(ik.TakeRole(night.ref, role="communications"), by="cora")
    night.do(ik.TakeRole(night.ref, role="scribe"), by="sue")
    night.do(ik.TakeRole(night.ref, role="scribe"), by="ted")
    night.desk.start(night.ref, by="bob")
    night.later(minutes=4)
    night.desk.hand_over(night.ref, "commander", "eve", by="ana")
    night.do(ik.AcceptHandover(night.ref, role="commander"), by="eve")
    night.do(ik.CompleteTask(night.ref, task="T1"), by="eve")
    night.do(ik.MoveRegion(night.ref, "security", "contained"), by="bob")
    night.do(ik.SetPublic(night.ref, "identified", "a fault in a release"), by="cora")


def talk(night: Night) -> None:
    """A note inside, a reply to reporters, a notice with a promise."""
    night.desk.note(night.ref, "The pool is exhausted.", by="bob")
    night.desk.reply(night.ref, "We are on it.", by="cora")
    night.do(
        ik.Notify(night.ref, "shops", "Take cash meanwhile.", next_update_in=timedelta(minutes=30)),
        by="cora",
    )
    night.desk.run_due()


def find_out(night: Night) -> None:
    """Facts, a hypothesis, a cause, a workaround, decisions, an attachment."""
    night.do(ik.AssertFact(night.ref, "orders_lost", 40, source="the log"), by="bob")
    night.do(ik.ProposeHypothesis(night.ref, "the pool leaks"), by="bob")
    night.do(ik.JudgeHypothesis(night.ref, "H1", "confirmed", "a heap dump"), by="bob")
    night.do(ik.NameCause(night.ref, "no limit was set", "process", "root", "H1"), by="bob")
    night.do(ik.ConfirmCause(night.ref, "C1"), by="eve")
    night.do(ik.OfferWorkaround(night.ref, "take cash", "the shops"), by="cora")
    night.do(ik.JudgeWorkaround(night.ref, "W1", "yes"), by="cora")
    night.do(
        ik.RecordDecision(
            night.ref,
            "Do we tell the authority?",
            "No.",
            "No record left the house.",
            ("yes", "no"),
            True,
        ),
        by="eve",
    )
    night.desk.attach(night.ref, "heap.txt", b"a heap", label="red", by="bob")
    night.do(ik.HandOverAttachment(night.ref, "A1", "legal", "sealed"), by="bob")


def beside(night: Night) -> None:
    """A problem with a known error, planned work, a child; INC-2 is the backup that fell silent."""
    night.do(ik.RaiseProblem("Checkout leaks connections", service="checkout"), by="eva")
    night.do(ik.LinkTo(night.ref, ik.LinkKind.CAUSED_BY, "PRB-1"), by="eva")
    night.do(ik.Analyse("PRB-1"), by="eva")
    night.do(ik.StateWorkaround("PRB-1", text="restart the pool"), by="eva")
    night.do(ik.PublishKnownError("PRB-1", symptoms="502 at checkout"), by="eva")
    now = night.time.now()
    night.do(
        ik.PlanMaintenance(
            "Upgrade of the pool",
            start=now + timedelta(days=2),
            end=now + timedelta(days=2, hours=1),
            services=("checkout",),
        ),
        by="eva",
    )
    night.do(ik.LinkTo(night.ref, ik.LinkKind.RELATED, "MNT-1"), by="eva")
    night.desk.declare("Printer in Lyon", service="print", impact="low", urgency="low", by="dora")
    night.do(ik.LinkTo("INC-3", ik.LinkKind.CHILD_OF, night.ref), by="eva")


def wait(night: Night) -> None:
    """Work waits for somebody else, and goes on."""
    night.do(ik.SetStatus(night.ref, "Waiting for the bank", "they must confirm"), by="bob")
    night.later(minutes=6)
    night.desk.resume(night.ref, by="bob")


def end(night: Night) -> None:
    """The service is back, the alert clears, it is resolved, reporters hear of it, a review."""
    night.later(minutes=5)
    night.desk.mitigate(night.ref, by="bob")
    night.do(ik.EndImpactInterval(night.ref, "I1"), by="bob")
    night.post(title="Checkout answers 502", key="c1", status="resolved", **FIRING)
    night.do(ik.CompleteTask(night.ref, task="T2"), by="cora")
    night.desk.close("INC-3", code="fixed", remedy="new paper", by="dora")
    drill = night.desk.declare("A drill of the bridge", impact="low", urgency="low", by="eva")
    night.desk.resolve(drill, code="fixed", remedy="done", outcome="exercise", by="eva")
    night.desk.resolve(night.ref, code="fixed", remedy="rolled back to 4.2.0", by="bob")
    night.desk.run_due()
    night.do(ik.ConfirmResolution("REP-1", "it works again"), by="carl")
    if not night.desk.find_reviews().items:
        night.do(ik.OpenReview(night.ref, owner="eva"))
    night.do(ik.EditReview("REV-1", "summary", "A release used up all connections."), by="eva")
    night.do(ik.AddFollowUp("REV-1", "Limit connections", owner="cy"), by="eva")


SCENES = (capture, rate, lead, talk, find_out, beside, wait, end)


def told(night: Night, until: Any = end) -> Night:
    """The night up to and with that scene."""
    for scene in SCENES:
        scene(night)
        if scene is until:
            break
    return night
