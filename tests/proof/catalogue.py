"""Every experiment there is."""

from __future__ import annotations

from tests.proof.experiment import Experiment
from tests.proof.experiments import disks, minds, points, senders, serial, texts, timers, writers

MODULES = (writers, senders, points, disks, timers, serial, minds, texts)
EXPERIMENTS: dict[str, Experiment] = {
    each.id: each for module in MODULES for each in module.EXPERIMENTS
}
