"""The dossier: all that only some incidents ever have, in one cold part of the root.

A command of every day hands it on untouched, whatever it holds.
"""

from __future__ import annotations

import attrs

from incidentkit.model.findings import NO_FINDINGS, Findings
from incidentkit.model.hosting import Hosted
from incidentkit.model.incident_task import IncidentTask
from incidentkit.model.overlays import NO_OVERLAYS, Overlays
from incidentkit.model.replayed import Replayed
from incidentkit.model.scope import NO_SCOPE, Scope


@attrs.frozen
class Dossier:
    """What it reaches, what is known, what lies over its life-cycle, and what is to be done.

    `checklists` are the names of those whose tasks were added, each once; `reviews` the references
    of reviews that are still owed.
    `replayed`: how far its history elsewhere was brought in, where it has one.
    `ended`: its children that are over, as links name them.
    `hosted`: the ticket of the host that it stands for, and how far the library acts.
    """

    scope: Scope = NO_SCOPE
    findings: Findings = NO_FINDINGS
    overlays: Overlays = NO_OVERLAYS
    reviews: tuple[str, ...] = ()
    tasks: tuple[IncidentTask, ...] = ()
    checklists: tuple[str, ...] = ()
    replayed: Replayed | None = None
    ended: tuple[str, ...] = ()
    hosted: Hosted | None = None

    def task(self, id_: str) -> IncidentTask | None:
        """One task by its id."""
        return next((task for task in self.tasks if task.id == id_), None)


EMPTY = Dossier()
