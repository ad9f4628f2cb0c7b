"""Words as they are compared: the same stems as SQLite's own, and nothing that can be mistyped."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue, LimitExceeded
from incidentkit.lang.stems import stem
from incidentkit.lang.words import (
    LONGEST_QUERY,
    MOST_NEEDLES,
    Needle,
    excerpt,
    folded,
    frequency,
    needles,
    split,
    stems,
)

TOKENIZE = "porter unicode61 remove_diacritics 2"
ENDINGS = (
    "", "s", "sses", "ies", "ss", "eed", "ed", "ing", "at", "bl", "iz", "y", "ational", "tional",
    "enci", "anci", "izer", "logi", "bli", "alli", "entli", "eli", "ousli", "ization", "ation",
    "ator", "alism", "iveness", "fulness", "ousness", "aliti", "iviti", "biliti", "icate", "ative",
    "alize", "iciti", "ical", "ful", "ness", "al", "ance", "ence", "er", "ic", "able", "ible",
    "ant", "ement", "ment", "ent", "sion", "tion", "ion", "ou", "ism", "ate", "iti", "ous", "ive",
    "ize", "e", "ll",
)  # fmt: skip


def by_sqlite(words: list[str]) -> list[str]:
    """What the tokenizer of FTS5 makes of each word."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(f"CREATE VIRTUAL TABLE t USING fts5(a, tokenize = '{TOKENIZE}')")
        db.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, 'instance')")
        db.executemany("INSERT INTO t (rowid, a) VALUES (?, ?)", enumerate(words))
        return [term for _, term in sorted(db.execute("SELECT doc, term FROM v").fetchall())]


@given(
    st.lists(
        st.builds(
            str.__add__, st.text("aeioubcdlmnrstvwxyz", max_size=7), st.sampled_from(ENDINGS)
        ).filter(bool),
        min_size=1,
        max_size=60,
    )
)
@example(
    [
        "eed",
        "ies",
        "sses",
        "feed",
        "hopping",
        "falling",
        "controll",
        "skies",
        "by",
        "million",
        "adoption",
    ]
)
def test_stems_are_those_of_fts5(words: list[str]) -> None:
    assert [stem(word) for word in words] == by_sqlite(words)


def test_short_and_endless_words_stay() -> None:
    assert stem("is") == "is"
    assert stem("conflated") == stem("conflate") == "conflat"
    assert stem("a" * 60 + "nesses") == "a" * 60 + "nesses"


@pytest.mark.parametrize("text", ["Zürich NAÏVE café", "Ωμέγα ΣΕ", "Ёлка и Йод", "straße ÅNGSTRÖM"])
def test_folding_agrees_with_fts5_where_diacritics_are_letters_of_their_own(text: str) -> None:
    latin = [word for word in split(text) if word.isascii()]
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(
            "CREATE VIRTUAL TABLE t USING fts5(a, tokenize = 'unicode61 remove_diacritics 2')"
        )
        db.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, 'instance')")
        db.execute("INSERT INTO t VALUES (?)", (text,))
        found = [term for (term,) in db.execute("SELECT term FROM v ORDER BY offset")]
    assert [term for term in found if term.isascii()] == latin
    assert len(found) == len(split(text))


NEEDLES = [
    ("login slow", (Needle(("login",)), Needle(("slow",)))),
    ('"very slow" LOGIN', (Needle(("very", "slow")), Needle(("login",)))),
    ("vpn*", (Needle(("vpn",), True),)),
    ("slow slow", (Needle(("slow",)),)),
    ('unclosed "very slow', (Needle(("unclosed",)), Needle(("very", "slow")))),
    ("INC-12", (Needle(("inc",)), Needle(("12",)))),
    ("a AND b OR NOT c", tuple(Needle((x,)) for x in ("a", "and", "b", "or", "not", "c"))),
    ("title:x ^y (z) + {w}", tuple(Needle((x,)) for x in ("title", "x", "y", "z", "w"))),
    ("naïve_x", (Needle(("naive",)), Needle(("x",)))),
]


@pytest.mark.parametrize(("text", "wanted"), NEEDLES)
def test_what_is_looked_for(text: str, wanted: tuple[Needle, ...]) -> None:
    assert needles(text) == wanted


@pytest.mark.parametrize("text", ["", "   ", '""', "*", "-- ; ' \"", "\x00"])
def test_nothing_to_look_for_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="no word"):
        needles(text)


def test_too_much_is_refused() -> None:
    many = " ".join(f"w{number}" for number in range(MOST_NEEDLES))
    assert len(needles(many)) == MOST_NEEDLES
    with pytest.raises(LimitExceeded, match="33 words"):
        needles(f"{many} more")
    with pytest.raises(LimitExceeded, match="characters"):
        needles("x" * (LONGEST_QUERY + 1))


FREQUENCIES = [
    (Needle(("slow",)), "slow, slower, slowness", 2),
    (Needle(("slo",), True), "slow slower slot", 3),
    (Needle(("very", "slow")), "very slow, very very slow, slow very", 2),
    (Needle(("very", "sl"), True), "very slow very sly", 2),
    (Needle(("absent",)), "slow", 0),
    (Needle(("two", "words")), "two", 0),
]


@pytest.mark.parametrize(("needle", "text", "count"), FREQUENCIES)
def test_how_often_something_stands_in_a_text(needle: Needle, text: str, count: int) -> None:
    assert frequency(needle, stems(text)) == count


EXCERPTS = [
    ("slow", ("the login is slow",), "the login is [slow]"),
    ("logins", ("no", "my Login fails"), "my [Login] fails"),
    ("login slow", ("login", "a slow login"), "a [slow] [login]"),
    ("zurich", ("in Zürich now",), "in [Zürich] now"),
    ("vpn*", ("vpns and VPN2",), "[vpns] and [VPN2]"),
    ("absent", ("", "nothing of it"), "nothing of it"),
    ("absent", ("", ""), ""),
    ("x", ("one\n two\tx",), "one two [x]"),
]


@pytest.mark.parametrize(("text", "fields", "shown"), EXCERPTS)
def test_a_piece_of_the_text_is_shown(text: str, fields: tuple[str, ...], shown: str) -> None:
    assert excerpt(needles(text), fields) == shown


def test_a_long_text_is_cut_around_what_was_found() -> None:
    text = "before " * 40 + "here " + "after " * 40
    shown = excerpt(needles("here"), (text,))
    assert shown.startswith("... before")
    assert "[here]" in shown
    assert shown.endswith("after ...")
    assert len(shown) < 120
    assert len(excerpt(needles("none"), ("x" * 500,))) < 110
    far = f"here {'between ' * 40} here"
    assert excerpt(needles("here"), (far,)).count("[here]") == 1


@given(st.text(max_size=200), st.lists(st.text(max_size=120), max_size=4))
def test_nothing_typed_or_stored_can_break_a_search(text: str, fields: list[str]) -> None:
    try:
        wanted = needles(text)
    except (InvalidValue, LimitExceeded):
        return
    assert all(word == folded(word) for each in wanted for word in each.words)
    shown = excerpt(wanted, fields)
    assert "\n" not in shown
