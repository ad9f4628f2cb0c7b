"""Errors of incidentkit as answers: one line in MIDDLEWARE instead of a `try` in every view."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from incidentkit import IncidentKitError, http_status, problem_details


class Problems:
    """Answers with problem details (RFC 9457) where a view raised one of incidentkit's errors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The answer, or None where the error is somebody else's."""
        if not isinstance(exception, IncidentKitError):
            return None
        return JsonResponse(
            problem_details(exception),
            status=http_status(exception),
            content_type="application/problem+json",
        )
