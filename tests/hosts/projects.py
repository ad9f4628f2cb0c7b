"""A migrated Django project on a database of its own, with a fresh desk."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from tests.hosts import project

_NUMBERS = count()
_TEMPLATES: dict[str, dict[str, Any]] = {}
"""Migrated once for each engine; every project begins with a copy."""


def fresh(engine: str, path: Path, uri: str | None) -> dict[str, Any]:
    """A migrated database that nobody else has."""
    from django.core.management import call_command
    from django.db import connections

    made = _TEMPLATES.get(engine)
    if made is None:
        folder = Path(tempfile.mkdtemp(prefix="incidentkit-"))
        atexit.register(shutil.rmtree, folder)
        made = project.sqlite(folder) if uri is None else created(uri)
        project.use("template", made)
        call_command("migrate", database="template", verbosity=0)
        connections["template"].close()
        _TEMPLATES[engine] = made
    if uri is None:
        said = project.sqlite(path)
        shutil.copy(made["NAME"], said["NAME"])
        return said
    return created(uri, made["NAME"])


def created(uri: str, template: str = "template1") -> dict[str, Any]:
    """A database on the server, like the template."""
    import psycopg

    name = f"project_{os.getpid()}_{next(_NUMBERS)}"
    with psycopg.connect(uri, autocommit=True) as db:
        db.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return project.postgres(uri, name)


@contextmanager
def migrated(engine: str, path: Path, uri: str | None, **said: Any) -> Iterator[None]:
    """The project's default database is a fresh one; `said` are settings of incidentkit."""
    project.set_up()
    from django.apps import apps
    from django.db import connections
    from django.test import override_settings

    project.use("default", fresh(engine, path, uri))
    config: Any = apps.get_app_config("incidentkit_django")
    with override_settings(INCIDENTKIT=said):
        config.forget()
        try:
            yield
        finally:
            config.forget()
            connections["default"].close()
