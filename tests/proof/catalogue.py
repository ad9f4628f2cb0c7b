"""Every experiment there is, in the order of their numbers."""

from __future__ import annotations

from tests.proof.experiment import Experiment
from tests.proof.experiments import (
    ages,
    disks,
    minds,
    outages,
    owned,
    points,
    records,
    senders,
    serial,
    texts,
    timers,
    writers,
)

MODULES = (
    ages,
    disks,
    minds,
    outages,
    owned,
    points,
    records,
    senders,
    serial,
    texts,
    timers,
    writers,
)
EXPERIMENTS: dict[str, Experiment] = {
    each.id: each
    for each in sorted(
        (each for module in MODULES for each in module.EXPERIMENTS),
        key=lambda each: int(each.id[1:]),
    )
}
