"""Decisions: what was asked, what was decided and why, and what was known at that moment.

Not to do something is a decision too: "not notifiable, because". What turns out later changes
nothing about what was known then, so the facts stand in the decision itself.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.reason import Plain

NO_SNAPSHOT: FrozenMap[str, Plain] = FrozenMap()
FACTS_LIMIT = 100
"""How many facts one decision keeps; whoever decides on more names those that mattered."""


@attrs.frozen
class Decision:
    """One decision. `negative`: it was decided not to do it.

    `facts` are the values that stood then, by key. `superseded_by` is the id of the decision that
    replaced it, empty while it stands.
    """

    id: str
    question: str = attrs.field(validator=checks.title)
    outcome: str = attrs.field(validator=checks.text())
    reasons: str = attrs.field(validator=checks.text())
    by: str
    at: datetime = attrs.field(validator=checks.utc)
    options: tuple[str, ...] = ()
    negative: bool = False
    facts: FrozenMap[str, Plain] = NO_SNAPSHOT
    superseded_by: str = ""
