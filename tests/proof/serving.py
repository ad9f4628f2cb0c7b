"""Workers that serve for as long as they live, and a desk that takes alerts in meanwhile."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

from incidentkit import Alertmanager, Desk
from tests.proof import failpoints
from tests.proof.posting import Poster


def micros() -> int:
    """The wall clock, as the logs of several processes are put in order by it."""
    return time.time_ns() // 1000


def watched(*, url: str, log: str, port: int, lease_for: float, takes: float) -> None:
    """Serve, one message at a time, and say what is claimed, sent and settled.

    A send takes `takes` seconds after the receiver has it, so that a kill may fall between.
    """
    from tests.proof import jobs

    jobs.lease(lease_for)
    said = jobs.Log(log)
    poster = Poster(port)

    class Watched(failpoints.Failing):
        """Writes down what is claimed."""

        def claim(self, *args: Any, **given: Any) -> Any:
            claimed = self.inner.claim(*args, **given)
            for one in claimed.tasks:
                key = str(one.task.body).split()[0]
                said.say("claimed", micros(), key, one.lapses, one.lease_until, one.task.queue)
            return claimed

    def send(message: Any) -> Any:
        said.say("sending", micros(), message.key)
        answer = poster(message)
        time.sleep(takes)
        said.say("sent", micros(), message.key)
        return answer

    desk = jobs.opened(url, send, store=Watched(jobs.bare(url)))
    said.say("serves", micros())
    desk.serve(threading.Event(), workers=1, poll=0.1)


def serving(*, url: str, log: str, port: int, lease_for: float) -> None:
    """Serve through whatever comes, until killed."""
    from tests.proof import jobs

    jobs.lease(lease_for)
    said = jobs.Log(log)
    poster = Poster(port)

    def send(message: Any) -> Any:
        answer = poster(message)
        said.say("sent", message.key)
        return answer

    desk = jobs.opened(url, send)
    said.say("ready")
    desk.serve(threading.Event(), workers=2, poll=0.5)


def alerting(name: str) -> str:
    """What Alertmanager sends about one grave thing."""
    alert = {
        "status": "firing",
        "labels": {"alertname": name, "severity": "critical"},
        "annotations": {"summary": name},
        "fingerprint": name,
        "startsAt": "2026-01-05T09:00:00Z",
    }
    return json.dumps({"version": "4", "groupKey": name, "alerts": [alert]})


def receiving(*, url: str, log: str, port: int, folder: str, each: float) -> None:
    """Take an alert in every `each` seconds, every third of them twice; with a spool and a list.

    The word before a name says whether it was spooled.
    """
    from tests.proof import jobs

    said = jobs.Log(log)
    desk = Desk.open(
        url,
        entry_points=False,
        policy=jobs.POLICY,
        sources=[Alertmanager("am")],
        channels={"sms": Poster(port)},
        spool=Path(folder),
        emergency=[("duty", "sms", "+49 1"), ("boss", "sms", "+49 2")],
    )
    said.say("ready")
    number = 0
    while True:
        name = f"a{number}"
        for _ in range(2 if number % 3 == 0 else 1):
            began = time.monotonic()
            try:
                taken = desk.receive("am", alerting(name), request=f"request-{name}")
            except Exception as error:
                said.say("refused", name, type(error).__name__)
                continue
            word = "spooled" if taken.spooled else "taken"
            said.say(word, name, round(time.monotonic() - began, 3))
        number += 1
        time.sleep(each)
