"""Django in ten lines: a webhook that takes alerts in, what is open, and acknowledging."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from incidentkit_django import desk


def alerts(request: HttpRequest, source: str) -> JsonResponse:
    taken = desk().receive(source, request.body, headers=request.headers)
    return JsonResponse({"opened": taken.opened}, status=422 if taken.rejected else 202)


def incidents(request: HttpRequest) -> JsonResponse:
    return JsonResponse([f"{x.ref} {x.title}" for x in desk().find(active=True).items], safe=False)


def acknowledge(request: HttpRequest, ref: str) -> JsonResponse:
    return JsonResponse({"acknowledged": desk().acknowledge(ref, by=request.POST["by"]).ref})


urlpatterns = [
    path("alerts/<str:source>", csrf_exempt(require_POST(alerts))),
    path("incidents", incidents),
    path("incidents/<str:ref>/acknowledge", require_POST(acknowledge)),
]
