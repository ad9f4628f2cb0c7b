"""What a contributed object must look like, found out once so that nothing fails at night.

Objects are judged by what they can do, never by their class. Reading an attribute may run a
plugin's code, so whatever it raises is caught here and named.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from incidentkit.channels.function import is_coroutine_function
from incidentkit.errors import AsyncPluginError, InvalidValue, PluginError, PluginLoadError
from incidentkit.model.checks import check_name
from incidentkit.model.words import MessageKind
from incidentkit.plugins.faults import described
from incidentkit.plugins.store_factory import BlobFactory, StoreFactory
from incidentkit.ports.store import Store


class Role(StrEnum):
    """What an object is to the desk; the value is how messages name it."""

    STORE = "store"
    BLOBS = "blob store"
    ANCHOR = "anchor"
    SOURCE = "source"
    CHANNEL = "channel"
    DIRECTORY = "directory"
    AUTHORISER = "authoriser"
    REFERENCES = "reference numbers"


NEEDED: dict[Role, tuple[str, ...]] = {
    Role.ANCHOR: ("keep", "latest"),
    Role.SOURCE: ("parse",),
    Role.CHANNEL: ("send",),
    Role.DIRECTORY: ("contacts", "revision"),
    Role.AUTHORISER: ("may", "scope"),
    Role.REFERENCES: ("reference",),
}
NAMELESS = (Role.DIRECTORY, Role.AUTHORISER, Role.REFERENCES)
"""Roles whose objects need no name."""
STORE_METHODS = tuple(
    name for name, value in vars(Store).items() if not name.startswith("_") and callable(value)
)
BLOB_METHODS = ("put", "get", "exists", "delete")
_OPTIONAL = {
    Role.SOURCE: ("items", "build", "diagnose"),
    Role.CHANNEL: ("parse", "diagnose"),
    Role.DIRECTORY: ("members", "party", "complaint"),
}


def role_of(hook: str, value: object) -> tuple[Role, ...]:
    """The roles of what a register hook returned; PluginLoadError where it has none."""
    try:
        return _roles(hook, value)
    except (Exception, SystemExit) as error:
        raise _named(error, f"{type(value).__name__} of {hook}") from error


def _roles(hook: str, value: object) -> tuple[Role, ...]:
    match hook.rpartition("_")[2]:
        case "sources":
            return (Role.SOURCE,)
        case "channels":
            return (Role.CHANNEL,)
        case "stores":
            if isinstance(value, StoreFactory):
                return (Role.STORE,)
            if isinstance(value, BlobFactory):
                return (Role.BLOBS,)
            if _has(value, NEEDED[Role.ANCHOR]):
                return (Role.ANCHOR,)
            raise PluginLoadError(
                f"{_shown(value)} is neither a StoreFactory nor a BlobFactory nor an anchor "
                "(name, keep, latest)"
            )
        case _:
            roles = (Role.DIRECTORY, Role.AUTHORISER, Role.REFERENCES)
            found = tuple(role for role in roles if _has(value, NEEDED[role]))
            if not found:
                raise PluginLoadError(
                    f"{_shown(value)} is neither a directory (contacts, revision) nor an "
                    "authoriser (may, scope) nor reference numbers (reference)"
                )
            return found


def check(role: Role, value: object, *, asynchronous: bool) -> str:
    """The object's name, empty for roles that have none.

    Raises PluginLoadError where it cannot play the role, AsyncPluginError where it needs an
    AsyncDesk.
    """
    try:
        return _check(role, value, asynchronous)
    except (Exception, SystemExit) as error:
        raise _named(error, f"{role} {type(value).__name__}") from error


def is_bare_function(value: object) -> bool:
    """Whether the value is a callable that is to become a channel, and not a channel itself."""
    static = inspect.getattr_static(value, "send", None)
    return static is None and callable(value) and not inspect.isclass(value)


def check_store(store: object, *, asynchronous: bool) -> None:
    """Refuse an opened store that lacks a method, or that needs an AsyncDesk."""
    try:
        _check_methods(Role.STORE, store, STORE_METHODS, "")
        _check_async(Role.STORE, store, STORE_METHODS, "", asynchronous)
    except (Exception, SystemExit) as error:
        raise _named(error, f"store {type(store).__name__}") from error


def check_blobs(blobs: object, *, asynchronous: bool) -> None:
    """Refuse an opened blob store that lacks a method, or that needs an AsyncDesk."""
    try:
        _check_methods(Role.BLOBS, blobs, BLOB_METHODS, "")
        _check_async(Role.BLOBS, blobs, (*BLOB_METHODS, "listed"), "", asynchronous)
    except (Exception, SystemExit) as error:
        raise _named(error, f"blob store {type(blobs).__name__}") from error


def _check(role: Role, value: Any, asynchronous: bool) -> str:
    if isinstance(value, StoreFactory | BlobFactory):
        return value.scheme
    name = ""
    if role not in NAMELESS and not inspect.isclass(value):
        name = _name(role, value)
    _check_methods(role, value, NEEDED[role], name)
    if role is Role.CHANNEL:
        _check_kinds(value, name)
    methods = (*NEEDED[role], *_OPTIONAL.get(role, ()))
    _check_async(role, value, methods, name, asynchronous)
    return name


def _name(role: Role, value: Any) -> str:
    try:
        return check_name(value.name, "name")
    except AttributeError:
        raise PluginLoadError(f"{role} {_shown(value)} has no name") from None
    except InvalidValue as error:
        raise PluginLoadError(f"{role} {_shown(value)}: {error}") from None


def _check_methods(role: Role, value: object, methods: tuple[str, ...], name: str) -> None:
    title = f"{role} {name!r}" if name else f"{role} {_shown(value)}"
    if inspect.isclass(value):
        raise PluginLoadError(f"{title} is a class; hand over an object: {value.__qualname__}()")
    missing = [each for each in methods if not callable(getattr(value, each, None))]
    if missing:
        raise PluginLoadError(f"{title} has no {' and no '.join(missing)}; see incidentkit.ports")


def _check_kinds(value: Any, name: str) -> None:
    kinds: object = getattr(value, "kinds", None)
    if (
        not isinstance(kinds, frozenset)
        or not kinds
        or not all(isinstance(each, MessageKind) for each in kinds)  # pyright: ignore[reportUnknownVariableType]
    ):
        raise PluginLoadError(
            f"channel {name!r}: kinds must be a frozenset of MessageKind, and not empty"
        )


def _check_async(
    role: Role, value: object, methods: tuple[str, ...], name: str, asynchronous: bool
) -> None:
    title = f"{role} {name!r}" if name else f"{role} {_shown(value)}"
    if role is Role.SOURCE:
        # Reading a request is arithmetic: there is nothing to wait for, and it may be done again.
        asynchronous = False
    for method in methods:
        function: Callable[..., object] | None = getattr(value, method, None)
        if inspect.isasyncgenfunction(function):
            raise AsyncPluginError(
                f"{title}: {method} is an asynchronous generator; return what it yields"
            )
        if not asynchronous and is_coroutine_function(function):
            how = "a source parses at once" if role is Role.SOURCE else "use AsyncDesk"
            raise AsyncPluginError(f"{title} is asynchronous; {how}")
    if not asynchronous and getattr(value, "is_async", False) is True:
        raise AsyncPluginError(f"{title} is asynchronous; use AsyncDesk")


def _has(value: object, methods: tuple[str, ...]) -> bool:
    return all(callable(getattr(value, each, None)) for each in methods)


def _shown(value: object) -> str:
    return value.__qualname__ if inspect.isclass(value) else type(value).__name__


def _named(error: BaseException, title: str) -> PluginError:
    if isinstance(error, PluginError):
        return error
    return PluginLoadError(f"{title} cannot be read: {described(error)}")
