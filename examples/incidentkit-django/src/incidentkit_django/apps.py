"""The app: it keeps one desk for each process, opened when it is first asked for."""

from __future__ import annotations

import os
from threading import Lock

from django.apps import AppConfig

from incidentkit import Desk


class IncidentkitConfig(AppConfig):
    """Put `incidentkit_django` into INSTALLED_APPS, then `migrate`."""

    name = "incidentkit_django"
    verbose_name = "Incidents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from incidentkit_django import checks  # noqa: F401  registers them

        self._lock = Lock()
        self._open: tuple[int, Desk] | None = None

    def desk(self) -> Desk:
        """The desk of this process; a forked worker opens its own."""
        known = self._open
        if known is not None and known[0] == os.getpid():
            return known[1]
        from incidentkit_django import conf
        from incidentkit_django.store import DjangoStore

        with self._lock:
            if self._open is None or self._open[0] != os.getpid():
                self._open = os.getpid(), Desk.open(store=DjangoStore(conf.alias()), **conf.given())
            return self._open[1]

    def forget(self) -> None:
        """Let go of the desk, so that the next call reads the settings anew: for tests."""
        with self._lock:
            known, self._open = self._open, None
        if known is not None:
            known[1].disconnect()
