"""The smallest project: one SQLite file."""

from __future__ import annotations

from collections.abc import Iterator

import django
import pytest
from django.conf import settings

settings.configure(
    SECRET_KEY="tests",
    USE_TZ=True,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "incidentkit_django",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "tests.sqlite3"}},
    INCIDENTKIT={"CHANNELS": {"sms": "tests.paging.send"}},
)
django.setup()


@pytest.fixture(autouse=True)
def project(tmp_path) -> Iterator[None]:
    from django.apps import apps
    from django.core.management import call_command
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = str(tmp_path / "tests.sqlite3")
    call_command("migrate", verbosity=0)
    yield
    apps.get_app_config("incidentkit_django").forget()
    connection.close()
