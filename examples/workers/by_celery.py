"""A worker that Celery runs: `celery -A by_celery worker -B`, one beat for all workers.

`desk` is opened in each worker process at its first task: a connection must not cross a fork.
"""

from __future__ import annotations

import os
from functools import cache

from celery import Celery

from incidentkit import Desk
from incidentkit.channels.file import FileChannel

app = Celery("incidents", broker=os.environ.get("CELERY_BROKER_URL", "memory://"))
app.conf.beat_schedule = {"incidents": {"task": "incidents.run_due", "schedule": 5.0}}


@cache
def desk() -> Desk:
    outbox = FileChannel(os.environ["INCIDENTS_OUTBOX"], "sms")
    return Desk.open(os.environ["INCIDENTS_URL"], channels={"sms": outbox})


@app.task(name="incidents.run_due", ignore_result=True, expires=5)
def run_due() -> None:
    desk().run_due()
