"""The addresses of the ten-line recipe for Django."""

from __future__ import annotations

from tests.hosts.urls import recipe

urlpatterns = recipe("django_short").urlpatterns
