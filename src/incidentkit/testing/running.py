"""Running cases without a test framework: each by itself, whatever the one before did."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from typing import TypeVar

from incidentkit.testing.case import Case
from incidentkit.testing.expecting import CaseFailed
from incidentkit.testing.report import Outcome, Report, Result

Trial = TypeVar("Trial")


def missing(case: Case[Trial], capabilities: Collection[str]) -> str:
    """Why the case is not run on what has these capabilities; empty where it is."""
    lacking = [name for name in case.requires if name not in capabilities]
    return f"needs {', '.join(lacking)}" if lacking else ""


def run_all(
    contract: str,
    subject: str,
    capabilities: Collection[str],
    cases: Iterable[Case[Trial]],
    trial: Callable[[], AbstractContextManager[Trial]],
) -> Report:
    """Run every case on a trial of its own, and tell what came of each."""
    outcomes: list[Outcome] = []
    for case in cases:
        if lack := missing(case, capabilities):
            outcomes.append(Outcome(case.id, case.sentence, Result.SKIPPED, lack))
            continue
        why = _failure(case, trial)
        bad = Result.ADVISED if case.advisory else Result.FAILED
        outcomes.append(Outcome(case.id, case.sentence, bad if why else Result.PASSED, why))
    version = str(sys.modules["incidentkit"].__version__)
    return Report(contract, subject, version, tuple(sorted(capabilities)), tuple(outcomes))


def _failure(case: Case[Trial], trial: Callable[[], AbstractContextManager[Trial]]) -> str:
    try:
        with trial() as place:
            case.run(place)
    except CaseFailed as failure:
        return str(failure)
    except (Exception, SystemExit) as error:
        return f"raised {type(error).__name__}: {error}"
    return ""
