"""The front door: every public name resolves, is documented, and costs nothing until used."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys

import pytest

import incidentkit

PUBLIC: list[str] = list(getattr(incidentkit, "__all__", ()))

# Importing the front door alone may load none of these.
NOT_YET = (
    "asyncio",
    "dateutil",
    "incidentkit.desk",
    "incidentkit.model",
    "incidentkit.rules",
    "json",
    "logging",
    "pluggy",
    "sqlite3",
    "zoneinfo",
)


def test_there_are_public_names() -> None:
    assert {"AsyncDesk", "Desk"} <= set(PUBLIC), "incidentkit.__all__ lacks the desks"
    assert len(PUBLIC) == len(set(PUBLIC)), "a name stands twice in incidentkit.__all__"
    assert set(PUBLIC) <= set(dir(incidentkit)), "dir(incidentkit) must list every public name"


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name_resolves_and_is_documented(name: str) -> None:
    value = getattr(incidentkit, name)
    if isinstance(value, type):
        assert value.__dict__.get("__doc__"), f"class {name} has no docstring of its own"
    elif callable(value):
        assert inspect.getdoc(value), f"{name} has no docstring"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(incidentkit, "no_such_name")  # noqa: B009


@pytest.fixture(scope="module")
def loaded() -> frozenset[str]:
    code = "import incidentkit, sys; print(*sorted(sys.modules))"
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("COV", "PYTHON"))
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        check=True,
        env=environment,
        text=True,
    )
    return frozenset(done.stdout.split())


@pytest.mark.short
@pytest.mark.parametrize("module", NOT_YET)
def test_import_is_lazy(loaded: frozenset[str], module: str) -> None:
    assert "incidentkit" in loaded
    assert module not in loaded, f"`import incidentkit` loads {module}"
