"""Policies: adopted by a command or with the first write, in force from then, named by their hash.

Guarded here: every decision names the words it was taken under; adopting changes what is decided
from then on and nothing before; a policy with mistakes changes nothing at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from incidentkit import ManualTime, load_policy
from incidentkit.desk import core
from incidentkit.errors import InvalidValue, PolicyError
from incidentkit.flows.kinds import ADOPTION
from incidentkit.ids import PolicyHash
from incidentkit.model.adoption import ADOPTION_ID
from incidentkit.policy.load import default_policy
from tests.flows import world
from tests.flows.world import URGENT

Open = Callable[..., Any]

STRICT: dict[str, Any] = {
    "name": "strict",
    "paging": {"priorities": ["P1", "P2", "P3"], "fallback": "duty"},
}
LOOSE: dict[str, Any] = {
    "name": "loose",
    "paging": {"priorities": ["P1"], "fallback": "nobody-else"},
}


@pytest.fixture
def time() -> ManualTime:
    return ManualTime()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every desk look for policies adopted elsewhere at once, and not after five seconds."""
    monkeypatch.setattr(core, "POLICY_REFRESH", -1.0)


def versions(desk: Any) -> list[str]:
    """The adopted policies by name, in the order in which they are listed."""
    found = world.records(desk, ADOPTION)
    known = {load_policy(x).hash: x["name"] for x in (STRICT, LOOSE)}
    known[default_policy().hash] = "default"
    return [known[each.hash] for record in found for each in record.versions]


def paged_by(desk: Any, ref: str) -> str:
    """The hash of the policy by which somebody was paged, or not."""
    found = [x for x in world.reasons(desk.journal(ref)) if x.rule == "escalate.round"]
    return found[-1].policy


def test_the_default_is_adopted_with_the_first_write(open_desk: Open, url: str) -> None:
    desk = open_desk(url)
    assert (versions(desk), desk.policy().name) == ([], "default")
    desk.declare("Down")
    desk.declare("Down too")
    assert versions(desk) == ["default"]
    (entry,) = world.entries(desk, "adoption", ADOPTION_ID)
    event: Any = entry.recorded.event if entry.recorded else None
    assert event.hash == default_policy().hash
    assert load_policy(json.loads(event.document)).hash == event.hash


def test_a_policy_given_at_opening_is_adopted_with_the_first_write(
    open_desk: Open, url: str, time: ManualTime
) -> None:
    desk = open_desk(url, policy=STRICT, time=time)
    assert (versions(desk), desk.policy().name) == ([], "strict")
    desk.declare("Down")
    assert versions(desk) == ["strict"]
    assert paged_by(desk, "INC-1") == load_policy(STRICT).hash


def test_adopting_changes_what_is_decided_from_then_on(
    open_desk: Open, url: str, time: ManualTime
) -> None:
    desk = open_desk(url, time=time, channels={"sms": world.pager()})
    desk.declare("Down")
    before = desk.journal("INC-1")
    version = desk.adopt(STRICT, by="ana")
    assert (version.hash, version.effective_from) == (load_policy(STRICT).hash, time.now())
    assert desk.journal("INC-1") == before
    desk.declare("Down too")
    assert [paged_by(desk, f"INC-{n}") for n in (1, 2)] == [default_policy().hash, version.hash]
    assert desk.incident("INC-2").attention.round == 1, "a P3 pages now"
    assert (versions(desk), desk.policy().name) == (["default", "strict"], "strict")
    last = world.entries(desk, "adoption", ADOPTION_ID)[-1]
    assert last.recorded is not None
    assert last.recorded.by == "ana"


def test_adopting_the_same_again_changes_nothing(open_desk: Open) -> None:
    desk = open_desk("memory:")
    first = desk.adopt(STRICT)
    assert desk.adopt(load_policy(STRICT)) == first
    assert versions(desk) == ["strict"]


def test_a_policy_may_come_into_force_later(open_desk: Open, url: str, time: ManualTime) -> None:
    desk = open_desk(url, time=time)
    desk.declare("Down")
    desk.adopt(STRICT, effective_from=time.now() + timedelta(days=1))
    assert desk.policy().name == "default"
    desk.declare("Down too")
    time.move(days=1)
    assert desk.policy().name == "strict"
    desk.declare("Down as well")
    found = [paged_by(desk, f"INC-{n}") for n in (1, 2, 3)]
    assert found == [default_policy().hash] * 2 + [load_policy(STRICT).hash]
    with pytest.raises(InvalidValue, match="past"):
        desk.adopt(LOOSE, effective_from=time.now() - timedelta(seconds=1))


@pytest.mark.parametrize("given", [None, LOOSE], ids=["default", "explicit"])
def test_what_is_planned_first_of_all_comes_into_force(
    open_desk: Open, time: ManualTime, given: Any
) -> None:
    """The policy adopted by the way, with a first write, does not push the planned one aside."""
    desk = open_desk("memory:", time=time, policy=given)
    now = "default" if given is None else "loose"
    desk.adopt(STRICT, effective_from=time.now() + timedelta(days=1))
    assert desk.policy().name == now
    desk.declare("Down")
    assert versions(desk) == ["strict", now]
    time.move(days=1)
    assert desk.policy().name == "strict"


@pytest.fixture
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no desk look for policies adopted elsewhere: the planned ones come all the same."""
    monkeypatch.setattr(core, "POLICY_REFRESH", 1e9)


@pytest.mark.usefixtures("seldom")
def test_a_planned_policy_comes_at_its_instant_whatever_is_adopted_meanwhile(
    open_desk: Open, url: str, time: ManualTime
) -> None:
    """By the desk's own time, and not when somebody happens to look again."""
    desk = open_desk(url, time=time)
    desk.declare("Down")
    desk.adopt(STRICT, effective_from=time.now() + timedelta(hours=2))
    desk.adopt(LOOSE)
    assert desk.policy().name == "loose"
    time.move(hours=2, microseconds=-1)
    assert desk.policy().name == "loose"
    time.move(microseconds=1)
    assert desk.policy().name == "strict"
    desk.declare("Down too")
    assert paged_by(desk, "INC-2") == load_policy(STRICT).hash
    assert versions(desk) == ["default", "strict", "loose"]


@pytest.mark.usefixtures("seldom")
def test_planned_policies_come_in_the_order_of_their_instants(
    open_desk: Open, url: str, time: ManualTime
) -> None:
    desk = open_desk(url, time=time)
    desk.declare("Down")
    for hours, policy in ((2, STRICT), (1, LOOSE)):
        desk.adopt(policy, effective_from=time.now() + timedelta(hours=hours))
    told = [x.message for x in desk.diagnose() if x.subject == "policy" and "planned" in x.message]
    assert [x.partition(",")[0].rpartition(" ")[2] for x in told] == ["'loose'", "'strict'"]
    assert str((time.now() + timedelta(hours=1)).date()) in told[0]
    found: list[str] = []
    for _ in range(4):
        found.append(desk.policy().name)
        time.move(hours=1)
    assert found == ["default", "loose", "strict", "strict"]
    assert not [x for x in desk.diagnose() if "planned" in x.message]


@pytest.mark.usefixtures("seldom")
def test_a_planned_policy_is_taken_back_by_adopting_another_for_its_instant(
    open_desk: Open, url: str, time: ManualTime
) -> None:
    desk = open_desk(url, time=time)
    desk.adopt(LOOSE)
    then = time.now() + timedelta(hours=2)
    planned = desk.adopt(STRICT, effective_from=then)
    assert desk.adopt(STRICT, effective_from=then) == planned, "said twice, it stands once"
    desk.adopt(desk.policy(), effective_from=then)
    assert versions(desk) == ["loose", "strict", "loose"]
    time.move(hours=2)
    assert desk.policy().name == "loose"


@pytest.mark.usefixtures("seldom")
def test_what_is_planned_replaces_a_policy_given_at_opening_that_nothing_was_written_under(
    open_desk: Open, time: ManualTime
) -> None:
    from incidentkit import MemoryStore

    store, then = MemoryStore(), time.now() + timedelta(hours=2)
    here, there = (open_desk(store=store, time=time, policy=LOOSE) for _ in range(2))
    here.adopt(STRICT, effective_from=then)
    assert (here.policy().name, there.policy().name) == ("loose", "loose")
    time.move(hours=2)
    assert (here.policy().name, there.policy().name) == ("strict", "strict")


def test_a_planned_policy_that_cannot_be_read_is_told(open_desk: Open, time: ManualTime) -> None:
    """A later release may have planned it; whoever diagnoses hears of it before its instant."""
    desk = open_desk("memory:", time=time)
    foreign = attrs.evolve(load_policy(STRICT), source='{"newer":1}', hash=PolicyHash("sha256:00"))
    desk.adopt(foreign, effective_from=time.now() + timedelta(hours=2))
    (found,) = [x for x in desk.diagnose() if "planned" in x.message]
    assert not found.ok
    assert "newer: is not known" in found.message


def test_a_second_desk_on_the_same_store_sees_it(open_desk: Open, tmp_path: Path) -> None:
    time, url = ManualTime(), f"sqlite:///{tmp_path}/i.db"
    first = open_desk(url, time=time)
    first.declare("Down")
    first.adopt(STRICT)
    first.disconnect()
    second = open_desk(url, time=time)
    assert second.policy().name == "strict"
    assert second.policy().paging.fallback == "duty"
    second.declare("Down too")
    assert paged_by(second, "INC-2") == load_policy(STRICT).hash


def test_two_desks_opened_with_a_policy_do_not_fight_over_a_later_one(open_desk: Open) -> None:
    from incidentkit import MemoryStore

    store = MemoryStore()
    first, second = (open_desk(store=store, policy=LOOSE) for _ in range(2))
    first.declare("Down")
    second.declare("Down too")
    first.adopt(STRICT)
    assert [desk.policy().name for desk in (first, second)] == ["strict", "strict"]
    second.declare("Down as well")
    assert versions(second) == ["loose", "strict"]


def test_a_policy_with_mistakes_changes_nothing(open_desk: Open, url: str) -> None:
    desk = open_desk(url)
    desk.declare("Down")
    wrong = {"paging": {"rounds": 0, "fallbak": "x"}, "lifecycle": {"lease_for": "soon"}}
    with pytest.raises(PolicyError) as error:
        desk.adopt(wrong)
    assert sorted(path for path, _ in error.value.problems) == [
        "lifecycle.lease_for",
        "paging.fallbak",
        "paging.rounds",
    ]
    assert (versions(desk), desk.policy().name) == (["default"], "default")
    with pytest.raises(PolicyError):
        open_desk("memory:", policy=wrong)


def test_a_policy_may_be_toml_or_a_file(open_desk: Open, tmp_path: Path) -> None:
    text = 'name = "strict"\n[paging]\npriorities = ["P1", "P2", "P3"]\nfallback = "duty"\n'
    (tmp_path / "policy.toml").write_text(text)
    for given in (text, tmp_path / "policy.toml", load_policy(STRICT)):
        assert open_desk("memory:", policy=given).policy().hash == load_policy(STRICT).hash


def test_a_policy_may_be_the_name_of_a_profile(open_desk: Open) -> None:
    desk = open_desk("memory:", policy="itil")
    assert desk.policy() == load_policy({"profile": "itil"})
    assert desk.adopt("sre").hash == load_policy({"profile": "sre"}).hash
    with pytest.raises(PolicyError, match="hand it over as Path"):
        desk.adopt("acme.toml")


CLOSED = {"closed": True, "services": ["web"], "parties": ["ana", "bob"]}


def test_a_closed_world_refuses_what_it_does_not_list(open_desk: Open, url: str) -> None:
    desk = open_desk(url, policy=CLOSED)
    inc = desk.declare("Down", service="web", assign="ana", owner="bob")
    before = desk.journal(inc)
    for act in (
        lambda: desk.declare("Down", service="wep"),
        lambda: desk.declare("Down", assign="anna"),
        lambda: desk.declare("Down", owner="rob"),
        lambda: desk.assign(inc, "anna"),
        lambda: desk.assign(inc, "bob", owner="rob"),
        lambda: desk.edit(inc, service="wep"),
    ):
        with pytest.raises(InvalidValue, match="is not listed, and the policy is closed"):
            act()
    assert desk.journal(inc) == before
    assert desk.count() == 1
    assert desk.assign(inc, "bob", owner="ana").assignee == "bob"


def test_an_alert_is_never_lost_to_a_closed_world(open_desk: Open) -> None:
    desk = open_desk("memory:", policy=CLOSED)
    assert desk.receive("alertmanager", world.payload(world.alert())).opened == ("INC-1",)
    assert desk.incident("INC-1").card.service is None
    assert world.alerts(desk)["a is bad"].alert.service == "checkout"


def test_an_open_world_takes_names_as_they_come(open_desk: Open) -> None:
    desk = open_desk("memory:")
    inc = desk.declare("Down", service="anything", assign="anybody", **URGENT)
    assert (inc.card.service, inc.assignee) == ("anything", "anybody")
