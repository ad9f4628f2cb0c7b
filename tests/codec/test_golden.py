"""The stored form is kept for ever: files written once are read by every later version."""

from __future__ import annotations

import gc
import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

import incidentkit.model
from incidentkit.codec import choose, journal
from incidentkit.codec.choice import Codec
from incidentkit.codec.kinds import KINDS, UPCASTERS
from incidentkit.model.journal import Event
from incidentkit.ports.rows import Entry, Row
from incidentkit.timing.instants import to_micros
from tests.codec import examples, golden_files
from tests.codec.golden_files import Golden
from tests.codec.same import document, same

CODECS = [choose("json"), choose("msgspec")]


def body_of(golden: Golden) -> str:
    return golden.path.read_text(encoding="utf-8").removesuffix("\n")


def label(given: object) -> str:
    return given.path.stem if isinstance(given, Golden) else str(getattr(given, "name", given))


@pytest.mark.parametrize("codec", CODECS, ids=label)
@pytest.mark.parametrize("golden", golden_files.kinds(), ids=label)
def test_a_kept_record_is_read(golden: Golden, codec: Codec) -> None:
    row = Row(golden.name, golden.value.id, golden.value.version, 1, "", (), body_of(golden))
    assert same(codec.from_row(row), golden.value)


@pytest.mark.parametrize("codec", CODECS, ids=label)
@pytest.mark.parametrize("golden", golden_files.events(), ids=label)
def test_a_kept_entry_is_read(golden: Golden, codec: Codec) -> None:
    at = to_micros(examples.AT)
    entry = Entry("incident/01I", 1, at, golden.name, body_of(golden), "", "", "")
    assert same(codec.decode_entry(entry).recorded, golden.value)


@pytest.mark.parametrize("golden", [*golden_files.kinds(), *golden_files.events()], ids=label)
def test_it_is_still_written_so(golden: Golden) -> None:
    if golden.newest:
        assert golden_files.text(golden) == body_of(golden)


@pytest.mark.parametrize("golden", golden_files.events(), ids=label)
def test_msgspec_writes_the_same_document(golden: Golden) -> None:
    if golden.newest:
        kind, body = CODECS[1].encode_entry(golden.value)
        assert (kind, document(body)) == (golden.name, document(body_of(golden)))


def test_every_kind_has_an_example() -> None:
    assert set(examples.KINDS) == set(KINDS)


def test_no_file_is_without_an_example() -> None:
    known = {each.path for each in (*golden_files.kinds(), *golden_files.events())}
    assert set(golden_files.FOLDER.rglob("*.json")) == known


def test_schemas_are_at_what_the_files_show() -> None:
    assert {each.schema for each in KINDS.values()} == {1}
    assert not UPCASTERS


# --- the names of events ------------------------------------------------------------------------


def subclasses(cls: type[Any]) -> Iterator[type[Any]]:
    for each in cls.__subclasses__():
        yield each
        yield from subclasses(each)


def test_every_event_of_the_model_is_listed() -> None:
    for module in pkgutil.iter_modules(incidentkit.model.__path__):
        importlib.import_module(f"incidentkit.model.{module.name}")
    gc.collect()  # attrs makes each class anew for its slots and leaves the first one behind
    found = {each for each in subclasses(Event) if each.__module__.startswith("incidentkit.")}
    assert {journal.event_type(name) for name in journal.EVENTS} == found
    assert {journal.name_of(each) for each in found} == set(journal.EVENTS)


def test_the_names_of_events_never_change() -> None:
    # The examples are the golden list: each name has a file of that name.
    assert set(examples.EVENTS) == set(journal.EVENTS)
