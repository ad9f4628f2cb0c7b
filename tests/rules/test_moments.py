"""Every instant can be stated and corrected; an order that cannot have been is refused."""

from __future__ import annotations

import attrs
import pytest

from incidentkit.errors import InvalidValue
from incidentkit.model import incident_commands as c
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.words import Moment, State
from tests.rules.builders import at, declared, do, standing

FREE = ("occurred", "detected", "reported", "aware", "responded", "classified", "cause_identified")
M = Moment
# first, second: the first cannot have been after the second.
IMPOSSIBLE = """
    occurred detected      occurred aware         occurred mitigated     occurred resolved
    occurred verified      occurred closed        declared acknowledged  declared closed
    acknowledged closed    mitigated resolved     mitigated verified     mitigated closed
    resolved verified      resolved closed        verified closed
"""
words = IMPOSSIBLE.split()
PAIRS = set(zip(words[::2], words[1::2], strict=True))
EVERY = [(x.value, y.value) for x in Moment for y in Moment if x is not y]


@pytest.mark.parametrize("moment", FREE)
def test_an_instant_is_stated_the_first_time(moment: str) -> None:
    incident = do(declared(), c.Correct("INC-1", moment, at(-5), "from the logs"), 1)
    assert incident.moment(Moment(moment)) == at(-5)


@pytest.mark.parametrize(("first", "second"), EVERY)
def test_the_orders_that_cannot_have_been(first: str, second: str) -> None:
    known = FrozenMap({M(first): at(5), M(second): at(5)})
    incident = standing(State.CLOSED)
    both = attrs.evolve(incident, course=attrs.evolve(incident.course, moments=known))
    late = c.Correct("INC-1", first, at(6), "from the logs")
    if (first, second) in PAIRS:
        with pytest.raises(InvalidValue, match=f"{first} would come after {second}"):
            do(both, late, 9)
    else:
        assert do(both, late, 9).moment(M(first)) == at(6)


@pytest.mark.parametrize(
    ("moment", "needs"),
    [
        ("mitigated", "not mitigated yet; mitigate it first"),
        ("resolved", "not resolved yet; resolve it first"),
        ("verified", "not resolved yet; resolve it first"),
        ("closed", "not closed yet; close it first"),
    ],
)
def test_what_only_a_move_reaches(moment: str, needs: str) -> None:
    with pytest.raises(InvalidValue, match=needs):
        do(declared(), c.Correct("INC-1", moment, at(0), "said so"), 1)


def test_a_fix_is_verified_once_it_is_resolved() -> None:
    incident = do(declared(), c.Resolve("INC-1", code="fixed", remedy="x"), 5)
    incident = do(incident, c.Correct("INC-1", "verified", at(8), "no error for an hour"), 9)
    assert incident.moment(M.VERIFIED) == at(8)
    incident = do(incident, c.Correct("INC-1", "verified", at(7), "a typing error"), 9)
    assert incident.moment(M.VERIFIED) == at(7)
