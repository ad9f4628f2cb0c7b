"""What is known of an incident: facts, hypotheses, causes, workarounds, decisions, attachments.

Each of the lists only grows, so that an id (H1, C1, W1, D1, A1) means the same thing for ever; what
no longer holds is marked and stays.
"""

from __future__ import annotations

import attrs

from incidentkit.model.attachments import Attachment
from incidentkit.model.causes import Cause
from incidentkit.model.decisions import Decision
from incidentkit.model.facts import Fact
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.hypotheses import Hypothesis
from incidentkit.model.workarounds import Workaround

NO_FACTS: FrozenMap[str, Fact] = FrozenMap()


@attrs.frozen
class Findings:
    """What was found out, as far as somebody said. `facts` holds the winner of each key."""

    facts: FrozenMap[str, Fact] = NO_FACTS
    hypotheses: tuple[Hypothesis, ...] = ()
    causes: tuple[Cause, ...] = ()
    workarounds: tuple[Workaround, ...] = ()
    decisions: tuple[Decision, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    def hypothesis(self, id_: str) -> Hypothesis | None:
        """The hypothesis of that id."""
        return next((x for x in self.hypotheses if x.id == id_), None)

    def cause(self, id_: str) -> Cause | None:
        """The cause of that id."""
        return next((x for x in self.causes if x.id == id_), None)

    def workaround(self, id_: str) -> Workaround | None:
        """The workaround of that id."""
        return next((x for x in self.workarounds if x.id == id_), None)

    def decision(self, id_: str) -> Decision | None:
        """The decision of that id."""
        return next((x for x in self.decisions if x.id == id_), None)

    def attachment(self, id_: str) -> Attachment | None:
        """The attachment of that id."""
        return next((x for x in self.attachments if x.id == id_), None)


NO_FINDINGS = Findings()
