"""Every experiment there is."""

from __future__ import annotations

from tests.proof.experiment import Experiment
from tests.proof.experiments import (
    ages,
    disks,
    minds,
    points,
    records,
    senders,
    serial,
    texts,
    timers,
    writers,
)

MODULES = (writers, senders, points, disks, timers, serial, minds, texts, records, ages)
EXPERIMENTS: dict[str, Experiment] = {
    each.id: each for module in MODULES for each in module.EXPERIMENTS
}
