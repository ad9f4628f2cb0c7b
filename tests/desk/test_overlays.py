"""Majors, statuses, handover, tasks, redaction and closing by itself, as a host lives them.

Each runs with Desk and AsyncDesk; those that touch the queue or the journal on memory and SQLite.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import incidentkit as ik
from incidentkit.model.handover_changes import HandoverBriefed
from incidentkit.model.words import IncidentTaskState
from incidentkit.rules.rerun import rerun
from tests.flows import world

Open = Callable[..., Any]
POLICY: dict[str, Any] = {
    "major": {"duty": "mim", "answer_within": "15m"},
    "paging": {"fallback": "night-shift"},
    "public": {"when": 'incident.priority == "P1"'},
    "checklists": {
        "majors": {
            "when": 'incident.major == "accepted"',
            "items": [
                {"title": "Open the bridge", "assign": "$commander", "due": "30m"},
                {"title": "Tell the board", "after": [1]},
            ],
        }
    },
    "notices": [
        {
            "name": "situation",
            "audience": "$responders",
            "on": ["major_accepted"],
            "template": "$incident.ref is a major incident: $incident.title",
        },
        {
            "name": "watchers hear of the end",
            "audience": "$watchers",
            "on": ["resolved"],
            "template": "$incident.ref is over",
        },
    ],
}


class Night:
    """A desk, its time and its pager."""

    def __init__(self, open_desk: Open, url: str = "memory:", policy: Any = POLICY) -> None:
        self.time = ik.ManualTime()
        self.pager = world.pager()
        self.looked = 0
        self.desk = open_desk(url, time=self.time, channels={"sms": self.pager}, policy=policy)

    def wait(self, **span: float) -> Any:
        self.time.move(**span)
        self.desk.run_due()
        return self.desk.run_due()

    def said(self) -> list[tuple[str, str]]:
        """(to, text) of what went out since the last look."""
        found = [(x.to, x.text) for x in self.pager.messages]
        fresh, self.looked = found[self.looked :], len(found)
        return fresh


def test_a_night_with_a_major(open_desk: Open, url: str) -> None:
    night = Night(open_desk, url)
    desk = night.desk
    desk.declare("No logins", service="login", **world.URGENT, by="monitoring")
    desk.execute(ik.Watch("INC-1", party="wally"))
    night.wait(seconds=1)
    called = sorted(to for to, _ in night.said())
    assert called == ["mim", "night-shift"], "both at once: their order is nobody's promise"
    inc = desk.acknowledge("INC-1", by="bob")
    assert inc.people.holder("commander") == "bob", "the first to acknowledge is acting commander"
    assert inc.dossier.overlays.major is ik.MajorState.PROPOSED
    assert desk.find(major="proposed").items == (inc,)
    assert "to be answered by 2026-01-05 09:15:00+00:00" in str(desk.explain("INC-1", "major"))

    night.wait(minutes=15)
    inc = desk.incident("INC-1")
    assert inc.dossier.overlays.major is ik.MajorState.ACCEPTED
    assert inc.dossier.checklists == ("majors",)
    assert [x.assignee for x in inc.dossier.tasks] == ["bob", None]
    said = dict(night.said())
    assert said["bob"] == "INC-1 is a major incident: No logins"
    assert "nobody answered" in said["mim"]

    night.wait(minutes=5)
    assert night.said() == [("mim", "INC-1 P1: No logins [login] - " + ALARM)]
    desk.execute(ik.TakeRole("INC-1", role="communications"), by="cora")

    desk.hand_over("INC-1", "commander", "eve", by="bob")
    briefs = [x for x in world.events(desk, "INC-1") if isinstance(x, HandoverBriefed)]
    for known in ("No logins", "major accepted", "T1 open", "role communications"):
        assert known in briefs[0].brief
    assert desk.incident("INC-1").people.holder("commander") == "bob"
    with pytest.raises(ik.errors.NotAuthorised):
        desk.execute(ik.AcceptHandover("INC-1", role="commander"), by="mallory")
    inc = desk.execute(ik.AcceptHandover("INC-1", role="commander"), by="eve")
    assert inc.people.holder("commander") == "eve"
    assert [x.holder for x in inc.attention.leases] == ["eve"]

    night.said()
    night.wait(minutes=30)
    late = [text for to, text in night.said() if to == "bob" and "task T1 was due" in text]
    assert len(late) == 1

    inc = desk.mitigate("INC-1", by="eve")
    assert inc.dossier.overlays.public.state == "monitoring"
    inc = desk.execute(ik.Regress("INC-1", reason="errors again"), by="eve")
    assert inc.dossier.overlays.public.state == "investigating"

    ending = {"code": "fixed", "remedy": "rolled back", "by": "eve"}
    with pytest.raises(ik.errors.MissingFields, match=r"2 task\(s\) are open \(T1, T2\)"):
        desk.resolve("INC-1", **ending)
    desk.execute(ik.CompleteTask("INC-1", task="T1", evidence="bridge 7"), by="bob")
    inc = desk.resolve("INC-1", override="the board knows", **ending)
    assert inc.dossier.tasks[1].state is IncidentTaskState.OPEN
    assert world.names(desk, "INC-1").count("problem_proposed") == 1
    inc = desk.close("INC-1", by="eve")
    assert inc.dossier.overlays.major is ik.MajorState.STOOD_DOWN
    night.wait(minutes=1)
    assert ("wally", "INC-1 is over") in night.said()
    for reason in world.reasons(desk.journal("INC-1")):
        assert rerun(reason) == reason.outcome
    for topic in ("major", "roles", "tasks", "closing", "public"):
        explanation = desk.explain("INC-1", topic)
        assert explanation.answer
        assert explanation.lines


ALARM = "a major incident without communications"


def test_who_answers_the_proposal_stops_its_time(open_desk: Open) -> None:
    night = Night(open_desk)
    night.desk.declare("No logins", **world.URGENT)
    night.desk.execute(ik.RejectMajor("INC-1", reason="a drill"), by="mim")
    night.wait(minutes=20)
    names = world.names(night.desk, "INC-1")
    assert "major_accepted" not in names
    assert names.count("major_proposed") == 1, "no rule proposes what was rejected"


def test_a_cancelled_incident_is_no_major_any_more(open_desk: Open) -> None:
    night = Night(open_desk)
    night.desk.declare("No logins", **world.URGENT)
    night.desk.execute(ik.AcceptMajor("INC-1"), by="mim")
    inc = night.desk.cancel("INC-1", reason="false_alarm")
    assert inc.dossier.overlays.major is ik.MajorState.STOOD_DOWN
    assert night.wait(days=1) is None


STATUSES = {
    "statuses": [
        {"name": "Open", "category": "new"},
        {"name": "Active", "category": "in_progress"},
        {
            "name": "Awaiting caller",
            "category": "on_hold",
            "hold_reason": "caller",
            "court": "the caller",
        },
        {"name": "Fixed", "category": "resolved"},
    ],
    "targets": {"resolve": {"pausing": ["caller"]}},
    "autoclose": {"after": {"P3": "7d"}},
}


def test_a_desk_that_speaks_the_hosts_own_statuses(open_desk: Open, url: str) -> None:
    desk = Night(open_desk, url, STATUSES).desk
    inc = desk.declare("Printer jams")
    assert inc.dossier.overlays.status == "Open"
    inc = desk.execute(ik.SetStatus("INC-1", status="Awaiting caller"), by="ana")
    assert (inc.status, inc.course.holds[-1].reason) == ("on_hold", "caller")
    assert inc.clock("resolve").state == "paused"
    inc = desk.start("INC-1", by="ana")
    assert inc.dossier.overlays.status == "Active"
    with pytest.raises(ik.errors.MissingFields, match="resolve needs remedy"):
        desk.execute(ik.SetStatus("INC-1", status="Fixed", code="fixed"), by="ana")
    with pytest.raises(ik.errors.InvalidValue, match="did you mean 'Fixed'"):
        desk.execute(ik.SetStatus("INC-1", status="Fixt"), by="ana")
    inc = desk.execute(ik.SetStatus("INC-1", status="Fixed", code="fixed", remedy="x"), by="ana")
    assert (inc.status, inc.dossier.overlays.status) == ("resolved", "Fixed")


def test_what_was_resolved_closes_by_itself_unless_it_is_held(open_desk: Open, url: str) -> None:
    night = Night(open_desk, url, STATUSES)
    desk = night.desk
    for title in ("Printer jams", "Printer on fire"):
        inc = desk.declare(title)
        desk.resolve(inc, code="fixed", remedy="x", by="ana")
    desk.execute(ik.PlaceLegalHold("INC-2", reason="claim 7"), by="cy")
    at = night.wait(days=6)
    assert desk.incident("INC-1").status == "resolved"
    assert at == night.time.now() + timedelta(days=1)
    assert night.wait(days=1) is None
    assert desk.incident("INC-1").status == "closed"
    assert desk.incident("INC-2").status == "resolved"
    assert "legal hold" in str(desk.explain("INC-2", "closing"))
    inc = desk.execute(ik.LiftLegalHold("INC-2", reason="settled"), by="cy")
    assert inc.status == "closed", "its time had come meanwhile"


def test_nothing_closes_by_itself_by_default(open_desk: Open) -> None:
    night = Night(open_desk, policy={})
    night.desk.declare("Printer jams")
    night.desk.resolve("INC-1", code="fixed", remedy="x")
    night.wait(days=400)
    assert night.desk.incident("INC-1").status == "resolved"
    assert night.desk.incident("INC-1").more is None, "an everyday incident carries nothing of it"


# --- redaction ------------------------------------------------------------------------------------


def noted(open_desk: Open, url: str) -> Night:
    night = Night(open_desk, url, {})
    night.desk.declare("Printer jams", by="ana")
    night.desk.note("INC-1", "Carl Carlson, 4 Elm Street", by="ana")
    night.desk.note("INC-1", "called him", by="ana")
    return night


def seq(desk: Any, text: str) -> int:
    found = [x for x in desk.journal("INC-1") if x.recorded and text in str(x.recorded.event)]
    return int(found[0].seq)


def test_what_is_redacted_is_gone_and_the_chain_holds(open_desk: Open, url: str) -> None:
    desk = noted(open_desk, url).desk
    desk.seal()
    number = seq(desk, "Elm Street")
    desk.redact("INC-1", [number], reason="erasure request", by="dpo")
    entry = desk.journal("INC-1")[number - 1]
    assert (entry.recorded, entry.kind, entry.seq) == (None, "noted", number)
    told = [line.text for line in desk.timeline("INC-1")]
    assert "this entry was redacted (noted)" in told
    assert f"dpo redacted entry {number}: erasure request" in told
    assert not any("Elm" in text for text in told)
    assert desk.verify().problems == ()
    proof = next(x.seq for x in desk.journal("INC-1") if x.kind == "redacted")
    with pytest.raises(ik.errors.InvalidValue, match=f"entry {proof} says what was redacted"):
        desk.redact("INC-1", [number, proof], reason="nobody need know")
    assert desk.journal("INC-1")[proof - 1].recorded is not None
    with pytest.raises(ik.errors.InvalidValue, match="ends at"):
        desk.redact("INC-1", [999], reason="x")


def test_a_redaction_that_was_only_said_is_carried_out_by_the_worker(
    open_desk: Open, url: str
) -> None:
    night = noted(open_desk, url)
    number = seq(night.desk, "Elm Street")
    command = ik.Redact("INC-1", seqs=(number,), reason="erasure request")
    night.desk.execute(command, request="r-1")
    assert night.desk.journal("INC-1")[number - 1].recorded is not None
    night.wait(seconds=1)
    assert night.desk.journal("INC-1")[number - 1].recorded is None
    assert not [x for x in night.desk.tasks() if x.task.queue == "reaction"]
    assert night.desk.verify().problems == ()
    again = night.desk.redact("INC-1", [number], reason="erasure request", request="r-1")
    assert again.version == night.desk.incident("INC-1").version, "said once"


def test_a_legal_hold_refuses_redaction_and_says_why(open_desk: Open) -> None:
    desk = noted(open_desk, "memory:").desk
    desk.execute(ik.PlaceLegalHold("INC-1", reason="claim 7"), by="cy")
    number = seq(desk, "Elm Street")
    with pytest.raises(ik.errors.TransitionNotAllowed, match="by cy: claim 7"):
        desk.redact("INC-1", [number], reason="erasure request")
    assert desk.journal("INC-1")[number - 1].recorded is not None
    desk.execute(ik.LiftLegalHold("INC-1", reason="settled"), by="cy")
    desk.redact("INC-1", [number], reason="erasure request")
    assert desk.journal("INC-1")[number - 1].recorded is None


# --- notices --------------------------------------------------------------------------------------


def test_a_reporter_with_the_name_of_an_audience_hears_only_for_themselves(open_desk: Open) -> None:
    policy = {"audiences": {"board": {"members": ["eve"]}}, "notices": []}
    night = Night(open_desk, policy=policy)
    for reporter in ("board", "$watchers"):
        inc = night.desk.declare("Printer jams", reporter=reporter)
        night.desk.execute(ik.Watch(inc.ref, party="wally"))
        night.desk.reply(inc, "we know", by="ana")
        night.wait(seconds=1)
        assert night.said() == [(reporter, "we know")]


def test_a_notice_to_whoever_it_is(open_desk: Open) -> None:
    night = Night(open_desk, policy={"notices": []})
    night.desk.declare("Printer jams", assign="ana", owner="olga")
    for audience, who in (("$assignee", "ana"), ("$owner", "olga")):
        night.desk.execute(ik.Notify("INC-1", audience=audience, text="look"))
        night.wait(seconds=1)
        assert night.said() == [(who, "look")]
    with pytest.raises(ik.errors.NotFound, match=r"there is stakeholders, \$assignee"):
        night.desk.execute(ik.Notify("INC-1", audience="$nobody", text="x"))


def test_tasks_wake_an_incident_that_words_alone_have_changed(open_desk: Open) -> None:
    night = Night(open_desk, policy={})
    night.desk.declare("Printer jams", **world.URGENT, assign="ana")
    night.desk.acknowledge("INC-1", by="ana")
    due = night.time.now() + timedelta(minutes=2)
    night.desk.execute(ik.AddTask("INC-1", title="Call them", assignee="bob", due_at=due))
    night.said()
    assert night.wait(minutes=1) == due
    night.wait(minutes=1)
    assert ("bob", f"INC-1 P1: Printer jams - task T1 was due {due}: Call them") in night.said()


def test_a_checklist_comes_with_an_edit_too(open_desk: Open) -> None:
    items = [{"title": "Ask the vendor"}]
    policy = {"checklists": {"vpn": {"when": 'incident.category == "vpn"', "items": items}}}
    desk = Night(open_desk, policy=policy).desk
    desk.declare("Cannot connect")
    inc = desk.execute(ik.Edit("INC-1", category="vpn"))
    assert [x.title for x in inc.dossier.tasks] == ["Ask the vendor"]


def test_a_closed_policy_refuses_strangers(open_desk: Open) -> None:
    policy = {"closed": True, "parties": ["ana", "bob"]}
    desk = Night(open_desk, policy=policy).desk
    desk.declare("Printer jams", assign="ana")
    for command in (
        ik.TakeRole("INC-1", role="lead", holder="eve"),
        ik.OfferHandover("INC-1", role="assignee", to="eve"),
        ik.AddTask("INC-1", title="x", assignee="eve"),
    ):
        with pytest.raises(ik.errors.InvalidValue, match="'eve' is not listed"):
            desk.execute(command)
    desk.execute(ik.OfferHandover("INC-1", role="assignee", to="bob"))
    desk.execute(ik.AddTask("INC-1", title="x"))


def test_an_open_review_keeps_what_was_resolved_from_closing(open_desk: Open, url: str) -> None:
    night = Night(open_desk, url, {**STATUSES, "review": {"when": "true"}})
    desk = night.desk
    inc = desk.declare("Printer jams")
    desk.resolve(inc, code="fixed", remedy="x", by="ana")
    (review,) = desk.incident("INC-1").dossier.reviews
    night.wait(days=8)
    assert desk.incident("INC-1").status == "resolved"
    assert f"open review {review}" in str(desk.explain("INC-1", "closing"))
    desk.execute(ik.WaiveReview(review, reason="a paper jam"), by="ana")
    night.wait(days=8)
    assert desk.incident("INC-1").status == "closed"


def test_a_parent_closes_by_itself_once_its_children_are_over(open_desk: Open, url: str) -> None:
    night = Night(open_desk, url, {**STATUSES, "parent": {"resolve": False}})
    desk = night.desk
    for title in ("Printers jam", "Printer 7 jams"):
        desk.declare(title)
    desk.execute(ik.LinkTo("INC-1", kind="parent_of", target="INC-2"), by="ana")
    desk.run_due()
    desk.resolve("INC-1", code="fixed", remedy="x", override="printer 7 is odd", by="ana")
    night.wait(days=8)
    assert desk.incident("INC-1").status == "resolved"
    assert "1 child incident(s) are open (INC-2)" in str(desk.explain("INC-1", "closing"))
    desk.resolve("INC-2", code="fixed", remedy="y", by="ana")
    night.wait(minutes=1)
    assert desk.incident("INC-1").status == "closed", "its time had come meanwhile"
