"""The addresses of the Django project of these tests: the recipe, and the admin."""

from __future__ import annotations

import importlib.util
from typing import Any

from django.contrib import admin
from django.urls import include, path

from tests.hosts.project import ROOT


def recipe(name: str) -> Any:
    """A module of examples/hosts, which is no package."""
    place = ROOT / "examples" / "hosts" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"recipe_{name}", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


urlpatterns = [
    path("", include(recipe("django_views").urlpatterns)),
    path("admin/", admin.site.urls),
]
