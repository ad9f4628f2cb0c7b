"""Private incidents, broken glass, who read: the stories around the built-in authoriser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import (
    Condition,
    ManualTime,
    Merge,
    MessageKind,
    Notify,
    Opinion,
    Permission,
    PlaceLegalHold,
    SetLabel,
)
from incidentkit.errors import (
    InvalidValue,
    MissingFields,
    NotAuthorised,
    NotFound,
    TransitionNotAllowed,
)
from incidentkit.flows.kinds import CAPTURE
from tests.access.secret_world import everything_in
from tests.flows import world

Open = Callable[..., Any]
ROLES: dict[str, Any] = {
    "viewer": {"members": ["vic"]},
    "responder": {"members": ["rob", "eve"]},
    "manager": {"members": ["mia"]},
    "admin": {"members": ["adam"]},
}


POST = world.pager("post", MessageKind.NOTICE)


def opened(open_desk: Open, url: str = "memory:", **access: Any) -> Any:
    policy = {"access": {"on": True, "everybody": "", "roles": ROLES, **access}}
    return open_desk(
        url,
        policy=policy,
        channels={"sms": world.pager("sms", MessageKind.PAGE), "post": POST},
        time=ManualTime(),
        blobs="memory:",
    )


def test_a_private_incident_is_there_for_its_people_alone(open_desk: Open, url: str) -> None:
    desk = opened(open_desk, url)
    ref = desk.declare("Somebody copied the customer list", owner="mia").ref
    desk.as_("mia").make_private(ref, reason="an employee is concerned", admits=("vic",))
    for actor in ("mia", "vic", "adam"):
        assert desk.as_(actor).incident(ref).ref == ref
    for call in (desk.as_("rob").get, desk.as_("rob").timeline, desk.as_("rob").start):
        with pytest.raises(NotFound):
            call(ref)
    desk.assign(ref, "rob", by="mia")
    assert desk.as_("rob").start(ref).active
    desk.assign(ref, "mia", by="mia")
    assert desk.as_("rob").count() == 0, "who has nothing more to do with it sees it no more"
    desk.as_("mia").lift_privacy(ref, reason="it was a mistake")
    assert desk.as_("eve").incident(ref).dossier.overlays.privacy is None
    told = [str(x) for x in desk.timeline(ref)]
    assert any("mia made it private and admitted vic: an employee" in x for x in told)


def test_privacy_needs_a_reason_and_somebody_who_may(open_desk: Open) -> None:
    desk = opened(open_desk)
    ref = desk.declare("Down").ref
    with pytest.raises(MissingFields):
        desk.make_private(ref, reason="")
    with pytest.raises(NotAuthorised, match="rob may not make_private"):
        desk.as_("rob").make_private(ref, reason="x")
    with pytest.raises(TransitionNotAllowed, match="not private"):
        desk.lift_privacy(ref, reason="x")
    first = desk.make_private(ref, reason="x")
    assert desk.make_private(ref, reason="x").version == first.version, "said again, nothing"
    with pytest.raises(MissingFields):
        desk.lift_privacy(ref, reason="")


def test_a_merge_keeps_private_what_was(open_desk: Open) -> None:
    desk = opened(open_desk)
    hidden, other = desk.declare("One").ref, desk.declare("Two").ref
    desk.make_private(hidden, reason="x", admits=("vic",))
    desk.execute(Merge(other, target=hidden, reason="the same"))
    assert desk.as_("vic").incident(other).ref == other
    with pytest.raises(NotFound):
        desk.as_("rob").get(other)


def test_an_incident_is_born_private(open_desk: Open, url: str) -> None:
    desk = opened(open_desk, url)
    mia = desk.as_("mia")
    born = mia.declare("Somebody left with the list", private="a person", admits=("vic",))
    reported = mia.report("I saw it", reporter="mia", service="web", private="a witness")
    plain = desk.report("Web is slow", reporter="rob", service="web")
    assert [len(desk.as_(x).find().items) for x in ("adam", "mia", "vic", "rob")] == [3, 3, 2, 1]
    for incident in (born, reported):
        first = desk.journal(incident)
        kinds = [x.kind for x in first]
        assert kinds.index("privacy_set") == 1, "nothing is told of it before"
        assert {x.at for x in first} == {first[0].at}
    with pytest.raises(InvalidValue, match="say why it is private"):
        desk.declare("One", admits=("vic",))
    with pytest.raises(InvalidValue, match="is for a new incident"):
        desk.report("Me, too", reporter="mia", incident=plain, private="a witness")


def test_the_policy_says_what_is_private(open_desk: Open, url: str) -> None:
    desk = opened(
        open_desk,
        url,
        private_when='incident.labels.about == "conduct" or incident.priority == "P1"',
        private_admits=["vic"],
    )
    ref = desk.declare("A complaint", labels={"about": "conduct"}).ref
    other = desk.declare("Another").ref
    assert [len(desk.as_(x).find().items) for x in ("vic", "rob")] == [2, 1]
    told = [str(x) for x in desk.timeline(ref)]
    assert any("made it private and admitted vic: the policy says so" in x for x in told)
    desk.lift_privacy(ref, reason="it is known to all")
    desk.note(ref, "and open it stays")
    desk.edit(ref, title="The complaint")
    assert desk.as_("rob").incident(ref).title == "The complaint"
    desk.edit(ref, labels={"about": "else"})
    desk.edit(ref, labels={"about": "conduct"})
    desk.prioritise(other, impact="high", urgency="high")
    assert desk.as_("rob").count() == 0


def test_the_glass_can_be_broken_for_a_while(open_desk: Open, url: str) -> None:
    desk = opened(open_desk, url, break_glass_tells=["sec"], break_glass_for="30m")
    ref = desk.declare("Down", owner="mia").ref
    desk.make_private(ref, reason="x")
    with pytest.raises(NotFound):
        desk.as_("vic").break_glass(ref, "curious")  # a viewer may not, and learns nothing
    with pytest.raises(NotFound):
        desk.as_("eve").break_glass("INC-99", "nothing there")
    with pytest.raises(MissingFields):
        desk.as_("eve").break_glass(ref, "")
    found = desk.as_("eve").break_glass(ref, "mia does not answer, customers wait")
    assert found.dossier.tasks[-1].assignee == "mia"
    assert desk.as_("eve").incident(ref).ref == ref
    desk.run_due()
    told = {x.to for x in POST.messages if "eve took access" in x.text}
    assert told == {"mia", "sec"}
    assert any("eve broke the glass" in str(x) for x in desk.timeline(ref))
    desk.ports.time.move(minutes=31)
    with pytest.raises(NotFound):
        desk.as_("eve").incident(ref)


def test_who_sees_it_is_told_that_breaking_is_not_for_them(open_desk: Open) -> None:
    desk = opened(open_desk)
    ref = desk.declare("Down").ref
    with pytest.raises(NotAuthorised, match="vic may not break_glass"):
        desk.as_("vic").break_glass(ref, "why not")


def test_reading_under_a_strict_label_is_written_down(open_desk: Open, url: str) -> None:
    desk = opened(open_desk, url, read_audit="amber", read_audit_every="10m")
    plain, strict = desk.declare("One").ref, desk.declare("Two").ref
    desk.execute(SetLabel(strict, "amber"))
    rob = desk.as_("rob")
    version = rob.incident(strict).version
    _ = rob.timeline(strict), rob.find(), rob.incident(plain)
    assert rob.incident(strict).version == version, "reading makes no writer's version stale"
    line = desk.readings(strict)[0]
    assert [x.recorded.by for x in desk.as_("mia").readings(strict)] == ["rob", "mia"]
    assert (line.recorded.by, line.recorded.event.label) == ("rob", "TLP:AMBER")
    assert desk.readings(plain) == ()
    desk.ports.time.move(minutes=11)
    _ = rob.explain(strict)
    assert [(x.recorded.by, x.recorded.event.what) for x in desk.readings(strict)] == [
        ("rob", "get"),
        ("mia", "get"),
        ("rob", "get"),
    ]
    told = [str(x) for x in desk.as_("mia").timeline(strict)]
    assert sum("rob read it under TLP:AMBER" in x for x in told) == 2
    assert not any("read it" in str(x) for x in rob.timeline(strict)), "that is for managers"
    with pytest.raises(NotAuthorised):
        rob.readings(strict)
    assert desk.verify().problems == ()


def test_reading_is_written_down_in_an_open_world_too(open_desk: Open) -> None:
    desk = open_desk("memory:", policy={"access": {"read_audit": "red"}}, time=ManualTime())
    ref = desk.declare("One").ref
    desk.execute(SetLabel(ref, "red"))
    _ = desk.as_("ana").get(ref)
    assert [x.recorded.by for x in desk.readings(ref)] == ["ana"]


class Denies:
    """A host's authoriser that denies one thing, and hides one service."""

    def may(self, actor: str, action: str, subject: str) -> Permission:
        return Permission(Opinion.DENY if action == "cancel" else Opinion.ALLOW, "house rule")

    def scope(self, actor: str, kind: str) -> Condition | None:
        there = kind in ("incident", "problem", "change", "alert")
        return Condition.parse('service != "pay"' if there else "true")


def test_both_must_allow_and_both_must_show(open_desk: Open) -> None:
    policy = {"access": {"on": True, "everybody": "", "roles": ROLES}}
    desk = open_desk("memory:", policy=policy, authoriser=Denies(), time=ManualTime())
    for service in ("web", "pay"):
        desk.declare(service, service=service)
    desk.execute(SetLabel("INC-1", "green"))
    with pytest.raises(NotAuthorised, match="house rule"):
        desk.as_("rob").cancel("INC-1", why="x")
    with pytest.raises(NotAuthorised, match="viewer: may not start"):
        desk.as_("vic").start("INC-1")
    assert {x.ref for x in desk.as_("rob").find().items} == {"INC-1"}
    assert desk.as_("nick").count() == 0


def test_doctor_says_whether_anybody_is_asked(open_desk: Open) -> None:
    def said(desk: Any) -> list[str]:
        return [x.message for x in desk.diagnose() if x.subject == "authoriser"]

    assert "every actor" in said(open_desk("memory:"))[0]
    assert said(opened(open_desk)) == [
        "the policy judges by roles: admin, manager, responder, viewer"
    ]


def test_redacting_drops_the_words_everywhere(open_desk: Open, url: str) -> None:
    desk = opened(open_desk, url)
    ref = desk.declare("Down", impact="high", urgency="high", reporter="cleo").ref
    desk.note(ref, "the password is swordfish", by="rob")
    assert desk.search("swordfish").items
    noted = next(x for x in desk.journal(ref) if x.kind == "noted")
    with pytest.raises(NotAuthorised):
        desk.as_("rob").redact(ref, (noted.seq,), reason="a password")
    desk.execute(PlaceLegalHold(ref, reason="claim 7"))
    with pytest.raises(TransitionNotAllowed, match="legal hold"):
        desk.redact(ref, (noted.seq,), reason="a password", by="mia")
    other = desk.declare("Other").ref
    desk.note(other, "the password is swordfish", by="rob")
    seq = next(x for x in desk.journal(other) if x.kind == "noted").seq
    assert desk.verify().problems == ()
    desk.as_("mia").redact(other, (seq,), reason="a password")
    assert {x.ref for x in desk.search("swordfish").items} == {ref}
    assert desk.verify().problems == ()
    told = [str(x) for x in desk.timeline(other)]
    assert any("mia redacted entry" in x and "a password" in x for x in told)
    assert not any("swordfish" in x for x in told)


def test_a_queue_shows_no_tokens(open_desk: Open) -> None:
    desk = opened(open_desk)
    desk.declare("Down", impact="high", urgency="high", assign="rob")
    shown = [x.task.body for x in desk.tasks() if x.task.queue == "message"]
    assert shown
    assert all(" " not in each for each in shown)
    with pytest.raises(NotAuthorised):
        desk.as_("mia").tasks()


def test_what_was_sent_is_redacted_with_its_entry(open_desk: Open, url: str) -> None:
    desk = opened(open_desk, url)
    ref = desk.declare("Down", reporter="cleo").ref
    desk.reply(ref, "your password is swordfish")
    desk.reply(ref, "all is well")
    desk.run_due()
    replied = [x.seq for x in desk.journal(ref) if x.kind in ("replied", "notice_queued")]
    desk.redact(ref, replied[:2], reason="a password", by="mia")
    texts = [x.text for x in desk.deliveries(ref) if x.kind is MessageKind.NOTICE]
    assert texts == ["[redacted]", "all is well"]
    assert desk.verify().problems == ()
    told = str([str(x) for x in desk.timeline(ref)])
    assert "swordfish" not in told
    assert desk.search("swordfish").items == ()


def test_redaction_reaches_whatever_said_the_same(open_desk: Open, url: str) -> None:
    desk = opened(open_desk, url)
    reported = desk.report("Web: swordfish", reporter="eve", text="my word is swordfish")
    ref = reported.ref
    sms = desk.ports.plugins.channels["sms"]
    desk.run_due()
    desk.assign(ref, "rob")
    desk.triage(ref, impact="high", urgency="high")
    desk.reply(ref, "we got swordfish")
    (capture,) = world.records(desk, CAPTURE)
    kinds = ("declared", "report_joined", "replied", "notice_queued")
    said = [x.seq for x in desk.journal(ref) if x.kind in kinds]
    assert desk.verify().problems == ()
    desk.as_("mia").redact(ref, said, reason="a password")
    now = desk.incident(ref)
    assert (now.title, now.card.summary) == ("[redacted]", "")
    (report,) = desk.reports(ref)
    assert (report.title, report.text, report.reporter) == ("[redacted]", "", "eve")
    assert world.entries(desk, "capture", capture.id)[0].recorded is None
    desk.run_due()
    states = {x.kind: (x.state, x.text) for x in desk.deliveries(ref)}
    assert states[MessageKind.NOTICE] == ("unwanted", "[redacted]")
    assert states[MessageKind.PAGE] == ("sent", "[redacted]"), "whoever is paged still wakes"
    (paged,) = [x for x in sms.messages if x.to == "rob"]
    assert paged.text == f"{ref} P1: its words were redacted"
    shown = (desk.journal(ref), desk.timeline(ref), desk.find().items, desk.reports(ref))
    assert "swordfish" not in everything_in((shown, desk.deliveries(ref), sms.messages))
    assert desk.search("swordfish").items == ()
    assert desk.verify().problems == ()
    desk.redact(ref, said, reason="said again, it is harmless")


def test_what_was_written_since_stays(open_desk: Open) -> None:
    desk = opened(open_desk)
    ref = desk.declare("Down with swordfish", summary="swordfish").ref
    desk.edit(ref, title="Down", summary="It is slow")
    desk.redact(ref, (1,), reason="a password")
    assert (desk.incident(ref).title, desk.incident(ref).card.summary) == ("Down", "It is slow")
    edited = next(x.seq for x in desk.journal(ref) if x.kind == "edited")
    desk.redact(ref, (edited,), reason="that as well")
    assert (desk.incident(ref).title, desk.incident(ref).card.summary) == ("[redacted]", "")


def test_under_a_legal_hold_all_of_it_stays(open_desk: Open) -> None:
    desk = opened(open_desk)
    ref = desk.report("Web: swordfish", reporter="eve", text="swordfish").ref
    desk.execute(PlaceLegalHold(ref, reason="claim 7"))
    with pytest.raises(TransitionNotAllowed, match="legal hold"):
        desk.redact(ref, (1, 2), reason="a password")
    (capture,) = world.records(desk, CAPTURE)
    assert world.entries(desk, "capture", capture.id)[0].recorded is not None
    assert desk.reports(ref)[0].text == "swordfish"


def test_whoever_may_not_see_it_is_told_nothing_of_it(open_desk: Open, url: str) -> None:
    """Whoever is paged about what is closed to them is let in by acknowledging."""
    desk = open_desk(
        url,
        policy={
            "access": {"on": True, "everybody": "", "roles": ROLES},
            "paging": {"fallback": "rob"},
            "audiences": {"post": {"members": ["vic", "mia"]}},
            "notices": [
                {
                    "on": ["mitigated"],
                    "audience": "post",
                    "template": "$incident.title is better",
                }
            ],
        },
        channels={"sms": world.pager("sms", MessageKind.PAGE, MessageKind.NOTICE)},
        time=ManualTime(),
    )
    sms = desk.ports.plugins.channels["sms"]
    ref = desk.declare("Ana is ill", **world.URGENT, private="a person", admits=("mia",)).ref
    desk.run_due()
    (paged,) = [x for x in sms.messages if x.to == "rob"]
    assert (paged.title, paged.text) == (
        "An incident",
        f"{ref} P1: closed to you; acknowledge it to be let in",
    )
    with pytest.raises(NotFound):
        desk.as_("rob").incident(ref)
    sms_answer = f'{{"type": "acknowledge", "token": "{paged.answer_token}", "id": "1"}}'
    desk.receive("sms", sms_answer)
    assert desk.as_("rob").incident(ref).title == "Ana is ill"
    desk.mitigate(ref, by="rob")
    desk.execute(Notify(ref, "post", text="Come to room 4"))
    desk.run_due()
    told = {(x.to, x.title, x.text) for x in sms.messages if x.kind is MessageKind.NOTICE}
    assert ("mia", "Ana is ill", "Ana is ill is better") in told
    assert ("vic", "An incident", f"{ref} P1: closed to you; acknowledge it to be let in") in told
    assert ("vic", "An incident", "Come to room 4") in told, "a person wrote that, for them"
