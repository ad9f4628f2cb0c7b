"""Errors as HTTP answers: whoever gets one repeats, reads again, or gives up by its status."""

from __future__ import annotations

import inspect

import pytest

from incidentkit import errors, http_status, problem_details
from incidentkit.errors import IncidentKitError

AGAIN = {
    "TooBusy", "StoreError", "Retryable", "StoreAway", "SpoolFull", "StoreFull", "StoreClosed",
    "AnotherProcessWrites", "IndexStale", "DirectoryUnavailable", "AuthoriserUnavailable",
}  # fmt: skip
"""What may pass by itself; all else that a caller is not to blame for is the host's to mend."""
STOOD_BEFORE = {"KeyTaken", "Conflict", "StaleToken"}
EVERY = sorted(
    (x for _, x in inspect.getmembers(errors, inspect.isclass) if issubclass(x, IncidentKitError)),
    key=lambda x: x.__name__,
)


def bare(kind: type[IncidentKitError]) -> IncidentKitError:
    return kind.__new__(kind)


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_the_status_says_whether_to_repeat(kind: type[IncidentKitError]) -> None:
    status, name = http_status(bare(kind)), kind.__name__
    if name in AGAIN:
        assert status == 503
    elif name in STOOD_BEFORE:
        assert status == 409
    elif issubclass(kind, errors.CallerError):
        assert 400 <= status < 500
    else:
        assert status == 500


def test_a_stranger_is_not_told_what_is_the_hosts_to_mend() -> None:
    said = problem_details(errors.BlobDamaged("sha256:secret", "is cut short"))
    assert said["status"] == 500
    assert "secret" not in str(said)


def test_the_callers_own_mistake_is_told() -> None:
    said = problem_details(errors.NotFound("incident", "INC-9"))
    assert said["status"] == 404
    assert "INC-9" in str(said["detail"])
