"""Many reports, one incident: thirty callers, thirty answers, and nobody is asked twice.

Guarded here: who reported it for somebody else is not told in their place; a no reopens once an
episode; the answer of whoever is waited for ends the wait; what is decided names its reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import (
    ConfirmResolution,
    LinkTo,
    ManualTime,
    Merge,
    MessageKind,
    RejectResolution,
    Reply,
    rerun,
)
from incidentkit.errors import (
    InvalidValue,
    MissingFields,
    NotFound,
    TransitionNotAllowed,
    VersionMismatch,
)
from tests.flows import world

Open = Callable[..., Any]


@pytest.fixture
def time() -> ManualTime:
    return ManualTime()


@pytest.fixture
def mail() -> world.Pager:
    return world.pager("mail", MessageKind.NOTICE)


@pytest.fixture
def desk(open_desk: Open, url: str, time: ManualTime, mail: world.Pager) -> Any:
    return open_desk(url, time=time, channels={"mail": mail})


def resolve(desk: Any, ref: str = "INC-1") -> None:
    desk.resolve(ref, code="fixed", remedy="a new disk", by="ana")
    desk.run_due()


def said(mail: world.Pager, verb: str, to: str = "", **more: str) -> str:
    """An answer to the last message, or to the last one to somebody."""
    message = next(x for x in reversed(mail.messages) if not to or x.to == to)
    return json.dumps({"type": verb, "token": message.answer_token, **more})


# --- thirty callers -------------------------------------------------------------------------------


def test_thirty_callers_one_incident(desk: Any, mail: world.Pager) -> None:
    inc = desk.declare("Mail is down", service="mail")
    for n in range(30):
        desk.report("No mail", reporter=f"caller {n}", incident=inc, text=f"room {n}")
    assert (desk.count(), desk.incident(inc).ties.reports) == (1, 30)
    reports = desk.reports(inc)
    assert [x.ref for x in reports] == [f"REP-{n}" for n in range(1, 31)]
    assert {x.status for x in reports} == {"open"}
    resolve(desk)
    assert sorted(world.said(mail)) == sorted(f"caller {n}" for n in range(30))
    assert mail.messages[0].text == "INC-1 is resolved: a new disk. Did that help?"
    assert {x.state for x in desk.reports(inc)} == {"told"}
    assert str(desk.get("REP-1").status) == "told"
    queued = [x for x in desk.timeline(inc) if "notice to reporters" in x.text]
    assert len(queued) == 1
    assert "30 messages" in queued[0].text
    desk.execute(ConfirmResolution("REP-1", text="thanks"), by="caller 0")
    assert desk.get("REP-1").state == "confirmed"
    assert "30 reports" in desk.explain(inc, "reports").answer


def test_more_reporters_than_one_page(desk: Any, mail: world.Pager, monkeypatch: Any) -> None:
    monkeypatch.setattr("incidentkit.flows.reporters.PAGE", 2)
    inc = desk.declare("Mail is down")
    for n in range(5):
        desk.report("No mail", reporter=f"caller {n}", incident=inc)
    resolve(desk)
    assert sorted(world.said(mail)) == [f"caller {n}" for n in range(5)]


def test_whoever_it_was_reported_for_is_told(desk: Any, mail: world.Pager) -> None:
    desk.report("No mail", reporter="joe", on_behalf_of="eve")
    resolve(desk)
    assert world.said(mail) == ["eve"]


def test_one_who_reported_it_twice_hears_of_it_once(desk: Any, mail: world.Pager) -> None:
    for _ in range(2):
        desk.report("No mail", reporter="joe", incident=desk.declare("Down").ref)
    desk.report("No mail again", reporter="joe", incident="INC-1")
    resolve(desk)
    assert world.said(mail) == ["joe"]
    assert {x.state for x in desk.reports("INC-1")} == {"told"}


def test_a_report_after_the_end_is_told_at_once(desk: Any, mail: world.Pager) -> None:
    desk.report("No mail", reporter="joe")
    resolve(desk)
    desk.report("No mail", reporter="eve", incident="INC-1")
    desk.run_due()
    assert sorted(world.said(mail)) == ["eve", "joe"]


def test_nobody_is_told_where_the_policy_or_the_channels_say_so(open_desk: Open) -> None:
    sms = world.pager("sms", MessageKind.PAGE)
    silent = open_desk("memory:", channels={"sms": sms})
    silent.report("No mail", reporter="joe")
    resolve(silent)
    mail = world.pager("mail")
    policy = {"reports": {"told": {"send": False}}}
    quiet = open_desk("memory:", channels={"mail": mail}, policy=policy)
    quiet.report("No mail", reporter="joe")
    resolve(quiet)
    assert sms.messages == mail.messages == []
    assert [x.state for x in (*silent.reports("INC-1"), *quiet.reports("INC-1"))] == ["open"] * 2


def test_one_reopened_before_they_heard_is_not_told(desk: Any, mail: world.Pager) -> None:
    desk.report("No mail", reporter="joe")
    desk.resolve("INC-1", code="fixed", remedy="x")
    desk.reopen("INC-1", reason="not yet")
    desk.run_due()
    assert mail.messages == []


def test_the_reports_of_a_merged_one_hear_of_the_survivor(desk: Any, mail: world.Pager) -> None:
    desk.report("No mail", reporter="joe")
    desk.report("No post", reporter="eve")
    resolve(desk, "INC-2")
    desk.execute(Merge("INC-1", target="INC-2", reason="the same disk"))
    desk.run_due()
    resolve(desk)
    assert sorted(world.said(mail)) == ["eve", "eve", "joe"], "the first end was another's"


# --- yes and no -----------------------------------------------------------------------------------


def test_a_no_reopens_once_an_episode(desk: Any, mail: world.Pager) -> None:
    desk.report("No mail", reporter="joe")
    desk.report("No mail", reporter="eve", incident="INC-1")
    resolve(desk)
    report = desk.execute(RejectResolution("REP-2", reason="still nothing"), by="eve")
    assert (report.state, report.words) == ("rejected", "still nothing")
    inc = desk.incident("INC-1")
    assert (inc.status, inc.life.reopened) == ("in_progress", 1)
    entry = next(x for x in desk.journal("INC-1") if x.kind == "reopened")
    assert "REP-2" in entry.recorded.event.reason
    assert entry.recorded.cause.startswith("report/")
    with pytest.raises(TransitionNotAllowed, match="in_progress"):
        desk.execute(RejectResolution("REP-1", reason="me too"), by="joe")
    resolve(desk)
    assert sorted(world.said(mail)) == ["eve", "eve", "joe", "joe"], "all are asked again"
    desk.execute(RejectResolution("REP-2", reason="no"), by="eve")
    assert desk.incident("INC-1").life.reopened == 2


def test_a_no_is_said_once_and_may_become_a_yes(open_desk: Open) -> None:
    desk = open_desk("memory:", policy={"reports": {"rejection_reopens": False}})
    desk.report("No mail", reporter="joe")
    with pytest.raises(TransitionNotAllowed, match="which is new"):
        desk.execute(ConfirmResolution("REP-1"))
    resolve(desk)
    with pytest.raises(MissingFields, match="reason"):
        desk.execute(RejectResolution("REP-1"))
    desk.execute(RejectResolution("REP-1", reason="no"), by="joe")
    assert desk.incident("INC-1").status == "resolved"
    assert "the policy leaves that to people" in str(desk.timeline("INC-1")[-1])
    with pytest.raises(TransitionNotAllowed, match="confirm"):
        desk.execute(RejectResolution("REP-1", reason="no"))
    assert desk.execute(ConfirmResolution("REP-1")).state == "confirmed"
    version = desk.get("REP-1").version
    assert desk.execute(ConfirmResolution("REP-1")).version == version
    with pytest.raises(VersionMismatch):
        desk.execute(ConfirmResolution("REP-1", if_version=1))
    with pytest.raises(NotFound, match="report"):
        desk.execute(ConfirmResolution("INC-1"))
    with pytest.raises(NotFound, match="report"):
        desk.execute(ConfirmResolution("report/nope"))


def test_a_no_that_cannot_reopen_is_noted(open_desk: Open) -> None:
    desk = open_desk("memory:", policy={"lifecycle": {"reopen_closed": False}})
    desk.report("No mail", reporter="joe")
    desk.close("INC-1", code="fixed", remedy="x")
    desk.execute(RejectResolution("REP-1", reason="no"), by="joe")
    assert desk.incident("INC-1").status == "closed"
    assert "not reopened: " in str(desk.timeline("INC-1")[-1])


def test_a_report_that_waits_for_its_telling_may_answer_already(desk: Any) -> None:
    desk.report("No mail", reporter="joe")
    resolve(desk)
    desk.execute(RejectResolution("REP-1", reason="no"))
    desk.resolve("INC-1", code="fixed", remedy="x")
    assert desk.execute(RejectResolution("REP-1", reason="again no")).state == "rejected"


def test_a_reporter_answers_by_token(desk: Any, mail: world.Pager) -> None:
    desk.report("No mail", reporter="joe")
    desk.report("No mail", reporter="eve", incident="INC-1")
    resolve(desk)
    for _ in range(2):
        assert desk.receive("mail", said(mail, "confirm", "joe", id="m1")).rejected == ()
    assert desk.get("REP-1").state == "confirmed"
    assert desk.get("REP-2").state == "told"
    assert desk.receive("mail", said(mail, "reject", "eve", text="nothing")).rejected == ()
    assert desk.get("REP-2").words == "nothing"
    entry = next(x for x in desk.journal("REP-2") if x.kind == "resolution_rejected")
    assert entry.recorded.by == "eve"
    assert desk.incident("INC-1").status == "in_progress"
    again = desk.receive("mail", said(mail, "reject", "eve"))
    assert "in_progress" in again.rejected[0][1]


def test_an_answer_to_what_asked_nothing_is_refused(desk: Any, mail: world.Pager) -> None:
    desk.declare("Down", reporter="joe")
    desk.reply("INC-1", "We are at it.")
    desk.run_due()
    found = desk.receive("mail", said(mail, "confirm"))
    assert "asked for no confirm" in found.rejected[0][1]


def test_a_reporter_may_be_kept_from_reopening_a_major(open_desk: Open) -> None:
    policy = {"lifecycle": {"reporter_reopens_major": False}}
    desk = open_desk("memory:", policy=policy)
    desk.report("No mail", reporter="joe")
    make_major(desk)
    resolve(desk)
    with pytest.raises(TransitionNotAllowed, match="by its reporter"):
        desk.reopen("INC-1", reason="no", by="joe")
    desk.execute(RejectResolution("REP-1", reason="no"), by="joe")
    assert desk.incident("INC-1").status == "resolved"
    assert desk.reopen("INC-1", reason="joe is right", by="ana").status == "in_progress"


def test_a_major_moves_its_children_only_by_its_end(open_desk: Open) -> None:
    desk = open_desk("memory:")
    desk.declare("Down")
    desk.declare("Part")
    desk.execute(LinkTo("INC-2", kind="child_of", target="INC-1"))
    make_major(desk)
    desk.start("INC-1")
    desk.run_due()
    assert desk.incident("INC-2").status == "new"
    resolve(desk)
    assert desk.incident("INC-2").status == "resolved"


def make_major(desk: Any) -> None:
    """Write the overlay of a major incident, whose commands stand elsewhere."""
    import attrs

    from incidentkit.flows.draft import Workbook
    from incidentkit.flows.effects import Flow, Now
    from incidentkit.model.dossier import Dossier
    from incidentkit.model.incident_events import Noted
    from incidentkit.model.overlays import Overlays
    from incidentkit.model.words import MajorState

    setting, id_ = desk.setting(), desk.incident("INC-1").id

    def flow() -> Flow[None]:
        book = Workbook(setting, (yield from Now()))
        draft = yield from book.incident(id_)
        assert draft is not None
        draft.happened(Noted("major"), setting, book.at)
        more = Dossier(overlays=Overlays(MajorState.ACCEPTED))
        draft.incident = attrs.evolve(draft.incident, more=more)
        yield from book.commit()

    desk.run(flow, "major")


# --- replies, and waiting for an answer -----------------------------------------------------------


def test_a_reply_goes_to_every_reporter_or_to_one(desk: Any, mail: world.Pager) -> None:
    desk.report("No mail", reporter="joe")
    for _ in range(2):
        desk.report("No mail", reporter="eve", incident="INC-1")
    desk.reply("INC-1", "A disk is broken.", by="ana")
    desk.run_due()
    assert sorted(world.said(mail)) == ["eve", "joe"]
    desk.execute(Reply("INC-1", text="Which room?", to="eve"))
    desk.note("INC-1", "never outside")
    desk.run_due()
    assert sorted(world.said(mail)) == ["eve", "eve", "joe"]
    assert desk.receive("mail", said(mail, "note", "joe", text="room 4")).rejected == ()
    assert "joe answered about REP-1: room 4" in str(desk.timeline("INC-1")[-1])


def test_a_reply_to_one_report_without_a_reporter_of_its_own(desk: Any, mail: world.Pager) -> None:
    desk.declare("Mail is down")
    with pytest.raises(MissingFields, match="reporter"):
        desk.reply("INC-1", "x")
    desk.report("No mail", reporter="joe", incident="INC-1")
    desk.reply("INC-1", "We are at it.")
    desk.run_due()
    assert world.said(mail) == ["joe"]


def test_the_answer_of_whoever_is_waited_for_ends_the_wait(desk: Any, mail: world.Pager) -> None:
    desk.report("No mail", reporter="joe")
    desk.start("INC-1", by="ana")
    desk.hold("INC-1", reason="caller", court="", by="ana")
    assert desk.incident("INC-1").course.holds[-1].court == "joe", "the policy knows whose"
    desk.reply("INC-1", "Which room?", by="ana")
    desk.run_due()
    assert desk.receive("mail", said(mail, "note", "joe", text="room 4")).rejected == ()
    assert desk.incident("INC-1").status == "in_progress"
    desk.hold("INC-1", reason="caller", court="joe", by="ana")
    desk.report("No mail", reporter="eve", incident="INC-1")
    assert desk.incident("INC-1").status == "on_hold", "another caller is no answer"
    desk.report("Room 4", reporter="joe", incident="INC-1")
    assert desk.incident("INC-1").status == "in_progress"
    desk.hold("INC-1", reason="vendor", court="ACME", by="ana")
    desk.receive("mail", said(mail, "note", "joe", text="hello?"))
    assert desk.incident("INC-1").status == "on_hold"


# --- does it belong to one that is open? ----------------------------------------------------------


def joining(open_desk: Open, time: ManualTime, how: str) -> Any:
    policy = {"reports": {"join": how, "within": "1h"}}
    desk = open_desk("memory:", policy=policy, time=time)
    desk.declare("Mail is down", service="mail")
    return desk


def test_by_default_a_report_declares_its_own(desk: Any) -> None:
    desk.declare("Mail is down", service="mail")
    assert desk.report("No mail", reporter="joe", service="mail").ref == "INC-2"


def test_a_report_may_join_by_the_policy(open_desk: Open, time: ManualTime) -> None:
    desk = joining(open_desk, time, "join")
    assert desk.report("No mail", reporter="joe", service="mail", request="r").ref == "INC-1"
    assert desk.report("No mail", reporter="joe", service="mail", request="r").ref == "INC-1"
    assert desk.incident("INC-1").ties.reports == 1
    (reason,) = desk.explain("INC-1", "reports").reasons
    assert (reason.rule, reason.outcome) == ("join.report", "join INC-1")
    assert rerun(reason) == "join INC-1"
    assert rerun(reason, within_seconds=-1) == ""
    assert desk.report("No phone", reporter="joe", service="phone").ref == "INC-2"
    lines = {"service": "phone", "category": "network"}
    assert desk.report("Noise", reporter="joe", **lines).ref == "INC-2", "it had none"
    assert desk.incident("INC-2").card.category == ""
    assert desk.report("No idea", reporter="joe").ref == "INC-3"
    time.move(hours=1, seconds=1)
    assert desk.report("No mail", reporter="eve", service="mail").ref == "INC-4"


def test_a_report_may_be_suggested_by_the_policy(open_desk: Open, time: ManualTime) -> None:
    desk = joining(open_desk, time, "suggest")
    assert desk.report("No mail", reporter="joe", service="mail").ref == "INC-2"
    told = desk.explain("REP-1", "reports")
    assert told.reasons[0].outcome == "suggest INC-1"
    assert any("may belong to INC-1" in line for line in told.lines)


# --- a record of its own --------------------------------------------------------------------------


def test_a_report_is_read_like_any_record(desk: Any) -> None:
    desk.report("No mail", reporter="joe", text="since nine", location="Graz", contact="4711")
    report = desk.get("REP-1")
    assert (report.reporter, report.location, report.contact) == ("joe", "Graz", "4711")
    assert report.incident == desk.incident("INC-1").id
    assert [x.kind for x in desk.journal("REP-1")] == ["report_received"]
    assert [x.kind for x in desk.journal(report)] == ["report_received"]
    for wrong in (desk.incident, desk.problem):
        with pytest.raises(NotFound):
            wrong("REP-1")
    with pytest.raises(InvalidValue, match="topic"):
        desk.explain("REP-1", "weather")
    with pytest.raises(InvalidValue, match="report to incident"):
        desk.execute(LinkTo("REP-1", kind="blocks", target="INC-1"))
