"""Keys of others made short: what is short stays, and different ones stay different."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from incidentkit.model.brief import BRIEF, brief

LONG = st.sampled_from("aä中\U00020000").map(lambda x: x * 600)
TEXTS = st.text(max_size=40).map(lambda x: x * 20) | st.text() | LONG


@given(TEXTS, TEXTS)
def test_it_is_short_and_tells_apart(one: str, other: str) -> None:
    assert len(brief(one).encode("utf-8", "surrogatepass")) <= BRIEF
    assert (brief(one) == brief(other)) == (one == other)


def test_what_is_short_stays_as_it_is() -> None:
    assert brief("db-1") == "db-1"
    assert brief("中" * (BRIEF // 3)) == "中" * (BRIEF // 3)
    assert brief("x" * BRIEF) == "x" * BRIEF


def test_a_longer_one_begins_readably_and_cannot_be_forged() -> None:
    found = brief("中" * 600)
    assert "中中中" in found
    assert brief(found) != found
