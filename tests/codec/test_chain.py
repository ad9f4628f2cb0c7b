"""The chain under attack: whatever is changed in a stream, its first bad row is found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.codec import chain
from incidentkit.codec.chain import GENESIS, Broken, Fault, check
from incidentkit.ports.rows import Entry

SALT = "0123456789abcdef" * 2
anything = st.text(max_size=12)


def stream(bodies: Sequence[str], name: str = "incident/1", start: str = GENESIS) -> list[Entry]:
    rows: list[Entry] = []
    previous = start
    for seq, body in enumerate(bodies, 1):
        salt = f"{seq:032x}"
        digest = chain.digest(salt, body)
        previous = chain.link(previous, name, seq, 1_000 + seq, "noted", digest)
        rows.append(Entry(name, seq, 1_000 + seq, "noted", body, salt, digest, previous))
    return rows


def fault(rows: Sequence[Entry], start: str = GENESIS, head: str | None = None) -> object:
    broken = check(rows, start, head)
    return broken and (broken.seq, broken.fault)


ROWS = stream(["a", "b", "c", "d", "e"])


@given(st.lists(anything, max_size=8), st.data())
def test_a_whole_stream_fits(bodies: list[str], data: st.DataObject) -> None:
    rows = stream(bodies)
    assert check(rows, GENESIS) is None
    head = rows[-1].hash if rows else GENESIS
    assert check(rows, GENESIS, head) is None
    cut = data.draw(st.integers(0, len(rows)))
    start = rows[cut - 1].hash if cut else GENESIS
    assert check(rows[cut:], start, head) is None
    assert check(iter(rows), GENESIS) is None


@given(st.data())
def test_redacted_rows_fit(data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.integers(0, 4)))
    rows = [
        attrs.evolve(row, body=None, salt=None) if index in gone else row
        for index, row in enumerate(ROWS)
    ]
    assert check(rows, GENESIS, ROWS[-1].hash) is None


@given(st.data())
def test_any_edit_of_a_row_is_found_there(data: st.DataObject) -> None:
    index = data.draw(st.integers(0, 4))
    field = data.draw(st.sampled_from(["at", "kind", "body", "salt", "digest", "hash"]))
    old = getattr(ROWS[index], field)
    new = data.draw(st.integers(0, 9_999) if field == "at" else anything)
    if new == old:
        return
    change: dict[str, Any] = {field: new}
    rows = [*ROWS[:index], attrs.evolve(ROWS[index], **change), *ROWS[index + 1 :]]
    expected = Fault.CONTENT if field in ("body", "salt", "digest") else Fault.LINK
    assert fault(rows) == (index + 1, expected)


def test_content_without_its_salt_is_found() -> None:
    rows = [ROWS[0], attrs.evolve(ROWS[1], salt=None), *ROWS[2:]]
    assert fault(rows) == (2, Fault.CONTENT)


def test_an_edit_with_its_digest_made_new_is_found() -> None:
    digest = chain.digest(SALT, "forged")
    rows = [ROWS[0], attrs.evolve(ROWS[1], body="forged", salt=SALT, digest=digest), *ROWS[2:]]
    assert fault(rows) == (2, Fault.LINK)


def test_a_redaction_with_another_digest_is_found() -> None:
    gone = attrs.evolve(ROWS[1], body=None, salt=None, digest=chain.digest(SALT, "forged"))
    assert fault([ROWS[0], gone, *ROWS[2:]]) == (2, Fault.LINK)


@given(st.integers(0, 4))
def test_a_deleted_row_is_found(index: int) -> None:
    rows = [*ROWS[:index], *ROWS[index + 1 :]]
    if index == 4:
        assert check(rows, GENESIS) is None, "a cut tail shows against the head alone"
        assert fault(rows, head=ROWS[-1].hash) == (4, Fault.HEAD)
    else:
        assert fault(rows) == (index + 2, Fault.GAP)


def test_a_deleted_row_is_found_when_the_rest_is_numbered_anew() -> None:
    rows = [ROWS[0], *(attrs.evolve(row, seq=row.seq - 1) for row in ROWS[2:])]
    assert fault(rows) == (2, Fault.LINK)


@pytest.mark.parametrize("by", [-1, -2])
def test_a_cut_start_is_found(by: int) -> None:
    assert fault(ROWS[2:]) == (3, Fault.GAP)
    anew = [attrs.evolve(row, seq=row.seq + by) for row in ROWS[-by:]]
    assert fault(anew) == (1, Fault.LINK)


@given(st.permutations(range(5)))
def test_rows_out_of_order_are_found(order: list[int]) -> None:
    rows = [ROWS[index] for index in order]
    broken = check(rows, GENESIS)
    if order == sorted(order):
        assert broken is None
    else:
        first = next(row for seq, row in enumerate(rows, 1) if row.seq != seq)
        assert broken == Broken("incident/1", first.seq, Fault.ORDER)


def test_swapped_contents_are_found() -> None:
    two, three = ROWS[1], ROWS[2]
    rows = [ROWS[0], attrs.evolve(three, seq=2), attrs.evolve(two, seq=3), *ROWS[3:]]
    assert fault(rows) == (2, Fault.LINK)


def test_a_repeated_row_is_found() -> None:
    assert fault([*ROWS[:2], ROWS[1], *ROWS[2:]]) == (2, Fault.ORDER)


def test_a_row_of_another_stream_is_found() -> None:
    other = stream(["a", "b", "c"], "incident/2")
    assert fault([*ROWS[:2], other[2], *ROWS[3:]]) == (3, Fault.STREAM)
    moved = [attrs.evolve(row, stream="incident/1") for row in other]
    assert fault(moved) == (1, Fault.LINK)


def test_a_rewritten_middle_is_found_where_the_old_chain_begins_again() -> None:
    forged = stream(["a", "b", "FORGED", "D"])
    assert fault([*forged, ROWS[4]]) == (5, Fault.LINK)


def test_a_rewritten_rest_is_found_against_the_head() -> None:
    forged = stream(["a", "b", "FORGED", "d", "e"])
    assert check(forged, GENESIS) is None
    assert fault(forged, head=ROWS[-1].hash) == (5, Fault.HEAD)


def test_no_rows_against_a_head() -> None:
    assert check([], GENESIS) is None
    assert fault([], head=ROWS[-1].hash) == (0, Fault.HEAD)


def test_damaged_text_is_a_fault_and_no_crash() -> None:
    rows = [attrs.evolve(ROWS[0], body="\ud800"), *ROWS[1:]]
    assert fault(rows) == (1, Fault.CONTENT)


def test_it_says_where() -> None:
    assert str(check(ROWS[1:], GENESIS)) == "incident/1#2: rows are missing before it"


# --- framing ------------------------------------------------------------------------------------

numbers = st.integers(-(2**63), 2**63 - 1)
links = st.tuples(anything, anything, numbers, numbers, anything, anything)


@given(links, links)
def test_two_rows_never_hash_alike(one: tuple, other: tuple) -> None:
    assert (chain.link(*one) == chain.link(*other)) == (one == other)


@given(st.text(alphabet="a:1", max_size=5), st.text(alphabet="a:1", max_size=5), st.data())
def test_text_cannot_move_between_the_parts(left: str, right: str, data: st.DataObject) -> None:
    joined = left + right
    cut = data.draw(st.integers(0, len(joined)))
    other = joined[:cut], joined[cut:]
    same = other == (left, right)
    assert (chain.digest(left, right) == chain.digest(*other)) == same
    assert (chain.link(left, right, 1, 1, "", "") == chain.link(*other, 1, 1, "", "")) == same
    assert (chain.link("", "", 1, 1, left, right) == chain.link("", "", 1, 1, *other)) == same
    assert (
        chain.link("", left, 1, 1, right, "") == chain.link("", other[0], 1, 1, other[1], "")
    ) == same


def test_the_hashes_never_change() -> None:
    # Kept for ever: every stored chain was made with these.
    digest = chain.digest(SALT, '{"by":"ana","event":{}}')
    assert GENESIS == "00000000000000000000000000000000"
    assert digest == "cd01db95a77db772ab0073a74c4283f6"
    assert chain.link(GENESIS, "incident/1", 1, 1_772_332_200_000_000, "started", digest) == (
        "7b86536cb7807baf783c5017e4dca357"
    )
