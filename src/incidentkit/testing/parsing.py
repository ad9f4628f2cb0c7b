"""What everything that reads requests owes: signals and nothing else, the same for the same."""

from __future__ import annotations

from typing import Any

from incidentkit.model.signals import (
    Alert,
    Answer,
    Beat,
    Change,
    Receipt,
    Rejected,
    Report,
    Signal,
    SourceRequest,
)
from incidentkit.testing.expecting import CaseFailed, equal, of_type, shown, true

SIGNALS = (Alert, Report, Answer, Receipt, Change, Beat, Rejected)

LONGEST_EXCERPT = 2_000
"""Characters of a request that a Rejected signal may show."""


def parsed(reader: Any, request: SourceRequest) -> tuple[Signal, ...]:
    """The signals of a request, each of them sound; raises CaseFailed for anything else."""
    try:
        signals = tuple(reader.parse(request))
    except Exception as error:
        raise CaseFailed(f"raised {error!r} for the body {shown(request.body[:200])}") from error
    true(len(signals) <= len(request.body) + 1, "no more signals than the body has bytes")
    for signal in signals:
        if not isinstance(signal, SIGNALS):
            raise CaseFailed(f"yielded {shown(signal)}, which is no signal")
        hash(signal)
        try:
            repr(signal).encode()
        except UnicodeEncodeError as error:
            raise CaseFailed(f"yielded text that is damaged: {error}") from error
        if isinstance(signal, Rejected):
            _check_rejected(signal)
    return signals


def _check_rejected(signal: Rejected) -> None:
    true(signal.path, "a Rejected signal says where")
    true(signal.problem, "a Rejected signal says what is wrong")
    excerpt = of_type(signal.excerpt, str)
    true(len(excerpt) <= LONGEST_EXCERPT, f"an excerpt has at most {LONGEST_EXCERPT} characters")
    for text in (signal.path, signal.problem, excerpt):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise CaseFailed(f"a Rejected signal holds damaged text: {error}") from error


def same_twice(reader: Any, request: SourceRequest) -> tuple[Signal, ...]:
    """The signals of a request that is read twice in the same way, and stays as it was."""
    before = (request.body, dict(request.headers))
    first = parsed(reader, request)
    equal(parsed(reader, request), first, "the second reading")
    equal((request.body, dict(request.headers)), before, "the request afterwards")
    return first
