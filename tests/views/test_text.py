"""Strangers' words are shown, never obeyed; in Markdown they are no markup."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.views.markdown import escape, table
from incidentkit.views.text import plain, quoted, span, words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines", "two lines"),
        ("a \r\n\t b\u2028c\x85d", "a b c d"),
        ("\x1b[2Jgone", r"\x1b[2Jgone"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("\u2066x\u2069\u200e", r"\u2066x\u2069\u200e"),
        ("\U000e0041tag", r"\U000e0041tag"),
        ("non\u00a0breaking", "non breaking"),
        ("family \U0001f468\u200d\U0001f469", "family \U0001f468\u200d\U0001f469"),
        ("  déjà vu  ", "déjà vu"),
        ("\ufeffbom \x07bell", r"\ufeffbom \x07bell"),
    ],
)
def test_plain(text: str, shown: str) -> None:
    assert plain(text) == shown
    assert plain(shown) == shown


def test_long_text_says_how_much_is_missing() -> None:
    assert plain("x" * 20, 5) == "xxxxx... (15 more characters)"
    assert quoted("abc", 2) == '"ab... (1 more characters)"'


@given(st.text(max_size=600))
def test_plain_is_one_printable_line(text: str) -> None:
    shown = plain(text, 100)
    assert len(shown.splitlines()) <= 1
    assert all(x.isprintable() or x in "\u200c\u200d" for x in shown)


def test_words_and_spans() -> None:
    assert words("cleared_unacknowledged") == "cleared unacknowledged"
    assert span(timedelta(seconds=3_661)) == "1h1m1s"
    assert span(timedelta(days=-1)) == "-1d"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", "a&#124;b"),
        ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
        ("&lt;", "&amp;lt;"),
        ("# head", r"\# head"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("12) item", r"12\) item"),
        ("=== line", r"\=== line"),
        ("`code`", r"\`code\`"),
        ("```\nfence", r"\`\`\` fence"),
        (r"back\slash", r"back\\slash"),
        ("![x](javascript:y)", r"\!\[x\](javascript:y)"),
        ("see https://evil.example", r"see https\://evil.example"),
        ("www.evil.example", r"www\.evil.example"),
        ("*a* _b_ ~c~ $d$", r"\*a\* \_b\_ \~c\~ \$d\$"),
        ("line\n\n# head", r"line \# head"),
    ],
)
def test_escape(text: str, shown: str) -> None:
    assert escape(text) == shown


@given(st.lists(st.tuples(st.text(max_size=50), st.text(max_size=50)), max_size=5))
def test_a_table_keeps_its_shape(rows: list[tuple[str, str]]) -> None:
    lines = table(("a", "b"), rows).split("\n")
    assert len(lines) == 2 + len(rows)
    assert all(line.count("|") == 3 for line in lines)
    assert all("<" not in line for line in lines)
