"""Replayed histories on paper: what is new is seen, what is not is counted, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import attrs

from incidentkit.model import incident_events as e
from incidentkit.model.clock import Clock
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.history import RowImported
from incidentkit.model.journal import Event, JournalEntry
from incidentkit.model.replayed import Figures, Replayed
from incidentkit.model.words import ClockState
from incidentkit.rules.evolve_parts import part
from incidentkit.views.explain import explain
from incidentkit.views.folding import folded
from incidentkit.views.review import review, to_html, to_json, to_markdown
from incidentkit.views.timeline import timeline
from tests.rules.builders import declared
from tests.views.story import START, entry, redact

HOUR = timedelta(hours=1)
RUNS = e.ClockMoved(Clock("resolve", ClockState.RUNNING, START, START + HOUR))


def row(number: int, **more: Any) -> RowImported:
    return RowImported("log", "A1", number, **more)


def told(*steps: tuple[int, str, Event]) -> tuple[JournalEntry, ...]:
    """Entries so many hours after the start."""
    return tuple(
        entry(event, seq, START + hours * HOUR, by=by)
        for seq, (hours, by, event) in enumerate(steps, start=1)
    )


def texts(entries: Sequence[JournalEntry]) -> list[str]:
    return [each.text for each in folded(timeline(entries))]


SAVED = told(
    (0, "ana", row(1, status="New")),
    (1, "ana", row(2)),
    (1, "bob", row(3)),
    (30, "ana", row(4)),
    (31, "bob", row(5, status="Active")),
    (32, "bob", row(6)),
)


def test_rows_that_say_nothing_new_are_one_line() -> None:
    assert texts(SAVED) == [
        'ana saved it in log (row 1): status "New"',
        (
            "ana, bob saved it 3 times in log between 03:30:00+00:00 and 2026-03-02 08:30:00+00:00 "
            "(rows 2 to 4): nothing new"
        ),
        'bob saved it in log (row 5): status "Active"',
        "bob saved it in log (row 6): nothing new",
    ]


def test_it_stands_at_the_first_of_them() -> None:
    first = timeline(SAVED)[1]
    shown = folded(timeline(SAVED))[1]
    assert (shown.at, shown.seq, shown.by) == (first.at, 2, "ana")


def test_at_one_instant_no_times_are_said() -> None:
    assert texts(told((1, "ana", row(2)), (1, "ana", row(3)))) == [
        "ana saved it 2 times in log (rows 2 and 3): nothing new"
    ]


def test_times_that_step_back_are_told_in_order() -> None:
    (text,) = texts(told((2, "ana", row(2)), (1, "ana", row(3))))
    assert "between 03:30:00+00:00 and 04:30:00+00:00" in text


def test_many_people_are_counted() -> None:
    (text,) = texts(told(*((1, f"p{number}", row(number)) for number in range(1, 7))))
    assert text.startswith("p1, p2, p3 and 3 others saved it 6 times in log (rows 1 to 6)")


def test_a_row_whose_entries_follow_is_not_called_nothing_new() -> None:
    assert texts(told((1, "ana", row(2)), (1, "ana", e.Assigned("bob", None)))) == [
        "ana saved it in log (row 2)",
        "ana assigned bob",
    ]
    # What was done here later is none of its doing, and neither is what the time brought about.
    later = told((1, "ana", row(2)), (2, "ana", e.Assigned("bob", None)))
    assert texts(later)[0] == "ana saved it in log (row 2): nothing new"
    late = told((1, "ana", row(2)), (1, "ana", RUNS))
    assert texts(late)[0] == "ana saved it in log (row 2): nothing new"
    # Nobody knows any more what a redacted entry said.
    gone = redact(told((1, "ana", row(2)), (1, "ana", e.Assigned("bob", None))), 2)
    assert texts(gone)[0] == "ana saved it in log (row 2)"


def test_other_lines_end_a_run() -> None:
    found = texts(
        told((1, "ana", row(2)), (1, "ana", row(3)), (1, "ana", RUNS), (2, "ana", row(4)))
    )
    assert len(found) == 3
    assert (
        texts(redact(told((1, "ana", row(2)), (2, "ana", row(3)))))
        == ["this entry was redacted (row imported)"] * 2
    )


def test_a_counter_is_said_when_it_changes() -> None:
    found = texts(
        told(
            (1, "ana", row(1, figures=Figures(1, 0, True))),
            (2, "ana", row(2, figures=Figures(1, 1, True))),
            (3, "ana", row(3, figures=Figures(1, 2, False))),
            (4, "ana", row(4, figures=Figures(1, 2, None))),
        )
    )
    assert [text.partition(": ")[2] for text in found] == [
        "reopened once so far",
        "reassigned once so far",
        "reassigned 2 times so far, its SLA missed",
        "nothing new",
    ]


def test_the_review_folds_and_its_data_do_not() -> None:
    page = review(declared(), SAVED)
    assert len(page.timeline) == len(json.loads(to_json(page))["timeline"]) == len(SAVED)
    for text in (to_markdown(page), to_html(page)):
        assert text.count("saved it") == 4
        assert "saved it 3 times in log between" in text


def test_why_nobody_was_paged_for_what_was_replayed() -> None:
    incident = declared()
    dossier = attrs.evolve(incident.dossier, replayed=Replayed("log", "A1", 6, START))
    brought = attrs.evolve(incident, more=dossier)
    assert explain(brought, SAVED, "page").answer == (
        "nobody was paged: its history was brought in from log, which wakes nobody"
    )
    hidden = redact(told((1, "ana", e.PageQueued("d", "ana", "sms", 1))))
    assert "redacted" in explain(brought, hidden, "page").answer


def test_a_remedy_that_nobody_stated_is_no_row() -> None:
    ended = attrs.evolve(declared().course.ending, code="code 5")
    incident = declared()
    found = part(incident, course=attrs.evolve(incident.course, ending=ended))
    assert review(found, ()).remedy == (("Code", "code 5"),)


def test_labels_of_a_row_are_said() -> None:
    assert texts(told((1, "ana", row(2, stated=FrozenMap({"notify": "no"}))))) == [
        "ana saved it in log (row 2): notify no"
    ]
