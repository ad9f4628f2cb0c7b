"""The sentences of planned work and silences, and their cards, each written out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from incidentkit.errors import InvalidValue
from incidentkit.model import maintenance_changes as m
from incidentkit.model import record_events as r
from incidentkit.model import silence as s
from incidentkit.model.incident import Link
from incidentkit.model.journal import Event
from incidentkit.model.maintenance import MaintenanceCard
from incidentkit.model.suppressions import SuppressionsChanged
from incidentkit.model.words import LinkKind
from incidentkit.views.explain import explain
from incidentkit.views.record_cards import record_card
from incidentkit.views.timeline import line
from tests.codec import examples_planned
from tests.views.story import START, entry, minutes

SOON, LATER = START + minutes(30), START + minutes(90)
CARD = MaintenanceCard("Upgrade", services=("checkout",), components=("db-1",), owner="ana")
LINK = Link(LinkKind.RELATED, "incident/2", "INC-2")
HOUR = timedelta(hours=1)

GOLDEN: list[tuple[Event, str]] = [
    (
        m.MaintenancePlanned("1", "MNT-1", CARD, SOON, LATER),
        (
            'ana planned MNT-1 "Upgrade" on checkout, db-1, 03:00:00+00:00 to 04:00:00+00:00; '
            "owner ana"
        ),
    ),
    (
        m.MaintenancePlanned("1", "MNT-1", MaintenanceCard("Move"), SOON, LATER),
        'ana planned MNT-1 "Move", 03:00:00+00:00 to 04:00:00+00:00; owner nobody',
    ),
    (
        m.LeadTimeShort("customers", 7 * HOUR, HOUR),
        "customers is owed 7h of notice and has 1h left",
    ),
    (m.MaintenanceApproved("bob", True), "bob approved it"),
    (m.MaintenanceApproved("bob", False), "bob approved it; more must agree"),
    (m.MaintenanceAnnounced(("customers", "staff")), "ana announced it to customers, staff"),
    (m.MaintenanceStarted(START), "ana started the work"),
    (m.MaintenanceStarted(START - minutes(5)), "ana started the work, as of 02:25:00+00:00"),
    (m.MaintenanceVerifying(), "ana finished the work and began to verify it"),
    (m.MaintenanceCompleted(START, "all well"), "ana completed it: all well"),
    (m.MaintenanceCompleted(START - minutes(5)), "ana completed it, as of 02:25:00+00:00"),
    (
        m.MaintenanceRescheduled(SOON, LATER, "a fair"),
        "ana moved it to 03:00:00+00:00 to 04:00:00+00:00; it must be approved again: a fair",
    ),
    (
        m.MaintenanceExtended(LATER, SOON, "slow disks"),
        "ana extended it from 03:00:00+00:00 to 04:00:00+00:00: slow disks",
    ),
    (m.MaintenanceAsked(), "its owner is asked whether it will be done in time"),
    (
        m.MaintenanceOverran(SOON),
        "it overran its end at 03:00:00+00:00; alerts are no longer held back",
    ),
    (
        m.IncidentProposed(LINK),
        "the candidate INC-2 was opened, beginning at the planned end",
    ),
    (m.MaintenanceRolledBack(START, "too slow"), "ana rolled it back: too slow"),
    (
        m.MaintenanceRolledBack(START - minutes(5), "-"),
        "ana rolled it back, as of 02:25:00+00:00: -",
    ),
    (m.MaintenanceCancelled("not needed"), "ana cancelled it: not needed"),
    (m.MaintenanceEdited(CARD), 'ana edited the plan "Upgrade"'),
    (
        m.MaintenanceEdited(CARD, True),
        'ana edited the plan "Upgrade"; it must be approved again',
    ),
    (
        s.SilenceBegun("1", "SIL-1", 'service == "a"', "noisy", "ana", START, SOON),
        'ana silenced alerts of which service == "a" until 03:00:00+00:00: noisy',
    ),
    (
        s.SilenceBegun("1", "SIL-1", 'service == "a"', "noisy", "ana", SOON, LATER),
        (
            'ana silenced alerts of which service == "a" from 03:00:00+00:00 until 04:00:00+00:00: '
            "noisy"
        ),
    ),
    (s.SilenceEnded("mended"), "ana ended it: mended"),
    (
        r.AlertsReleased(1),
        "1 alert it had held back and that still fired: decided again",
    ),
    (
        r.AlertsReleased(200, 3, True),
        (
            "200 alerts it had held back and that still fired: decided again; "
            "3 alerts had cleared; more follow"
        ),
    ),
    (r.RecordLinked(LINK), "ana linked it: related to INC-2"),
    (r.RecordUnlinked(LINK), "ana unlinked it: no longer related to INC-2"),
    (r.MessageAnswered("bob"), "bob has seen it"),
    (r.MessageAnswered("bob", "ten minutes"), "bob answered: ten minutes"),
    (
        SuppressionsChanged("maintenance/1", "MNT-1", SOON),
        "MNT-1 holds alerts back until 03:00:00+00:00",
    ),
    (SuppressionsChanged("maintenance/1", "MNT-1"), "MNT-1 no longer holds alerts back"),
]


@pytest.mark.parametrize(("event", "sentence"), GOLDEN, ids=lambda x: type(x).__name__)
def test_the_sentence_of_each_event(event: Event, sentence: str) -> None:
    assert line(entry(event)).text == sentence


def test_time_ends_a_silence_without_a_reason() -> None:
    assert line(entry(s.SilenceEnded(), by="system")).text == "its time was over"


# --- cards ---------------------------------------------------------------------------------------


def record(kind: str, **more: Any) -> Any:
    return attrs.evolve(examples_planned.KINDS[kind][0], **more)


def test_planned_work_at_a_glance() -> None:
    assert record_card(record("maintenance")) == [
        "MNT-1  planned work, elevated, on checkout, search, db-1",
        "Upgrade of the database",
        "verifying since 2026-03-01 03:45:06+00:00",
        (
            "window 2026-03-01 02:30:00+00:00 to 03:45:06+00:00; "
            "overran at 2026-03-01 03:45:06+00:00"
        ),
        "owner ana; approved by bo",
        'holds back while it goes on: labels.alertname == "DbDown"',
        "related to INC-1",
    ]
    bare = record("maintenance", card=MaintenanceCard("Move"), approvals=(), overruns=(), links=())
    shown = record_card(bare)
    assert shown[0] == "MNT-1  planned work, routine"
    assert shown[4:] == [
        "owner nobody; approved by nobody",
        "holds back while it goes on: all of its alerts",
        "nothing is linked",
    ]


def test_a_silence_at_a_glance() -> None:
    assert record_card(record("silence")) == [
        "SIL-1  silence",
        "known and harmless",
        "ended, 2026-03-01 02:30:00+00:00 to 03:45:06+00:00, held back 9 alerts",
        'alerts of which service == "checkout"',
        "by ana",
    ]
    assert record_card(record("silence", state="active"))[2].endswith("03:45:06+00:00")


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [
        ("maintenance", "allowed next: complete_maintenance"),
        ("silence", ""),
    ],
)
def test_their_status_is_explained(kind: str, allowed: str) -> None:
    found = record(kind)
    told = explain(found, [entry(m.MaintenanceAsked())], "status")
    assert told.answer.startswith(f"{found.ref} is {found.state.value.replace('_', ' ')} since")
    assert (allowed in told.lines) is bool(allowed)
    assert "no incident" in explain(found, [], "priority").answer
    with pytest.raises(InvalidValue):
        explain(found, [], "colour")
    assert "since" not in explain(record("silence", since=None), [], "status").answer
