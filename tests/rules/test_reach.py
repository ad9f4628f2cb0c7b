"""Aspects, things, organisations, references and the label: what each command leaves behind."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue, LimitExceeded, MissingFields, NotFound
from incidentkit.model import scope_changes as s
from incidentkit.model.affected import Affected, Thing
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.incident_commands import Command
from incidentkit.model.labels import Label, Tlp
from incidentkit.model.organisations import Organisation, OrganisationKind
from incidentkit.model.references import Reference
from incidentkit.model.scope import Scope
from incidentkit.rules.dossier_terms import DossierTerms
from incidentkit.rules.terms import LifecycleTerms
from tests.rules.builders import declared, do


def after(*commands: Command) -> Incident:
    incident = declared()
    for count, command in enumerate(commands, 1):
        incident = do(incident, command, count)
    return incident


def scope(*commands: Command) -> Scope:
    return after(*commands).dossier.scope


# --- aspects --------------------------------------------------------------------------------------

names = st.sampled_from(["security", "privacy", "safety"])
aspects = st.lists(st.tuples(st.sampled_from(["state", "primary", "drop"]), names), max_size=12)


@given(aspects)
def test_exactly_one_is_primary_while_there_is_any(said: list[tuple[str, str]]) -> None:
    incident, expected = declared(), list[str]()
    for count, (verb, name) in enumerate(said, 1):
        if verb == "drop":
            if name not in expected:
                with pytest.raises(NotFound):
                    do(incident, s.DropAspect("INC-1", name), count)
                continue
            expected.remove(name)
            incident = do(incident, s.DropAspect("INC-1", name), count)
        else:
            primary = verb == "primary"
            incident = do(incident, s.StateAspect("INC-1", name, primary=primary), count)
            if primary:
                expected = [name, *(x for x in expected if x != name)]
            elif name not in expected:
                expected.append(name)
        found = incident.dossier.scope
        assert [x.name for x in found.aspects] == expected
        assert found.primary == (expected[0] if expected else "")


def test_fields_are_set_and_taken_away_one_by_one() -> None:
    first = s.StateAspect("INC-1", "privacy", FrozenMap({"records": "names", "basis": "consent"}))
    more = s.StateAspect("INC-1", "privacy", FrozenMap({"basis": "", "country": "AT"}))
    found = scope(s.StateAspect("INC-1", "security"), first, more)
    aspect = found.aspect("privacy")
    assert aspect is not None
    assert aspect.fields == {"records": "names", "country": "AT"}
    incident = after(first)
    assert do(incident, s.StateAspect("INC-1", "privacy"), 9) is incident
    assert scope().aspect("privacy") is None


def test_fields_are_clean_and_limited() -> None:
    many = FrozenMap({f"f{x}": "x" for x in range(257)})
    with pytest.raises(LimitExceeded, match="at most 256"):
        after(s.StateAspect("INC-1", "privacy", many))
    with pytest.raises(InvalidValue, match="fields"):
        after(s.StateAspect("INC-1", "privacy", FrozenMap({"": "x"})))


# --- the lists ------------------------------------------------------------------------------------

LISTS: list[tuple[str, Any, Any, Any, Command, Command]] = [
    (
        "affected",
        Affected(Thing.ASSET, "srv-1", False, "perhaps"),
        Affected(Thing.ASSET, "srv-1"),
        Affected(Thing.SERVICE, "checkout"),
        s.ClearAffected("INC-1", "asset", "srv-1", "it was not on"),
        s.ClearAffected("INC-1", "asset", "srv-2"),
    ),
    (
        "organisations",
        Organisation("ACME", OrganisationKind.SUPPLIER, "host", "x"),
        Organisation("ACME", OrganisationKind.OTHER, "host"),
        Organisation("ACME", OrganisationKind.SUPPLIER, "processor"),
        s.ReleaseOrganisation("INC-1", "ACME", "host", "an error"),
        s.ReleaseOrganisation("INC-1", "ACME"),
    ),
    (
        "references",
        Reference("jira", "OPS-1", "https://jira.example/OPS-1", "The ticket"),
        Reference("jira", "OPS-1"),
        Reference("slack", "OPS-1"),
        s.RemoveReference("INC-1", "jira", "OPS-1", "another one"),
        s.RemoveReference("INC-1", "jira", "OPS-2"),
    ),
]


def add(value: Any) -> Command:
    if isinstance(value, Affected):
        return s.MarkAffected("INC-1", value.kind, value.name, value.certain, value.note)
    if isinstance(value, Organisation):
        return s.InvolveOrganisation("INC-1", value.name, value.kind, value.role, value.note)
    return s.AddReference("INC-1", value.system, value.key, value.url, value.title)


@pytest.mark.parametrize(("field", "first", "again", "other", "remove", "wrong"), LISTS)
def test_each_is_there_once_and_can_go(
    field: str, first: Any, again: Any, other: Any, remove: Command, wrong: Command
) -> None:
    assert getattr(scope(add(first)), field) == (first,)
    incident = after(add(first))
    assert do(incident, add(first), 9) is incident
    assert set(getattr(scope(add(first), add(other), add(again)), field)) == {again, other}
    assert getattr(scope(add(first), add(other), remove), field) == (other,)
    with pytest.raises(NotFound):
        after(add(first), wrong)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda n: s.StateAspect("INC-1", f"a{n}"), "aspects"),
        (lambda n: s.MarkAffected("INC-1", "asset", f"a{n}"), "affected"),
        (lambda n: s.InvolveOrganisation("INC-1", f"o{n}"), "organisations"),
        (lambda n: s.AddReference("INC-1", "jira", f"k{n}"), "references"),
    ],
)
def test_each_list_has_an_end(make: Any, field: str) -> None:
    incident = declared()
    for number in range(1_000):
        incident = do(incident, make(number), 1)
    with pytest.raises(LimitExceeded, match=f"{field}: are 1001; at most 1000"):
        do(incident, make(1_000), 1)


def test_a_closed_world_knows_its_services() -> None:
    closed = LifecycleTerms(dossier=DossierTerms(services=("checkout",), closed=True))
    incident = do(declared(), s.MarkAffected("INC-1", "service", "checkout"), 1, terms=closed)
    assert incident.dossier.scope.thing(Thing.SERVICE, "checkout") is not None
    do(declared(), s.MarkAffected("INC-1", "asset", "chekout"), 1, terms=closed)
    with pytest.raises(InvalidValue, match="did you mean 'checkout'"):
        do(declared(), s.MarkAffected("INC-1", "service", "chekout"), 1, terms=closed)


@pytest.mark.parametrize(
    "url",
    ["nowhere", "javascript:alert(1)", "JavaScript:x", "data:text/html,x", "https://a b", "file:x"],
)
def test_a_reference_leads_to_no_harm(url: str) -> None:
    with pytest.raises(InvalidValue, match="url"):
        after(s.AddReference("INC-1", "jira", "OPS-1", url))


def test_words_of_closed_sets() -> None:
    with pytest.raises(InvalidValue, match="none of service, component, location, asset"):
        s.MarkAffected("INC-1", "cloud", "x")
    with pytest.raises(InvalidValue, match="none of customer, supplier, authority, other"):
        s.InvolveOrganisation("INC-1", "x", "friend")
    with pytest.raises(InvalidValue, match="level: 'pink' is none of clear"):
        s.SetLabel("INC-1", "pink")


# --- the label ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "command", "reason_needed"),
    [
        (None, s.SetLabel("INC-1", "clear"), False),
        (Label(Tlp.GREEN), s.SetLabel("INC-1", "amber"), False),
        (Label(Tlp.GREEN), s.SetLabel("INC-1", "green", ("legal",)), False),
        (Label(Tlp.RED), s.SetLabel("INC-1", "amber+strict"), True),
        (Label(Tlp.GREEN, ("legal",)), s.SetLabel("INC-1", "red"), True),
        (Label(Tlp.GREEN, ("legal",)), s.SetLabel("INC-1", "green", ("board",)), True),
    ],
)
def test_lowering_needs_a_reason(
    was: Label | None, command: s.SetLabel, reason_needed: bool
) -> None:
    incident = after() if was is None else after(s.SetLabel("INC-1", was.level, was.compartments))
    if reason_needed:
        with pytest.raises(MissingFields, match="reason"):
            do(incident, command, 9)
    why = s.SetLabel("INC-1", command.level, command.compartments, "published")
    incident = do(incident, why, 9)
    assert incident.dossier.scope.label == Label(command.level, command.compartments)
    assert do(incident, command, 10) is incident
