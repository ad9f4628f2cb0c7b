"""What an incident reaches: aspects, impacts, places, organisations, labels, references.

All of it is optional and cold: an incident of every day has none of it.
"""

from __future__ import annotations

import attrs

from incidentkit.model.affected import Affected, Thing
from incidentkit.model.aspects import Aspect
from incidentkit.model.impact import ImpactAssessment, ImpactInterval
from incidentkit.model.labels import Label
from incidentkit.model.organisations import Organisation
from incidentkit.model.references import Reference


@attrs.frozen
class Scope:
    """What it reaches, as far as somebody said.

    `aspects`: the first is the primary one. `impacts`: one for each dimension that was assessed.
    `label` is None while nobody has labelled the incident.
    """

    aspects: tuple[Aspect, ...] = ()
    impacts: tuple[ImpactAssessment, ...] = ()
    intervals: tuple[ImpactInterval, ...] = ()
    affected: tuple[Affected, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    references: tuple[Reference, ...] = ()
    label: Label | None = None

    @property
    def primary(self) -> str:
        """The name of the primary aspect; empty where there is no aspect."""
        return self.aspects[0].name if self.aspects else ""

    def aspect(self, name: str) -> Aspect | None:
        """The aspect of that name, if it is one of the incident's."""
        return next((x for x in self.aspects if x.name == name), None)

    def impact(self, dimension: str) -> ImpactAssessment | None:
        """The assessment of a dimension, if there is one."""
        return next((x for x in self.impacts if x.dimension == dimension), None)

    def interval(self, id_: str) -> ImpactInterval | None:
        """The impact interval of that id, withdrawn or not."""
        return next((x for x in self.intervals if x.id == id_), None)

    def thing(self, kind: Thing, name: str) -> Affected | None:
        """A thing that is or could be affected."""
        return next((x for x in self.affected if (x.kind, x.name) == (kind, name)), None)

    def organisation(self, name: str, role: str) -> Organisation | None:
        """An organisation in that role."""
        return next((x for x in self.organisations if (x.name, x.role) == (name, role)), None)

    def reference(self, system: str, key: str) -> Reference | None:
        """The reference to that key of that system."""
        return next((x for x in self.references if (x.system, x.key) == (system, key)), None)


NO_SCOPE = Scope()
