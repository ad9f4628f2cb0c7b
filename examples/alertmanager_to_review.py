"""A night: Alertmanager fires, somebody is woken, the fix holds, and the review is written.

The time is moved by hand, so that the night takes less than a second.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from incidentkit import (
    Desk,
    Fix,
    ManualTime,
    Message,
    RaiseProblem,
    ResolveProblem,
    TakeRole,
    to_markdown,
)

POLICY = """
name = "night"

[paging]
fallback = "night-shift"
wait = "5m"

[audiences.management]
members = ["zoe"]
channel = "mail"

[[notices]]
name = "management hears of every P1"
audience = "management"
on = ["accepted", "mitigated", "resolved"]
when = 'incident.priority == "P1"'
template = "$incident.ref ($incident.state): $incident.title"
"""


def webhook(status: str, *instances: str) -> str:
    alerts = [
        {
            "status": status,
            "labels": {
                "alertname": "DatabaseDown",
                "severity": "critical",
                "service": "orders",
                "instance": each,
            },
            "annotations": {"summary": "The orders database does not answer"},
            "startsAt": "2026-03-29T00:58:00Z",
            "fingerprint": each,
        }
        for each in instances
    ]
    group = '{}:{alertname="DatabaseDown"}'
    return json.dumps({"version": "4", "groupKey": group, "status": status, "alerts": alerts})


def main() -> None:
    time = ManualTime(datetime(2026, 3, 29, 0, 59, tzinfo=UTC))  # clocks change at one o'clock

    def show(message: Message) -> None:
        print(f"{time.now():%H:%M}  {message.channel} -> {message.to}: {message.text}")

    channels = {"phone": show, "mail": show}
    with Desk.open("memory:", channels=channels, policy=POLICY, time=time) as desk:
        night(desk, time)
        print("\n" + "-" * 70 + "\n")
        print(to_markdown(desk.review("INC-1")))


def night(desk: Desk, time: ManualTime) -> None:
    def later(minutes: int) -> None:
        time.move(minutes=minutes)
        desk.run_due()

    desk.receive("alertmanager", webhook("firing", "db-1", "db-2"))
    desk.run_due()
    later(1)
    desk.receive("alertmanager", webhook("firing", "db-1", "db-2", "db-3"))
    later(4)  # nobody answered; the night shift is called again

    ana = desk.as_("ana")
    ana.accept("INC-1")
    ana.acknowledge("INC-1")
    ana.execute(TakeRole("INC-1", role="commander"))
    ana.start("INC-1")
    ana.note("INC-1", "db-1 is out of disk; the log volume is full")
    later(1)

    problem = ana.execute(RaiseProblem("Logs of the orders database are never rotated", "INC-1"))
    later(18)
    ana.mitigate("INC-1")
    desk.run_due()
    desk.receive("alertmanager", webhook("resolved", "db-1", "db-2", "db-3"))
    later(10)
    ana.resolve("INC-1", code="workaround", remedy="removed old logs by hand")
    desk.run_due()

    later(60 * 8)
    ana.execute(Fix(problem.ref, cause="no rotation was configured", workaround="remove old logs"))
    ana.execute(ResolveProblem(problem.ref, remedy="rotation is configured and tested"))
    ana.close("INC-1")
    desk.run_due()


if __name__ == "__main__":
    main()
