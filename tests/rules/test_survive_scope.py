"""Two incidents that turn out to be one reach what both reached, and no label gets weaker."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from incidentkit.model.affected import Affected, Thing
from incidentkit.model.aspects import Aspect
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.impact import ImpactAssessment, ImpactInterval, Place
from incidentkit.model.labels import Label, Tlp, highest
from incidentkit.model.organisations import Organisation
from incidentkit.model.references import Reference
from incidentkit.model.scope import NO_SCOPE, Scope
from incidentkit.rules.survive import scope
from incidentkit.timing.intervals import Interval
from tests.rules.builders import at


def some(name: str, level: Tlp) -> Scope:
    return Scope(
        (
            Aspect(name, FrozenMap({"by": name})),
            Aspect("safety", FrozenMap({"by": name, name: "x"})),
        ),
        (ImpactAssessment("data", name), ImpactAssessment(name)),
        (ImpactInterval("I1", Place.COMPONENT, name, "down", Interval(at(0))),),
        (Affected(Thing.ASSET, name), Affected(Thing.ASSET, "srv")),
        (Organisation(name), Organisation("ACME")),
        (Reference("jira", name), Reference("jira", "OPS-1")),
        Label(level, (name,)),
    )


def test_both_reach_what_each_reached() -> None:
    found = scope(some("security", Tlp.GREEN), some("privacy", Tlp.RED))
    assert [x.name for x in found.aspects] == ["security", "safety", "privacy"]
    both = found.aspect("safety")
    assert both is not None
    assert both.fields == {"by": "security", "security": "x", "privacy": "x"}
    assert [(x.dimension, x.level) for x in found.impacts] == [
        ("data", "security"),
        ("security", "unknown"),
        ("privacy", "unknown"),
    ]
    assert [(x.id, x.place) for x in found.intervals] == [("I1", "security"), ("I2", "privacy")]
    assert [x.name for x in found.affected] == ["security", "srv", "privacy"]
    assert [x.name for x in found.organisations] == ["security", "ACME", "privacy"]
    assert [x.key for x in found.references] == ["security", "OPS-1", "privacy"]
    assert found.label == Label(Tlp.RED, ("privacy", "security"))


scopes = st.sampled_from([NO_SCOPE, some("security", Tlp.AMBER), some("privacy", Tlp.CLEAR)])


@given(scopes, scopes)
def test_nothing_is_lost_and_no_label_gets_weaker(mine: Scope, theirs: Scope) -> None:
    found = scope(mine, theirs)
    assert found.label == highest(mine.label, theirs.label)
    for each in (mine, theirs):
        assert {x.name for x in each.aspects} <= {x.name for x in found.aspects}
        assert set(each.affected) <= set(found.affected)
    assert found.primary == (mine.primary or theirs.primary)
    assert scope(mine, NO_SCOPE) == mine
