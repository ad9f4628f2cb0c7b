"""Peers are imported where they are used; where one is missing, the figure says so."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from tests.benchmarks.measuring import Side

DISTRIBUTIONS = {
    "statemachine": "python-statemachine",
    "transitions": "transitions",
    "eventsourcing": "eventsourcing",
    "msgspec": "msgspec",
    "django": "Django",
}


class Missing(Exception):
    """A peer that is not installed, and how to get it."""


def need(module: str) -> Any:
    """The module of a peer; Missing says how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError:
        name = DISTRIBUTIONS[module.partition(".")[0]]
        raise Missing(f"{name} is not installed: pip install {name}") from None


def version_of(distribution: str) -> str | None:
    """The installed version, or None."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def add(sides: dict[str, Side], missing: list[str], name: str, make: Callable[[], Side]) -> None:
    """Add a side, or note why it is missing."""
    try:
        sides[name] = make()
    except Missing as reason:
        missing.append(str(reason))
