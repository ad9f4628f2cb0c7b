"""What a rule is handed that concludes something by itself: the incident, what happened, the time.

Each such rule says what follows as events with their reasons; the flow lets them happen in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

import attrs

from incidentkit.lang.conditions import Condition
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.reason import Plain, Reason
from incidentkit.rules.communicate import facts
from incidentkit.rules.kept import given_all, keep_all
from incidentkit.rules.overlay_terms import OverlayTerms

Said: TypeAlias = tuple[tuple[Event, Reason | None], ...]


NOTHING: FrozenMap[str, object] = FrozenMap()


@attrs.frozen
class Look:
    """One look at an incident. `touched`: a person, not the system, has just done something.

    `around` is what is known of its service and its reporter; `open_children` are the references
    of its children that are still open, where closing by itself rests on them.
    """

    incident: Incident
    happened: tuple[Event, ...]
    at: datetime
    touched: bool
    terms: OverlayTerms
    policy: str = ""
    around: Mapping[str, object] = NOTHING
    open_children: tuple[str, ...] = ()

    def saw(self, *kinds: type[Event]) -> bool:
        """Whether one of these events has just happened."""
        return isinstance_any(self.happened, kinds)

    def reason(self, rule: str, inputs: Mapping[str, Plain], outcome: Plain) -> Reason:
        """The reason of a conclusion, in version 1 of its rule."""
        return Reason(rule, 1, FrozenMap(inputs), outcome, self.policy)


def isinstance_any(events: tuple[Event, ...], kinds: tuple[type[Event], ...]) -> bool:
    """Whether an event of one of the kinds is among them."""
    return any(isinstance(event, kinds) for event in events)


def asked(look: Look, when: Condition) -> tuple[bool, FrozenMap[str, Plain]]:
    """Whether a condition holds of an incident and what is around it, and the facts it read."""
    verdict = when.evaluate({**look.around, "incident": facts(look.incident)})
    return verdict.holds, keep_all(verdict.read)


def holds(when: Plain, known: Plain) -> bool:
    """The same test again, from the text of the condition and the facts that it read."""
    return Condition.parse(str(when)).holds(given_all(known))
