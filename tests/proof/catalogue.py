"""Every experiment there is, in the order of their numbers."""

from __future__ import annotations

from tests.proof.experiment import Experiment
from tests.proof.experiments import (
    ages,
    disks,
    leaks,
    minds,
    outages,
    owned,
    points,
    records,
    senders,
    serial,
    tampering,
    texts,
    timers,
    writers,
)

MODULES = (
    ages,
    disks,
    leaks,
    minds,
    outages,
    owned,
    points,
    records,
    senders,
    serial,
    tampering,
    texts,
    timers,
    writers,
)


def in_order(id_: str) -> tuple[int, str]:
    """Where an id stands: E7, E7b, E8, E10."""
    number = id_[1:].rstrip("abcdefghijklmnopqrstuvwxyz")
    return int(number), id_[1 + len(number) :]


EXPERIMENTS: dict[str, Experiment] = {
    each.id: each
    for each in sorted(
        (each for module in MODULES for each in module.EXPERIMENTS),
        key=lambda each: in_order(each.id),
    )
}
