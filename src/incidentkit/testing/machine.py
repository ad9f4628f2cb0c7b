"""Random commands in the hands of Hypothesis, which shortens whatever fails."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from incidentkit.testing.agreement import Agreement, Several
from incidentkit.testing.commands import COMMANDS, Command


class HypothesisMissing(ImportError):
    """Hypothesis is not installed; it comes with the extra `testing`."""


def store_machine(stores: Several, steps: int = 30) -> Any:
    """A Hypothesis state machine that compares stores with a MemoryStore, up to `steps` at once.

    `stores` is a harness, a function that makes stores, or several of them by name. Give its
    `TestCase` to pytest or unittest: `TestMine = store_machine(make).TestCase`. Raises
    HypothesisMissing where Hypothesis is not installed.
    """
    try:
        from hypothesis import settings
        from hypothesis import strategies as st
        from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
    except ImportError as error:
        raise HypothesisMissing(
            "store_machine needs Hypothesis: pip install 'incidentkit[testing]'"
        ) from error

    def drawn(make: Callable[[Random], Command]) -> Any:
        return st.randoms(use_true_random=False).map(make)

    class StoreMachine(RuleBasedStateMachine):
        """All stores hear the same commands; whatever the model says, the others say."""

        agreement: Agreement | None = None

        @initialize()
        def open(self) -> None:
            """Make the stores."""
            self.agreement = Agreement(stores)

        @invariant()
        def nothing_differs(self) -> None:
            """Everything the stores hold is the same."""
            if self.agreement is not None:
                self.agreement.compare()

        def teardown(self) -> None:
            """Close the stores."""
            if self.agreement is not None:
                self.agreement.close()

    def done(self: Any, command: Command) -> None:
        self.agreement.do(command)

    rules = {name: rule(command=drawn(make))(_named(done, name)) for name, make in COMMANDS.items()}
    machine: Any = type("StoreMachine", (StoreMachine,), rules)
    machine.TestCase.settings = settings(stateful_step_count=steps, deadline=None)
    return machine


def _named(function: Callable[..., None], name: str) -> Callable[..., None]:
    """A function of its own for each rule, as Hypothesis wants it."""

    def rule_body(self: Any, command: Command) -> None:
        function(self, command)

    rule_body.__name__ = rule_body.__qualname__ = name
    return rule_body
