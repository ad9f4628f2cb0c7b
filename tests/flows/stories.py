"""One long story in which nearly everything happens once: for what must hold of any journal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from incidentkit import (
    Analyse,
    AnnounceMaintenance,
    ApproveMaintenance,
    AssessImpact,
    Declare,
    ExtendMaintenance,
    LinkKind,
    LinkTo,
    ManualTime,
    Merge,
    PlanMaintenance,
    PublishKnownError,
    RaiseProblem,
    Refused,
    ResolveProblem,
    Retry,
    RollBackMaintenance,
    SetLabel,
    StartMaintenance,
    Unlink,
    UseKnownError,
    Verify,
)
from incidentkit.flows import kinds
from tests.flows import world
from tests.flows.world import URGENT, alert, cleared, payload

KINDS = (
    kinds.REVIEW,
    kinds.INCIDENT,
    kinds.PROBLEM,
    kinds.ALERT,
    kinds.DELIVERY,
    kinds.CAPTURE,
    kinds.HEARTBEAT,
    kinds.ADOPTION,
    kinds.MAINTENANCE,
    kinds.SILENCE,
    kinds.TICKET,
    kinds.REVIEW,
)

POLICY = {
    "sync": "sms",
    "audiences": {"stakeholders": {"members": ["eve"], "lead_time": "2d"}},
    "parties": {"boss": {"vip": True}},
    "overrides": [{"name": "important", "when": "reporter.vip == true", "at_least": "P2"}],
    "recurrence": [
        {"name": "same category", "keys": ["category"], "window": "1d", "minimum": 2}
        | {"propose": True}
    ],
    "holds": {"caller": {"remind_every": "1h", "reminders": 1}},
    "reports": {"join": "join"},
    "alerts": {
        "rules": [{"name": "noise", "when": 'labels.alertname == "noise"', "action": "suppress"}]
    },
    "review": {"when": 'incident.code == "no_fault_found"'},
    "access": {"private_when": 'incident.labels.about == "conduct"'},
    "automation": [
        {
            "name": "eve watches",
            "on": ["resolved"],
            "do": [{"action": "watch", "with": {"party": "eve"}}],
        }
    ],
}


def learnt(desk: Any) -> None:
    """A known error that is used, a fix that does not hold, a recurrence."""
    desk.execute(RaiseProblem("Logins are slow", impact="low", urgency="low"))
    desk.execute(Analyse("PRB-2"))
    desk.execute(PublishKnownError("PRB-2", symptoms="login is slow", workaround="wait"))
    desk.execute(Declare("The login is slow", category="login"))
    slow = desk.find(category="login").items[0].ref
    desk.execute(UseKnownError("PRB-2", incident=slow, worked=True))
    desk.resolve(slow, code="workaround", remedy="waited")
    until = desk.ports.now() + timedelta(days=30)
    desk.execute(Verify("PRB-2", until=until, criterion='incident.category == "login"'))
    desk.execute(Declare("The login is slow again", category="login"))
    desk.run_due()
    again = next(x for x in desk.find(category="login").items if x.ref != slow)
    desk.execute(Unlink(again.ref, kind=LinkKind.CAUSED_BY, target="PRB-2"))
    desk.resolve(again.ref, code="workaround", remedy="waited")
    desk.run_due()


def varied(open_desk: Callable[..., Any], url: str = "memory:", **given: Any) -> Any:
    """Alerts, pages, clocks, holds, notices, a problem, a heartbeat, a duplicate; then the desk."""
    time, sms = ManualTime(), world.pager()
    desk = open_desk(
        url,
        time=time,
        channels={"sms": sms},
        policy=POLICY,
        directory={"ana": {"sms": "+49 1"}},
        **given,
    )
    desk.receive("alertmanager", payload(alert("a"), alert("noise"), group="g1"))
    desk.receive("alertmanager", payload(alert("w", severity="warning"), group="g2"))
    desk.receive("alertmanager", payload(alert("a", value="2")))
    desk.declare("Down", assign="ana", service="web", **URGENT)
    desk.declare("A scratch", impact="low", urgency="low")
    desk.declare("Who knows")
    desk.declare("Mended at once", assign="ana", **URGENT)
    desk.resolve("INC-5", code="no_fault_found", remedy="it was unplugged")
    desk.receive("generic", '{"type": "beat", "key": "backup", "every": "5m"}')
    sms.answer_next(Refused("no such number"))
    desk.run_due()
    time.move(minutes=6)
    desk.run_due()
    desk.receive("alertmanager", payload(cleared("a")))
    desk.hold("INC-2", reason="vendor", court="acme")
    time.move(hours=2)
    desk.run_due()
    desk.resume("INC-2")
    time.move(hours=9)
    desk.run_due()
    desk.acknowledge("INC-2", by="ana")
    problem = desk.execute(RaiseProblem("The pool leaks", incident="INC-2"))
    desk.hold("INC-2", reason="problem", court="dba")
    desk.execute(ResolveProblem(problem.ref, remedy="a limit"))
    desk.execute(LinkTo("INC-3", kind=LinkKind.RELATED, target="INC-4"))
    desk.execute(AssessImpact("INC-5", "service", "minor"))
    desk.execute(SetLabel("INC-4", level="amber"))
    desk.cancel("INC-4", reason="duplicate", target="INC-3")
    desk.edit("INC-4", labels={"about": "conduct"})
    desk.report("No web", reporter="joe", service="web")
    desk.report("No web here", reporter="eve", service="web")
    desk.hold("INC-3", reason="caller", court="joe")
    desk.run_due()
    desk.prioritise("INC-3", priority="P5", reason="only a scratch")
    desk.prioritise("INC-3", impact="high", urgency="high")
    learnt(desk)
    planned(desk, time, sms)
    time.move(seconds=timedelta(days=1).total_seconds())
    desk.run_due()
    return desk


def planned(desk: Any, time: ManualTime, sms: world.Pager) -> None:
    """Planned work that overruns, an alert that it holds back, and a review that is due."""
    now, hour = time.now(), timedelta(hours=1)
    audiences = ("stakeholders",)
    work = desk.execute(
        PlanMaintenance("Upgrade", now, now + hour, ("checkout",), audiences=audiences), by="ana"
    )
    desk.execute(ApproveMaintenance(work.ref), by="bob")
    desk.execute(AnnounceMaintenance(work.ref), by="ana")
    desk.execute(StartMaintenance(work.ref), by="ana")
    desk.receive("alertmanager", payload(alert("held"), group="g9"))
    sms.answer_always(Retry("busy"))
    time.move(minutes=45)
    desk.run_due()
    desk.execute(ExtendMaintenance(work.ref, now + 2 * hour, "slow disks"), by="ana")
    other = desk.execute(PlanMaintenance("Check", now, now + 3 * hour), by="ana")
    desk.execute(ApproveMaintenance(other.ref), by="bob")
    desk.execute(StartMaintenance(other.ref), by="ana")
    time.move(minutes=110)
    desk.run_due()
    desk.execute(RollBackMaintenance(other.ref, "no time"), by="ana")
    sms.answer_always(None)
    time.move(minutes=1)
    desk.run_due()


BESIDE: dict[str, Any] = {
    "major": {"duty": "mim"},
    "public": {"when": 'incident.major == "accepted"'},
    "statuses": [{"name": "Open", "category": "new"}, {"name": "Fixed", "category": "resolved"}],
    "checklists": {
        "bridge": {"when": 'incident.major == "accepted"', "items": [{"title": "Open it"}]}
    },
    "autoclose": {"after": {"P1": "7d", "P3": "1d"}},
    "delivery": {"pending_pages": 1},
}
"""A policy in which something lies over the life-cycle."""


def beside(open_desk: Callable[..., Any], url: str = "memory:", **given: Any) -> Any:
    """A major nobody answers, one that closes by itself, a merge with a graver one; the desk."""
    time, sms = ManualTime(), world.pager()
    desk = open_desk(url, time=time, channels={"sms": sms}, policy=BESIDE, **given)
    desk.declare("Down", **URGENT)
    desk.acknowledge("INC-1", by="ana")
    time.move(minutes=15)
    desk.run_due()
    desk.resolve("INC-1", code="fixed", remedy="restarted", override="no bridge is needed")
    desk.declare("A scratch")
    desk.resolve("INC-2", code="fixed", remedy="painted")
    time.move(days=1)
    desk.run_due()
    mild = desk.declare("Slow", impact="low", urgency="low")
    worse = desk.declare("Slow for all", impact="medium", urgency="high")
    desk.execute(Merge(mild.ref, target=worse.ref, reason="the same"))
    unreached(desk, time, sms)
    hosted(desk)
    return desk


def unreached(desk: Any, time: ManualTime, sms: world.Pager) -> None:
    """Pages that a dead channel holds up, one that is bundled with them, and their expiry."""
    sms.answer_always(Retry("no route"))
    desk.declare("Nobody hears", assign="zoe", **URGENT)
    for seconds in (0, 15, 30, 60, 60, 300, 10_000):
        time.move(seconds=seconds)
        desk.run_due()
    sms.answer_always(None)


def hosted(desk: Any) -> None:
    """A ticket of a host that is looked on, changes on both sides, and is handed back."""
    desk.enrol("17", {"queue": "it"}, mode="shadow", reason="a trial")
    ticket = desk.adopt_ticket("17", title="No mail", assignee="ana", **world.URGENT)
    desk.assign(ticket, "bob")
    desk.ticket_changed("17", 1, fields={"assignee": "carl", "state": "closed"})
    desk.ticket_changed("17", 2, fields={"state": "new"})
    desk.detach(key="17", reason="it was enough")
