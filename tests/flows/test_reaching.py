"""Whom a message reaches: members of teams, the policy's own directory, at last the bare name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import Contact, ManualTime, MessageKind
from incidentkit.flows.reaching import MOST
from tests.flows import world
from tests.flows.world import URGENT

Open = Callable[..., Any]

PEOPLE: dict[str, Any] = {
    "ana": {"contacts": {"sms": "+ana", "post": "ana@x"}},
    "bo": {"contacts": {"sms": ["+bo", "+bo2"]}},
    "ops": {"kind": "team", "members": ["ana", "bo"]},
    "night": {"kind": "role", "members": ["ops", "cy", "ana"]},
    "desk": {"kind": "team", "members": ["ana"], "contacts": {"sms": "+desk"}},
    "empty": {"kind": "team"},
}


def story(open_desk: Open, url: str = "memory:", **given: Any) -> tuple[Any, Any, Any]:
    sms = world.pager("sms", MessageKind.PAGE)
    post = world.pager("post", MessageKind.NOTICE)
    given.setdefault("policy", {"paging": {"rounds": 1}, "directory": PEOPLE})
    channels = {"sms": sms, "post": post}
    return open_desk(url, time=ManualTime(), channels=channels, **given), sms, post


@pytest.mark.parametrize(
    ("party", "reached"),
    [
        ("ana", ["+ana"]),
        ("bo", ["+bo", "+bo2"]),
        ("eve", ["eve"]),
        ("ops", ["+ana", "+bo", "+bo2"]),
        ("night", ["+ana", "+bo", "+bo2", "cy"]),
        ("desk", ["+desk"]),
        ("empty", ["empty"]),
    ],
)
def test_a_page_reaches(open_desk: Open, url: str, party: str, reached: list[str]) -> None:
    desk, sms, _ = story(open_desk, url)
    desk.declare("Down", assign=party, **URGENT)
    desk.run_due()
    assert sorted(world.said(sms)) == sorted(reached)


def test_why_a_member_was_paged_is_told(open_desk: Open) -> None:
    desk, _, _ = story(open_desk)
    desk.declare("Down", assign="ops", **URGENT)
    told = str(desk.explain("INC-1", "paging"))
    assert "ops is the assignee, of which ana is a member" in told
    pages = [x for x in desk.journal("INC-1") if x.kind == "page_queued"]
    assert [x.recorded.event.to for x in pages] == ["ana", "bo", "bo"]
    assert {x.recorded.reason.inputs["directory"]["of"] for x in pages} == {"ops"}
    assert {x.recorded.reason.outcome for x in pages} == {("ops",)}


def test_a_member_acknowledges_for_the_team(open_desk: Open) -> None:
    desk, sms, _ = story(open_desk)
    desk.declare("Down", assign="ops", **URGENT)
    desk.acknowledge("INC-1", by="bo")
    desk.run_due()
    assert world.said(sms) == []


def test_a_notice_reaches_each_member_once(open_desk: Open, url: str) -> None:
    policy = {
        "directory": PEOPLE,
        "audiences": {"stakeholders": {"members": ["ops", "ana", "eve"]}},
    }
    desk, _, post = story(open_desk, url, policy=policy)
    desk.declare("Down", **URGENT)
    desk.run_due()
    assert sorted(world.said(post)) == ["ana@x", "bo", "eve"]


class Staff:
    """The host's directory, which knows members and some contacts."""

    name = "staff"
    failing = False

    def contacts(self, party: str) -> tuple[Contact, ...]:
        return (Contact("sms", "+host-ana"),) if party == "ana" else ()

    def members(self, party: str) -> tuple[str, ...]:
        if self.failing:
            raise ConnectionError("down")
        return {"crew": ("ana", "bo"), "loop": ("loop2",), "loop2": ("loop",)}.get(party, ())

    def revision(self) -> str:
        return "r1"


def test_the_host_is_asked_first_and_the_policy_knows_the_rest(open_desk: Open) -> None:
    desk, sms, _ = story(open_desk, directory=Staff())
    desk.declare("Down", assign="crew", **URGENT)
    desk.run_due()
    assert sorted(world.said(sms)) == ["+bo", "+bo2", "+host-ana"]


def test_a_failing_directory_remembers_the_members(open_desk: Open) -> None:
    staff = Staff()
    desk, sms, _ = story(open_desk, directory=staff)
    desk.declare("Down", assign="crew", **URGENT)
    staff.failing = True
    desk.declare("Down too", assign="crew", **URGENT)
    desk.run_due()
    assert world.said(sms).count("+host-ana") == 2


def test_a_circle_of_teams_ends_at_the_bare_name(open_desk: Open) -> None:
    desk, sms, _ = story(open_desk, directory=Staff())
    desk.declare("Down", assign="loop", **URGENT)
    desk.run_due()
    assert world.said(sms) == ["loop"]


def test_a_team_is_not_a_mailing_list(open_desk: Open) -> None:
    many = tuple(f"m{n}" for n in range(3 * MOST))
    people = {"all": {"kind": "team", "members": list(many)}}
    desk, _, _ = story(open_desk, policy={"paging": {"rounds": 1}, "directory": people})
    desk.declare("Down", assign="all", **URGENT)
    assert len(desk.deliveries("INC-1")) == MOST
