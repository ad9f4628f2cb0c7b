"""incidentkit in Django, with the app of examples/incidentkit-django installed."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils.html import format_html_join
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from incidentkit_django import desk

from incidentkit.errors import Blame, IncidentKitError

STATUS = {Blame.CALLER: 400, Blame.STORE: 503}


@csrf_exempt
@require_POST
@transaction.non_atomic_requests  # an answer of 202 says: it is durable
def alerts(request: HttpRequest, source: str) -> HttpResponse:
    try:
        taken = desk().receive(source, request.body, headers=request.headers)
    except IncidentKitError as error:
        return JsonResponse({"error": str(error)}, status=STATUS.get(error.blame, 500))
    return JsonResponse({"opened": taken.opened}, status=422 if taken.rejected else 202)


@require_GET
def incidents(request: HttpRequest) -> HttpResponse:
    found = desk().find(active=True).items
    return HttpResponse(format_html_join("", "<li>{} {}</li>", ((x.ref, x.title) for x in found)))


urlpatterns = [path("alerts/<str:source>", alerts), path("incidents", incidents)]
