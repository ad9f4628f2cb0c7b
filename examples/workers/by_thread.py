"""A worker in a thread of your own process: it ends with the process, and says nothing else."""

from __future__ import annotations

import threading

from incidentkit import Desk


def start(desk: Desk) -> tuple[threading.Thread, threading.Event]:
    stop = threading.Event()
    worker = threading.Thread(target=desk.serve, args=(stop,), name="incidents")
    worker.start()
    return worker, stop  # at the end of your process: stop.set(); worker.join()
