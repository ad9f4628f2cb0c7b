"""One long story in which nearly everything happens once: for what must hold of any journal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from incidentkit import (
    AssessImpact,
    LinkKind,
    LinkTo,
    ManualTime,
    RaiseProblem,
    Refused,
    ResolveProblem,
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
)

POLICY = {
    "sync": "sms",
    "audiences": {"stakeholders": {"members": ["eve"]}},
    "parties": {"boss": {"vip": True}},
    "overrides": [{"name": "important", "when": "reporter.vip == true", "at_least": "P2"}],
    "alerts": {
        "rules": [{"name": "noise", "when": 'labels.alertname == "noise"', "action": "suppress"}]
    },
    "review": {"when": 'incident.code == "no_fault_found"'},
    "automation": [
        {
            "name": "eve watches",
            "on": ["resolved"],
            "do": [{"action": "watch", "with": {"party": "eve"}}],
        }
    ],
}


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
    desk.cancel("INC-4", reason="duplicate", target="INC-3")
    desk.run_due()
    desk.prioritise("INC-3", priority="P5", reason="only a scratch")
    desk.prioritise("INC-3", impact="high", urgency="high")
    time.move(seconds=timedelta(days=1).total_seconds())
    desk.run_due()
    return desk
