"""Files of histories: plain or gzipped, damaged or not; their rows in other orders; mappings."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incidentkit.errors import InvalidValue, NotFound, PolicyError
from incidentkit.sources.histories.rows import HistoryFile, Line, as_text
from incidentkit.sources.histories.shipped import mapping_of, matrix_of, shipped
from incidentkit.sources.histories.spool import Spool

TEXT = 'no,at,note\nA1,1,x\n\nB1,3,"a, b\nc"\nA1,2,ü\n'


def written(tmp_path: Path, text: str | bytes, name: str = "log.csv") -> Path:
    path = tmp_path / name
    data = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz", "other.gz"])
def test_rows_of_a_file(tmp_path: Path, name: str) -> None:
    with HistoryFile(written(tmp_path, TEXT, name)) as file:
        assert file.header == ("no", "at", "note")
        lines = list(file)
        assert [line.cells for line in lines] == [
            ["A1", "1", "x"],
            ["B1", "3", "a, b\nc"],
            ["A1", "2", "ü"],
        ]
        assert [line.number for line in lines] == [2, 4, 5]
        assert file.position == file.size
    assert file.position == 0
    file.close()


def test_gzip_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(gzip.compress(b"no,at\r\nA1,1\r\n"))
    with HistoryFile(path) as file:
        assert [line.cells for line in file] == [["A1", "1"]]


def test_a_mark_of_the_byte_order_is_no_part_of_a_column(tmp_path: Path) -> None:
    with HistoryFile(written(tmp_path, b"\xef\xbb\xbfno,at\nA1,1\n")) as file:
        assert file.header == ("no", "at")


def test_a_row_that_is_no_csv_is_handed_on_and_the_next_is_read(tmp_path: Path) -> None:
    with HistoryFile(written(tmp_path, 'no,at\nA1,"1"x\nB1,2\n')) as file:
        first, second = list(file)
    assert first.cells == []
    assert first.problem.startswith("no row of CSV")
    assert second.cells == ["B1", "2"]


def test_a_quote_that_is_never_closed_costs_its_own_row(tmp_path: Path) -> None:
    more = "".join(f"C{number},3\n" for number in range(50_000))
    with HistoryFile(written(tmp_path, f'no,at\nA1,"1\nB1,2\n{more}')) as file:
        first, second, *rest = list(file)
    assert (first.number, first.cells, first.text) == (2, [], 'A1,"1')
    assert "no row of CSV" in first.problem
    assert (second.number, second.cells) == (3, ["B1", "2"])
    assert (len(rest), rest[-1].number) == (50_000, 50_003)


def test_a_quote_that_a_later_one_closes_costs_its_own_row(tmp_path: Path) -> None:
    with HistoryFile(written(tmp_path, 'no,at\nA1,"1\nB1,2\nC1,"3",4\nD1,5\n')) as file:
        first, second, third, fourth = list(file)
    assert "a quote is opened" in first.problem or "expected after" in first.problem
    assert (first.text, second.cells) == ('A1,"1', ["B1", "2"])
    assert (third.cells, fourth.cells) == (["C1", "3", "4"], ["D1", "5"])


def test_a_row_of_several_lines_is_one_row(tmp_path: Path) -> None:
    with HistoryFile(written(tmp_path, 'no,at\nA1,"1\nand more"\nB1,2\n')) as file:
        assert [line.cells for line in file] == [["A1", "1\nand more"], ["B1", "2"]]


def test_bytes_that_are_no_text_come_through(tmp_path: Path) -> None:
    with HistoryFile(written(tmp_path, b"no,at\nA1,\xff\n")) as file:
        assert [line.cells for line in file] == [["A1", "\udcff"]]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"none\.csv: cannot be read: No such file"):
        HistoryFile(tmp_path / "none.csv")
    with pytest.raises(InvalidValue, match="is empty"):
        HistoryFile(written(tmp_path, ""))
    with pytest.raises(InvalidValue, match="save it as UTF-8"):
        HistoryFile(written(tmp_path, "no,at\n".encode("utf-16")))
    with pytest.raises(InvalidValue, match="cannot be read"):
        HistoryFile(written(tmp_path, b"\x1f\x8bnonsense"))
    whole = gzip.compress(("no,at\n" + "A1,1\n" * 10_000).encode())
    with (
        HistoryFile(written(tmp_path, whole[:-20], "cut.csv")) as file,
        pytest.raises(InvalidValue, match="damaged or cut off after row"),
    ):
        list(file)


def test_a_row_as_text() -> None:
    assert as_text(["A1", "a, b", 'say "x"']) == 'A1,"a, b","say ""x"""'
    assert as_text([]) == ""


# --- other orders ---------------------------------------------------------------------------------

ROWS = """no,at
A,5
B,1
A,3
?,9
A,4
B,x
B,2
,1
"""


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    made = Spool()

    def at(cells: list[str]) -> datetime | None:
        return datetime(2016, 1, int(cells[1]), tzinfo=UTC) if cells[1].isdigit() else None

    refused: list[Line] = []
    with HistoryFile(written(tmp_path, ROWS)) as file:
        made.fill(file, lambda cells: cells[0], at, refused.append)
        assert len(made) == 7
    assert [line.number for line in refused] == [9]
    return made


def test_by_case(spool: Spool) -> None:
    lines = [(line.number, *line.cells) for line in spool.by_case()]
    assert lines == [
        (2, "A", "5"),
        (4, "A", "3"),
        (6, "A", "4"),
        (3, "B", "1"),
        (7, "B", "x"),
        (8, "B", "2"),
        (5, "?", "9"),
    ]
    spool.close()


def test_by_time_the_order_of_a_case_is_that_of_the_file(spool: Spool) -> None:
    lines = [(line.number, *line.cells) for line in spool.by_time()]
    assert lines == [
        (3, "B", "1"),
        (7, "B", "x"),
        (8, "B", "2"),
        (2, "A", "5"),
        (4, "A", "3"),
        (6, "A", "4"),
        (5, "?", "9"),
    ]
    assert [spool.last_of_case("A") for _ in range(3)] == [False, False, True]
    spool.close()


# --- mappings -------------------------------------------------------------------------------------


def test_the_mappings_that_come_with_us_can_be_used() -> None:
    assert "servicenow-log" in shipped()
    for name in shipped():
        mapping = mapping_of(name)
        assert mapping.name == name
        matrix = matrix_of(mapping)
        assert matrix is None or matrix.cells


def test_a_mapping_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "mine"\nrow = { case = "no", at = "at" }\n'
        'status = { column = "s", words = { New = "new" } }\n'
    )
    mapping = mapping_of(path)
    assert (mapping.name, matrix_of(mapping)) == ("mine", None)
    more = '[matrix]\nname = "m"\nimpacts = ["high"]\nurgencies = ["high"]\nassume = "high"\n'
    path.write_text(path.read_text() + more + "cells = { high = { low = 'P1' } }\n")
    with pytest.raises(PolicyError, match="has no priority for high/high"):
        mapping_of(path)


def test_a_mapping_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no mapping 'nobodys'; there is servicenow-log"):
        mapping_of("nobodys")
    with pytest.raises(InvalidValue, match="cannot be read: Is a directory"):
        mapping_of(tmp_path)
    path = tmp_path / "bad.toml"
    path.write_bytes(b"\xff")
    with pytest.raises(InvalidValue, match="no UTF-8 text"):
        mapping_of(path)
    path.write_text("name = ")
    with pytest.raises(PolicyError, match="is not TOML"):
        mapping_of(path)
