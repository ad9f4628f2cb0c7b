"""Planned work in the desk: what is refused, who hears of it, and that it can be verified.

The whole story stands in the scenario of situation D; here are its edges.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import (
    AnnounceMaintenance,
    ApproveMaintenance,
    CancelMaintenance,
    CompleteMaintenance,
    EditMaintenance,
    ExtendMaintenance,
    LinkTo,
    ManualTime,
    MessageKind,
    NoteMaintenance,
    Opinion,
    Permission,
    PlanMaintenance,
    Refused,
    RescheduleMaintenance,
    RollBackMaintenance,
    StartMaintenance,
    Unlink,
)
from incidentkit.codec.kinds import KINDS
from incidentkit.errors import (
    ConditionError,
    InvalidValue,
    NotAuthorised,
    NotFound,
    RequestReused,
    VersionMismatch,
)
from incidentkit.flows import audit
from incidentkit.lang.conditions import ALWAYS
from tests.flows import world
from tests.flows.world import alert, payload

Open = Callable[..., Any]
HOUR = timedelta(hours=1)


class Planning:
    """A desk and a plan for the next hour, owned by ana."""

    def __init__(
        self, open_desk: Open, url: str = "memory:", *, kinds: Any = (), **given: Any
    ) -> None:
        self.time, self.sms = ManualTime(), world.pager("sms", *kinds)
        policy = {
            "notices": [],
            "paging": {"fallback": "boss"},
            "audiences": {
                "staff": {"members": ["sue", "tom"]},
                "board": {"members": ["eve"], "channel": "fax"},
                "nobody": {"members": []},
            },
            **given.pop("policy", {}),
        }
        self.desk = open_desk(
            url, time=self.time, channels={"sms": self.sms}, policy=policy, **given
        )

    def do(self, command: Any, by: str = "ana", **more: Any) -> Any:
        return self.desk.execute(command, by=by, **more)

    def plan(self, title: str = "Upgrade", **more: Any) -> Any:
        now = self.time.now()
        given = {"start": now, "end": now + HOUR, "services": ("checkout",), **more}
        return self.do(PlanMaintenance(title, **given))

    def going(self, **more: Any) -> str:
        ref: str = self.plan(**more).ref
        self.do(ApproveMaintenance(ref), by="bob")
        if more.get("audiences"):
            self.do(AnnounceMaintenance(ref))
        self.do(StartMaintenance(ref))
        return ref

    def later(self, **by: float) -> None:
        self.time.move(**by)
        self.desk.run_due()

    def said(self) -> list[tuple[str, str]]:
        return sorted((x.kind.value, x.to) for x in self.sms.messages)


@pytest.fixture
def planning(open_desk: Open, url: str) -> Planning:
    return Planning(open_desk, url)


# --- refusals ------------------------------------------------------------------------------------


def test_what_cannot_be_planned_changes_nothing(planning: Planning) -> None:
    for more, error in (
        ({"audiences": ("customers",)}, NotFound),
        ({"expected": 'sevrity == "low"'}, ConditionError),
        ({"priority": "P1"}, InvalidValue),
        ({"end": planning.time.now()}, InvalidValue),
    ):
        with pytest.raises(error):
            planning.plan(**more)
    assert planning.desk.find_records("maintenance").items == ()
    assert planning.plan().ref.startswith("MNT-")


def test_an_edit_is_checked_like_a_plan(planning: Planning) -> None:
    ref = planning.plan().ref
    for more, error in (
        ({"audiences": ("customers",)}, NotFound),
        ({"expected": "sevrity"}, ConditionError),
        ({"priority": "P1"}, InvalidValue),
    ):
        with pytest.raises(error):
            planning.do(EditMaintenance(ref, **more))
    assert planning.do(EditMaintenance(ref, labels=None, title="Upgrade to 17")).version == 2


def test_in_a_closed_world_services_are_listed(open_desk: Open) -> None:
    planning = Planning(open_desk, policy={"closed": True, "services": ["checkout"]})
    with pytest.raises(InvalidValue, match="search"):
        planning.plan(services=("search",))
    ref = planning.plan().ref
    with pytest.raises(InvalidValue, match="search"):
        planning.do(EditMaintenance(ref, services=("search",)))


def test_a_policy_that_closes_meanwhile_does_not_stop_the_proposal(open_desk: Open) -> None:
    planning = Planning(open_desk)
    ref = planning.going(services=("search", "checkout"))
    policy = {"closed": True, "services": ["checkout"], "parties": ["boss"], "notices": []}
    planning.desk.adopt(policy)
    planning.later(minutes=60)
    incident = planning.desk.incident(planning.desk.get(ref).proposed)
    assert (incident.card.service, incident.assignee) == ("checkout", None)


def test_a_record_is_meant_by_its_kind_and_version(planning: Planning) -> None:
    planning.desk.declare("Down")
    ref = planning.plan().ref
    for wrong in ("INC-1", "MNT-9"):
        with pytest.raises(NotFound):
            planning.do(ApproveMaintenance(wrong))
    with pytest.raises(VersionMismatch):
        planning.do(ApproveMaintenance(ref, if_version=9))
    with pytest.raises(NotFound):
        planning.desk.incident(ref)
    with pytest.raises(NotFound):
        planning.desk.problem(ref)
    with pytest.raises(NotFound, match="maintenance"):
        planning.desk.find_records("recipe")
    with pytest.raises(InvalidValue, match="over"):
        planning.desk.find_records("maintenance", colour="red")
    with pytest.raises(InvalidValue, match="planned"):
        planning.desk.find_records("maintenance", state="plannd")
    assert planning.desk.get(planning.desk.get(ref)).ref == ref


def test_a_repeated_request_plans_once(planning: Planning) -> None:
    now = planning.time.now()
    command = PlanMaintenance("Upgrade", now, now + HOUR)
    first = planning.do(command, request="r1")
    again = planning.do(command, request="r1")
    assert first.ref == again.ref
    with pytest.raises(RequestReused):
        planning.do(PlanMaintenance("Other", now, now + HOUR), request="r1")


class Auditors:
    """Lets auditors read and nobody else do anything about planned work."""

    name = "auditors"

    def may(self, actor: str, action: str, subject: str) -> Permission:
        planned = subject.startswith("maintenance") and actor != "system"
        return Permission(Opinion.DENY if planned else Opinion.ALLOW, "auditors only read")

    def scope(self, actor: str, kind: str) -> Any:
        return ALWAYS if actor == "auditor" or kind != "maintenance" else None


def test_the_authoriser_is_asked(open_desk: Open) -> None:
    planning = Planning(open_desk, authoriser=Auditors())
    ref = planning.desk.execute(
        PlanMaintenance("Upgrade", planning.time.now(), planning.time.now() + HOUR)
    ).ref
    with pytest.raises(NotAuthorised):
        planning.do(PlanMaintenance("Other"))
    with pytest.raises(NotFound):  # what somebody may not see is not there for them
        planning.do(ApproveMaintenance(ref))
    assert planning.desk.as_("auditor").get(ref).ref == ref
    with pytest.raises(NotFound):
        planning.desk.as_("ana").get(ref)
    assert planning.desk.as_("ana").find_records("maintenance").items == ()


# --- who hears of it -----------------------------------------------------------------------------


def test_announcing_needs_a_channel_that_takes_notices(open_desk: Open) -> None:
    planning = Planning(open_desk, kinds=(MessageKind.PAGE,))
    ref = planning.plan(audiences=("staff",)).ref
    planning.do(ApproveMaintenance(ref), by="bob")
    with pytest.raises(InvalidValue, match="no channel takes notices"):
        planning.do(AnnounceMaintenance(ref))


def test_an_audience_that_nobody_reaches_is_said_to_be_one(planning: Planning) -> None:
    ref = planning.plan(audiences=("staff", "board", "nobody")).ref
    planning.do(ApproveMaintenance(ref), by="bob")
    planning.do(AnnounceMaintenance(ref))
    told = [x for x in world.events(planning.desk, ref) if type(x).__name__ == "NoticeQueued"]
    assert [(x.audience, x.recipients) for x in told] == [  # type: ignore[attr-defined]
        ("staff", 2),
        ("board", 0),
        ("nobody", 0),
    ]


def test_who_was_told_hears_of_every_change_and_nobody_else(planning: Planning) -> None:
    quiet = planning.plan(audiences=("staff",)).ref
    planning.do(CancelMaintenance(quiet, "not needed"))
    planning.desk.run_due()
    assert planning.said() == []
    ref = planning.plan(audiences=("staff",)).ref
    planning.do(ApproveMaintenance(ref), by="bob")
    planning.do(AnnounceMaintenance(ref))
    now = planning.time.now()
    planning.do(RescheduleMaintenance(ref, now + HOUR, now + 2 * HOUR, "a fair"))
    planning.do(NoteMaintenance(ref, "for those inside"))
    planning.do(CancelMaintenance(ref, "not needed"))
    planning.desk.run_due()
    texts = [x.text for x in planning.sms.messages if x.to == "sue"]
    assert ["was moved" in texts[1], "does not take place" in texts[2]] == [True, True]
    assert len(texts) == 3
    assert not any("inside" in text for text in texts)


def test_rolling_back_is_told_and_lets_go(planning: Planning) -> None:
    ref = planning.going(audiences=("staff",))
    planning.desk.receive("alertmanager", payload(alert("a")))
    planning.do(RollBackMaintenance(ref, "too slow"))
    planning.desk.run_due()
    assert len(planning.desk.find().items) == 1
    assert any("too slow" in x.text for x in planning.sms.messages if x.to == "sue")
    assert planning.desk.get(ref).held == 1


def test_the_fallback_is_asked_where_nobody_owns_it(open_desk: Open) -> None:
    planning = Planning(open_desk, policy={"maintenance": {"propose": False}})
    ref = planning.desk.execute(
        PlanMaintenance("Upgrade", planning.time.now(), planning.time.now() + HOUR), by="boss"
    ).ref
    planning.do(ApproveMaintenance(ref))
    planning.do(StartMaintenance(ref))
    planning.later(minutes=30)
    planning.later(minutes=30)
    assert planning.said() == [("page", "boss"), ("page", "boss")]
    assert planning.desk.find().items == (), "the policy proposes no incident"
    assert planning.desk.get(ref).proposed == ""
    reasons = [x.recorded.reason for x in planning.desk.journal(ref) if x.kind == "page_queued"]
    assert [x.inputs["occasion"] for x in reasons] == ["maintenance_ends", "maintenance_overran"]


def test_what_became_of_a_page_stands_with_the_work(planning: Planning) -> None:
    ref = planning.going()
    planning.sms.answer_next(Refused("no such number"))
    planning.later(minutes=30)
    settled = [x for x in planning.desk.journal(ref) if x.kind == "delivery_settled"]
    assert [x.recorded.event.state for x in settled] == ["refused"]
    planning.do(ExtendMaintenance(ref, planning.time.now() + HOUR, "slow disks"))
    planning.later(minutes=30)
    token = planning.sms.messages[-1].answer_token
    lost = {"type": "receipt", "token": token, "ok": False, "detail": "switched off"}
    planning.desk.receive("sms", json.dumps(lost))
    planning.desk.run_due()
    last = planning.desk.journal(ref)[-1].recorded
    assert (last.event.state, last.event.detail) == ("not_received", "switched off")


def test_an_answer_counts_once_and_says_who(planning: Planning) -> None:
    ref = planning.going()
    planning.later(minutes=30)
    said = {"type": "acknowledge", "token": planning.sms.messages[-1].answer_token, "id": "<1@x>"}
    for repeats in (0, 1):
        assert planning.desk.receive("sms", json.dumps(said)).repeats == repeats
    answered = [x for x in planning.desk.journal(ref) if x.kind == "message_answered"]
    assert [(x.recorded.by, x.recorded.event.party) for x in answered] == [("ana", "ana")]


def test_a_page_about_what_is_over_is_not_sent(planning: Planning) -> None:
    ref = planning.going()
    from incidentkit import Retry

    planning.sms.answer_always(Retry("busy"))
    planning.later(minutes=30)
    planning.do(CompleteMaintenance(ref))
    planning.sms.answer_always(None)
    planning.later(minutes=1)
    assert planning.said() == []
    (delivery,) = planning.desk.deliveries(ref)
    assert (delivery.state, delivery.detail) == ("unwanted", "nothing is left to do about it")


# --- ties and proof ------------------------------------------------------------------------------


def test_links_stand_at_both_ends(planning: Planning) -> None:
    ref = planning.plan().ref
    planning.desk.declare("Down")
    planning.do(LinkTo("INC-1", "caused_by_change", ref))
    planning.desk.run_due()
    assert world.links(planning.desk.get(ref)) == {("change_caused", "INC-1")}
    work = planning.desk.get(ref)
    planning.do(Unlink("INC-1", "caused_by_change", f"maintenance/{work.id}"))
    planning.desk.run_due()
    assert world.links(planning.desk.get(ref)) == set()


def test_every_kind_of_record_is_sealed() -> None:
    assert set(audit.KINDS) == set(KINDS) - {"seal"}


def test_the_journals_of_planned_work_are_verified(planning: Planning) -> None:
    planning.going()
    planning.desk.seal()
    found = planning.desk.verify()
    assert not found.problems
    streams = planning.desk.journal("MNT-1")
    assert [x.seq for x in streams] == list(range(1, len(streams) + 1))
