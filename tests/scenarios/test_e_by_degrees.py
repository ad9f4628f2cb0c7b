"""Situation E, by degrees: a running ticket system hands tickets over, ten per cent, all, none.

The ticket system stands beside the desk in memory, with numbers, states and people of its own. It
tells the desk of its tickets from where they are saved, and takes what a sync tells it.
"""

from __future__ import annotations

import time as real_time
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from incidentkit import Contact, ManualTime, Message, MessageKind, Mode, TicketMove, rerun
from incidentkit.errors import InvalidValue
from incidentkit.flows.kinds import DELIVERY
from incidentkit.model.history import Imported
from incidentkit.model.words import DeliveryState
from incidentkit.views.shadow import to_markdown, to_text
from tests.flows import world

Open = Callable[..., Any]
WORDS = {
    "open": "new",
    "working": "in_progress",
    "waiting": "on_hold",
    "done": "resolved",
    "filed": "closed",
}
OURS = {ours: theirs for theirs, ours in WORDS.items()}


@attrs.define
class Paper:
    """One ticket as the old system keeps it."""

    number: str
    subject: str
    queue: str = "it"
    state: str = "open"
    priority: str = "P3"
    clerk: str = ""
    saved: int = 0


class OldDesk:
    """A ticket system that knew nothing of incidents, and what its authors added: `told`."""

    def __init__(self) -> None:
        self.papers: dict[str, Paper] = {}
        self.desk: Any = None
        self.syncs: list[Message] = []
        self.quiet = False

    def create(self, number: int, subject: str, **more: Any) -> Paper:
        paper = self.papers[f"HD-{number}"] = Paper(f"HD-{number}", subject, **more)
        self.told(paper)
        return paper

    def save(self, paper: Paper, **changed: Any) -> Any:
        for name, value in changed.items():
            setattr(paper, name, value)
        return self.told(paper)

    def told(self, paper: Paper) -> Any:
        paper.saved += 1
        if self.desk is None or self.quiet:
            return None
        facts = {"queue": paper.queue}
        standing = self.desk.enrolled(paper.number, facts)
        if not standing.enrolled:
            return None
        levels = {"impact": "high", "urgency": "high"}
        if not standing.incident:
            return self.desk.adopt_ticket(
                paper.number, title=paper.subject, priority=paper.priority,
                assignee=paper.clerk, version=paper.saved, code="fixed",
                state=WORDS[paper.state] if paper.state != "waiting" else "", **levels,
            )  # fmt: skip
        fields = {
            "title": paper.subject,
            "state": WORDS[paper.state],
            "priority": paper.priority,
            "assignee": paper.clerk or None,
        }
        return self.desk.ticket_changed(
            paper.number, paper.saved, fields=fields, reason="caller", word=paper.state,
            by=paper.clerk or "old-desk",
        )  # fmt: skip

    def __call__(self, message: Message) -> None:
        """A sync came: the ticket takes it over, and saves like for anybody."""
        self.syncs.append(message)
        paper = self.papers[message.to]
        names = {"title": "subject", "priority": "priority", "assignee": "clerk"}
        for field, text in message.fields.items():
            if field == "state":
                paper.state = OURS.get(text, paper.state)
            elif field in names:
                setattr(paper, names[field], text)
        self.told(paper)


class Place:
    """The old desk, the new one, and the pagers of its people."""

    def __init__(self, open_desk: Open, url: str, **enrol: Any) -> None:
        self.time = ManualTime()
        self.old = OldDesk()
        self.sms = world.pager("sms", MessageKind.PAGE)
        self.tickets = world.pager("tickets", MessageKind.SYNC)
        self.policy = {
            "sync": "tickets",
            "paging": {"fallback": "night"},
            "ownership": {"priority": "library", "title": "host"},
            "enrol": {"when": 'ticket.queue == "it"', **enrol},
        }
        self.desk = open_desk(
            url,
            time=self.time,
            channels={"sms": self.sms, "tickets": self.tickets},
            policy=self.policy,
        )
        self.old.desk = self.desk

    def work(self) -> None:
        """The worker runs, and what it syncs arrives at the old desk."""
        self.desk.run_due()
        seen = len(self.old.syncs)
        for message in self.tickets.messages[seen:]:
            self.old(message)

    def settle(self) -> int:
        """Until nothing is left to say; how many rounds that took."""
        for rounds in range(10):
            before = len(self.tickets.messages)
            self.work()
            if len(self.tickets.messages) == before:
                return rounds
        raise AssertionError("the two tell each other the same for ever")

    def deliveries(self, state: DeliveryState) -> list[Any]:
        return [x for x in world.records(self.desk, DELIVERY) if x.state is state]

    def adopt_policy(self, **enrol: Any) -> None:
        self.policy["enrol"] = {"when": 'ticket.queue == "it"', **enrol}
        self.desk.adopt(self.policy)


def test_the_first_answer_stands_whatever_the_rules_become(open_desk: Open, url: str) -> None:
    place = Place(open_desk, url, mode="shadow", share=10)
    desk = place.desk
    first = {str(n): desk.enrolled(str(n), {"queue": "it"}) for n in range(40)}
    assert {x.mode for x in first.values()} == {Mode.NONE, Mode.SHADOW}
    assert all(rerun(x.reason) == x.mode for x in first.values())
    assert desk.enrolled("hr-1", {"queue": "hr"}).mode is Mode.NONE
    place.adopt_policy(mode="enforce", share=100)
    again = {str(n): desk.enrolled(str(n), {"queue": "hr"}) for n in range(40)}
    assert again == first
    assert desk.enrolled("new", {"queue": "it"}).mode is Mode.ENFORCE
    out = next(n for n, x in first.items() if x.mode is Mode.NONE)
    assert desk.enrol(out, {"queue": "it"}).mode is Mode.ENFORCE, "deciding again is asked for"
    assert desk.enrolled(out).mode is Mode.ENFORCE
    with pytest.raises(InvalidValue, match="reason"):
        desk.enrol(out, mode="shadow")
    said = desk.enrol(out, mode="shadow", reason="one of the pilots", by="bob")
    assert (said.mode, said.reason.inputs["why"]) == (Mode.SHADOW, "one of the pilots")


def test_shadow_computes_everything_and_sends_nothing_and_no_mode_sends_it_later(
    open_desk: Open, url: str
) -> None:
    place = Place(open_desk, url, mode="shadow")
    desk = place.desk
    place.old.create(1, "No mail", clerk="bob")
    place.time.move(minutes=6)
    place.work()
    place.time.move(hours=5)
    place.work()
    assert (place.sms.tries, place.tickets.tries) == ([], [])
    kept = place.deliveries(DeliveryState.SHADOWED)
    assert {x.kind for x in kept} == {MessageKind.PAGE, MessageKind.SYNC}
    for each in kept:
        (why,) = world.reasons(world.entries(desk, "delivery", each.id))
        assert rerun(why) == why.outcome == "shadow"
    assert "would be paged" in str(desk.explain("HD-1", "paging"))
    assert any("would be paged on sms" in str(line) for line in desk.timeline("HD-1"))
    before = len(place.deliveries(DeliveryState.SHADOWED))
    desk.set_mode("HD-1", "enforce", reason="it was right for a month", by="bob")
    place.settle()
    assert (place.sms.tries, place.tickets.tries) == ([], []), "no backlog"
    assert len(place.deliveries(DeliveryState.SHADOWED)) == before
    desk.prioritise("HD-1", impact="medium", urgency="medium")
    place.settle()
    assert [x.fields for x in place.tickets.messages] == [
        {"priority": "P3", "impact": "medium", "urgency": "medium"}
    ], "from now on"
    desk.assign("HD-1", "ana")
    desk.set_mode("HD-1", "shadow", reason="not so sure")
    desk.set_mode("HD-1", "enforce", reason="sure again")
    place.settle()
    assert len(place.tickets.messages) == 1, "it was queued in an earlier turn of the mode"
    (late,) = place.deliveries(DeliveryState.UNWANTED)
    assert (late.fields, late.detail) == ({"assignee": "ana"}, "the mode was changed since")


def test_advice_is_a_draft_that_a_person_lets_go(open_desk: Open, url: str) -> None:
    place = Place(open_desk, url, mode="advise")
    desk = place.desk
    place.old.create(1, "No mail", clerk="bob")
    place.settle()
    assert (place.sms.tries, place.tickets.tries) == ([], [])
    (page,) = (x for x in desk.drafts("HD-1") if x.kind is MessageKind.PAGE)
    assert (page.party, page.text) == ("bob", "HD-1 P1: No mail")
    with pytest.raises(InvalidValue, match="person"):
        desk.send_draft(page)
    desk.send_draft(page, by="eve")
    assert page.id not in {x.id for x in desk.drafts()}
    place.settle()
    assert [x.to for x in place.sms.messages] == ["bob"]
    assert place.sms.messages[0].answer_token
    assert place.deliveries(DeliveryState.SENT)[0].released_by == "eve"


def test_the_shadow_report_says_what_would_have_happened(open_desk: Open, url: str) -> None:
    place = Place(open_desk, url, mode="shadow")
    since = place.time.now()
    place.old.create(1, "No mail", clerk="bob")
    place.old.create(2, "No phones")
    for _ in range(4):
        place.time.move(minutes=5)
        place.work()
    place.time.move(hours=5)
    place.work()
    place.desk.ticket_changed("HD-1", 50, acknowledged_by="bob")
    report = place.desk.shadow_report(since)
    assert (report.looked_on, report.advised) == (2, 0)
    assert report.recipients == {"night": 7, "bob": 5}
    assert {x.round for x in report.escalations} == {2, 3}
    assert {x.round for x in report.pages} == {0, 1, 2, 3}, "0: missed targets call, too"
    assert {(x.ref, x.target) for x in report.breaches} >= {("HD-1", "acknowledge")}
    assert {(x.ref, x.host, x.policy) for x in report.priorities} == {
        ("HD-1", "P3", "P1"),
        ("HD-2", "P3", "P1"),
    }
    assert report.median_to_acknowledge == 5 * 3600 + 20 * 60
    text, page = to_text(report), to_markdown(report)
    assert "pages that would have gone out: 12, to 2 recipients" in text
    assert "the host says P3, the policy P1" in text
    assert page.startswith("# Shadow report")
    assert "| targets missed |" in page
    earlier = place.desk.shadow_report(until=since)
    assert (earlier.pages, earlier.looked_on) == ((), 0)
    assert "Examples" not in to_markdown(earlier)
    assert "none was" in to_text(earlier)


def test_a_ticket_in_mid_life_is_taken_over_by_one_call(open_desk: Open, url: str) -> None:
    place = Place(open_desk, url, mode="enforce")
    desk, now = place.desk, place.time.now
    start = now()
    place.time.move(hours=3)
    place.old.papers["HD-9"] = Paper("HD-9", "No mail", "it", "working", "P2", "bob", 7)
    history = (
        TicketMove(now() - (now() - start) * 0.9, "in_progress", "bob"),
        TicketMove(now() - (now() - start) * 0.8, "on_hold", "bob", reason="caller"),
        TicketMove(now() - (now() - start) * 0.1, "in_progress", "bob"),
    )
    incident = desk.adopt_ticket(
        "HD-9", title="No mail", opened_at=start, history=history, priority="P2", assignee="bob",
        owner="eve", impact="high", urgency="high", facts={"queue": "it"}, version=7,
    )  # fmt: skip
    assert (incident.ref, incident.status, incident.people.owner) == ("HD-9", "in_progress", "eve")
    resolve = incident.clock("resolve")
    assert resolve is not None
    assert resolve.started_at == start
    assert sum((x.end - x.start for x in resolve.pauses), start - start) == (now() - start) * 0.7
    assert incident.clock("acknowledge").breached_at is not None, "it was missed, long ago"
    place.settle()
    assert (place.sms.tries, place.tickets.tries) == ([], [])
    assert desk.adopt_ticket("HD-9", title="Another", facts={}) == incident, "once for a ticket"
    warn = resolve.warn_at
    place.time.move(seconds=(warn - now()).total_seconds() + 1)
    place.settle()
    assert [x.to for x in place.sms.messages] == ["bob"], "what lies ahead is live"
    assert "resolve is due" in place.sms.messages[0].text
    with pytest.raises(InvalidValue, match=r"'HD-9' belongs to incident/"):
        desk.adopt_ticket("HD-10", title="x", reference="HD-9", mode="enforce")
    with pytest.raises(InvalidValue, match="not enrolled"):
        desk.adopt_ticket("HD-11", title="x", facts={"queue": "hr"})


def test_one_table_says_who_has_the_last_word_on_a_field(open_desk: Open, url: str) -> None:
    place = Place(open_desk, url, mode="enforce")
    desk, old = place.desk, place.old
    paper = old.create(1, "No mail", clerk="bob")
    place.settle()
    assert paper.priority == "P1", "the library's"
    desk.edit("HD-1", title="Mail is down")
    desk.assign("HD-1", "ana", by="ana")
    place.settle()
    assert (paper.subject, paper.clerk) == ("No mail", "ana"), "the title is the host's"
    sent = place.tickets.messages[-1]
    assert set(sent.fields) == {"assignee"}
    assert place.settle() == 0, "our own change that comes back goes no further"
    said = old.save(paper, priority="P4", subject="No mail at all", clerk="carl")
    assert set(said.applied) == {"title", "assignee"}
    assert {(x.field, x.winner) for x in said.disputes} == {
        ("priority", "library"),
        ("title", "host"),
    }
    assert desk.incident("HD-1").title == "No mail at all"
    place.settle()
    assert paper.priority == "P1", "the ticket is told what it had changed against the table"
    assert "both sides had a word for the priority" in str(desk.explain("HD-1", "ticket"))
    for reason in world.reasons(desk.journal("HD-1")):
        assert rerun(reason) == reason.outcome
    desk.note("HD-1", "the customer has not paid", by="ana")
    place.settle()
    assert not any("paid" in x.text for x in place.tickets.messages)


def test_what_the_host_wrote_without_having_seen_ours_is_the_earlier_writer(
    open_desk: Open, url: str
) -> None:
    place = Place(open_desk, url, mode="enforce")
    desk = place.desk
    place.old.create(1, "No mail", clerk="bob")
    seen = desk.incident("HD-1").version
    desk.assign("HD-1", "ana")
    late = desk.ticket_changed("HD-1", 9, fields={"assignee": "carl"}, seen=seen)
    assert (late.applied, late.disputes[0].winner) == ((), "library")
    assert desk.incident("HD-1").assignee == "ana"
    knew = desk.incident("HD-1").version
    later = desk.ticket_changed("HD-1", 10, fields={"assignee": "dora"}, seen=knew)
    assert later.applied == ("assignee",)
    again = desk.ticket_changed("HD-1", 10, fields={"assignee": "eve"})
    assert (again.news, desk.incident("HD-1").assignee) == (False, "dora")


def test_a_move_of_the_ticket_against_our_rules_is_kept_and_never_refused(
    open_desk: Open, url: str
) -> None:
    place = Place(open_desk, url, mode="enforce")
    desk, old = place.desk, place.old
    paper = old.create(1, "No mail", clerk="bob")
    assert old.save(paper, state="working").outside == ""
    back = old.save(paper, state="open")
    assert (back.outside, desk.incident("HD-1").status) == ("in_progress -> open", "new")
    old.told(paper)
    desk.ticket_changed("HD-1", paper.saved, fields={"state": "new"})
    incident = desk.incident("HD-1")
    assert incident.dossier.hosted.outside == {"in_progress -> open": 1}, "counted once"
    kept = [x.recorded for x in desk.journal("HD-1") if x.recorded is not None]
    (move,) = (x for x in kept if isinstance(x.event, Imported))
    assert move.reason is not None
    assert rerun(move.reason) == ""
    old.save(paper, state="waiting")
    assert desk.incident("HD-1").course.holds[-1].reason == "caller"
    old.save(paper, state="filed")
    assert desk.incident("HD-1").status == "closed", "without a code or a remedy"
    place.settle()


class Staff:
    """A directory that answers, hangs, or is gone."""

    name = "staff"

    def __init__(self) -> None:
        self.seconds = 0.0
        self.asked = 0

    def contacts(self, party: str) -> tuple[Contact, ...]:
        self.asked += 1
        real_time.sleep(self.seconds)
        return (Contact("sms", f"+49 {party}"),)

    def revision(self) -> str:
        return "yesterday"


def test_a_directory_that_hangs_holds_up_no_page_and_a_restart_forgets_nobody(
    open_desk: Open, url: str
) -> None:
    from incidentkit import MemoryStore

    staff, sms, time = Staff(), world.pager(), ManualTime()
    store = {"store": MemoryStore()} if url == "memory:" else {}
    where = () if store else (url,)
    given = {"time": time, "directory": staff, "directory_deadline": 0.15, **store}
    first = open_desk(*where, channels={"sms": sms}, **given)
    first.declare("No mail", assign="u-2", **world.URGENT)
    if not store:
        first.disconnect()
    time.move(hours=3)
    staff.seconds = 2.0
    desk = open_desk(*where, channels={"sms": sms}, **given)
    began = real_time.monotonic()
    desk.declare("No phones", assign="u-2", **world.URGENT)
    desk.declare("No doors", assign="u-2", **world.URGENT)
    assert real_time.monotonic() - began < 1.5, "it is not asked again while it rests"
    desk.run_due()
    assert {x.to for x in sms.messages if x.ref != "INC-1"} == {"+49 u-2"}
    explained = str(desk.explain("INC-2", "paging"))
    assert "last good answer of the directory yesterday, 3h old" in explained
    assert "no answer within" in str(desk.faults)


def test_from_ten_per_cent_to_all_and_back_to_none(open_desk: Open, url: str) -> None:
    place = Place(open_desk, url, mode="shadow", share=10)
    desk, old = place.desk, place.old
    papers = [old.create(n, f"Ticket {n}") for n in range(30)]
    tenth = [x.number for x in papers if desk.enrolled(x.number).incident]
    assert 0 < len(tenth) < 15
    place.settle()
    assert place.sms.tries == []
    before = [(x.subject, x.state, x.priority) for x in papers]
    assert set(before) == {(x.subject, "open", "P3") for x in papers}, "looking on changes nothing"

    place.adopt_policy(mode="enforce", share=100)
    for paper in papers:
        desk.enrol(paper.number, {"queue": "it"}, reason="for all now")
        old.told(paper)
    assert place.sms.tries == [], "no backlog"
    place.settle()
    assert {x.priority for x in papers if x.number not in tenth} == {"P1"}
    assert len({x.ref for x in place.sms.messages}) == 30 - len(tenth)
    pages = len(place.sms.messages)

    place.time.move(minutes=2)
    some = desk.detach(key=papers[0].number, reason="a bad example")
    assert some == (papers[0].number,)
    place.adopt_policy(mode="none", share=0)
    some += desk.detach(where='incident.title == "Ticket 1"', reason="and another")
    rest = desk.detach(everything=True, reason="we go back")
    assert len(some) == 2
    assert len(rest) == 28
    journals = {x.number: desk.journal(x.number) for x in papers}
    place.time.move(days=3)
    place.settle()
    assert len(place.sms.messages) == pages, "nothing is sent about them any more"
    for paper in papers:
        old.save(paper, state="done", clerk="bob")
        incident = desk.incident(paper.number)
        assert (incident.active, incident.detached) == (False, True)
        assert {str(x.state) for x in incident.clocks} == {"cancelled"}
        assert desk.journal(paper.number) == journals[paper.number], "its journal stays as it is"
        assert not desk.enrolled(paper.number).enrolled
    assert desk.find(active=True).items == ()
    assert desk.tasks() == ()
    assert desk.detach(everything=True, reason="again") == ()
    assert not desk.verify().problems

    desk.enrol("HD-3", mode="enforce", reason="once more")
    old.told(papers[3])
    back = desk.incident("HD-3")
    assert (back.status, back.assignee, back.detached) == ("resolved", "bob", False)
    place.settle()
    assert len(place.sms.messages) == pages
    with pytest.raises(InvalidValue, match="name one"):
        desk.detach(reason="x")
