"""Rules of recurrence that laws ask for, as data: none of them is a default.

Each names its source. They are no legal advice, and what the laws add to the count (thresholds
that the incidents meet together) is for people to judge.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from incidentkit.errors import InvalidValue

PRESETS = ("eu-finance", "eu-nis2")
"""The presets there are."""


def recurrence_preset(name: str) -> list[dict[str, Any]]:
    """The tables of a preset, for the section `recurrence` of a policy document.

    Raises InvalidValue for another name.
    """
    if name not in PRESETS:
        raise InvalidValue("preset", f"{name[:60]!r} is none of {', '.join(PRESETS)}")
    # importlib.resources would cost as much at import as the whole of this module.
    found = Path(__file__).with_name(f"{name}.toml").read_text("utf-8")
    return list(tomllib.loads(found)["recurrence"])
