"""`manage.py incidentkit_work`: do what is due, once or until it is told to stop."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from incidentkit_django import desk


class Command(BaseCommand):
    """A worker, for cron with `--once`, or for a service that runs it all the time."""

    help = "Pages, deadlines and messages: does what is due, until SIGTERM or SIGINT."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, then end")
        parser.add_argument("--workers", type=int, default=4, help="threads (default: 4)")
        parser.add_argument(
            "--poll", type=float, default=1.0, help="seconds between looks (default: 1)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            again = desk().run_due()
            self.stdout.write("nothing is planned" if again is None else f"again at {again}")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write("working")
        self.stdout.flush()
        desk().serve(stop, workers=options["workers"], poll=options["poll"])
        self.stdout.write("stopped")
