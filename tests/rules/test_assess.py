"""From dimensions to the impact: what the fold may never do, and who has the last word."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue, LimitExceeded, MissingFields, NotFound
from incidentkit.model import impact_changes as c
from incidentkit.model import incident_events as e
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.impact import UNCOUNTED, Certainty, Count, ImpactAssessment
from incidentkit.model.incident import Incident, Rating
from incidentkit.model.incident_commands import Command
from incidentkit.model.words import UNKNOWN, Priority, State
from incidentkit.policy.load import default_policy
from incidentkit.rules.assess import conclude, doubted, doubts, fold, folded
from incidentkit.rules.dossier_terms import DEFAULT_TERMS, LEVELS, Dimension, DossierTerms, spread
from incidentkit.rules.evolve import evolve
from incidentkit.rules.prioritise import prioritise
from incidentkit.rules.rerun import rerun
from tests.rules.builders import at, declared, do, standing

IMPACTS = ("high", "medium", "low")
FOLDS = {name: dict(d.fold) for name, d in DEFAULT_TERMS.dimensions.items()}
given_levels = st.dictionaries(st.sampled_from(sorted(FOLDS)), st.sampled_from((*LEVELS, UNKNOWN)))


def rank(impact: str) -> int:
    return (*IMPACTS, UNKNOWN).index(impact)


@given(given_levels)
def test_the_highest_counts_and_the_order_does_not(levels: dict[str, str]) -> None:
    result = fold(levels, FOLDS, IMPACTS)
    known = [rank(FOLDS[x][level]) for x, level in levels.items() if level != UNKNOWN]
    assert rank(result.impact) == min(known, default=3)
    backwards = dict(reversed(levels.items()))
    assert fold(backwards, FOLDS, IMPACTS) == result


@given(given_levels, st.sampled_from(sorted(FOLDS)), st.sampled_from(LEVELS))
def test_more_that_is_known_never_lowers_and_never_adds_doubt(
    levels: dict[str, str], dimension: str, level: str
) -> None:
    before = fold({**levels, dimension: UNKNOWN}, FOLDS, IMPACTS)
    after = fold({**levels, dimension: level}, FOLDS, IMPACTS)
    assert rank(after.impact) <= rank(before.impact)
    assert set(after.doubts) <= set(before.doubts)


@given(given_levels)
def test_in_doubt_is_exactly_what_could_be_worse(levels: dict[str, str]) -> None:
    result = fold(levels, FOLDS, IMPACTS)
    for dimension, level in levels.items():
        worse = fold({**levels, dimension: "severe"}, FOLDS, IMPACTS)
        could = level == UNKNOWN and rank(worse.impact) < rank(result.impact)
        assert (dimension in result.doubts) is could


def test_levels_that_no_fold_knows_are_unknown() -> None:
    assert fold({"animals": "many"}, FOLDS, IMPACTS).doubts == ("animals",)
    assert fold({"data": "gone", "people": "severe"}, FOLDS, IMPACTS).doubts == ()
    assert fold({"data": "gone"}, {"data": {"gone": "of old"}}, IMPACTS).impact == UNKNOWN


@pytest.mark.parametrize(
    ("levels", "impacts", "expected"),
    [
        (("a", "b", "c"), IMPACTS, "high medium low"),
        (("a", "none"), IMPACTS, "high low"),
        (("none",), IMPACTS, "low"),
        (("a", "b", "c", "d"), ("1", "2"), "1 1 2 2"),
        (("a", "b"), ("1", "2", "3", "4", "5"), "1 3"),
    ],
)
def test_levels_are_spread(
    levels: tuple[str, ...], impacts: tuple[str, ...], expected: str
) -> None:
    assert " ".join(spread(levels, impacts).values()) == expected


def test_a_scale_has_an_impact_for_every_level() -> None:
    with pytest.raises(InvalidValue, match="fold: has no impact for b"):
        Dimension("x", ("a", "b"), FrozenMap({"a": "high"}))


# --- the command ----------------------------------------------------------------------------------


def assessed(incident: Incident, *said: tuple[str, str], when: float = 1) -> Incident:
    for dimension, level in said:
        incident = do(incident, c.AssessImpact("INC-1", dimension, level), when)
    return incident


def test_an_assessment_is_kept_with_its_count_and_replaced() -> None:
    command = c.AssessImpact("INC-1", "data", "major", "the archive", 1200, "estimated", "records")
    incident = do(declared(), command, 1)
    count = Count(1200, Certainty.ESTIMATED, "records")
    first = ImpactAssessment("data", "major", "the archive", count, "ana", at(1))
    assert incident.dossier.scope.impacts == (first,)
    assert do(incident, command, 2) is incident
    incident = assessed(incident, ("people", UNKNOWN), ("data", "minor"), when=3)
    assert [(x.dimension, x.level) for x in incident.dossier.scope.impacts] == [
        ("data", "minor"),
        ("people", UNKNOWN),
    ]
    incident = do(incident, c.WithdrawImpact("INC-1", "people", "no people"), 4)
    assert [x.dimension for x in incident.dossier.scope.impacts] == ["data"]
    assert incident.dossier.scope.impact("people") is None


@pytest.mark.parametrize(
    ("command", "error", "said"),
    [
        (c.AssessImpact("x", "peopel"), InvalidValue, "did you mean 'people'"),
        (c.AssessImpact("x", "data", "gone"), InvalidValue, "none of severe, major, moderate"),
        (c.AssessImpact("x", "data", count=-1), InvalidValue, "from 0"),
        (c.AssessImpact("x", "data", count=2**63), InvalidValue, "64 bits"),
        (c.AssessImpact("x", "data", certainty="known"), InvalidValue, "every other has one"),
        (c.AssessImpact("x", "data", count=1, certainty="unknown"), InvalidValue, "no number"),
        (c.WithdrawImpact("x", "data", "so"), NotFound, "no impact assessment 'data'"),
        (c.WithdrawImpact("x", "data"), MissingFields, "reason"),
    ],
)
def test_what_is_refused(command: Command, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        do(declared(), command, 1)


def test_a_certainty_is_one_of_three() -> None:
    with pytest.raises(InvalidValue, match="none of known, estimated, unknown"):
        c.AssessImpact("x", "data", certainty="sure")


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (UNCOUNTED, "an unknown number"),
        (Count(unit="people"), "an unknown number of people"),
        (Count(3, Certainty.KNOWN), "3"),
        (Count(3, Certainty.ESTIMATED, "people"), "about 3 people"),
    ],
)
def test_a_count_reads_well(count: Count, shown: str) -> None:
    assert str(count) == shown


def test_dimensions_are_limited() -> None:
    many = FrozenMap({f"d{x}": Dimension(f"d{x}") for x in range(1_001)})
    terms = attrs.evolve(default_policy().lifecycle, dossier=DossierTerms(dimensions=many))
    incident = declared()
    scope = attrs.evolve(
        incident.dossier.scope, impacts=tuple(ImpactAssessment(f"d{x}") for x in range(1_000))
    )
    full = attrs.evolve(incident, more=attrs.evolve(incident.dossier, scope=scope))
    with pytest.raises(LimitExceeded, match="at most 1000"):
        do(full, c.AssessImpact("INC-1", "d1000", "minor"), 1, terms=terms)


# --- the last word --------------------------------------------------------------------------------


def rated(incident: Incident, impact: str) -> Incident:
    return evolve(incident, e.Rated(impact, "high", ""), at(2), "ana")


def concluded(before: Incident, after: Incident) -> str | None:
    found = conclude(before, after, DEFAULT_TERMS, "abc")
    if found is None:
        return None
    impact, reason = found
    assert (rerun(reason), reason.outcome, reason.policy) == (impact, impact, "abc")
    return impact


def test_an_assessment_rates_anew_whatever_was_stated_before() -> None:
    stated = rated(declared(), "high")
    assert concluded(stated, assessed(stated, ("data", "moderate"))) == "medium"
    assert concluded(stated, assessed(stated, ("data", "severe"))) is None, "it is high already"
    assert concluded(stated, stated) is None


def test_what_a_person_states_afterwards_stands_until_the_next_assessment() -> None:
    first = rated(assessed(declared(), ("data", "minor")), "low")
    stated = rated(first, "high")
    gone = do(stated, c.WithdrawImpact("INC-1", "data", "an error"), 5)
    assert concluded(stated, gone) is None
    assert concluded(stated, assessed(stated, ("people", "moderate"))) == "medium"


def test_that_nobody_knows_changes_only_what_assessments_gave() -> None:
    stated = rated(declared(), "medium")
    assert concluded(stated, assessed(stated, ("data", UNKNOWN))) is None
    folded_ = rated(assessed(declared(), ("data", "moderate")), "medium")
    assert concluded(folded_, assessed(folded_, ("data", UNKNOWN))) == UNKNOWN
    gone = do(folded_, c.WithdrawImpact("INC-1", "data", "an error"), 5)
    assert concluded(folded_, gone) == UNKNOWN


@pytest.mark.parametrize("state", [State.CLOSED, State.CANCELLED])
def test_what_is_over_is_assessed_and_not_rated(state: State) -> None:
    before = standing(state)
    assert concluded(before, assessed(before, ("data", "severe"), when=9)) is None


def test_doubt_makes_a_priority_provisional() -> None:
    incident = assessed(declared(), ("data", UNKNOWN), ("people", "moderate"))
    incident = attrs.evolve(incident, rating=Rating("medium", "high"))
    drawn = prioritise("medium", "high", default_policy().matrix)
    doubtful = doubted(drawn, incident, DEFAULT_TERMS)
    assert (doubtful.priority, doubtful.provisional) == (Priority.P2, True)
    assert doubtful.reason.unknowns == ("impact on data",)
    assert rerun(doubtful.reason) == "P2"
    assert doubts(declared(), DEFAULT_TERMS) == ()
    # A person who states another impact has answered the question.
    answered = attrs.evolve(incident, rating=Rating("low", "high"))
    assert doubted(drawn, answered, DEFAULT_TERMS) is drawn
    assert folded(incident.dossier.scope.impacts, DEFAULT_TERMS).impact == "medium"
