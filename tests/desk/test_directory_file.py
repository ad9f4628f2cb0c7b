"""A directory in a file: read again when it changes, and never the reason why nobody is paged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from incidentkit import Contact, ManualTime
from incidentkit.desk.directory_file import FileDirectory
from incidentkit.errors import InvalidValue, PolicyError
from incidentkit.ports.access import SupportsComplaint, SupportsMembers, SupportsParties
from tests.flows import world
from tests.flows.world import URGENT

Open = Callable[..., Any]
TEXT = """
[ana]
contacts = { sms = "+1" }
vip = true

[ops]
kind = "team"
members = ["ana", "bo"]
"""


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.toml"
    path.write_text(TEXT, "utf-8")
    return path


def test_it_says_what_is_written(people: Path) -> None:
    directory = FileDirectory(people)
    assert directory.contacts("ana") == (Contact("sms", "+1"),)
    assert directory.contacts("eve") == ()
    assert directory.members("eve") == ()
    assert directory.members("ops") == ("ana", "bo")
    known = directory.party("ana")
    assert known is not None
    assert known.vip
    assert directory.party("eve") is None
    assert directory.complaint() == ""
    for capability in (SupportsMembers, SupportsParties, SupportsComplaint):
        assert isinstance(directory, capability)


def test_json_will_do(tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    path.write_text('{"ana": {"contacts": {"sms": ["+1", "+2"]}}}', "utf-8")
    assert [x.address for x in FileDirectory(str(path)).contacts("ana")] == ["+1", "+2"]


def test_a_change_is_noticed_and_has_another_revision(people: Path) -> None:
    directory = FileDirectory(people)
    first = directory.revision()
    people.write_text(TEXT.replace("+1", "+49 1"), "utf-8")
    assert directory.contacts("ana") == (Contact("sms", "+49 1"),)
    assert directory.revision() != first
    people.write_text(TEXT, "utf-8")
    assert directory.revision() == first


def broken(people: Path) -> None:
    people.write_text(TEXT + "[ana", "utf-8")


def wrong(people: Path) -> None:
    people.write_text(TEXT.replace("contacts", "contcts"), "utf-8")


def binary(people: Path) -> None:
    people.write_bytes(b"\xff\xfe\x00")


def gone(people: Path) -> None:
    people.unlink()


def huge(people: Path) -> None:
    with people.open("wb") as file:
        file.truncate(17 * 1024 * 1024)


@pytest.mark.parametrize(
    ("hurt", "told"),
    [
        (broken, "is not TOML"),
        (wrong, "did you mean 'contacts'?"),
        (binary, "is not UTF-8 text"),
        (gone, "cannot be read"),
        (huge, "is larger than 16 MiB"),
    ],
)
def test_what_breaks_keeps_the_last_good_content_and_says_so(
    people: Path, hurt: Callable[[Path], None], told: str
) -> None:
    directory = FileDirectory(people)
    before = directory.revision()
    hurt(people)
    assert directory.contacts("ana") == (Contact("sms", "+1"),)
    assert told in directory.complaint()
    assert directory.complaint().endswith("; its last good content is used")
    assert directory.revision() == before
    if not people.exists() or people.stat().st_size:
        people.write_text(TEXT.replace("+1", "+2"), "utf-8")
    assert directory.contacts("ana") == (Contact("sms", "+2"),)
    assert directory.complaint() == ""


@pytest.mark.parametrize("hurt", [broken, wrong, binary, gone, huge])
def test_at_the_start_there_is_no_last_good_content(
    people: Path, hurt: Callable[[Path], None]
) -> None:
    hurt(people)
    with pytest.raises((InvalidValue, PolicyError)):
        FileDirectory(people)


# --- with a desk ----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["path", "url"])
def test_a_desk_pages_by_the_file(open_desk: Open, people: Path, form: str) -> None:
    sms = world.pager()
    given = people if form == "path" else f"file:{people}"
    desk = open_desk("memory:", time=ManualTime(), channels={"sms": sms}, directory=given)
    desk.declare("Down", assign="ana", **URGENT)
    desk.run_due()
    assert world.said(sms) == ["+1"]
    broken(people)
    desk.declare("Down too", assign="ana", **URGENT)
    desk.run_due()
    assert world.said(sms) == ["+1", "+1"]
    (page,) = (x for x in desk.journal("INC-2") if x.kind == "page_queued")
    assert page.recorded.reason.inputs["directory"]["last_good"] is True
    assert "last good answer of the directory" in str(desk.explain("INC-2", "paging"))
    (finding,) = (x for x in desk.diagnose() if x.subject == "directory")
    assert not finding.ok
    assert "is not TOML" in finding.message


@pytest.mark.parametrize("given", ["people.toml", "file:", "http://x", "file"])
def test_another_text_is_no_directory(open_desk: Open, given: str) -> None:
    with pytest.raises(InvalidValue, match=r"write 'file:people\.toml'"):
        open_desk("memory:", directory=given)
