"""Entries: their names, what may be left out, and what is not known here."""

from __future__ import annotations

import pytest

from incidentkit.codec import journal
from incidentkit.errors import SchemaTooNew
from incidentkit.model.incident_events import Assigned, Started
from incidentkit.model.journal import Event, JournalEntry, Recorded
from incidentkit.ports.rows import Entry
from incidentkit.timing.instants import to_micros
from tests.codec import examples

AT = to_micros(examples.AT)


def test_what_is_empty_is_left_out() -> None:
    kind, body = journal.encode(Recorded(examples.AT, "ana", Assigned("bo", None)))
    assert kind == "assigned"
    assert body == '{"by":"ana","event":{"assignee":"bo","was":null}}'


def test_what_is_there_is_written() -> None:
    recorded = Recorded(examples.AT, "a", Started(), examples.REASON, "c", "incident/1#2")
    kind, body = journal.encode(recorded)
    assert kind == "started"
    assert body.startswith(
        '{"by":"a","for":"c","cause":"incident/1#2","event":{},"reason":{"rule":'
    )


def test_a_redacted_entry_has_no_content() -> None:
    entry = Entry("incident/1", 4, AT, "noted", None, None, "", "")
    assert journal.decode(entry) == JournalEntry("incident/1", 4, examples.AT, "noted", None)
    later = Entry("incident/1", 4, AT, "event_of_tomorrow", None, None, "", "")
    assert journal.decode(later).recorded is None


def test_an_unknown_event_is_too_new() -> None:
    entry = Entry("incident/1", 4, AT, "event_of_tomorrow", "{}", "", "", "")
    with pytest.raises(SchemaTooNew, match="'event_of_tomorrow'"):
        journal.decode(entry)


def test_an_event_that_is_not_listed_is_refused() -> None:
    class Noted(Event):
        """Named like a listed one, but another class."""

    with pytest.raises(TypeError, match=r"Noted is not listed"):
        journal.encode(Recorded(examples.AT, "ana", Noted()))
