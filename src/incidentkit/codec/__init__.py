"""Values to rows and back: schema versions, upcasters and the journal's chain.

The store never reads a body; everything that knows how a value looks as text stands in this room.
Names are imported when they are first used, so that importing the room costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from incidentkit.codec.choice import Codec, choose
    from incidentkit.codec.damage import DamagedRecord
    from incidentkit.codec.kinds import KINDS, SPECS

__all__ = ["KINDS", "SPECS", "Codec", "DamagedRecord", "choose"]

_HOMES = {
    "Codec": "choice",
    "choose": "choice",
    "DamagedRecord": "damage",
    "KINDS": "kinds",
    "SPECS": "kinds",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{home}"), name)
