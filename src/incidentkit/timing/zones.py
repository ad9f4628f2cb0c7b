"""Time zones by their names in the IANA database, as far as this machine has it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


def zone_named(name: str) -> ZoneInfo | None:
    """The zone of this name; None where there is none.

    >>> zone_named("Mars/Base") is None
    True
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # few processes need one

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def no_zone(name: str) -> bool:
    """Whether this machine can say that there is no such zone; one without zones cannot."""
    return zone_named(name) is None and _has_zones()


@cache
def _has_zones() -> bool:
    return zone_named("Europe/London") is not None


def zone_names() -> frozenset[str]:
    """The names of all zones that this machine knows: for hints, since it takes a while."""
    from zoneinfo import available_timezones

    return frozenset(available_timezones())
