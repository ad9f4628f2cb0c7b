"""Sections beyond the first: overrides, services, parties, facts, lists of words."""

from __future__ import annotations

from typing import Any

import pytest

from incidentkit.errors import InvalidValue, PolicyError
from incidentkit.lang.conditions import FactType
from incidentkit.model.party import PartyKind
from incidentkit.model.people import Contact
from incidentkit.model.service import Criticality
from incidentkit.policy.load import default_policy, load_policy
from incidentkit.policy.people import load_directory
from incidentkit.rules.override import Effect

EVERYTHING = """
categories = ["network", "network/vpn"]
closed_categories = true
origins = ["debt"]
closed_origins = true

[services.checkout]
owner = "eve"
team = "shop"
criticality = "critical"
depends_on = ["db"]

[services.db]

[parties.boss]
vip = true

[directory.ana]
contacts = { sms = "+49 151 1", mail = ["ana@example.org", "a@example.org"] }
zone = "Europe/Vienna"
locale = "de-AT"

[directory.shop]
kind = "team"
members = ["ana", "bo"]

[facts.records_lost]
type = "int"
description = "How many records are gone"

[[overrides]]
name = "data is gone"
when = "incident.fact.records_lost > 0"
at_least = "P2"

[[overrides]]
when = 'service.criticality == "critical" and reporter.vip == true'
raise_by = 1

[[notices]]
audience = "stakeholders"
on = ["declared"]
when = "incident.fact.records_lost > 100"
template = "$incident.ref lost $incident.fact.records_lost records"
"""


def test_everything_can_be_set() -> None:
    policy = load_policy(EVERYTHING)
    checkout = policy.services["checkout"]
    assert (checkout.owner, checkout.team) == ("eve", "shop")
    assert checkout.criticality is Criticality.CRITICAL
    assert checkout.depends_on == ("db",)
    assert policy.services["db"].criticality is None
    assert set(policy.parties) == {"boss", "ana", "shop"}
    assert policy.parties["boss"].vip
    ana = policy.parties["ana"]
    assert ana.contacts == (
        Contact("sms", "+49 151 1"),
        Contact("mail", "ana@example.org"),
        Contact("mail", "a@example.org"),
    )
    assert (ana.kind, ana.zone, ana.locale) == (PartyKind.PERSON, "Europe/Vienna", "de-AT")
    assert policy.parties["shop"].members == ("ana", "bo")
    fact = policy.facts["records_lost"]
    assert (fact.type, fact.description) == (FactType.INT, "How many records are gone")
    first, second = policy.overrides
    assert (first.name, first.effect, first.value) == ("data is gone", Effect.AT_LEAST, "P2")
    assert (second.name, second.effect, second.value) == ("overrides[1]", Effect.RAISE_BY, "1")
    assert policy.notices[0].template.names() == ("incident.ref", "incident.fact.records_lost")


def test_lists_of_names_are_enough() -> None:
    policy = load_policy({"services": ["a", "b"], "parties": ["ana"]})
    assert [x.name for x in policy.services.values()] == ["a", "b"]
    assert tuple(policy.parties) == ("ana",)


def test_a_closed_list_refuses_and_an_open_one_suggests() -> None:
    closed = load_policy(EVERYTHING).catalogue
    assert closed.check_category("network/vpn") == "network/vpn"
    assert closed.check_category("") == ""
    assert closed.check_origin("debt") == "debt"
    with pytest.raises(InvalidValue, match="did you mean 'network'"):
        closed.check_category("netwrok")
    with pytest.raises(InvalidValue, match="origin: 'trend' is not listed"):
        closed.check_origin("trend")
    plain = default_policy().catalogue
    assert plain.check_category("anything") == "anything"
    assert {"vulnerability", "debt", "hardware"} <= set(plain.origins)


@pytest.mark.parametrize(
    ("document", "path", "told"),
    [
        ({"closed_categories": True}, "closed_categories", "refuses every word"),
        ({"categories": ["a\nb"]}, "categories", "is no name"),
        ({"services": {"a": {"criticality": "huge"}}}, "services.a.criticality", "'huge'"),
        ({"services": {"a": {"onwer": "x"}}}, "services.a.onwer", "did you mean 'owner'"),
        ({"services": {" a": {}}}, "services. a", "is no name"),
        ({"services": {"a": "x"}}, "services.a", "must be a table"),
        ({"services": 3}, "services", "must be a list of texts"),
        ({"services": [""]}, "services", "is no name"),
        ({"parties": {"a": {"kind": "robot"}}}, "parties.a.kind", "'robot'"),
        ({"parties": {"": {}}}, "parties", "is no name"),
        (
            {"directory": {"a": {"contacts": {"sms": " "}}}},
            "directory.a.contacts.sms",
            "is empty",
        ),
        ({"directory": {"a": {"contacts": {"sms": 3}}}}, "directory.a.contacts.sms", "texts"),
        ({"directory": {"a": {"contacts": {" s": "1"}}}}, "directory.a.contacts. s", "no name"),
        (
            {"directory": {"a": {"contacts": {"sms": "x" * 1_001}}}},
            "directory.a.contacts.sms",
            "1000",
        ),
        ({"directory": {"a": {"members": ["b"]}}}, "directory.a", "a person has none"),
        ({"directory": {"a": {"zone": "CET+1:00"}}}, "directory.a.zone", "'Europe/Berlin'"),
        ({"directory": {"a": {"locale": "de_AT"}}}, "directory.a.locale", "'de-AT'"),
        (
            {
                "directory": {
                    "a": {"kind": "team", "members": ["b"]},
                    "b": {"kind": "team", "members": ["c", "a"]},
                }
            },
            "directory.a",
            "a > b > a",
        ),
        ({"facts": {"x": {"type": "boolen"}}}, "facts.x.type", "did you mean 'bool'"),
        ({"facts": {"a b": {}}}, "facts.a b", "cannot stand in a rule"),
        ({"facts": {" x": {}}}, "facts. x", "is no name"),
        ({"overrides": [{"when": "true"}]}, "overrides[0]", "exactly one of"),
        ({"overrides": [{"set": "P1", "at_most": "P2"}]}, "overrides[0]", "it has 2"),
        ({"overrides": [{"set": "P9"}]}, "overrides[0].set", "'P9'"),
        ({"overrides": [{"raise_by": 5}]}, "overrides[0].raise_by", "between 0 and 4"),
        (
            {"overrides": [{"when": "incident.fact.x == 1", "set": "P1"}]},
            "overrides[0].when",
            "there is no fact",
        ),
        (
            {"facts": {"x": {"type": "bool"}}, "overrides": [{"when": "incident.fact.x > 1"}]},
            "overrides[0].when",
            "incident.fact.x",
        ),
        (
            {
                "automation": [
                    {"name": "a", "on": ["declared"], "do": [{"action": "start"}]},
                    {"name": "a", "on": ["declared"], "do": [{"action": "start"}]},
                ]
            },
            "automation[1].name",
            "'a' is the name of two rules",
        ),
        (
            {
                "automation": [
                    {"on": ["declared"], "do": [{"action": "start", "with": {"by": ["x"]}}]}
                ]
            },
            "automation[0].do[0].with.by",
            "must be text, a whole number, true, false, or a table of texts",
        ),
        ({"profile": "itl"}, "profile", "did you mean 'itil'"),
        ({"profile": 3}, "profile", "must be str"),
        ("{", "(document)", "is not JSON"),
        ('{"a": ' + "[" * 100_000, "(document)", "is not JSON"),
    ],
    ids=lambda x: x if isinstance(x, str) and len(x) < 60 else type(x).__name__,
)
def test_refused_with_its_path(document: Any, path: str, told: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy(document)
    mine = [problem for place, problem in caught.value.problems if place == path]
    assert mine, caught.value.problems
    assert told in mine[0]


def test_json_text_is_a_document_too() -> None:
    assert load_policy('\n {"paging": {"rounds": 7}}').paging.rounds == 7
    with pytest.raises(PolicyError):
        load_policy('{"paging": {"rounds": NaN}}')


# --- a directory of its own -----------------------------------------------------------------------


def test_a_directory_is_read_from_text_or_a_table() -> None:
    text = '[ana]\ncontacts = { sms = "+1" }\n[ops]\nkind = "team"\nmembers = ["ana"]\n'
    table = {"ana": {"contacts": {"sms": "+1"}}, "ops": {"kind": "team", "members": ["ana"]}}
    assert load_directory(text) == load_directory(table)
    assert load_directory({}) == {}


def test_everything_wrong_in_a_directory_is_told_at_once() -> None:
    with pytest.raises(PolicyError) as caught:
        load_directory({"ana": {"contcts": {}}, "bo": {"kind": "team", "members": ["bo"]}, "c": 3})
    assert str(caught.value) == (
        "3 problem(s) in the directory:\n"
        "  ana.contcts: is not known; did you mean 'contacts'?\n"
        "  c: must be a table, not int\n"
        "  bo: is a member of itself: bo > bo"
    )
    with pytest.raises(PolicyError, match="in the directory"):
        load_directory("= 3")
