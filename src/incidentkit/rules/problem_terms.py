"""What a host may set about problems, and about what counts as a recurrence."""

from __future__ import annotations

from datetime import timedelta

import attrs

from incidentkit.lang.conditions import ALWAYS, Condition
from incidentkit.model.frozen import FrozenMap
from incidentkit.timing.terms import Term

NOTE, TELL, RESOLVE = "note", "tell", "resolve"
ACTIONS = (NOTE, TELL, RESOLVE)
"""What a problem's event may do to its incidents: an internal note on each that is active, a reply
to its reporter, the end of the wait of those on hold for the problem."""

EFFECTS: FrozenMap[str, tuple[str, ...]] = FrozenMap(
    {
        "workaround": (NOTE,),
        "fix": (NOTE,),
        "resolved": (RESOLVE,),
        "risk_accepted": (NOTE,),
    }
)
"""Occasion -> actions. ServiceNow's synchronisation of incidents with problems: a workaround or fix
that is communicated becomes a note, a resolved problem resolves what waits for it, and an accepted
risk only tells why; what waits then stays on hold."""

CALLS = ("fix_not_holding", "verified", "review_due", "risk_expired", "changes_done")
"""The occasions on which whoever has a problem is called."""

REANALYSE, RESOLVES, ASK = "reanalyse", "resolve", "ask"


@attrs.frozen
class ProblemTerms:
    """What a host sets about problems.

    `effects` maps an occasion to what it does to the incidents. `fix_not_holding` says whether an
    incident that speaks against the fix sends the problem back to its analysis by itself or only
    calls its owner; `verified` the same of a verification that ends well. `watch`: whether
    incidents are compared with what is being verified at all. `audience` and `review_within` are
    those of a known error that says neither; a zero `review_within` means no review.
    `change_done` are the values of a change's label `status` that say it is done. `symptoms` is how
    many per mille of the words of the symptoms must be found in an incident for it to be
    recognised by them.
    """

    effects: FrozenMap[str, tuple[str, ...]] = EFFECTS
    calls: tuple[str, ...] = CALLS
    fix_not_holding: str = REANALYSE
    verified: str = RESOLVES
    watch: bool = True
    audience: str = "staff"
    review_within: timedelta = timedelta(days=90)
    change_done: tuple[str, ...] = ("closed", "completed", "done", "implemented", "successful")
    symptoms: int = 500


@attrs.frozen
class RecurrenceRule:
    """What counts as a recurrence: so many incidents, or so much downtime, alike in these keys.

    All within `window` before the time of asking, and only those of which `when` is true. A
    zero minimum is none. `propose`: when an incident resolves and its group has reached the
    minimum, a problem is proposed. `source` names the law or practice that the rule comes from.
    """

    name: str
    keys: tuple[str, ...]
    window: Term
    minimum: int = 0
    downtime: timedelta = timedelta()
    when: Condition = ALWAYS
    propose: bool = False
    source: str = ""
