"""A worker that APScheduler calls: at once, and then whenever something may be due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from incidentkit import Desk


def start(desk: Desk, longest: timedelta = timedelta(seconds=5)) -> BackgroundScheduler:
    scheduler = BackgroundScheduler(timezone=UTC)

    def work() -> None:
        again = desk.run_due()
        soon = datetime.now(UTC) + longest
        scheduler.modify_job("incidents", next_run_time=min(again or soon, soon))

    scheduler.add_job(
        work, "interval", hours=1, id="incidents", next_run_time=datetime.now(UTC), coalesce=True
    )
    scheduler.start()
    return scheduler
