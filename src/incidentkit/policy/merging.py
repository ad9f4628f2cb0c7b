"""What a document leaves out is taken from its profile, and what that leaves out from the default.

A host so writes down only where it differs.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, cast

WHOLE = frozenset(("cells", "within", "levels", "audiences"))
"""Tables that a host writes as a whole: half a matrix of theirs and half of ours is nobody's."""


def profile(name: str) -> dict[str, Any]:
    """The document of a profile that comes with the library."""
    # importlib.resources would cost as much at import as the whole of this module.
    found = Path(__file__).with_name("profiles") / f"{name}.toml"
    return tomllib.loads(found.read_text("utf-8"))


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`base` with everything that `over` says differently, table by table."""
    made = dict(base)
    for key, value in over.items():
        below = base.get(key)
        if key not in WHOLE and isinstance(value, dict) and isinstance(below, dict):
            made[key] = merged(cast("dict[str, Any]", below), cast("dict[str, Any]", value))
        else:
            made[key] = value
    return made
