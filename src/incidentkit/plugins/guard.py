"""The only way a plugin is called: it may raise, exit or answer rubbish, and nothing else breaks.

`sys.exit()` in somebody's dependency is a fault like any other. What belongs to the process and not
to the plugin passes: KeyboardInterrupt, GeneratorExit, the cancelling of a task. A hung plugin
cannot be ended from outside in Python; deadlines are the driver's.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Mapping
from functools import partial
from itertools import islice
from typing import Any, TypeAlias, cast

import attrs

from incidentkit.channels.function import is_coroutine_function
from incidentkit.model.delivery import Message
from incidentkit.plugins.faults import FaultLog, PluginFault, described
from incidentkit.plugins.quiet import quieted, said_by

MOST = 10_000
"""How many things one call may yield; a plugin that goes on for ever is cut off and is a fault."""

Types: TypeAlias = type | tuple[type, ...]

_NOT_MANY = (str, bytes, bytearray, Mapping)


@attrs.frozen
class Failed:
    """What the guard returns in place of an answer."""

    fault: PluginFault


class WrongAnswer(TypeError):
    """A plugin returned what its hook does not ask for."""


class Guard:
    """Calls plugins one by one; what goes wrong goes into the fault log.

    >>> guard = Guard()
    >>> guard.call("acme", "double", lambda number: 2 * number, 21)
    42
    >>> failed = guard.call("acme", "double", lambda number: 1 / 0, 21)
    >>> failed.fault.exception_type
    'ZeroDivisionError'
    """

    __slots__ = ("faults",)

    def __init__(self, faults: FaultLog | None = None) -> None:
        self.faults: FaultLog = FaultLog() if faults is None else faults

    def call(
        self,
        plugin: str,
        hook: str,
        function: Callable[..., object],
        *args: object,
        returns: Types | None = None,
    ) -> object:
        """What the function returns, or Failed where it raises, exits or returns rubbish.

        Rubbish is an awaitable, which is closed, and with `returns` any other type than those.
        """
        try:
            value = _answer(plain(function(*args)), returns)
        except (Exception, SystemExit) as error:
            return self._failed(plugin, hook, error, args)
        self.faults.succeeded(plugin)
        return value

    def collect(
        self,
        plugin: str,
        hook: str,
        function: Callable[..., object],
        *args: object,
        of: Types = object,
        most: int = MOST,
    ) -> tuple[Any, ...] | Failed:
        """What the function returns or yields as a tuple, or Failed; a generator runs in here."""
        try:
            values = gathered(plain(function(*args)), of, most)
        except (Exception, SystemExit) as error:
            return self._failed(plugin, hook, error, args)
        self.faults.succeeded(plugin)
        return values

    async def acall(
        self,
        plugin: str,
        hook: str,
        function: Callable[..., object],
        *args: object,
        returns: Types | None = None,
    ) -> object:
        """The same for AsyncDesk: a coroutine is awaited, a plain function runs in a thread."""
        check = partial(_answer, returns=returns)
        return await self._acall(plugin, hook, function, args, check)

    async def acollect(
        self,
        plugin: str,
        hook: str,
        function: Callable[..., object],
        *args: object,
        of: Types = object,
        most: int = MOST,
    ) -> tuple[Any, ...] | Failed:
        """`collect` for AsyncDesk."""
        check = partial(gathered, of=of, most=most)
        return cast(
            "tuple[Any, ...] | Failed", await self._acall(plugin, hook, function, args, check)
        )

    async def _acall(
        self,
        plugin: str,
        hook: str,
        function: Callable[..., object],
        args: tuple[object, ...],
        check: Callable[[object], object],
    ) -> object:
        value, error = await _outcome(function, args, check)
        if error is not None:
            value = self._failed(plugin, hook, error, args)
            # An error holds its frames, and this one would hold the error: a circle.
            del error
        else:
            self.faults.succeeded(plugin)
        if self.faults.waiting:
            await self.faults.flush()
        return value

    def _failed(
        self, plugin: str, hook: str, error: BaseException, args: tuple[object, ...]
    ) -> Failed:
        problem = described(error, placed=not isinstance(error, WrongAnswer))
        if args and isinstance(args[0], Message):
            problem = quieted(problem, said_by(args[0]))
        return Failed(self.faults.record(plugin, hook, problem, type(error).__name__))


async def _outcome(
    function: Callable[..., object],
    args: tuple[object, ...],
    check: Callable[[object], object],
) -> tuple[object, BaseException | None]:
    """What came of it: a value that was checked, or an error.

    Errors are handed on as values, because a future refuses StopIteration and is never done. A
    plain function is checked in its thread, because a generator runs while it is checked.
    """

    def run() -> tuple[object, BaseException | None]:
        try:
            value = function(*args)
            return (value if _is_awaitable(value) else check(plain(value))), None
        except (Exception, SystemExit) as error:
            return None, error

    if is_coroutine_function(function):
        value, error = run()
    else:
        import asyncio

        value, error = await asyncio.to_thread(run)
    if error is not None or not _is_awaitable(value):
        return value, error
    try:
        awaitable: Any = value
        return check(plain(await awaitable)), None
    except (Exception, SystemExit) as failure:
        return None, failure


def _answer(value: object, returns: Types | None) -> object:
    return value if returns is None else checked(value, returns)


def checked(value: object, *types: Types) -> Any:
    """The value if it is of one of the types; WrongAnswer otherwise, a fault inside a guard.

    >>> checked(3, int, str)
    3
    """
    if isinstance(value, types):
        return value
    names = " or ".join(each.__name__ for each in _flat(types))
    raise WrongAnswer(f"must return {names}, not {type(value).__name__}")


def gathered(value: object, of: Types = object, most: int = MOST) -> tuple[Any, ...]:
    """All that an iterable yields, each checked. Text, bytes and mappings are no answer."""
    kind = type(value)
    if issubclass(kind, _NOT_MANY) or not issubclass(kind, Iterable):
        raise WrongAnswer(f"must return an iterable, not {kind.__name__}")
    values = tuple(islice(cast("Iterable[object]", value), most + 1))
    if len(values) > most:
        raise WrongAnswer(f"returned more than {most} things")
    for each in values:
        if not isinstance(each, of):
            names = " or ".join(one.__name__ for one in _flat((of,)))
            raise WrongAnswer(f"must return only {names}, not {type(each).__name__}")
    return values


def plain(value: object) -> object:
    """The value, unless it has to be awaited: then it is closed, and WrongAnswer."""
    if isinstance(value, Coroutine):
        value.close()
        raise WrongAnswer("returned a coroutine; declare it with `async def` and use AsyncDesk")
    if _is_awaitable(value) or issubclass(type(value), AsyncGenerator):
        raise WrongAnswer(f"returned {type(value).__name__}, which has to be awaited")
    return value


def _is_awaitable(value: object) -> bool:
    return hasattr(type(value), "__await__")


def _flat(types: tuple[Types, ...]) -> list[type]:
    return [one for each in types for one in (each if isinstance(each, tuple) else (each,))]
