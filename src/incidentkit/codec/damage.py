"""What is said of a body that does not fit its class.

A damaged record is the store's trouble, not the caller's; the path leads to the place in the body.
"""

from __future__ import annotations

from incidentkit.errors import StoreError


class Misfit(Exception):
    """A JSON document does not fit a class, and where; the caller adds which record it was."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, problem)
        self.path = path
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


class DamagedRecord(StoreError):
    """A stored body cannot be read: of which record, at which path (`$` is the whole), and why."""

    def __init__(self, kind: str, name: str, path: str, problem: str) -> None:
        super().__init__(kind, name, path, problem)
        self.kind = kind
        self.id = name
        self.path = path
        self.problem = problem

    def __str__(self) -> str:
        return (
            f"the stored {self.kind} {self.id!r} is damaged at {self.path}: {self.problem}; "
            "restore it from a backup, or from its journal"
        )
