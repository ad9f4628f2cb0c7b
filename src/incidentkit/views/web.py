"""Errors as a web framework answers them: a status, and problem details as RFC 9457 has them.

Whoever gets the answer acts on the status: a sender repeats after 503 and gives up after 400, a
client reads a record again after 409. So it follows from whose fault an error is, never from its
text.
"""

from __future__ import annotations

from incidentkit import errors

_STATUS: tuple[tuple[type[errors.IncidentKitError], int], ...] = (
    (errors.NotFound, 404),
    (errors.NotAuthorised, 403),
    (errors.LimitExceeded, 413),
    (errors.VersionMismatch, 409),
    (errors.RequestReused, 409),
    (errors.TransitionNotAllowed, 409),
    (errors.TooBusy, 503),
    (errors.CallerError, 400),
    (errors.KeyTaken, 409),
    (errors.Conflict, 409),
    (errors.StaleToken, 409),
    (errors.NotMigrated, 500),
    (errors.SchemaTooNew, 500),
    (errors.UnsafeSetting, 500),
    (errors.BlobMissing, 500),
    (errors.BlobDamaged, 500),
    (errors.StoreError, 503),
    (errors.AuthoriserUnavailable, 503),
    (errors.DirectoryUnavailable, 503),
)


def http_status(error: BaseException) -> int:
    """The HTTP status for an error: 4xx the caller's fault, 503 try again, 500 the host's to mend.

    >>> http_status(errors.NotFound("incident", "INC-9"))
    404
    >>> http_status(errors.Retryable("no connection")), http_status(KeyError("x"))
    (503, 500)
    """
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return status
    return 500


def problem_details(error: BaseException) -> dict[str, str | int]:
    """The error as the members of a problem document (`application/problem+json`).

    What is the host's own to mend is not told to strangers: its `detail` says to look at the log.

    >>> problem_details(errors.NotFound("incident", "INC-9"))["title"]
    'NotFound'
    """
    status = http_status(error)
    told = str(error) if status < 500 else ""
    if status == 503:
        told = "not possible at present; try again with the same request id"
    detail = told or "this is the host's to mend; its log says more"
    return {"title": type(error).__name__, "status": status, "detail": detail}
