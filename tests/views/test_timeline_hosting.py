"""The sentences about tickets of a host, and the question that is asked about one."""

from __future__ import annotations

import pytest

from incidentkit import Desk, FrozenMap, Mode
from incidentkit.model import hosting_changes as h
from incidentkit.model import incident_events as e
from incidentkit.model.journal import Event
from incidentkit.model.last_good import DirectoryAnswered
from incidentkit.model.words import MessageKind
from incidentkit.views.timeline import line
from tests.views.story import entry

STATED = FrozenMap({"state": "new", "assignee": ""})
GOLDEN: list[tuple[Event, str]] = [
    (
        h.TicketAdopted("desk", "17", Mode.SHADOW, STATED),
        (
            "ana adopted ticket 17 of desk: its past wakes nobody; the library looks on and sends "
            "nothing"
        ),
    ),
    (
        h.TicketAdopted("desk", "17", Mode.ENFORCE, STATED, 2, True, True),
        "ana adopted ticket 17 of desk again: it was just opened; the library acts on it",
    ),
    (h.ModeSet(Mode.ADVISE, Mode.SHADOW, "ok"), "ana set its mode to advise (was shadow): ok"),
    (
        h.TicketHeard(3, STATED),
        'its ticket changed (version 3): state "new", assignee empty',
    ),
    (h.TicketHeard(4, FrozenMap()), "its ticket was saved (version 4)"),
    (
        h.FieldDisputed("title", "a", "b", "host"),
        'both sides had a word for the title: "a" here, "b" on the ticket; the host keeps it',
    ),
    (h.FieldsSent(FrozenMap({"priority": "P1"})), 'its ticket is told: priority "P1"'),
    (
        h.TicketDetached("enough", ("resolve",)),
        "ana let go of it, 1 target cancelled; nothing is sent about it any more: enough",
    ),
    (
        h.TicketEnrolled("desk", "17", Mode.NONE),
        "ticket 17 of desk: the library has nothing to do with it",
    ),
    (h.TicketTaken("01I", Mode.SHADOW), "ana adopted the ticket"),
    (h.TicketLetGo("enough"), "ana let go of the ticket: enough"),
    (
        h.DeliveryKept(MessageKind.PAGE, "bob", "sms", "drafted"),
        "page to bob on sms was decided, as a draft",
    ),
    (
        h.DeliveryKept(MessageKind.PAGE, "bob", "sms", "unwanted"),
        "page to bob on sms was decided, not wanted",
    ),
    (h.DraftSent("eve"), "eve let the draft go out"),
    (DirectoryAnswered("ana", "r7", 2, 0), "the directory knows 2 contacts of ana"),
    (
        e.PageQueued("01D", "bob", "sms", 1, "shadowed"),
        "bob would be paged on sms (round 1, only in shadow)",
    ),
    (
        e.NoticeQueued("staff", "We know.", 3, None, "drafted"),
        "notice to staff decided, as a draft, (3 messages): We know.",
    ),
]


@pytest.mark.parametrize(("event", "sentence"), GOLDEN, ids=lambda x: type(x).__name__)
def test_the_sentences(event: Event, sentence: str) -> None:
    assert line(entry(event)).text == sentence


def test_it_is_explained_why_the_library_acts_on_a_ticket_as_it_does() -> None:
    with Desk.open("memory:") as desk:
        desk.declare("Down")
        assert "stands for no ticket" in str(desk.explain("INC-1", "ticket"))
        desk.set_mode("INC-1", "shadow", reason="x")
        assert "no ticket, mode shadow" in str(desk.explain("INC-1", "ticket"))
        desk.adopt_ticket("17", title="No mail", mode="advise")
        assert "ticket 17 of host, mode advise" in str(desk.explain("17", "ticket"))
        desk.ticket_changed("17", 1, fields={"state": "closed"})
        desk.ticket_changed("17", 2, fields={"state": "new"})
        told = str(desk.explain("17", "ticket"))
        assert "1 move of the ticket that the life-cycle does not have" in told
        desk.detach("17", reason="x")
        assert "let go of it" in str(desk.explain("17", "ticket"))
        assert "let go of it" in str(desk.explain("17", "paging"))
