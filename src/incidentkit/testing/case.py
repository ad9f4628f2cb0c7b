"""One thing that every implementation of a contract must do, under a name that stays.

A case needs no test framework: it is run with a harness, which says how the thing under test is
made, and it raises when the thing does otherwise. Its id is public: reports, documents and the
authors of plugins refer to it, so it is never given to another behaviour.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

Trial = TypeVar("Trial")


@attrs.frozen
class Case(Generic[Trial]):
    """A behaviour that is asked for.

    `requires` names the capabilities without which the case says nothing; a thing that lacks one
    is not asked. A new case is `advisory` for one minor release: it is run and told, and a failure
    does not count yet.
    """

    id: str
    body: Callable[[Trial], None]
    requires: tuple[str, ...] = ()
    advisory: bool = False

    @property
    def sentence(self) -> str:
        """What is asked for, in one sentence."""
        function: object = getattr(self.body, "func", self.body)  # of a partial
        text = inspect.getdoc(function) or ""
        return " ".join(text.split("\n\n")[0].split())

    def run(self, trial: Trial) -> None:
        """Do what the case does; raises where the thing under test does otherwise."""
        self.body(trial)

    def __str__(self) -> str:
        return self.id
