"""The known error: an overlay on a problem that was analysed and is not resolved yet.

It says how to recognise the problem in an incident, and how to get by meanwhile. It is in force
through fixing and verifying, and retired with the problem. ITIL 4 practice calls a problem that was
analysed and has not been resolved a known error; a workaround is not needed for it.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.words import KnownErrorState

NO_OUTCOMES: FrozenMap[str, bool] = FrozenMap()


@attrs.frozen
class KnownError:
    """What is published about a problem.

    `audience` are those who may read it. `symptoms` and `workaround` are words for people; `match`
    is a condition over the facts of an incident, by which one is recognised. `review_by` is when
    its owner is asked whether it still holds; `reviewing` says that this has been asked. `uses`
    counts incidents in which the workaround was applied, `outcomes` says of some whether it worked.
    """

    state: KnownErrorState
    audience: str = attrs.field(validator=checks.name)
    symptoms: str = attrs.field(validator=checks.text())
    workaround: str = attrs.field(default="", validator=checks.text())
    match: str = attrs.field(default="", validator=checks.text())
    review_by: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    published_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    revised_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    reviewing: bool = False
    uses: int = 0
    outcomes: FrozenMap[str, bool] = NO_OUTCOMES

    @property
    def published(self) -> bool:
        """Whether it is offered now."""
        return self.state is KnownErrorState.PUBLISHED

    @property
    def successes(self) -> int:
        """In how many incidents the workaround was said to have worked."""
        return sum(self.outcomes.values())

    @property
    def failures(self) -> int:
        """In how many incidents it was said not to have worked."""
        return len(self.outcomes) - self.successes

    @property
    def efficacy(self) -> int | None:
        """Successes per mille of the known outcomes; None while there is none."""
        return self.successes * 1_000 // len(self.outcomes) if self.outcomes else None
