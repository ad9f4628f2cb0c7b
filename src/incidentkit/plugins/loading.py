"""pluggy finds what a plugin implements; what could behave differently or not at all is refused.

Refused are: a class instead of an object, two plugins that compare equal (pluggy compares by `==`
and takes them for one), a hook that does not exist, a hook without its marker, wrappers (they can
swallow what others say), and defaults in a signature (pluggy passes them or not, by version).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import attrs
import pluggy

from incidentkit.channels.function import is_coroutine_function
from incidentkit.errors import AsyncPluginError, PluginConflict, PluginError, PluginLoadError
from incidentkit.plugins import presence
from incidentkit.plugins.faults import described
from incidentkit.plugins.guard import Failed, Guard
from incidentkit.plugins.hookspecs import OBSERVER_HOOKS, PROJECT, REGISTER_HOOKS, SPECS
from incidentkit.plugins.origin import Given, Origin

HOOKS = (*REGISTER_HOOKS, *OBSERVER_HOOKS)


@attrs.frozen(eq=False)
class Implementation:
    """One hook of one plugin; `function` takes nothing, or the value that an observer is told."""

    origin: Origin
    hook: str
    function: Callable[..., object]


class Loader:
    """Registers plugins one by one; a plugin that is refused leaves nothing behind."""

    def __init__(self, *, asynchronous: bool) -> None:
        self._asynchronous = asynchronous
        self._manager = pluggy.PluginManager(PROJECT)
        for spec in SPECS:
            self._manager.add_hookspecs(spec)
        self._known: list[tuple[object, Origin]] = []

    def load(self, plugin: object, origin: Origin) -> tuple[Implementation, ...]:
        """The plugin's hooks, or a PluginError that says what is wrong with it."""
        origin = attrs.evolve(origin, plugin=self._free_name(origin.plugin))
        try:
            self._check_object(plugin, origin)
            self._check_marked(plugin, origin)
            registered = self._manager.register(plugin, origin.plugin)
            found = self._implementations(plugin, origin)
            if registered is None or not found:
                raise PluginLoadError(
                    f"{origin} implements no hook; mark each with @incidentkit.hookimpl"
                )
        except (Exception, SystemExit) as error:
            self._forget(origin.plugin)
            if isinstance(error, PluginError):
                raise
            raise PluginLoadError(f"{origin} cannot be read: {described(error)}") from error
        self._known.append((plugin, origin))
        return found

    def _free_name(self, name: str) -> str:
        taken = {origin.plugin for _, origin in self._known}
        number, free = 2, name
        while free in taken:
            free = f"{name}#{number}"
            number += 1
        return free

    def _check_object(self, plugin: object, origin: Origin) -> None:
        if inspect.isclass(plugin):
            raise PluginLoadError(
                f"{origin} is the class {plugin.__qualname__}; hand over an object of it: "
                f"{plugin.__qualname__}()"
            )
        for known, other in self._known:
            if known is plugin:
                raise PluginConflict(
                    f"{origin} is the same object as {other}; one of the two is enough"
                )
            if known == plugin:
                raise PluginConflict(
                    f"{origin} and {other} compare equal, so pluggy takes them for one; "
                    f"decorate {type(plugin).__qualname__} with @attrs.define(eq=False)"
                )

    def _check_marked(self, plugin: object, origin: Origin) -> None:
        for name in dir(plugin):
            if not name.startswith(f"{PROJECT}_"):
                continue
            if not inspect.isroutine(inspect.getattr_static(plugin, name, None)):
                continue
            marked = self._manager.parse_hookimpl_opts(plugin, name)
            # A plugin may inherit from a group of specifications.
            inherited = self._manager.parse_hookspec_opts(cast("Any", plugin), name)
            if marked is None and inherited is None:
                raise PluginLoadError(f"{origin}: {name} is not marked with @incidentkit.hookimpl")

    def _implementations(self, plugin: object, origin: Origin) -> tuple[Implementation, ...]:
        found: list[Implementation] = []
        for caller in self._manager.get_hookcallers(plugin) or ():
            for each in caller.get_hookimpls():
                if each.plugin is not plugin:
                    continue
                if caller.has_spec():
                    found.append(self._implementation(each, caller.name, origin))
                elif not each.optionalhook:
                    raise PluginLoadError(f"{origin}: {_unknown(caller.name)}")
        return tuple(sorted(found, key=lambda each: HOOKS.index(each.hook)))

    def _implementation(self, each: Any, hook: str, origin: Origin) -> Implementation:
        if each.wrapper or each.hookwrapper:
            raise PluginLoadError(
                f"{origin}: {hook} is a wrapper, which could swallow what others say; "
                "write a plain hook"
            )
        if each.kwargnames:
            raise PluginLoadError(
                f"{origin}: {hook} has a default for {', '.join(each.kwargnames)}, which pluggy "
                "passes or not by version; leave out the default or the argument"
            )
        parameters = inspect.signature(each.function).parameters.values()
        if any(
            one.kind not in (one.POSITIONAL_OR_KEYWORD, one.POSITIONAL_ONLY) for one in parameters
        ):
            raise PluginLoadError(
                f"{origin}: {hook} takes *args, **kwargs or keyword-only arguments, which pluggy "
                "does not pass; name the hook's arguments"
            )
        function: Callable[..., object] = each.function
        if hook in OBSERVER_HOOKS:
            if not self._asynchronous and is_coroutine_function(function):
                raise AsyncPluginError(f"{origin}: {hook} is asynchronous; use AsyncDesk")
            if not each.argnames:
                function = _without_value(function)
        return Implementation(origin, hook, function)

    def _forget(self, name: str) -> None:
        # pluggy before 1.7 keeps half of a plugin that it refuses.
        if self._manager.has_plugin(name):
            self._manager.unregister(name=name)


def _without_value(function: Callable[..., object]) -> Callable[..., object]:
    if is_coroutine_function(function):

        async def awaited(_: object) -> None:
            told: Any = function()
            await told

        return awaited

    def called(_: object) -> object:
        return function()

    return called


def _unknown(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, HOOKS, n=1, cutoff=0.0)[0]
    return f"there is no hook {name!r}; did you mean {near!r}?"


def handed(plugins: Iterable[object], given: Given) -> list[tuple[object, Origin]]:
    """Plugins of the host or built in, named after their class or module."""
    return [(plugin, Origin(_name(plugin), given)) for plugin in plugins]


def _name(plugin: object) -> str:
    if inspect.ismodule(plugin):
        return plugin.__name__
    kind = plugin if inspect.isclass(plugin) else type(plugin)
    return f"{kind.__module__}.{kind.__qualname__}"


def installed(guard: Guard) -> list[tuple[object | Failed, Origin]]:
    """The plugins of installed packages in the order of their names, each loaded by itself."""
    if not presence.perhaps(PROJECT):
        return []
    from importlib import metadata

    found = guard.call("entry points", "load", _points, metadata)
    if isinstance(found, Failed):
        return [(found, Origin("entry points", Given.INSTALLED))]
    return [
        (guard.call(name, "load", point.load), Origin(name, Given.INSTALLED, distribution))
        for name, distribution, point in cast("Sequence[tuple[str, str, Any]]", found)
    ]


def _points(metadata: Any) -> Sequence[tuple[str, str, Any]]:
    named = [
        (point.name, _distribution(point), point) for point in metadata.entry_points(group=PROJECT)
    ]
    return sorted(named, key=lambda each: each[:2])


def _distribution(point: Any) -> str:
    distribution = getattr(point, "dist", None)
    if distribution is None:
        return "an unknown distribution"
    return f"{distribution.name} {distribution.version}"
