"""An incident at a glance."""

from __future__ import annotations

from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.words import CancelReason, LinkKind, Outcome
from incidentkit.views.summary import COLUMNS, card, row
from tests.views.story import START, Story, long_story, minutes


def test_a_card_has_six_lines() -> None:
    story = Story().declare(reporter="carl").do(c.Acknowledge("INC-1"))
    story.do(c.TakeRole("INC-1", role="commander")).do(c.Assign("INC-1", "ana", owner="bob"))
    story.link_problem().happen(e.AlertJoined("a", "disk full"))
    assert card(story.incident).split("\n") == [
        "INC-1  P1 critical on checkout",
        "Checkout answers 502",
        "new since 2026-03-01 02:30:00+00:00; acknowledged by ana until 2026-03-01 03:03:00+00:00",
        "assignee ana, owner bob, reporter carl, commander ana",
        "due: resolve 2026-03-01 06:30:00+00:00",
        "1 alert, 1 firing; caused by PRB-1",
    ]


def test_a_quiet_card() -> None:
    story = Story().declare(service=None, assign=None, candidate=True, urgency="unknown")
    assert card(story.incident).split("\n") == [
        "INC-1  P2? high",
        "Checkout answers 502",
        "new since 2026-03-01 02:30:00+00:00, a candidate; unacknowledged",
        "assignee nobody",
        "due: acknowledge dormant; resolve dormant",
        "no alerts",
    ]


def test_clocks_on_a_card() -> None:
    story = Story().declare().wait(20)
    assert "due: acknowledge 2026-03-01 02:45:00+00:00, missed; " in card(story.incident)
    story.do(c.Hold("INC-1", reason="vendor", court="ACME"))
    assert "; resolve paused" in card(story.incident)


def test_a_card_after_the_end() -> None:
    assert "; fixed: rolled back 4.2.1\n" in card(long_story().incident)
    story = Story().declare().do(c.Cancel("INC-1", reason=CancelReason.FALSE_ALARM))
    assert "; false alarm\n" in card(story.incident)


def test_a_card_says_for_what_it_waits() -> None:
    story = Story().declare().do(c.Hold("INC-1", reason="vendor", court="ACME"))
    line = card(story.incident).split("\n")[2]
    assert line.startswith("on hold since 2026-03-01 02:31:00+00:00, vendor, waiting for ACME; ")
    assert "vendor" not in card(story.do(c.Resume("INC-1")).incident)


def test_a_card_names_who_watches() -> None:
    story = Story().declare()
    for number in range(7):
        story.happen(e.WatchersChanged((f"w{number}",), (f"w{number}",), ()))
    watchers = tuple(f"w{number}" for number in range(7))
    story.happen(e.WatchersChanged(watchers, watchers, ()))
    assert card(story.incident).split("\n")[3] == (
        "assignee ana, watched by w0, w1, w2, w3, w4 and 2 more"
    )


def test_a_card_says_what_it_turned_out_to_be() -> None:
    story = Story().declare()
    story.do(c.Resolve("INC-1", code="fixed", remedy="held it", outcome=Outcome.NEAR_MISS))
    assert "; fixed, near miss: held it\n" in card(story.incident)


def test_many_links() -> None:
    story = Story().declare()
    for number in range(7):
        story.happen(e.Linked(LinkKind.RELATED, f"incident/{number}", f"INC-{number}"))
    assert card(story.incident).endswith("related to INC-4 and 2 more")


def test_a_row_fits_its_columns() -> None:
    story = Story().declare()
    shown = dict(zip(COLUMNS, row(story.incident, START + minutes(95)), strict=True))
    assert shown == {
        "ref": "INC-1",
        "priority": "P1",
        "state": "new",
        "response": "unacknowledged",
        "service": "checkout",
        "assignee": "ana",
        "age": "1h35m",
        "title": "Checkout answers 502",
    }


def test_rows_of_candidates_and_of_what_is_over() -> None:
    candidate = Story().declare(candidate=True, urgency="unknown", assign=None, service=None)
    assert row(candidate.incident, START)[1:7] == (
        "P2?",
        "new (candidate)",
        "unacknowledged",
        "-",
        "-",
        "0s",
    )
    assert row(long_story().incident, START)[2:4] == ("resolved", "-")


def test_hostile_titles_stay_in_place() -> None:
    story = Story().declare("x\nINC-2  P1\x1b[2J\u202e")
    assert len(card(story.incident).split("\n")) == 6
    for text in (card(story.incident), *row(story.incident, START)):
        assert "\x1b" not in text
        assert "\u202e" not in text
