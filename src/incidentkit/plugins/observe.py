"""Telling observers what happened, each by itself, after the fact."""

from __future__ import annotations

from incidentkit.plugins.guard import Guard
from incidentkit.plugins.plugin_set import PluginSet


def notify(plugins: PluginSet, guard: Guard, hook: str, value: object) -> None:
    """Tell every observer of the hook; one that fails is a fault, and the others are told."""
    for plugin, observer in plugins.observers[hook]:
        _ = guard.call(plugin, hook, observer, value)


async def anotify(plugins: PluginSet, guard: Guard, hook: str, value: object) -> None:
    """The same for AsyncDesk: coroutines are awaited, plain functions run in a thread."""
    for plugin, observer in plugins.observers[hook]:
        _ = await guard.acall(plugin, hook, observer, value)
