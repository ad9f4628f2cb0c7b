"""What a host hands over about its tickets is checked at the edge, and refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import ManualTime, Mode, TicketMove, TicketNote
from incidentkit.errors import InvalidValue, NotAuthorised, NotFound
from incidentkit.model.words import MessageKind
from incidentkit.rules.authorise import Opinion, Permission
from tests.flows import world

Open = Callable[..., Any]
NOW = ManualTime().now()
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("enrolled", {"facts": ["queue"]}, "names with values"),
    ("enrolled", {"facts": {str(n): n for n in range(101)}}, "facts"),
    ("enrolled", {"system": ""}, "system"),
    ("enrol", {"mode": "loud", "reason": "x"}, "mode"),
    ("adopt_ticket", {"title": "x", "mode": "none"}, "nothing to do"),
    ("adopt_ticket", {"title": "x"}, "not enrolled"),
    ("adopt_ticket", {"title": "x", "mode": "shadow", "priority": "high"}, "priority"),
    ("adopt_ticket", {"title": "x", "mode": "shadow", "impact": "odd"}, "odd"),
    ("adopt_ticket", {"title": "x", "mode": "shadow", "state": "open"}, "state"),
    ("adopt_ticket", {"title": "x", "mode": "shadow", "state": "on_hold"}, "waited for"),
    ("adopt_ticket", {"title": "x", "mode": "shadow", "version": -1}, "whole number"),
    ("adopt_ticket", {"title": "x", "mode": "shadow", "notes": ["x"]}, "TicketNotes"),
    ("adopt_ticket", {"title": "x", "mode": "shadow", "history": ["x"]}, "TicketMoves"),
    (
        "adopt_ticket",
        {"title": "x", "mode": "shadow", "opened_at": NOW + timedelta(days=1)},
        "future",
    ),
    (
        "adopt_ticket",
        {"title": "x", "mode": "shadow", "responded_at": NOW - timedelta(days=1)},
        "before the ticket was opened",
    ),
    (
        "adopt_ticket",
        {"title": "x", "mode": "shadow", "history": [TicketMove(NOW + timedelta(1), "new")]},
        "future",
    ),
    ("ticket_changed", {"version": 1, "fields": ["state"]}, "names with texts"),
    ("ticket_changed", {"version": 1, "fields": {"colour": "red"}}, "'colour' is none"),
    ("ticket_changed", {"version": True, "fields": {}}, "whole number"),
]


@pytest.mark.parametrize(("method", "given", "said"), WRONG)
def test_what_cannot_be_is_refused_and_changes_nothing(
    open_desk: Open, method: str, given: dict[str, Any], said: str
) -> None:
    desk = open_desk("memory:", time=ManualTime())
    with pytest.raises(InvalidValue, match=said):
        getattr(desk, method)("17", **given)
    assert desk.count() == 0


def test_facts_are_texts_and_what_is_not_known_is_left_out(open_desk: Open) -> None:
    policy = {"enrol": {"mode": "shadow", "when": 'ticket.vip == "true" and ticket.n == "3"'}}
    desk = open_desk("memory:", policy=policy)
    assert desk.enrolled("1", {"vip": True, "n": 3, "x": None}).mode is Mode.SHADOW
    assert desk.enrolled("2", {"vip": False, "n": 3}).mode is Mode.NONE


def test_a_scope_is_said_in_one_way_and_with_a_reason(open_desk: Open) -> None:
    desk = open_desk("memory:", time=ManualTime())
    inc = desk.adopt_ticket("17", title="x", mode="shadow")
    for given in ({}, {"key": "17", "everything": True}):
        with pytest.raises(InvalidValue, match="name one"):
            desk.detach(reason="x", **given)
    with pytest.raises(InvalidValue, match="say why"):
        desk.detach(inc, reason=" ")
    with pytest.raises(NotFound):
        desk.detach(key="18", reason="x")
    with pytest.raises(NotFound):
        desk.detach("INC-9", reason="x")
    assert desk.detach(where='incident.title == "y"', reason="x") == ()
    assert desk.detach(inc, reason="x") == ("17",)
    assert desk.detach(inc, reason="x") == desk.detach(key="17", reason="x") == ()
    desk.declare("No ticket of it")
    assert desk.detach("INC-1", reason="x") == ("INC-1",)
    desk.enrolled("19")
    assert desk.detach(key="19", reason="only asked for") == ()


def test_many_are_let_go_of_in_batches(open_desk: Open, url: str) -> None:
    desk = open_desk(url, time=ManualTime())
    for number in range(120):
        desk.adopt_ticket(f"{number:03}", title="x", mode="shadow", system="old")
    desk.adopt_ticket("here", title="x", mode="shadow")
    assert len(desk.detach(everything=True, system="old", reason="x")) == 120
    assert desk.count(active=True) == 1


def test_the_mode_of_a_ticket_follows_when_it_is_enrolled_again(open_desk: Open) -> None:
    desk = open_desk("memory:", time=ManualTime())
    desk.adopt_ticket("17", title="x", mode="shadow")
    said = desk.enrol("17", mode="enforce", reason="for all")
    assert (said.mode, desk.incident("17").mode) == (Mode.ENFORCE, Mode.ENFORCE)
    with pytest.raises(InvalidValue, match="detach it"):
        desk.enrol("17", mode="none", reason="enough")
    assert desk.enrol("17", mode="enforce", reason="again").incident == desk.incident("17").id


def test_a_change_of_what_is_not_adopted_is_nobodys_business(open_desk: Open) -> None:
    desk = open_desk("memory:", time=ManualTime())
    assert desk.ticket_changed("17", 1, fields={"state": "closed"}).incident == ""
    desk.enrolled("17")
    assert desk.ticket_changed("17", 1, fields={"state": "closed"}).incident == ""


def test_every_field_of_a_ticket_reaches_its_incident(open_desk: Open) -> None:
    desk = open_desk("memory:", time=ManualTime())
    desk.adopt_ticket("17", title="x", mode="shadow", labels={"site": "b"}, assignee="ana")
    new = {
        "title": "No mail", "summary": "since nine", "service": "mail", "category": "net",
        "impact": "low", "urgency": "low", "priority": "P2", "assignee": None, "owner": "eve",
        "team": "ops", "state": "in_progress",
    }  # fmt: skip
    note = TicketNote("called", "bob")
    told = desk.ticket_changed("17", 1, fields=new, notes=[note], acknowledged_by="bob")
    assert set(told.applied) == set(new)
    now = desk.incident("17")
    assert (now.title, now.card.summary, now.card.service) == ("No mail", "since nine", "mail")
    assert (now.priority, now.rating.impact, now.status) == ("P2", "low", "in_progress")
    assert (now.assignee, now.people.owner, now.people.team) == (None, "eve", "ops")
    assert [x.holder for x in now.attention.leases] == ["bob"]
    assert any("bob noted: called" in str(line) for line in desk.timeline("17"))


def test_nobody_does_any_of_it_who_may_not(open_desk: Open) -> None:
    class No:
        def may(self, actor: str, action: str, subject: str) -> Permission:
            return Permission(Opinion.DENY, f"{action} is not for {actor}")

        def scope(self, actor: str, kind: str) -> None:
            return None

    desk = open_desk("memory:", authoriser=No())
    calls: tuple[Callable[[], Any], ...] = (
        lambda: desk.enrolled("17"),
        lambda: desk.enrol("17", mode="shadow", reason="x"),
        lambda: desk.adopt_ticket("17", title="x", mode="shadow"),
        lambda: desk.ticket_changed("17", 1),
        lambda: desk.detach(key="17", reason="x"),
        lambda: desk.detach(everything=True, reason="x"),
        lambda: desk.drafts(),
        lambda: desk.shadow_report(),
    )
    for call in calls:
        with pytest.raises(NotAuthorised):
            call()


def test_the_hosts_numbers_are_references_and_one_that_is_taken_is_refused(open_desk: Open) -> None:
    class Numbers:
        def __init__(self) -> None:
            self.said: list[Any] = ["HD-1", "HD-1", "", "no\nname", 7]

        def reference(self, kind: str, title: str) -> Any:
            assert (kind, title) == ("incident", "Down")
            return self.said.pop(0)

    desk = open_desk("memory:", references=Numbers())
    assert desk.declare("Down").ref == "HD-1"
    with pytest.raises(InvalidValue, match="belongs to incident/"):
        desk.declare("Down")
    assert [desk.declare("Down").ref for _ in range(3)] == ["INC-1", "INC-2", "INC-3"]
    assert len(desk.faults) == 2


def test_an_alert_is_not_refused_for_a_number_that_is_taken(open_desk: Open) -> None:
    from tests.flows import world

    class Same:
        def reference(self, kind: str, title: str) -> str:
            return "HD-1"

    desk = open_desk("memory:", references=Same())
    for name in ("a", "b"):
        received = desk.receive("alertmanager", world.payload(world.alert(name), group=name))
        assert received.opened
    assert {x.ref for x in desk.find().items} == {"HD-1", "INC-1"}


def test_a_deadline_is_seconds_or_none(open_desk: Open) -> None:
    for wrong in (0, -1, "soon", True):
        with pytest.raises(InvalidValue, match="directory_deadline"):
            open_desk("memory:", directory_deadline=wrong)
    open_desk("memory:", directory_deadline=None)


def test_drafts_end_with_the_ticket_they_are_about(open_desk: Open, url: str) -> None:
    sms = world.pager("sms", MessageKind.PAGE, MessageKind.NOTICE)
    desk = open_desk(url, time=ManualTime(), channels={"sms": sms})
    for key in ("1", "2", "3", "4"):
        desk.adopt_ticket(key, title="x", mode="advise", reporter="cleo")
        desk.reply(key, "soon")
    desk.run_due()
    first, *rest = {x.subject for x in desk.drafts()}
    assert len(rest) == 3
    desk.detach(first.partition("/")[2], reason="x")
    assert {x.subject for x in desk.drafts()} == {*rest}
    ended, *_ = desk.deliveries(first.partition("/")[2])
    assert (ended.state, ended.detail) == ("unwanted", "its ticket was handed back")
    desk.detach(key="2", reason="x")
    assert desk.detach(everything=True, reason="x")
    assert desk.drafts() == ()
