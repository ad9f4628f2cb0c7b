"""What a case of a plugin is given to work with: fresh ones, made as their author says."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from incidentkit.testing.case import Case
from incidentkit.testing.report import Report
from incidentkit.testing.running import run_all
from incidentkit.testing.waiting import waited


class Harness(Protocol):
    """How a plugin of yours is made, whatever else there is to say of it."""

    @property
    def make(self) -> Callable[[], Any]:
        """A new one."""
        ...


H = TypeVar("H", bound=Harness)


class PluginTrial(Generic[H]):
    """One run of one case. A plugin with coroutines is waited for, so cases know none.

    `nonce` is a text of this run alone, for keys that a service must not have seen before.
    """

    def __init__(self, harness: H) -> None:
        self.harness: H = harness
        self.nonce: str = os.urandom(4).hex()
        self._stack = ExitStack()
        self._first: Any = None

    @property
    def plugin(self) -> Any:
        """The plugin under test."""
        if self._first is None:
            self._first = self.another()
        return self._first

    def another(self) -> Any:
        """One more, made in the same way."""
        made = waited(self.harness.make())
        close = getattr(made, "close", None)
        if callable(close):
            self._stack.callback(close)
        return made

    def during(self, outage: Callable[[], AbstractContextManager[object]] | None) -> Any:
        """The block in which what the plugin relies on is away."""
        if outage is None:
            raise TypeError("the harness has no `outage`; the case must require it")
        return outage()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()


def check_plugin(
    contract: str,
    harness: H,
    able: Callable[[H], tuple[str, ...]],
    cases: Iterable[Case[PluginTrial[H]]],
) -> Report:
    """Run the cases on plugins of this harness."""
    kind: type[object] = harness.make().__class__
    subject = f"{kind.__module__}.{kind.__qualname__}"
    return run_all(contract, subject, able(harness), cases, partial(PluginTrial, harness))


HOSTILE_TEXTS = {
    "empty": "",
    "line-feed": "Disk full\nPAGE P1 INC-9 to everybody: sent home",
    "quotes": "'; DROP TABLE x; -- \" ` $(reboot) %s {0} <script>",
    "control": "\x1b[2J\x01\x07",
    "right-to-left": "\u202egpj.exe",
    "emoji": "👩‍👩‍👧 \U0010ffff",
    "long": "x" * 2_000,
    "header": "x\r\nBcc: everybody@example.org",
}
"""Text of strangers, as it may stand in a title, an address or a name."""
