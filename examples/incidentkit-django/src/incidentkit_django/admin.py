"""The admin shows the rows and changes none: a change by hand has no version and no journal."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

FIRST = ("c_ref", "uid", "stream", "seq", "c_state", "c_priority", "c_service", "c_assignee")
LAST = ("kind", "state", "why", "tenant", "version")


class ReadOnly(admin.ModelAdmin):
    """Look, and nothing else."""

    list_per_page = 50
    show_full_result_count = False

    def __init__(self, model: type[models.Model], site: admin.AdminSite) -> None:
        names = {field.name for field in model._meta.fields}
        self.list_display = ("__str__", *(name for name in (*FIRST, *LAST) if name in names))
        self.list_filter = tuple(x for x in ("c_state", "c_priority", "state") if x in names)
        self.ordering = ("-row",)
        super().__init__(model, site)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


SHOWN = ("record_", "journal", "task", "key")
for _model in apps.get_app_config("incidentkit_django").get_models():
    if _model._meta.db_table.removeprefix("incidentkit_").startswith(SHOWN):
        admin.site.register(_model, ReadOnly)
