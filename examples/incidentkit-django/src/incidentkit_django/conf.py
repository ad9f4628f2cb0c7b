"""What `settings.INCIDENTKIT` may say, and how it becomes what `Desk.open` takes.

Every value but `DATABASE` is handed on as it is. Where an object is needed, a text is imported
first (`"helpdesk.channels.send_mail"`), and a class is called without arguments.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.utils.module_loading import import_string

OBJECTS = ("DIRECTORY", "AUTHORISER", "TIME")
LISTS = ("SOURCES", "ANCHORS", "PLUGINS")
PLAIN = ("POLICY", "BLOBS", "ENTRY_POINTS")
KNOWN = ("DATABASE", "CHANNELS", *OBJECTS, *LISTS, *PLAIN)


def configured() -> dict[str, Any]:
    """The setting as it stands; nothing at all is well."""
    return dict(getattr(settings, "INCIDENTKIT", {}))


def alias() -> str:
    """The database that keeps the records."""
    return str(configured().get("DATABASE", DEFAULT_DB_ALIAS))


def given() -> dict[str, Any]:
    """The arguments of `Desk.open` beside the store. Raises ImportError for a wrong path."""
    said = configured()
    found: dict[str, Any] = {}
    channels: Mapping[str, Any] | None = said.get("CHANNELS")
    if channels is not None:
        found["channels"] = {name: _loaded(value, call=False) for name, value in channels.items()}
    for name in OBJECTS:
        if said.get(name) is not None:
            value = said[name]
            # `file:people.toml` is a directory as it stands.
            found[name.lower()] = value if ":" in str(value) else _loaded(value)
    for name in LISTS:
        values: Sequence[Any] | None = said.get(name)
        if values is not None:
            found[name.lower()] = [_loaded(value) for value in values]
    for name in PLAIN:
        if said.get(name) is not None:
            found[name.lower()] = said[name]
    return found


def _loaded(value: Any, *, call: bool = True) -> Any:
    """The object a dotted path names; a class is made into an object of it."""
    if isinstance(value, str):
        value = import_string(value)
    makes: Callable[[], Any] | None = value if inspect.isclass(value) else None
    return makes() if makes is not None and (call or hasattr(value, "send")) else value
