"""One incident from start to end, on a SQLite file in a temporary folder."""

from __future__ import annotations

import tempfile
from pathlib import Path

from incidentkit import Desk, Message


def sms(message: Message) -> None:
    print("  sms ->", message.to, "|", message.text)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder).as_posix()}/incidents.db"
        with Desk.open(url, channels={"sms": sms}) as desk:
            story(desk)


def story(desk: Desk) -> None:
    inc = desk.declare(
        "Checkout answers 502",
        service="checkout",
        impact="high",
        urgency="high",
        assign="ana",
        by="monitoring",
    )
    print(f"declared: {inc.ref}, {inc.priority}, {inc.status}")

    again = desk.run_due()  # sends what is due, and says when to call again
    print(f"next look at {again:%H:%M:%S} UTC" if again else "nothing more is planned")

    desk.acknowledge(inc, by="ana")
    desk.note(inc, "4.2.1 went out ten minutes ago", by="ana")
    desk.mitigate(inc, by="ana")
    inc = desk.resolve(inc, by="ana", code="fixed", remedy="rolled back 4.2.1")
    print(f"now: {inc.status}\n")

    print("What happened:")
    print(*(f"  {line}" for line in desk.timeline(inc)), sep="\n")
    for topic in ("priority", "paging"):
        print(f"\nWhy ({topic})?")
        print(desk.explain(inc, topic))


if __name__ == "__main__":
    main()
