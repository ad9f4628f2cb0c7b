"""Conditions: what they mean, what they refuse, and what they say about it."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

import pytest

from incidentkit.errors import ConditionError, InvalidValue
from incidentkit.lang.conditions import (
    ALWAYS,
    NEVER,
    Always,
    And,
    Comparison,
    Condition,
    Declared,
    FactType,
    Membership,
    Name,
    Not,
    Operator,
    Or,
    Presence,
    TextOperator,
    TextTest,
    Truth,
)
from incidentkit.lang.conditions.globs import matches


class Level(StrEnum):
    HIGH = "high"


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FACTS = {
    "severity": "error",
    "level": Level.HIGH,
    "count": 3,
    "price": Decimal("1.50"),
    "ratio": 0.1,
    "open": True,
    "at": NOON,
    "waited": timedelta(minutes=20),
    "teams": ["db", "web"],
    "labels": {"team": "db", "kubernetes.io/name": "pay", "deep": {"er": "x"}},
    "alert.source": "flat",
    "nothing": None,
}
DECLARED = Declared(
    {
        "severity": "text",
        "count": FactType.INT,
        "price": "decimal",
        "open": "bool",
        "at": "instant",
        "waited": "duration",
        "teams": "list",
        "labels.*": "text",
        "labels.size.*": "int",
    }
)

TRUE = [
    'severity == "error"',
    "severity == 'error'",
    'severity != "info"',
    'level == "high"',
    "count == 3",
    "count != 4 and count < 4 and count <= 3 and count > 2.5 and count >= -3",
    "price == 1.5 and price < 2",
    "ratio == 0.1",
    "open == true",
    "open != false",
    'at == "2026-03-01T12:00:00Z"',
    'at > "2026-03-01T12:30:00+01:00"',
    'at in ["2026-03-01T12:00:00Z"]',
    "waited > 15m and waited < 1h and waited in [20m, 2d]",
    'severity in ["critical", "error"]',
    "count in [1, 2, 3]",
    'count not in [1, "x"]',
    "not (count in [])",
    'teams contains "db" and not teams contains "net"',
    'severity contains "rro" and severity startswith "er" and severity endswith "or"',
    'severity matches "e*r" and not severity matches "E*"',
    'labels.team == "db"',
    'labels["team"] == "db"',
    'labels["kubernetes.io/name"] == "pay"',
    'labels.kubernetes["io/name"] == "pay"',
    'labels.deep.er == "x"',
    'alert.source == "flat"',
    "has labels and has severity and not has nothing and not has labels.none",
    "true and not false",
    'nothing == "x" or true',
    'labels.none == "x" or severity == "error"',
]
FALSE = [
    'severity == "info"',
    "count > 3",
    "count in []",
    "not (count == 3)",
    "false",
    'missing == "x" and count == 4',
    "has nothing",
    'severity not in ["error"]',
]
UNKNOWN = [
    ('missing == "x"', ("missing",)),
    ('not (missing == "x")', ("missing",)),
    ('missing == "x" or count == 4', ("missing",)),
    ('missing == "x" and count == 3 and gone contains "x"', ("missing", "gone")),
    ('missing == "x" or missing == "y"', ("missing",)),
    ('missing in ["x"]', ("missing",)),
    ("severity == 3", ("severity",)),
    ("severity > 3", ("severity",)),
    ('count == "3"', ("count",)),
    ('count in ["3"]', ("count",)),
    ('count contains "3"', ("count",)),
    ('teams startswith "db"', ("teams",)),
    ('teams in ["db"]', ("teams",)),
    ('labels in ["db"]', ("labels",)),
    ('labels == "db"', ("labels",)),
    ("open == 1", ("open",)),
    ('severity < "2026-03-01T12:00:00Z"', ("severity",)),
    ('at == "noon"', ("at",)),
    ("labels.team.name == 1", ("labels.team.name",)),
]


@pytest.mark.parametrize("text", TRUE)
def test_holds(text: str) -> None:
    verdict = Condition.parse(text).evaluate(FACTS)
    assert verdict.truth is Truth.TRUE
    assert verdict.unknowns == ()
    assert verdict.holds
    assert Condition.parse(text).holds(FACTS)


@pytest.mark.parametrize("text", FALSE)
def test_does_not_hold(text: str) -> None:
    verdict = Condition.parse(text).evaluate(FACTS)
    assert verdict.truth is Truth.FALSE
    assert verdict.unknowns == ()
    assert not verdict.holds


@pytest.mark.parametrize(("text", "unknowns"), UNKNOWN)
def test_unknown_names_what_is_missing(text: str, unknowns: tuple[str, ...]) -> None:
    verdict = Condition.parse(text).evaluate(FACTS)
    assert verdict.truth is Truth.UNKNOWN
    assert verdict.unknowns == unknowns
    assert not verdict.holds


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("sNaN"),
        datetime(2026, 3, 1),  # noqa: DTZ001
        object(),
        [1],
        {"a": 1},
        b"x",
    ],
)
@pytest.mark.parametrize(
    "text", ["x == 1", "x in [1]", 'x startswith "a"', 'x < "2026-03-01T12:00:00Z"', "x > 5m"]
)
def test_a_value_of_no_plain_type_is_unknown(text: str, value: object) -> None:
    verdict = Condition.parse(text).evaluate({"x": value})
    assert verdict.truth is Truth.UNKNOWN
    assert verdict.unknowns == ("x",)


def test_a_verdict_keeps_what_it_read() -> None:
    rule = Condition.parse('severity == "error" and labels.team == "db" and has gone')
    verdict = rule.evaluate(FACTS)
    assert verdict.read == {"severity": "error", "labels.team": "db"}
    assert rule.evaluate(verdict.read) == verdict


def test_the_flat_name_goes_before_the_nested_one() -> None:
    facts = {"a.b": "flat", "a": {"b": "nested"}}
    assert Condition.parse('a.b == "flat"').holds(facts)


REFUSED = [
    ("", 0, "expected the name of a fact, found the end"),
    ("severity", 8, "severity stands alone"),
    ("severity not", 9, "severity stands alone"),
    ('severity "x"', 9, "severity stands alone"),
    ('severity = "x"', 9, "write =="),
    ("a == 1 && b == 2", 7, "write 'and'"),
    ("a == 1 | b == 2", 7, "write 'or'"),
    ("!a", 0, "write 'not'"),
    ("a == #", 5, "no meaning"),
    ('a == "x', 5, "not closed"),
    ('a == "x\ny"', 5, "not closed"),
    (r'a == "\q"', 6, "no escape"),
    ("a == error", 5, 'a text is quoted: "error"'),
    ("a == ", 5, "expected a literal, found the end"),
    ("a == (", 5, "expected a literal, found '('"),
    ("3 == a", 0, "expected the name of a fact"),
    ("(a == 1", 7, "expected ')', found the end"),
    ("not (a == 1", 11, "expected ')'"),
    ("a == 1)", 6, "expected 'and', 'or' or the end"),
    ("a in 3", 5, "expected '['"),
    ("a in [1 2]", 8, "expected ','"),
    ("a in [1,]", 8, "expected a literal"),
    ("has 3", 4, "expected the name"),
    ("has in", 4, "expected the name"),
    ("a matches 3", 10, "matches needs a text"),
    ("a == 1.", 5, "no number and no duration"),
    ("a == 5x", 5, "no number and no duration"),
    ("a == 1mo", 5, "months"),
    ("a == 999999w", 5, "at most 100 years"),
    ("a == 9223372036854775808", 5, "64 bits"),
    ("a == " + "1" * 31, 5, "at most 30 characters"),
    ("a < true", 0, "has no order"),
    ('a < "b"', 0, "has no order"),
    ("a == 1\x00", 6, "U+0000"),
    ("a == '\ud800'", 6, "U+D800"),
    ("a" + ".a" * 32 + " == 1", 0, "at most 32 segments"),
    ("x" * 4001, 4000, "at most 4,000 characters"),
    ("a<1 or " * 250 + "a<1", 1400, "at most 200 parts"),
    ("not " * 33 + "a<1", 132, "32 levels"),
    ("(" * 33 + "a<1" + ")" * 33, 33, "32 levels"),
    ("a in [" + "'',1,1," * 550 + "1]", 4000, "condition (written out) has at most"),
]


@pytest.mark.parametrize(("text", "position", "problem"), REFUSED)
def test_refused_with_its_place(text: str, position: int, problem: str) -> None:
    with pytest.raises(ConditionError) as caught:
        Condition.parse(text)
    assert problem in caught.value.problem
    assert caught.value.position == position


UNDECLARED = [
    ('sevrity == "x"', "did you mean 'severity'?"),
    ("has zzz", "there are: at, count, labels.*"),
    ("has labels", "there is no fact 'labels'"),
    ("severity == 3", "is compared with 3, but it is text"),
    ("severity == true", "is compared with true"),
    ("severity == 5m", "is compared with 5m"),
    ('severity < "x"', "has no order"),
    ('count == "3"', "it is a number"),
    ("count in [1, true]", "it is a number"),
    ("open < true", "has no order"),
    ("open == 1", "true or false"),
    ('at > "noon"', "an instant"),
    ("at > 3", "an instant"),
    ("waited > 3", "a duration"),
    ('teams == "db"', "ask what it contains"),
    ('teams in ["db"]', "ask what it contains"),
    ('teams startswith "db"', "ask what it contains"),
    ('count matches "3*"', "matches needs text"),
    ('labels.size.big == "3"', "it is a number"),
]


@pytest.mark.parametrize(("text", "problem"), UNDECLARED)
def test_declared_facts_are_checked(text: str, problem: str) -> None:
    with pytest.raises(ConditionError) as caught:
        Condition.parse(text, DECLARED)
    assert problem in caught.value.problem


@pytest.mark.parametrize(
    "text",
    [
        'severity in ["a"] and severity contains "x" and labels.team startswith "d"',
        "count > 2.5 and price < 3 and open == true and labels.size.big > 3",
        'at >= "2026-03-01T12:00:00Z" and waited in [5m, 1h30m]',
        'teams contains "db" and has teams',
        'labels["a.b/c"] == "x"',
    ],
)
def test_declared_facts_pass(text: str) -> None:
    assert str(Condition.parse(text, DECLARED)) == text


def test_declared_types_are_checked_and_more_than_a_few_names_are_cut() -> None:
    with pytest.raises(InvalidValue, match="'txt' is not a valid FactType"):
        Declared({"a": "txt"})
    many = Declared({f"fact{number}": "text" for number in range(20)})
    with pytest.raises(ConditionError, match=r"there are: .*, \.\.\."):
        Condition.parse("has zzzz", many)
    with pytest.raises(ConditionError, match="there are: none"):
        Condition.parse("has zzzz", Declared({}))


def test_nodes_are_public() -> None:
    a, b = Name(("a",)), Name(("b", "c d"))
    root = Condition.parse(
        'a == 1 and (b["c d"] not in ["x"] or not has a) and a matches "x*" and true'
    ).root
    assert root == And(
        (
            Comparison(a, Operator.EQ, 1),
            Or((Not(Membership(b, ("x",))), Not(Presence(a)))),
            TextTest(a, TextOperator.MATCHES, "x*"),
            Always(True),
        )
    )
    assert hash(root) == hash(Condition.of(root).root)
    assert Comparison(a, Operator.EQ, 1) != Comparison(a, Operator.EQ, True)
    assert b.dotted == "b.c d"


def test_values_cross_processes() -> None:
    for value in (DECLARED, Condition.parse("a.b in [1, true]"), NEVER.evaluate({"a": 1})):
        again = pickle.loads(pickle.dumps(value))
        assert again == value
        assert hash(again) == hash(value)


def test_names_are_listed_once_in_order() -> None:
    rule = Condition.parse('b == 1 and (a in [1] or has b) and not (c contains "x") or true')
    assert rule.names() == ("b", "a", "c")


def test_equal_when_written_alike() -> None:
    assert Condition.parse("a==1") == Condition.parse(" (a  ==  1) ")
    assert Condition.parse("a==1") != Condition.parse("a==true")
    assert str(ALWAYS) == "true"
    assert Condition.parse("true") == ALWAYS
    assert Condition.parse("false") == NEVER
    assert len({ALWAYS, NEVER, Condition.parse("true")}) == 2


def test_conditions_from_nodes_must_be_writable() -> None:
    a = Name(("a",))
    made = Condition.of(And((Presence(a), Or((Presence(a), Always(True))))))
    assert str(made) == "has a and (has a or true)"
    with pytest.raises(ConditionError, match="cannot be written"):
        Condition.of(Comparison(a, Operator.EQ, timedelta(microseconds=1_000_001)))
    with pytest.raises(ConditionError, match="at most 200 parts"):
        Condition.of(And((Presence(a),) * 200))
    with pytest.raises(ConditionError, match="did you mean 'count'"):
        Condition.of(Presence(Name(("cuont",))), DECLARED)
    with pytest.raises(InvalidValue, match="at least two parts"):
        And((Presence(a),))
    with pytest.raises(InvalidValue, match="at least two parts"):
        Or(())
    for segments in ((), ("",), ("a b",), ("1",)):
        with pytest.raises(InvalidValue, match="plain word"):
            Name(segments)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
        ("*", "anything\nat all", True),
        ("a", "a", True),
        ("a", "A", False),
        ("a", "ab", False),
        ("?", "", False),
        ("?", "x", True),
        ("a*b*c", "a--b--c", True),
        ("a*b*c", "a--c--b", False),
        ("a*a", "a", False),
        ("ab*ba", "aba", False),
        ("*b?d*", "abbcd", True),
        ("*b?d*", "abccd", False),
        ("*?*?*", "x", False),
        ("*?*?*", "xy", True),
        ("x*", "yx", False),
        ("*x", "xy", False),
        ("[ab]", "a", False),
        ("[ab]", "[ab]", True),
    ],
)
def test_globs(pattern: str, text: str, expected: bool) -> None:
    assert matches(pattern, text) is expected
