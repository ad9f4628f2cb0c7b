"""What is asked of the kit itself: a plugin with one mistake fails the cases about it alone."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from incidentkit.testing.case import Case
from incidentkit.testing.report import Report


def fails_exactly(report: Report, globs: str, cases: Iterable[Case[Any]]) -> None:
    ids = [case.id for case in cases]
    named = [[x for x in ids if fnmatchcase(x, glob)] for glob in globs.split()]
    assert all(named), f"a glob that names no case: {globs}"
    assert set(report.failed) == {x for some in named for x in some}, str(report)
