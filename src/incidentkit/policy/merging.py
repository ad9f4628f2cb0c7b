"""What a document leaves out is taken from its profile, and what that leaves out from the default.

A host so writes down only where it differs. Profiles and matrices are documents themselves and lie
beside this file as data.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, cast

WHOLE = frozenset(("cells", "within", "levels", "audiences"))
"""Tables that a host writes as a whole: half a matrix of theirs and half of ours is nobody's."""
PROFILES = ("default", "itil", "sre")
"""The profiles that come with the library; each is based on `default`."""
MATRICES = ("glpi", "itop", "servicenow")
"""The priority matrices that come with the library, under the names of the products they are of."""


def profile(name: str) -> dict[str, Any]:
    """The document of a profile that comes with the library."""
    return _document("profiles", name)


def matrix(name: str) -> dict[str, Any]:
    """The part of a document that is a matrix and the alert levels that fit it."""
    return _document("matrices", name)


def _document(folder: str, name: str) -> dict[str, Any]:
    # importlib.resources would cost as much at import as the whole of this module.
    found = Path(__file__).with_name(folder) / f"{name}.toml"
    return tomllib.loads(found.read_text("utf-8"))


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with all that it leaves out; what it names wrongly is left for its reader."""
    base = _with_matrix({}, profile("default"))
    name = document.get("profile")
    if name in PROFILES and name != "default":
        base = _with_matrix(base, profile(name))
    return _with_matrix(base, document)


def _with_matrix(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`merged`, a matrix that is only named being put in its place first."""
    table: object = over.get("matrix")
    if isinstance(table, dict):
        written = cast("dict[str, Any]", table)
        name = written.get("use")
        if name in MATRICES:
            base = merged(base, matrix(name))
            rest = {key: value for key, value in written.items() if key != "use"}
            over = {**over, "matrix": rest}
    return merged(base, over)


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
