"""What went wrong in plugins: kept, counted, told and logged, without keeping anything alive.

A fault holds words only. A live exception would hold its frames, and with them whatever secrets and
records stood in local variables; so it ends in the guard.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from threading import Lock
from typing import Any, TypeAlias

import attrs

from incidentkit.channels.function import is_coroutine_function

PROBLEM_LIMIT = 500
KEPT = 100
DEGRADED_AFTER = 5

Observer: TypeAlias = Callable[[Any], object]
"""A plugin's function that is told something."""

_telling: ContextVar[bool] = ContextVar("incidentkit_telling_a_fault", default=False)


@attrs.frozen
class PluginFault:
    """One failure of one plugin: what it did instead of what the hook asks.

    `at_count` counts the plugin's faults in a row, this one included; a success starts it again.
    `exception_type` is the name of what was raised.
    """

    plugin: str
    hook: str
    problem: str
    exception_type: str
    at_count: int

    def __str__(self) -> str:
        return f"plugin {self.plugin!r}, {self.hook}: {self.exception_type}: {self.problem}"


def described(error: BaseException, *, placed: bool = True) -> str:
    r"""The error's message as one clean line of at most `PROBLEM_LIMIT` characters.

    >>> described(ValueError("no such\nhost"))
    'no such host'
    """
    try:
        text = str(error)
    except (Exception, SystemExit):
        text = "its message cannot be read"
    if isinstance(error, SystemExit):
        text = f"tried to end the process with exit code {text or 0}"
    place = _place(error) if placed else ""
    return one_line(text or type(error).__name__, PROBLEM_LIMIT - len(place)) + place


def one_line(text: str, limit: int = PROBLEM_LIMIT) -> str:
    r"""Text as a log or a store takes it: printable, on one line, cut at the limit.

    >>> one_line("a\x00b" + "c" * 600, limit=8)
    'a bcc...'
    """
    text = text[: 4 * limit]
    clean = "".join(each if each.isprintable() else " " for each in text)
    return clean if len(clean) <= limit else clean[: limit - 3] + "..."


def _place(error: BaseException) -> str:
    # The first frame is the guard's own.
    trace = error.__traceback__ and error.__traceback__.tb_next
    place = ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename.replace("\\", "/").rpartition("/")[2]
        place = f" ({file}:{trace.tb_lineno})"
        trace = trace.tb_next
    return one_line(place, 100)


class FaultLog:
    """The last `KEPT` faults, and how many in a row each plugin has; many threads may use it.

    >>> log = FaultLog()
    >>> for _ in range(5):
    ...     fault = log.record("acme", "send", "no route", "OSError")
    >>> fault.at_count, log.degraded("acme")
    (5, True)
    >>> log.succeeded("acme")
    >>> log.degraded("acme"), len(log.faults())
    (False, 5)
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: deque[PluginFault] = deque(maxlen=KEPT)
        self._untold: deque[PluginFault] = deque(maxlen=KEPT)
        self._in_a_row: dict[str, int] = {}
        self._watched = False
        self._plain: tuple[tuple[str, Observer], ...] = ()
        self._coroutines: tuple[tuple[str, Observer], ...] = ()

    def record(self, plugin: str, hook: str, problem: str, exception_type: str = "") -> PluginFault:
        """Keep a fault, log it once, and tell the observers of `incidentkit_on_fault`."""
        with self._lock:
            count = self._in_a_row.get(plugin, 0) + 1
            self._in_a_row[plugin] = count
            fault = PluginFault(plugin, hook, one_line(problem), exception_type, count)
            self._kept.append(fault)
            watched = self._watched
            if not _telling.get() and (self._coroutines or not watched):
                self._untold.append(fault)
        _warn("%s (%d in a row)", fault, count)
        if watched:
            self._tell(fault)
        return fault

    def succeeded(self, plugin: str) -> None:
        """The plugin did what it was asked: its faults are no longer in a row."""
        if plugin in self._in_a_row:
            with self._lock:
                self._in_a_row.pop(plugin, None)

    def degraded(self, plugin: str) -> bool:
        """Whether the plugin failed `DEGRADED_AFTER` times in a row, without a success since."""
        return self._in_a_row.get(plugin, 0) >= DEGRADED_AFTER

    def faults(self) -> tuple[PluginFault, ...]:
        """The faults that are kept, oldest first."""
        with self._lock:
            return tuple(self._kept)

    def watch(self, observers: Iterable[tuple[str, Observer]]) -> None:
        """Tell these from now on, each as (plugin, function), and first what nobody was told.

        They take the place of earlier ones. Coroutine functions are told by `flush`.
        """
        listed = tuple(observers)
        with self._lock:
            self._plain = tuple(x for x in listed if not is_coroutine_function(x[1]))
            self._coroutines = tuple(x for x in listed if is_coroutine_function(x[1]))
            self._watched = True
            untold = tuple(self._untold)
            if not self._coroutines:
                self._untold.clear()
        for fault in untold:
            self._tell(fault)

    def _tell(self, fault: PluginFault) -> None:
        if not self._plain or _telling.get():
            return
        token = _telling.set(True)
        try:
            for plugin, observer in self._plain:
                try:
                    answer = observer(fault)
                    if hasattr(answer, "__await__"):
                        getattr(answer, "close", lambda: None)()
                        _warn("plugin %r: incidentkit_on_fault returned a coroutine", plugin)
                except (Exception, SystemExit) as error:
                    _warn_of(plugin, error)
        finally:
            _telling.reset(token)

    @property
    def waiting(self) -> bool:
        """Whether `flush` has something to tell."""
        return bool(self._coroutines and self._untold)

    async def flush(self) -> None:
        """Tell the coroutine functions among the observers what they were not told yet."""
        if not self.waiting or _telling.get():
            return
        token = _telling.set(True)
        try:
            while self._untold:
                fault = self._untold.popleft()
                for plugin, observer in self._coroutines:
                    try:
                        told: Any = observer(fault)
                        await told
                    except (Exception, SystemExit) as error:
                        _warn_of(plugin, error)
        finally:
            _telling.reset(token)


def _warn_of(plugin: str, error: BaseException) -> None:
    _warn("plugin %r, incidentkit_on_fault: %s: %s", plugin, type(error).__name__, described(error))


def _warn(message: str, *args: object) -> None:
    import logging

    logging.getLogger("incidentkit.plugins").warning(message, *args)
